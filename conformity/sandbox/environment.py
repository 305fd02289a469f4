"""All variables that a worker sees."""

from __future__ import annotations

import os
from pathlib import Path

import conformity
from conformity.sandbox.following import followed
from conformity.settings import Settings

_THREAD_CAPS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

_AS_FOUND = (
    "LD_LIBRARY_PATH",
    "PYTHONDONTWRITEBYTECODE",
)


def worker_environment(folder: Path, settings: Settings) -> dict[str, str]:
    """Return all variables that a worker sees.

    Args:
        folder: the worker's scratch folder, which is its home too.
        settings: the limits, of which the engine in the worker must know its memory.
    """
    threads = str(max(1, (os.cpu_count() or 1) // settings.workers))
    root = Path(conformity.__file__).parent.parent
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        # Nothing else installed may step in; to look for what would takes a tenth of a second.
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "CONFORMITY_WORKER_MEMORY_MB": str(settings.worker_memory_mb),
        **dict.fromkeys(_THREAD_CAPS, threads),
        # Where the package is not installed but run from its sources.
        **({} if str(root).endswith("-packages") else {"PYTHONPATH": str(root)}),
        **{name: os.environ[name] for name in _AS_FOUND if name in os.environ},
        # No worker starts others: without this, joblib would try, and warn that it cannot.
        "JOBLIB_MULTIPROCESSING": "0",
        **followed(folder),
        # Which Java Spark is to run on.
        **({"JAVA_HOME": os.environ.get("JAVA_HOME", "")} if settings.engine == "spark" else {}),
    }
