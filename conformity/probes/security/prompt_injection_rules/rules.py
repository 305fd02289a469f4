"""The rules: loaded once, searched in normalised text; a hit tells rule and place, never the words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("rules.yaml")

# Letters of other scripts that look like Latin ones; folded only inside words that hold Latin letters too.
_LOOK_ALIKES = str.maketrans("авекмнорстухіјѕԁɡαβεικνορτυχ", "abekmhopctyxijsdgabeikvoptux")
_MIXED_WORD = re.compile(r"\w*[a-z]\w*")

CATEGORIES = (
    "data_exfiltration",
    "delimiter_injection",
    "encoding_smuggling",
    "indirect_injection",
    "instruction_override",
    "persona_jailbreak",
    "prompt_extraction",
)
"""All categories, in order."""


@dataclass(frozen=True)
class Rule:
    """One pattern."""

    id: str
    """Its name."""
    category: str
    """The kind of attack, one of :data:`CATEGORIES`."""
    pattern: re.Pattern[str]
    """What is searched."""
    raw: bool
    """Whether it looks at the text as it came instead of the normalised text."""


@dataclass(frozen=True)
class RuleHit:
    """A place where a rule matches."""

    category: str
    """The kind of attack."""
    rule: str
    """The rule's name."""
    start: int
    """Where it begins, in characters of the text as it came."""
    end: int
    """Where it ends."""


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules, in the file's order."""
    from ruamel.yaml import YAML

    rows = YAML(typ="safe").load(_FILE.read_text("utf-8"))["rules"]
    return tuple(
        Rule(
            id=row["id"],
            category=row["category"],
            pattern=re.compile(row["pattern"], re.DOTALL),
            raw=row.get("raw", False),
        )
        for row in rows
    )


def scan_text(text: str) -> tuple[RuleHit, ...]:
    """Return the first place where each rule matches, sorted by place and rule.

    An empty result means that no rule matched; it does not mean that the text is harmless.

    Args:
        text: one prompt or document.
    """
    plain, origin = normalise(text)
    hits = []
    for rule in rules():
        found = rule.pattern.search(text if rule.raw else plain)
        if found is None:
            continue
        start, last = found.start(), max(found.start(), found.end() - 1)
        if not rule.raw:
            start, last = origin[start], origin[last]
        hits.append(RuleHit(category=rule.category, rule=rule.id, start=start, end=last + 1))
    return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end, hit.rule)))


def normalise(text: str) -> tuple[str, range | list[int]]:
    """Return the text that rules see, and for each of its characters the place it came from.

    Compatibility forms become plain (NFKC), letters lower case, invisible characters vanish, and
    look-alike letters of other scripts become Latin inside words that are otherwise Latin.

    >>> normalise("Ｉgnоre")[0]  # a wide I and a Cyrillic o
    'ignore'
    """
    if text.isascii():
        return text.lower(), range(len(text))
    pieces: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        if unicodedata.category(character) in ("Cf", "Co", "Cn"):
            continue
        piece = unicodedata.normalize("NFKC", character).lower()
        pieces.append(piece)
        origin.extend([place] * len(piece))
    plain = "".join(pieces)
    return _MIXED_WORD.sub(lambda word: word[0].translate(_LOOK_ALIKES), plain), origin
