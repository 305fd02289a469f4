"""Synthetic tables with known personal data: one half to tune on, one half that nobody tunes on.

The halves differ in languages, headers, formats and in what only looks like personal data.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from conformity.engines.patterns import pattern
from tests.support.pii_values import FIRST, LAST, WORDS

Maker = Callable[[random.Random, int], str]
"""From a source of chance and a row's number to a cell."""


@dataclass(frozen=True)
class Table:
    """A table and the truth about its columns."""

    columns: dict[str, list[str]]
    """Cells by column."""
    truth: dict[str, str]
    """The kind of personal data in the columns that hold any."""


_DIGITS, _LETTERS = "0123456789", "ABCDEFGHJKLMNPQRSTVWXYZ"
_DAYS = 22_000
"""Of how many days one is drawn."""

KIND_OF = {
    "access_key": "secret",
    "coordinates": "place",
    "eu_vat": "vat",
    "imei": "device",
    "ipv4": "ip",
    "ipv6": "ip",
    "jwt": "secret",
    "latitude_longitude": "place",
    "phone_bare": "phone",
    "phone_formatted": "phone",
    "phone_said": "phone",
    "private_key": "secret",
    "us_ssn": "national",
}
"""What patterns are called in the truth, where it is not their own name; national numbers aside."""


def kind_of(name: str) -> str:
    """Return the kind of personal data that a pattern stands for."""
    return "national" if pattern(name).state else KIND_OF.get(name, name)


def drawn(form: str, check: str) -> Maker:
    """Return a maker of numbers that pass a pattern's check.

    Args:
        form: how they look: ``#`` a digit, ``@`` a letter, ``ymd`` or ``dmy`` a date of birth.
        check: the pattern's name.
    """

    known, filled = pattern(check), form.replace("ymd", "******").replace("dmy", "******")
    # Digits are drawn before letters.
    places = [(n, _DIGITS) for n, c in enumerate(filled) if c == "#"]
    places += [(n, _LETTERS) for n, c in enumerate(filled) if c == "@"]

    def make(draw: random.Random, row: int) -> str:
        """Return the first number that passes; one in a hundred does, or more."""
        choice, start = draw.choice, filled.find("******")
        for _ in range(20_000):
            days = draw.randrange(_DAYS), draw.randrange(_DAYS)
            cells = list(filled)
            if start >= 0:
                day = _day(days[0], "%y%m%d") if "ymd" in form else _day(days[1], "%d%m%y")
                cells[start : start + 6] = day
            for place, letters in places:
                cells[place] = choice(letters)
            text = "".join(cells)
            if known.fits(text) and known.verify(text):
                return text
        raise AssertionError(f"{form} never passes {check}")

    return make


def born(draw: random.Random, row: int, form: str = "%Y-%m-%d") -> str:
    """Return a date of birth."""
    del row
    return _day(draw.randrange(_DAYS), form)


def _day(number: int, form: str) -> str:
    """Return a day, so many after the first."""
    return (date(1942, 1, 1) + timedelta(days=number)).strftime(form)


def recent(draw: random.Random, row: int, form: str = "%Y-%m-%d") -> str:
    """Return a date of the last three years."""
    del row
    return (date(2023, 1, 1) + timedelta(days=draw.randrange(1_000))).strftime(form)


def person(draw: random.Random, form: str) -> str:
    """Return a name, ``f`` standing for the first and ``l`` for the last."""
    return form.replace("f", "\0").replace("l", draw.choice(LAST)).replace("\0", draw.choice(FIRST))


def digits(draw: random.Random, form: str) -> str:
    """Return ``form`` with a random digit in the place of each ``#``."""
    return "".join(draw.choice("0123456789") if one == "#" else one for one in form)


def plain(draw: random.Random, text: str) -> str:
    """Return a name as it is written in an address."""
    del draw
    return text.lower().translate(str.maketrans("äöüéèåøłščžñ ", "aoueeaolsczn."))


def email(draw: random.Random, row: int) -> str:
    """Return an e-mail address."""
    host = draw.choice(["example.com", "mail.example.org", "firma.de"])
    return f"{plain(draw, person(draw, 'f.l'))}{row}@{host}"


def sentence(draw: random.Random, row: int) -> str:
    """Return words without personal data."""
    del row
    return " ".join(draw.choice(WORDS) for _ in range(draw.randrange(4, 14)))


def text_with_address(draw: random.Random, row: int) -> str:
    """Return a text, in every eighth of which there is an e-mail address."""
    said = sentence(draw, row)
    return f"{said}, bitte an {email(draw, row)}." if row % 8 == 0 else said


def mixed(half: int, number: int) -> Table:
    """Return one table of a half, by its number."""
    from tests.support.pii_styles import NEGATIVES, POSITIVES

    draw = random.Random(f"{half}/{number}")
    rows = draw.choice([12, 40, 120, 300])
    columns: dict[str, list[str]] = {}
    truth: dict[str, str] = {}
    wanted = draw.sample(POSITIVES[half], k=draw.randrange(1, 5))
    for kind, names, make in wanted:
        name = draw.choice(names)
        if name not in columns:
            columns[name] = _cells(draw, make, rows, draw.choice([0.0, 0.0, 0.1]))
            truth[name] = kind
    for names, make in draw.sample(NEGATIVES[half], k=draw.randrange(4, 10)):
        name = draw.choice(names)
        if name not in columns:
            columns[name] = _cells(draw, make, rows, draw.choice([0.0, 0.05]))
    order = sorted(columns, key=lambda name: draw.random())
    return Table({name: columns[name] for name in order}, truth)


def _cells(draw: random.Random, make: Maker, rows: int, blank: float) -> list[str]:
    """Return the cells of a column, some of them blank."""
    return [make(draw, row) if draw.random() >= blank else "" for row in range(rows)]


@cache
def tables(half: int, count: int = 40) -> tuple[Table, ...]:
    """Return the tables of a half: 0 to tune on, 1 held out."""
    return tuple(mixed(half, number) for number in range(count))
