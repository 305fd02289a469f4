"""Patterns of personal data: a form that engines search for, and a check that confirms a value.

Every form is written for RE2 (no look-around, no back-references), so that any engine can search for
it; the check runs in Python on distinct values which never leave the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from conformity.engines import validators
from conformity.engines.naming import says
from conformity.errors import DataError

_FILE = Path(__file__).parent / "data" / "identifiers.yaml"

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

ANY_NET = "|".join(NETS[name] for name in sorted(NETS))
"""All quick searches as one."""

_BEFORE, _AFTER = r"(?:^|[^0-9A-Za-z])", r"(?:$|[^0-9A-Za-z])"


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
    state: str | None
    """The member state whose personal number it is."""

    @property
    def expression(self) -> str:
        """Return the form with anchors, for a search in a trimmed cell."""
        return f"^(?:{self.form})$"

    @property
    def inside(self) -> str:
        """Return the form between boundaries, for a search in longer text."""
        return f"{_BEFORE}(?:{self.form}){_AFTER}"

    def named_by(self, column: str) -> bool:
        """Return whether a column's name says that it holds such values."""
        return says(column, self.words)

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        """Return the compiled form."""
        return re.compile(self.form)

    @cached_property
    def _part(self) -> re.Pattern[str]:
        """Return the compiled form as a part of longer text, in which numbers do not go on."""
        return re.compile(rf"(?<![0-9A-Za-z.,+/-])(?:{self.form})(?![0-9A-Za-z@]|[.,-][0-9])")

    def fits(self, text: str) -> bool:
        """Return whether all of a trimmed text has the form."""
        return self._whole.fullmatch(text) is not None

    def found_in(self, text: str) -> list[str]:
        """Return the parts of a text that have the form."""
        return [match.group() for match in self._part.finditer(text)]


@cache
def patterns() -> dict[str, Pattern]:
    """Return all patterns by name, sorted.

    Source:
        The check digits: ISO/IEC 7812-1 Annex B (Luhn), ISO 13616-1 (IBAN), and the national rules
        as implemented by python-stdnum.
    """
    rows = sorted(_read()["patterns"], key=lambda row: str(row["id"]))
    return {
        row["id"]: Pattern(
            name=row["id"],
            title=row["title"],
            form=row["form"],
            verify=validators.named(row.get("check")),
            chance=row.get("chance"),
            net=row["net"],
            alone=row.get("alone", True),
            within=row.get("within", False),
            words=tuple(str(word) for word in row.get("words", ())),
            state=row.get("state"),
        )
        for row in rows
    }


@cache
def unchecked_states() -> dict[str, str]:
    """Return the member states of which no personal number can be told by itself, with the reason."""
    return {str(state): str(why) for state, why in _read()["unchecked"].items()}


@cache
def _read() -> dict[str, Any]:
    """Return the contents of the file of patterns."""
    from ruamel.yaml import YAML

    read: dict[str, Any] = YAML(typ="safe").load(_FILE.read_text("utf-8"))
    return read


def pattern(name: str) -> Pattern:
    """Return the pattern called ``name``.

    Raises:
        DataError: there is none.
    """
    known = patterns()
    if name not in known:
        raise DataError(f"there is no pattern {name!r}; known are {', '.join(known)}")
    return known[name]
