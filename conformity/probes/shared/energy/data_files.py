"""Read the versioned data on grids and on the errors of meters."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError

from conformity.errors import CatalogError
from conformity.model.base import Line, Value
from conformity.model.energy import Method, PartName

_HERE = Path(__file__).parent / "data"


class MemberState(Value):
    """The electricity of one member state in one year."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 3166-1 alpha-3 code."""
    name: Line
    """Its name."""
    g_per_kwh: Annotated[float, Field(gt=0)]
    """Average emissions, in g CO2e per kWh."""
    made_twh: Annotated[float, Field(gt=0)]
    """How much was made, in TWh."""


class MemberStates(Value):
    """The electricity of the European Union in one year."""

    version: Annotated[int, Field(ge=1)]
    """Version of the file."""
    year: int
    """The year."""
    source: Line
    """Where the figures come from."""
    states: Annotated[tuple[MemberState, ...], Field(min_length=27, max_length=27)]
    """All 27, by code."""

    @property
    def mean_g_per_kwh(self) -> float:
        """The average of the Union, each state weighted by what it made, in g CO2e per kWh."""
        made = sum(state.made_twh for state in self.states)
        return sum(state.g_per_kwh * state.made_twh for state in self.states) / made


class PartError(Value):
    """How far the figure of a part may be from the truth."""

    method: Method
    """How it was obtained."""
    part: PartName
    """Which part."""
    low: Annotated[float, Field(gt=0, le=1)]
    """The truth over the figure, at the least."""
    high: Annotated[float, Field(ge=1)]
    """The truth over the figure, at the most."""
    source: Line
    """Who says so."""


class WholeError(Value):
    """How far the sum of all parts may be from what a meter at the wall reads, at the best."""

    low: Annotated[float, Field(gt=0, le=1)]
    """The truth over the figure, at the least."""
    high: Annotated[float, Field(ge=1)]
    """The truth over the figure, at the most."""
    source: Line
    """Who says so."""


class Errors(Value):
    """All errors of meters."""

    version: Annotated[int, Field(ge=1)]
    """Version of the file."""
    parts: tuple[PartError, ...]
    """By method and part."""
    whole_machine: WholeError
    """No range of a sum is narrower."""

    def of(self, method: Method, part: PartName) -> PartError:
        """Return the error of one part."""
        return next(one for one in self.parts if (one.method, one.part) == (method, part))


_Content = TypeVar("_Content", MemberStates, Errors)


@cache
def member_states() -> MemberStates:
    """Return the electricity of the member states.

    Raises:
        CatalogError: the file does not fit.
    """
    return _read("eu_grids.yaml", MemberStates)


@cache
def errors() -> Errors:
    """Return the errors of meters.

    Raises:
        CatalogError: the file does not fit.
    """
    return _read("errors.yaml", Errors)


def _read(name: str, form: type[_Content]) -> _Content:
    """Return one of the files.

    Raises:
        CatalogError: it does not fit.
    """
    from ruamel.yaml import YAML

    try:
        return form.model_validate(YAML(typ="safe").load((_HERE / name).read_text("utf-8")))
    except ValidationError as error:
        raise CatalogError(f"{name} does not fit: {error}; restore the file of this version") from error
