"""Reach a language model: an address on this machine, or a program."""

from __future__ import annotations

import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from conformity.model.trials import Attacks, Command
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.models.commands import run
from conformity.probes.shared.models.interface import BadAnswerError, PredictionFailedError, RefusedError

_WALL_S = 120
_MOST_BYTES = 4 * 1024 * 1024

Ask = Callable[[str], str]
"""From a prompt to an answer; raises :class:`PredictionFailedError` where there is none."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follow nothing: another address was not declared."""

    def redirect_request(self, *_: object) -> None:
        """Return no request."""
        return


def ask_endpoint(declared: Attacks) -> Ask:
    """Return what asks an address that answers chat completions.

    Nothing but this address is spoken to: no proxy, no redirect.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
    address = declared.endpoint or ""

    def ask(prompt: str) -> str:
        """Return the answer."""
        body = {"messages": [{"role": "user", "content": prompt}], "temperature": 0, "stream": False}
        request = urllib.request.Request(  # noqa: S310 - the manifest allows http on this machine alone
            address,
            json.dumps({**body, **({"model": declared.name} if declared.name else {})}).encode("utf-8"),
            {"Content-Type": "application/json"},
        )
        try:
            with opener.open(request, timeout=_WALL_S) as response:
                content = response.read(_MOST_BYTES)
        except urllib.error.HTTPError as error:
            error.close()
            raise RefusedError(f"HTTP status {error.code}") from error
        except (OSError, ValueError) as error:
            raise NotMeasurableError(
                f"the endpoint of the model could not be reached ({type(error).__name__}); start it, and see "
                "whether the isolation of workers lets them speak to this machine"
            ) from error
        return _text(content)

    return ask


def ask_command(command: Command, path: Path, scratch: Path) -> Ask:
    """Return what starts a program for every prompt; it reads the prompt and writes the answer."""

    def ask(prompt: str) -> str:
        """Return the answer."""
        return run(command, path, scratch, prompt)

    return ask


def answers(ask: Ask, prompts: Sequence[str], *, within_s: float = math.inf) -> list[str | None]:
    """Return an answer for each prompt that was sent in time; None where the model gave none.

    Args:
        ask: the model.
        prompts: what is sent, in this order.
        within_s: after so many seconds no further prompt is sent.
    """
    found: list[str | None] = []
    began = time.monotonic()
    for prompt in prompts:
        if time.monotonic() - began > within_s:
            break
        try:
            found.append(ask(prompt))
        except PredictionFailedError:
            found.append(None)
    return found


def _text(content: bytes) -> str:
    """Return the answer in a chat completion.

    Raises:
        BadAnswerError: there is none.
    """
    try:
        found = json.loads(content)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise BadAnswerError("an answer that is no chat completion") from error
    return found if isinstance(found, str) else ""
