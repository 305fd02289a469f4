"""Find the parts of this machine that CodeCarbon can read or model; nothing is written or sent."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from conformity.errors import MissingLibraryError
from conformity.probes.shared.energy.machine import processor_name

_logger = logging.getLogger(__name__)


def find_devices(country: str) -> tuple[Any, ...]:
    """Return the parts of this machine that CodeCarbon can read or model.

    Args:
        country: ISO 3166-1 alpha-3 code of a country that it knows.

    Raises:
        MissingLibraryError: it finds none.
    """
    tracker = _tracker(country)
    try:
        tracker._ensure_hardware_ready()
    except Exception as error:
        _logger.warning("energy_meter_failed kind=%s", type(error).__name__)
        raise MissingLibraryError(
            f"the energy meter could not be started on this machine ({type(error).__name__}); leave out what "
            "asks for energy, or hand in a record from elsewhere"
        ) from error
    if not tracker._hardware:
        raise MissingLibraryError(
            "the energy meter found no part of this machine to read; hand in a record from elsewhere"
        )
    return (*tracker._hardware, *_graphics(tracker._hardware))


def _graphics(found: Sequence[Any]) -> tuple[Any, ...]:
    """Return the graphics processors that CodeCarbon can read and did not look for.

    It looks only where it can start ``nvidia-smi``, which no worker may; the library may answer.
    """
    from codecarbon.core import gpu
    from codecarbon.external.hardware import GPU

    if not gpu.PYNVML_AVAILABLE or any(type(device).__name__ == "GPU" for device in found):
        return ()
    try:
        device = GPU.from_utils(None)
    except Exception as error:
        _logger.warning("graphics_processor_failed kind=%s", type(error).__name__)
        return ()
    return (device,) if device.num_gpus else ()


def meter_name() -> str:
    """Return the name and version of the library that reads."""
    return f"CodeCarbon {version('codecarbon')}"


def _tracker(country: str) -> Any:
    """Return a tracker that neither writes nor sends; the online one would take Canada's grid offline."""
    import cpuinfo
    from codecarbon import OfflineEmissionsTracker

    # It would start programs to learn the processor's name, which no worker may.
    cpuinfo.get_cpu_info = _processor

    # It writes a line before it has taken the level that it is given.
    logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
    # Everything is given here, so that no configuration file or variable can change a number.
    return OfflineEmissionsTracker(
        country_iso_code=country,
        region=None,
        cloud_provider=None,
        cloud_region=None,
        country_2letter_iso_code=None,
        output_methods=[],
        output_handlers=[],
        emissions_endpoint=None,
        electricitymaps_api_token=None,
        force_carbon_intensity_g_co2e_kwh=None,
        force_cpu_power=None,
        force_ram_power=None,
        force_mode_cpu_load=False,
        tracking_mode="machine",
        measure_power_secs=1,
        pue=1.0,
        wue=0.0,
        allow_multiple_runs=True,
        log_level=logging.CRITICAL,
    )


def _processor() -> dict[str, str]:
    """Return the processor's name as CodeCarbon asks for it; nothing where it is not known."""
    name = None
    with contextlib.suppress(OSError):
        name = processor_name()
    return {"brand_raw": name} if name else {}
