"""Which imported names are known to be dangerous, and which may be loaded at all.

``picklescan`` keeps the list of dangerous names; more are added here. No such list is ever complete, so it
only says how to call what was found: what is on no list of harmless names needs a look, whatever it is.
For loading the rule is the same: what is not known to be a model's own part is refused.
"""

from __future__ import annotations

import io
import string
from collections.abc import Iterable
from functools import cache

from conformity.probes.shared.model_files.allowlist import is_known, words
from conformity.probes.shared.model_files.machine import Global

_DANGEROUS_ROOTS = words(
    """
    _ctypes _io _pickle _posixsubprocess _posixshmem _socket _ssl _thread _winapi _xxsubinterpreters aiohttp
    antigravity asyncio asyncore atexit bdb cProfile cffi cgi cloudpickle cmd code codeop commands compileall
    crypt ctypes dbm dill distutils doctest ensurepip faulthandler fileinput ftplib gc glob httplib http httpx
    idlelib imaplib imp importlib inspect lib2to3 linecache marshal mmap modulefinder msvcrt multiprocessing
    nt nntplib os paramiko pdb pexpect pickle pip pipes pkg_resources pkgutil poplib posix profile pstats pty
    py_compile pyclbr pydoc pyrepl requests rlcompleter runpy sched selectors setuptools shelve shutil signal
    site smtplib socket socketserver spwd sqlite3 ssl subprocess sys sysconfig tarfile telnetlib tempfile
    threading timeit trace traceback tty turtle urllib urllib2 urllib3 venv webbrowser winreg wsgiref xmlrpc
    zipapp zipfile zipimport
    """
)
_WAYS_OUT = words(
    """
    __bases__ __builtins__ __call__ __class__ __code__ __dict__ __getattribute__ __globals__ __import__
    __init__ __loader__ __mro__ __reduce__ __self__ __spec__ __subclasses__ builtins eval exec import_module
    modules os popen posix subprocess sys system
    """
)
"""Parts of a dotted name that lead from a harmless module to anything at all."""
_DANGEROUS_NAMES = frozenset(
    Global(module, name)
    for module, names in {
        "__builtin__": "__import__ apply delattr execfile file globals input locals reload setattr vars",
        "builtins": "__import__ breakpoint delattr globals input locals memoryview setattr vars",
        "codecs": "open",
        "io": "FileIO open open_code",
        "joblib": "load",
        "joblib.numpy_pickle": "load load_temporary_memmap",
        "numpy": "fromfile load memmap",
        "pandas": "eval read_pickle",
        "pandas.io.pickle": "read_pickle",
        "pandas.core.computation.eval": "eval",
        "pandas.io.common": "get_handle urlopen",
        "numpy.distutils.exec_command": "exec_command",
        "numpy.lib.npyio": "load fromregex loadtxt",
        "scipy.io": "loadmat",
        "scipy.io.matlab": "loadmat",
        "skops.io": "load loads",
        "torch": "load compile",
        "torch.hub": "load load_state_dict_from_url download_url_to_file",
        "torch.jit": "load",
        "torch.utils.cpp_extension": "load load_inline",
        "keras.models": "load_model",
        "tensorflow": "io.read_file io.write_file py_function numpy_function",
        "tensorflow.io": "read_file write_file",
        "transformers": "pipeline",
        "yaml": "load unsafe_load full_load",
        "jsonpickle": "decode",
        "jsonpickle.unpickler": "decode",
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
    return frozenset(name for name in names if _is_dangerous(name) or _level(name) == "dangerous")


def harmless(names: Iterable[Global]) -> frozenset[Global]:
    """Return the names that stand on a list of harmless ones."""
    return frozenset(name for name in names if is_known(name) or _level(name) == "innocuous")


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
    """Tell whether a name is on the list kept here, or leads through another to anything."""
    if name.module.partition(".")[0] in _DANGEROUS_ROOTS or name in _DANGEROUS_NAMES:
        return True
    parts = name.name.split(".")
    return len(parts) > 1 and not _WAYS_OUT.isdisjoint(parts)


@cache
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
