"""What a record says is missing from its figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from conformity.probes.shared.energy.machine import Seen
from conformity.probes.shared.energy.reading import Reading, Sample
from conformity.probes.shared.energy.record import Tracked, record_of
from tests.support.energy import GERMANY, J_PER_KWH, part, reading


def tracked(graphics: Seen = "absent") -> Tracked:
    """Return what is tracked on a machine with or without a graphics processor."""
    return Tracked(
        run="0" * 32,
        program="python",
        command_sha256=None,
        started_at=datetime(2026, 11, 1, tzinfo=UTC),
        grid=GERMANY,
        hardware=("a machine",),
        graphics=graphics,
        software="a meter",
    )


@pytest.mark.parametrize(
    ("graphics", "words"), [("present", "was not read"), ("hidden", "could not be told"), ("absent", "")]
)
def test_a_graphics_processor_is_never_left_out_silently(graphics: Seen, words: str) -> None:
    gaps = record_of(tracked(graphics), reading((1.0,), (part(),)), None, complete=True).gaps
    assert len(gaps) == (graphics != "absent")
    assert words in " ".join(gaps)
    read = record_of(tracked(graphics), reading((1.0,), (part("graphics"),)), None, complete=True)
    assert read.gaps == ()


def test_time_that_is_not_covered_and_parts_that_gave_nothing_are_told() -> None:
    seen = replace(reading((0.0,), (part(),)), covered_s=5.0)
    gaps = record_of(tracked(), seen, None, complete=True).gaps
    assert gaps == (
        "Readings cover only 50% of the time.",
        "The processor gave no energy; see whether its sensor can be read.",
    )


def test_power_over_time_is_thinned_out_and_keeps_the_energy() -> None:
    """By hand: 1,000 readings of 36 J, one a second."""
    samples = tuple(Sample(float(at), (36 / J_PER_KWH,)) for at in range(1, 1001))
    seen = Reading((part(),), samples, count=1000, covered_s=1000, duration_s=1000, interval_s=1)
    record = record_of(tracked(), seen, None, complete=True)
    assert len(record.power) == 250
    assert [sample.watts for sample in record.power] == pytest.approx([36.0] * 250)
    assert record.energy_kwh * J_PER_KWH == pytest.approx(36_000)
    assert record.emissions_g == pytest.approx(0.01 * 400)
