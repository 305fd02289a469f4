"""Render the documents of a pack again, and say whether their bytes are the same."""

from __future__ import annotations

import re
from pathlib import Path

from conformity import __version__
from conformity.archive.sums import read_sums
from conformity.errors import ConformityError, IntegrityError, MissingLibraryError
from conformity.measure import Progress
from conformity.model.base import sha256_of
from conformity.model.reproduction import DocumentAgain
from conformity.pipeline.packs import Pack
from conformity.render import EVIDENCE_FILENAME, evidence_json, formats
from conformity.render.languages import known_languages
from conformity.settings import DISCLOSURE_LIMIT

_MOST_BYTES = 512 * 1024 * 1024
_LANGUAGE = re.compile(rb'<html[^>]{0,200}?\blang="([A-Za-z-]{2,20})"')
_NO_LANGUAGE = "It is not the English one, and no report.html tells in which language it was written."
_BEGINS = "It begins with the very bytes that were rendered."
_SEAL = "What follows is a seal, which holds; `conformity verify` tells whose."
_NO_SEAL = "What follows is not a seal that holds, and may change what is shown."


def documents_again(pack: Pack, on_progress: Progress) -> tuple[DocumentAgain, ...]:
    """Return for every document of a pack whether rendering it again gives its bytes.

    Args:
        pack: its records.
        on_progress: told of every document.
    """
    listed = read_sums(pack.folder)
    names = [(name, one.filename) for name, one in formats().items() if one.filename in listed]
    found = [_compared(EVIDENCE_FILENAME, pack, evidence_json(pack.evidence))]
    language = _language(pack.folder)
    for number, (name, filename) in enumerate(names, 1):
        on_progress(f"rendering {filename}", number, len(names))
        found.append(_rendered(name, filename, pack, language))
    return tuple(sorted(found, key=lambda one: one.name))


def _rendered(name: str, filename: str, pack: Pack, language: str | None) -> DocumentAgain:
    """Return what came of rendering one document; only the version that made it gives the same bytes."""
    made_by = pack.assessment.tool
    if made_by != f"conformity {__version__}":
        why = f"It was made by {made_by}, and this is conformity {__version__}."
        return DocumentAgain(name=filename, outcome="cannot_tell", reason=why)
    try:
        made = formats()[name].render(
            pack.assessment, pack.evidence, disclosure_limit=DISCLOSURE_LIMIT, language=language or "en"
        )
    except ConformityError as error:
        return DocumentAgain(name=filename, outcome="cannot_tell", reason=error.message[:500])
    found = _compared(filename, pack, made)
    if found.outcome == "differs" and language is None:
        return DocumentAgain(name=filename, outcome="cannot_tell", reason=_NO_LANGUAGE)
    return found


def _compared(filename: str, pack: Pack, made: bytes) -> DocumentAgain:
    """Return whether the pack's file is what was rendered; a sealed PDF begins with it."""
    content = _read(pack.folder / filename)
    if content is None:
        return DocumentAgain(name=filename, outcome="cannot_tell", reason="The file cannot be read.")
    if content == made:
        return DocumentAgain(name=filename, outcome="identical")
    if filename.endswith(".pdf") and content.startswith(made):
        return _sealed(filename, content, len(made))
    why = f"Its digest is {sha256_of(content)}, and what was rendered has {sha256_of(made)}."
    return DocumentAgain(name=filename, outcome="differs", reason=why)


def _sealed(filename: str, content: bytes, rendered: int) -> DocumentAgain:
    """Return what came of a PDF that begins with what was rendered: what follows must be a seal, no more."""
    from conformity.archive.signing.seal_check import check_seal

    try:
        seal = check_seal(content)
    except MissingLibraryError as error:
        return DocumentAgain(name=filename, outcome="cannot_tell", reason=f"{_BEGINS} {error.message}"[:500])
    except IntegrityError:
        seal = None
    if seal is None or seal.unsealed_bytes != rendered:
        return DocumentAgain(name=filename, outcome="differs", reason=f"{_BEGINS} {_NO_SEAL}")
    return DocumentAgain(name=filename, outcome="identical", reason=f"{_BEGINS} {_SEAL}")


def _read(file: Path) -> bytes | None:
    """Return the bytes of a plain file of the pack, or None where there is none that can be read."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return None
        return file.read_bytes()
    except OSError:
        return None


def _language(folder: Path) -> str | None:
    """Return the language of the report, as ``report.html`` tells it; None where it does not."""
    found = _LANGUAGE.search((_read(folder / "report.html") or b"")[:5_000])
    told = found[1].decode("ascii") if found else None
    return told if told in known_languages() else None
