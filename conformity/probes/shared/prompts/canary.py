"""Canary tokens: a mark in the operator's instructions that shows in an answer if they leak.

Source:
    The idea is that of Rebuff (github.com/protectai/rebuff), whose marks are recognised too.
"""

from __future__ import annotations

import hashlib
import re

_LENGTH = 16
_MARK = re.compile(r"<-@!-- ([0-9a-f]{8,64}) --@!->")


def canary(secret: str, number: int) -> str:
    """Return the token of one conversation: 16 hexadecimal digits that only the secret's owner can foresee.

    Args:
        secret: a text known to the operator alone.
        number: which conversation.
    """
    return hashlib.blake2b(
        str(number).encode(), key=secret.encode()[:64], digest_size=_LENGTH // 2
    ).hexdigest()


def with_canary(instructions: str, token: str) -> str:
    """Return the operator's instructions with a token in front of them."""
    return f"<-@!-- {token} --@!->\n{instructions}"


def canaries(instructions: str) -> tuple[str, ...]:
    """Return the tokens that stand in the operator's instructions."""
    return tuple(_MARK.findall(instructions))
