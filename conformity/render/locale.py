"""How numbers, dates and sizes are written in one language; the only place where they are rounded.

Another language is one more :class:`Locale` and one more file in ``templates/locale``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from conformity.errors import RenderError

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MOST_DIGITS = 9
_LARGEST_FULL = 1e6
_SMALLEST_FULL = 1e-3


@dataclass(frozen=True)
class Locale:
    """The habits of one language."""

    code: str
    """BCP 47 tag."""
    decimal_mark: str
    """What stands before the fraction."""
    group_mark: str
    """What stands between thousands."""
    months: tuple[str, ...]
    """Names of the months, January first."""
    day_pattern: str
    """Order of ``{day}``, ``{month}`` and ``{year}``."""
    percent_pattern: str
    """Where the sign stands beside ``{number}``."""

    def integer(self, value: int) -> str:
        """Return a whole number with its thousands set apart."""
        return f"{value:,}".replace(",", self.group_mark)

    def fixed(self, value: float, digits: int) -> str:
        """Return ``value`` with exactly ``digits`` places; never a negative zero."""
        text = f"{value:,.{digits}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        whole, _, rest = text.partition(".")
        whole = whole.replace(",", self.group_mark)
        return whole + (self.decimal_mark + rest if rest else "")

    def ratio(self, value: float, bounds: tuple[float, ...] = (), digits: int = 3) -> str:
        """Return a share or ratio; more places when rounding would put it on the other side of a bound.

        Args:
            value: the number, unit "1".
            bounds: numbers it is compared with; 0.7996 beside 0.8 must not read 0.800.
                Nothing but 0 and 1 themselves reads 0 or 1.
            digits: places when no bound is near.
        """
        return self.fixed(value, _places(value, (0.0, 1.0, *bounds), digits))

    def quantity(self, value: float, bounds: tuple[float, ...] = ()) -> str:
        """Return a quantity to three significant digits, in powers of ten when very small or large."""
        size = abs(value)
        if value == 0:
            return "0"
        if size >= _LARGEST_FULL or size < _SMALLEST_FULL:
            mantissa, power = f"{value:.2e}".split("e")
            return f"{self.fixed(float(mantissa), 2)} × 10{str(int(power)).translate(_SUPERSCRIPT)}"
        places = max(0, 2 - math.floor(math.log10(size)))
        return self.fixed(value, _places(value, bounds, places))

    def bound(self, value: float) -> str:
        """Return a bound as it was fixed, without rounding: 0.8, not 0.800."""
        text = f"{value:.15g}"
        if "e" in text:
            return self.quantity(value)
        digits = len(text.partition(".")[2])
        return self.fixed(value, digits)

    def percent(self, share: float) -> str:
        """Return a level such as 0.95 as a percentage, without needless zeros."""
        return self.percent_pattern.format(number=self.bound(round(share * 100, 6)))

    def day(self, when: date) -> str:
        """Return a calendar day in words."""
        return self.day_pattern.format(day=when.day, month=self.months[when.month - 1], year=when.year)

    def moment(self, when: datetime) -> str:
        """Return a point in time, to the minute, in UTC."""
        return f"{self.day(when.date())}, {when:%H:%M} UTC"

    def size(self, count: int) -> str:
        """Return a size in bytes with a decimal multiple."""
        value, unit = float(count), "B"
        for larger in ("kB", "MB", "GB", "TB"):
            if value < 1000:
                break
            value, unit = value / 1000, larger
        return f"{self.integer(count)} B" if unit == "B" else f"{self.fixed(value, 1)} {unit}"


def _places(value: float, bounds: tuple[float, ...], digits: int) -> int:
    """Return the fewest places, from ``digits`` on, that keep ``value`` on its side of every bound."""
    for places in range(digits, _MOST_DIGITS):
        shown = round(value, places)
        if all(_side(shown, bound) == _side(value, bound) for bound in bounds):
            return places
    return _MOST_DIGITS


def _side(value: float, bound: float) -> int:
    """Return -1, 0 or 1 as ``value`` is below, at or above ``bound``."""
    return (value > bound) - (value < bound)


_ENGLISH = Locale(
    code="en",
    decimal_mark=".",
    group_mark=",",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    day_pattern="{day} {month} {year}",
    percent_pattern="{number} %",
)

LOCALES = MappingProxyType({"en": _ENGLISH})
"""The languages there are, by tag."""


def locale_for(code: str) -> Locale:
    """Return the habits of the language ``code``.

    Raises:
        RenderError: there is no such language.
    """
    if code not in LOCALES:
        raise RenderError(f"there is no language {code!r}; have: {', '.join(sorted(LOCALES))}")
    return LOCALES[code]
