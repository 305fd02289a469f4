"""Search a text by rules; a hit tells rule, kind and place, never the words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from conformity.probes.shared.prompts.combos import Combo, bits, find, read
from conformity.probes.shared.prompts.hidden import Layer, layers
from conformity.probes.shared.prompts.language import spoken
from conformity.probes.shared.prompts.text import Folded, fold
from conformity.probes.shared.prompts.words import LANGUAGES

_FILE = Path(__file__).with_name("rules.toml")


@dataclass(frozen=True)
class Shape:
    """A rule over the form of a text."""

    id: str
    """Its name."""
    kind: str
    """The kind of attack."""
    pattern: re.Pattern[str]
    """What is searched."""
    hints: tuple[str, ...]
    """One of these must occur, else the search is not worth while; none where it always is."""
    raw: bool
    """Whether it looks at the text as it came instead of the folded text."""


@dataclass(frozen=True)
class RuleHit:
    """A place where a rule matches."""

    rule: str
    """The rule's name."""
    kind: str
    """The kind of attack, a key of ``KINDS``."""
    start: int
    """Where it begins, in characters of the text as it came."""
    end: int
    """Where it ends."""
    weight: float
    """How much it says, in (0, 1]; 1 suffices alone."""
    language: str | None = None
    """The language of its words, where it goes by words."""
    hidden: str | None = None
    """How the text was hidden in which it was found; None if it stood openly."""


@dataclass(frozen=True)
class Searched:
    """What the rules make of a text."""

    hits: tuple[RuleHit, ...]
    """The first place of each rule, sorted by place."""
    language: str | None
    """The language of the text; None if not known."""

    @property
    def weight(self) -> float:
        """Return how much all rules say together; from 1 on they call it an attack."""
        return sum(hit.weight for hit in self.hits)

    @property
    def flagged(self) -> bool:
        """Return whether the rules alone call it an attack."""
        return self.weight >= 1


@cache
def combos() -> tuple[Combo, ...]:
    """Return the rules over meanings, in the file's order."""
    return tuple(
        Combo(
            id=row["id"],
            kind=row["kind"],
            needs=tuple(bits(names) for names in row["needs"]),
            within=row["within"],
            ordered=row.get("ordered", False),
            weight=row["weight"],
            unless=bits(row["unless"]) if "unless" in row else 0,
        )
        for row in _table()["combo"]
    )


@cache
def shapes() -> tuple[Shape, ...]:
    """Return the rules over forms, in the file's order."""
    return tuple(
        Shape(
            id=row["id"],
            kind=row["kind"],
            pattern=re.compile(row["pattern"], re.DOTALL),
            hints=tuple(row.get("hints", ())),
            raw=row.get("raw", False),
        )
        for row in _table()["shape"]
    )


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    """Return the rules as they stand in the file."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def search(text: str) -> Searched:
    """Return the first place where each rule matches.

    No hit means that no rule matched; it does not mean that the text is harmless.

    Args:
        text: one prompt or document.
    """
    folded = fold(text)
    words = read(folded.plain)
    hits: dict[str, RuleHit] = {}
    for found in find(words, combos()):
        start, end = folded.span(found.start, found.end)
        rule = found.combo
        hits.setdefault(
            rule.id, RuleHit(rule.id, rule.kind, start, end, rule.weight, LANGUAGES[found.language])
        )
    for hit in _shaped(text, folded.plain):
        start, end = (hit.start, hit.end) if hit.hidden == "raw" else folded.span(hit.start, hit.end)
        hits[hit.rule] = RuleHit(hit.rule, hit.kind, start, end, 1.0)
    for layer in layers(text, folded.plain):
        for hit in _under(layer, folded, hits):
            hits.setdefault(hit.rule, hit)
    ordered = sorted(hits.values(), key=lambda hit: (hit.start, hit.end, hit.rule))
    return Searched(tuple(ordered), spoken(words))


def _shaped(text: str, plain: str) -> Iterator[RuleHit]:
    """Yield the hits of rules over forms; places are in the folded text unless marked raw."""
    for shape in shapes():
        if shape.raw and text.isascii():
            continue
        if shape.hints and not any(hint in plain for hint in shape.hints):
            continue
        match = shape.pattern.search(text if shape.raw else plain)
        if match:
            end = max(match.end(), match.start() + 1)
            yield RuleHit(shape.id, shape.kind, match.start(), end, 1.0, None, "raw" if shape.raw else None)


def _under(layer: Layer, folded: Folded, openly: Container[str]) -> list[RuleHit]:
    """Return the hits in a text that was hidden, and that it was hidden where they make an attack.

    Args:
        layer: the hidden text.
        folded: the text that hides it.
        openly: names of rules that match without uncovering anything.
    """
    plain = fold(layer.text).plain
    found = [
        RuleHit(one.combo.id, one.combo.kind, *_place(layer, folded, one.start, one.end), one.combo.weight)
        for one in find(read(plain), combos())
    ]
    found += [replace(hit, start=layer.start, end=layer.end) for hit in _shaped(layer.text, plain)]
    under = [replace(hit, hidden=layer.how) for hit in found if hit.rule not in openly]
    if sum(hit.weight for hit in under) < 1:
        return under
    start, end = min(hit.start for hit in under), max(hit.end for hit in under)
    return [*under, RuleHit(f"obfuscation-{layer.how}", "obfuscation", start, end, 1.0, None, layer.how)]


def _place(layer: Layer, folded: Folded, start: int, end: int) -> tuple[int, int]:
    """Return where a place of a hidden text lies in the text as it came."""
    if layer.direction == 0:
        return layer.start, layer.end
    if layer.direction < 0:
        start, end = len(layer.text) - end, len(layer.text) - start
    return folded.span(start, end)


def rule_names() -> tuple[str, ...]:
    """Return the names of all rules, those over meanings first."""
    return (*(rule.id for rule in combos()), *(rule.id for rule in shapes()))
