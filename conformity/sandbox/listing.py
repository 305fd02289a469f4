"""Read a list of packages in a worker: its parsers meet text that anybody may have written."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import ValidationError

from conformity.errors import ConformityError
from conformity.probes.shared.supply_chain.advisories import Vulnerability, merged, vulnerabilities
from conformity.probes.shared.supply_chain.packages import Package
from conformity.probes.shared.supply_chain.reading import read_software
from conformity.sandbox.interface import Failed, Listed, ListedPackage, ListedVulnerability

_logger = logging.getLogger(__name__)


def list_software(path: Path) -> Listed | Failed:
    """Return which packages a lock file or folder lists, and what its advisories say of them.

    Args:
        path: a lock file, or a folder of lists and advisories.
    """
    try:
        return _listed(path)
    except ConformityError as error:
        return Failed(reason=error.message)
    except ValidationError:
        return Failed(
            reason=f"{path.name} names a package or advisory that cannot be printed; hand in the file as it "
            "was made"
        )
    except MemoryError:
        raise
    except Exception as error:
        # Its text stays here, since it may quote the file.
        _logger.error("listing_failed", exc_info=error)
        return Failed(
            reason=f"reading {path.name} failed inside ({type(error).__name__}); hand in another kind of list"
        )


def as_package(one: ListedPackage) -> Package:
    """Return a package as the rest of the software knows it."""
    return Package(one.ecosystem, one.name, one.version, one.digests)


def as_vulnerability(one: ListedVulnerability) -> Vulnerability:
    """Return a vulnerability as the rest of the software knows it."""
    return Vulnerability(
        package=as_package(one.package), id=one.id, severity=one.severity, decided=one.decided
    )


def _listed(path: Path) -> Listed:
    """Read the files.

    Raises:
        DataError: one cannot be read, or is no list.
        ValidationError: a name cannot be printed, or is far too long.
    """
    found = read_software(path)
    known = merged([*vulnerabilities(found.packages, found.advisories), *found.reported])
    return Listed(
        packages=tuple(
            ListedPackage(ecosystem=one.ecosystem, name=one.name, version=one.version, digests=one.digests)
            for one in found.packages
        ),
        vulnerabilities=tuple(
            ListedVulnerability(
                package=ListedPackage(
                    ecosystem=one.package.ecosystem, name=one.package.name, version=one.package.version
                ),
                id=one.id,
                severity=one.severity,
                decided=one.decided,
            )
            for one in known
        ),
    )
