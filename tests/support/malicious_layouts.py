"""Malicious model files whose trick lies in their layout or their words; none is ever loaded or rendered.

Source:
    Made for the readers of this project: PKWARE APPNOTE (lists of members), ustar (what ends an archive),
    ONNX ``onnx.proto`` (where tensors stand), YAML 1.2 section 6.8.2 (tags), Jinja (computed attributes).
"""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Iterator

from tests.support import hand_made_models as hand
from tests.support.malicious_models import array_of_objects, call
from tests.support.model_files import zip_of


def malicious_layouts() -> Iterator[tuple[str, bytes]]:
    """Yield what is done and the file that does it."""
    yield from _zips()
    yield from _tars()
    yield from _keras()
    yield from _graphs()
    yield from _texts()
    for template in TEMPLATES:
        yield f"template: {template}", hand.gguf(template)


TEMPLATES = (
    "{{ ''['_' ~ '_class_' ~ '_'] }}",
    "{{ ''['%c%cclass%c%c'|format(95,95,95,95)] }}",
    "{{ ''['_'*2+'class'+'_'*2] }}",
    "{{ [1]|map(attribute='\\137_class_\\137')|list }}",
    "{% set a='_'~'_class_'~'_' %}{{ ''[a] }}",
    "{{ messages|map('attr','_'~'_class_'~'_')|list }}",
    "{{ ''[['__'[:2],'cl','ass__']|join] }}",
    "{{ messages[0]['content'].format(x) }}",
    "{{ ''._x }}",
    "{% not a tag %}",
    "{{ " + "x" * 600_000 + " }}",
)
"""Templates that compute the name of an attribute, or that nobody can read."""


def _zips() -> Iterator[tuple[str, bytes]]:
    """Yield ZIP files that readers read in different ways, or whose members are not what they are called."""
    numbers, plain = array_of_objects(call()), hand.zipped({"a.txt": b"x"})
    evil = hand.zipped({"m.pkl": call()})
    yield "numbers of NumPy among those of PyTorch", hand.torch_zip(data__9=numbers)
    yield "folder with contents", hand.zipped({"a.txt": b"x", "model/data.pkl/": call()})
    yield "folder outside", hand.zipped({"a.txt": b"x", "../../evil/": b""})
    yield "drive", hand.zipped({"C:evil.txt": b"x"})
    yield "ZIP in the comment", plain[:-2] + struct.pack("<H", len(evil)) + evil
    yield "two ZIP files", evil + plain
    yield "pickle behind the end", plain + call()
    yield "member that is not listed", unlisted()
    yield "members that overlap", overlapping()
    yield "other case", hand.torch_zip(**{"DATA.PKL": call()})
    schema = b'{"__module__": "scipy.stats._continuous_distns", "__class__": "norm_gen"}'
    yield "skops with a distribution", zip_of(schema_json=schema)


def unlisted() -> bytes:
    """Return a ZIP file of two members whose list names only the first."""
    content = hand.zipped({"a.txt": b"x", "m.pkl": call()})
    listed = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", listed + 1)
    end = struct.pack("<HHHHLLH", 0, 0, 1, 1, second - listed, listed, 0)
    return content[:second] + b"PK\x05\x06" + end


def overlapping() -> bytes:
    """Return a ZIP file whose second member begins inside the first."""
    content = bytearray(hand.zipped({"a.txt": hand.zipped({"b.txt": b"y"}), "b.txt": b"y"}))
    inside = content.index(b"PK\x03\x04", 4)
    place = content.rindex(b"PK\x01\x02") + 42
    content[place : place + 4] = struct.pack("<L", inside)
    return bytes(content)


def _tars() -> Iterator[tuple[str, bytes]]:
    """Yield tar archives with more than what one reader finds in them."""
    text, pickled = tar_member("a.txt", b"x"), tar_member("m.pkl", call())
    yield "tar with a broken header", text + tar_member("b.txt", b"y", broken=True) + pickled + bytes(1024)
    yield "tar with a block of zeros", text + bytes(512) + pickled + bytes(1024)
    yield "two tar archives", text + bytes(1024) + pickled + bytes(1024)
    yield "tar of links in a circle", hand.tarred({"a": b"b", "b": b"a"}, b"2")


def tar_member(name: str, content: bytes, *, broken: bool = False) -> bytes:
    """Return header and content of one member of a tar archive, perhaps with a check sum that is wrong."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    header = info.tobuf(tarfile.USTAR_FORMAT)
    if broken:
        header = header[:148] + b"0000000\0" + header[156:]
    return header + content + bytes(-len(content) % 512)


def _keras() -> Iterator[tuple[str, bytes]]:
    """Yield models of Keras whose settings do not show at first sight."""
    harmless = b'x\0{"class_name": "Sequential", "config": {}}\0model_config\0'
    layer = '{"class_name": "\\u004cambda", "config": {}}'
    module = '{"module": "os", "class_name": "function", "config": "system"}'
    for how, inner in (("letters as codes", layer), ("a module", module)):
        first = f'{{"class_name": "Sequential", "config": {{"layers": [{inner}]}}}}'
        last = f'{{"config": {{"layers": [{inner}]}}, "class_name": "Sequential"}}'
        yield f"HDF5: {how}, second", hand.hdf5(harmless + first.encode() + b"\0layer_names")
        yield f"HDF5: {how}, reordered", hand.hdf5(b"model_config\0" + last.encode() + b"\0layer_names")
    for path in (b"/etc/passwd", b"../../secret.h5"):
        yield f"HDF5: {path!r}", hand.hdf5(b"layer_names\0HEAP\0\0\0\0" + path + b"\0\0\0\0")
    registered: dict[str, object] = {
        "class_name": "Dense",
        "registered_name": "Custom>Evil",
        "module": None,
        "config": {},
    }
    yield "Keras: registered elsewhere", hand.keras(registered)
    coded = json.dumps({"class_name": "Lambda", "config": {}}).encode("utf-16")
    yield "Keras: UTF-16", hand.zipped({"config.json": coded, "metadata.json": b"{}"})


def _graphs() -> Iterator[tuple[str, bytes]]:
    """Yield graphs in ONNX that reach out where few look."""
    tensor = hand.field(8, "w") + hand.field(13, hand.field(1, "location") + hand.field(2, "/etc/passwd"))
    node, inside = hand.field(4, "MatMul"), hand.field(1, tensor)
    graph = hand.field(1, node) + hand.field(2, "g")
    python = hand.field(1, hand.field(4, "PyOp"))
    model = hand.field(1, 8)
    yield "ONNX: sparse", model + hand.field(7, graph + hand.field(15, inside))
    yield (
        "ONNX: sparse attribute",
        model + hand.field(7, hand.field(1, node + hand.field(5, hand.field(22, inside)))),
    )
    training = hand.field(20, hand.field(1, hand.field(5, tensor)))
    yield "ONNX: training", model + hand.field(7, graph) + training
    yield "ONNX: training with Python", model + hand.field(7, graph) + hand.field(20, hand.field(2, python))
    for place in ("C:x", "C:..\\x", "\\\\host\\share", "file:x"):
        yield f"ONNX: {place}", hand.onnx(location=place)


def _texts() -> Iterator[tuple[str, bytes]]:
    """Yield settings that make objects or run code."""
    texts = {
        "tags.yaml": "%TAG !e! tag:yaml.org,2002:python/object/apply:\n---\nx: !e!os.system ['true']",
        "coded.yaml": "x: !!%70ython/object/apply:os.system ['true']",
        "whole.yaml": "x: !<tag:yaml.org,2002:%70ython/object/apply:os.system> ['true']",
        "graph.pbtxt": 'node { name: "a" op: "PyFunc" }',
        "config.pbtxt": 'name: "m"\nbackend: "python"',
        "config.json": '{"trust_remote_code": true}',
    }
    for name, text in texts.items():
        yield name, hand.zipped({name: text.encode()})


def streamed_zip() -> bytes:
    """Return a ZIP file written without knowing the length of its members, as to a pipe."""
    file = io.BytesIO()

    class _Pipe(io.RawIOBase):
        """What can be written to and not gone back in."""

        def writable(self) -> bool:
            """Return that it can be written to."""
            return True

        def write(self, content: object) -> int:
            """Write bytes and return how many."""
            return file.write(content)  # type: ignore[arg-type] # bytes, whatever the base class says

    with zipfile.ZipFile(_Pipe(), "w") as archive:
        archive.writestr("a.txt", b"x")
        archive.writestr("b.txt", b"y" * 100)
    return file.getvalue()
