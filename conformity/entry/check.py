"""``conformity check``: whether manifests can be assessed, without measuring anything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import PATH, examples, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_json

if TYPE_CHECKING:
    from conformity.model.checking import ManifestCheck

_BAD_INPUT = 3


@click.command(
    short_help="Check manifests without measuring anything.",
    epilog=examples("conformity check conformity.yaml", "conformity check */conformity.yaml --strict"),
)
@click.argument("manifests", metavar="MANIFEST...", nargs=-1, required=True, type=PATH)
@click.option("--strict", is_flag=True, help="Fail also on what is not said yet; exit code 4.")
@json_option
def check(manifests: tuple[Path, ...], strict: bool, as_json: bool) -> None:
    """Say what is wrong with each MANIFEST, and what only a person can say. Exit code 3 if any is wrong."""
    from conformity.pipeline.checking import check_manifest
    from conformity.settings import load_settings

    settings = load_settings()
    found = [check_manifest(manifest, settings) for manifest in manifests]
    if as_json:
        print_json(found)
    else:
        for one in found:
            _print(one)
    if not all(one.usable for one in found):
        sys.exit(_BAD_INPUT)
    if strict and any(one.missing_information for one in found):
        sys.exit(4)


def _print(found: ManifestCheck) -> None:
    """Print what is wrong with a manifest, a line each with its place, then what is not said."""
    name = plain(found.name)
    for problem in found.errors:
        at = f"{name}:{problem.line}:{problem.column}" if problem.line else name
        what = f"{problem.field}: {problem.message}" if problem.field else problem.message
        click.echo(f"{at}: {plain(what)}; {plain(problem.fix)}")
    for missing in found.missing_information:
        told = f"{missing.field} ({missing.article}): {missing.question} Such as: {missing.example}"
        click.echo(f"{name}: not said: {plain(told)}")
    if found.usable:
        left = len(found.missing_information)
        said = f"; {left} {'thing is' if left == 1 else 'things are'} not said yet" if left else ""
        click.echo(f"{name}: {plain(found.system or '')}: can be assessed{said}")
