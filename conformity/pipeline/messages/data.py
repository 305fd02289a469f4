"""Collect every message of the tool, in a fixed order: fixed words, law, probes, sentences of code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformity.model.plain_yaml import read_plain_yaml
from conformity.pipeline.messages.sources import messages_of

_PLACE = re.compile(r"\{[a-z][a-z0-9_]*\}")
_LETTERS = re.compile(r"[^\W\d_]{2,}")

_LAW_FIELDS = frozenset(
    (
        "title",
        "text",
        "on_yes",
        "on_no",
        "obligation",
        "note",
        "hand_in",
        "item",
        "what",
        "asks",
        "purpose",
        "intro",
        "columns",
        "points",
        "content",
        "marks",
    )
)
"""The fields of the law's files that reach a reader; the others are keys, citations or for maintainers."""

_OTHER_FIELDS = {
    "profiles.yaml": frozenset[str](),
    "risk_register.yaml": _LAW_FIELDS - {"marks"},
    "standards.yaml": frozenset(["title", "stage", "note", "found_in"]),
}
"""Files of the law that are for maintainers, have fields of their own, or whose marks name domains."""

_PROBE_FIELDS = frozenset(["title", "question", "method", "limits", "definition"])
"""The fields of a probe that reach a reader; sources keep the language of their titles."""

_TABLES = "errors.yaml"
"""The name of tables of figures whose sources say in words where each comes from."""

_CODE = (
    "judge",
    "compose",
    "plan.py",
    "measure.py",
    "model/plan.py",
    "catalog",
    "probes",
    "intake/digest.py",
    "sandbox",
)
"""Where sentences of the records are written."""

_HEADED = "compose"
"""Where a single word is the head of a table."""

_SILENT = (
    "catalog/documents.py",
    "catalog/rows.py",
    "probes/registry.py",
    "probes/shared/model_files/opcodes.py",
    "probes/shared/model_files/names.py",
    "probes/shared/prompts/rules.py",
    "probes/shared/prompts/combos.py",
    "probes/shared/prompts/words.py",
    "probes/shared/prompts/answers.py",
    "probes/shared/prompts/logs.py",
    "sandbox/bubblewrap.py",
    "sandbox/choose.py",
    "sandbox/container.py",
    "sandbox/fetch.py",
    "sandbox/fetcher.py",
    "sandbox/listing.py",
    "sandbox/sandlock.py",
    "sandbox/syscalls.py",
)
"""Modules among these whose texts are errors for whoever maintains the law's files, or data."""


@dataclass(frozen=True)
class Message:
    """One text to be translated."""

    text: str
    """The English."""
    where: tuple[str, ...]
    """The files it stands in."""
    context: str | None = None
    """The place of a fixed word; the same English may need other words elsewhere."""


def all_messages(root: Path) -> tuple[Message, ...]:
    """Return every message: the fixed words in their order, then each other text once, sorted by place.

    Args:
        root: the folder that holds ``conformity`` and ``templates``.
    """
    words = json.loads((root / "templates" / "locale" / "en.json").read_text("utf-8"))
    fixed = [Message(text, ("templates/locale/en.json",), path) for path, text in word_leaves(words)]
    found: dict[str, dict[str, None]] = {}
    for where, text in (*_law(root), *_probes(root), *_code(root)):
        found.setdefault(text, {})[where] = None
    return (*fixed, *(Message(text, tuple(places)) for text, places in found.items()))


def word_leaves(words: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every fixed word that has letters enough to be one."""
    if isinstance(words, dict):
        for key, value in words.items():
            yield from word_leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(words, list):
        for number, value in enumerate(words):
            yield from word_leaves(value, f"{path}.{number}")
    elif is_word(words):
        yield path, words


def is_word(text: str) -> bool:
    """Tell whether a fixed word has something to translate: two letters in a row outside its places."""
    return _LETTERS.search(_PLACE.sub(" ", text)) is not None


def _law(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts of the law's files."""
    for path in sorted((root / "conformity" / "catalog" / "data").rglob("*.yaml")):
        yield from _fields(path, root, _OTHER_FIELDS.get(path.name, _LAW_FIELDS))


def _probes(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts of the probes' definitions."""
    for path in sorted((root / "conformity" / "probes").rglob("probe.yaml")):
        yield from _fields(path, root, _PROBE_FIELDS)
    for path in sorted((root / "conformity" / "probes").rglob(_TABLES)):
        yield from _fields(path, root, frozenset(["source"]))


def _fields(path: Path, root: Path, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield file and text of some fields of a YAML file, in its order."""
    where = path.relative_to(root).as_posix()
    for text in _texts(read_plain_yaml(path.read_text("utf-8"), where), names, chosen=False):
        yield where, text


def _texts(value: Any, names: frozenset[str], *, chosen: bool) -> Iterator[str]:
    """Yield the strings under fields of these names."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, names, chosen=key in names)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, names, chosen=chosen)
    elif chosen and isinstance(value, str) and is_word(value):
        yield value.strip()


def _code(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the sentences that code writes into the records."""
    package = root / "conformity"
    silent = {package / name for name in _SILENT}
    for name in _CODE:
        place = package / name
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            if path not in silent:
                heads = name == _HEADED
                for _, text in sorted(messages_of(path, heads=heads), key=lambda one: one[0]):
                    yield path.relative_to(root).as_posix(), text
