"""Parts, grids, errors and the machine: what is told of each, and that data files hold what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.errors import CatalogError, DataError
from conformity.probes.shared.energy import data_files, machine
from conformity.probes.shared.energy.data_files import errors, member_states
from conformity.probes.shared.energy.grids import grid
from conformity.probes.shared.energy.machine import Load, graphics_present, hardware, load_now, other_load
from conformity.probes.shared.energy.parts import part_of


class _Device:
    """A part of a machine as the meter describes it."""

    def __init__(self, mode: str = "") -> None:
        self._mode = mode
        self._tdp = 65


@pytest.mark.parametrize(
    ("kind", "mode", "name", "method"),
    [
        ("CPU", "intel_rapl", "processor", "measured"),
        ("CPU", "windows_emi", "processor", "measured"),
        ("CPU", "intel_power_gadget", "processor", "measured"),
        ("CPU", "cpu_load", "processor", "modelled"),
        ("CPU", "constant", "processor", "modelled"),
        ("CPU", "something new", "processor", "modelled"),
        ("GPU", "", "graphics", "measured"),
        ("RAM", "", "memory", "modelled"),
        ("AppleSiliconChip", "", "other", "modelled"),
    ],
)
def test_each_part_says_how_it_was_obtained(kind: str, mode: str, name: str, method: str) -> None:
    found = part_of(type(kind, (_Device,), {})(mode))
    assert (found.name, found.method) == (name, method)


def test_the_constant_is_told() -> None:
    assert "65 W assumed" in part_of(type("CPU", (_Device,), {})("cpu_load")).how
    bare = type("CPU", (), {"_mode": "cpu_load"})()
    assert "a power assumed" in part_of(bare).how
    assert "of 16 GB" in part_of(type("RAM", (), {"machine_memory_GB": 16.2})()).how


def test_the_states_are_those_of_codecarbon() -> None:
    """Peer: the installed CodeCarbon's electricity mix by country, of 2023."""
    union = member_states()
    assert [state.code for state in union.states] == sorted(state.code for state in union.states)
    for state in union.states:
        known = grid(state.code)
        assert (known.name, known.g_per_kwh, known.year) == (state.name, state.g_per_kwh, union.year)


def test_the_unions_average_is_weighted_by_what_is_made() -> None:
    """By hand from CodeCarbon 3.3.2: sum of TWh x g/kWh over the sum of TWh of 27 states is 243.8."""
    assert member_states().mean_g_per_kwh == pytest.approx(243.83, abs=0.01)


@pytest.mark.parametrize("country", ["EUE", "XXX", "ZZZ"])
def test_unknown_grids_are_refused(country: str) -> None:
    """CodeCarbon would take a world average with no more than a log line (a defect seen in peers)."""
    with pytest.raises(DataError, match="no electricity mix"):
        grid(country)


def test_every_part_has_an_error_and_modelled_ones_are_wider() -> None:
    known = errors()
    for name in ("processor", "graphics", "memory", "other"):
        measured, modelled = known.of("measured", name), known.of("modelled", name)
        assert modelled.low < measured.low <= 1 <= measured.high < modelled.high


def test_a_broken_data_file_is_our_own_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "errors.yaml").write_text("version: 0\n", "utf-8")
    monkeypatch.setattr(data_files, "_HERE", tmp_path)
    errors.cache_clear()
    with pytest.raises(CatalogError, match=r"errors\.yaml does not fit"):
        errors()
    errors.cache_clear()


def _device(folder: Path, name: str, kind: str, maker: str) -> None:
    """Make a device in a list of them."""
    (folder / name).mkdir(parents=True)
    (folder / name / "class").write_text(f"{kind}\n", "ascii")
    (folder / name / "vendor").write_text(f"{maker}\n", "ascii")


def test_a_graphics_processor_is_seen_though_it_cannot_be_read(tmp_path: Path) -> None:
    pci, driver = tmp_path / "pci", tmp_path / "driver"
    assert graphics_present(pci, driver) == "hidden"
    _device(pci, "0", "0x020000", "0x8086")
    _device(pci, "1", "0x030000", "0x1a03")
    (pci / "2").mkdir()
    assert graphics_present(pci, driver) == "absent"
    _device(pci, "3", "0x030200", "0x10de")
    assert graphics_present(pci, driver) == "present"
    (driver / "0000:01:00.0").mkdir(parents=True)
    assert graphics_present(tmp_path / "nothing", driver) == "present"


@pytest.mark.parametrize(
    ("content", "name", "virtual"),
    [
        (None, None, False),
        ("processor: 0\n", None, False),
        ("model name : Some   processor\nflags : fpu hypervisor\n", "Some processor", True),
        ("model name : Other\nflags : fpu\n", "Other", False),
    ],
)
def test_the_machine_is_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, name: str | None, virtual: bool
) -> None:
    monkeypatch.setattr(machine, "_CPUINFO", tmp_path / "cpuinfo")
    if content is not None:
        (tmp_path / "cpuinfo").write_text(content, "utf-8")
    assert machine.processor_name() == name
    told = hardware()
    assert (name or "name not told") in told[0]
    assert ("a virtual machine" in told[-1]) is virtual


def test_the_load_of_others_is_what_is_left() -> None:
    """Of 20 s of all processors 15 s were spent, 5 s by the work: 10 of 20."""
    before, after = Load(100, 1000, 3), Load(115, 1020, 8)
    assert other_load(before, after) == pytest.approx(0.5)
    assert other_load(before, Load(101, 1020, 30)) == 0.0
    assert other_load(before, before) is None
    assert other_load(None, after) is None
    assert other_load(before, None) is None


@pytest.mark.parametrize("content", [None, "cpu 1 2\n", "cpu a b c d e f g h\n"])
def test_a_system_that_does_not_tell_its_load(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "stat").write_text(content, "ascii")
    assert load_now(tmp_path / "stat") is None


def test_the_load_of_this_system() -> None:
    found = load_now()
    assert found is not None
    assert 0 < found.own_s < found.busy_s <= found.all_s
