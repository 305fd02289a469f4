"""The locked manifest is the manifest with digests in comments: nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.intake.loaded import LoadedManifest
from conformity.intake.manifest import lock_manifest, parse_manifest

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
BLOCK = """\
subjects:
  # the first
  - id: a
    kind: prompt_log
    title: t
    path: logs/a.jsonl # mine
exhibits:
  - {id: b, title: t, path: "b #.md", dated: 2026-01-01, covers: [x]}
"""


def _load(text: str) -> LoadedManifest:
    return parse_manifest(text.encode(), name="c.yaml", folder=Path("/nowhere"))


def test_digests_stand_at_the_ends_of_lines_and_all_else_is_kept(smallest: str) -> None:
    loaded = _load(smallest + BLOCK)
    locked = lock_manifest(loaded, {"a": DIGEST, "b": OTHER}).decode()
    assert f"    path: logs/a.jsonl # mine  # {DIGEST}\n" in locked
    assert f"covers: [x]}}  # {OTHER}\n" in locked
    assert locked.replace(f"  # {DIGEST}", "").replace(f"  # {OTHER}", "") == smallest + BLOCK
    assert _load(locked).manifest == loaded.manifest


def test_ids_without_digest_get_no_comment(smallest: str) -> None:
    loaded = _load(smallest + BLOCK)
    assert lock_manifest(loaded, {}) == loaded.raw
    assert lock_manifest(loaded, {"a": DIGEST}).count(b"sha256:") == 1


def test_mark_and_line_ends_are_kept(smallest: str) -> None:
    raw = b"\xef\xbb\xbf" + (smallest + BLOCK).replace("\n", "\r\n").encode()
    loaded = parse_manifest(raw, name="c.yaml", folder=Path("/nowhere"))
    locked = lock_manifest(loaded, {"a": DIGEST, "b": OTHER})
    assert locked.startswith(b"\xef\xbb\xbf# what")
    assert f"# mine  # {DIGEST}\r\n".encode() in locked
    assert parse_manifest(locked, name="c.yaml", folder=Path("/nowhere")).manifest == loaded.manifest


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("block scalar", "path: >-\n      logs/a.jsonl\n"),
        ("quotes over two lines", "path: 'logs\n      a.jsonl'\n"),
    ],
)
def test_a_path_without_a_line_of_its_own_sends_all_digests_to_the_top(
    smallest: str, name: str, path: str
) -> None:
    loaded = _load(smallest + BLOCK.replace("path: logs/a.jsonl # mine\n", path))
    locked = lock_manifest(loaded, {"a": DIGEST, "b": OTHER}).decode()
    assert locked.startswith(f"# {DIGEST}  a\n# {OTHER}  b\n# what")
    assert locked.endswith(loaded.raw.decode())
    assert _load(locked).manifest == loaded.manifest


def test_a_comment_that_would_become_text_goes_to_the_top(smallest: str) -> None:
    loaded = _load(smallest + "subjects:\n  - {id: a, kind: prompt_log, path: p, title: 'one\n    two'}\n")
    locked = lock_manifest(loaded, {"a": DIGEST}).decode()
    assert locked == f"# {DIGEST}  a\n{loaded.raw.decode()}"
    assert _load(locked).manifest == loaded.manifest


def test_a_comment_that_would_break_the_text_goes_to_the_top(smallest: str) -> None:
    text = "subjects:\n  - {id: a, kind: prompt_log, path: p, title: one\n    two}\n"
    loaded = _load(smallest + text)
    locked = lock_manifest(loaded, {"a": DIGEST}).decode()
    assert locked == f"# {DIGEST}  a\n{loaded.raw.decode()}"


def test_a_last_line_without_end_gets_its_comment(smallest: str) -> None:
    loaded = _load(smallest + BLOCK.rstrip("\n"))
    locked = lock_manifest(loaded, {"b": OTHER}).decode()
    assert locked.endswith(f"covers: [x]}}  # {OTHER}")
    assert _load(locked).manifest == loaded.manifest
