"""``conformity worker``: do the runs that servers are asked for."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import data_option, examples

if TYPE_CHECKING:
    from conformity.settings import Settings


@click.command(
    short_help="Do the runs that servers are asked for.",
    epilog=examples("conformity worker --data /srv/conformity --runs 2", "conformity worker --once"),
)
@data_option
@click.option("--once", is_flag=True, help="End when nothing waits.")
@click.option(
    "--idle", type=click.FloatRange(min=0), metavar="SECONDS", help="End when so long nothing waits."
)
@click.option(
    "--runs", type=click.IntRange(min=1), help="Runs at the same time; CONFORMITY_RUNS when not given."
)
@click.option(
    "--place", type=click.IntRange(min=0), hidden=True, help="The place of a worker beside a server."
)
def worker(data: Path | None, once: bool, idle: float | None, runs: int | None, place: int | None) -> None:
    """Do the runs that servers are asked for, until it is told to stop.

    A run that it has in hand when it is told to stop is handed back, and goes on with another worker, or when
    this one is started again. What it says goes to standard error.
    """
    from conformity.settings import load_settings

    settings = load_settings()
    settings = replace(settings, data=data.absolute() if data else settings.data_folder)
    if runs is not None:
        settings = replace(settings, runs=runs)
    _work(settings, 0.0 if once else idle, place)


def _work(settings: Settings, idle_s: float | None, place: int | None) -> None:
    """Do runs, in a place if one is named, until told to stop or nothing is left to do."""
    from conformity.entry.jobs.folders import make_data_folder
    from conformity.entry.jobs.spawning import place as taken_place
    from conformity.entry.jobs.working import Worker

    make_data_folder(settings.data_folder)
    again = True
    while again:
        one = Worker(settings)
        with taken_place(settings.data_folder, place) as free:
            if free:
                with _heeding(one.stop):
                    one.work(idle_s)
        # A server that saw the place taken has left to us what came while we were leaving.
        again = place is not None and free and not one.stopped and one.left_something()


@contextmanager
def _heeding(stop: Callable[..., None]) -> Iterator[None]:
    """Heed the signals that ask to end, and tell what is done, for as long as the block lasts."""
    logger = logging.getLogger("conformity")
    level = logger.level
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        for number, handler in before.items():
            signal.signal(number, handler)
