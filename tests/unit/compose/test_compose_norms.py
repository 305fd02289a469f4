"""No standard gives a presumption of conformity but one that the Official Journal cites for the Act."""

from __future__ import annotations

from datetime import date

import pytest

from conformity.catalog.load import standards
from conformity.compose import norms
from conformity.compose.norms import find_standard, presumption, presumption_blocks, standards_table
from conformity.model.document import Table
from conformity.model.standards import StandardUse


def _use(reference: str, extent: str = "full") -> StandardUse:
    return StandardUse.model_validate({"reference": reference, "extent": extent})


def test_none_is_cited_today() -> None:
    # Law facts, section 6: no harmonised standard for the Act was found cited, state of 24 September 2026.
    assert [one.id for one in standards() if one.cited_in or one.cited_on] == []
    assert {one.as_of for one in standards()} == {date(2026, 9, 24)}


@pytest.mark.parametrize("reference", [one.reference for one in standards()])
def test_a_standard_that_is_not_cited_gives_none(reference: str) -> None:
    told = presumption(_use(reference))
    assert told.startswith("None.")
    assert "24 September 2026" in told
    assert "Art. 40(1)" in told


def test_a_standard_nobody_knows_gives_none_and_says_of_which_day() -> None:
    told = presumption(_use("EN 1:1999"))
    assert told.startswith("None: no harmonised standard of this number")
    assert "24 September 2026" in told


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("EN 18286:2026", "en-18286"),
        ("en18286 : 2026", "en-18286"),
        ("EN 18286", "en-18286"),
        ("EN 18286:2031", None),
        ("prEN 18228", "pren-18228"),
        ("prEN 18228:2026", "pren-18228"),
        ("prEN 18229", None),
        ("EN 18228", None),
        ("ISO/IEC 42001:2023", "iso-iec-42001"),
    ],
)
def test_the_year_counts_only_where_both_have_one(reference: str, found: str | None) -> None:
    one = find_standard(reference)
    assert (one.id if one else None) == found


def test_a_cited_standard_presumes_what_it_covers_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    cited = standards()[1].model_copy(
        update={
            "cited_in": "OJ L, 2027/1",
            "cited_on": date(2027, 1, 1),
            "restriction": "clause 7",
        }
    )
    monkeypatch.setattr(norms, "standards", lambda: (cited,))
    whole, part = presumption(_use(cited.reference)), presumption(_use(cited.reference, "part"))
    assert "Of what it covers of Chapter III Section 2, Art. 9 (cited in OJ L, 2027/1; Art. 40(1))." in whole
    assert "The citation leaves out: clause 7." in whole
    assert "The parts that are not applied give none." not in whole
    assert part.endswith("The parts that are not applied give none.")
    monkeypatch.setattr(norms, "standards", lambda: (cited.model_copy(update={"restriction": None}),))
    assert "leaves out" not in presumption(_use(cited.reference))


def test_the_table_holds_every_standard_of_the_catalogue() -> None:
    shown = standards_table()
    assert isinstance(shown, Table)
    assert [row.cells[0].text for row in shown.rows] == [one.reference for one in standards()]
    assert {row.cells[4].text for row in shown.rows} == {"No; gives no presumption"}


def test_declared_standards_keep_the_providers_words() -> None:
    use = StandardUse(reference="EN 18286:2026", extent="part", parts="Clauses 4 to 6.")
    (shown,) = presumption_blocks([use])
    assert isinstance(shown, Table)
    assert [cell.text for cell in shown.rows[0].cells[:3]] == ["EN 18286:2026", "In part", "Clauses 4 to 6."]
