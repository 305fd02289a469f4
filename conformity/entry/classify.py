"""``conformity classify``: what kind of system it is, which procedure follows, and from when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.clock import day, now
from conformity.entry.options import PATH, as_of_option, examples, json_option
from conformity.entry.terminal import print_result, wrap

if TYPE_CHECKING:
    from conformity.model.classification import Classification


@click.command(
    short_help="What kind of system, which procedure, from when.",
    epilog=examples(
        "conformity classify conformity.yaml --as-of 2027-12-02",
    ),
)
@click.argument("manifest", type=PATH)
@as_of_option("The day whose law applies")
@json_option
def classify(manifest: Path, as_of: str | None, as_json: bool) -> None:
    """Tell what kind of system MANIFEST describes, which procedure follows, and from when."""
    from conformity.pipeline.knowing import classify_system
    from conformity.settings import load_settings

    result = classify_system(manifest, day(as_of, now()), load_settings())
    print_result(result, _print, as_json=as_json)


def _print(result: Classification) -> None:
    """Print every step of the decision procedure, the outcome, and the route."""
    for number, step in enumerate(result.steps, 1):
        click.echo(f"{number:2d}. {click.style(step.answer, bold=True)}  {step.text.strip()}  [{step.ref}]")
        if step.because:
            click.echo(wrap(f"because: {step.because}", "      "))
        click.echo(wrap(f"→ {step.consequence}", "      "))
    click.echo()
    click.echo(click.style(wrap(result.summary), bold=True))
    click.echo(wrap(f"Procedure: {result.route.procedure} [{result.route.ref}]. {result.route.reason}"))
    if result.high_risk_from:
        click.echo(f"Duties for high-risk systems apply to it from {result.high_risk_from}.")
    for text in result.also:
        click.echo(wrap(f"Also: {text}"))
    for text in result.missing:
        click.echo(wrap(f"Missing: {text}"))
