"""What an update that seals a PDF may change: it adds one hidden field and what belongs to it."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any, Final

from conformity.errors import IntegrityError

_TRAILER: Final = frozenset(
    {"/Size", "/Prev", "/ID", "/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"}
)
_CATALOG: Final = frozenset({"/AcroForm", "/DSS", "/Extensions"})
_FORM: Final = frozenset({"/Fields", "/SigFlags"})
_PAGE: Final = frozenset({"/Annots"})
_WIDGET: Final = frozenset({"/Type", "/Subtype", "/FT", "/T", "/TU", "/V", "/Rect", "/F", "/P", "/Ff"})
_MOST_CHANGED: Final = 4
_OBJECT: Final = re.compile(rb"(?<!\d)(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj")
_ENTRY: Final = re.compile(rb"\d{10} \d{5} [nf]")

_CHANGED: Final = (
    "A seal of the PDF came with other changes than itself; take the file from where it was archived."
)


def check_tail(reader: Any, revision: int) -> None:
    """Check that an update of a PDF adds one field that shows nothing, and changes nothing else.

    Of what was there before it may change: the catalogue (its form, and what proves certificates), the form
    (one field more), one page (one annotation more). Nothing else that a viewer shows can then have changed,
    since new objects are reached from changed ones alone.

    Args:
        reader: pyHanko's reader of the whole file.
        revision: the number of the update, from 1.

    Raises:
        IntegrityError: it changes something else.
    """
    _check_one_reading(reader, revision)
    before, after = reader.get_historical_resolver(revision - 1), reader.get_historical_resolver(revision)
    touched = reader.xrefs.explicit_refs_in_revision(revision)
    changed = [ref for ref in touched if reader.xrefs.get_introducing_revision(ref) < revision]
    if _entries(before.trailer_view, _TRAILER) != _entries(after.trailer_view, _TRAILER):
        raise IntegrityError(_CHANGED)
    if len(changed) > _MOST_CHANGED:
        raise IntegrityError(_CHANGED)
    added = _check_form(before, after)
    for ref in changed:
        _check_changed(before, after, ref, added)
    _check_widget(after)


def _check_one_reading(reader: Any, revision: int) -> None:
    """Raise IntegrityError unless every reader of PDFs finds the same objects in an update.

    Where cross-references name an object twice, some readers take the first entry and some the last; where
    they are broken, some take whatever stands in the file. So an update holds exactly the objects that its
    cross-references name, each once and at its place, and it frees none.

    Source:
        ISO 32000-1, 7.5.4 and 7.5.8 (cross-references; which of two entries counts is not said).
    """
    pdf = reader.stream.getvalue()
    found, told = reader.xrefs.get_xref_data(revision), reader.xrefs.get_xref_container_info(revision)
    start = end_of_revision(pdf, reader, revision - 1)
    end = len(pdf) if revision + 1 == reader.total_revisions else end_of_revision(pdf, reader, revision)
    named = dict(found.standard_xrefs)
    once = True
    if told.stream_ref is None:
        once = len(_ENTRY.findall(pdf, told.start_location, end)) <= len(named) + 1
    else:
        named.setdefault(told.stream_ref.idnum, (told.stream_ref.generation, told.start_location))
    there = [(int(one[1]), (int(one[2]), one.start())) for one in _OBJECT.finditer(pdf, start, end)]
    other = found.freed or found.xrefs_in_objstm or found.hybrid
    if other or not once or sorted(there) != sorted(named.items()):
        raise IntegrityError(_CHANGED)


def end_of_revision(pdf: bytes, reader: Any, revision: int) -> int:
    """Return how many bytes a PDF had at a revision: up to the end of the line with its last mark."""
    end: int = pdf.index(b"%%EOF", reader.xrefs.get_xref_container_info(revision).end_location) + 5
    following = pdf[end : end + 2]
    return end + len(following) - len(following.lstrip(b"\r\n"))


def _written(value: Any) -> bytes:
    """Return an object as it is written in a file, references as references."""
    stream = BytesIO()
    value.write_to_stream(stream, None)
    return stream.getvalue()


def _entries(dictionary: Any, without: frozenset[str]) -> dict[str, bytes]:
    """Return the entries of a dictionary as they are written, but for some."""
    if dictionary is None:
        return {}
    return {str(key): _written(dictionary.raw_get(key)) for key in dictionary if str(key) not in without}


def _entry(dictionary: Any, name: str) -> Any:
    """Return what an entry of a dictionary stands for or leads to; None when there is none."""
    return dictionary[name] if isinstance(dictionary, dict) and name in dictionary else None


def _list(dictionary: Any, name: str) -> list[bytes]:
    """Return the entries of a list in a dictionary as they are written; empty when it is not there."""
    found = _entry(dictionary, name)
    return [] if found is None else [_written(found.raw_get(at)) for at in range(len(found))]


def _check_form(before: Any, after: Any) -> bytes:
    """Return the reference of the one field that was added to the form.

    Raises:
        IntegrityError: there is not one more.
    """
    old, new = _entry(before.root, "/AcroForm"), _entry(after.root, "/AcroForm")
    fields, more = _list(old, "/Fields"), _list(new, "/Fields")
    if more[:-1] != fields or len(more) != len(fields) + 1:
        raise IntegrityError(_CHANGED)
    if _entries(old, _FORM) != _entries(new, _FORM):
        raise IntegrityError(_CHANGED)
    return more[-1]


def _check_changed(before: Any, after: Any, ref: Any, added: bytes) -> None:
    """Raise IntegrityError unless an object that was there before changed only as it may."""
    old, new = before.get_object(ref), after.get_object(ref)
    if ref == before.trailer_view.raw_get("/Root").reference:
        may = _CATALOG
    elif _is_form(before, ref):
        may = _FORM
    elif _entry(old, "/Type") == "/Page":
        may = _PAGE
        if _list(new, "/Annots") != [*_list(old, "/Annots"), added]:
            raise IntegrityError(_CHANGED)
    else:
        _check_grown(old, new, added)
        return
    if not isinstance(new, dict) or _entries(old, may) != _entries(new, may):
        raise IntegrityError(_CHANGED)


def _is_form(before: Any, ref: Any) -> bool:
    """Tell whether an object is the form of a PDF."""
    form = before.root.raw_get("/AcroForm") if "/AcroForm" in before.root else None
    return bool(getattr(form, "reference", None) == ref)


def _check_grown(old: Any, new: Any, added: bytes) -> None:
    """Raise IntegrityError unless an object is a list that got the new field at its end, and nothing else."""
    if not isinstance(old, list) or not isinstance(new, list):
        raise IntegrityError(_CHANGED)
    if [_written(one) for one in new] != [*(_written(one) for one in old), added]:
        raise IntegrityError(_CHANGED)


def _check_widget(after: Any) -> None:
    """Raise IntegrityError unless the new field is a signature that takes no room and does nothing."""
    fields = after.root["/AcroForm"]["/Fields"]
    widget = fields[len(fields) - 1]
    if {str(key) for key in widget} - _WIDGET or not _is_signature(widget):
        raise IntegrityError(_CHANGED)
    if any(float(side) != 0 for side in widget["/Rect"]):
        raise IntegrityError(_CHANGED)


def _is_signature(field: Any) -> bool:
    """Tell whether a field is one for a signature."""
    return (str(_entry(field, "/FT")), str(_entry(field, "/Subtype"))) == ("/Sig", "/Widget")
