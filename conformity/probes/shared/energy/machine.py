"""What the machine is, what else runs on it, and whether it has a graphics processor that was not read."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_PCI = Path("/sys/bus/pci/devices")
_NVIDIA = Path("/proc/driver/nvidia/gpus")
_STAT = Path("/proc/stat")
_CPUINFO = Path("/proc/cpuinfo")
_COUNTED = 8
"""How many kinds of time the system counts at least."""
_DISPLAY = ("0x0300", "0x0302", "0x0380", "0x1200")
"""Classes of display controllers and of accelerators that compute."""
_COMPUTING = {"0x10de", "0x1002"}
"""Makers of those that compute: NVIDIA and AMD."""

Seen = Literal["present", "absent", "hidden"]
"""Whether the machine has a graphics processor that computes; ``hidden`` where the system does not tell."""


@dataclass(frozen=True)
class Load:
    """How busy the machine was since it was started, in seconds of all processors together."""

    busy_s: float
    """Spent by anybody."""
    all_s: float
    """There were."""
    own_s: float
    """Spent by the work that is measured."""


def graphics_present(pci: Path = _PCI, nvidia: Path = _NVIDIA) -> Seen:
    """Return whether there is a graphics processor that computes, whether or not it can be read.

    Args:
        pci: where the system lists devices.
        nvidia: where NVIDIA's driver lists its own.
    """
    with contextlib.suppress(OSError):
        if any(nvidia.iterdir()):
            return "present"
    try:
        devices = list(pci.iterdir())
    except OSError:
        return "hidden"
    for device in devices:
        with contextlib.suppress(OSError):
            kind = (device / "class").read_text("ascii").strip()[:6]
            maker = (device / "vendor").read_text("ascii").strip()
            if kind in _DISPLAY and maker in _COMPUTING:
                return "present"
    return "absent"


def hardware() -> tuple[str, ...]:
    """Return the processors, the memory and the system, as far as the system tells."""
    found = [f"{os.cpu_count() or 'an unknown number of'} processors: {_processor()}"]
    with contextlib.suppress(OSError, ValueError, IndexError):
        kib = int(Path("/proc/meminfo").read_text("ascii").splitlines()[0].split()[1])
        found.append(f"{kib * 1024 / 1e9:.1f} GB of memory")
    system = os.uname()
    found.append(f"{system.sysname} {system.machine}{', a virtual machine' if _virtual() else ''}")
    return tuple(found)


def hardware_note() -> str:
    """Return the machine in one sentence; equal sentences tell machines of the same kind."""
    return f"Hardware: {'; '.join(hardware())}."


def processor_name() -> str | None:
    """Return the processor's name, told by the kernel; none where it does not tell."""
    with contextlib.suppress(OSError):
        for line in _CPUINFO.read_text("utf-8", "replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return " ".join(value.split())
    return None


def load_now(stat: Path = _STAT) -> Load | None:
    """Return how busy the machine is, and this process with those it started and waited for.

    Args:
        stat: where the system counts; None is returned where it does not tell.
    """
    try:
        ticks = [int(text) for text in stat.read_text("ascii").split("\n", 1)[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    if len(ticks) < _COUNTED:
        return None
    # user, nice, system, idle, iowait, irq, softirq, steal; guests are counted as users.
    whole, idle, spent = sum(ticks), ticks[3] + ticks[4], os.times()
    per_s = os.sysconf("SC_CLK_TCK")
    own = spent.user + spent.system + spent.children_user + spent.children_system
    return Load(busy_s=(whole - idle) / per_s, all_s=whole / per_s, own_s=own)


def other_load(before: Load | None, after: Load | None) -> float | None:
    """Return the share of all processors that others used in between; none where it cannot be told."""
    if before is None or after is None or after.all_s <= before.all_s:
        return None
    others = (after.busy_s - before.busy_s) - max(after.own_s - before.own_s, 0.0)
    return min(max(others / (after.all_s - before.all_s), 0.0), 1.0)


def _processor() -> str:
    """Return the processor's name, or that it is not known."""
    return processor_name() or "name not told"


def _virtual() -> bool:
    """Tell whether the kernel says that it runs on a virtual machine."""
    with contextlib.suppress(OSError):
        for line in _CPUINFO.read_text("utf-8", "replace").splitlines():
            if line.startswith("flags"):
                return "hypervisor" in line.split()
    return False
