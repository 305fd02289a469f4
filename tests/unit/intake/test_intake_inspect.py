"""Declared columns are held against the columns that tables have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformity.errors import ManifestError
from conformity.intake.inspect import check_tables
from conformity.intake.loaded import LoadedManifest

Read = Callable[[str], LoadedManifest]

TEXT = """\
subjects:
  - id: data
    kind: table
    title: t
    path: data.csv
    purpose: testing
    columns:
      - {name: SEX, roles: [protected]}
      - name: label
        roles: [label]
        positive: [1]
        negative: [0]
  - {id: log, kind: prompt_log, title: t, path: p}
criteria:
  - {id: c, metric: m, subject: data, by: [SEX], at_least: 0.8, requirements: [a], reason: r,
     owner: o, fixed_at: 2026-01-01}
  - {id: d, metric: m, subject: log, by: [SEX], at_least: 0.8, requirements: [a], reason: r,
     owner: o, fixed_at: 2026-01-01}
"""


def test_columns_that_are_there_pass(read: Read) -> None:
    check_tables(read(TEXT), {"data": ("ID", "SEX", "label")})


def test_tables_that_were_not_opened_are_not_checked(read: Read) -> None:
    check_tables(read(TEXT), {})
    check_tables(read(TEXT), {"log": ()})


def test_a_missing_column_is_named_with_place_and_nearest_name(read: Read) -> None:
    with pytest.raises(ManifestError) as caught:
        check_tables(read(TEXT), {"data": ("ID", "Sex", "lable")})
    where = "conformity.yaml:{}: subjects[0].columns[{}].name: data.csv has no column "
    assert caught.value.message.splitlines() == [
        where.format("15:10", 0) + "'SEX'; did you mean 'Sex'?",
        where.format("16:9", 1) + "'label'; did you mean 'lable'?",
    ]


def test_a_criterion_groups_by_declared_columns_only(read: Read) -> None:
    with pytest.raises(ManifestError) as caught:
        check_tables(read(TEXT.replace("data, by: [SEX]", "data, by: [SEX, sx]")), {})
    assert caught.value.message == (
        "conformity.yaml:22:49: criteria[0].by[1]: the subject 'data' declares no column 'sx'; "
        "did you mean 'SEX'?"
    )
