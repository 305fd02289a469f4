"""Malicious model files whose trick lies in what their numbers, states and types say; none is ever loaded.

Source:
    Made for the readers of this project: SciPy, ``rv_generic.__setstate__`` (runs a text of the state);
    joblib, ``NumpyArrayWrapper`` (where an array ends); Python, Modules/_pickle.c; NumPy, dtype states.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator

from tests.support.malicious_models import call
from tests.support.model_files import framed, safetensors

_P = b"\x80\x04"
_EVIL = "import os\nos.system('true')\ndef _parse_args(self): pass\n_parse_args_rvs = _parse_args\n"
_TEMPLATE = "_parse_arg_template"
_BODY = call()[2:]
_MAGIC = 0x1950A86A20F9469CFC6C


def short(text: str | bytes) -> bytes:
    """Return the instruction that pushes a short text."""
    raw = text.encode() if isinstance(text, str) else text
    return b"\x8c" + bytes((len(raw),)) + raw


def named(module: str, name: str) -> bytes:
    """Return the instruction that imports a name."""
    return f"c{module}\n{name}\n".encode()


def whole(value: int) -> bytes:
    """Return the instruction that pushes a number."""
    return b"J" + struct.pack("<i", value)


def _computed(text: str) -> bytes:
    """Return instructions that push a text as the result of a call."""
    return named("builtins", "str") + short(text) + b"\x85R"


def dtype(code: str) -> bytes:
    """Return instructions that make a type of NumPy."""
    return named("numpy", "dtype") + short(code) + b"\x89\x88\x87R"


def wrapper(*pairs: bytes) -> bytes:
    """Return instructions that make joblib's wrapper of an array with a state."""
    plain = short("subclass") + named("numpy", "ndarray") + short("order") + short("C")
    made = named("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
    return _P + made + plain + b"".join(pairs) + b"ub"


def malicious_numbers() -> Iterator[tuple[str, bytes]]:
    """Yield what is done and the file that does it."""
    yield from _distributions()
    yield from _arrays()
    yield from _types()
    yield from _instructions()
    yield from _tensors()


def _distributions() -> Iterator[tuple[str, bytes]]:
    """Yield distributions of SciPy whose state holds a text to run."""
    text = b"X" + struct.pack("<I", len(_EVIL)) + _EVIL.encode()
    for module, name in (
        ("scipy.stats._continuous_distns", "norm_gen"),
        ("scipy.stats._discrete_distns", "poisson_gen"),
    ):
        made = _P + named(module, name) + b")\x81"
        key = short(_TEMPLATE)
        many = b"".join(short(f"k{i}") + b"N" for i in range(1100))
        remade = b"(" + named(module, name) + named("builtins", "object") + b"NtR}"
        yield f"{name}: text", made + b"}" + key + text + b"sb."
        yield f"{name}: pairs", made + key + text + b"\x86\x85b."
        yield f"{name}: computed key", made + b"}" + _computed(_TEMPLATE) + text + b"sb."
        yield f"{name}: bytes", made + b"}" + key + b"B" + text[1:] + b"sb."
        yield f"{name}: many keys", made + b"}(" + many + key + text + b"ub."
        yield (
            f"{name}: other mapping",
            made + named("collections", "OrderedDict") + b")R" + key + text + b"sb.",
        )
        yield f"{name}: remade", _P + named("copyreg", "_reconstructor") + remade + key + text + b"sb."
        yield f"{name}: no text", made + b"}b."
        yield f"{name}: handed on", _P + named("builtins", "list") + named(module, name) + b"\x85R."


def _arrays() -> Iterator[tuple[str, bytes]]:
    """Yield arrays that end elsewhere than they seem to, with a pickle behind the true end."""
    length = len(_BODY) + 1
    shape, one, none = short("shape"), whole(1) + b"\x85", whole(0) + b"\x85"
    seeming = short("dtype") + dtype("u1") + shape + whole(length) + b"\x85"
    behind = b"0" + _BODY + b"."
    text = named("numpy", "str_") + shape + b"\x85R"
    padding = "numpy_array_alignment_bytes"
    yield "shape under a computed key", wrapper(seeming, _computed("shape"), none) + behind
    yield "shape under a text of NumPy", wrapper(seeming, text, none) + behind
    yield (
        "type under a computed key",
        wrapper(shape, one, short("dtype"), dtype(f"S{length}"), _computed("dtype"), dtype("S1")) + behind,
    )
    yield (
        "padding under a computed key",
        wrapper(short("dtype"), dtype("u1"), shape, one, _computed(padding), whole(16)) + behind,
    )
    dimensions = b"(\x8a\x10" + b"\xff" * 15 + b"\x7f" + b"2" * 300_000 + b"t"
    yield "very many dimensions", wrapper(short("dtype"), dtype("u1"), shape, dimensions) + behind


def _types() -> Iterator[tuple[str, bytes]]:
    """Yield arrays whose types break a reader that takes them at their word."""
    shape = short("shape") + whole(1) + b"\x85"
    long = named("numpy", "dtype") + b"X" + struct.pack("<I", 6000) + b"u" + b"9" * 5999 + b"\x89\x88\x87R"
    nested = dtype("V1")
    for _ in range(3000):
        nested = dtype("V1") + b"(K\x03" + short("|") + b"N" + short("a") + b"\x85}" + short("a") + nested
        nested += b"K\x00\x86sK\x01K\x01K\x00tb"
    made = {
        "a digit that is none": dtype("u²"),
        "a size of thousands of digits": long,
        "made by a type": dtype("u1") + short("u1") + b"\x85R",
        "made by a mapping": b"}" + short("u1") + b"\x85R",
        "nested": nested,
    }
    for how, content in made.items():
        yield f"type: {how}", wrapper(short("dtype"), content, shape) + b"x." + _BODY


def _instructions() -> Iterator[tuple[str, bytes]]:
    """Yield pickles that change what is there, or say names in ways that few readers follow."""
    change = b"N}" + short("predict") + named("builtins", "list") + b"s\x86b."
    clobbered = short("collections") + b"\x94" + short("OrderedDict") + b"\x940"
    clobbered += short("posix") + b"q\x000" + short("system") + b"q\x010h\x00h\x01"
    magic = pickle.dumps(_MAGIC, 2) + pickle.dumps(1001, 2) + pickle.dumps({}, 2)
    yield "changes a class", _P + named("sklearn.dummy", "DummyClassifier") + change
    yield "changes a class from the memo", _P + named("sklearn.tree", "Tree") + b"\x940h\x00" + change
    yield "very many pickles", b"N." * 300_000
    yield "very many pickles, then one", b"N." * 20_000 + call()
    yield "memo with negative numbers", b"Vposix\np-1\n0Vsystem\np-2\n0g-1\ng-2\n\x93)R."
    yield "memo written over", _P + clobbered + b"\x93)R."
    yield "module renamed since Python 2", b"\x80\x02ccommands\ngetoutput\nU\x04true\x85R."
    yield "pickle of Python 2", b"\x80\x02ccPickle\nloads\nU\x04true\x85R."
    yield "reduce of Python 2", b"\x80\x02c__builtin__\nreduce\n)R."
    yield "name before a carriage return", b"cposix\r\nsystem\n)R."
    yield "registered name of two bytes", _P + b"\x83\x01\x00)R."
    yield "registered name of four bytes", _P + b"\x84\x01\x00\x00\x00)R."
    yield "name added to two", _P + short("posix") + named("operator", "add") + b"\x93)R."
    yield "names as bytes", _P + b"C\x05posixC\x06system\x93)R."
    yield "INST in a frame", framed(b"(S'true'\niposix\nsystem\n.", 24)
    yield "OBJ in two groups", b"((cposix\nsystem\nS'true'\no)t."
    yield "setter of another", _P + named("sklearn.base", "BaseEstimator.__setstate__") + b"}}\x86R."
    yield "through pathlib", _P + short("pathlib") + short("os.system") + b"\x93" + short("x") + b"\x85R."
    yield "through random", _P + short("random") + short("_os.system") + b"\x93" + short("x") + b"\x85R."
    yield "through datetime", _P + short("datetime") + short("sys") + b"\x93."
    yield "surrogate in a name", _P + short(b"po\xed\xa0\x80six") + short("system") + b"\x93)R."
    yield "number of very many digits", b"L" + b"9" * 70_000 + b"L\n." + call()
    yield "old PyTorch, fourth", magic + call() + pickle.dumps([], 2)
    yield "bytearray", _P + b"\x96" + struct.pack("<Q", len(call())) + call() + b"."
    yield "dropped group", _P + b"(N00" + _BODY


def _tensors() -> Iterator[tuple[str, bytes]]:
    """Yield safetensors files whose numbers are odd."""
    entry: dict[str, object] = {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}
    yield "huge shape", safetensors({"a": {**entry, "shape": [int("9" * 4000)] * 4000}}, b"1")
    yield "truth values", safetensors({"a": {**entry, "data_offsets": [False, True]}}, b"1")
    overlap = {"dtype": "X", "shape": []}
    yield (
        "overlap of a type not known",
        safetensors({n: {**overlap, "data_offsets": [s, 4]} for n, s in (("a", 0), ("b", 2))}, b"1234"),
    )
    yield "negative", safetensors({"a": {**overlap, "data_offsets": [0, -4]}})
    yield "deep", struct.pack("<Q", 200_000) + b'{"a":' + b"[" * 199_995
