"""Count the packages that a system is built of, and those that are not fixed."""

from __future__ import annotations

from conformity.model.measurement import Count
from conformity.probes.interface import ProbeResult, Target
from conformity.probes.shared.supply_chain.declared import NAMED, listed, measured, software_of
from conformity.probes.shared.supply_chain.origins import told

_UNIT = "packages"


class DependenciesProbe:
    """Count packages in what was handed in."""

    def examine(self, target: Target) -> ProbeResult:
        """Return how many packages there are, and how many have no exact version or no digest.

        Raises:
            NotMeasurableError: there is no package in what was handed in.
            DataError: it is no list of packages, or cannot be read.
        """
        software = software_of(target)
        packages = software.packages
        open_ones = tuple(one for one in packages if one.version is None)
        bare = tuple(one for one in packages if one.version is not None and not one.digests)
        counts = {
            "dependencies": len(packages),
            "undigested_dependencies": len(bare),
            "unpinned_dependencies": len(open_ones),
        }
        return ProbeResult(
            measurements=measured(
                target, {metric: Count(value=value, unit=_UNIT) for metric, value in counts.items()}
            ),
            notes=(
                *(told(origin) for origin in software.origins[:NAMED]),
                *(
                    f"{words}: {listed(which)}."
                    for words, which in (("Without an exact version", open_ones), ("Without a digest", bare))
                    if which
                ),
            ),
        )


PROBE = DependenciesProbe()
"""The probe."""
