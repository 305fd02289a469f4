"""From pattern counts to what a column holds, and how surely: the same decision wherever it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from conformity.engines.chance import LEAST_LISTED, MAJORITY, listed, standing
from conformity.engines.matches import Confidence, Identified, Match, entries_of
from conformity.engines.patterns import pattern
from conformity.model.tally import Tally

_SUREST_FIRST: tuple[Confidence, ...] = ("confirmed", "likely", "possible")

_VARIOUS = 5
"""How many different values a column has at least whose values alone settle nothing."""
_MOST = 0.8
"""The share of those values that must have the form."""
_LISTED_VARIOUS = 10
"""How many different values there are at least where only lists tell what they are."""
_LISTED_MANY = 0.25
"""The share of them that lists must know; they hold frequent names only."""
_NEARLY = 0.9
"""Patterns that pass on at least this share of what the best one passes on cannot be told apart."""


def identified(tally: Tally) -> list[Identified]:
    """Return what each column holds, sorted by column; a column may hold several kinds inside text."""
    found: list[Identified] = []
    for _, group in groupby(entries_of(tally), key=lambda match: match.column):
        entries = list(group)
        own = _own([match for match in entries if not match.detector])
        found += _merged(own, [match for match in entries if match.detector])
    return found


def _own(matches: Sequence[Match]) -> list[Identified]:
    """Return what one column holds, by the patterns of this package."""
    rivals = max(1, sum(1 for match in matches if match.kind.chance is not None))
    whole = _settled(_agreed([one for match in matches for one in _whole(match, rivals)]))
    told = {kind for one in whole for kind in one.kinds}
    return whole + [
        one
        for match in matches
        if match.kind.stands_for not in told
        for one in _inside(match, rivals, bool(whole))
    ]


def _merged(own: Sequence[Identified], seen: Sequence[Match]) -> list[Identified]:
    """Return what a column holds, with what further detectors saw in it.

    What both tell is labelled with the detector. What only a detector sees is possible, and left out where
    the cells are known as a whole, or where it sees a single case or no more than chance gives.
    """
    found = list(own)
    for match in seen:
        same = [at for at, one in enumerate(found) if match.kind.name in one.kinds]
        for at in same:
            found[at] = replace(found[at], detectors=(*found[at].detectors, match.detector))
        known = any(not one.inside for one in own)
        if not same and not known and _seen_often(match):
            about = _about(match, "possible", inside=True)
            found.append(replace(about, detectors=(match.detector,), own=False))
    return found


def _seen_often(match: Match) -> bool:
    """Return whether a detector saw a kind in more different values than a single case or chance gives."""
    if match.kind.chance is None:
        return match.parts_verified >= LEAST_LISTED
    return listed(match.parts_tested, match.parts_verified, match.kind.chance)


def _whole(match: Match, rivals: int) -> Iterator[Identified]:
    """Yield what the cells of a column are, if they have the form as a whole."""
    if match.kind.listed:
        yield from _listed_whole(match)
        return
    known = standing(match.tested, match.verified, match.kind.chance, rivals)
    if known == "dismissed":
        return
    most = match.tested >= _MOST * match.drawn
    confidence: Confidence
    if not match.kind.alone:
        if not (match.named or _tells_by_itself(match)) or not most:
            return
        confidence = "likely" if match.named and match.drawn >= _VARIOUS else "possible"
        if confidence == "likely" and known == "confirmed" and match.kind.chance is not None:
            confidence = "confirmed"
    elif known == "undecided":
        confidence = "likely" if match.named else "possible"
    else:
        confidence = "confirmed"
    yield _about(match, confidence, inside=False)


def _listed_whole(match: Match) -> Iterator[Identified]:
    """Yield that lists know the cells of a column: likely if they know most, possible if they know many.

    What the column's name denies is a step less sure.
    """
    various = match.drawn >= _LISTED_VARIOUS and match.tested >= _MOST * match.drawn
    if not match.matching or not various:
        return
    share = match.verified / match.tested
    steps = (share >= MAJORITY) + (share >= _LISTED_MANY) - match.kind.denied_by(match.column)
    if steps > 0:
        yield _about(match, "likely" if steps == 2 else "possible", inside=False)


def _agreed(found: Sequence[Identified]) -> list[Identified]:
    """Return one result for each kind: confirmed where the column's name and the lists agree on it."""
    kept: dict[tuple[str, ...], Identified] = {}
    for one in found:
        other = kept.setdefault(one.kinds, one)
        if other is not one:
            both = {one.confidence, other.confidence} == {"likely"}
            # Lists hold frequent names only; what the column's name says is counted in full.
            surer = min(other, one, key=lambda each: (_SUREST_FIRST.index(each.confidence), -each.share))
            kept[one.kinds] = replace(surer, confidence="confirmed") if both else surer
    return list(kept.values())


def _tells_by_itself(match: Match) -> bool:
    """Return whether the values hint at the kind although the column's name does not."""
    return match.pattern == "birth_date" and match.drawn >= _VARIOUS


def _inside(match: Match, rivals: int, known: bool) -> Iterator[Identified]:
    """Yield what stands inside the texts of a column; not of one whose cells are known as a whole."""
    if known:
        return
    if match.kind.listed:
        if match.containing:
            many = match.parts_verified >= _LISTED_VARIOUS
            yield _about(match, "likely" if many else "possible", inside=True)
        return
    found = standing(match.parts_tested, match.parts_verified, match.kind.chance, rivals)
    if found == "dismissed":
        return
    yield _about(match, "confirmed" if found == "confirmed" else "possible", inside=True)


def _about(match: Match, confidence: Confidence, inside: bool) -> Identified:
    """Return the result for one pattern."""
    return Identified(
        column=match.column,
        kinds=(match.kind.stands_for,),
        confidence=confidence,
        inside=inside,
        filled=match.filled,
        cells=match.containing if inside else match.matching,
        tested=match.parts_tested if inside else match.tested,
        verified=match.parts_verified if inside else match.verified,
        complete=bool(match.complete),
        shape=match.shape,
    )


def _settled(found: Sequence[Identified]) -> list[Identified]:
    """Return what the cells of one column are, where several patterns fit the same values.

    The surest ones stay, and of those the ones that the column's name says; what then cannot be told
    apart is reported as one or the other.
    """
    if not found:
        return []
    surest = min(_SUREST_FIRST.index(one.confidence) for one in found)
    rest = [one for one in found if one.confidence == _SUREST_FIRST[surest]]
    best = max(one.verified for one in rest)
    rest = [one for one in rest if one.verified >= _NEARLY * best]
    named = [one for one in rest if pattern(one.kinds[0]).named_by(one.column)]
    rest = named or rest
    first = max(rest, key=lambda one: (one.verified, -one.tested, one.cells))
    kinds = tuple(sorted(one.kinds[0] for one in rest))
    return [Identified(**{**vars(first), "kinds": kinds})]
