"""Hold the tallies of a pack against those that were counted in the data again, entry by entry."""

from __future__ import annotations

from collections import Counter

from conformity.errors import ConformityError
from conformity.model.evidence import Observation, TallyRef
from conformity.model.reproduction import Tallies, TallyDifference
from conformity.model.tally import Tally
from conformity.pipeline.packs import Pack
from conformity.pipeline.reproducing.from_data import OfData
from conformity.sandbox.remeasure import read_tally


def compare_tallies(pack: Pack, of_data: OfData) -> Tallies:
    """Return the tallies of a pack held against those of the data.

    Args:
        pack: with the tallies that its evidence names.
        of_data: what was counted again.
    """
    identical: set[str] = set()
    left: set[str] = set()
    differing: dict[str, TallyDifference] = {}
    for seen in pack.evidence.observations:
        again = of_data.seen.get(seen.step)
        for at, recorded in enumerate(seen.tallies):
            now = again.tallies[at] if again is not None and len(again.tallies) > at else None
            if now is None:
                left.add(recorded.sha256)
            elif now.sha256 == recorded.sha256:
                identical.add(recorded.sha256)
            else:
                differing.setdefault(
                    recorded.sha256, _difference(pack, seen, recorded, of_data.tallies[now.sha256])
                )
    return Tallies(
        identical=len(identical - differing.keys()),
        not_recomputed=len(left - identical - differing.keys()),
        differing=tuple(differing.values()),
    )


def _difference(pack: Pack, seen: Observation, recorded: TallyRef, now: Tally) -> TallyDifference:
    """Return how a tally of the pack differs from the one counted now."""
    return TallyDifference(
        step=seen.step,
        name=recorded.name,
        recorded=recorded.entries,
        now=len(now.entries),
        differing=_apart(pack, recorded, now),
    )


def _apart(pack: Pack, recorded: TallyRef, now: Tally) -> int | None:
    """Return how many entries only one of two tallies has; None where that of the pack cannot be read."""
    try:
        then = Counter(read_tally(pack.folder / "tallies", recorded.sha256).entries)
    except (FileNotFoundError, ConformityError):
        return None
    counted = Counter(now.entries)
    return (then - counted).total() + (counted - then).total()
