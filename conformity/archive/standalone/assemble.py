"""Join the parts of the stand-alone verifier to one file that an auditor takes along."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from conformity.model.base import Sha256, sha256_of

PARTS: Final = (
    "told",
    "folder",
    "strict_json",
    "pdf_objects",
    "pdf",
    "pack",
    "envelope",
    "chain",
    "steps",
    "main",
)
"""The modules of this package that it is made of, each after those that it needs."""

_HEAD = '''#!/usr/bin/env python3
"""Verify what `conformity` wrote, without it: a pack, an archive, or a report in PDF.

    python3 verify_conformity.py PATH [--key PUBLIC.pem] [--head sha256:...] [--json]

Needs Python 3.9 or later and nothing else; with the package `cryptography` it checks signatures too. It opens
no network connection, writes nothing, follows no link and runs nothing that it reads. Exit code: 0 when
nothing failed, 5 when something did, 3 when there was nothing to read. What cannot be told is not passed.

Written by `conformity verify --write-standalone`; `conformity verify --standalone-digest` prints its SHA-256
digest. It is made of the modules of `conformity/archive/standalone`, one section for each.
"""
'''


def standalone() -> bytes:
    """Return the stand-alone verifier; the same version always gives the same bytes."""
    plain: set[str] = set()
    chosen: dict[str, set[str]] = {}
    sections: list[str] = []
    for part in PARTS:
        source = Path(__file__).with_name(f"{part}.py").read_text("utf-8")
        tree = ast.parse(source)
        for node in tree.body:
            if isinstance(node, ast.Import):
                plain |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(_INNER):
                chosen.setdefault(node.module or "", set()).update(alias.name for alias in node.names)
        sections.append(f"# ---- {(ast.get_docstring(tree) or '').splitlines()[0]}\n\n{_body(source, tree)}")
    lines = [f"import {name}" for name in sorted(plain)]
    lines += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(chosen.items())]
    return "\n".join([_HEAD, _FUTURE, "", *lines, "", "\n\n\n".join(sections), ""]).encode("utf-8")


def standalone_digest() -> Sha256:
    """Return the digest of the stand-alone verifier that belongs to this version."""
    return sha256_of(standalone())


_FUTURE = "from __future__ import annotations"
_INNER = ("conformity.", "__future__")


def _body(source: str, tree: ast.Module) -> str:
    """Return a module without its heading and imports, each docstring cut to its first line."""
    lines = source.split("\n")
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or ast.get_docstring(node) is None:
            continue
        said = node.body[0]
        if said.end_lineno is not None and said.end_lineno > said.lineno:
            lines[said.lineno - 1] += '"""'
            lines[said.lineno : said.end_lineno] = [_CUT] * (said.end_lineno - said.lineno)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    end = max(node.end_lineno or 0 for node in imports)
    return "\n".join(line for line in lines[end:] if line != _CUT).strip("\n")


_CUT = "\0"
