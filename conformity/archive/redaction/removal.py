"""Leave texts out of the records of a pack, so that nothing else in them changes.

Only texts in words are replaced; ids, digests, dates, numbers and verdicts are not. A text that is left out
is left out wherever it is quoted. An observation whose words changed has another id, since the id is the
digest of its content; everything that names it follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from conformity.archive.redaction.commitments import of_field
from conformity.archive.redaction.places import Path, leaves, pointer, replaced
from conformity.model.redaction import WITHHELD, Ground, KeyedField, RemovedField

File = Literal["assessment.json", "evidence.json"]
Records = dict[File, Any]
Spot = tuple[File, Path]

_TEXTS = frozenset(
    [
        "address",
        "also",
        "because",
        "blocked",
        "consequence",
        "contact",
        "corrective_action",
        "description",
        "function",
        "intended_purpose",
        "missing",
        "notes",
        "owner",
        "path",
        "place",
        "problem",
        "reason",
        "remarks",
        "rule",
        "severity_rule",
        "signatory",
        "source",
        "statement",
        "summary",
        "text",
        "title",
        "to_do",
        "why_needed",
    ]
)
"""The fields that hold words; a name of a person stands in ``name`` below ``by``."""

_LAW = (("plan", "requirements"), ("plan", "probes"))
_COLUMNS = frozenset(["by", "columns", "name"])
_DIGESTS = frozenset(["criterion_sha256", "lock_sha256", "criteria_lock_sha256"])
_SHORTEST = 4
_DERIVED = "Digest of a text that is left out, from which the text could be guessed."


@dataclass(frozen=True)
class Why:
    """Why a text is left out."""

    ground: Ground
    """As a kind."""
    reason: str
    """In words."""


@dataclass(frozen=True)
class Withheld:
    """The records without what is left out, and what that was."""

    records: Records
    """The records, changed."""
    removed: tuple[RemovedField, ...]
    """What was left out, without what it said."""
    keyed: tuple[KeyedField, ...]
    """The same with salts and values, in the same order."""
    columns: tuple[tuple[str, str], ...]
    """Names of columns, each with its new name."""
    renamed: int
    """How many observations have another id."""


@dataclass
class _Work:
    """What is to be replaced, while it is collected."""

    records: Records
    """The records as they were."""
    texts: dict[Spot, str] = field(default_factory=dict)
    """The new text of each place."""
    why: dict[Spot, Why] = field(default_factory=dict)
    """Why each is left out."""


def withhold(
    records: Records,
    wanted: Mapping[Spot, Why],
    columns: Mapping[str, str],
    identify: Callable[[dict[str, Any]], str],
    salt: Callable[[], str],
    guessable: Collection[str] = (),
) -> Withheld:
    """Return records without the texts at some places, and without those texts anywhere else.

    Args:
        records: the assessment and the evidence as plain data.
        wanted: the places, with why.
        columns: names of columns, each with the one that it gets.
        identify: gives the id of an observation from its content.
        salt: gives 32 random bytes as hex digits, new ones each time.
        guessable: digests of whole files from which the texts could be guessed; each becomes a commitment.
    """
    work = _Work(records)
    for spot, why in wanted.items():
        work.texts[spot], work.why[spot] = WITHHELD, why
    _quoted(work)
    _columns(work, columns)
    _digests(work, frozenset(guessable))
    keyed = [
        KeyedField(file=file, place=pointer(path), salt=salt(), value=_value(records, (file, path)))
        for file, path in _sorted(work.why)
    ]
    commitments = [of_field(one) for one in keyed]
    for spot, commitment in zip(_sorted(work.why), commitments, strict=True):
        if work.texts[spot] == "":
            work.texts[spot] = commitment
    made, renamed = _made(work, identify)
    removed = tuple(
        RemovedField(
            file=one.file,
            place=one.place,
            ground=work.why[spot].ground,
            reason=work.why[spot].reason,
            commitment=commitment,
        )
        for spot, one, commitment in zip(_sorted(work.why), keyed, commitments, strict=True)
    )
    return Withheld(made, removed, tuple(keyed), tuple(columns.items()), renamed)


def is_text(path: Path) -> bool:
    """Tell whether a place of a record holds words that may be left out."""
    keys = [part for part in path if isinstance(part, str)]
    if tuple(keys[:2]) in _LAW or not keys:
        return False
    return keys[-1] in _TEXTS or keys[-2:] == ["by", "name"]


def words_of(records: Records) -> Iterator[tuple[Spot, str]]:
    """Yield every text in words of both records."""
    for file, record in records.items():
        yield from (((file, path), text) for path, text in leaves(record) if is_text(path))


def _quoted(work: _Work) -> None:
    """Leave out texts that are left out at one place wherever else they are quoted."""
    whole = {_value(work.records, spot): why for spot, why in work.why.items()}
    known = {text: why for text, why in whole.items() if len(text) >= _SHORTEST}
    if not known:
        return
    # The longest first: one text may be a part of another.
    either = re.compile(
        "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(known, key=len, reverse=True))
    )
    for spot, text in words_of(work.records):
        if spot not in work.texts and (found := either.search(text)):
            work.texts[spot] = either.sub(WITHHELD, text)
            work.why[spot] = known[found.group()]


def _columns(work: _Work, columns: Mapping[str, str]) -> None:
    """Give columns their other names wherever they stand; those of the manifest are removed fields."""
    if not columns:
        return
    names = "|".join(re.escape(one) for one in sorted(columns, key=len, reverse=True))
    either = re.compile(rf"(?<!\w)(?:{names})(?!\w)")
    why = Why("trade_secret", "Names of columns are left out.")
    for file, record in work.records.items():
        for path, text in leaves(record):
            spot = (file, path)
            now = work.texts.get(spot, text)
            keys = [part for part in path if isinstance(part, str)]
            if keys[-1] in _COLUMNS and text in columns:
                work.texts[spot] = columns[text]
                if keys[-3:] == ["subjects", "columns", "name"]:
                    work.why[spot] = why
            elif is_text(path) or keys[-2:] == ["tallies", "name"]:
                told = either.sub(lambda found: columns[found.group()], now)
                if told != now:
                    work.texts[spot] = told


def _digests(work: _Work, guessable: frozenset[str]) -> None:
    """Leave out digests of what is left out, such as of a bound's words: each becomes its own commitment."""
    bounds = any("criteria" in path for _, path in work.texts)
    for path, text in leaves(work.records["assessment.json"]):
        in_lock = path[0] == "criteria_lock" and path[-1] == "sha256"
        # The evidence of the copy has a digest of its own.
        of_file = text in guessable and path != ("evidence_sha256",)
        if of_file or (bounds and (path[-1] in _DIGESTS or in_lock)):
            spot: Spot = ("assessment.json", path)
            work.texts[spot], work.why[spot] = "", Why("other", _DERIVED)


def _made(work: _Work, identify: Callable[[dict[str, Any]], str]) -> tuple[Records, int]:
    """Return the records with their new texts, and how many observations have another id."""
    made: Records = {
        file: replaced(record, {path: text for (where, path), text in work.texts.items() if where == file})
        for file, record in work.records.items()
    }
    ids: dict[str, str] = {}
    for observation in made["evidence.json"]["observations"]:
        new = identify(observation)
        if new != observation["id"]:
            ids[observation["id"]] = new
            observation["id"] = new
    if ids:
        either = re.compile("|".join(map(re.escape, sorted(ids))))
        texts = {
            path: either.sub(lambda found: ids[found.group()], text)
            for path, text in leaves(made["assessment.json"])
            if either.search(text)
        }
        made["assessment.json"] = replaced(made["assessment.json"], texts)
    return made, len(ids)


def _value(records: Records, spot: Spot) -> str:
    """Return the text at a place."""
    value: Any = records[spot[0]]
    for part in spot[1]:
        value = value[part]
    return str(value)


def _sorted(spots: Iterable[Spot]) -> Sequence[Spot]:
    """Return places in one order, whatever order they were found in."""
    return sorted(spots, key=lambda one: (one[0], [str(part).zfill(6) for part in one[1]]))
