"""The package's own sources, read for what stands in them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "conformity"

WORDS = re.compile(
    r"emissions|tracker|secret|passphrase|password|private|(sign|hmac|default).*key|pickle|joblib|dill|torch|skops",
    re.IGNORECASE,
)
"""What a module must hold to have a name that a test looks for; to read all of them takes seconds."""


@cache
def nodes() -> tuple[tuple[str, ast.AST], ...]:
    """Return every node of the modules that hold one of the words, with the module's path."""
    texts = {
        file.relative_to(PACKAGE).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(PACKAGE.rglob("*.py"))
    }
    return tuple(
        (name, node)
        for name, text in texts.items()
        if WORDS.search(text)
        for node in ast.walk(ast.parse(text))
    )
