"""Text for other programs: nothing hidden, names that are names, paths that stay paths, JSON always alike."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import urlsplit

import pytest

from conformity.render.exports.front_matter import front_matter
from conformity.render.exports.plain import clean, end_of, json_bytes, moment, one_line, token, uri
from tests.support.assessments import RUN
from tests.support.exported import HARD_TEXTS, read_yaml


def test_what_hides_or_reorders_is_written_out_and_line_breaks_stay() -> None:
    assert clean("a\u202eb\u00a0c\r\nd\te") == "a[U+202E]b c\nd\te"
    assert one_line(" a\n\n b\tc ") == "a b c"
    assert one_line("\x1c") == "[U+001C]"
    assert one_line(" \u00a0 ") == "–"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("art10.2.f", "art10.2.f"),
        ("annexIII.5.b", "annexIII.5.b"),
        ("5 a/b", "_5-a-b"),
        ("_x", "_x"),
        ("", "_"),
    ],
)
def test_a_token_is_a_name(text: str, name: str) -> None:
    assert token(text) == name


@pytest.mark.parametrize(
    "path",
    ["data/a b.csv", "c:/x.csv", "//host/x", "http://host/x", "a?b#c", "é/\u202ex", "..", "a\\b", "x*.csv"],
)
def test_a_path_never_becomes_an_address(path: str) -> None:
    parts = urlsplit(uri(path))
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert uri("") == "."


def test_json_is_sorted_cleaned_and_holds_no_number_that_is_none() -> None:
    assert json_bytes({"b": ["\u202e", 1], "a": {"c": None}}) == b'{"a":{"c":null},"b":["[U+202E]",1]}\n'
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"a": float("nan")})


def test_times_are_in_utc_to_the_second() -> None:
    assert moment(RUN) == "2026-11-22T12:00:00Z"
    assert end_of(date(2027, 1, 31)) == "2027-01-31T23:59:59Z"


def test_every_text_in_a_yaml_head_comes_back_as_that_text() -> None:
    numbers = [1, 0.25, 6e-08, 6.07e-08, -1e21]
    texts = [*HARD_TEXTS, "yes", "null", "1.5", "2026-01-01", "-", "~", "!x", "*a"]
    rest = {"numbers": numbers, "none": [], "in": {"a": [{"b": "c", "d": [1]}]}}
    lines = front_matter({"texts": texts, **rest})
    assert (lines[0], lines[-1]) == ("---", "---")
    assert "---" not in lines[1:-1]
    found = read_yaml("\n".join(lines[1:-1]))
    assert found == {"texts": [one_line(text) for text in texts], **rest}
    assert json.dumps(found["numbers"]) == json.dumps(numbers)
