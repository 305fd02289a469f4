"""Open a declared model in whichever way its format needs, after a scan of the bytes that are loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

from conformity.errors import ModelFileError
from conformity.model.subject import ModelSubject
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.model_files.loading import load_model
from conformity.probes.shared.model_files.scan import scan_model_file
from conformity.probes.shared.models.commands import CommandRunner
from conformity.probes.shared.models.estimators import EstimatorRunner
from conformity.probes.shared.models.interface import Runner
from conformity.probes.shared.models.tensors import open_tensor_model

_ESTIMATORS = frozenset(("joblib", "pickle", "skops"))
_TENSORS = frozenset(("onnx", "xgboost", "lightgbm"))


def open_model(subject: ModelSubject, path: Path, scratch: Path, *, numbers: bool) -> Runner:
    """Return a model that can be asked.

    Args:
        subject: the model as declared.
        path: its file.
        scratch: an empty folder of the worker's own.
        numbers: whether its predictions are numbers rather than classes.

    Raises:
        NotMeasurableError: its format cannot be run, or the scan does not allow loading it.
        ModelFileError: it cannot be read.
        MissingLibraryError: a package that it needs is not installed.
    """
    if subject.format in _ESTIMATORS:
        loaded = load_model(subject, path, scratch)
        return EstimatorRunner(loaded.model, numbers, loaded.notes)
    if subject.command is not None:
        return CommandRunner(subject.command, path, scratch, numbers)
    if subject.format not in _TENSORS:
        known = ", ".join(sorted(_ESTIMATORS | _TENSORS | {"command"}))
        raise NotMeasurableError(f"a model in the format {subject.format} is not run; {known} are")
    classes = subject.robustness.classes if subject.robustness else ()
    copy = _scanned(subject, path, scratch)
    return open_tensor_model(subject.format, copy, numbers=numbers, classes=classes)


def _scanned(subject: ModelSubject, path: Path, scratch: Path) -> Path:
    """Return a copy of a file that its scan calls clean.

    Raises:
        NotMeasurableError: the scan found something.
        ModelFileError: it cannot be read.
    """
    # The end of the name tells XGBoost how the file is written.
    copy = scratch / f"model{path.suffix}"
    folder = scratch / "scan"
    folder.mkdir()
    try:
        shutil.copyfile(path, copy)
    except OSError as error:
        raise ModelFileError(
            f"the model file {path.name} cannot be read: {error.strerror}; check the path"
        ) from error
    scan = scan_model_file(copy, subject.format, folder)
    found = [
        *(content.what for content in scan.contents),
        *scan.problems,
        *(f"it names {ascii(str(name))[1:-1]}" for name in sorted(scan.globals, key=str)),
    ]
    if found:
        raise NotMeasurableError(f"the model was not loaded: {found[0]}"[:500])
    return copy
