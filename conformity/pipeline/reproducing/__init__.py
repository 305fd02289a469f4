"""Reproduce: a pack's numbers, verdicts and documents computed again by somebody who need not trust it.

From the sealed tallies alone every number of every table follows, and from these every verdict; with the data
the tallies follow too. What is recomputed is held against the record, item by item; what cannot be recomputed
is counted as such and never as a success.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from conformity import __version__
from conformity.errors import IntegrityError
from conformity.measure import Progress
from conformity.model.base import StepId
from conformity.model.evidence import Observation
from conformity.model.reproduction import DocumentAgain, Reproduction, Tallies
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.rejudging import check_judged
from conformity.pipeline.reproducing.documents import documents_again
from conformity.pipeline.reproducing.from_data import OfData, data_folder, from_data
from conformity.pipeline.reproducing.from_tallies import Again, from_tallies
from conformity.pipeline.reproducing.outcomes import (
    Compared,
    Computed,
    compare_verdicts,
    items_of,
    verdicts_again,
)
from conformity.pipeline.reproducing.tallies import compare_tallies
from conformity.probes.registry import probe_specs
from conformity.sandbox.choose import choose
from conformity.settings import Settings


def reproduce(
    pack: Path,
    data: Path | None,
    settings: Settings,
    on_progress: Progress,
    *,
    documents: bool = True,
    run_models: bool = False,
) -> Reproduction:
    """Return what comes of computing a pack again.

    Args:
        pack: the folder that an assessment wrote.
        data: the folder that its manifest lay in, with the data; None to compute from the tallies alone.
        settings: limits, and what counts in tables.
        on_progress: told of every step done.
        documents: whether the documents are rendered again too.
        run_models: whether models and programs that the pack names are run again; they are not trusted.

    Raises:
        PathError: there is no pack, or no such folder.
        IntegrityError: a record of the pack is not the one whose digest it lists.
        ConformityError: the pack cannot be read, or the engine is not there.
    """
    found = read_pack(pack, settings)
    place = None if data is None else data_folder(data, settings)
    sandbox = choose(settings)
    of_tallies = from_tallies(found, sandbox.run, on_progress)
    of_data = (
        None
        if place is None
        else from_data(found, place, settings, sandbox, on_progress, run_models=run_models)
    )
    rendered = documents_again(found, on_progress) if documents else ()
    return _concluded(found, of_tallies, of_data, settings, rendered)


def _concluded(
    pack: Pack,
    of_tallies: Again,
    of_data: OfData | None,
    settings: Settings,
    rendered: tuple[DocumentAgain, ...],
) -> Reproduction:
    """Return the whole, from what was computed."""
    compared = [_compared(one, of_tallies, of_data) for one in pack.evidence.observations]
    latest: dict[StepId, Observation] = {
        one.recorded.step: one.again[-1].seen for one in compared if one.again
    }
    now = verdicts_again(pack, latest)
    items = items_of(
        pack,
        compared,
        now,
        {spec.id: spec.version for spec in probe_specs()},
        of_tallies.names,
        same_tool=pack.assessment.tool == f"conformity {__version__}",
    )
    return Reproduction(
        pack=str(pack.folder)[-500:],
        assessment_sha256=pack.assessment_sha256,
        made_by=pack.assessment.tool,
        tool=f"conformity {__version__}",
        source="tallies" if of_data is None else "data",
        engine=settings.engine if of_data is not None else None,
        subjects=of_data.subjects if of_data else (),
        items=items,
        tallies=compare_tallies(pack, of_data) if of_data else Tallies(),
        verdicts=compare_verdicts(pack, now, _not_following(pack)),
        documents=rendered,
    )


def _compared(recorded: Observation, of_tallies: Again, of_data: OfData | None) -> Compared:
    """Return one evidence item with everything that was computed of it, the data last."""
    step, again = recorded.step, []
    if step in of_tallies.seen:
        source: Literal["plan", "tallies"] = "tallies" if recorded.tallies else "plan"
        again.append(Computed(of_tallies.seen[step], source))
    if of_data is not None and step in of_data.seen:
        again.append(Computed(of_data.seen[step], "data"))
    if again:
        return Compared(recorded, tuple(again))
    why = of_data.withheld.get(step) if of_data else None
    return Compared(recorded, withheld=why or of_tallies.withheld.get(step) or _UNPLANNED)


_UNPLANNED = "The plan of the pack has no such step."


def _not_following(pack: Pack) -> str | None:
    """Return why the findings of a pack do not follow from its own records, or None when they do."""
    try:
        check_judged(pack)
    except IntegrityError as error:
        return error.message[:500]
    return None
