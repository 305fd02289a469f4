"""Find the template behind a sentence, and what stands at its places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_MANY = 20
"""How many fixed characters make a template that begins with fixed words hard to mistake."""

_FIRM = 4
"""How many times its fixed characters such a template may hold."""

_ENOUGH = 12
"""How many fixed characters a template needs whose places hold whole sentences."""

_WORD = re.compile(r"\S+")
_BREAK = re.compile(r"(?<!Art)(?<!para)[.?!]\s+[A-Z(]")
"""The end of a sentence with another behind it."""

_FORMS = {"day": r"\d{4}-\d{2}-\d{2}", "n": r"[\d,.]*\d(?:\u00a0?%)?"}
"""What stands at places of these names, so that a template of few words fits little else."""


def places(text: str) -> tuple[str, ...]:
    """Return the names of the places of a template, each once, sorted."""
    return tuple(sorted(set(_PLACE.findall(text))))


@dataclass(frozen=True)
class Template:
    """One message with places."""

    text: str
    """The English."""

    @cached_property
    def letters(self) -> int:
        """How many characters are fixed: of two templates that fit, the one with more says more."""
        return sum(map(len, self._fixed))

    @cached_property
    def holds(self) -> int:
        """How many characters of unknown words it may hold: with more, it is not likely the template."""
        return self.letters * (_FIRM if self.start and self.letters >= _MANY else 1)

    @cached_property
    def anchor(self) -> str:
        """The longest fixed part, which every sentence of this template holds."""
        return max(self._fixed, key=len, default="")

    @cached_property
    def start(self) -> str:
        """The first word, when it is fixed to its end; else empty."""
        first = self._fixed[0] if self._fixed else ""
        found = _WORD.match(first)
        return found.group() if found and len(found.group()) < len(first) else ""

    @cached_property
    def _fixed(self) -> tuple[str, ...]:
        """The fixed parts, in order."""
        return tuple(_PLACE.split(self.text)[::2])

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """The pattern of its sentences."""
        seen: set[str] = set()
        parts = []
        for number, part in enumerate(_PLACE.split(self.text)):
            if number % 2 == 0:
                parts.append(re.escape(part))
            else:
                form = _FORMS.get(part, ".*?")
                parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>{form})")
                seen.add(part)
        return re.compile("".join(parts), re.DOTALL)

    def found_in(self, text: str, *, wide: bool) -> Mapping[str, str] | None:
        """Return what stands at the places when the whole text has this form, else None."""
        match = self._pattern.fullmatch(text)
        if match is None or (not wide and any(map(_BREAK.search, match.groupdict().values()))):
            return None
        return match.groupdict()


class Templates:
    """All templates of a language, found by the first word of a sentence."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Sort the templates by their first word, those with the most fixed characters first."""
        self._by_start: dict[str, list[Template]] = {}
        for template in sorted(map(Template, texts), key=lambda one: (-one.letters, one.text)):
            self._by_start.setdefault(template.start, []).append(template)

    def matches(self, text: str, *, wide: bool) -> Iterator[tuple[Template, Mapping[str, str]]]:
        """Yield the templates that the whole text is an instance of, with its places, the most telling first.

        Args:
            text: the text.
            wide: whether a place may hold the end of a sentence; then only a template that begins with fixed
                words and has enough of them counts, since with little to hold on to anything would fit.
        """
        first = _WORD.match(text)
        named = self._by_start.get(first.group(), []) if first else []
        loose = [] if wide else self._by_start.get("", [])
        likely = [
            one for one in (*named, *loose) if one.anchor in text and (not wide or one.letters >= _ENOUGH)
        ]
        for template in sorted(likely, key=lambda one: -one.letters):
            found = template.found_in(text, wide=wide)
            if found is not None:
                yield template, found


def filled(words: str, names: Mapping[str, str]) -> str:
    """Return a template with the names put in, none of which is read as a template itself."""
    return _PLACE.sub(lambda found: names[found.group(1)], words)
