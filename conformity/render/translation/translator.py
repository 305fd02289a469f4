"""Put an English text of the tool into another language, message by message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from conformity.render.translation.catalogue import Catalogue
from conformity.render.translation.pieces import (
    BRACKETED,
    CITATION_WORD,
    IDENTIFIER,
    JOINTS,
    LETTERS,
    LISTS,
    NUMBER,
    PART_END,
    QUOTED,
    RANGE,
    SENTENCE_END,
    is_citation,
    is_prose,
    pieces_of,
)
from conformity.render.translation.templates import Templates, filled, places

_DEEPEST = 20
"""How many messages may stand in one another; what lies deeper stays English."""

_WIDEST = 30
"""How many sentences and parts of sentences one of several messages may hold."""


@dataclass(frozen=True)
class Made:
    """A text in the language, and what of it stayed English."""

    text: str
    """The text."""
    missed: tuple[str, ...] = ()
    """The pieces that no message covers."""


class Translator:
    """One language; what it translated once it knows, and what it could not it counts in ``missed``."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        keep: frozenset[str] = frozenset(),
        number: Callable[[str], str] = str,
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Prepare the templates.

        Args:
            catalogue: the messages.
            keep: names that the provider gave; where one stands at a place, it stays as it is.
            number: writes a number such as ``1,234.5`` or ``0.5%`` as the language does.
            names: what things of the world, such as countries, are called in the language.
        """
        self.language = catalogue.language
        self.missed: dict[str, int] = {}
        self._texts = catalogue.texts
        self._fixed = catalogue.fixed
        self._keep = keep
        self._number = number
        self._names = names
        self._templates = Templates(text for text in catalogue.texts if places(text))
        self._known: dict[str, str] = {}
        self._wholes: dict[tuple[str, bool], Made | None] = {}
        self._depth = 0
        self._too_deep = False

    def text(self, english: str) -> str:
        """Return the text in the language; whatever no message covers stays English and is counted."""
        if english not in self._known:
            # The views set the sign apart; the messages have it as it was written.
            written = english.replace("\u00a0%", "%")
            made = self._made(written) or self._rest(written)
            self._known[english] = made.text
            if self._too_deep:
                # What was cut off here may be whole in another text.
                self._wholes.clear()
                self._too_deep = False
            for piece in made.missed:
                self.missed[piece] = self.missed.get(piece, 0) + 1
        return self._known[english]

    def citation(self, english: str) -> str:
        """Return a citation with its words, such as article and annex, in the language."""
        return CITATION_WORD.sub(lambda found: self._cited(found.group()), english)

    def _cited(self, words: str) -> str:
        """Return words of a citation: those that agree with one another together, others one by one."""
        known = self._fixed.get(f"citation.{words.rstrip('.').lower()}")
        if known is not None:
            return known
        first, space, rest = words.partition(" ")
        return self._cited(first) + space + self._cited(rest) if space else words

    def _made(self, english: str) -> Made | None:
        """Return a text that messages cover, else None; of several readings the one with least English left.

        One message whose places hold no end of a sentence is tried first, then several such messages, then
        one that holds whole sentences of somebody else.
        """
        best: Made | None = None
        for found in self._readings(english):
            if not found.missed:
                return found
            if best is None or len("".join(found.missed)) < len("".join(best.missed)):
                best = found
        return best

    def _readings(self, english: str) -> Iterator[Made]:
        """Yield the ways in which messages cover a text."""
        for wide in (False, True):
            for found in (self._whole(english, wide=wide), self._joined(english, wide=wide)):
                if found is not None:
                    yield found

    def _whole(self, english: str, *, wide: bool) -> Made | None:
        """Return a text that is one message, or nothing to translate; None if it is neither."""
        key = (english, wide)
        if key not in self._wholes:
            self._wholes[key] = None  # A sentence that holds itself ends here.
            self._wholes[key] = self._one_message(english, wide=wide)
        return self._wholes[key]

    def _one_message(self, english: str, *, wide: bool) -> Made | None:
        """Return a text that is one message; see :meth:`_whole`."""
        core = english.strip()
        if core in self._texts:
            return Made(english.replace(core, self._texts[core]))
        if not LETTERS.search(core) or core in self._keep:
            return Made(english)
        if NUMBER.match(core):
            return Made(self._number(english))
        if core in self._names:
            return Made(english.replace(core, self._names[core]))
        if is_citation(core):
            return Made(self.citation(english))
        best: Made | None = None
        for template, names in self._templates.matches(core, wide=wide):
            done = {key: self._name(one) for key, one in names.items()}
            text = filled(self._texts[template.text], {key: one.text for key, one in done.items()})
            missed = tuple(piece for one in done.values() for piece in one.missed)
            if not missed:
                return Made(english.replace(core, text))
            if best is None and len("".join(missed)) < template.holds:
                best = Made(english.replace(core, text), missed)
        return best

    def _joined(self, english: str, *, wide: bool) -> Made | None:
        """Return a text of several messages; None if a sentence is none, or it is all one piece."""
        pieces = list(pieces_of(english, SENTENCE_END))
        done: list[Made] = []
        start = 0
        while start < len(pieces):
            found = self._longest(pieces, start, wide=wide)
            if found is None:
                return None
            made, start = found
            done.append(made)
        return _together(done)

    def _longest(self, pieces: list[str], start: int, *, wide: bool) -> tuple[Made, int] | None:
        """Return the longest message that begins at a piece, and the piece behind it."""
        for end in range(min(len(pieces), start + _WIDEST), start, -1):
            joined = "".join(pieces[start:end])
            core = joined.rstrip(JOINTS)
            made = self._whole(core, wide=wide) or self._stopped(core, wide=wide)
            if made is not None and (not made.missed or end == start + 1):
                return Made(made.text + joined[len(core) :], made.missed), end
        return None

    def _stopped(self, english: str, *, wide: bool) -> Made | None:
        """Return a message to which a full stop was added, with the full stop."""
        bare = english.removesuffix(".")
        made = self._whole(bare, wide=wide) if bare != english else None
        return None if made is None else Made(made.text + ".", made.missed)

    def _rest(self, english: str, ends: re.Pattern[str] = SENTENCE_END) -> Made:
        """Return a text that messages do not cover: what is known of its pieces, the others as they are."""
        pieces = list(pieces_of(english, ends))
        done: list[Made] = []
        start = 0
        while start < len(pieces):
            found = self._longest(pieces, start, wide=False)
            if found is not None:
                made, start = found
                done.append(made)
                continue
            piece = pieces[start]
            start += 1
            deeper = ends is SENTENCE_END and PART_END.search(piece)
            done.append(self._rest(piece, PART_END) if deeper else self._unknown(piece))
        return _together(done)

    def _unknown(self, piece: str) -> Made:
        """Return a piece as it is; it is missed unless it is a name."""
        bare = piece.strip(JOINTS + ".()")
        is_name = not LETTERS.search(bare) or bare in self._keep or QUOTED.match(bare)
        is_name = is_name or IDENTIFIER.match(bare)
        return Made(piece) if is_name else Made(piece, (bare,))

    def _name(self, english: str) -> Made:
        """Return what stands at a place; see :meth:`_named`. Too deep within other messages it stays."""
        if self._depth == _DEEPEST:
            self._too_deep = True
            return self._unknown(english)
        self._depth += 1
        try:
            return self._named(english)
        finally:
            self._depth -= 1

    def _named(self, english: str) -> Made:
        """Return what stands at a place: a message, a list of them, a number, or a name as it is."""
        core = english.strip()
        if not core or {core, core.removesuffix(".")} & self._keep or QUOTED.match(core):
            return Made(english)
        if NUMBER.match(core):
            return Made(self._number(english))
        made = self._made(english)
        if made is not None and not made.missed:
            return made
        short = self._lower(english) or self._unstopped(core) or self._bracketed(core) or self._range(core)
        if short is not None:
            return Made(short)
        if (members := self._messages_of(core)) is not None:
            return members
        if SENTENCE_END.search(core):
            return made or self._rest(english)
        listed = self._listed(english)
        if made is not None and listed == english:
            return made
        return Made(listed, (core,) if listed == english and is_prose(core) else ())

    def _messages_of(self, english: str) -> Made | None:
        """Return a list of whole messages between semicolons; None if one of them is none."""
        made = [self._made(part) for part in english.split("; ")]
        if len(made) == 1 or any(one is None or one.missed for one in made):
            return None
        return Made("; ".join(one.text for one in made if one is not None))

    def _lower(self, english: str) -> str | None:
        """Return a message that begins with a capital elsewhere, as it stands within a sentence."""
        title = english[:1].upper() + english[1:]
        found = self._texts.get(title) if title != english else None
        if found is None or self.language == "de":
            return found
        return found[:1].lower() + found[1:]

    def _unstopped(self, english: str) -> str | None:
        """Return a message whose full stop was taken off; None if it is none."""
        found = self._texts.get(english + ".")
        return None if found is None else found.removesuffix(".")

    def _listed(self, english: str, level: int = 0) -> str:
        """Return a list with its known members and its joints in the language; unknown members stay."""
        if level == len(LISTS):
            return self._member(english)
        joint, word = LISTS[level]
        parts = joint.split(english)
        if len(parts) == 1:
            return self._listed(english, level + 1)
        done = [self._of_list(part, level + 1) for part in parts]
        joints = joint.findall(english)
        if word and all(self._is_sure(part, new) for part, new in zip(parts, done, strict=True)):
            joints = [f" {self._fixed.get('citation.' + word, word)} "] * len(joints)
        return "".join(part + between for part, between in zip(done, [*joints, ""], strict=True))

    def _of_list(self, english: str, level: int) -> str:
        """Return one member of a list, which may be a list of its own."""
        if english in self._keep or QUOTED.match(english):
            return english
        made = self._whole(english, wide=False)
        if made is not None and not made.missed:
            return made.text
        return self._lower(english) or self._bracketed(english) or self._listed(english, level)

    def _bracketed(self, english: str) -> str | None:
        """Return a name with something in brackets behind it, both in the language; None if it is none."""
        found = None if "; " in english else BRACKETED.match(english)
        if found is None:
            return None
        name, inside = (self._name(one) for one in found.groups())
        return None if name.missed or inside.missed else f"{name.text} ({inside.text})"

    def _range(self, english: str) -> str | None:
        """Return two numbers and what lies between them; None if it is something else."""
        found = RANGE.match(english)
        if found is None:
            return None
        low, high = (self._name(one).text for one in found.groups())
        return filled(self._fixed.get("common.between", "{low} to {high}"), {"low": low, "high": high})

    def _member(self, english: str) -> str:
        """Return a member that is no message: a known name, alone or before a number, or as it is."""
        name, space, number = english.rpartition(" ")
        if english not in self._names and name in self._names and not LETTERS.search(number):
            return self._names[name] + space + number
        return self._names.get(english, english)

    def _is_sure(self, english: str, new: str) -> bool:
        """Tell whether it is known what a member of a list is."""
        known = english in self._keep or QUOTED.match(english) or not LETTERS.search(english)
        return bool(known) or new != english or english in self._texts


def _together(done: list[Made]) -> Made:
    """Return pieces as one text."""
    return Made("".join(one.text for one in done), tuple(piece for one in done for piece in one.missed))
