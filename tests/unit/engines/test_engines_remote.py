"""Addresses of tables elsewhere: what they say, what they must not hold, and which may be contacted."""

from __future__ import annotations

import pytest

from conformity.engines.remote import Address, check_allowed, is_address, parse_address
from conformity.errors import PathError


@pytest.mark.parametrize(
    ("text", "table", "address"),
    [
        ("s3://bucket/a.csv", None, Address("s3", "bucket", None, "a.csv")),
        ("s3://my.bucket-1/y=1/a b.parquet", None, Address("s3", "my.bucket-1", None, "y=1/a b.parquet")),
        ("s3://bucket/folder/", None, Address("s3", "bucket", None, "folder/")),
        ("s3://bucket/", None, Address("s3", "bucket", None, "")),
        ("s3://bucket", None, Address("s3", "bucket", None, "")),
        ("postgresql://h:1/d#t", None, Address("postgresql", "h", 1, "d", "t")),
        ("postgresql://DB.Example/d#s.t", None, Address("postgresql", "db.example", 5432, "d", "s.t")),
        ("postgresql://[::1]:5433/d", None, Address("postgresql", "[::1]", 5433, "d", None)),
        ("postgresql://h/d", "s.t", Address("postgresql", "h", 5432, "d", "s.t")),
        ("postgresql://h/d#s.t", "s.t", Address("postgresql", "h", 5432, "d", "s.t")),
        ("postgresql://h/my%20d#a%23%40", None, Address("postgresql", "h", 5432, "my d", "a#@")),
        ("postgresql://h/d#", None, Address("postgresql", "h", 5432, "d", None)),
    ],
)
def test_an_address_has_these_parts(text: str, table: str | None, address: Address) -> None:
    assert is_address(text)
    assert parse_address(text, table) == address


@pytest.mark.parametrize(
    "path", ["data.csv", "s3/x", "https://host/x", "file:///x", "postgres://h/d", "S3://b/x"]
)
def test_other_paths_are_no_addresses(path: str) -> None:
    assert not is_address(path)


def test_an_address_is_known_by_its_place() -> None:
    assert parse_address("s3://bucket/a/b").place == "s3://bucket"
    assert parse_address("s3://bucket/a/b").name == "s3://bucket/a/b"
    assert parse_address("postgresql://H/d#t").place == "postgresql://h:5432"
    assert parse_address("postgresql://H/d#t").name == "postgresql://h:5432/d"


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://user:hidden@host/d#t",
        "postgresql://hidden@host/d#t",
        "s3://id:hidden@bucket/key",
        "s3://bucket/key?secret=hidden",
        "postgresql://host/d?password=hidden#t",
        "postgresql://host/d#t?password=hidden",
        "s3://bucket/hidden\x1b[2J",
        "postgresql://host/hidden\nd",
        "postgresql://user:hid/hidden@host/d#t",
        "postgresql://user:hid#hidden@host/d",
        "s3://id:hidden/hidden@bucket/key",
    ],
)
def test_credentials_and_options_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(
        PathError, match=r"the address of a table (must have no|after s3:// names no bucket)"
    ) as caught:
        parse_address(text)
    assert "hidden" not in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "table", "part"),
    [
        ("s3:///key", None, "names no bucket; write s3://bucket/key"),
        ("s3://B_/key", None, "names no bucket"),
        ("s3://bucket/a#b", None, "is no database, so that it has no table 'b'; remove it"),
        ("s3://bucket/a.csv", "t", "is no database, so that it has no table 't'"),
        ("s3://bucket/*.csv", None, "is a pattern; name one file, or a folder with / at its end"),
        ("s3://bucket/a//b", None, "cannot be the name of a file"),
        ("s3://bucket/../b", None, "cannot be the name of a file"),
        ("s3://bucket/./b", None, "cannot be the name of a file"),
        ("s3://bucket//", None, "cannot be the name of a file"),
        ("s3://bucket/" + "é" * 128, None, "cannot be the name of a file"),
        ("postgresql:///d#t", None, "names no server; write postgresql://host:5432/database"),
        ("postgresql://a,b/d#t", None, "names no server"),
        ("postgresql://host:0/d#t", None, "names no server"),
        ("postgresql://host:65536/d#t", None, "names no server"),
        ("postgresql://%2Fvar%2Frun/d#t", None, "names no server"),
        ("postgresql://host", None, "names no database; write host/database#schema.table"),
        ("postgresql://host/#t", None, "names no database"),
        ("postgresql://host/a/b#t", None, "names no database"),
        ("postgresql://host/d#t", "u", "names another table than `table`, 'u'; keep one"),
        ("postgresql://host/a%0Ab#t", None, "has control characters"),
        ("postgresql://host/d#a%00", None, "has control characters"),
    ],
)
def test_a_wrong_address_gets_a_sentence(text: str, table: str | None, part: str) -> None:
    with pytest.raises(PathError) as caught:
        parse_address(text, table)
    assert part in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("s3://bucket/a/b.csv", "s3://bucket"),
        ("s3://bucket/a/b.csv", "s3://bucket/"),
        ("s3://bucket/a/b.csv", "s3://bucket/a"),
        ("s3://bucket/a/b.csv", "s3://bucket/a/"),
        ("s3://bucket/a/b.csv", "s3://bucket/a/b.csv"),
        ("s3://bucket/a/", "s3://bucket/a"),
        ("s3://bucket", "s3://bucket"),
        ("postgresql://host/d#t", "postgresql://host"),
        ("postgresql://host/d#t", "postgresql://HOST:5432"),
        ("postgresql://host:5432/d#t", "postgresql://host/d"),
        ("postgresql://[::1]/d#t", "postgresql://[::1]:5432"),
    ],
)
def test_what_lies_at_an_allowed_place_may_be_contacted(text: str, place: str) -> None:
    check_allowed(parse_address(text), ["s3://another", place])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("s3://bucket/a", "s3://bucket2"),
        ("s3://bucket2/a", "s3://bucket"),
        ("s3://bucket/ab/c", "s3://bucket/a"),
        ("s3://bucket", "s3://bucket/a"),
        ("s3://bucket/a", "s3://bucket/a/b"),
        ("s3://bucket/a", "postgresql://bucket"),
        ("postgresql://host/d", "postgresql://host:5433"),
        ("postgresql://host/d", "postgresql://host/dd"),
        ("postgresql://host/dd", "postgresql://host/d"),
        ("postgresql://host.evil/d", "postgresql://host"),
        ("postgresql://host/d", "s3://host"),
        ("postgresql://host/d", "postgresql://*"),
    ],
)
def test_what_lies_elsewhere_may_not(text: str, place: str) -> None:
    with pytest.raises(PathError, match="allow it with CONFORMITY_REMOTE="):
        check_allowed(parse_address(text), [place])


def test_nothing_may_be_contacted_unless_it_is_allowed() -> None:
    with pytest.raises(PathError) as caught:
        check_allowed(parse_address("postgresql://host/d#t"), ())
    assert caught.value.message == (
        "postgresql://host:5432/d lies where this machine may not connect to; allow it with "
        "CONFORMITY_REMOTE=postgresql://host:5432, or copy the table beside the manifest"
    )
