"""Heat maps, frames and reference groups: laid out right, and nothing drawn that must not be shown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conformity.model.evidence import Observation
from conformity.model.measurement import Measurement, Scalar
from conformity.render.charts import shorten
from conformity.render.frames import Column, Frame, Spot, frame_chart
from conformity.render.heatmap import SHADES, Crossing, Field, heat_chart, shade, steps
from conformity.render.html import html_text
from conformity.render.views.crossings import heat_maps, shown_cells
from conformity.render.views.curves import curves
from conformity.render.views.references import references
from tests.unit.render.render_page import Page
from tests.unit.render.render_records import COLLECTED, LIMIT, Records, build, measurement, missing, scalar
from tests.unit.render.test_render_summary import context_of

PAIR = ("SEX", "EDUCATION")
BINS = ("0 to < 0.5", "0.5 to 1")


def seen(*measurements: dict[str, Any], probe: str = "fairness/selection_rate") -> Records:
    """Return records with one more observation that has these measurements."""

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        made = Observation.of(
            step=f"{probe}@test",
            probe=probe,
            probe_version=2,
            subject="test",
            outcome="measured",
            measurements=measurements,
            collected_at=COLLECTED,
        )
        proof["observations"] = [*proof["observations"], made]

    return build(change)


def crossed(cells: dict[tuple[str, str], tuple[float, int]]) -> Records:
    """Return records with the selection rates of crossed groups: rate and number of cases."""
    return seen(
        *(measurement("selection_rate", scalar(rate, n), PAIR, group) for group, (rate, n) in cells.items()),
        measurement("selection_rate", missing("too few", 4), PAIR, ("2", "5")),
    )


CELLS = {("1", "1"): (0.61, 900), ("2", "1"): (0.72, 800), ("1", "2"): (0.9, 500), ("2", "2"): (0.83, 700)}


def test_rates_of_crossed_groups_are_drawn_with_their_numbers() -> None:
    made = crossed({**CELLS, ("1", "5"): (0.5, 7)})
    (drawn,) = heat_maps(context_of(made))
    (placed,) = drawn.chart.maps
    assert [word.text for word in placed.columns] == ["male", "female"]
    assert [word.text for word in placed.rows] == ["graduate school", "university", "(rare value)"]
    # The two of few people take the smallest of their columns with them.
    assert [cell.text for cell in placed.cells] == ["0.61", "0.72", "", "", "", ""]
    assert "graduate school × male 0.61" in drawn.chart.description
    assert "(rare value) × male withheld; (rare value) × female withheld" in drawn.chart.description
    assert all(bool(cell.fill) is not bool(cell.hatch) for cell in placed.cells)
    page = html_text(*made, disclosure_limit=LIMIT)
    assert 'id="heat-0-desc"' in page
    assert Page(page).open == []


def test_where_there_is_nobody_there_is_no_cell() -> None:
    made = seen(
        *(
            measurement("selection_rate", scalar(rate, n), PAIR, group)
            for group, (rate, n) in CELLS.items()
            if group != ("2", "2")
        )
    )
    (drawn,) = heat_maps(context_of(made))
    assert [cell.text for cell in drawn.chart.maps[0].cells] == ["0.61", "0.72", "0.90"]


def measured(cells: dict[tuple[str, str], int]) -> dict[tuple[str, ...], Measurement]:
    """Return rates of crossed groups of so many cases."""
    return {
        group: Measurement.model_validate(measurement("selection_rate", scalar(0.5, n), PAIR, group))
        for group, n in cells.items()
    }


def test_a_lone_hidden_cell_takes_the_smallest_of_its_row_and_column_with_it(records: Records) -> None:
    # 12 of (1, a) is hidden for its size; (1, b) and (2, a) would give it back, and then (2, b) them.
    sizes = {
        ("1", "a"): 12,
        ("1", "b"): 400,
        ("1", "c"): 900,
        ("2", "a"): 500,
        ("2", "b"): 600,
        ("2", "c"): 700,
    }
    shown = shown_cells(context_of(records), measured(sizes))
    assert shown == {("1", "c"), ("2", "c")}


def test_cells_are_all_shown_when_none_is_small(records: Records) -> None:
    sizes = {("1", "a"): 300, ("1", "b"): 400, ("2", "a"): 500, ("2", "b"): 600}
    assert shown_cells(context_of(records), measured(sizes)) == set(sizes)


def test_without_decisions_the_labels_are_drawn_and_one_pair_may_be_all_hidden() -> None:
    made = seen(measurement("label_rate", scalar(0.4, 7), PAIR, ("1", "1")))
    (drawn,) = heat_maps(context_of(made))
    assert [cell.text for cell in drawn.chart.legend] == ["withheld"]
    assert all(cell.hatch for cell in drawn.chart.maps[0].cells)


def test_pairs_beyond_six_are_counted() -> None:
    many = [measurement("selection_rate", scalar(0.5, 100), ("SEX", f"C{i}"), ("1", "x")) for i in range(8)]
    (drawn,) = heat_maps(context_of(seen(*many)))
    assert len(drawn.chart.maps) == 6
    assert drawn.more == "2 more pairs of attributes are in evidence.json."
    assert drawn.more in html_text(*seen(*many), disclosure_limit=LIMIT)


def test_colours_run_from_the_lowest_to_the_highest() -> None:
    assert [shade(value, (0.0, 1.0)) for value in (0.0, 0.19, 0.5, 1.0)] == [0, 0, 2, 4]
    assert shade(0.7, (0.7, 0.7)) == 0
    assert steps((0.0, 1.0))[0] == (0.0, 0.2)
    fields = ((Field(0.1, "0.10"), Field(0.9, "0.90")), (Field(None, ""), Field(None, "", exists=False)))
    chart = heat_chart("h", "t", "d", [Crossing("A × B", ("a", "b"), ("c", "d"), fields)], ["x"] * 6)
    cells = chart.maps[0].cells
    assert [cell.fill for cell in cells] == [SHADES[0], SHADES[-1], ""]
    assert [cell.ink for cell in cells] == ["#101828", "#FFFFFF", ""]
    assert max(cell.x + cell.width for cell in cells) <= chart.width
    assert max(cell.y + cell.height for cell in cells) <= chart.height


def binned(*cases: int) -> Records:
    """Return records with a calibration table of two bins of scores."""
    return seen(
        *(
            one
            for i, (name, n) in enumerate(zip(BINS, cases, strict=True))
            for one in (
                measurement("calibration_mean_score", scalar(0.2 + 0.5 * i, n), ("score bin",), (name,)),
                measurement(
                    "calibration_observed_rate",
                    scalar(0.25 + 0.5 * i, n, 0.2 + 0.5 * i, 0.3 + 0.5 * i),
                    ("score bin",),
                    (name,),
                ),
            )
        ),
        probe="accuracy/scores",
    )


def test_scores_are_drawn_against_what_came_true() -> None:
    made = binned(300, 700)
    (drawn,) = curves(context_of(made))
    calibration, spread = drawn.chart.frames
    assert calibration.diagonal
    assert len(calibration.dots) == 2
    assert all(
        dot.low is not None and dot.high is not None and dot.low > dot.high for dot in calibration.dots
    )
    assert [box.tip for box in spread.boxes] == [
        "scores 0 to < 0.5: share of cases 0.300",
        "scores 0.5 to 1: share of cases 0.700",
    ]
    assert "mean 0.200, came true 0.250 (0.200–0.300)" in drawn.chart.description
    assert '<h2 id="curves">' in html_text(*made, disclosure_limit=LIMIT)


def test_a_bin_of_few_people_is_an_outline_and_no_point() -> None:
    (drawn,) = curves(context_of(binned(7, 700)))
    calibration, spread = drawn.chart.frames
    assert len(calibration.dots) == 1
    # The size of the other would tell how few they are.
    assert [box.withheld for box in spread.boxes] == [True, True]
    assert "share of cases not shown" in spread.boxes[0].tip


def test_a_bin_without_its_mean_or_interval_is_no_point_or_has_no_bar() -> None:
    made = seen(
        measurement("calibration_observed_rate", scalar(0.3, 400), ("score bin",), (BINS[0],)),
        measurement("calibration_mean_score", scalar(0.3, 400), ("score bin",), (BINS[0],)),
        measurement("calibration_observed_rate", scalar(0.6, 400), ("score bin",), (BINS[1],)),
    )
    (dot,) = curves(context_of(made))[0].chart.frames[0].dots
    assert (dot.low, dot.high) == (None, None)


def test_sizes_of_classes_are_a_rising_line() -> None:
    made = seen(
        *(
            measurement(name, scalar(value, 9000))
            for name, value in (("unique_share", 0.02), ("share_below_5", 0.05), ("share_below_11", 0.1))
        ),
        probe="privacy/k_anonymity",
    )
    (drawn,) = curves(context_of(made))
    (frame,) = drawn.chart.frames
    assert frame.title == "Test data"
    heights = [dot.y for dot in frame.dots]
    assert heights == sorted(heights, reverse=True)
    assert frame.line.count(",") == 3
    assert "classes of < 5 rows: 0.050" in drawn.chart.description


def test_nothing_measured_nothing_drawn(records: Records) -> None:
    assert curves(context_of(records)) == ()
    assert heat_maps(context_of(records)) == ()


def test_frames_stay_on_the_page_and_keep_points_inside() -> None:
    frame = Frame("A", "x", ((0.0, "0"),), ((1.0, "1"),), (Spot(1.4, -0.2, None, None, "p"),), joined=True)
    columns = Frame("B", "x", (), (), columns=(Column(0.5, "half"), Column(None, "hidden")))
    chart = frame_chart("f", "t", "d", (frame, columns), 2)
    first, second = chart.frames
    assert (first.dots[0].x, first.dots[0].y) == (first.right, first.bottom)
    assert second.right <= chart.width
    assert second.boxes[0].height == pytest.approx((second.bottom - second.top) / 2, abs=0.1)
    assert second.boxes[1].withheld


def test_the_reference_group_is_marked_where_the_evidence_tells_it() -> None:
    compared = [
        measurement("selection_difference_to_overall", scalar(0.01, 400), ("SEX",), (group,))
        for group in "12"
    ]
    against = measurement("selection_difference_to_reference", scalar(0.05, 400), ("SEX",), ("2",))
    made = seen(*compared, against, probe="fairness/group_contrasts")
    assert references(context_of(made)) == {("test", ("SEX",)): ("1",)}
    assert re.search(r">male ◆</text>", html_text(*made, disclosure_limit=LIMIT))
    assert shorten("a very long name of a group ◆", 12) == "a very lo… ◆"
    alone = seen(against, probe="fairness/group_contrasts")
    assert references(context_of(alone)) == {}
    assert isinstance(made[1].observations[-1].measurements[0].result, Scalar)
