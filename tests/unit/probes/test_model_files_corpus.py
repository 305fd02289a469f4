"""Whole sets of malicious and harmless model files: every trick is flagged, no harmless file is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from conformity.probes.shared.model_files.scan import ModelScan, scan_model_file
from tests.support.benign_models import benign_files
from tests.support.malicious_models import gadgets, malicious_files

_MALICIOUS = dict(malicious_files())


def _scan(content: bytes, folder: Path) -> ModelScan:
    """Return what is found in a file."""
    path = folder / "model"
    path.write_bytes(content)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    scan = scan_model_file(path, "other", scratch)
    assert list(scratch.iterdir()) == []
    return scan


@pytest.mark.parametrize("trick", _MALICIOUS)
def test_every_trick_is_flagged(tmp_path: Path, trick: str) -> None:
    assert _scan(_MALICIOUS[trick], tmp_path).verdict != "clean"


def test_most_tricks_are_called_dangerous(tmp_path: Path) -> None:
    verdicts = Counter(_scan(content, tmp_path).verdict for content in _MALICIOUS.values())
    assert len(_MALICIOUS) > 300
    assert len(gadgets()) > 100
    assert verdicts["dangerous"] >= 0.85 * len(_MALICIOUS)


def test_harmless_files_are_clean(tmp_path: Path) -> None:
    files = list(benign_files())
    assert len(files) > 90
    flagged = {name: scan for name, content in files if (scan := _scan(content, tmp_path)).verdict != "clean"}
    assert flagged == {}
