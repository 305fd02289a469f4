"""Measure the scan of model files: ``python tests/benchmarks/bench_model_files.py [MEBIBYTES]``.

Run on demand, not as a test. Scans the malicious and harmless files of ``tests/support`` and prints how many
are flagged and the time of the median file; then models of about one megabyte, of the kinds that are found,
with the time of the best of five scans; and a large pickle (256 MiB by default) with the peak of memory.
"""

from __future__ import annotations

import io
import logging
import pickle
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformity.probes.shared.model_files.scan import scan_model_file
from tests.support.benign_models import benign_files
from tests.support.malicious_models import malicious_files


def main(mebibytes: int) -> None:
    """Print one line for each part of the work."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        for name, files in (("malicious", malicious_files()), ("harmless", benign_files())):
            corpus(name, files, Path(folder))
        for name, content in megabytes():
            path = Path(folder) / name
            path.write_bytes(content)
            took = min(timed(path)[0] for _ in range(5))
            print(f"{name}: {len(content) / 1e6:.2f} MB, {took * 1e3:.1f} ms, {timed(path)[1]}")
        before = peak()
        took, verdict = timed(large(Path(folder) / "large", mebibytes))
        print(f"{mebibytes} MiB of numbers: {took:.2f} s, {verdict}, peak memory {before} to {peak()} MiB")


def corpus(name: str, files: Iterable[tuple[str, bytes]], folder: Path) -> None:
    """Print how a set of files is called."""
    verdicts: Counter[str] = Counter()
    times = []
    for _, content in files:
        path = folder / "file"
        path.write_bytes(content)
        took, verdict = timed(path)
        times.append(took)
        verdicts[verdict] += 1
    flagged = 1 - verdicts["clean"] / verdicts.total()
    print(
        f"{name}: {verdicts.total()} files, {flagged:.1%} flagged, {dict(verdicts)}, median "
        f"{statistics.median(times) * 1e3:.2f} ms"
    )


def timed(path: Path) -> tuple[float, str]:
    """Return how long a scan takes in processor time, and what it comes to."""
    start = time.process_time()
    verdict = scan_model_file(path, "other", path.parent).verdict
    return time.process_time() - start, verdict


def megabytes() -> Iterator[tuple[str, bytes]]:
    """Yield models of about a megabyte."""
    import joblib
    import numpy as np
    import xgboost
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge

    draw = np.random.default_rng(1)
    x = draw.random((2000, 20))
    y = (x[:, 0] + draw.random(2000) * 0.5 > 0.7).astype(int)
    forest = RandomForestClassifier(n_estimators=35, n_jobs=1).fit(x, y)
    texts = [" ".join(f"w{n}" for n in draw.integers(0, 60_000, 50)) for _ in range(3000)]
    yield "weights of a ridge", pickle.dumps(Ridge().fit(draw.random((20, 1000)), draw.random((20, 120))))
    yield "forest", pickle.dumps(forest)
    for how in (0, 3):
        file = io.BytesIO()
        joblib.dump(forest, file, compress=how)
        yield f"forest, joblib {how}", file.getvalue()
    yield "histogram boosting", pickle.dumps(HistGradientBoostingClassifier(max_iter=260).fit(x, y))
    yield "vocabulary of 60,000 words", pickle.dumps(TfidfVectorizer().fit(texts))
    wide = draw.random((20_000, 20))
    noisy = (wide[:, 0] + wide[:, 1] * wide[:, 2] + draw.normal(size=20_000) > 1).astype(int)
    trees = xgboost.train({"max_depth": 6, "nthread": 2}, xgboost.DMatrix(wide, noisy), 260)
    for kind in ("ubj", "json"):
        yield f"trees of XGBoost, {kind}", bytes(trees.save_raw(kind))


def large(path: Path, mebibytes: int) -> Path:
    """Write a pickle with one large array of bytes and return its path."""
    with path.open("wb") as file:
        file.write(b"\x80\x04\x8e" + (mebibytes * 1024**2).to_bytes(8, "little"))
        file.truncate(11 + mebibytes * 1024**2)
        file.seek(0, io.SEEK_END)
        file.write(b".")
    return path


def peak() -> int:
    """Return the most memory used so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 256)
