"""The cover tells what passes rest on, and documents older than their data are named."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformity.render.assets import templates_folder, words_in
from conformity.render.html import FORMAT as HTML
from conformity.render.locale import locale_for
from conformity.render.views.ages import older_than_data
from conformity.render.views.back import sign_offs
from conformity.render.views.context import Context
from conformity.render.views.front import cover
from tests.unit.render.render_records import LIMIT, Records, build


def context_of(made: Records) -> Context:
    """Return what views need."""
    return Context(made[0], made[1], LIMIT, locale_for("en"), words_in("en"))


def page_of(made: Records) -> str:
    """Return the page."""
    return HTML.render(*made, disclosure_limit=LIMIT).decode("utf-8")


def test_the_cover_tells_how_many_passes_rest_on_a_signature_alone(records: Records) -> None:
    alone = [
        finding
        for finding in records[0].findings
        if finding.verdict == "met" and finding.declared and finding.declared.sign_offs
        if not finding.measured
    ]
    assert alone
    told = {count.mark.key: count.alone for count in cover(context_of(records)).counts}
    assert told.pop("met") == f"({len(alone)} by signature only)"
    assert set(told.values()) == {""}
    first = page_of(records).split("</header>")[0]
    assert f"({len(alone)} by signature only)" in first


def test_the_cover_says_nothing_of_signatures_where_no_pass_rests_on_one() -> None:
    def unsigned(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["findings"] = [{**f, "declared": None} for f in whole["findings"]]

    assert "by signature only" not in page_of(build(unsigned)).split("</header>")[0]


def test_the_cover_counts_the_steps_that_gave_no_number(records: Records) -> None:
    silent = sum(one.outcome != "measured" for one in records[1].observations)
    facts = {fact.name: fact.value for fact in cover(context_of(records)).record}
    total = len(records[1].observations)
    assert facts["Steps"] == f"{total}, of which {silent} gave no number; annex B says why"

    def all_measured(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        proof["observations"] = [one for one in proof["observations"] if one.outcome == "measured"]

    facts = {fact.name: fact.value for fact in cover(context_of(build(all_measured))).record}
    assert facts["Steps"].endswith(", each of which gave a number")


@pytest.mark.parametrize(
    ("covers", "dated", "older"),
    [
        (("art10.2.a",), "2026-09-30", True),
        (("annexIV.2.d",), "2026-09-30", True),
        (("art10.2.a",), "2026-10-01", False),
        (("art9.6",), "2026-09-30", False),
    ],
)
def test_what_describes_data_is_not_older_than_they_are(
    covers: tuple[str, ...], dated: str, older: bool
) -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["manifest"]["exhibits"][0].update(covers=covers, dated=dated)

    made = build(change)
    context = context_of(made)
    exhibit = made[0].manifest.exhibits[0]
    assert exhibit.dated == date.fromisoformat(dated)
    remark = older_than_data(context, exhibit)
    assert bool(remark) is older
    assert ("Older than data that it speaks of:" in page_of(made)) is older
    signed = {seal.exhibit for one in made[0].manifest.sign_offs for seal in one.over}
    named = [text for view in sign_offs(context) for text in view.older]
    assert named == ([f"{exhibit.title}: o{remark[1:]}"] if older and exhibit.id in signed else [])


def test_no_file_of_words_has_a_key_twice() -> None:
    """The later of two would silently take the place of the first."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(set(keys)) == len(keys), keys
        return dict(pairs)

    for path in (templates_folder() / "locale").glob("*.json"):
        assert json.loads(Path(path).read_text("utf-8"), object_pairs_hook=unique)


def test_steps_without_a_number_stand_under_their_own_heading() -> None:
    words = words_in("en")["annex"]
    assert (words["gaps"], words["not_prevented"]) == ("Not measured", "Does not prevent")


def test_ids_of_evidence_are_never_broken(records: Records) -> None:
    page = page_of(records)
    register = page[page.index('id="annex-b"') : page.index('id="annex-c"')]
    plain = re.findall(r'class="([^"]*)"[^>]*>EV-[0-9a-f]{10}<', register)
    assert plain
    assert set(plain) == {"id whole"}
    assert re.search(r"\.whole\b[^}]*white-space: nowrap", page)
