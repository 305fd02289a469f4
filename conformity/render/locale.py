"""How numbers, dates and sizes are written in one language; the only place where they are rounded.

English is written down here. Every other language is read from the Unicode Common Locale Data Repository,
as Babel holds it, so that a further language needs nothing here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

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
    least_grouped: int = 1
    """How many digits must stand before the first mark between thousands: with 2, 1000 has none."""
    plural_of: Callable[[int], str] = lambda n: "one" if n == 1 else "other"
    """The form of plural for a number: ``one``, ``few``, ``many`` or ``other``."""

    @property
    def plural_forms(self) -> frozenset[str]:
        """The forms of plural that whole numbers up to a thousand have."""
        return frozenset(map(self.plural_of, range(1000)))

    def integer(self, value: int) -> str:
        """Return a whole number with its thousands set apart."""
        return self._grouped(f"{value:,}")

    def _grouped(self, text: str) -> str:
        """Return the digits before a fraction with the language's mark for the comma, or without."""
        first, mark, rest = text.partition(",")
        few = "," not in rest and len(first.lstrip("-")) < self.least_grouped
        return first + rest if mark and few else text.replace(",", self.group_mark)

    def fixed(self, value: float, digits: int) -> str:
        """Return ``value`` with exactly ``digits`` places; never a negative zero."""
        text = f"{value:,.{digits}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        whole, _, rest = text.partition(".")
        whole = self._grouped(whole)
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

_DATE_FIELDS = {"d": "{day}", "dd": "{day}", "MMMM": "{month}", "y": "{year}"}
_LATIN = "latn"
_CODE = re.compile(r"^[a-z]{2,3}$")


@cache
def locale_for(code: str) -> Locale:
    """Return the habits of the language ``code``.

    Raises:
        RenderError: there is no such language, or Babel, which knows it, is not installed.

    Source:
        Unicode CLDR: symbols of numbers, long format of dates, format of percentages, rules of plural.
    """
    if code == _ENGLISH.code:
        return _ENGLISH
    try:
        from babel import Locale as Known
        from babel import UnknownLocaleError
    except ImportError as error:
        raise RenderError(
            "languages other than English need the library Babel; install conformity-report again"
        ) from error
    if not _CODE.match(code):
        raise RenderError(f"{code!r} is no language; give its code of two letters, such as `de`")
    try:
        known = Known.parse(code)
    except (UnknownLocaleError, ValueError) as error:
        raise RenderError(
            f"there is no language {code!r}; give its code of two letters, such as `de`"
        ) from error
    symbols = known.number_symbols[_LATIN]
    percent = known.percent_formats[None].pattern
    months = known.months["format"]["wide"]
    return Locale(
        code=code,
        decimal_mark=symbols["decimal"],
        group_mark=symbols["group"],
        months=tuple(months[number] for number in range(1, 13)),
        day_pattern=_day_pattern(known.date_formats["long"].pattern),
        percent_pattern=re.sub(r"[#0,.]+", "{number}", percent),
        least_grouped=_LEAST_GROUPED.get(code, 1),
        plural_of=known.plural_form,
    )


_LEAST_GROUPED = {"es": 2, "pl": 2, "pt": 2, "bg": 2}
"""The minimum of grouped digits of languages of the Union where it is not one; Babel does not carry it.

Source:
    Unicode CLDR, ``minimumGroupingDigits``.
"""


def _day_pattern(pattern: str) -> str:
    """Return a pattern of CLDR, such as ``d 'de' MMMM``, with our names for its fields."""
    parts = re.findall(r"'([^']*)'|([A-Za-z]+)|([^A-Za-z']+)", pattern)
    return "".join(quoted or _DATE_FIELDS.get(field, field) or other for quoted, field, other in parts)
