"""Write down which bytes a manifest's paths stood for, in the manifest's own text."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

from conformity.intake.loaded import LoadedManifest
from conformity.intake.yaml_text import Tree, YamlProblemError, parse

LOCKED_MANIFEST = "manifest.lock.yaml"
"""The file of a pack that holds the manifest with the digests of what it names."""

_LISTS = ("subjects", "exhibits")


def lock_manifest(loaded: LoadedManifest, digests: Mapping[str, str]) -> bytes:
    """Return the text of ``manifest.lock.yaml``: the manifest with a digest beside every path.

    The text is the original, byte for byte, plus comments, so it stays a manifest that says the
    same. A digest stands at the end of the line of its ``path``; where a comment there would become
    part of a text, all digests stand in comments at the top instead.

    Args:
        loaded: the manifest as read.
        digests: for each id of a subject or exhibit its digest, ``sha256:...``; ids without a digest
            get no comment.
    """
    body = loaded.raw.removeprefix(codecs.BOM_UTF8)
    mark = loaded.raw[: len(loaded.raw) - len(body)]
    text = body.decode("utf-8")
    beside = _beside(text, loaded.source.tree, digests)
    if beside is None or not _says_the_same(beside, loaded.source.tree):
        beside = _at_top(text, loaded.source.tree, digests)
    return mark + beside.encode("utf-8")


def _beside(text: str, tree: Tree, digests: Mapping[str, str]) -> str | None:
    """Return the text with digests at the ends of lines, or None when a path has no line of its own."""
    ends: list[tuple[int, str]] = []
    for list_name, index, digest in _digested(tree, digests):
        end = tree.spots[(list_name, index, "path")].end
        if end is None:
            return None
        ends.append((_end_of_line(text, end), f"  # {digest}"))
    for end, comment in sorted(ends, reverse=True):
        text = text[:end] + comment + text[end:]
    return text


def _digested(tree: Tree, digests: Mapping[str, str]) -> list[tuple[str, int, str]]:
    """Return list, position and digest of every subject and exhibit that has one."""
    return [
        (list_name, index, digests[item["id"]])
        for list_name in _LISTS
        for index, item in enumerate(tree.data.get(list_name, ()))
        if item["id"] in digests
    ]


def _end_of_line(text: str, start: int) -> int:
    """Return the position of the line break, or of the end of the text, after ``start``."""
    while start < len(text) and text[start] not in "\r\n":
        start += 1
    return start


def _says_the_same(text: str, tree: Tree) -> bool:
    """Tell whether the text still holds the data of the tree."""
    try:
        return bool(parse(text).data == tree.data)
    except YamlProblemError:
        return False


def _at_top(text: str, tree: Tree, digests: Mapping[str, str]) -> str:
    """Return the text with the digests in comments before everything else."""
    lines = [
        f"# {digest}  {tree.data[list_name][index]['id']}\n"
        for list_name, index, digest in _digested(tree, digests)
    ]
    return "".join(lines) + text
