"""What to do next: steps that many requirements share are printed once and referred to."""

from __future__ import annotations

from dataclasses import dataclass

from conformity.model.finding import Finding
from conformity.render.views.context import Context, Link

_HAND_IN = "Hand in: "
"""How the judge begins a step that names something to hand in."""


@dataclass(frozen=True)
class SharedAction:
    """A step that many findings name."""

    anchor: str
    """Its place."""
    label: str
    """Its short name."""
    text: str
    """The step."""
    n: str
    """How many findings name it, in words."""


@dataclass(frozen=True)
class Actions:
    """What a finding asks for."""

    own: tuple[str, ...]
    """Steps that few other findings name."""
    hand_in: tuple[str, ...]
    """Things to hand in that few other findings name, as the catalogue names them."""
    shared: tuple[Link, ...]
    """Steps that are printed in the list of shared steps."""


def shared_actions(context: Context) -> tuple[SharedAction, ...]:
    """Return the steps that many findings name, most frequent first."""
    return tuple(
        SharedAction(f"s-{number}", _label(context, number), text, context.plural("open", "for", n))
        for number, (text, n) in enumerate(context.shared_steps.items(), start=1)
    )


def actions(context: Context, finding: Finding) -> Actions:
    """Return what a finding asks for, its own steps apart from those it shares.

    A step that stands in the reason word for word is left out: it is printed beside it.
    """
    numbers = {text: number for number, text in enumerate(context.shared_steps, start=1)}
    own = [text for text in finding.to_do if text not in numbers and text not in finding.reason]
    return Actions(
        own=tuple(text for text in own if not text.startswith(_HAND_IN)),
        hand_in=tuple(
            text.removeprefix(_HAND_IN).removesuffix(".") for text in own if text.startswith(_HAND_IN)
        ),
        shared=tuple(
            Link(_label(context, numbers[text]), f"s-{numbers[text]}")
            for text in finding.to_do
            if text in numbers
        ),
    )


def _label(context: Context, number: int) -> str:
    """Return the short name of a shared step."""
    return str(context.words["open"]["shared_label"]).format(number=number)
