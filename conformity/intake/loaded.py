"""A manifest as it was received: its values, its bytes, and the place of every field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformity.errors import ManifestError
from conformity.intake.problems import Problem, sentence
from conformity.intake.yaml_text import FieldPath, Spot, Tree
from conformity.model.manifest import Manifest

_REPORTED = 10
"""How many problems are written out at a time."""


class FieldsError(ManifestError):
    """Fields of a manifest do not fit; every problem can be had with its place.

    Args:
        message: the first problems as lines, for a person.
        problems: all of them, each with the place to which a reader is sent.
    """

    def __init__(self, message: str, problems: Iterable[tuple[Problem, Spot]]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Source:
    """Where a manifest's fields stand."""

    name: str
    """The file, as the caller named it."""
    tree: Tree
    """Its data and places."""

    def locate(self, path: FieldPath) -> str:
        """Return ``file:line:column`` of a field, or of its nearest parent that the file has."""
        spot = self.spot(path)
        return f"{self.name}:{spot.line}:{spot.column}"

    def error(self, problems: Iterable[Problem]) -> ManifestError:
        """Return one error for all problems: a line for each of the first ten, in the file's order."""
        ordered = sorted(problems, key=self._order)
        lines = [f"{self.locate(problem.path)}: {sentence(problem)}" for problem in ordered[:_REPORTED]]
        if len(ordered) > _REPORTED:
            lines.append(f"{self.name}: and {len(ordered) - _REPORTED} more problems")
        return FieldsError("\n".join(lines), [(problem, self.spot(problem.path)) for problem in ordered])

    def _order(self, problem: Problem) -> tuple[int, int]:
        """Return the line and column to which a problem points."""
        spot = self.spot(problem.path)
        return spot.line, spot.column

    def spot(self, path: FieldPath) -> Spot:
        """Return the place of a field, or of its nearest parent that the file has."""
        while path not in self.tree.spots:
            path = path[:-1]
        return self.tree.spots[path]


@dataclass(frozen=True)
class LoadedManifest:
    """A manifest that was read and understood."""

    manifest: Manifest
    """What it declares."""
    raw: bytes
    """Its bytes as received, comments and all."""
    sha256: str
    """Digest of the bytes."""
    folder: Path
    """The folder it lies in, absolute and without symbolic links; its paths are relative to it."""
    source: Source
    """Where its fields stand."""

    def locate(self, path: FieldPath) -> str:
        """Return ``file:line:column`` of a field, such as ``conformity.yaml:12:5``.

        Args:
            path: keys and list positions, such as ``("subjects", 0, "path")``; of a field that the
                file does not have, the nearest parent is located.
        """
        return self.source.locate(path)

    def error(self, problems: Iterable[Problem]) -> ManifestError:
        """Return one error that lists ``problems`` with their places, in the order of the file."""
        return self.source.error(problems)
