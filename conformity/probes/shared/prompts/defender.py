"""The detector of ``stackone-defender``: a small model inside the package, run on the processor, offline."""

from __future__ import annotations

import hashlib
import math
from functools import cached_property
from pathlib import Path
from typing import Any

from conformity.errors import DataError
from conformity.probes.shared.prompts.detector import Scored, optional, pieces

VERSION = "0.9.4"
"""The version that the weights and golden scores are for."""
MODEL_SHA256 = "3d4a1ba798c395c140202992c50e6c8de02fb1b9bd5aba6540848705b9c1e92c"
"""The digest of the model in that version."""
_EXTRA = "conformity-report[prompts]"


class Defender:
    """Score texts with the model of ``stackone-defender``; texts under ten characters have no score."""

    def __init__(self) -> None:
        """Load the model, which takes about half a second.

        Raises:
            DataError: the package is missing or of another version, or the model is not the known one.
        """
        module = optional("stackone_defender.classifiers.tier2_classifier", _EXTRA)
        onnx = optional("onnxruntime", _EXTRA)
        self._check()
        try:
            self._classifier: Any = module.Tier2Classifier()
            self._classifier.warmup()
            options = onnx.SessionOptions()
            # Its own session takes a thread for each core, which is slower where several workers run.
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._classifier._onnx._session = onnx.InferenceSession(str(self._model), options)
        except Exception as error:
            raise DataError(f"stackone-defender does not load; install {_EXTRA} again") from error

    @property
    def name(self) -> str:
        """Return its name and version."""
        return f"stackone-defender {VERSION}"

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the model."""
        return hashlib.sha256(self._model.read_bytes()).hexdigest()

    @cached_property
    def _model(self) -> Path:
        """Return where the model is."""
        package = optional("stackone_defender", _EXTRA)
        return Path(str(package.__file__)).parent / "models" / "minilm-multihead-v5" / "model_quantized.onnx"

    def _check(self) -> None:
        """Check version and model.

        Raises:
            DataError: they are not the ones that the weights are for.
        """
        from importlib.metadata import version

        if version("stackone-defender") != VERSION or self.digest != MODEL_SHA256:
            raise DataError(f"stackone-defender is not version {VERSION} with its model; install {_EXTRA}")

    def score(self, text: str) -> Scored:
        """Return the score of the worst piece.

        Raises:
            DataError: the model failed.
        """
        clean = text.encode("utf-8", "replace").decode("utf-8")
        parts, truncated = pieces(clean)
        known: list[float] = []
        try:
            # Piece by piece: all of a long text at once would take hundreds of megabytes.
            for part in parts:
                chunks = self._classifier.prepare_chunks(part)["chunks"]
                known += [float(main) for main, _ in self._classifier.classify_chunks_batch_pair(chunks)]
        except Exception as error:
            raise DataError("stackone-defender failed on a text; search by rules alone") from error
        known = [score for score in known if math.isfinite(score)]
        return Scored(max(known, default=None), truncated)
