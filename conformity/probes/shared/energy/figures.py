"""Figures of energy and carbon, each with the way in which it was obtained."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement, NotAvailable, Obtained, Result, Scalar
from conformity.probes.shared.energy.data_files import member_states
from conformity.probes.shared.energy.footing import Footing, Span, declared, median_interval

_KWH, _G, _KG = "kWh", "g", "kg"


def sorted_measurements(
    subject: SubjectId, found: Sequence[tuple[str, str, str, Result]]
) -> tuple[Measurement, ...]:
    """Return measurements, sorted by metric, attribute and group.

    Args:
        subject: what they are of.
        found: metric, what forms groups, the group, and the result; the middle two empty for the whole.
    """
    made = [
        Measurement(
            metric=MetricId(metric),
            subject=subject,
            by=(by,) if by else (),
            group=(group,) if group else (),
            result=result,
        )
        for metric, by, group, result in found
    ]
    return tuple(sorted(made, key=lambda one: (one.metric, one.by, _order(one.group))))


def _order(group: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    """Return what groups are ordered by: numbers by value, then words."""
    return tuple((float(text), "") if text.isdecimal() else (float("inf"), text) for text in group)


def repeated(values: Sequence[float], unit: str, obtained: Obtained) -> Scalar:
    """Return the median of readings with its interval; its cases are the repeats, not the rows."""
    return Scalar(
        value=statistics.median(values),
        unit=unit,
        n=len(values),
        interval=median_interval(values),
        obtained=obtained,
    )


def energy_results(footing: Footing, prefix: str) -> list[tuple[str, str, str, Result]]:
    """Return energy and emissions, energy by part, and for predictions the figures per year.

    Args:
        footing: what was read.
        prefix: what the metrics' names begin with.
    """
    found: list[tuple[str, str, str, Result]] = [
        (f"{prefix}_energy_kwh{footing.suffix}", "", "", spanned(footing, footing.energy, _KWH)),
        (f"{prefix}_emissions_g{footing.suffix}", "", "", spanned(footing, footing.carbon, _G)),
        *(
            (
                f"{prefix}_part_energy_kwh{footing.suffix}",
                "part",
                part.name,
                # Each part alone is what it is: one of them may be measured where the sum is not.
                spanned(footing, footing.part_energy(place), _KWH).model_copy(
                    update={"obtained": "measured" if part.method == "measured" else "modelled"}
                ),
            )
            for place, part in enumerate(footing.parts)
        ),
        *(_per_year(footing, prefix) if footing.per > 1 else ()),
    ]
    return without_energy(footing, found)


def without_energy(
    footing: Footing, found: list[tuple[str, str, str, Result]]
) -> list[tuple[str, str, str, Result]]:
    """Return results as they are, or each with the reason why there is no energy where a part gave none."""
    silent = footing.silent
    if silent is None:
        return found
    return [(metric, "", "", silent) for metric in dict.fromkeys(metric for metric, *_ in found)]


def _per_year(footing: Footing, prefix: str) -> list[tuple[str, str, str, Result]]:
    """Return energy and emissions per year, between the ends that everything declared allows."""
    volume = footing.footprint.uses_per_year
    names = (f"{prefix}_year_energy_kwh", f"{prefix}_year_emissions_kg")
    if volume is None:
        missing = undeclared("uses_per_year", "how many predictions are made in a year")
        return [(name, "", "", missing) for name in names]
    thousands = declared(volume, 0.0).scaled(1e-3)
    energy = footing.energy.times(footing.overhead).times(thousands)
    carbon = footing.carbon.times(thousands).scaled(1e-3)
    return [
        (names[0], "", "", spanned(footing, energy, _KWH)),
        (names[1], "", "", spanned(footing, carbon, _KG)),
    ]


def spanned(footing: Footing, span: Span, unit: str) -> Scalar:
    """Return a figure with the ends that scatter, error and declared ranges allow."""
    return Scalar(
        value=span.value,
        unit=unit,
        n=len(footing.repeats),
        interval=footing.interval_of(span),
        obtained=footing.obtained,
    )


def settling(footing: Footing, span: Span, unit: str) -> Result:
    """Return a figure on which a budget may rest; none where any part of it is modelled.

    The error of an assumed power is not known, so that a modelled figure has no ends and settles nothing.
    """
    if footing.obtained == "measured":
        return spanned(footing, span, unit)
    reason = "not every part was read from a sensor, and the error of an assumed power is not known"
    return NotAvailable(why="undefined", reason=reason, n=len(footing.repeats))


def use_results(footing: Footing) -> list[tuple[str, str, str, Result]]:
    """Return what follows from energy: carbon elsewhere, the SCI score, water, the change."""
    footprint, energy = footing.footprint, footing.energy
    results: list[tuple[str, str, str, Result]] = [
        *elsewhere_results(footing, "inference"),
        ("inference_sci_g_per_1000", "", "", _sci(footing)),
    ]
    if footprint.water_l_per_kwh is not None:
        water = energy.times(declared(footprint.water_l_per_kwh, 0.0))
        results.append(("inference_water_l_per_1000", "", "", spanned(footing, water, "l")))
    if footprint.previous_kwh_per_1000 is not None:
        results.append(("inference_energy_change", "", "", _change(footing)))
    return without_energy(footing, results)


def elsewhere_results(footing: Footing, prefix: str) -> list[tuple[str, str, str, Result]]:
    """Return the emissions of the same energy on the Union's average grid and on those at its ends."""
    computers = footing.energy.times(footing.overhead)
    return [
        (f"{prefix}_elsewhere_g{footing.suffix}", "grid", name, spanned(footing, computers.scaled(grid), _G))
        for name, grid in _elsewhere()
    ]


def _elsewhere() -> tuple[tuple[str, float], ...]:
    """Return the Union's average and its ends, each with its intensity in g CO2e per kWh."""
    union = member_states()
    ordered = sorted(union.states, key=lambda state: state.g_per_kwh)
    return (
        ("EU-27, average", union.mean_g_per_kwh),
        (f"{ordered[-1].name}, highest", ordered[-1].g_per_kwh),
        (f"{ordered[0].name}, lowest", ordered[0].g_per_kwh),
    )


def _sci(footing: Footing) -> Result:
    """Return the Software Carbon Intensity, (E x I + M) / R, for R = 1,000 predictions.

    Source:
        ISO/IEC 21031:2024, clause on the calculation of the SCI score.
    """
    embodied = footing.footprint.embodied_g_per_1000
    if embodied is None:
        return undeclared(
            "embodied_g_per_1000", "which share of the making of the hardware 1,000 predictions bear"
        )
    return spanned(footing, footing.carbon.plus(declared(embodied, 0.0)), _G)


def _change(footing: Footing) -> Result:
    """Return energy per 1,000 predictions over that of the version before; not measured in all its terms."""
    before = declared(footing.footprint.previous_kwh_per_1000, 0.0)
    if before.low <= 0:
        return NotAvailable(
            why="undefined",
            reason="the energy declared for the version before may be nothing",
            n=len(footing.repeats),
        )
    energy = footing.energy
    span = Span(energy.value / before.value, energy.low / before.high, energy.high / before.low)
    obtained: Obtained = "modelled" if footing.obtained == "modelled" else "partly modelled"
    return spanned(footing, span, "1").model_copy(update={"obtained": obtained})


def undeclared(field: str, what: str) -> NotAvailable:
    """Return that something was not declared; it is never taken to be nothing."""
    return NotAvailable(why="not_collected", reason=f"the manifest does not say {what} (`footprint.{field}`)")
