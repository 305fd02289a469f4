"""The order of the tests: every process begins with its part of what takes long."""

from __future__ import annotations

from tests.support.dealing import dealt


def _dealt(items: list[str], workers: int) -> str:
    """Return the order of tests named by a letter for their file; slow ones are capitals."""
    return "".join(dealt(items, workers, slow=str.isupper, group=str))


def test_each_process_begins_with_slow_tests() -> None:
    # Of ten tests the first process is given five, the second five: as pytest-xdist does it.
    assert _dealt(list("abAAcdBBef"), 2) == "AAabcBBdef"


def test_the_parts_are_those_that_xdist_cuts() -> None:
    # 8 tests for 3 processes: 8 // 3, then 6 // 2, then the rest.
    assert _dealt(list("aAbBcCde"), 3) == "AaBbcCde"


def test_tests_of_one_file_stay_together_and_none_is_lost() -> None:
    assert _dealt(list("AaAAA"), 2) == "AAAAa"
    assert _dealt(list("aA"), 1) == "Aa"
    assert _dealt([], 4) == ""
