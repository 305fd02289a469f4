"""Find text that is hidden inside a text: encoded, spelt with digits or spaces, invisible or turned round."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote_to_bytes

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,200000}={0,2}")
_HEX = re.compile(r"(?:\\x|0x)?[0-9a-fA-F]{2}(?:[\s:,]{0,2}(?:\\x|0x)?[0-9a-fA-F]{2}){7,100000}")
_TAGS = re.compile("[\U000e0020-\U000e007e]{4,100000}")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){6,100000}")
_ENTITIES = re.compile(r"(?:&#x?[0-9A-Fa-f]{2,5};){6,100000}")
_SPACED = re.compile(r"\b\w(?:[ ._*-]\w){4,400}\b")
_LEET = re.compile(r"[a-z][0134578@$!][a-z]|\b[0134578@$][a-z]{2}")
_LEET_WORD = re.compile(r"[a-z0-9@$!]+")
_LEET_LETTERS = str.maketrans("013457@$!8", "oieastasib")
_ROT13 = ("vafgehpgvba", "vtaber", "cebzcg", "flfgrz", "cnffjbeq", "ehyrf", "naljrvfhat")
_BACKWARDS = ("snoitcurtsni", "tpmorp", "erongi", "drowssap", "negnusiewna", "senoiccurtsni")
_MOST_LAYERS = 50
_MOST_TURNED = 100_000
_PRINTABLE = frozenset(string.printable)


@dataclass(frozen=True)
class Layer:
    """A text that was hidden."""

    text: str
    """What it says."""
    how: str
    """How it was hidden."""
    start: int
    """Where it lies in the text as it came, in characters."""
    end: int
    """Where it ends."""
    direction: int = 0
    """1 or -1 where its characters are those of the folded text, in order or turned round; else 0."""


def layers(text: str, plain: str) -> Iterator[Layer]:
    """Yield what is hidden in a text; an encoded text may hold another one, once.

    Args:
        text: as it came.
        plain: folded.
    """
    yield from _spelt(text, plain)
    for number, layer in enumerate(_encoded(text)):
        if number == _MOST_LAYERS:
            return
        yield layer
        for inner in _encoded(layer.text):
            yield Layer(inner.text, inner.how, layer.start, layer.end)
            break


def _encoded(text: str) -> Iterator[Layer]:
    """Yield the texts in base64, in hexadecimal numbers and in invisible tag characters."""
    for form, how, decode in _CODES:
        for match in form.finditer(text):
            said = decode(match[0])
            if said is not None:
                yield Layer(said, how, match.start(), match.end())


def _from_base64(code: str) -> str | None:
    """Return the text in base64, in either alphabet; None if it is none."""
    body = code.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError):
        return None


def _from_hex(code: str) -> str | None:
    """Return the text in hexadecimal numbers; None if it is none."""
    digits = re.sub(r"\\x|0x|[\s:,]", "", code)
    return _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _from_percent(code: str) -> str | None:
    """Return the text in percent signs and hexadecimal numbers; None if it is none."""
    return _readable(unquote_to_bytes(code))


def _from_entities(code: str) -> str:
    """Return the text in numbered HTML characters."""
    return unescape(code)


def _from_tags(code: str) -> str:
    """Return the text in tag characters."""
    return "".join(chr(ord(character) - 0xE0000) for character in code)


_CODES: tuple[tuple[re.Pattern[str], str, Callable[[str], str | None]], ...] = (
    (_BASE64, "base64", _from_base64),
    (_HEX, "hex", _from_hex),
    (_PERCENT, "percent", _from_percent),
    (_ENTITIES, "entities", _from_entities),
    (_TAGS, "tags", _from_tags),
)


def _readable(raw: bytes) -> str | None:
    """Return bytes as a text with blanks, or as another code; None if they are neither."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    plain = sum(character in _PRINTABLE or character.isalpha() for character in text)
    if plain < len(text) or not (" " in text or _BASE64.fullmatch(text)):
        return None
    return text


def _spelt(text: str, plain: str) -> Iterator[Layer]:
    """Yield what is spelt with digits or with spaces, turned round, or shifted by thirteen letters."""
    whole = len(text)
    if len(_LEET.findall(plain[:_MOST_TURNED])) > 1:
        yield Layer(_without_leet(plain[:_MOST_TURNED]), "leetspeak", 0, whole, 1)
    if _SPACED.search(plain[:_MOST_TURNED]):
        joined = _SPACED.sub(lambda run: re.sub(r"[ ._*-]", "", run[0]), plain[:_MOST_TURNED])
        yield Layer(joined, "spaced", 0, whole)
    if any(word in plain for word in _ROT13):
        yield Layer(codecs.decode(plain[:_MOST_TURNED], "rot13"), "rot13", 0, whole, 1)
    if any(word in plain for word in _BACKWARDS):
        yield Layer(plain[:_MOST_TURNED][::-1], "backwards", 0, whole, -1)


def _without_leet(plain: str) -> str:
    """Return a text in which digits inside words are the letters that they look like."""
    return _LEET_WORD.sub(
        lambda word: word[0] if word[0].isdigit() else word[0].replace("11", "ll").translate(_LEET_LETTERS),
        plain,
    )
