"""The mutants themselves: which changes are made, which are left alone, and the list of those reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutation.mutants import keys_of, mutants
from tests.mutation.reviewed import reviewed
from tests.mutation.trials import TARGETS

ROOT = Path(__file__).resolve().parents[2]
HEAD = '"""A module."""\n\nfrom x import y\n\n__all__ = ["a"]\n\n'


def keys(body: str) -> list[str]:
    """Return the keys of all mutants of a module with this body."""
    return [one.key for one in mutants("m.py", HEAD + body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a = b < 1", ["- | b < 1 -> b <= 1", "- | b < 1 -> b >= 1", "- | 1 -> 2", "- | 1 -> 0"]),
        ("a = b == c", ["- | b == c -> b != c"]),
        ("a = b and c", ["- | b and c -> b or c", "- | b and c -> c", "- | b and c -> b"]),
        ("a = not b", ["- | not b -> b"]),
        ("a = min(b, c)", ["- | min -> max"]),
        ("a = True", ["- | True -> False"]),
        ("a = 'met'", ["- | 'met' -> 'xmet'"]),
        ("a = 'A sentence that people read.'", []),
        ("a = f'{b} of 3'", []),
        ("assert a > 1", []),
        ("def f(a: int = 0) -> None:\n    g()", ["f | 0 -> 1", "f | g() -> pass"]),
        ("def f(a):\n    return a + b", ["f | a + b -> a - b"]),
        ("A = B | C", []),
        ("def f(a):\n    if a:\n        raise b", ["f | a -> not a", "f | raise b -> pass"]),
        ("a = [b for b in c if d]", ["- | d -> True", "- | d -> not d"]),
        ("class A:\n    a: Annotated[int, Field(ge=0)]", ["A | 0 -> 1"]),
        ("a = [0, 0]", ["- | 0 -> 1", "- | 0 -> 1 (2)"]),
        ("if TYPE_CHECKING:\n    a = 1", []),
    ],
)
def test_each_kind_of_change_is_made_once(body: str, expected: Sequence[str]) -> None:
    assert keys(body) == expected


def test_a_mutant_holds_the_whole_changed_module_with_its_line() -> None:
    (one,) = mutants("m.py", HEAD + "a = b == c\n")
    assert "a = b != c" in one.source
    assert "from x import y" in one.source
    assert one.key == next(keys_of(HEAD + "a = b == c\n"))
    assert (one.module, one.line) == ("m.py", 7)


def test_every_reviewed_mutant_is_still_made_and_of_a_target() -> None:
    targets = {str(file.relative_to(ROOT)) for one in TARGETS for file in ROOT.glob(one.modules)}
    assert targets
    for file, known in reviewed().items():
        assert file in targets
        made = set(keys_of((ROOT / file).read_text("utf-8")))
        assert set(known) <= made


def test_the_tests_of_every_target_are_there() -> None:
    assert all((ROOT / name).exists() for target in TARGETS for name in target.tests)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("m.py\nf | a -> b\n", "'f | a -> b' has no reason"),
        ("m.py\n    a reason\n", "'a reason' stands below no mutant"),
    ],
)
def test_a_list_without_reasons_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("|", r"\|")):
        reviewed(text)


def test_reasons_may_have_several_lines() -> None:
    found = reviewed("# Words.\n\nm.py\nf | a -> b\n    One\n    reason.\n")
    assert found == {"m.py": {"f | a -> b": "One reason."}}
