"""Formats around and beside pickles: what they hold is found, what is broken is told, nothing takes long."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from conformity.errors import ModelFileError
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.model_files import archives, findings, graphs, keras, protobuf, tensors, texts
from conformity.probes.shared.model_files.scan import ModelScan, scan_model_file
from conformity.probes.shared.model_files.unpack import pieces
from tests.support import hand_made_models as hand
from tests.support.malicious_models import call
from tests.support.model_files import counted, examine, safetensors, tensor


def scan(tmp_path: Path, content: bytes, declared: str = "other") -> ModelScan:
    """Return what is found in a file."""
    path = tmp_path / "model"
    path.write_bytes(content)
    return scan_model_file(path, declared, tmp_path)


def lz4_frame(*blocks: bytes, flags: int = 0x40, head: bytes = b"", tail: bytes = b"") -> bytes:
    """Return a frame of LZ4 with packed blocks."""
    inner = b"".join(struct.pack("<I", len(block)) + block for block in blocks)
    return b"\x04\x22\x4d\x18" + bytes((flags, 0x40)) + head + b"\x00" + inner + bytes(4) + tail


def test_packed_blocks_are_unpacked() -> None:
    """Hand computation: 20 literals, 30 bytes from 4 bytes back; then a block that refers to the first."""
    first = b"\xff\x05" + b"abcdefghijklmnopwxyz" + b"\x04\x00" + b"\x0b" + b"\x10!"
    second = b"\x20OK" + b"\x05\x00" + b"\x00"
    frame = lz4_frame(first, second, flags=0x40 | 0x0C, head=bytes(8), tail=bytes(4))
    out = b"".join(pieces(io.BytesIO(frame)))
    assert out[:20] == b"abcdefghijklmnopwxyz"
    assert out[20:50] == (b"wxyz" * 8)[:30]
    assert out[50:51] == b"!"
    assert out[51:53] == b"OK"
    assert out[53:57] == out[48:52]


@pytest.mark.parametrize(
    "content",
    [
        lz4_frame(b"\x00\x09\x00"),
        lz4_frame(b"\x0f\x01\x00\xff"),
        lz4_frame(flags=0x80),
        lz4_frame(tail=b"more"),
        lz4_frame(b"\x10a")[:-6],
        b"\x04\x22\x4d\x18\x40\x40\x00\xff\xff\xff\x0f",
        lz4_frame(b"\x1fa\x01\x00" + b"\xff" * 20_000 + b"\x00\x00"),
    ],
)
def test_broken_packing_is_not_clean(tmp_path: Path, content: bytes) -> None:
    assert scan(tmp_path, content).verdict == "undetermined"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GGUF\x03\x00", "ends too early"),
        (hand.gguf()[:80], "ends too early"),
        (hand.gguf()[:60], "ends too early"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 0, 0), "holds nothing"),
        (struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, 2**60), "a text is longer"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + hand.gguf_text("k") + b"\x63\0\0\0", "unknown kind"),
        (
            struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + hand.gguf_text("k") + struct.pack("<IIQ", 9, 4, 2**60),
            "a list is longer",
        ),
        (
            struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + hand.gguf_text("k") + struct.pack("<IIQ", 9, 4, 2**20),
            "ends too early",
        ),
        (struct.pack("<4sIQQ", b"GGUF", 3, 1, 0) + hand.gguf_text("w") + b"\x09\0\0\0", "more dimensions"),
        (b"\x93NUMPY\x09\x00 whatever", "header that cannot be read"),
        (safetensors({"a": {**tensor(0, 4), "shape": [2.5]}}, b"1234"), "cannot be read"),
        (safetensors({"a": {**tensor(0, 4), "dtype": "Z9"}}, b"12345"), "do not fill"),
        (b"\x08\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "a number has no end"),
        (b"\x08\x01\x0b", "unknown kind"),
        (b"\x08\x01\x12\x7f", "longer than what it stands in"),
        (b"\x08\x01\x11" + bytes(8), "of an unknown kind"),
        (b"<html></html>", "XML of a kind"),
        (hand.zipped({"a.txt": b"\xff\xfe"}), "not UTF-8"),
        (hand.zipped({"a.txt": b"a\x00b"}), "bytes that no text has"),
        (hand.zipped({"a.json": b"{"}), "cannot be read as JSON"),
        (hand.zipped({"a.bin2": b"??"}), "whose format is not examined"),
        (hand.hdf5(b"nothing known"), "no settings or weights of Keras"),
        (hand.hdf5(b'{"class_name": "Dense" broken'), "no settings or weights of Keras"),
        (b"Rar!" + bytes(20), "RAR"),
        (hand.tarred({}), "could not be followed"),
        (hand.tarred({"a.txt": b"x" * 2000})[:700], "tar archive"),
        (b"(\xb5/\xfd" + bytes(20), "Zstandard"),
    ],
)
def test_what_is_broken_or_unknown_is_not_clean(tmp_path: Path, content: bytes, words: str) -> None:
    found = scan(tmp_path, content)
    assert found.verdict == "undetermined"
    assert words in " ".join(found.problems)


def test_limits_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, content, words in (
        (archives, "MAX_MEMBERS", hand.zipped({"a": b"", "b": b""}), "has more than 1 members"),
        (archives, "MAX_MEMBERS", hand.tarred({"a.txt": b"x", "b.txt": b"y"}), "has more than 1 members"),
        (archives, "_MAX_DIRECTORY", hand.zipped({"a": b""}), "list of members is too long"),
        (tensors, "_MAX_HEADER", safetensors({}), "longer than 1 bytes"),
        (texts, "_LONGEST", hand.zipped({"a.txt": b"xy"}), "more than 1 bytes"),
        (texts, "_LONGEST", b"<PMML/>", "more than 1 bytes"),
        (keras, "MAX_SEARCHED", hand.hdf5(b""), "larger than 1 bytes"),
        (protobuf, "MAX_FIELDS", hand.onnx(), "more than 1 fields"),
        (graphs, "_LARGEST", hand.onnx(), "larger than a protocol buffer"),
        (graphs, "_MAX_GRAPHS", hand.onnx(op="If", inner=hand.onnx_graph("Add")), "too many graphs"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, 1)
            assert words in " ".join(scan(tmp_path, content).problems)


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times sixteen archives within archives: what is unpacked together is bounded."""
    monkeypatch.setattr(findings, "_LEAST_BYTES", 1_000_000)
    inner = gzip.compress(bytes(900_000))
    for _ in range(2):
        inner = hand.zipped({f"{n}.zip": inner for n in range(16)}, compress=True)
    found = scan(tmp_path, inner)
    assert len(inner) < 42_000
    assert found.verdict == "undetermined"
    assert "it holds more than" in " ".join(found.problems)


@pytest.mark.parametrize(
    "head", [b"\x80\x04", b"PK\x03\x04", b"\x93NUMPY", b"GGUF", b"\x08\x08", b"\x1f\x8b\x08"]
)
def test_ten_gigabytes_of_nothing_take_no_time(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "model"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(10 * 1024**3)
    assert scan_model_file(path, "other", tmp_path).verdict == "undetermined"


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.pkl")
    with pytest.raises(ModelFileError, match="no model file at"):
        examine(tmp_path / "model.pkl")
    with pytest.raises(ModelFileError, match="is not a file that can be read"):
        scan_model_file(tmp_path / "model.pkl", "pickle", tmp_path)


def test_a_folder_is_examined_whole(tmp_path: Path) -> None:
    place = tmp_path / "model"
    (place / "variables").mkdir(parents=True)
    (place / "saved_model.pb").write_bytes(hand.saved_model("MatMul"))
    (place / "config.json").write_text('{"auto_map": {"AutoModel": "modeling.Model"}}', encoding="utf-8")
    (place / "modeling.py").write_text("import os", encoding="utf-8")
    (place / "variables" / "weights.bin").write_bytes(call())
    (place / "README.md").write_text("Words.", encoding="utf-8")
    (place / "empty").touch()
    (place / "link").symlink_to("/etc/passwd")
    result = examine(place, "other")
    assert (counted(result, "dangerous_globals"), counted(result, "content_for_review")) == (1, 3)
    assert "'modeling.py' is code" in result.notes[1]
    os.mkfifo(place / "pipe")
    assert "is a pipe" in scan_model_file(place, "other", tmp_path).problems[0]


def test_empty_and_huge_folders_are_not_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "model"
    place.mkdir()
    with pytest.raises(NotMeasurableError, match="folder is empty"):
        examine(place, "other")
    for name in "ab":
        (place / name).touch()
    monkeypatch.setattr("conformity.probes.shared.model_files.scan.MAX_MEMBERS", 1)
    with pytest.raises(NotMeasurableError, match="more than 1 files"):
        examine(place, "other")


def test_content_is_told_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    path.write_bytes(hand.zipped({f"{n}/../../x.txt": b"" for n in range(12)}))
    result = examine(path, "other")
    assert counted(result, "dangerous_content") == 12
    assert result.notes[0].startswith("Dangerous: the member '0/../../x.txt' would be unpacked outside")
    assert result.notes[0].endswith("and 2 more.")


def test_a_pickle_under_another_name_is_told(tmp_path: Path) -> None:
    found = scan(tmp_path, hand.zipped({"weights.safetensors": pickle.dumps([1])}))
    assert [one.what for one in found.contents] == [
        "'weights.safetensors' is called something else but is a pickle"
    ]


def test_hidden_names_on_no_list_are_to_be_looked_at(tmp_path: Path) -> None:
    found = scan(tmp_path, pickle.dumps({"w": call("my.own", "Model")}))
    assert found.verdict == "review"
    assert "my.own.Model" in found.contents[0].what


def test_texts_that_hide_nothing_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walks = "conformity.probes.shared.model_files.walk"
    content = pickle.dumps([f"gASV{n:040}" for n in range(5)])
    assert scan(tmp_path, content).verdict == "clean"
    monkeypatch.setattr(f"{walks}._MAX_LOOKS", 2)
    assert "too many texts" in scan(tmp_path, content).problems[0]
    monkeypatch.setattr(f"{walks}._MAX_HIDDEN", 0)
    assert "too many pickles" in scan(tmp_path, pickle.dumps([pickle.dumps("x" * 30)])).problems[0]


def test_hidden_pickles_within_hidden_pickles_end(tmp_path: Path) -> None:
    content = pickle.dumps("x" * 30)
    for _ in range(25):
        content = pickle.dumps(content)
    assert "too deeply" in " ".join(scan(tmp_path, content).problems)


def test_harmless_settings_are_passed(tmp_path: Path) -> None:
    layer = {"class_name": "Custom", "module": "builtins", "config": "x"}
    values = {"class_name": "Sequential", "config": [{"class_name": "int", "module": "builtins"}]}
    assert scan(tmp_path, json.dumps(values).encode()).verdict == "clean"
    assert scan(tmp_path, json.dumps({**values, "config": [layer]}).encode()).verdict == "review"
    safe = {**values, "config": [{"class_name": "Dense", "safe_mode": False}]}
    assert scan(tmp_path, json.dumps(safe).encode()).verdict == "review"
    templates = {"chat_template": [{"name": "a", "template": hand.CHAT}, {"name": "b"}, 3]}
    assert scan(tmp_path, json.dumps(templates).encode()).verdict == "clean"
    assert (
        scan(tmp_path, hand.zipped({"a.jinja": hand.CHAT.encode(), "b.jsonl": b"{}\n{}"})).verdict == "clean"
    )
    assert scan(tmp_path, hand.zipped({"a.yaml": b"a: 1\n_target_: os.system"})).verdict == "review"
    assert scan(tmp_path, hand.zipped({"a.jinja": b"{{ x.__class__ }}"})).verdict == "dangerous"


def test_a_zip_with_another_method_is_not_clean(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.pkl", pickle.dumps([1]))
    content = bytearray(file.getvalue())
    content[8] = content[content.index(b"PK\x01\x02") + 10] = 99
    assert "cannot be unpacked" in scan(tmp_path, bytes(content)).problems[0]


def test_a_model_with_content_to_look_at_is_not_loaded(tmp_path: Path) -> None:
    """Not even where every imported name is known."""
    from conformity.model.base import SubjectId
    from conformity.model.subject import ModelSubject
    from conformity.probes.shared.model_files.loading import load_model

    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"w": call("my.own", "Model")}))
    subject = ModelSubject(id=SubjectId("m"), title="M", path="model.pkl", kind="model", format="pickle")
    with pytest.raises(NotMeasurableError, match="not loaded: a pickle hidden in text"):
        load_model(subject, path, tmp_path)


def test_a_list_of_words_is_no_pickle(tmp_path: Path) -> None:
    """The first two words read as an import; nothing after them can be followed."""
    assert scan(tmp_path, hand.zipped({"labels.txt": b"cat\ndog\nhorse\n"})).verdict == "clean"
    hidden = scan(tmp_path, hand.zipped({"labels.txt": b"cos\nsystem\nhorse\n"}))
    assert {str(name) for name in hidden.dangerous} == {"os.system"}


def test_bytes_in_a_skops_file_are_passed(tmp_path: Path) -> None:
    schema = b'{"__module__": "builtins", "__class__": "dict"}'
    assert scan(tmp_path, hand.zipped({"schema.json": schema, "0.bin": b"??"})).verdict == "clean"
    assert scan(tmp_path, hand.zipped({"schema.json": schema, "0.xyz": b"??"})).verdict == "undetermined"
