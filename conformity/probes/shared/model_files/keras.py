"""Examine how a Keras model is put together, from its settings in JSON; nothing is loaded.

Source:
    Keras, saving/serialization_lib.py (which settings are imported and called); CVE-2024-3660 (Lambda),
    CVE-2025-1550 and CVE-2025-8747 (modules named in the settings), CVE-2025-12058 (vocabulary from a path).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from conformity.probes.shared.model_files.findings import Findings, shown, size_of
from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.names import dangerous

_CODE_CLASSES = {
    "Lambda": "a Lambda layer, which runs code of its own",
    "__lambda__": "a function as code",
    "TorchModuleWrapper": "a model of PyTorch as a pickle",
    "_TorchModuleWrapper": "a model of PyTorch as a pickle",
}
_OWN = re.compile(
    r"(?:keras|tf_keras|keras_hub|keras_nlp|keras_cv|tensorflow\.keras|tensorflow\.python\.keras)(?:\.src)?"
    r"(?:\.(?:activations|constraints|dtype_policies|engine|initializers|layers|losses|metrics|models"
    r"|optimizers|random|regularizers|backend|api|ops)(?:\.\w+)*)?"
)
_IS_OWN = re.compile(r"(?:keras|tf_keras|keras_hub|keras_nlp|keras_cv|tensorflow)\w*>")
_GETS_FILES = frozenset(["get_file", "load_model", "load_weights", "deserialize", "load_img"])
_PLAIN = frozenset(
    ["bool", "dict", "float", "int", "list", "set", "slice", "str", "tuple", "NoneType", "bytes"]
)
_LAMBDA = re.compile(rb'"class_name"\s*:\s*"(Lambda|__lambda__|_?TorchModuleWrapper)"')
_CONFIG = re.compile(rb'\{\s*"class_name"')
_MOST_TRIED = 50
KERAS_KEYS = frozenset(("class_name", "config"))
"""What the settings of a model always have."""
CONFIG = b'{"class_name"'
"""How the settings of a model begin in a file."""

PICKLED = (b"PSEUDOATOM", b"\0object\0", b"pickle")
"""What stands beside Python objects in HDF5."""

WEIGHTS = (b"layer_names", b"weight_names", b"keras_version", b"_layer_checkpoint_dependencies")
"""What stands in a file of weights."""

MARKS = PICKLED + WEIGHTS
MAX_SEARCHED = 2 * 1024**3
"""Most that is searched of a file, in bytes."""

_WINDOW = 4 * 1024**2
_OVERLAP = 4096
_LONGEST = 32 * 1024**2


def looks_like_keras(data: object) -> bool:
    """Tell whether settings describe a Keras model."""
    return isinstance(data, dict) and KERAS_KEYS.issubset(data)


def examine_keras(data: object, name: str, into: Findings) -> None:
    """Look at every object that the settings of a Keras model name.

    Args:
        data: the settings, as read from JSON.
        name: what to call them.
        into: where findings go.
    """
    for node in _objects(data):
        kind, module = str(node.get("class_name")), node.get("module")
        if kind in _CODE_CLASSES:
            into.flag("dangerous", f"{name} has {_CODE_CLASSES[kind]}")
        elif isinstance(module, str):
            _module(module, kind, node, name, into)
        elif ">" in str(node.get("registered_name")) and not _IS_OWN.match(str(node["registered_name"])):
            into.flag(
                "review", f"{name} uses {shown(str(node['registered_name']))}, which is not part of Keras"
            )
        if isinstance(config := node.get("config"), dict) and isinstance(config.get("vocabulary"), str):
            into.flag("review", f"{name} takes words from the file {shown(config['vocabulary'])}")
        if "safe_mode" in node:
            into.flag("review", f"{name} speaks of the safe mode of its reader")


def _module(module: str, kind: str, node: dict[str, object], name: str, into: Findings) -> None:
    """Look at an object whose module is named."""
    called = str(node.get("config")) if kind == "function" else kind
    wanted = Global(module, called)
    if called in _GETS_FILES or (module != "builtins" and dangerous([wanted])):
        into.flag("dangerous", f"{name} imports {shown(str(wanted))}")
    elif module == "builtins":
        if called in _PLAIN:
            return
        severity = "dangerous" if dangerous([wanted]) else "review"
        into.flag(severity, f"{name} uses the object {shown(called)} that is not part of Keras")  # type: ignore[arg-type] # one of two words
    elif not _OWN.fullmatch(module):
        into.flag("review", f"{name} uses {shown(str(wanted))}, which is not part of Keras")


def is_own(module: str) -> bool:
    """Tell whether a module is a part of Keras whose objects only compute."""
    return _OWN.fullmatch(module) is not None


def _objects(data: object) -> Iterator[dict[str, object]]:
    """Yield every object of the settings that names a class."""
    waiting = [data]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            if "class_name" in node:
                yield node
            waiting.extend(node.values())


def examine_bytes(file: BinaryIO, name: str, into: Findings) -> frozenset[bytes]:
    """Look for settings of Keras anywhere in a file, such as HDF5 or a saved model of TensorFlow.

    Returns:
        Which of ``MARKS`` the file holds; of ``CONFIG`` only settings that could be read.
    """
    if size_of(file) > MAX_SEARCHED:
        into.problem(f"{name} is larger than {MAX_SEARCHED} bytes, which are not searched")
        return frozenset()
    before, found, done, tried = b"", set(), 0, 0
    while piece := file.read(_WINDOW):
        window = before + piece
        for match in _LAMBDA.finditer(window):
            into.flag("dangerous", f"{name} has {_CODE_CLASSES[match.group(1).decode()]}")
        found |= {mark for mark in MARKS if mark not in found and mark in window}
        start = file.tell() - len(window)
        for match in _CONFIG.finditer(window):
            # Objects within those that were read are skipped; what cannot be read is tried a few times only.
            if start + match.start() < done or tried >= _MOST_TRIED:
                continue
            end = _settings(file, start + match.start(), name, into)
            done, tried = max(done, end), tried + 1
            if end:
                found.add(CONFIG)
        before = window[-_OVERLAP:]
    return frozenset(found)


def _settings(file: BinaryIO, start: int, name: str, into: Findings) -> int:
    """Read the settings that begin at a place in a file, and examine them; return where they end, or 0."""
    here = file.tell()
    file.seek(start)
    # One character for each byte, so that places in the text are places in the file.
    text = file.read(_LONGEST).decode("latin-1")
    file.seek(here)
    try:
        data, length = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return 0
    examine_keras(data, name, into)
    return start + length
