"""Drawings of energy: what was measured is told from what was modelled by words and by form, everywhere."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from conformity.entry.scan import print_scan
from conformity.model.base import SubjectId
from conformity.model.energy import DeclaredFigure, Footprint, Method, PartName
from conformity.model.evidence import Isolation, Observation, SubjectRecord
from conformity.model.measurement import Measurement
from conformity.model.summary import ScanResult
from conformity.probes.registry import probe_specs
from conformity.probes.shared.energy.figures import energy_results, sorted_measurements, use_results
from conformity.probes.shared.energy.parts import Part
from conformity.probes.shared.energy.protocol import Length, protocol_results
from conformity.probes.shared.energy.repeats import Repeats
from conformity.render.assets import words_in
from conformity.render.html import FORMAT as HTML
from conformity.render.locale import locale_for
from conformity.render.views.context import Context
from conformity.render.views.energy import Drawing, drawings
from conformity.render.views.figures import figure
from tests.support.energy import footing, part, reading
from tests.unit.render.render_records import COLLECTED, LIMIT, Records, build

_ENERGIES = (6e-6, 7e-6, 5e-6, 6e-6, 6.5e-6, 5.5e-6)


def _declared(value: float, low: float, high: float) -> DeclaredFigure:
    """Return a declared figure with a range."""
    return DeclaredFigure(value=value, low=low, high=high, source="the operator", year=2025)


def measured(method: Method, *, whole: bool = True, declare: bool = True) -> tuple[Measurement, ...]:
    """Return the figures of a model whose processor was read in one way; memory is always modelled."""
    parts = (part("processor", method), part("memory", method))
    use = Footprint(uses_per_year=_declared(2e6, 1e6, 4e6)) if declare else Footprint()
    base = footing(_ENERGIES, parts, use)
    idle = (reading((2e-7, 2e-7), parts, duration_s=3.0),) * 7
    if whole:
        found = protocol_results(base, Repeats(base.repeats, idle), Length(10, 20), "protocol")
    else:
        found = [*energy_results(base, "inference"), *use_results(base)]
    return sorted_measurements(SubjectId("model"), found)


_PROBES = {"protocol": "environment/energy_protocol", "training": "environment/training_energy"}


def parted(prefix: str, parts: tuple[Part, ...]) -> tuple[Measurement, ...]:
    """Return the figures of the protocol on a machine with these parts, of predictions or training runs."""
    base = replace(footing(_ENERGIES, parts), per=1 if prefix == "training" else 1000)
    idle = (reading(tuple(2e-7 for _ in parts), parts, duration_s=3.0),) * 7
    found = protocol_results(base, Repeats(base.repeats, idle), Length(10, 20), prefix)
    return sorted_measurements(SubjectId("model"), found)


def records(*several: tuple[str, tuple[Measurement, ...]]) -> Records:
    """Return the records with observations of energy added."""

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        seen = [one for one in proof["observations"] if "environment/" not in one.probe]
        for probe, measurements in several:
            observation = Observation.of(
                step=f"{probe}@model",
                probe=probe,
                probe_version=1,
                subject="model",
                outcome="measured",
                measurements=measurements,
                collected_at=COLLECTED,
            )
            seen.append(observation)
        proof["observations"] = seen
        if _PROBES["training"] in dict(several):
            spec = next(one for one in probe_specs() if one.id == _PROBES["training"])
            whole["plan"]["probes"] = [*whole["plan"]["probes"], spec.model_dump(mode="json")]

    return build(change)


def drawn(made: Records) -> tuple[Drawing, ...]:
    """Return all drawings of the records."""
    return drawings(Context(made[0], made[1], LIMIT, locale_for("en"), words_in("en")))


def test_a_report_without_energy_has_no_drawing_and_no_section() -> None:
    bare = records()
    assert drawn(bare) == ()
    assert b'id="energy"' not in HTML.render(*bare, disclosure_limit=LIMIT)


def test_records_from_before_methods_were_kept_are_not_drawn() -> None:
    """Without the way in which it was obtained a figure cannot be drawn honestly."""
    assert drawn(build()) == ()


def test_the_whole_protocol_is_drawn_before_the_short_reading() -> None:
    both = records(
        ("environment/inference_energy", measured("modelled", whole=False)),
        ("environment/energy_protocol", measured("modelled")),
    )
    parts, power, ranges = drawn(both)
    assert [parts.kind, power.kind, ranges.kind] == ["bars", "power", "bars"]
    assert len({one.id for one in drawn(both)}) == 3
    short = drawn(records(("environment/inference_energy", measured("modelled", whole=False))))
    assert [one.kind for one in short] == ["bars", "bars"]


def test_bars_share_one_scale_and_stay_on_the_page() -> None:
    parts, power, ranges = drawn(records(("environment/energy_protocol", measured("measured"))))
    widths = {bar.name: bar.width for bar in parts.bars}
    assert widths["All parts"] == pytest.approx(180)
    assert widths["Processor"] == widths["Memory"] == pytest.approx(90)
    for bar in ranges.bars:
        assert bar.low is not None
        assert bar.high is not None
        assert bar.dot is not None
        assert 0 <= bar.low <= bar.dot <= bar.high <= 260
    assert len(ranges.bars) == 4
    assert all(0 <= float(pair.split(",")[0]) <= power.width for pair in power.line.split())
    assert power.idle_y is not None
    assert "idle machine" in power.description


def test_figures_without_a_range_have_no_bar() -> None:
    one = tuple(
        m.model_copy(update={"result": m.result.model_copy(update={"interval": None})})
        for m in measured("measured", whole=False)
        if m.result.kind == "scalar" and m.metric.endswith("_per_1000") and not m.by
    )
    (ranges,) = drawn(records(("environment/inference_energy", one)))
    assert all(bar.low is None and bar.high is None for bar in ranges.bars)
    assert "(" not in ranges.bars[0].text


def test_ranges_bear_no_level_and_repeats_are_no_cases() -> None:
    """Ends that hold the error of a meter are no confidence interval, and six repeats are not six people."""
    made = records(("environment/energy_protocol", measured("modelled")))
    parts, _, ranges = drawn(made)
    assert all(bar.text.count("(range ") == 1 for bar in (*parts.bars, *ranges.bars))
    page = HTML.render(*made, disclosure_limit=LIMIT).decode("utf-8")
    assert "96.875 %" not in page
    context = Context(made[0], made[1], LIMIT, locale_for("en"), words_in("en"))
    whole = next(m for m in measured("modelled") if m.metric == "protocol_energy_kwh_per_1000")
    shown = figure(context, whole)
    assert shown.n == ""
    assert shown.interval.startswith("range ")
    assert shown.interval.endswith(", not a confidence interval")


def test_what_was_declared_has_no_range_of_its_own() -> None:
    made = build()
    context = Context(made[0], made[1], LIMIT, locale_for("en"), words_in("en"))
    whole = next(m for m in measured("modelled") if m.metric == "protocol_energy_kwh_per_1000")
    told = whole.model_copy(update={"result": whole.result.model_copy(update={"obtained": "declared"})})
    assert (figure(context, told).range, figure(context, told).interval) == ("", "")


def test_what_qualifies_the_figures_stands_beside_them() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        proof["observations"] = [
            Observation.of(
                step="environment/inference_energy@model",
                probe="environment/inference_energy",
                probe_version=1,
                subject="model",
                outcome="measured",
                measurements=measured("modelled", whole=False),
                notes=("SHORT READING.", "OTHER LOAD."),
                collected_at=COLLECTED,
            )
        ]
        whole["findings"] = [{**f, "measured": (), "evidence": ()} for f in whole["findings"]]

    made = build(change)
    assert [one.notes for one in drawn(made)] == [("SHORT READING.", "OTHER LOAD."), ()]
    page = HTML.render(*made, disclosure_limit=LIMIT).decode("utf-8")
    section = page[page.index('<h2 id="energy">') : page.index('<h2 id="subjects">')]
    assert "SHORT READING. OTHER LOAD." in section


def test_what_is_not_declared_is_not_drawn() -> None:
    undeclared = measured("measured", whole=False, declare=False)
    *_, ranges = drawn(records(("environment/inference_energy", undeclared)))
    assert len(ranges.bars) == 2


def test_power_without_the_idle_machine() -> None:
    alone = tuple(m for m in measured("measured") if m.metric != "protocol_idle_power_w")
    power = drawn(records(("environment/energy_protocol", alone)))[1]
    assert (power.idle_y, power.idle) == (None, "")
    assert "idle" not in power.description


@pytest.mark.parametrize(("method", "other"), [("measured", "modelled"), ("modelled", "measured")])
def test_the_method_changes_every_word_and_every_form(
    method: Method, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mutation: drawings, page, terminal and JSON say how energy was obtained, and none says the other."""
    made = records(("environment/energy_protocol", measured(method)))
    parts, power, ranges = drawn(made)
    assert all(bar.solid is (method == "measured") for bar in (*parts.bars, *ranges.bars))
    assert power.dashed is (method == "modelled")
    for one in (parts, power, ranges):
        assert method in one.description
        assert other not in one.description
    page = HTML.render(*made, disclosure_limit=LIMIT).decode("utf-8")
    section = page[page.index('<h2 id="energy">') : page.index('<h2 id="subjects">')]
    pictures = "".join(re.findall(r"<svg.*?</svg>", section, re.DOTALL))
    assert method in pictures
    assert other not in pictures
    assert ('stroke-dasharray="3 2"' in pictures) is (method == "modelled")
    observation = next(o for o in made[1].observations if o.probe == "environment/energy_protocol")
    record = SubjectRecord(
        id=SubjectId("model"), kind="model", path="m", files=1, size_bytes=1, sha256=None, problem="x"
    )
    scan = ScanResult(
        subject=record, observations=(observation,), isolation=Isolation(mechanism="none", guarantees=())
    )
    print_scan(scan)
    lines = [
        line for line in capsys.readouterr().out.splitlines() if "kWh" in line and "not available" not in line
    ]
    assert lines
    assert all(f"kWh, {method}" in line for line in lines)
    assert f'"obtained":"{method}"' in observation.model_dump_json()
    assert f'"obtained":"{other}"' not in observation.model_dump_json()


def _rows(made: Records) -> dict[str, tuple[str, bool]]:
    """Return the words and the form of every row of bars, by drawing and name."""
    found = enumerate(drawn(made))
    return {f"{place} {bar.name}": (bar.text, bar.solid) for place, one in found for bar in one.bars}


@pytest.mark.parametrize("flipped", ["processor", "memory", "graphics"])
@pytest.mark.parametrize("prefix", ["protocol", "training"])
def test_flipping_one_part_changes_its_words_and_those_of_every_sum(prefix: str, flipped: PartName) -> None:
    """Mutation: one of three parts is turned to modelled; it says so, no sum says measured, others stay."""
    names: tuple[PartName, ...] = ("processor", "memory", "graphics")
    shown = {"processor": "Processor", "memory": "Memory", "graphics": "Graphics processor"}
    before = _rows(records((_PROBES[prefix], parted(prefix, tuple(part(name) for name in names)))))
    parts = tuple(part(name, "modelled" if name == flipped else "measured") for name in names)
    after = _rows(records((_PROBES[prefix], parted(prefix, parts))))
    assert before.keys() == after.keys()
    assert len(before) >= 6
    assert all(", measured (" in text and solid for text, solid in before.values())
    for row, (text, solid) in after.items():
        if row == f"0 {shown[flipped]}":
            assert (", modelled (" in text, ", measured" in text, solid) == (True, False, False)
        elif row in {f"0 {shown[name]}" for name in names}:
            assert (", measured (" in text, solid) == (True, True)
        else:
            assert (", partly modelled (" in text, ", measured" in text, solid) == (True, False, False)


def test_training_is_drawn_as_whole_runs() -> None:
    made = records((_PROBES["training"], parted("training", (part(), part("memory")))))
    parts, power, ranges = drawn(made)
    assert [parts.kind, power.kind, ranges.kind] == ["bars", "power", "bars"]
    assert parts.title.endswith(": Energy of training by part of the machine")
    assert [bar.name for bar in ranges.bars] == ["Energy of a training run", "Emissions of a training run"]
    page = HTML.render(*made, disclosure_limit=LIMIT).decode("utf-8")
    section = page[page.index('<h2 id="energy">') : page.index('<h2 id="subjects">')]
    assert "1,000 predictions" not in section


def test_a_number_of_readings_below_the_limit_is_not_a_number_of_people() -> None:
    """Six repeats are readings: a model that is also held against two tables keeps its energy."""

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        for subject in whole["manifest"]["subjects"]:
            if subject["id"] == "model":
                subject["membership"] = {"members": "train", "others": "test"}

    made = build(change)
    evidence = records(("environment/energy_protocol", measured("measured")))[1]
    page = HTML.render(made[0], evidence, disclosure_limit=LIMIT).decode("utf-8")
    assert "kWh, measured" in page
