"""Whether documents are what rendering the records again gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pydantic import ValidationError

from conformity.archive.standalone.told import Told
from conformity.errors import ConformityError
from conformity.model.redaction import RedactionRecord
from conformity.pipeline.packs import Pack
from conformity.pipeline.verifying.records import TOOL
from conformity.render import formats
from conformity.render.languages import known_languages
from conformity.settings import DISCLOSURE_LIMIT

_LANGUAGE = re.compile(rb'<html[^>]{0,200}?\blang="([A-Za-z-]{2,20})"')
_NO_PAGES = "The pages of report.pdf were not rendered again to be compared (--render)."

Progress = Callable[[str, int, int], None]
"""Told of every document that is rendered."""


def rendered_told(pack: Pack, files: Mapping[str, bytes], pages: bool, on_progress: Progress) -> Told:
    """Tell whether the documents of a pack are those that its records give.

    Args:
        pack: the records.
        files: contents by name.
        pages: whether the PDF is rendered too, which takes seconds.
        on_progress: told of every document.
    """
    if pack.assessment.tool != TOOL:
        why = f"They were made by {pack.assessment.tool}, which may render in another way than {TOOL}."
        return Told(unknown=(why,))
    known = formats()
    names = {known[name].filename: name for name in known}
    there = sorted(filename for filename in names if filename in files)
    language = _language(files.get("report.html"))
    faults: list[str] = []
    seen: list[str] = []
    unknown = [_NO_PAGES] if "report.pdf" in files and not pages else []
    for number, filename in enumerate(there, 1):
        if filename == "report.pdf" and not pages:
            continue
        on_progress(f"rendering {filename}", number, len(there))
        try:
            made = known[names[filename]].render(
                pack.assessment, pack.evidence, disclosure_limit=DISCLOSURE_LIMIT, language=language
            )
        except ConformityError as error:
            unknown.append(f"{filename} could not be rendered again: {error.message}")
            continue
        same = _same(filename, files[filename], made)
        (seen if same else faults).append(
            f"{filename} is what its records give." if same else f"{filename} is not what its records give."
        )
    return Told(tuple(faults), tuple(unknown), tuple(seen))


def carried_again(pack: Pack) -> dict[str, bytes]:
    """Return the files for other programs that a report carries, made again from the records, by name.

    Empty for a pack of another version, which may make them in another way.
    """
    from conformity.render.exports.attached import attached

    if pack.assessment.tool != TOOL:
        return {}
    try:
        return attached(pack.assessment, pack.evidence, DISCLOSURE_LIMIT)
    except ConformityError:
        return {}


def copied_told(pack: Pack, files: Mapping[str, bytes], pages: bool) -> Told:
    """Tell whether the report of a redacted copy is the one that its records give, marked as a copy.

    Args:
        pack: the records of the copy.
        files: contents by name.
        pages: whether the PDF is rendered too, which takes seconds.
    """
    from conformity.pipeline.redacting import marked
    from conformity.render.html import html_text
    from conformity.render.pdf import print_html

    if pack.assessment.tool != TOOL:
        return Told(unknown=(f"It was made by {pack.assessment.tool}, which may render in another way.",))
    try:
        removed = len(RedactionRecord.model_validate_json(files["redaction.json"]).removed)
        text = marked(html_text(pack.assessment, pack.evidence, disclosure_limit=DISCLOSURE_LIMIT), removed)
        made = {"report.html": text.encode("utf-8")}
        if pages and "report.pdf" in files:
            record = {"assessment.json": files["assessment.json"]}
            made["report.pdf"] = print_html(text, record, pack.assessment.assessed_at)
    except (ConformityError, ValidationError) as error:
        return Told(unknown=(f"It could not be rendered again: {str(error).splitlines()[0]}",))
    faults = [
        f"{name} is not what its records give."
        for name, content in made.items()
        if name in files and not _same(name, files[name], content)
    ]
    unknown = [_NO_PAGES] if "report.pdf" in files and not pages else []
    return Told(tuple(faults), tuple(unknown))


def _same(filename: str, content: bytes, made: bytes) -> bool:
    """Tell whether a file is what was rendered; the step of the seal tells what is appended."""
    return content.startswith(made) if filename == "report.pdf" else content == made


def _language(page: bytes | None) -> str:
    """Return the language in which a report was written; English where it does not tell a known one."""
    found = _LANGUAGE.search((page or b"")[:5000])
    tag = found[1].decode("ascii") if found else "en"
    return tag if tag in known_languages() else "en"
