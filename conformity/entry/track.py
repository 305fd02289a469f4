"""``conformity track`` and ``conformity.track_energy``: the energy of a command, or of a piece of Python."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from contextlib import ContextDecorator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import PATH, examples

if TYPE_CHECKING:
    from types import TracebackType

    from conformity.model.energy import EnergyRecord
    from conformity.pipeline.tracking import Kept, Tracker


@click.command(
    short_help="Energy and carbon of a command.",
    context_settings={"ignore_unknown_options": True},
    epilog=examples("conformity track --country DEU -- python train.py"),
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- CMD...")
@click.option(
    "--country", required=True, metavar="CODE", help="Whose grid powers the machine: ISO 3166-1 alpha-3."
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Folder for the record; nothing is written if none.",
)
@click.option(
    "--interval",
    type=click.FloatRange(min=0.05, max=60),
    default=1.0,
    show_default=True,
    help="Seconds between two readings.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON when CMD has ended.")
def track(
    command: tuple[str, ...], country: str, output: Path | None, interval: float, as_json: bool
) -> None:
    """Run CMD and tell the energy that the machine used meanwhile, and its carbon.

    CMD has the input and the output of this program; the result is printed on standard error. The exit code
    is that of CMD.
    """
    from conformity.entry.clock import now
    from conformity.pipeline.tracking import Asked, track_command
    from conformity.settings import load_settings

    asked = Asked(country=country, output=output, interval_s=interval, root=load_settings().root)
    kept = track_command(command, asked, now(), secrets.token_hex(16))
    if as_json:
        from conformity.entry.terminal import print_json

        print_json(kept.record)
    else:
        for line in told(kept):
            click.echo(line, err=True)
    sys.exit(kept.record.exit_code or 0)


def told(kept: Kept) -> tuple[str, ...]:
    """Return a record in lines for people; every figure of energy with the way in which it was obtained."""
    from conformity.entry.plain import plain

    record = kept.record
    seconds = f"{record.duration_s:.3g} s, {record.samples} readings every {record.interval_s:g} s"
    lines = [
        f"Energy  {record.energy_kwh:.4g} kWh, {record.obtained}",
        *(f"  {part.name:<10}{part.energy_kwh:.4g} kWh, {part.method}: {part.how}" for part in record.parts),
        f"Carbon  {record.emissions_g:.4g} g CO2e, {record.obtained}; {record.grid.name} "
        f"{record.grid.g_per_kwh:g} g per kWh, {record.grid.year}",
        f"Time    {seconds}, covering {record.covered:.0%}",
        "The idle machine's power is part of it.",
    ]
    if record.other_load is not None:
        lines.append(f"Other programs used {record.other_load:.0%} of the processors meanwhile.")
    lines.extend(f"Gap: {gap}" for gap in record.gaps)
    if kept.path is not None:
        lines.append(f"Record: {kept.path}")
    return tuple(plain(line) for line in lines)


class TrackedEnergy(ContextDecorator):
    """Tracks the energy of what runs inside ``with``, or of each call of the function that it decorates."""

    def __init__(
        self,
        country: str,
        output: Path | None,
        name: str,
        interval_s: float,
        then: Callable[[EnergyRecord], None] | None,
    ) -> None:
        """Keep how to track; see :func:`track_energy`."""
        self._how = (country, output, name, interval_s, then)
        self._tracker: Tracker | None = None
        self.record: EnergyRecord | None = None
        """The record, when the work has ended."""

    def _recreate_cm(self) -> TrackedEnergy:
        """Return a tracker for one call of a decorated function."""
        return TrackedEnergy(*self._how)

    def __enter__(self) -> TrackedEnergy:
        """Begin to read, and return what will hold the record."""
        from conformity.entry.clock import now
        from conformity.pipeline.tracking import Asked, Tracker
        from conformity.settings import load_settings

        country, output, name, interval_s, _ = self._how
        asked = Asked(country=country, output=output, interval_s=interval_s, root=load_settings().root)
        self._tracker = Tracker(asked, name, (), moment=now(), run=secrets.token_hex(16))
        self._tracker.begin()
        self._tracker.keep_begun()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading and keep the record; an error of the work is passed on."""
        assert self._tracker is not None
        self.record = self._tracker.end(None, complete=kind is None).record
        then = self._how[-1]
        if then is not None:
            then(self.record)


def track_energy(
    country: str,
    *,
    output: Path | str | None = None,
    name: str = "python",
    interval_s: float = 1.0,
    then: Callable[[EnergyRecord], None] | None = None,
) -> TrackedEnergy:
    """Return a context manager, which is a decorator too, that tracks the energy of what runs inside.

    Args:
        country: ISO 3166-1 alpha-3 code of the country whose grid powers the machine.
        output: folder for the record; nothing is written when there is none.
        name: what the work is called in the record.
        interval_s: seconds between two readings.
        then: called with each record, such as that of each call of a decorated function.
    """
    return TrackedEnergy(country, None if output is None else Path(output), name, interval_s, then)
