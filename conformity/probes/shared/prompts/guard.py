"""The injection scanner of LLM Guard, over a model in a folder; nothing is fetched from elsewhere."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

from conformity.errors import DataError
from conformity.probes.shared.prompts.detector import Scored, optional, pieces

_EXTRA = "llm-guard"


class Guard:
    """Score texts with LLM Guard's ``PromptInjection`` scanner."""

    def __init__(self, folder: Path) -> None:
        """Load the scanner.

        Args:
            folder: a local copy of its model, ``protectai/deberta-v3-base-prompt-injection-v2``.

        Raises:
            DataError: the package or the model is missing.
        """
        if not (folder / "config.json").is_file():
            raise DataError(f"there is no model in {folder.name}; give the folder of a downloaded model")
        scanners = optional("llm_guard.input_scanners.prompt_injection", _EXTRA)
        models = optional("llm_guard.model", _EXTRA)
        self._folder = folder
        try:
            model = models.Model(path=str(folder), pipeline_kwargs={"truncation": True, "max_length": 512})
            self._scanner: Any = scanners.PromptInjection(model=model, threshold=0.5, use_onnx=False)
        except Exception as error:
            raise DataError(
                f"LLM Guard does not load the model in {folder.name}; download it again"
            ) from error

    @property
    def name(self) -> str:
        """Return its name and version."""
        from importlib.metadata import version

        return f"llm-guard {version('llm-guard')}"

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the weights."""
        files = sorted(self._folder.glob("*.safetensors")) or sorted(self._folder.glob("*.bin"))
        total = hashlib.sha256()
        for file in files:
            total.update(file.read_bytes())
        return total.hexdigest()

    def score(self, text: str) -> Scored:
        """Return the score of the worst piece.

        Raises:
            DataError: the scanner failed.
        """
        parts, truncated = pieces(text)
        try:
            risks = [float(self._scanner.scan(part)[2]) for part in parts if part.strip()]
        except Exception as error:
            raise DataError("LLM Guard failed on a text; search by rules alone") from error
        # The scanner reports -1 for texts that are certainly harmless.
        return Scored(max((max(risk, 0.0) for risk in risks), default=None), truncated)
