"""What a manifest says of special-category data: tables and columns that exist, each table once."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from tests.support.assessments import manifest
from tests.support.special_data import use


def test_the_earlier_day_counts() -> None:
    (only,) = manifest(special_category_use=(use(),)).special_category_use
    assert only.due == date(2026, 12, 31)
    for corrected, due in ((date(2026, 11, 1), date(2026, 11, 1)), (date(2027, 1, 1), date(2026, 12, 31))):
        (one,) = manifest(special_category_use=(use(bias_corrected_on=corrected),)).special_category_use
        assert one.due == due


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        ((use(), use()), "special-category use of 'test' occurs twice"),
        ((use(subject="other"),), "names the table 'other', which is not declared"),
        ((use(columns=("RACE",)),), "test names the column 'RACE', which is not declared"),
        ((use(columns=()),), "at least 1 item"),
    ],
)
def test_a_use_must_name_what_is_declared(uses: tuple[object, ...], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        manifest(special_category_use=uses)
