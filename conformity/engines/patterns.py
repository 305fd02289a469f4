"""Patterns of personal data: a form that engines search for, and a check that confirms a value.

Every form is written for RE2 (no look-around, no back-references), so that any engine can search for
it; the check runs in Python on distinct values which never leave the engine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from conformity.engines import people, places, validators
from conformity.engines.letters import LETTER
from conformity.engines.naming import says
from conformity.errors import DataError

_FILE = Path(__file__).parent / "data" / "identifiers.toml"

NETS = {
    "at": r"@[A-Za-z0-9-]+\.",
    "codes": (
        r"[0-9]{6,8}[-+ ]?[A-Za-z0-9]?[- ]?[A-Za-z]|[A-Za-z]{2}[0-9]{2} ?[A-Za-z0-9]{4}"
        r"|[A-Za-z]{6}[0-9LMNP-Vlmnp-v]{2}[A-Za-z]|[A-Z]{1,3}[ -]?[0-9]{7}|[0-9]{6}[-+A-FU-Y][0-9]{3}"
        r"|[A-Z]{2}[ -]?[0-9]{2,4}[ .][0-9]{3}"
        r"|[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.|::[0-9A-Fa-f]"
        r"|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]"
    ),
    "digits": (
        r"[0-9](?:[ ./()+-]{0,2}[0-9]){6}|[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"
        r"|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}|\.[0-9]{3,}[,; ]{1,3}-?[0-9]{1,3}\.[0-9]{3}"
    ),
    "secret": (
        r"-----BEGIN|eyJ[A-Za-z0-9_-]{8}|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abprs]-"
        r"|[sr]k_(?:live|test)_|AIza|sk-[A-Za-z0-9_-]{32}|npm_|pypi-|SG\.|hf_[A-Za-z0-9]{30}"
    ),
    "url": r"://",
}
"""Quick searches (RE2); whatever a pattern of a net finds, the net's search finds too."""

HEADER = "header"
"""The net of patterns that are looked for only where a column's name says so."""

LETTERS = "letters"
"""The net of patterns that lists tell: all texts with letters, of which only different ones are looked at."""

WORD = f"[{LETTER}]{{2}}"
"""What the texts of that net hold (RE2)."""

ANY_NET = "|".join(NETS[name] for name in sorted(NETS))
"""All quick searches as one."""

_BEFORE, _AFTER = r"(?:^|[^0-9A-Za-z])", r"(?:$|[^0-9A-Za-z])"


@dataclass(frozen=True)
class Listed:
    """How lists of frequent names and words tell a kind of personal data, which no single value does."""

    luck: float
    """The share of arbitrary cells of the form that the lists know."""
    hint: str
    """Quick regular expression (RE2) for longer texts that may hold it."""
    luck_inside: float
    """The share of arbitrary texts with the hint in which the lists see it."""
    may: Callable[[str], bool]
    """Whether a longer text is worth a search for the hint."""
    sees: Callable[[str], bool]
    """Whether a longer text holds it."""


@dataclass(frozen=True)
class Pattern:
    """One kind of personal data."""

    name: str
    """Its name in tallies and measurements."""
    title: str
    """Its name in a report."""
    form: str
    """Regular expression (RE2) for the whole of a trimmed cell, without anchors."""
    verify: Callable[[str], bool]
    """Whether a text of this form is a possible identifier."""
    chance: float | None
    """The share of arbitrary texts of this form that pass a checksum; None where there is no checksum."""
    net: str
    """The quick search that finds it, a key of NETS; or ``header``."""
    alone: bool
    """Whether values suffice; else the column's name must say so too."""
    within: bool
    """Whether it is looked for inside longer text."""
    words: tuple[str, ...]
    """What names of columns with such values say."""
    state: str | None = None
    """The member state whose personal number it is."""
    kind: str = ""
    """The pattern that stands for the same kind, where that is another one."""
    unless: tuple[str, ...] = ()
    """What names of columns say whose values only look like it."""
    listed: Listed | None = None
    """How lists tell it; None where the form and the check do."""

    @property
    def expression(self) -> str:
        """Return the form with anchors, for a search in a trimmed cell."""
        return f"^(?:{self.form})$"

    @property
    def inside(self) -> str:
        """Return the form between boundaries, for a search in longer text."""
        if self.listed:
            return self.listed.hint
        return f"{_BEFORE}(?:{self.form}){_AFTER}"

    @property
    def stands_for(self) -> str:
        """Return the name under which it is reported."""
        return self.kind or self.name

    def named_by(self, column: str) -> bool:
        """Return whether a column's name says that it holds such values."""
        return says(column, self.words)

    def denied_by(self, column: str) -> bool:
        """Return whether a column's name says that its values are something else."""
        return says(column, self.unless)

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        """Return the compiled form."""
        return re.compile(self.form)

    @cached_property
    def _part(self) -> re.Pattern[str]:
        """Return the compiled form as a part of longer text, in which numbers do not go on."""
        return re.compile(rf"(?<![0-9A-Za-z.,+/-])(?:{self.form})(?![0-9A-Za-z@]|[.,-][0-9])")

    @cached_property
    def _hint(self) -> re.Pattern[str]:
        """Return the compiled form that finds longer texts which may hold it."""
        return re.compile(self.inside)

    def fits(self, text: str) -> bool:
        """Return whether all of a trimmed text has the form."""
        return self._whole.fullmatch(text) is not None

    def found_in(self, text: str) -> list[str]:
        """Return the parts of a text that have the form."""
        return [match.group() for match in self._part.finditer(text)]

    def hinted_in(self, text: str) -> bool:
        """Return whether the engine would find the hint in a text."""
        may = self.listed is None or self.listed.may(text)
        return may and self._hint.search(text) is not None


@cache
def patterns() -> dict[str, Pattern]:
    """Return all patterns by name, sorted.

    Source:
        The check digits: ISO/IEC 7812-1 Annex B (Luhn), ISO 13616-1 (IBAN), and the national rules
        as implemented by python-stdnum.
    """
    rows = sorted(_read()["patterns"], key=lambda row: str(row["id"]))
    return {row["id"]: _pattern(row) for row in rows}


def _pattern(row: dict[str, Any]) -> Pattern:
    """Return the pattern that a row of the file describes."""
    return Pattern(
        name=row["id"],
        title=row["title"],
        form=_FORMS.get(row["form"], row["form"]),
        verify=validators.named(row.get("check")),
        chance=row.get("chance"),
        net=row["net"],
        alone=row.get("alone", True),
        within=row.get("within", False),
        words=_words(row, "words"),
        state=row.get("state"),
        kind=row.get("kind", ""),
        unless=_words(row, "unless"),
        listed=_listed(row["listed"]) if "listed" in row else None,
    )


def _words(row: dict[str, Any], field: str) -> tuple[str, ...]:
    """Return the words of a field: a list, or the name of one that several rows share."""
    words = row.get(field, ())
    return tuple(_read()["lists"][words] if isinstance(words, str) else words)


_FORMS = {"{name}": people.NAME_CELL, "{address}": places.ADDRESS_CELL}
"""Forms that are too long for the file, by what stands for them there."""


def _listed(row: dict[str, Any]) -> Listed:
    """Return how lists tell a kind of personal data."""
    hints: dict[str, Callable[[], str]] = {
        "{name}": lambda: people.NAME_HINT,
        "{address}": places.address_hint,
    }
    return Listed(
        luck=row["luck"],
        hint=hints[row["hint"]](),
        luck_inside=row["luck_inside"],
        may=validators.named(row.get("may")),
        sees=validators.named(row["sees"]),
    )


@cache
def unchecked_states() -> dict[str, str]:
    """Return the member states of which no personal number can be told by itself, with the reason."""
    return dict(_read()["unchecked"])


@cache
def _read() -> dict[str, Any]:
    """Return the contents of the file of patterns."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def pattern(name: str) -> Pattern:
    """Return the pattern called ``name``.

    Raises:
        DataError: there is none.
    """
    known = patterns()
    if name not in known:
        raise DataError(f"there is no pattern {name!r}; known are {', '.join(known)}")
    return known[name]
