"""The electricity of a country, as CodeCarbon knows it: without a network, and none that it does not know."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from conformity.errors import DataError
from conformity.model.energy import Grid


def grid(country: str) -> Grid:
    """Return the average electricity of a country.

    Args:
        country: ISO 3166-1 alpha-3 code.

    Raises:
        DataError: the meter has no data for it; it would fall back to a world average in silence.
    """
    from codecarbon.input import DataSource

    known: dict[str, Any] = DataSource().get_global_energy_mix_data()  # type: ignore[no-untyped-call]
    if country not in known:
        raise DataError(
            f"there is no electricity mix for {country!r}; give the ISO 3166-1 alpha-3 code of a country, "
            "such as DEU (there is none for the European Union)"
        )
    row = known[country]
    return Grid(
        country=country,
        name=str(row["country_name"]),
        g_per_kwh=float(row["carbon_intensity"]),
        year=int(row["year"]),
        source=f"CodeCarbon {version('codecarbon')}, electricity mix by country",
    )
