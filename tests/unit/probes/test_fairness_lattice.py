"""Attributes crossed: how deep, from which tallies, and what is published of it."""

from __future__ import annotations

from itertools import combinations, product
from math import comb

import numpy as np
import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import Scalar
from conformity.model.subject import TableSubject
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.registry import load_probe
from conformity.probes.shared.cells import (
    MOST_COMBINATIONS,
    crossing_depth,
    lattice_tallies,
    read_cells,
    read_lattice,
)
from conformity.probes.shared.notes import declared_notes
from tests.strategies import Row, decision_table, joint_tally, tallies_of, tally_of

_FOUR = ("age", "health", "race", "sex")


def _crossed(depth: int, *attributes: str) -> TableSubject:
    return decision_table(*attributes).model_copy(update={"crossed": depth})


def _counts(attributes: int, values: str = "xy") -> dict[Row, int]:
    random = np.random.default_rng(attributes)
    return {
        row: int(random.integers(20, 60))
        for row in product(*[values] * attributes, "01", "01")
        if row[:2] != ("y", "y")
    }


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_one_tally_for_each_combination_of_as_many_attributes_as_are_crossed(depth: int) -> None:
    specs = lattice_tallies(_crossed(depth, *_FOUR))
    asked = [tuple(key.column for key in spec.keys) for spec in specs]
    assert asked == [(*some, "label", "prediction") for some in combinations(_FOUR, depth)]


def test_few_attributes_need_one_tally_alone() -> None:
    for attributes in ((), ("sex",), ("sex", "race")):
        table = _crossed(2, *attributes)
        assert lattice_tallies(table) == (joint_tally(table),)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_groups_are_the_same_from_parts_and_from_the_joint_tally(depth: int) -> None:
    table, counts = _crossed(depth, *_FOUR), _counts(4)
    lattice = read_lattice(table, tallies_of(table, counts, lattice_tallies(table)))
    joint = read_cells(table, tally_of(table, counts))
    seen = 0
    for size in range(depth + 1):
        for positions in combinations(range(4), size):
            one, other = lattice.groups(*positions), joint.groups(*positions)
            assert (one.by, one.names) == (other.by, other.names)
            assert (one.counts == other.counts).all()
            seen += 1
    assert [groups.by for groups in lattice.partitions(1)] == [(name,) for name in _FOUR]
    assert len(list(lattice.partitions())) == seen - 1


@pytest.mark.parametrize(
    ("attributes", "wanted", "depth"), [(4, 4, 4), (10, 4, 4), (11, 4, 3), (23, 2, 1), (2, 4, 2)]
)
def test_so_many_combinations_are_not_crossed_that_nobody_could_read_them(
    attributes: int, wanted: int, depth: int
) -> None:
    table = _crossed(wanted, *(f"a{number:02}" for number in range(attributes)))
    assert crossing_depth(table) == depth
    assert len(lattice_tallies(table)) == comb(attributes, depth) <= MOST_COMBINATIONS
    notes = declared_notes(table)
    assert len(notes) == (depth < min(wanted, attributes))
    assert all(f"no more than {depth} {'is' if depth == 1 else 'are'} crossed" in note for note in notes)


def test_deep_crossings_give_their_worst_gap_and_no_rates_of_groups() -> None:
    table, counts = _crossed(3, *_FOUR), _counts(4)
    for probe_id, named in (("selection_rate", 2), ("error_rates", 1), ("disparate_impact_ratio", 2)):
        probe = load_probe(ProbeId(f"fairness/{probe_id}"))
        assert isinstance(probe, RateProbe)
        found = probe.measure(table, tallies_of(table, counts, probe.tallies(table)))
        assert max((len(m.by) for m in found.measurements if m.group), default=0) <= named
        if probe.across:
            depths = {m.by for m in found.measurements if not m.group}
            assert len(depths) == 4 + 6 + 4


def test_the_worst_gap_of_a_crossing_is_at_least_that_of_its_parts() -> None:
    """A rate of a group is a mean of the rates of its parts, so that crossing only widens the gap."""
    table, counts = _crossed(3, *_FOUR), _counts(4)
    probe = load_probe(ProbeId("fairness/demographic_parity_difference"))
    assert isinstance(probe, RateProbe)
    gaps = {}
    for found in probe.measure(table, tallies_of(table, counts, probe.tallies(table))).measurements:
        assert isinstance(found.result, Scalar)
        gaps[frozenset(found.by)] = found.result.value
    assert all(gaps[small] <= gaps[large] + 1e-12 for small in gaps for large in gaps if small < large)


def test_a_product_beyond_the_engine_s_limit_is_never_asked_for() -> None:
    """Six attributes of ten values have a million combinations, each pair of them a hundred."""
    table = _crossed(2, *(f"a{number}" for number in range(6)))
    assert {len(spec.keys) for spec in lattice_tallies(table)} == {4}


def test_many_thin_crossings_are_named_in_a_sentence_of_bearable_length() -> None:
    """Six attributes have fifteen pairs, all with small groups."""
    names = tuple(f"a{number}" for number in range(6))
    counts: dict[Row, int] = {(*row, "1", "1"): 1 for row in product(*["xy"] * 6)}
    counts |= {(*row, "0", "0"): 1 for row in product(*["xy"] * 6)}
    table, probe = _crossed(2, *names), load_probe(ProbeId("fairness/disparate_impact_ratio"))
    assert isinstance(probe, RateProbe)
    crossed = {row: n // 2 + 3 for row, n in counts.items()}
    notes = probe.measure(table, tallies_of(table, crossed, probe.tallies(table))).notes
    assert not notes
    few = {row: n for row, n in counts.items() if row[0] == "x" or row[1] == row[2] == row[3] == row[4]}
    (*_, note) = probe.measure(table, tallies_of(table, few, probe.tallies(table))).notes
    assert note.count(" × ") == 10
    assert "; and " in note
