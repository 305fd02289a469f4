"""Count the packages that a system is built of, and those that are not fixed."""

from __future__ import annotations

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement
from conformity.model.subject import DependenciesSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.supply_chain.packages import Package
from conformity.probes.shared.supply_chain.reading import read_software

_UNIT = "packages"
_NAMED = 20


class DependenciesProbe:
    """Count packages in what was handed in."""

    def examine(self, target: Target) -> ProbeResult:
        """Return how many packages there are, and how many have no exact version or no digest.

        Raises:
            NotMeasurableError: there is no package in what was handed in.
            DataError: it is no list of packages, or cannot be read.
        """
        if not isinstance(target.subject, DependenciesSubject):
            raise DataError(
                f"{target.subject.id} is no list of packages; declare it with `kind: dependencies`"
            )
        packages = read_software(target.path).packages
        if not packages:
            raise NotMeasurableError(f"{target.subject.path} lists no package; hand in a lock file")
        open_ones = tuple(one for one in packages if one.version is None)
        bare = tuple(one for one in packages if one.version is not None and not one.digests)
        counts = {
            "dependencies": len(packages),
            "undigested_dependencies": len(bare),
            "unpinned_dependencies": len(open_ones),
        }
        subject = SubjectId(target.subject.id)
        return ProbeResult(
            measurements=tuple(
                Measurement(metric=MetricId(metric), subject=subject, result=Count(value=value, unit=_UNIT))
                for metric, value in sorted(counts.items())
            ),
            notes=tuple(
                f"{words}: {_listed(which)}."
                for words, which in (("Without an exact version", open_ones), ("Without a digest", bare))
                if which
            ),
        )


def _listed(packages: tuple[Package, ...]) -> str:
    """Return the names of some packages, printable."""
    names = [ascii(one.name)[1:-1][:80] for one in packages[:_NAMED]]
    more = f" and {len(packages) - _NAMED} more" if len(packages) > _NAMED else ""
    return ", ".join(names) + more


PROBE = DependenciesProbe()
"""The probe."""
