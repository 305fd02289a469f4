"""The tree of errors; each carries one sentence for a person and the exit code it leads to.

ConformityError (70)
├── UsageError (2)            the command was called wrongly
│   └── ConflictError         the name is taken by a request for something else
├── InputError (3)            a manifest, data file or path is not usable
│   ├── ManifestError         the manifest does not say what it must
│   ├── PathError             a path leaves the allowed root, or nothing is there
│   ├── DataError             a data file cannot be read as what it is said to be
│   │   └── AbsentError       its place was reached, and it is not there
│   ├── ModelFileError        a model file cannot be examined or loaded
│   └── NotFoundError         there is no such run, version or finding for this caller
├── BusyError (75)            as much waits as may wait; ask again later
├── MissingLibraryError (69)  a system library or an optional package is not installed
├── IntegrityError (5)        a digest, signature or reproduction does not match
├── CatalogError (70)         our own law data is broken
├── SandboxError (70)         a worker could not be started or broke its contract
└── RenderError (70)          a document could not be made
"""

from __future__ import annotations

from typing import ClassVar


class ConformityError(Exception):
    """Base of all errors this package raises on purpose.

    Args:
        message: one sentence: what is wrong, where, and what to do.
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(ConformityError):
    """The command line, tool call or request was put wrongly."""

    exit_code = 2


class ConflictError(UsageError):
    """A name is taken: there is a run of this name that was asked for something else."""


class InputError(ConformityError):
    """Something handed in cannot be used as it is."""

    exit_code = 3


class ManifestError(InputError):
    """The manifest does not say what it must; the message names file, line, column and field."""


class PathError(InputError):
    """A path leaves the allowed root, or there is nothing usable at it."""


class DataError(InputError):
    """A data file cannot be read as the table, log or record it is declared to be."""


class AbsentError(DataError):
    """The place of a data file was reached, and there is none."""


class ModelFileError(InputError):
    """A model file cannot be examined or loaded."""


class NotFoundError(InputError):
    """There is no such run, version or finding, or none that this caller may see."""


class BusyError(ConformityError):
    """As much waits as may wait; the same request can be made again later."""

    exit_code = 75


class MissingLibraryError(ConformityError):
    """A system library or an optional package is not installed; the message says how to add it."""

    exit_code = 69


class IntegrityError(ConformityError):
    """A digest, a signature or a reproduction does not match what was recorded."""

    exit_code = 5


class CatalogError(ConformityError):
    """The law data shipped with this package contradicts itself or its schema."""


class SandboxError(ConformityError):
    """A worker process could not be started or did not keep its contract."""


class RenderError(ConformityError):
    """A document could not be made; nothing was written."""
