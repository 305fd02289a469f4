"""Which imported names are known to be dangerous, and which may be loaded at all.

``picklescan`` keeps the list of dangerous names; a few that it only calls suspicious are added here.
For loading the rule is the other way round: what is not known to be a model's own part is refused.
"""

from __future__ import annotations

import io
import string
from collections.abc import Iterable

from conformity.probes.shared.model_files.machine import Global

_DANGEROUS_ROOTS = frozenset(
    (
        "_ctypes",
        "_posixsubprocess",
        "cffi",
        "dill",
        "ftplib",
        "http",
        "importlib",
        "marshal",
        "multiprocessing",
        "shelve",
        "smtplib",
        "telnetlib",
        "tempfile",
        "xmlrpc",
        "zipimport",
    )
)
_DANGEROUS_NAMES = frozenset(
    Global(module, name)
    for module, names in {
        "__builtin__": "__import__ delattr execfile file globals input reload setattr vars",
        "builtins": "__import__ delattr globals input setattr vars",
        "io": "FileIO open open_code",
        "joblib": "load",
        "joblib.numpy_pickle": "load load_temporary_memmap",
        "numpy": "fromfile load memmap",
        "pandas": "eval read_pickle",
        "pandas.io.pickle": "read_pickle",
    }.items()
    for name in names.split()
)

_CLASSES_OF = frozenset(["catboost", "lightgbm", "numpy", "pandas", "scipy", "sklearn", "xgboost"])
_NOT_PARTS = frozenset(
    ["__main__", "_build_utils", "_precompute", "conftest", "externals", "mypy_plugin", "tests"]
)
"""Parts of module names that belong to no model: importing such a module may itself do something."""

_FILE_CLASSES = frozenset(Global("pandas", name) for name in ("ExcelFile", "ExcelWriter", "HDFStore"))
"""Classes that open files when they are made, under names that do not tell."""

_NOT_EVEN_CLASSES_OF = (
    "numpy.ctypeslib",
    "numpy.distutils",
    "numpy.f2py",
    "numpy.lib",
    "numpy.testing",
    "pandas._testing",
    "pandas.core.computation",
    "pandas.io",
    "pandas.testing",
    "pandas.util",
    "scipy.io",
    "scipy.datasets",
    "scipy.odr",
    "sklearn.callback",
    "sklearn.datasets",
    "sklearn.externals",
    "sklearn.utils._testing",
)
_LOADABLE = frozenset(
    Global(module, name)
    for module, names in {
        "_codecs": "encode",
        "builtins": "bytearray bytes complex dict float frozenset int list object set slice str tuple",
        "collections": "OrderedDict defaultdict deque",
        "copyreg": "_reconstructor",
        "datetime": "date datetime time timedelta timezone",
        "decimal": "Decimal",
        "joblib.numpy_pickle": "NumpyArrayWrapper",
        "numpy": (
            "bool_ dtype float16 float32 float64 int8 int16 int32 int64 ndarray uint8 uint16 uint32 uint64 "
            "abs absolute cbrt ceil clip exp expm1 floor log log10 log1p log2 nan_to_num sign sqrt square"
        ),
        "numpy._core.multiarray": "_reconstruct scalar",
        "numpy.core.multiarray": "_reconstruct scalar",
        "numpy._core.numeric": "_frombuffer",
        "numpy.core.numeric": "_frombuffer",
        "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
        "numpy.random.bit_generator": "__pyx_unpickle_SeedSequence",
        "pandas._libs.arrays": "__pyx_unpickle_NDArrayBacked",
        "pandas._libs.internals": "_unpickle_block",
        "pandas.core.indexes.base": "_new_Index",
        "pyarrow.lib": "_restore_array py_buffer type_for_alias",
        "sklearn.metrics._dist_metrics": "newObj",
        "sklearn.neighbors._ball_tree": "newObj",
        "sklearn.neighbors._kd_tree": "newObj",
    }.items()
    for name in names.split()
)


def dangerous(names: Iterable[Global]) -> frozenset[Global]:
    """Return the names that are known to run code, reach files or the network."""
    found = frozenset(names)
    return frozenset(g for g in found if _is_dangerous(g)) | frozenset(
        g for g in found if _level(g) == "dangerous"
    )


def harmless(names: Iterable[Global]) -> frozenset[Global]:
    """Return the names that are known to do no more than make a plain value."""
    return frozenset(g for g in names if _level(g) == "innocuous")


def not_loadable(names: Iterable[Global]) -> tuple[Global, ...]:
    """Return the names that keep a file from being loaded, sorted; none when it may be."""
    return tuple(sorted((g for g in names if not _may_be_loaded(g)), key=str))


def is_maker(name: Global) -> bool:
    """Tell whether a name is one of the makers that are listed one by one."""
    return name in _LOADABLE


def is_library(module: str) -> bool:
    """Tell whether a module belongs to a library whose classes may be loaded."""
    return module.partition(".")[0] in _CLASSES_OF and not module.startswith(_NOT_EVEN_CLASSES_OF)


def _is_dangerous(name: Global) -> bool:
    """Tell whether a name is on the list kept here."""
    return name.module.partition(".")[0] in _DANGEROUS_ROOTS or name in _DANGEROUS_NAMES


def _level(name: Global) -> str:
    """Return what ``picklescan`` calls one name, asked by a pickle that imports only this one."""
    from picklescan.scanner import scan_pickle_bytes

    text = f"{name.module}\n{name.name}\n"
    plain = set(string.printable) - set(string.whitespace)
    if not set(name.module + name.name) <= plain:
        return "suspicious"
    result = scan_pickle_bytes(io.BytesIO(b"c" + text.encode("ascii") + b"."), "a name")
    levels = {found.safety.value for found in result.globals}
    return "dangerous" if "dangerous" in levels else min(levels, default="suspicious")


def _may_be_loaded(name: Global) -> bool:
    """Tell whether a name is a model's own part: a class of a known library, or a known maker."""
    if name in _LOADABLE:
        return True
    if not is_library(name.module) or _NOT_PARTS & set(name.module.split(".")):
        return False
    if name in _FILE_CLASSES or "." in name.name:
        return False
    return name.name.lstrip("_")[:1].isupper() or name.name.startswith("__pyx_unpickle_")
