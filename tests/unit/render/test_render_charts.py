"""Where dots, bars and lines are placed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conformity.model.evidence import Observation
from conformity.render.assets import style, words_in
from conformity.render.charts import WIDTH, Dot, Series, dot_plot, scale_end, scale_ticks, shorten
from conformity.render.locale import locale_for
from conformity.render.views.context import Context
from conformity.render.views.groups import Plot, plots
from conformity.render.views.verdicts import COLOURS
from tests.unit.render.render_records import LIMIT, Records, build, measurement, scalar

TICKS = [(0.0, "0"), (0.5, "0.5"), (1.0, "1")]


def all_plots(records: Records) -> tuple[Plot, ...]:
    """Return all figures of the records."""
    return plots(Context(records[0], records[1], LIMIT, locale_for("en"), words_in("en")))


def test_a_long_name_of_a_panel_takes_two_lines_and_moves_the_rows_down() -> None:
    one, two = (
        dot_plot("a", "", "", ["x"], [Series(title, (Dot(0.5, None, None, "0.5"),))] * 5, (136, 34), TICKS)
        for title in ("Accuracy", "Positive predictive value of all")
    )
    assert [line.text for line in two.panels[0].heading] == ["Positive", "predictive…"]
    assert [line.text for line in one.panels[0].heading] == ["Accuracy"]
    assert two.top - one.top == two.panels[0].heading[1].y - two.panels[0].heading[0].y


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ((), 1.0),
        ((0.0,), 1.0),
        ((0.04,), 0.05),
        ((0.05,), 0.05),
        ((0.3, 0.21), 0.5),
        ((0.9,), 1.0),
        ((1.1,), 1.25),
        ((3.0,), 3.0),
    ],
)
def test_a_scale_ends_on_a_round_number_that_holds_everything(values: tuple[float, ...], end: float) -> None:
    assert scale_end(values) == end


def test_ticks_divide_the_scale_evenly() -> None:
    assert scale_ticks(0.1) == (0, 0.025, 0.05, 0.075, 0.1)
    assert scale_ticks(1.0, 2) == (0, 0.5, 1)


def test_names_are_cut_to_their_room() -> None:
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"


def test_panels_share_one_scale_and_stay_on_the_page() -> None:
    dots = (Dot(0.5, 0.25, 1.0, "0.5"), Dot(None, None, None, "no number"))
    series = [
        Series("A", dots, ((0.5, "at least 0.5"),)),
        Series("B", dots, ((1.0, "at most 1"),)),
        Series("C", dots, ((0.0, "at least 0"),)),
    ]
    chart = dot_plot("f", "t", "d", ["one", "two"], series, (150, 38), TICKS)
    widths = {round(panel.right - panel.left) for panel in chart.panels}
    assert len(widths) == 1
    assert chart.panels[0].left == 150
    assert chart.panels[-1].right == WIDTH - 38
    first = chart.panels[0]
    middle = (first.left + first.right) / 2
    drawn = first.rows[0]
    assert drawn.x == pytest.approx(middle, abs=0.1)
    assert drawn.low == pytest.approx((first.left + middle) / 2, abs=0.1)
    assert drawn.high == first.right
    assert first.bounds[0].x == pytest.approx(middle, abs=0.1)
    assert [panel.bounds[0].anchor for panel in chart.panels] == ["middle", "end", "start"]
    nothing = first.rows[1]
    assert (nothing.x, nothing.low, nothing.high) == (None, None, None)
    assert nothing.text_x < first.right < drawn.text_x


def test_values_beyond_the_scale_stay_inside_the_panel() -> None:
    chart = dot_plot("f", "t", "d", ["one"], [Series("", (Dot(2.0, -1.0, 3.0, "2"),))], (100, 50), TICKS)
    drawn = chart.panels[0].rows[0]
    assert (drawn.low, drawn.x, drawn.high) == (100.0, WIDTH - 50, WIDTH - 50)


def test_each_attribute_has_a_figure_and_each_table_its_comparisons(records: Records) -> None:
    found = all_plots(records)
    assert [plot.chart.title for plot in found] == [
        "Differences and distances between the groups of Test data; 0 is no difference",
        "Ratios of the groups of Test data; 1 is no difference",
        "Rates of the groups of SEX in Test data",
        "Rates of the groups of EDUCATION in Test data",
    ]
    assert len({plot.chart.id for plot in found}) == 4
    differences, ratios, sex, education = found
    assert ratios.chart.labels[0].text == "EDUCATION: Disparate impact ratio, at least 0.8"
    assert [shown(plot) for plot in (differences, ratios)] == [
        [("0.131", "✖", "#B42318")],
        [("0.7996", "▲", "#8A4B00"), ("0.938", "", "")],
    ]
    assert [panel.title for panel in sex.chart.panels] == [
        "Selection rate",
        "True positive rate",
        "False positive rate",
        "Accuracy",
    ]
    assert [label.text for label in education.chart.labels][-1] == "(missing)"
    assert sex.chart.panels[3].bounds[0].label == "at least 0.75"
    assert all(link.anchor for plot in found for link in plot.evidence)


def shown(plot: Plot) -> list[tuple[str, str, str]]:
    """Return number, shape and colour of the rows of a figure with one panel."""
    return [(row.text, row.icon, row.colour) for row in plot.chart.panels[0].rows]


def test_no_number_bears_a_better_verdict_than_a_criterion_that_decides_nothing() -> None:
    """A bound that came too late leaves its criterion undetermined, however good the reading alone is."""

    def late(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        for finding in whole["findings"]:
            finding["measured"] = [
                {**dict(judged), "verdict": "undetermined"} for judged in finding.get("measured", ())
            ]

    found = all_plots(build(late))
    rows = [row for plot in found for panel in plot.chart.panels for row in panel.rows]
    assert {row.icon for row in rows} == {"", "▲"}
    assert {row.icon for row in found[2].chart.panels[3].rows} == {"▲"}


def test_what_data_can_tell_stands_on_no_scale_of_differences() -> None:
    def power(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        rate = scalar(0.2, 900, 0.1, 0.3)
        names = ("minimum_detectable_difference", "calibration_difference", "equal_opportunity_ratio")
        proof["observations"] = [
            Observation.of(
                step=f"fairness/{name}@test",
                probe=f"fairness/{name}",
                probe_version=1,
                subject="test",
                outcome="measured",
                collected_at="2026-11-20T09:30:00Z",
                measurements=[measurement(name, rate, ("SEX",))],
            )
            for name in names
        ]
        whole["findings"] = [{**f, "measured": (), "evidence": ()} for f in whole["findings"]]
        template = whole["plan"]["probes"][0]
        metric = {**template["metrics"][0], "per": "attribute", "title": "A measure " + "of much " * 7}
        named = [{**metric, "id": name} for name in names]
        whole["plan"]["probes"] = [*whole["plan"]["probes"][1:], {**template, "metrics": named}]

    found = all_plots(build(power))
    assert [len(plot.chart.labels) for plot in found] == [1, 1]
    assert not any("…" in label.text for plot in found for label in plot.chart.labels)


def test_nothing_is_drawn_of_a_group_that_must_not_be_shown(records: Records) -> None:
    education = all_plots(records)[3].chart
    at = [label.text for label in education.labels].index("(rare value)")
    assert all(panel.rows[at].x is None and panel.rows[at].text == "not shown" for panel in education.panels)
    assert "0.690" not in re.findall(r"rare value\) (0\.\d+)", education.description)


def test_groups_show_the_verdict_and_a_bound_of_their_own(records: Records) -> None:
    sex = all_plots(records)[2].chart
    panels = {panel.title: panel for panel in sex.panels}
    assert [row.icon for row in panels["Accuracy"].rows] == ["✓", "✓"]
    assert [row.colour for row in panels["Accuracy"].rows] == ["#0B6E4F", "#0B6E4F"]
    # The criterion on false positive rates is on women alone.
    assert [len(row.bounds) for row in panels["False positive rate"].rows] == [0, 2]
    assert [len(row.bounds) for row in panels["Accuracy"].rows] == [0, 0]


def test_words_on_the_scale_have_a_white_box_behind_them(records: Records) -> None:
    education = all_plots(records)[3].chart
    rows = [row for panel in education.panels for row in panel.rows]
    assert all((row.box > 0) == (row.text == "not shown") for row in rows)
    assert any(row.box for row in rows)


def test_drawings_and_the_style_sheet_have_the_same_colours() -> None:
    sheet = style()
    for verdict, colour in COLOURS.items():
        assert re.search(rf"\.{verdict}\b[^}}]*color: {colour}", sheet)


def test_the_description_has_the_numbers(records: Records) -> None:
    assert "Selection rate: male 0.700; female 0.750" in all_plots(records)[2].chart.description
    assert "Accuracy: male 0.800 met; female 0.850 met" in all_plots(records)[2].chart.description


def test_only_the_largest_groups_are_drawn_and_the_rest_is_counted() -> None:
    def many(whole: dict[str, object], proof: dict[str, object]) -> None:
        seen = Observation.of(
            step="fairness/selection_rate@test",
            probe="fairness/selection_rate",
            probe_version=1,
            subject="test",
            outcome="measured",
            collected_at="2026-11-20T09:30:00Z",
            measurements=[
                measurement("selection_rate", scalar(0.2, 100 + i, 0.1, 0.3), ("SEX",), (f"g{i:02}",))
                for i in range(30)
            ],
        )
        proof["observations"] = [seen]
        whole["findings"] = [{**f, "measured": (), "evidence": ()} for f in whole["findings"]]  # type: ignore[attr-defined] # plain data

    (plot,) = all_plots(build(many))
    assert plot.more == "The 24 largest of 30 groups are drawn."
    assert plot.chart.labels[0].text == "g06"
    assert plot.chart.panels[0].ticks[-1].label == "0.5"


def test_no_rates_no_figures() -> None:
    def none(whole: dict[str, object], proof: dict[str, object]) -> None:
        proof["observations"] = []

    assert all_plots(build(none)) == ()


def test_tables_are_drawn_one_after_the_other() -> None:
    def second(whole: dict[str, object], proof: dict[str, object]) -> None:
        proof["observations"] = [
            Observation.of(
                step=f"fairness/selection_rate@{subject}",
                probe="fairness/selection_rate",
                probe_version=1,
                subject=subject,
                outcome="measured",
                collected_at="2026-11-20T09:30:00Z",
                measurements=[measurement("selection_rate", scalar(0.2, 900), ("SEX",), ("1",), subject)],
            )
            for subject in ("train", "test")
        ]
        whole["findings"] = [{**f, "measured": (), "evidence": ()} for f in whole["findings"]]  # type: ignore[attr-defined] # plain data

    assert [plot.chart.title for plot in all_plots(build(second))] == [
        "Rates of the groups of SEX in Training data",
        "Rates of the groups of SEX in Test data",
    ]


def test_groups_of_several_attributes_are_drawn_only_where_a_criterion_bounds_them() -> None:
    both = ("SEX", "EDUCATION")

    def pairs(whole: dict[str, object], proof: dict[str, object]) -> None:
        rate = scalar(0.2, 900, 0.1, 0.3)
        proof["observations"] = [
            Observation.of(
                step="fairness/selection_rate@test",
                probe="fairness/selection_rate",
                probe_version=1,
                subject="test",
                outcome="measured",
                collected_at="2026-11-20T09:30:00Z",
                measurements=[
                    measurement(metric, rate, both, ("1", "2"))
                    for metric in ("accuracy", "selection_rate", "unknown_metric")
                ],
            )
        ]
        whole["findings"] = [{**f, "measured": (), "evidence": ()} for f in whole["findings"]]  # type: ignore[attr-defined] # plain data
        first = whole["manifest"]["criteria"][0]  # type: ignore[index] # plain data
        first.update(metric="selection_rate", by=both, at_least=0.1)

    (plot,) = all_plots(build(pairs))
    assert plot.chart.title == "Rates of the groups of SEX × EDUCATION in Test data"
    assert [panel.title for panel in plot.chart.panels] == ["Selection rate"]
    assert [label.text for label in plot.chart.labels] == ["male · university"]


def test_groups_stand_in_their_natural_order(records: Records) -> None:
    context = Context(records[0], records[1], LIMIT, locale_for("en"), words_in("en"))
    ages = [("(missing)",), (">= 60",), ("25 to < 40.5",), ("< 25",), ("40.5 to < 60",)]
    ordered = sorted(ages, key=lambda group: context.group_order("test", ("AGE",), group))
    assert ordered == [("< 25",), ("25 to < 40.5",), ("40.5 to < 60",), (">= 60",), ("(missing)",)]
    levels = [("10",), ("(missing)",), ("2",)]
    ordered = sorted(levels, key=lambda group: context.group_order("test", ("EDUCATION",), group))
    assert ordered == [("10",), ("2",), ("(missing)",)]
    assert context.group_order("model", ("AGE",), ("< 25",)) == ((False, 0.0, "< 25"),)
