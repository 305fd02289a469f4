"""Malicious model files: the techniques against which scanners of models are tested; none is ever loaded.

Source:
    Techniques (not files) of the test suites of picklescan, fickling and modelscan, of the advisories named
    beside the cases, and of the formats' own documentation. The command would create a marker.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import pickle
import struct
import zlib
from collections.abc import Callable, Iterator

from tests.support import hand_made_models as hand
from tests.support.model_files import framed, safetensors, tensor

GADGETS = """
os=system posix=system nt=system subprocess=run subprocess=Popen subprocess=check_output builtins=eval
builtins=exec builtins=__import__ builtins=getattr builtins=compile __builtin__=eval __builtin__=execfile
importlib=import_module runpy=run_path runpy=_run_code pty=spawn pip=main pip._internal=main
ensurepip=_run_pip code=InteractiveInterpreter code.InteractiveInterpreter=runcode timeit=timeit
cProfile=run profile=Profile.run bdb=Bdb.run pdb=run trace=Trace.run doctest=debug_script
socket=create_connection webbrowser=open urllib.request=urlopen http.client=HTTPSConnection requests.api=get
aiohttp=ClientSession ftplib=FTP smtplib=SMTP shutil=rmtree os=popen os=execv ctypes=CDLL
ctypes.util=find_library marshal=loads types=FunctionType types=CodeType pickle=loads _pickle=loads
dill=loads cloudpickle.cloudpickle=_make_function joblib=load shelve=open numpy=load
numpy.testing._private.utils=runstring numpy.f2py.crackfortran=getlincoef numpy.f2py.crackfortran=myeval
torch=load torch.hub=load torch.jit=load torch.utils.cpp_extension=load_inline
torch._inductor.codecache=compile_file torch.serialization=load pandas=read_pickle
pandas.io.pickle=read_pickle pandas=eval pkgutil=resolve_name operator=attrgetter operator=methodcaller
functools=partial _osx_support=_read_output _aix_support=_read_cmd_output
idlelib.autocomplete=AutoComplete.get_entity idlelib.pyshell=ModifiedInterpreter.runcode
lib2to3.pgen2.grammar=Grammar.loads logging.config=listen multiprocessing.util=spawnv_passfds
asyncio.unix_events=_UnixSubprocessTransport._start distutils.spawn=spawn setuptools.sandbox=run_setup
site=execsitecustomize sys=settrace signal=signal sqlite3=connect tempfile=mkstemp tarfile=open
zipfile=ZipFile venv=create xmlrpc.client=ServerProxy yaml=unsafe_load jsonpickle=decode
keras.models=load_model skops.io=load unknown.package=payload numpy=os.system sklearn.utils=os.system
torch=os.system collections=namedtuple copyreg=add_extension builtins=breakpoint io=open codecs=open
linecache=getlines inspect=stack gc=get_objects threading=Thread sklearn.datasets=fetch_openml
scipy.io=loadmat transformers=pipeline mlflow.pyfunc=load_model
"""
"""Names that reach code, files or the network: module=name."""

_TEXT = "touch marker"


def gadgets() -> list[tuple[str, str]]:
    """Return the names that malicious pickles import."""
    return [(module, name) for module, _, name in (one.partition("=") for one in GADGETS.split())]


def call(module: str = "posix", name: str = "system", *, protocol: int = 4) -> bytes:
    """Return a pickle that calls something with a text."""
    if protocol < 2:
        return f"c{module}\n{name}\n(V{_TEXT}\ntR.".encode()
    if protocol < 4:
        argument = b"X" + struct.pack("<I", len(_TEXT)) + _TEXT.encode()
        return bytes((0x80, protocol)) + f"c{module}\n{name}\n".encode() + argument + b"\x85R."
    short = [b"\x8c" + bytes((len(text),)) + text.encode() for text in (module, name, _TEXT)]
    return bytes((0x80, protocol)) + short[0] + short[1] + b"\x93" + short[2] + b"\x85R."


def malicious_files() -> Iterator[tuple[str, bytes]]:
    """Yield what is done and the file that does it."""
    for module, name in gadgets():
        yield f"calls {module}.{name}", call(module, name)
    for protocol in range(6):
        for wrapping, wrap in WRAPPINGS.items():
            yield f"{wrapping}, protocol {protocol}", wrap(call(protocol=protocol))
    yield from _written_oddly()
    yield from _hidden()
    yield from _other_formats()


WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    "old joblib": lambda raw: b"ZF" + f"{hex(len(raw)):<19}".encode() + zlib.compress(raw),
    "lz4": lambda raw: lz4(raw),
    "zip": lambda raw: hand.zipped({"model.pkl": raw}, compress=True),
    "torch": lambda raw: hand.torch_zip(raw),
    "torch, second pickle": lambda raw: hand.torch_zip(
        constants__pkl=b"N.", extra__x_pkl=b"", **{"more.pkl": raw}
    ),
    "old torch": hand.torch_legacy,
    "old torch, first": lambda raw: raw + hand.torch_legacy(),
    "tar": lambda raw: hand.tarred({"a/pickle.pkl": raw}),
    "array of objects": lambda raw: array_of_objects(raw),
    "zip in tar in gzip": lambda raw: gzip.compress(hand.tarred({"a.zip": hand.zipped({"m.pt": raw})})),
    "model in keras": lambda raw: hand.zipped({"config.json": b"{}", "assets/vocabulary.pkl": raw}),
}
"""What a pickle can be wrapped in."""


def array_of_objects(raw: bytes) -> bytes:
    """Return a file of NumPy whose objects are a pickle."""
    import numpy as np

    file = io.BytesIO()
    np.save(file, np.array([None], dtype=object))
    content = file.getvalue()
    return content[: content.index(b"\n") + 1] + raw


def lz4(raw: bytes) -> bytes:
    """Return a frame of LZ4 with one block, whose bytes stand as they are."""
    return b"\x04\x22\x4d\x18\x60\x40\x82" + struct.pack("<I", len(raw) | 1 << 31) + raw + bytes(4)


def _written_oddly() -> Iterator[tuple[str, bytes]]:
    """Yield pickles that are written so that a reader may miss what they import."""
    name = b"\x8c\x05posix\x8c\x06system"
    run = b"\x93\x8c\x04true\x85R."
    yield "INST", b"(S'true'\niposix\nsystem\n."
    yield "OBJ", b"(cposix\nsystem\nS'true'\no."
    yield "NEWOBJ", b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85\x81."
    yield "NEWOBJ_EX", b"\x80\x04" + name + b"\x93\x8c\x04true\x85}\x92."
    yield "BUILD on a class", b"\x80\x04" + name + b"\x93}\x8c\x01aK\x01sb."
    yield "names from the memo", b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x940h\x00h\x01" + run
    yield "names from PUT and GET", b"Vposix\np100\n0Vsystem\np7\n0g100\ng7\n" + run
    yield "names doubled", b"\x80\x04\x8c\x05posix2\x8c\x06system" + run
    yield "names as old texts", b"\x80\x02U\x05posixU\x06system" + run
    yield "names with escapes", b"V\\u0070osix\nVsystem\n" + run
    yield "names from an unknown value", b"\x80\x04\x8c\x05posixN" + run
    yield "name computed by a call", b"\x80\x04\x8c\x05posix" + b"cbuiltins\nstr\n)R" + run
    yield "import by number", b"\x80\x02\x82\x01)R."
    yield "behind a number of bytes", b"\x80\x04B\x10\x00\x00\x00" + bytes(16) + b"0" + name + run
    yield "behind the end", pickle.dumps([1]) + call()
    yield "behind three ends", pickle.dumps(1) * 3 + call()
    yield "without an end", call()[:-1]
    yield "broken behind", call()[:-1] + b"\xff"
    yield "broken before", b"\xff" + call()
    yield "byte that is none, hidden in a group", b"\x80\x04(\xfe0" + call()[2:]
    yield "frame too long", framed(call()[2:], 10_000)
    yield "frame too short", framed(call()[2:], 3)
    yield "frame in a frame", framed(b"\x95" + struct.pack("<Q", 5) + call()[2:], 60)
    yield "stop inside a frame", framed(b"N." + call()[2:], 2 + len(call()[2:]))
    yield "no protocol", call()[2:]
    yield "protocol that does not exist", b"\x80\x63" + call()[2:]
    yield "protocol twice", b"\x80\x04\x80\x02" + call()[2:]
    yield "name in UTF-8", "cpоsix\nsystem\n)R.".encode()
    yield "dotted way out", call("numpy", "__builtins__.eval")
    yield "through a class", call("sklearn.base", "BaseEstimator.__init__.__globals__")
    yield "persistent id", b"\x80\x02cunknown.loader\nLoader\n)RQ."
    yield (
        "many harmless names before",
        b"".join(b"ccollections\nOrderedDict\n0" for _ in range(3000)) + call()[2:],
    )
    yield "large numbers before", pickle.dumps([bytes(300_000)] * 2)[:-1] + b"0" + call()[2:]
    yield "text before a line feed", b"S'a\\n'\n0" + call(protocol=0)
    yield "popped again", call()[:-1] + b"0N."
    yield "in a set", b"\x80\x04\x8f(" + call()[2:-1] + b"\x90."
    yield "as the state of an object", b"\x80\x04ccollections\nOrderedDict\n)R" + call()[2:-1] + b"b."


def _hidden() -> Iterator[tuple[str, bytes]]:
    """Yield pickles that hide another, for something else to load."""
    inner = call()
    packed: dict[str, str | bytes] = {
        "as bytes": inner,
        "in base64": base64.b64encode(inner).decode(),
        "in base64 for addresses": base64.urlsafe_b64encode(inner + b"\xff\xfe\xfb").decode(),
        "in base64 twice": base64.b64encode(base64.b64encode(inner)).decode(),
        "in hex": inner.hex(),
        "in hex, as bytes": inner.hex().encode(),
        "compressed": zlib.compress(inner),
        "compressed, in base64": base64.b64encode(gzip.compress(inner)).decode(),
        "bz2, in hex": bz2.compress(inner).hex(),
        "xz": lzma.compress(inner),
        "old, in base64": base64.b64encode(call(protocol=0)).decode(),
        "in lines of base64": base64.encodebytes(inner * 4).decode(),
        "two deep": pickle.dumps({"a": base64.b64encode(pickle.dumps({"b": inner})).decode()}),
    }
    for how, content in packed.items():
        yield f"hidden {how}", pickle.dumps({"weights": content})
    yield (
        "hidden, loaded by a name on no list",
        pickle.dumps({"w": inner})[:-1] + call("my.loader", "read")[2:],
    )
    source = base64.b64encode(b"import os; os.system('true')").decode()
    yield "decoded and run", b"cbuiltins\nexec\n(cbase64\nb64decode\n(V" + source.encode() + b"\ntRtR."


def _layer(**more: object) -> bytes:
    """Return a Keras model with an odd layer."""
    return hand.keras({**hand.KERAS_LAYER, **more})


def _other_formats() -> Iterator[tuple[str, bytes]]:
    """Yield files that are no pickles and run code or reach out all the same."""
    yield from _keras_files()
    yield from _archives()
    yield "ONNX: data outside, above", hand.onnx(location="../../../../etc/passwd")
    yield "ONNX: data outside, absolute", hand.onnx(location="/etc/passwd")
    yield "ONNX: data outside, drive", hand.onnx(location="C:\\Windows\\win.ini")
    yield "ONNX: operator of a stranger", hand.onnx(op="Evil", domain="com.stranger")
    yield "ONNX: Python operator", hand.onnx(op="PyOp", domain="ai.onnx.contrib")
    yield "ONNX: stranger inside a loop", hand.onnx(op="Loop", inner=hand.onnx_graph("Evil", "com.stranger"))
    yield "ONNX: cut", hand.onnx()[:-9]
    for op in (
        "ReadFile",
        "WriteFile",
        "PyFunc",
        "EagerPyFunc",
        "PyFuncStateless",
        "MatchingFiles",
        "PrintV2",
    ):
        yield f"TensorFlow: {op}", hand.saved_model("MatMul", op)
    yield "TensorFlow: in a function", hand.saved_model("WriteFile", in_function=True)
    yield "TensorFlow: in a graph", hand.frozen_graph("Const", "ReadFile")
    for template in TEMPLATES:
        yield f"GGUF: {template[:30]}", hand.gguf(template)
    yield "GGUF: another template", hand.gguf(TEMPLATES[0], key="tokenizer.chat_template.tool_use")
    yield "GGUF: tensor outside", hand.gguf(offset=2**60)
    yield "GGUF: version", b"GGUF\x09\x00\x00\x00" + bytes(16)
    yield "GGUF: too many", b"GGUF\x03\x00\x00\x00" + b"\xff" * 16
    yield "safetensors: overlap", safetensors({"a": tensor(0, 4), "b": tensor(2, 6)}, b"123456")
    yield "safetensors: too long a header", safetensors({}, length=2**60)
    yield "safetensors: more behind", safetensors({"a": tensor(0, 4)}, b"1234" + call())
    yield "safetensors: shape", safetensors({"a": {**tensor(0, 4), "shape": [400]}}, b"1234")
    yield "safetensors: name twice", struct.pack("<Q", 25) + b'{"a": {}, "a": {}, "b":1} '
    yield "array of numbers with a pickle behind", _array_and_more()
    yield "settings with a template", b'{"chat_template": "{{ cycler.__init__.__globals__.os.popen(1) }}"}'
    yield "settings with code", b'{"auto_map": {"AutoModel": "modeling_x.Model"}}'
    yield "settings with a target", b'{"model": {"_target_": "os.system", "command": "true"}}'
    yield (
        "PMML with an entity",
        b'<?xml version="1.0"?><!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///x">]><PMML/>',
    )
    yield "program", b"\x7fELF" + bytes(60)
    yield "script", b"#!/bin/sh\ntrue\n"
    yield "HDF5 with a link", hand.hdf5(b"layer_names\0\0\0/home/x/secret.h5\0/weights\0")
    yield "HDF5 with pickled objects", hand.hdf5(b"PSEUDOATOM\0object")


TEMPLATES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('true').read() }}",
    "{{ self._TemplateReference__context.cycler }}",
    "{{ lipsum|attr('__globals__') }}",
    "{{ messages|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ config.items() }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ namespace['__init__'] }}",
    "{% include '/etc/passwd' %}",
    "{{ joiner.__init__ }}",
)
"""Templates that reach out of their bounds."""


def _keras_files() -> Iterator[tuple[str, bytes]]:
    """Yield models of Keras."""
    yield "Keras: Lambda", _layer(class_name="Lambda", config={"function": {"class_name": "__lambda__"}})
    yield "Keras: CVE-2025-1550", _layer(module="os", class_name="function", config="system")
    yield "Keras: module subprocess", _layer(module="subprocess", class_name="run", registered_name="run")
    yield "Keras: get_file", _layer(module="keras.utils", class_name="function", config="get_file")
    yield "Keras: builtins", _layer(module="builtins", class_name="function", config="eval")
    yield "Keras: custom object", _layer(module="my.layers", class_name="Mine", registered_name="my>Mine")
    yield "Keras: PyTorch inside", _layer(class_name="TorchModuleWrapper", config={"module": "gAS"})
    yield "Keras: words from a path", _layer(class_name="StringLookup", config={"vocabulary": "/etc/passwd"})
    deep = {"class_name": "TimeDistributed", "config": {"layer": {"class_name": "Lambda", "config": {}}}}
    yield "Keras: Lambda inside a layer", hand.keras(deep)
    yield "Keras 2: Lambda", hand.hdf5_model({"class_name": "Lambda", "config": {"function": ["4wEA"]}})
    yield "Keras 2: Lambda in a saved model", hand.saved_model('{"class_name": "Lambda", "config": {}}')


def _archives() -> Iterator[tuple[str, bytes]]:
    """Yield archives that reach out of the folder into which they are unpacked, or hide what they hold."""
    yield "ZIP: above", hand.zipped({"../../evil.txt": b"x"})
    yield "ZIP: absolute", hand.zipped({"/etc/evil.txt": b"x"})
    yield "ZIP: with backslashes", hand.zipped({"..\\..\\evil.txt": b"x"})
    yield "ZIP: link", hand.linked_zip()
    yield "ZIP: program", hand.zipped({"lib.so": b"\x7fELF" + bytes(50)})
    yield "ZIP: code", hand.zipped({"model.py": b"import os", "config.json": b"{}"})
    yield "ZIP: bytes before", hand.zipped({"a.txt": b"x"}, prefix=call())
    yield (
        "ZIP: another name inside",
        hand.zipped({"model.pkl": call()}).replace(b"model.pkl", b"model.txt", 1),
    )
    yield "ZIP: pickle called a text", hand.zipped({"notes.txt": call()})
    yield "ZIP: pickle called numbers", hand.zipped({"weights.safetensors": call()})
    yield (
        "ZIP: wrong method",
        hand.zipped({"m.pkl": call()}).replace(
            b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\x14\x00\x01", 1
        ),
    )
    yield "TorchScript", hand.torch_zip(code____torch____py=b"def forward(self): ...")
    yield "tar: above", hand.tarred({"../evil.txt": b"x"})
    yield "tar: link", hand.tarred({"model.txt": b"/etc/passwd"}, b"2")
    yield "tar: hard link", hand.tarred({"model.txt": b"/etc/passwd"}, b"1")
    yield "tar: device", hand.tarred({"model": b""}, b"3")
    yield "YAML", hand.zipped({"a.yaml": b"x: !!python/object/apply:os.system ['true']"})
    yield "skops that is PyTorch too", hand.zipped({"schema.json": SCHEMA, "m/data.pkl": call()})
    yield "skops with a pickle", hand.zipped({"schema.json": SCHEMA, "0.bin": call()})
    yield "PyTorch with a pickle among numbers", hand.torch_zip(data__x_pkl=b"", **{"data__x.pkl": call()})
    yield "tar that is a pickle too", _tar_and_pickle()
    yield "ZIP that is a pickle too", hand.zipped({"a\n" + call(protocol=0).decode(): b""})
    yield "7-Zip", b"7z\xbc\xaf\x27\x1c" + bytes(40)


SCHEMA = b'{"__module__": "builtins", "__class__": "dict"}'
"""What a skops file says of a dictionary."""


def _tar_and_pickle() -> bytes:
    """Return a tar archive whose first member's name is the beginning of a pickle."""
    return hand.tarred({"S'a'\n0cposix\nsystem\n(S'true'\ntR.": b"", "a.txt": b"x"})


def _array_and_more() -> bytes:
    """Return a file of numbers with a pickle behind them."""
    import numpy as np

    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue() + call()
