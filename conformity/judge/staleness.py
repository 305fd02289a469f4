"""Evidence that is too old, or whose subject has changed since: it no longer supports that anything is met.

It can still show that a bound is missed, or that a requirement is denied: staleness takes ``met`` away and
nothing else, so that evidence never looks better for being older.

Source:
    Art. 11(1): documentation is kept up to date; Art. 17(1)(d): tests with the frequency with which they are
    carried out. The Act sets no age: limits are the provider's own (`age_limits`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from conformity.model.base import Sha256
from conformity.model.evidence import Evidence
from conformity.model.finding import CriterionJudgement, Declared
from conformity.model.manifest import Criterion, Exhibit, Manifest
from conformity.model.subject import Subject

_STALE = "The evidence is stale and no longer supports that this is met."
_MEASURE = "Measure again on what is current."
_RENEW = "Renew the document and have it signed again."

Stale = Mapping[str, str]
"""Why evidence no longer holds, in a sentence or two, by the id of its subject or exhibit."""


def stale(
    manifest: Manifest, evidence: Evidence, today: date, now: Mapping[str, Sha256] | None = None
) -> Stale:
    """Return which subjects and exhibits no longer hold as evidence, each with the reason.

    Args:
        manifest: with age limits, and what things were made with.
        evidence: with the digests that were found.
        today: the day of the judgement.
        now: digests of the files as they are now, where they were looked at again since.
    """
    found = {str(record.id): record.sha256 for record in evidence.subjects}
    current = {**found, **(now or {})}
    reasons = {}
    for thing in (*manifest.subjects, *manifest.exhibits):
        whys = [
            *_changed(thing, found, current),
            *_made_with_another(thing, current),
            *_too_old(thing, manifest, evidence, today),
        ]
        if whys:
            reasons[str(thing.id)] = " ".join(whys)
    return reasons


def _changed(
    thing: Subject | Exhibit, found: Mapping[str, Sha256 | None], current: Mapping[str, Sha256 | None]
) -> list[str]:
    """Return that the file is no longer the one that was measured."""
    name = str(thing.id)
    if found.get(name) == current.get(name):
        return []
    return [f"{name} has changed since it was measured; it now is {current[name]}."]


def _made_with_another(thing: Subject | Exhibit, current: Mapping[str, Sha256 | None]) -> list[str]:
    """Return what it was made with that is another one now, or is not there to tell."""
    whys = []
    for other in thing.made_with:
        digest = current.get(other.id)
        if digest is None:
            whys.append(f"{thing.id} was made with {other.id}, which was not found to be the same.")
        elif digest != other.sha256:
            whys.append(
                f"{thing.id} was made with another {other.id} than the one declared now: that was "
                f"{other.sha256}, this is {digest}."
            )
    return whys


def _too_old(thing: Subject | Exhibit, manifest: Manifest, evidence: Evidence, today: date) -> list[str]:
    """Return that it is older than the shortest limit on it, or that nothing tells its age."""
    days = [limit.days for limit in manifest.age_limits if not limit.of or thing.id in limit.of]
    if not days:
        return []
    day = thing.dated if isinstance(thing, Exhibit) else thing.produced_on
    if day is None:
        return [
            f"Nothing tells how old {thing.id} is, and it counts as too old (`age_limits`): declare the day "
            "(`produced_on`)."
        ]
    # What was measured before the day it is said to be of is as old as the measurement.
    day = min(day, evidence.collected_at.date())
    if (today - day).days <= min(days):
        return []
    return [f"{thing.id} is of {day}, and evidence of over {min(days)} days does not count (`age_limits`)."]


def still_met(judgement: CriterionJudgement, criterion: Criterion, old: Stale) -> CriterionJudgement:
    """Return the judgement on a criterion; kept on stale evidence it is undetermined.

    Args:
        judgement: as it was judged.
        criterion: the bound.
        old: what no longer holds.
    """
    names = (str(criterion.subject), str(criterion.claimed_in))
    whys = [old[name] for name in names if name in old]
    if judgement.verdict != "met" or not whys:
        return judgement
    reason = " ".join([_STALE, *whys, _MEASURE, judgement.reason])
    return judgement.model_copy(update={"verdict": "undetermined", "reason": reason})


def still_signed(declared: Declared, manifest: Manifest, old: Stale) -> Declared:
    """Return what was signed for; confirmed over stale exhibits alone it is undetermined.

    Args:
        declared: as it was judged.
        manifest: with the sign-offs.
        old: what no longer holds.
    """
    if declared.verdict != "met":
        return declared
    counted = [one for one in manifest.sign_offs if one.id in declared.sign_offs]
    stale_seals = [[str(seal.exhibit) for seal in one.over if seal.exhibit in old] for one in counted]
    if not all(stale_seals):
        return declared
    names = dict.fromkeys(name for names in stale_seals for name in names)
    reason = " ".join([_STALE, *(old[name] for name in names), _RENEW, declared.reason])
    return declared.model_copy(update={"verdict": "undetermined", "reason": reason})
