"""Cut numbers to two significant digits, so that a column of many numbers has few groups at any scale."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import narwhals as nw

from conformity.engines.bins import read_number
from conformity.engines.columns import NamedFrame, is_text, missing, trimmed
from conformity.engines.values import text_of
from conformity.model.tally import DigitsKey

_ZERO, _HUGE = 0, -1
_LEAST, _MOST = 1e-200, 1e200
"""Between these a number has two digits; a smaller one counts as 0, a larger one as infinite."""
_NEGATIVE, _SHIFT, _WIDTH = 10_000_000, 1000, 1000
_MARK = "\x1f"
"""What stands before a code among texts; trimmed text never begins with it and digits."""


def two_digits(table: NamedFrame, key: DigitsKey) -> nw.Expr:
    """Return a whole number that stands for the first two digits and the scale of a cell.

    A cell of text that is no number is kept as trimmed text; a type that holds no numbers as it is.
    """
    position = table.position(key.column)
    dtype = table.dtypes[position]
    if not is_text(dtype) and not dtype.is_numeric():
        return nw.col(f"c{position}")
    number, fits = read_number(table, key.column, "")
    code = _code(number)
    if fits is None:
        return nw.when(~missing(table, position)).then(code)
    marked = nw.concat_str([nw.lit(_MARK), code.cast(nw.String)])
    text = trimmed(position)
    return nw.when(fits).then(marked).otherwise(nw.when(text != "").then(text))


def digits_label(value: Any) -> str:
    """Return the text of a group: the number cut to two digits, or the text itself."""
    if isinstance(value, str) and value.startswith(_MARK):
        value = int(value[len(_MARK) :])
    if not isinstance(value, int) or isinstance(value, bool):
        return text_of(value)
    if value in (_ZERO, _HUGE):
        return "0" if value == _ZERO else "inf"
    sign = -1 if value >= _NEGATIVE else 1
    scale, digits = divmod(value % _NEGATIVE, _WIDTH)
    return text_of(sign * Decimal(digits).scaleb(scale - _SHIFT))


def _code(number: nw.Expr) -> nw.Expr:
    """Return sign, scale and first two digits of a number in one whole number.

    The scale is the power of ten of the last digit kept. Where it comes out one too small, as it may
    just at a power of ten, there are three digits, and the group's text is the same.
    """
    size = number.abs()
    usual = (size >= _LEAST) & (size < _MOST)
    plain = nw.when(usual).then(size)
    scale = (plain.log(10.0).floor() - 1.0).cast(nw.Int64)
    # A hair is added, so that 0.29 has the digits 29 whatever way an engine rounds its powers of ten.
    shifted = plain / nw.lit(10.0) ** scale.cast(nw.Float64) * (1.0 + 1e-12)
    digits = shifted.floor().cast(nw.Int64)
    code: nw.Expr = (scale + _SHIFT) * _WIDTH + digits
    code = nw.when(number < 0).then(code + _NEGATIVE).otherwise(code)
    other = nw.when(size < 1).then(nw.lit(_ZERO, dtype=nw.Int64)).otherwise(nw.lit(_HUGE, dtype=nw.Int64))
    return nw.when(usual).then(code).otherwise(other)
