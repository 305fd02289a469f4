"""The meter: sensors with known joules, clocks that are set, readings that come late, several at once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import MissingLibraryError
from conformity.probes.shared.energy.devices import find_devices, meter_name
from conformity.probes.shared.energy.meter import Meter
from conformity.probes.shared.energy.parts import part_of
from conformity.probes.shared.energy.reading import Reading, Sample, halved
from conformity.probes.shared.energy.repeats import Timing, measure_repeats
from tests.support.energy import J_PER_KWH, Nvml, Rapl, Steady, part


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _meter(devices: list[Any], clock: Hands) -> Meter:
    """Return a meter that reads only when it is told to."""
    meter = Meter(devices, 1000.0, clock=clock)
    meter.start()
    return meter


def test_counters_of_the_processor_give_known_joules(tmp_path: Path) -> None:
    """Two packages: 7 J and 5 J, then 3 J: 15 J in 3 s are 5 W."""
    rapl, clock = Rapl(tmp_path, packages=2), Hands()
    meter = _meter([rapl.device(tmp_path)], clock)
    rapl.add(0, 7)
    rapl.add(1, 5)
    clock.now += 2
    meter.read()
    rapl.add(0, 3)
    clock.now += 1
    seen = meter.stop()
    assert seen.energy_kwh * J_PER_KWH == pytest.approx(15)
    assert seen.power_w == pytest.approx(5)
    assert [watts for _, watts in seen.power_over_time()] == pytest.approx([6, 3])
    assert (seen.parts[0].method, seen.count, seen.duration_s, seen.silent) == ("measured", 2, 3.0, ())


def test_a_counter_that_wraps_loses_nothing(tmp_path: Path) -> None:
    """The counter ends at 20 J: from 15 J over the end to 4 J are 9 J."""
    rapl, clock = Rapl(tmp_path, most_uj=20_000_000), Hands()
    rapl.set(0, 15_000_000)
    meter = _meter([rapl.device(tmp_path)], clock)
    rapl.set(0, 4_000_000)
    clock.now += 1
    assert meter.stop().energy_kwh * J_PER_KWH == pytest.approx(9)


def test_a_counter_that_cannot_be_read_is_silent_and_not_zero(tmp_path: Path) -> None:
    rapl, clock = Rapl(tmp_path), Hands()
    device = rapl.device(tmp_path)
    meter = _meter([device], clock)
    (rapl.base / "intel-rapl:0" / "energy_uj").unlink()
    clock.now += 1
    seen = meter.stop()
    assert [one.name for one in seen.silent] == ["processor"]


def _graphics(monkeypatch: pytest.MonkeyPatch, library: Nvml) -> Any:
    """Return CodeCarbon's graphics processors, which ask the given library."""
    from codecarbon.core import gpu, gpu_nvidia
    from codecarbon.external.hardware import GPU

    monkeypatch.setattr(gpu_nvidia, "pynvml", library)
    monkeypatch.setattr(gpu, "PYNVML_AVAILABLE", True)
    monkeypatch.setattr(gpu, "is_gpu_details_available", lambda: True)
    return GPU.from_utils(None)


def test_counters_of_graphics_processors_give_known_joules(monkeypatch: pytest.MonkeyPatch) -> None:
    library, clock = Nvml(), Hands()
    device = _graphics(monkeypatch, library)
    meter = _meter([device], clock)
    library.millijoules = [5_000 + 120_000, 900_000 + 30_000]
    clock.now += 3
    seen = meter.stop()
    assert seen.energy_kwh * J_PER_KWH == pytest.approx(150)
    assert seen.power_w == pytest.approx(50)
    assert (seen.parts[0].name, seen.parts[0].method) == ("graphics", "measured")
    assert "energy counters" in seen.parts[0].how


def test_graphics_processors_tell_how_busy_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: 3 s at 50 % and 10 %, then 2 s at 100 % and none: 1.8 s and 2 s; 7 MB at the most."""
    library, clock = Nvml(), Hands()
    meter = _meter([_graphics(monkeypatch, library), Steady()], clock)
    library.busy, library.used = [50.0, 10.0], [5_000_000, 2_000_000]
    clock.now += 3
    meter.read()
    library.busy, library.used = [100.0, 0.0], [1_000_000, 1_000_000]
    clock.now += 2
    seen = meter.stop().graphics
    assert seen is not None
    assert seen.busy_s == pytest.approx(3.8)
    assert seen.memory_mb == 7.0


def test_one_reading_of_graphics_processors_that_fails_leaves_no_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library, clock = Nvml(), Hands()
    meter = _meter([_graphics(monkeypatch, library)], clock)
    library.busy = [50.0, -1.0]
    clock.now += 3
    meter.read()
    library.busy = [50.0, 50.0]
    clock.now += 3
    assert meter.stop().graphics is None


def test_without_graphics_processors_nothing_is_told_of_them() -> None:
    assert _meter([Steady()], Hands()).stop().graphics is None


def test_graphics_processors_without_counters_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processors at 50 W each for 2 s: 200 J, from power readings."""
    library, clock = Nvml(), Hands()
    library.counts = False
    meter = _meter([_graphics(monkeypatch, library)], clock)
    clock.now += 2
    seen = meter.stop()
    assert seen.energy_kwh * J_PER_KWH == pytest.approx(200)
    assert "power readings" in seen.parts[0].how


def test_graphics_processors_are_found_where_no_program_may_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _graphics(monkeypatch, Nvml())
    assert [part_of(device).name for device in find_devices("DEU")].count("graphics") == 1
    monkeypatch.setattr("codecarbon.external.hardware.GPU.from_utils", lambda _: 1 / 0)
    assert "graphics" not in [part_of(device).name for device in find_devices("DEU")]


def test_a_constant_power_is_modelled(tmp_path: Path) -> None:
    """CodeCarbon takes half of the power it knows: 65 W / 2 x 4 s = 130 J."""
    from codecarbon.external.hardware import CPU

    clock = Hands()
    meter = _meter([CPU(str(tmp_path), "constant", "Some processor", 65)], clock)
    clock.now += 4
    seen = meter.stop()
    assert seen.energy_kwh * J_PER_KWH == pytest.approx(130)
    assert seen.parts[0].method == "modelled"
    assert "half of 65 W" in seen.parts[0].how


def test_a_clock_that_is_set_changes_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: -1e9)
    meter = Meter([Steady()], 0.01)
    meter.start()
    time.sleep(0.1)
    monkeypatch.setattr(time, "time", lambda: 1e12)
    seen = meter.stop()
    assert 0.1 <= seen.duration_s < 5
    assert seen.power_w == pytest.approx(36)
    assert seen.count >= 2


def test_late_readings_leave_gaps() -> None:
    """Interval 1 s: after 10 s without a reading 3 s of it are covered; 4 s of 11 s in all."""
    clock = Hands()
    meter = Meter([Steady()], 1.0, clock=clock)
    for passed in (1.0, 10.0):
        clock.now += passed
        meter._read_s = meter._read_s or 100.0
        meter._began_s = 100.0
        meter.read()
    assert meter.so_far().covered == pytest.approx(4 / 11)


def test_a_part_that_fails_does_not_stop_the_others() -> None:
    class Failing(Steady):
        """A part that cannot be read."""

        def measure_power_and_energy(self, passed_s: float) -> tuple[None, Any]:
            raise OSError("gone")

    clock = Hands()
    meter = _meter([Failing(), Steady()], clock)
    clock.now += 1
    seen = meter.stop()
    assert seen.energies_kwh[0] == 0
    assert seen.energies_kwh[1] * J_PER_KWH == pytest.approx(36)
    assert [one.name for one in seen.silent] == ["other"]


def test_many_readings_are_put_together_and_lose_nothing() -> None:
    clock = Hands()
    meter = Meter([Steady()], 1000.0, clock=clock, most=8)
    meter.start()
    for _ in range(101):
        clock.now += 1
        meter.read()
    seen = meter.stop()
    assert len(seen.samples) <= 8
    assert seen.count == 102
    assert seen.energy_kwh * J_PER_KWH == pytest.approx(36 * 101)
    assert len(halved([Sample(1, (1.0,)), Sample(2, (2.0,)), Sample(3, (4.0,))])) == 2


def test_a_failure_of_whoever_is_told_ends_nothing() -> None:
    told: list[int] = []

    def tell() -> None:
        told.append(1)
        raise OSError("full")

    meter = Meter([Steady()], 0.01, on_sample=tell)
    meter.start()
    time.sleep(0.1)
    meter.stop()
    assert len(told) > 1


def test_two_meters_at_once_do_not_disturb_each_other() -> None:
    devices = find_devices("DEU")
    first, second = Meter(devices, 0.02), Meter(find_devices("DEU"), 0.02)
    first.start()
    second.start()
    time.sleep(0.2)
    one, other = first.stop(), second.stop()
    assert one.energy_kwh > 0
    assert other.energy_kwh > 0
    assert one.parts == other.parts
    assert meter_name() == "CodeCarbon 3.3.2"


def test_a_meter_that_finds_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import codecarbon

    monkeypatch.setattr(codecarbon.OfflineEmissionsTracker, "_ensure_hardware_ready", lambda _: None)
    with pytest.raises(MissingLibraryError, match="found no part"):
        find_devices("DEU")
    monkeypatch.setattr(codecarbon.OfflineEmissionsTracker, "_ensure_hardware_ready", lambda _: 1 / 0)
    with pytest.raises(MissingLibraryError, match="could not be started"):
        find_devices("DEU")


def test_a_reading_of_no_time_has_no_power() -> None:
    empty = Reading((part(),), (Sample(0.0, (0.0,)),), count=1, covered_s=0.0, duration_s=0.0, interval_s=1.0)
    assert (empty.power_w, empty.covered, empty.power_over_time()) == (0.0, 0.0, ())


def test_repeats_are_long_enough_and_stop_when_they_must() -> None:
    clock = Hands()

    def work() -> None:
        clock.now += 3

    seen = measure_repeats(
        [Steady()], work, Timing(10, 1000, 4), may_go_on=lambda: clock.now < 125, clock=clock
    )
    assert [repeat.runs for repeat in seen.repeats] == [4, 4, 4]
    assert [repeat.began_s for repeat in seen.repeats] == [0, 12, 24]
    assert "does not suffice" in seen.stopped
    assert seen.idle == ()
    assert seen.repeats[0].reading.energy_kwh * J_PER_KWH == pytest.approx(36 * 12)
    assert len(measure_repeats([Steady()], work, Timing(1, 1000, 2, 0.01), clock=clock).idle) == 3


def test_a_failure_of_the_work_is_passed_on() -> None:
    with pytest.raises(ZeroDivisionError):
        measure_repeats([Steady()], lambda: print(1 // 0), Timing(1, 1, 1))
