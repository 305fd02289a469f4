"""How busy graphics processors were, and how much of their memory was in use, read beside their energy."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Graphics:
    """What the graphics processors did between a beginning and an end, all of them together."""

    busy_s: float
    """Time in which they ran anything, each counted for itself, in seconds."""
    memory_mb: float
    """Most of their memory that was in use at a reading, by whatever program, in MB."""

    def then(self, other: Graphics) -> Graphics:
        """Return both times together."""
        return Graphics(self.busy_s + other.busy_s, max(self.memory_mb, other.memory_mb))


def graphics_now(devices: Sequence[Any], passed_s: float) -> Graphics | None:
    """Return what the graphics processors did since the reading before; none where any cannot be read.

    Args:
        devices: CodeCarbon's parts of the machine.
        passed_s: seconds since the reading before.

    Source:
        NVML, nvmlDeviceGetUtilizationRates: share of a time of at most a second in which a kernel ran.
    """
    cards = [
        card
        for device in devices
        if type(device).__name__ == "GPU"
        for card in getattr(getattr(device, "devices", None), "devices", ())
    ]
    if not cards:
        return None
    try:
        share = sum(float(card._get_gpu_utilization()) for card in cards) / 100
        memory = sum(float(card._get_memory_info().used) for card in cards) / 1e6
    except Exception as error:
        # Whatever it is, energy is still read; what is not known is told as such.
        _logger.warning("graphics_load_failed kind=%s", type(error).__name__)
        return None
    return Graphics(share * passed_s, memory)
