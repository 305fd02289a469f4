"""Load a scanned pickle under guard: what the scan did not see, or what is not what it seems, is refused.

The scan follows a pickle without running it; this is the second line of defence, should a file ever be
read in another way than the scan read it. Three rules hold while objects are made: a name must be among
those the scan saw; what it leads to must be a class that its library itself defines, not one that the
library merely imports; and what numpy believes without looking (the flags of a type, the memory of an
array) must be true. For workers only.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler
from joblib.numpy_pickle_utils import _validate_fileobject_and_memmap

from conformity.errors import ModelFileError
from conformity.probes.shared.model_files.machine import ARRAY_WRAPPER, Global
from conformity.probes.shared.model_files.names import is_library, is_maker, not_loadable

_VERSIONS = (3, 4)
_MAKERS: dict[Global, Callable[..., Any]] = {}


class GuardError(ModelFileError):
    """A file tried something that its scan did not show."""


class _ArrayName:
    """What stands for ``numpy.ndarray``: calling the class itself would lay it over any memory."""


_ARRAY = _ArrayName()


def load_guarded(path: Path, seen: frozenset[Global]) -> Any:
    """Return what a joblib or pickle file holds.

    Args:
        path: the file that was scanned.
        seen: the names that the scan saw; all of them may be loaded.

    Raises:
        GuardError: the file does something that the scan did not show.
    """
    with path.open("rb") as raw, _validate_fileobject_and_memmap(raw, str(path), None) as (file, _):
        if isinstance(file, str):
            raise GuardError("the model was not loaded: it is in joblib's old format; save it anew")
        return _Guarded(file, seen).load()


def check_names(names: frozenset[Global]) -> None:
    """Check that names lead to what they say, before another loader uses them.

    Raises:
        GuardError: one does not.
    """
    from importlib import import_module

    for name in names:
        _genuine(name, getattr(import_module(name.module), name.name))


class _Guarded(NumpyUnpickler):  # type: ignore[misc] # joblib has no types
    """joblib's reader with a closer look at names, types and arrays."""

    dispatch = NumpyUnpickler.dispatch.copy()

    def __init__(self, file: Any, seen: frozenset[Global]) -> None:
        """Read from ``file``, allowing the names ``seen``."""
        super().__init__("", file, ensure_native_byte_order=True)
        self._seen = seen

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name leads to.

        Raises:
            GuardError: the scan did not see it, or it is not what it seems.
        """
        wanted = Global(module, name)
        if wanted not in self._seen or not_loadable([wanted]):
            raise GuardError("the model was not loaded: it imports a name that its scan did not show")
        return _genuine(wanted, super().find_class(module, name))

    def load_build(self) -> None:
        """Put a state into an object; a type must stay true, and a wrapper becomes its array."""
        target, state = self.stack[-2:]
        if isinstance(target, np.dtype):
            _check_state(target, state)
        pickle._Unpickler.load_build(self)  # type: ignore[attr-defined] # the one written in Python
        if isinstance(target, np.dtype):
            _check_dtype(target)
        elif isinstance(target, NumpyArrayWrapper):
            self.stack[-1] = self._array(target)

    def _array(self, wrapper: Any) -> Any:
        """Return the array behind a wrapper; one of objects is a pickle of its own, read under guard."""
        if not wrapper.dtype.hasobject:
            return wrapper.read(self, self.ensure_native_byte_order)
        return _Guarded(self.file_handle, self._seen).load()

    dispatch[pickle.BUILD[0]] = load_build


def _genuine(name: Global, found: Any) -> Any:
    """Return what a name leads to, or a safe stand-in.

    Raises:
        GuardError: it is something that its library only imports, or a class that makes classes.
    """
    if not _MAKERS:
        _MAKERS.update(_makers())
    if name in _MAKERS:
        return _MAKERS[name]
    if found is np.ndarray:
        return _ARRAY
    if is_maker(name) or name == ARRAY_WRAPPER:
        return found
    own = is_library(str(getattr(found, "__module__", "")))
    is_class = isinstance(found, type) and not issubclass(found, type | np.ndarray)
    if own and (is_class or name.name.startswith("__pyx_unpickle_")):
        return found
    raise GuardError(
        f"the model was not loaded: {ascii(str(name))[1:-1][:200]} is not a class of that library's own"
    )


def _makers() -> dict[Global, Callable[..., Any]]:
    """Return stand-ins for the makers that would believe whatever they are told."""
    arrays = (Global(m, "_reconstruct") for m in ("numpy._core.multiarray", "numpy.core.multiarray"))
    return {
        **dict.fromkeys(arrays, _make_array),
        Global("pandas.core.indexes.base", "_new_Index"): _make_index,
        Global("pyarrow.lib", "_restore_array"): _make_arrow_array,
    }


def _make_array(kind: object, shape: Any, dtype: Any) -> Any:
    """Return the empty array that a state is then put into."""
    if kind is not _ARRAY:
        raise GuardError("the model was not loaded: it makes an array of an unknown kind")
    return np._core.multiarray._reconstruct(np.ndarray, shape, dtype)  # type: ignore[attr-defined]


def _make_index(cls: object, arguments: dict[str, Any]) -> Any:
    """Return an index of a data frame."""
    import pandas
    from pandas.core.indexes import base

    if not (isinstance(cls, type) and issubclass(cls, pandas.Index)):
        raise GuardError("the model was not loaded: it makes an index of something that is none")
    return base._new_Index(cls, arguments)  # type: ignore[attr-defined] # the stubs leave it out


def _make_arrow_array(data: Any) -> Any:
    """Return an Arrow array whose offsets stay inside its buffers."""
    from pyarrow.lib import _restore_array

    array = _restore_array(data)
    array.validate(full=True)
    return array


def _check_state(dtype: np.dtype[Any], state: Any) -> None:
    """Check a type's state before numpy takes it: a plain type can be given no other flags or parts.

    Raises:
        GuardError: the state contradicts the type.
    """
    sound = isinstance(state, tuple) and len(state) in (8, 9) and state[0] in _VERSIONS
    if sound and dtype.kind != "V":
        sound = (
            state[2:5] == (None, None, None)
            and state[5] in (-1, dtype.itemsize)
            and state[7] == dtype.flags
            and (dtype.kind not in "mM" or len(state) == 9)
        )
    if not sound:
        raise GuardError("the model was not loaded: the type of an array contradicts itself")


def _check_dtype(dtype: np.dtype[Any]) -> None:
    """Check that a type is what numpy itself would make of its parts.

    Raises:
        GuardError: it is not.
    """
    try:
        clean = _remade(dtype)
        same = (clean.itemsize, clean.flags, clean.hasobject) == (
            dtype.itemsize,
            dtype.flags,
            dtype.hasobject,
        )
    except (ValueError, TypeError) as error:
        raise GuardError("the model was not loaded: the type of an array cannot be") from error
    if not same:
        raise GuardError("the model was not loaded: the type of an array contradicts itself")


def _remade(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that the description of ``dtype`` stands for, made anew."""
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return np.dtype((_remade(base), shape))
    if dtype.names is None or dtype.fields is None:
        return np.dtype(dtype.str)
    parts = [dtype.fields[name] for name in dtype.names]
    return np.dtype(
        {
            "names": list(dtype.names),
            "formats": [_remade(part[0]) for part in parts],
            "offsets": [part[1] for part in parts],
            "itemsize": dtype.itemsize,
        },
        align=dtype.isalignedstruct,
    )
