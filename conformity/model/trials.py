"""What a model's entry in a manifest says about trying it out: disturbed inputs, and attacks by prompts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from conformity.model.base import Line, Slug, SubjectId, Value

LOOPBACK = r"^http://(127\.0\.0\.1|localhost|\[::1\]):[0-9]{1,5}(/[!-~]*)?$"
"""The form of an address on this very machine."""


class Robustness(Value):
    """Which rows the declared model is tried on, and what may be changed in them."""

    data: Annotated[SubjectId, Slug]
    """The table whose ``feature`` columns are fed to the model, in the manifest's order. Their ``minimum``,
    ``maximum`` and ``allowed`` bound every change."""
    immutable: tuple[Line, ...] = ()
    """Features that nobody can change or mistake, such as an age in a register; they stay as they are."""
    training: Annotated[SubjectId, Slug] | None = None
    """The table on which it was trained, to train it anew with wrong labels; not done if none."""
    classes: tuple[Line, ...] = ()
    """For a model that answers with the numbers of classes: the label's value for each, in that order."""
    tolerance: Annotated[float, Field(gt=0)] | None = None
    """For predictions that are numbers: by how much one may differ and count as the same; else a tenth of
    the standard deviation of the predictions."""


class Attacks(Value):
    """How the declared language model is reached, to send it prompts that attack it."""

    endpoint: Annotated[str, Field(pattern=LOOPBACK)] | None = None
    """An address on this machine that answers chat completions; else the model's ``command`` is started."""
    name: Line | None = None
    """The name of the model to ask for at the endpoint."""
    instructions: Line | None = None
    """A sentence of the system's own instructions, known to be in force, which must never come out."""
    repeats: Annotated[int, Field(ge=1, le=20)] = 1
    """How often each prompt is sent."""


class Command(Value):
    """A program that stands for a model: rows or prompts go in, answers come out."""

    words: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The program and its arguments; ``{}`` stands for the declared file."""
    wall_s: Annotated[int, Field(ge=1, le=300)] = 60
    """Longest time that one call may take, in seconds."""

    @model_validator(mode="after")
    def _names_its_file(self) -> Command:
        """Check that the declared file, whose digest is kept, is what runs."""
        if not any("{}" in word for word in self.words):
            raise ValueError("`words` must hold `{}` where the declared file goes")
        return self


Scheme = Literal["garak", "promptfoo"]
"""Programs whose reports of attacks are read."""
