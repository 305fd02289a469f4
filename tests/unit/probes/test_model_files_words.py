"""Runs of short texts are followed at once, with the same outcome as one instruction after the other."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator

import pytest

from conformity.probes.shared.model_files import groups, literals, machine
from conformity.probes.shared.model_files.groups import texts_in
from conformity.probes.shared.model_files.literals import Step
from conformity.probes.shared.model_files.machine import Global, Machine, UnfollowableError
from conformity.probes.shared.model_files.nested import may_hide
from conformity.probes.shared.model_files.opcodes import TABLE
from conformity.probes.shared.model_files.walk import walk

TEXT, MEMOIZE, STACK_GLOBAL = b"\x8c", b"\x94", b"\x93"


def short(text: bytes) -> bytes:
    """Return the instruction that pushes a short text."""
    return TEXT + bytes((len(text),)) + text


def followed(content: bytes, table: list[Step] = TABLE) -> tuple[object, ...]:
    """Return all that a machine holds after a pickle: what it imports, its stack and memory, or why not."""
    found: set[Global] = set()
    told: list[str | bytes] = []
    one = Machine(io.BytesIO(content), found, told.append)
    problem = None
    try:
        one.run(table)
    except UnfollowableError as error:
        problem = str(error)
    one.recall_all(texts_in)
    remembered = [(key, repr(value)) for key, value in sorted(one.memo.items())]
    # What cannot hide a pickle is of no interest to whom it is told.
    return found, list(filter(may_hide, told)), remembered, repr(one.last), one.tell(), problem


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
    yield from grouped()
    # A frame that ends inside a text of a run.
    yield b"\x80\x04\x95" + (99).to_bytes(8, "little") + b"(" + pad


def grouped() -> Iterator[bytes]:
    """Yield pickles with groups that are passed over as a whole, or that only begin as such."""
    # The number 19,860 is written with the two bytes that end a text; a frame ends inside a group.
    yield pickle.dumps({f"w{n}": n for n in range(18_000, 21_500)}, 4)
    yield pickle.dumps([[n / 7 for n in range(1_500)], [300 + n for n in range(900)], {70_000, 70_001}], 4)
    mixed = [f"w{n}" + "ä" * (n % 50 == 0) + "x" * (19 * (n % 70 == 0)) for n in range(2_000)]
    yield pickle.dumps([mixed, "w1500", mixed[3], mixed[1999], set(mixed)], 4)
    yield pickle.dumps([[1000 * n if n % 2 else n for n in range(999)], [300, None, "a"]], 4)
    remembered = b"".join(short(b"w%d" % n) + MEMOIZE for n in range(30))
    ends = (b"e", b"u", b"t", b"l", b"\x90", b"0", b"2e", b"1", b"e" + b"h\x1dh\x03\x93", b"eh\x1f", b"eX")
    for end in (*ends, b"eq\x0bh\x0b", b"e" + short(b"z") + MEMOIZE + b"h\x1e", b"eh\x14q\x02h\x02"):
        yield b"\x80\x04](" + remembered + end + b"."
    for text in (b"\xff", b"gASVIwAAAAAAAACMBXBvc2l4lIw=", b"n" * 19, b"n" * 20, b"\xed\xa0\x80"):
        yield b"\x80\x04](" + remembered + short(text) + MEMOIZE + b"e."
    # Numbers that break off, a text without its memory, and a text, a number or a frame at the very end.
    for rest in (b"G12345", short(b"b") + b"e.", b"\x8c", b"\x8c\x05ab", b"M1", b"\x95123", b"J"):
        yield b"\x80\x04](" + remembered + rest
    # A frame inside a frame, one that ends with the group, and one that ends inside a number.
    for length in (4 + len(remembered), 3 + len(remembered), 2 + len(remembered), 9):
        frame = b"\x95" + length.to_bytes(8, "little")
        for rest in (b"e.", b"M12e.", frame + b"e."):
            yield b"\x80\x04" + frame + b"](" + remembered + rest
    # A dictionary that keeps its keys, and something that is none.
    yield b"\x80\x04}(" + short(b"dtype") + MEMOIZE + b"M12u" + b"]u."
    yield b"\x80\x04ccollections\nOrderedDict\n)R(" + short(b"dtype") + MEMOIZE + b"M12u."


@pytest.mark.parametrize("content", list(programs()))
def test_a_run_leaves_what_its_instructions_leave(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = followed(content)
    monkeypatch.setattr(machine, "_WINDOW", 700)
    assert followed(content) == at_once
    monkeypatch.setattr(groups, "_MOST_PIECES", 3)
    assert followed(content) == at_once
    monkeypatch.setattr(literals, "_WORD_BYTES", 10**9)
    one_by_one = [Machine.mark if code == pickle.MARK[0] else step for code, step in enumerate(TABLE)]
    assert followed(content, one_by_one) == at_once


def test_names_in_a_run_are_imported() -> None:
    imported = next(content for content in programs() if b"h\x00h\x01\x93" in content)
    assert walk(io.BytesIO(imported)).globals == {Global("os", "system")}


def test_a_large_vocabulary_is_passed_over() -> None:
    one = Machine(io.BytesIO(pickle.dumps({f"w{n}": n + 300 for n in range(9_000)}, 4)), set(), print)
    one.run(TABLE)
    assert one.unread > 4_000


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
