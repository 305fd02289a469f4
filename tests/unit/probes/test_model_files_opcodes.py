"""The reader of opcodes reads what Python's own reader reads, and never more kindly."""

from __future__ import annotations

import io
import pickle
import pickletools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.probes.shared.model_files import machine as machines
from conformity.probes.shared.model_files.machine import Global, Machine, UnfollowableError
from conformity.probes.shared.model_files.opcodes import TABLE
from conformity.probes.shared.model_files.walk import walk

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=300)
    | st.binary(max_size=300)
    | st.complex_numbers(allow_nan=False)
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5), inner, max_size=5)
        | st.frozensets(st.integers(), max_size=4)
    ),
    max_leaves=12,
)


def names_in(content: bytes) -> set[tuple[str, str]]:
    """Return what Python's own unpickler asks for; nothing is imported, for every name gives a stand-in."""
    asked: set[tuple[str, str]] = set()

    class Reader(pickle.Unpickler):
        """An unpickler that only notes names."""

        def find_class(self, module: str, name: str) -> Any:
            asked.add((module, name))
            return lambda *args: None

    Reader(io.BytesIO(content)).load()
    return asked


@settings(max_examples=150, deadline=None)
@given(value=_VALUES, protocol=st.integers(0, 5))
def test_whatever_is_pickled_can_be_followed(value: Any, protocol: int) -> None:
    content = pickle.dumps(value, protocol)
    walked = walk(io.BytesIO(content))
    assert walked.problem is None
    assert {(g.module, g.name) for g in walked.globals} == names_in(content)


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=60))
def test_no_bytes_are_followed_that_python_cannot_read(content: bytes) -> None:
    """Where the walk goes through, ``pickletools`` reads the same opcodes; otherwise there is a problem."""
    walked = walk(io.BytesIO(content))
    if walked.problem is None:
        first = io.BytesIO(content)
        for _ in pickletools.genops(first):
            pass


@settings(max_examples=300, deadline=None)
@given(value=_VALUES, protocol=st.integers(0, 5), place=st.floats(0, 1), byte=st.integers(0, 255))
def test_a_changed_byte_hides_no_name(value: Any, protocol: int, place: float, byte: int) -> None:
    content = bytearray(pickle.dumps([value, complex(1, 2)], protocol))
    content[int(place * (len(content) - 1))] = byte
    walked = walk(io.BytesIO(bytes(content)))
    if walked.problem is None:
        seen = {(g.module, g.name) for g in walked.globals}
        try:
            asked = {
                tuple(str(arg).split(" ", 1))
                for op, arg, _ in pickletools.genops(bytes(content))
                if op.name in ("GLOBAL", "INST")
            }
        except ValueError:
            return
        assert asked <= seen


@pytest.mark.parametrize("window", [400, 1024])
def test_a_small_window_reads_the_same(monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    value = {"a": ["x" * 250] * 3 + [b"y" * 3000, "z" * 2000, list(range(500))], "b": complex(1, 2)}
    contents = [pickle.dumps(value, protocol) for protocol in range(6)]
    wide = [walk(io.BytesIO(content)) for content in contents]
    monkeypatch.setattr(machines, "_WINDOW", window)
    monkeypatch.setattr(machines, "_LONGEST_LINE", 10_000)
    narrow = [walk(io.BytesIO(content)) for content in contents]
    assert [one.problem for one in narrow] == [None] * 6
    assert [one.globals for one in narrow] == [one.globals for one in wide]


def test_too_many_instructions_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "MAX_STEPS", 100)
    problem = walk(io.BytesIO(b"N0" * 200 + b"N.")).problem
    assert problem == "it holds more than 100 instructions"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x8c\x02\xff\xff.", "not UTF-8"),
        (b"X\x02\x00\x00\x00\xff\xff.", "not UTF-8"),
        (b"X\xff\xff\x00\x00a", "ends too early"),
        (b"B\xff\xff\xff\x00a", "ends too early"),
        (b"\x8c\x09a", "ends too early"),
        (b"G1234", "ends too early"),
        (b"Sabc\n.", "without its quotes"),
        (b"S'\\x9'\n.", "broken escape"),
        (b"V\\u12\n.", "broken escape"),
        (b"I0x10\n.", "not written in digits"),
        (b"Fx\n.", "not written in digits"),
        (b"Np1 \n.", "not written in digits"),
        (b"c\xff\nx\n.", "not text"),
        (b"N", "ends too early"),
        (b"Va", "ends too early"),
        (b"\x80\x09N.", "a version that does not exist"),
        (b"\x8a\x02\x01", "ends too early"),
        (b"2.", "a value that is not there"),
        (b"N" + b"ccopyreg\n_reconstructor\n)Rcjoblib.numpy_pickle\nNumpyArrayWrapper\n\x86.", "another way"),
    ],
)
def test_what_is_written_wrongly_is_not_followed(content: bytes, words: str) -> None:
    problem = walk(io.BytesIO(content)).problem
    assert problem is not None
    assert words in problem


@pytest.mark.parametrize(
    "content",
    [
        b"L123L\n.",
        b"L" + b"9" * 500 + b"L\n.",
        b"F1.5\n.",
        b"I00\n0I01\n.",
        b"Pid\n.",
        b"NQ.",
        b"\x8b\x04\x00\x00\x00\x01\x02\x03\x04.",
        b"\x8a\x20" + bytes(32) + b".",
        b"(lN.",
        b"]Na0N.",
        b"N(N10N.",
        b"N\x970N.".replace(b"\x97", b"\x98"),
        b"\x97.",
        b"\x96\x02\x00\x00\x00\x00\x00\x00\x00ab.",
        b"}(Va\nI1\nu.",
        b"}Va\nI1\ns.",
    ],
)
def test_rare_instructions_are_followed(content: bytes) -> None:
    assert walk(io.BytesIO(content)).problem is None


def test_a_dictionary_with_very_many_keys_is_forgotten_whole() -> None:
    """Else an array's shape could be written anew behind a thousand other keys."""
    found: set[Global] = set()
    pairs = b"".join(f"Vk{n}\nN".encode() for n in range(2000))
    machine = Machine(io.BytesIO(b"}(" + pairs + b"uVshape\nNs."), found, lambda _: None)
    machine.run(TABLE)
    assert machine.last == {None: machines.UNKNOWN}


def test_large_values_are_passed_unread() -> None:
    size = (3 * 1024**2).to_bytes(4, "little")
    for op in (b"B", b"X", b"T"):
        walked = walk(io.BytesIO(op + size + bytes(3 * 1024**2) + b"0ccollections\nOrderedDict\n."))
        assert walked.problem is None
        assert walked.globals == {Global("collections", "OrderedDict")}
    with pytest.raises(UnfollowableError, match="ends too early"):
        Machine(io.BytesIO(b"B" + size), set(), lambda _: None).run(TABLE)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001), "ends too early"),
        (b"N" + b"q\x01" * 3, "ends too early"),
        (b"\x80\x04\x95\x01\x00\x00\x00\x00\x00\x00\x00J\x01\x00\x00\x00.", "crosses the end of a frame"),
        (b"S" + b"x" * 200_000, "ends too early"),
        (b"\x8c", "ends too early"),
    ],
)
def test_what_ends_too_early_is_not_followed(content: bytes, words: str) -> None:
    problem = walk(io.BytesIO(content)).problem
    assert problem is not None
    assert words in problem


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"\x80\x04 no pickle at all, though it begins as one", set()),
        (b"\x80\x04cposix\nsystem\n and then noise", {"posix.system"}),
        (b"\x1f\x8bbroken gzip, which nothing can unpack", set()),
        (b"8004" + b"z" * 40, set()),
        (b"gASV" + b"A" * 41, set()),
        (b"g" * 30 + b"\xff", set()),
    ],
)
def test_what_only_looks_hidden_is_nothing(content: bytes, names: set[str]) -> None:
    walked = walk(io.BytesIO(pickle.dumps({"a": content, "b": content.decode("latin-1")})))
    assert walked.problem is None
    assert {str(one) for one in walked.hidden} == names


def test_texts_with_spaces_hide_nothing() -> None:
    assert walk(io.BytesIO(pickle.dumps("gA is a word in this sentence"))).hidden == frozenset()
    assert walk(io.BytesIO(pickle.dumps("\n" + "gASV" + "A" * 2_000_000))).problem is None
