"""Runs of short texts are followed at once, with the same outcome as one instruction after the other."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator

import pytest

from conformity.probes.shared.model_files import literals, machine
from conformity.probes.shared.model_files.machine import Global, Machine, UnfollowableError
from conformity.probes.shared.model_files.opcodes import TABLE
from conformity.probes.shared.model_files.walk import walk

TEXT, MEMOIZE, STACK_GLOBAL = b"\x8c", b"\x94", b"\x93"


def short(text: bytes) -> bytes:
    """Return the instruction that pushes a short text."""
    return TEXT + bytes((len(text),)) + text


def followed(content: bytes) -> tuple[object, ...]:
    """Return all that a machine holds after a pickle: what it imports, its stack and memory, or why not."""
    found: set[Global] = set()
    told: list[str | bytes] = []
    one = Machine(io.BytesIO(content), found, told.append)
    problem = None
    try:
        one.run(TABLE)
    except UnfollowableError as error:
        problem = str(error)
    return found, told, [repr(value) for value in one.memo.values()], list(one.memo), one.tell(), problem


def programs() -> Iterator[bytes]:
    """Yield pickles with runs of short texts in them, and with what ends such runs."""
    words = {f"w{n}": n for n in range(3_000)}
    yield pickle.dumps(words, 4)
    yield pickle.dumps({**words, "x" * 19: 70_000, "y" * 20: 1, "ä": 300, "": 0}, 4)
    yield pickle.dumps([f"w{n}" for n in range(500)], 5)
    yield pickle.dumps(list(map(str, range(400))), 4)[:-300]
    pad = 40 * (short(b"a") + MEMOIZE) + b"."
    yield b"\x80\x04(" + short(b"os") + MEMOIZE + short(b"system") + MEMOIZE + STACK_GLOBAL + pad
    yield b"\x80\x04(" + short(b"os") + MEMOIZE + short(b"system") + MEMOIZE + b"h\x00h\x01\x93" + pad
    # A text that is no UTF-8, one with half a pair, and one that may hide something.
    for text in (b"\xff", b"\xed\xa0\x80", b"gASVIwAAAAAAAACMBXBvc2l4lIw="):
        yield b"\x80\x04(" + short(b"a") + MEMOIZE + short(text) + MEMOIZE + pad
    # A number of the memory that is taken already keeps its length, by which the next one is numbered.
    yield b"\x80\x04(" + short(b"a") + b"q\x01" + short(b"b") + MEMOIZE + short(b"c") + MEMOIZE + pad
    # A frame that ends inside a text of a run.
    yield b"\x80\x04\x95" + (99).to_bytes(8, "little") + b"(" + pad


@pytest.mark.parametrize("content", list(programs()))
def test_a_run_leaves_what_its_instructions_leave(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = followed(content)
    monkeypatch.setattr(machine, "_WINDOW", 700)
    assert followed(content) == at_once
    monkeypatch.setattr(literals, "_WORD_BYTES", 10**9)
    assert followed(content) == at_once


def test_names_in_a_run_are_imported() -> None:
    imported = next(content for content in programs() if b"h\x00h\x01\x93" in content)
    assert walk(io.BytesIO(imported)).globals == {Global("os", "system")}


def test_words_count_as_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MAX_STEPS", 1_000)
    monkeypatch.setattr(machine, "_WINDOW", 700)
    assert walk(io.BytesIO(pickle.dumps([f"w{n}" for n in range(300)]))).problem is None
    many = walk(io.BytesIO(pickle.dumps([f"w{n}" for n in range(2_000)])))
    assert many.problem == "it holds more than 1000 instructions"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"g5\n.", "never remembered"),
        (b"h\x05.", "never remembered"),
        (b"j\x05\0\0\0.", "never remembered"),
        (b"cfractions\nFraction\n)R}b}b.", "twice"),
        (b"\x94.", "not there"),
        (b"b.", "more values than there are"),
        (b"\x85.", "more values than there are"),
        (b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n\x85.", "in another way"),
        (b"cjoblib.numpy_pickle\nread_zfile\n.", "reads from the file itself"),
        (b"K", "ends too early"),
    ],
)
def test_instructions_written_out_refuse_what_the_others_do(content: bytes, words: str) -> None:
    problem = walk(io.BytesIO(content)).problem
    assert problem is not None
    assert words in problem


def test_a_quoted_text_may_hide_a_pickle() -> None:
    hidden = pickle.dumps(print, 0).decode("ascii").replace("\n", "\\n").replace(r"'", r"\'")
    walked = walk(io.BytesIO(f"S'{hidden}{'0' * 30}'\n.".encode("ascii")))
    assert Global("__builtin__", "print") in walked.hidden


def test_a_long_number_is_read_beyond_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_WINDOW", 310)
    long = b"C\xff" + bytes(255) + b"0" + b"B\x2c\x01\0\0" + bytes(300) + b"0"
    content = b"\x80\x04" + b"N0" * 150 + long + b"N."
    assert walk(io.BytesIO(content)).problem is None
