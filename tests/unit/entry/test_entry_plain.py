"""Nothing that a stranger named may command a terminal."""

from __future__ import annotations

import json
import logging

import pytest

from conformity.entry.logs import set_up_logging
from conformity.entry.plain import plain, plain_json, plain_lines

HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\n\x9b31m\u202e\u200b\ud800\U000e0041"


def test_what_is_not_printable_is_written_out() -> None:
    shown = plain(HOSTILE)
    assert shown == r"\x1b[2J\x1b]0;owned\x07\r\n\x9b31m\u202e\u200b\ud800\U000e0041"
    assert shown.isprintable()


@pytest.mark.parametrize("text", ["", "Müller ✓ 日本 😀", "12\u202f000\u00a0€"])
def test_what_is_printable_stays(text: str) -> None:
    assert plain(text) == text
    assert plain_json(text) == text


def test_lines_stay_lines() -> None:
    assert plain_lines("a\nb\x1b\n") == "a\nb\\x1b\n"


def test_json_says_the_same() -> None:
    content = {"a": HOSTILE, "b": ["é", "\U000e0041", "\u00a0"]}
    text = plain_json(json.dumps(content, ensure_ascii=False, indent=1))
    assert json.loads(text) == content
    assert "".join(text.split()).isprintable()


def test_log_lines_are_plain_and_one_each(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(debug=False)
    logging.getLogger("conformity.test").error("said %s", HOSTILE)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.strip().isprintable()
    assert json.loads(said)["event"].startswith("said \x1b[2J")
