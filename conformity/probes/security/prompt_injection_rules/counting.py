"""Count what the rules make of each prompt of a log; of the prompts only digests are kept."""

from __future__ import annotations

import heapq
import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from conformity.probes.shared.prompts.answers import reaction
from conformity.probes.shared.prompts.kinds import KINDS
from conformity.probes.shared.prompts.personal import personal_data, personal_kinds
from conformity.probes.shared.prompts.records import Exchange
from conformity.probes.shared.prompts.rules import search
from conformity.probes.shared.prompts.scan import VALIDATED, digest

SAMPLE = 1000
"""Different prompts that a trained detector looks at."""
MOST_REMEMBERED = 2_000_000
"""Different texts whose outcome is remembered."""
SAMPLED_CHARACTERS = 20_000
"""Characters of a prompt in the sample."""
_ENTRY = struct.Struct(">QQ")
_EVERY = 1000
_BITS = (*KINDS, "attack", "validated", *personal_kinds())
_PLACES = {name: 1 << place for place, name in enumerate(_BITS)}


@dataclass
class Remembered:
    """Outcomes by digest, also in a file, so that a log whose reading broke off is not searched again."""

    path: Path
    """The file; it holds digests and outcomes, and no text."""
    outcomes: dict[int, int] = field(default_factory=dict)
    """Bits of what was found, by the first eight bytes of the digest."""
    full: bool = False
    """Whether there were more different texts than are remembered."""
    _unsaved: list[bytes] = field(default_factory=list)

    def load(self) -> None:
        """Read what an earlier attempt left; half an entry at the end is dropped."""
        if self.path.is_file():
            raw = self.path.read_bytes()
            whole = len(raw) // _ENTRY.size * _ENTRY.size
            self.outcomes.update(_ENTRY.iter_unpack(raw[:whole]))

    def add(self, key: int, bits: int) -> None:
        """Keep an outcome, and write a thousand at a time to the file."""
        if len(self.outcomes) >= MOST_REMEMBERED:
            self.full = True
            return
        self.outcomes[key] = bits
        self._unsaved.append(_ENTRY.pack(key, bits))
        if len(self._unsaved) == _EVERY:
            with self.path.open("ab") as file:
                file.write(b"".join(self._unsaved))
            self._unsaved.clear()


@dataclass
class Counted:
    """What has been counted so far."""

    known: Remembered
    """Outcomes of texts met before."""
    read: int = 0
    """Prompts searched."""
    blank: int = 0
    """Rows without one."""
    flagged: int = 0
    """Prompts that the rules call an attack."""
    validated: int = 0
    """Prompts in a language for which the detectors were validated."""
    answered: int = 0
    """Prompts with a logged answer."""
    attacks: int = 0
    """Flagged prompts with a logged answer."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Prompts that match a rule, by kind."""
    reactions: Counter[str] = field(default_factory=Counter)
    """What was answered to flagged prompts."""
    personal: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Texts with personal data, by ``prompts`` or ``answers`` and kind."""
    months: Counter[str] = field(default_factory=Counter)
    """Prompts by month."""
    flagged_months: Counter[str] = field(default_factory=Counter)
    """Flagged prompts by month."""
    met: set[int] = field(default_factory=set)
    """Digests of different prompts of this log."""
    sample: list[tuple[int, str]] = field(default_factory=list)
    """A random sample of different prompts: those with the lowest digests, negated."""

    def add(self, one: Exchange) -> None:
        """Count one row."""
        if one.prompt is None:
            self.blank += 1
            return
        key = _key(one.prompt)
        found = self._outcome(key, one.prompt)
        self._draw(key, one.prompt)
        flagged = bool(found & _PLACES["attack"])
        self.read += 1
        self.flagged += flagged
        self.validated += bool(found & _PLACES["validated"])
        self.kinds.update(kind for kind in KINDS if found & _PLACES[kind])
        self._personal("prompts", found)
        if one.period:
            self.months[one.period] += 1
            self.flagged_months[one.period] += flagged
        if one.answer is not None:
            self.answered += 1
            self._personal("answers", sum(_PLACES[kind] for kind in personal_data(one.answer)))
            if flagged:
                self.attacks += 1
                self.reactions[reaction(one.answer, one.system)] += 1

    def _outcome(self, key: int, prompt: str) -> int:
        """Return what was found in a prompt, now or when it was met before."""
        found = self.known.outcomes.get(key)
        if found is None:
            found = _search(prompt)
            self.known.add(key, found)
        return found

    def _draw(self, key: int, prompt: str) -> None:
        """Keep a different prompt where its digest is among the lowest, which is a random sample of them."""
        if key in self.met:
            return
        if len(self.met) < MOST_REMEMBERED:
            self.met.add(key)
        entry = (-key, prompt[:SAMPLED_CHARACTERS])
        if len(self.sample) < SAMPLE:
            heapq.heappush(self.sample, entry)
        elif entry > self.sample[0] and entry not in self.sample:
            heapq.heapreplace(self.sample, entry)

    def _personal(self, where: str, found: int) -> None:
        """Count the kinds of personal data in a text."""
        self.personal.update((where, kind) for kind in personal_kinds() if found & _PLACES[kind])


def _key(prompt: str) -> int:
    """Return the first eight bytes of a prompt's digest as a number."""
    return int(digest(prompt)[:16], 16)


def _search(prompt: str) -> int:
    """Return the bits of what is found in a prompt."""
    searched = search(prompt)
    bits = _PLACES["attack"] if searched.flagged else 0
    bits |= _PLACES["validated"] if searched.language in VALIDATED else 0
    if searched.flagged:
        for hit in searched.hits:
            bits |= _PLACES[hit.kind]
    for kind in personal_data(prompt):
        bits |= _PLACES[kind]
    return bits
