"""JSON without settings of interest is only checked for soundness, with the same outcome as when read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from conformity.probes.shared.model_files import texts
from conformity.probes.shared.model_files.findings import Findings
from conformity.probes.shared.model_files.texts import examine_text, holds_no_settings

SOUND = (
    '{"a":[1,-2.5E-3,0],"b":{"c":[true,null]},"d":"é"}',
    '{"a":NaN}',
    "{}",
    ' \n{"a":1}\n',
    '{"a":1,"a":2}',
)
SETTINGS = (
    '{"a":[{"auto_map":{"x":"y"}}]}',
    '{"auto_map":1,"auto_map":0}',
    '{"trust_remote_code":true}',
    '{"x":{"_target_":"os.system"}}',
    '{"chat_template":"{{ x.__class__ }}"}',
    '{"class_name":"Lambda","config":{}}',
    '{"auto\\u005fmap":{"x":"y"}}',
    '{"a":"auto_map"}',
    "[1,2]",
)
BROKEN = (
    '{"a":01}',
    '{"a":1.}',
    '{"a":1,}',
    '{"a":[1 2]}',
    '{"a":"\x01"}',
    '{"a":1}{"b":2}',
    '{"a":"b}',
    '{"a":' + "[" * 3000 + "]" * 3000 + "}",
    '{"a":' + "9" * 5000 + "}",
    "{",
)


def found(text: str, folder: Path) -> tuple[object, ...]:
    """Return what the examination of a text comes to."""
    into = Findings(folder, len(text))
    examine_text(io.BytesIO(text.encode("utf-8")), "a.json", into)
    return into.contents, into.problems


@pytest.mark.parametrize("text", [*SOUND, *SETTINGS, *BROKEN])
def test_what_is_found_is_the_same_as_when_all_is_read(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for begin in ("", "\ufeff"):
        quickly = found(begin + text, tmp_path)
        with monkeypatch.context() as slow:
            slow.setattr(texts, "holds_no_settings", lambda _: False)
            assert found(begin + text, tmp_path) == quickly


def test_only_sound_json_without_settings_is_not_read() -> None:
    assert [text for text in SOUND if not holds_no_settings(text)] == []
    assert [text for text in (*SETTINGS, *BROKEN) if holds_no_settings(text)] == []
