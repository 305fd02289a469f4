"""Words about energy follow from the readings: none says measured of what was modelled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformity.model.energy import DeclaredFigure, Footprint, obtained_by
from conformity.probes.shared.energy.figures import energy_results, use_results
from conformity.probes.shared.energy.parts import Part
from conformity.probes.shared.energy.words import (
    banner,
    declared_note,
    elsewhere_note,
    error_note,
    graphics_note,
    grid_note,
    load_note,
    parts_in_words,
    repeats_note,
    sampling_note,
    scatter_note,
)
from tests.support.energy import footing, part

_SIX = (9.0, 6.0, 3.0, 6.0, 6.0, 6.0)


@pytest.mark.parametrize(
    ("parts", "words", "obtained"),
    [
        ((part(), part("graphics")), "MEASURED", "measured"),
        ((part(method="modelled"), part("memory", "modelled")), "MODELLED", "modelled"),
        ((part(), part("memory", "modelled")), "PARTLY MODELLED", "partly modelled"),
        ((), "MODELLED", "modelled"),
    ],
)
def test_a_modelled_number_is_never_called_measured(
    parts: tuple[Part, ...], words: str, obtained: str
) -> None:
    assert banner(parts).split(":")[0] == words
    assert obtained_by(one.method for one in parts) == obtained


def test_the_size_of_the_batch_is_told() -> None:
    """Fifty rows at once, twice in each of six repeats."""
    told = repeats_note(footing(_SIX))
    assert told.startswith("50 rows were predicted at once, as one batch, 12 times in 6 repeats")


@pytest.mark.parametrize("place", [0, 1])
def test_the_method_of_one_part_changes_every_word(place: int) -> None:
    """Mutation: turning one part from measured to modelled must show in each figure and in each sentence."""
    parts = (part(), part("memory"))
    turned = tuple(replace(one, method="modelled") if at == place else one for at, one in enumerate(parts))
    before, after = footing(_SIX, parts), footing(_SIX, turned)
    for make in (lambda base: energy_results(base, "x"), use_results):
        for (metric, _, group, one), (*_, other) in zip(make(before), make(after), strict=True):
            if one.kind != "scalar":
                continue
            assert one.obtained == "measured"
            assert other.kind == "scalar"
            if metric == "x_part_energy_kwh_per_1000":
                assert other.obtained == ("modelled" if group == turned[place].name else "measured")
            else:
                assert other.obtained == "partly modelled"
    assert banner(parts) != banner(turned)
    assert parts_in_words(parts, "m").count("measured") == 2
    assert parts_in_words(turned, "m").count("modelled") == 1
    assert error_note(before) != error_note(after)


def test_a_missing_graphics_processor_is_told() -> None:
    assert graphics_note((part("graphics"),), "present") == ""
    assert "GAP" in graphics_note((part(),), "present")
    assert "could not be told" in graphics_note((part(),), "hidden")
    assert graphics_note((part(),), "absent") == "No graphics processor was seen; the machine lists none."


@pytest.mark.parametrize(
    ("load", "words"), [(0.2, "up to 20% of"), (0.21, "OTHER LOAD"), (None, "could not be told")]
)
def test_the_load_of_others_is_told(load: float | None, words: str) -> None:
    assert words in load_note(footing((1.0,), other_load=load).repeats)


def test_grids_and_what_was_declared_are_told_with_their_source() -> None:
    bare = footing(_SIX)
    assert "Grid: Germany, 400 g CO2e per kWh, average of 2023" in grid_note(bare)
    assert "overhead of a data centre is not added" in grid_note(bare)
    assert declared_note(bare) == ""
    one = DeclaredFigure(value=1.3, low=1.2, high=1.5, source="the operator", year=2025)
    many = DeclaredFigure(value=2e6, source="the plan", year=2026)
    known = footing(_SIX, footprint=Footprint(pue=one, uses_per_year=many, grid_g_per_kwh=many))
    assert "declared instead of Germany's average" in grid_note(known)
    assert "overhead" not in grid_note(known)
    assert "PUE 1.3, 1.2 to 1.5 (the operator, 2025)" in declared_note(known)
    assert "predictions a year 2,000,000 (the plan, 2026)" in declared_note(known)


def test_readings_and_other_states_are_told() -> None:
    assert "Repeats alone: 30 to 90 kWh per 1,000, order statistics of 6" in scatter_note(footing(_SIX))
    assert "One repeat" in scatter_note(footing((1.0,)))
    assert "Read every 0.5 s, 20 to 20 times a repeat of 10 to 10 s" in sampling_note(footing(_SIX))
    told = elsewhere_note(footing(_SIX))
    assert told.count(",") > 27
    assert "Sweden 2.44e+03" in told
