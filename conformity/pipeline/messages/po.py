"""Write the messages for translators: a template, and one catalogue for each language that keeps its work."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from conformity.pipeline.messages.data import Message, all_messages
from conformity.render.locale import locale_for

TEMPLATE = "messages.pot"
"""The file with all messages and no translation."""

_HEAD = (
    "Messages of conformity reports, made by docs/make_messages.py.\n"
    "Places in braces stay as they are. Fixed words have their place in en.json as context."
)
_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""A fixed day: the same messages give the same bytes."""

_WIDTH = 110


def template_bytes(messages: Iterable[Message]) -> bytes:
    """Return ``messages.pot``."""
    return _bytes(_catalogue(messages, None))


def merged_bytes(messages: Iterable[Message], path: Path) -> bytes:
    """Return the catalogue of a language with every message in it; what was translated stays.

    A message that is no longer there is kept at the end as obsolete, and taken from there when it comes
    back; one that is new, or whose English changed, is empty.

    Args:
        messages: all messages.
        path: the catalogue, named after its language; it need not exist yet.
    """
    made = _catalogue(expanded(messages, path.stem), path.stem)
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=path.stem)
        for key, gone in old.obsolete.items():
            back = made.get(gone.id, gone.context)
            if back is None:
                made.obsolete[key] = gone
            else:
                back.string = gone.string
        for message in old:
            mine = made.get(message.id, message.context) if message.id else None
            if mine is not None:
                mine.string = message.string or mine.string
            elif message.id and message.string:
                made.obsolete[message.context or str(message.id)] = message
    return _bytes(made)


def expanded(messages: Iterable[Message], language: str) -> Iterator[Message]:
    """Yield the messages, with the further forms of plural that the language has beside one and other."""
    forms = locale_for(language).plural_forms
    for message in messages:
        yield message
        if message.context and message.context.endswith("_other"):
            base = message.context.removesuffix("other")
            for form in ("few", "many"):
                if form in forms:
                    yield Message(message.text, message.where, base + form)


def _catalogue(messages: Iterable[Message], language: str | None) -> Catalog:
    """Return an empty catalogue of the messages."""
    made = Catalog(
        locale=language,
        project="conformity",
        header_comment="\n".join(f"# {line}" for line in _HEAD.splitlines()),
        creation_date=_DAY,
        revision_date=_DAY,
        fuzzy=False,
    )
    for message in messages:
        made.add(
            message.text, None, locations=[(where, 0) for where in message.where[:3]], context=message.context
        )
    return made


def _bytes(made: Catalog) -> bytes:
    """Return a catalogue as bytes: no line numbers, which change with every edit elsewhere."""
    for message in made:
        message.flags.discard("python-format")
    file = io.BytesIO()
    write_po(file, made, width=_WIDTH, include_lineno=False)
    return file.getvalue()


def written(root: Path) -> dict[Path, bytes]:
    """Return what the template and each catalogue should hold, by path.

    Args:
        root: the source tree.
    """
    folder = root / "templates" / "locale"
    messages = all_messages(root)
    files = {folder / TEMPLATE: template_bytes(messages)}
    return files | {path: merged_bytes(messages, path) for path in sorted(folder.glob("*.po"))}
