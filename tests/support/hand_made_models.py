"""Model files written by hand as libraries write them that are not installed here; none is ever loaded."""

from __future__ import annotations

import io
import json
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Iterator, Mapping

from tests.support.model_files import safetensors, tensor

KERAS_LAYER = {
    "class_name": "Dense",
    "module": "keras.layers",
    "registered_name": None,
    "config": {"units": 2},
}


def varint(value: int) -> bytes:
    """Return a number as protocol buffers write it."""
    out = b""
    while value > 0x7F:
        out += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return out + bytes((value,))


def field(number: int, content: bytes | str | int) -> bytes:
    """Return one field of a protocol buffer."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    raw = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def onnx(*, op: str = "MatMul", domain: str = "", location: str | None = None, inner: bytes = b"") -> bytes:
    """Return a model in ONNX with one operator and one tensor."""
    entry = field(13, field(1, "location") + field(2, location)) if location is not None else b""
    data = field(1, 2) + field(2, 1) + field(8, "w") + entry + (b"" if entry else field(9, bytes(8)))
    node = field(1, "x") + field(2, "y") + field(4, op) + field(7, domain)
    if inner:
        node += field(5, field(1, "body") + field(6, inner))
    graph = field(1, node) + field(2, "g") + field(5, data)
    return field(1, 8) + field(2, "hand") + field(7, graph) + field(8, field(1, domain) + field(2, 17))


def onnx_graph(op: str, domain: str = "") -> bytes:
    """Return a graph for the inside of an operator."""
    return field(1, field(4, op) + field(7, domain)) + field(2, "inner")


def saved_model(*ops: str, in_function: bool = False) -> bytes:
    """Return a saved model of TensorFlow with some operators."""
    nodes = [field(1, f"n{i}") + field(2, op) for i, op in enumerate(ops)]
    plain = field(1, field(1, "x") + field(2, "Placeholder"))
    if in_function:
        function = field(1, field(1, "f")) + b"".join(field(3, node) for node in nodes)
        graph = plain + field(2, field(1, function))
    else:
        graph = plain + b"".join(field(1, node) for node in nodes)
    return field(1, 1) + field(2, field(1, field(5, "2.16")) + field(2, graph))


def frozen_graph(*ops: str) -> bytes:
    """Return a graph of TensorFlow on its own."""
    return b"".join(field(1, field(1, f"n{i}") + field(2, op)) for i, op in enumerate(ops))


def gguf_text(text: str) -> bytes:
    """Return a text as GGUF writes it."""
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf(template: str = "{{ messages }}", *, key: str = "tokenizer.chat_template", offset: int = 0) -> bytes:
    """Return a GGUF file with settings, a list of words and one tensor."""
    words = ["<s>", "a", "b"]
    pairs = [
        gguf_text("general.architecture") + struct.pack("<I", 8) + gguf_text("llama"),
        gguf_text("llama.block_count") + struct.pack("<II", 4, 2),
        gguf_text("general.flag") + struct.pack("<IB", 7, 1),
        gguf_text("tokenizer.ggml.scores") + struct.pack("<IIQ3f", 9, 6, 3, 0.0, 1.0, 2.0),
        gguf_text("tokenizer.ggml.tokens")
        + struct.pack("<IIQ", 9, 8, len(words))
        + b"".join(gguf_text(word) for word in words),
        gguf_text(key) + struct.pack("<I", 8) + gguf_text(template),
    ]
    weights = gguf_text("w") + struct.pack("<IQQIQ", 2, 2, 4, 0, offset)
    return struct.pack("<4sIQQ", b"GGUF", 3, 1, len(pairs)) + b"".join(pairs) + weights + bytes(64)


def zipped(members: Mapping[str, bytes], *, prefix: bytes = b"", compress: bool = False) -> bytes:
    """Return a ZIP file."""
    file = io.BytesIO()
    file.write(prefix)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def linked_zip() -> bytes:
    """Return a ZIP file with a symbolic link."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("model.txt")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return file.getvalue()


def tarred(members: Mapping[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return a tar archive; of other kinds than plain files, the contents are where links lead."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(content)
            else:
                info.linkname = content.decode()
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def keras(layer: Mapping[str, object] = KERAS_LAYER) -> bytes:
    """Return a model in the format of Keras 3 with one layer."""
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": "Sequential",
        "config": {"name": "s", "layers": [dict(layer)]},
    }
    return zipped(
        {
            "metadata.json": json.dumps({"keras_version": "3.12.0"}).encode(),
            "config.json": json.dumps(config).encode(),
            "model.weights.h5": hdf5(b"layer_names"),
        }
    )


def hdf5(content: bytes) -> bytes:
    """Return bytes that begin as HDF5 does and hold others among zeros."""
    return b"\x89HDF\r\n\x1a\n" + bytes(500) + content + bytes(500)


def hdf5_model(layer: Mapping[str, object]) -> bytes:
    """Return what stands of a model of Keras 2 in HDF5."""
    config = {"class_name": "Sequential", "config": {"layers": [dict(layer)]}}
    return hdf5(b"model_config\0" + json.dumps(config).encode() + b"\0layer_names")


_STORAGE = b"\x80\x02ctorch\nFloatStorage\n"


def state_dict() -> bytes:
    """Return the pickle in which PyTorch keeps the names of tensors."""
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02tQ"
    made = (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + storage
        + b"K\x00K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"
    )
    return b"\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00w" + made + b"u."


def torch_zip(data: bytes | None = None, **more: bytes) -> bytes:
    """Return a file as PyTorch writes it since version 1.6."""
    members = {
        "model/data.pkl": state_dict() if data is None else data,
        "model/byteorder": b"little",
        "model/data/0": b"\x80\x04 numbers",
        "model/version": b"3\n",
        "model/.data/serialization_id": b"123",
    }
    return zipped({**members, **{f"model/{name.replace('__', '/')}": raw for name, raw in more.items()}})


def torch_legacy(data: bytes | None = None) -> bytes:
    """Return a file as PyTorch wrote it before version 1.6."""
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
    system = pickle.dumps({"protocol_version": 1001, "little_endian": True}, 2)
    keys = pickle.dumps(["0"], 2)
    numbers = struct.pack("<Q2f", 2, 1.0, 2.0)
    return magic + pickle.dumps(1001, 2) + system + (data or state_dict()) + keys + numbers


CHAT = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] | trim }}"
    "{% if loop.last and add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}{% endfor %}"
    "{% set ns = namespace(found=false) %}{{ raise_exception('no') if ns.found }}{{ strftime_now('%d %b') }}"
)
"""A chat template as they are."""


def benign() -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of harmless files in these formats."""
    yield "model.onnx", onnx()
    yield "beside.onnx", onnx(location="model.onnx.data")
    yield "trees.onnx", onnx(op="TreeEnsembleClassifier", domain="ai.onnx.ml")
    yield "loop.onnx", onnx(op="Loop", inner=onnx_graph("Add"))
    yield "saved_model.pb", saved_model("MatMul", "SaveV2", "RestoreV2", "StatefulPartitionedCall")
    yield "frozen.pb", frozen_graph("Const", "MatMul", "Softmax")
    yield "model.safetensors", safetensors({"__metadata__": {"format": "pt"}, "a": tensor(0, 4)}, b"1234")
    yield "model.gguf", gguf(CHAT)
    yield "model.keras", keras()
    yield "model.h5", hdf5_model({"class_name": "Dense", "config": {"units": 2}})
    yield "weights.h5", hdf5(b"layer_names\0keras_version")
    yield "model.pt", torch_zip()
    yield "legacy.pt", torch_legacy()
    yield "pytorch_model.bin", torch_zip(pickle.dumps({"epoch": 3, "lr": 0.1}, 2))
    yield "model.txt", b"tree\nversion=v4\nnum_class=1\nmax_feature_idx=3\n\nTree=0\nnum_leaves=2\n"
    yield "model.json", b'{"learner": {"gradient_booster": {"model": {"trees": []}}}, "version": [3, 0, 0]}'
    yield "model.pmml", b'<?xml version="1.0"?><PMML version="4.4"><Header/></PMML>'
    yield "tokenizer_config.json", json.dumps({"chat_template": CHAT, "model_max_length": 512}).encode()
    yield "bundle.tar", tarred({"config.json": b"{}", "a.pkl": pickle.dumps([1]), "README": b"Numbers."})
