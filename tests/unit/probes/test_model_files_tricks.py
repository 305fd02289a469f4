"""A second set of malicious model files: none passes or breaks the scan; sound ones alike do pass."""

from __future__ import annotations

import io
import json
import pickle
import time
import zipfile
from pathlib import Path

import pytest

from conformity.errors import ModelFileError
from conformity.probes.shared.model_files import scan as scanning
from conformity.probes.shared.model_files.scan import ModelScan, scan_model_file
from conformity.probes.shared.model_files.templates import computed_part, forbidden_part
from tests.support import hand_made_models as hand
from tests.support.malicious_layouts import malicious_layouts, streamed_zip, tar_member
from tests.support.malicious_numbers import malicious_numbers

_TRICKS = {**dict(malicious_numbers()), **dict(malicious_layouts())}


def _scan(content: bytes, folder: Path) -> ModelScan:
    """Return what is found in a file."""
    path = folder / "model"
    path.write_bytes(content)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return scan_model_file(path, "other", scratch)


@pytest.mark.parametrize("trick", _TRICKS)
def test_no_trick_passes_or_takes_long(tmp_path: Path, trick: str) -> None:
    begun = time.process_time()
    assert _scan(_TRICKS[trick], tmp_path).verdict != "clean"
    assert time.process_time() - begun < 20


def test_there_are_many_tricks() -> None:
    assert len(_TRICKS) > 90


def test_a_key_that_stands_twice_is_looked_at_twice(tmp_path: Path) -> None:
    scan = _scan(b'{"a": [{"auto_map": {"AutoModel": "m.M"}, "auto_map": null}]}', tmp_path)
    assert scan.verdict == "review"


@pytest.mark.parametrize("protocol", [2, 5])
def test_distributions_as_scipy_writes_them_pass(tmp_path: Path, protocol: int) -> None:
    from scipy import stats

    models = [stats.norm(0, 1), stats.beta(2, 3), stats.uniform(), stats.loguniform(1, 2), stats.norm]
    assert _scan(pickle.dumps(models, protocol), tmp_path).verdict == "clean"


def test_sound_files_that_look_alike_pass(tmp_path: Path) -> None:
    training = {"loss": "mse", "optimizer_config": {"class_name": "Adam", "config": {"name": "Ä"}}}
    model = b'model_config\0{"class_name": "Sequential", "config": {"layers": []}}\0layer_names\0'
    padded = hand.zipped({"a.txt": b"x"})
    commented = io.BytesIO(padded)
    with zipfile.ZipFile(commented, "a") as archive:
        archive.comment = b"made by hand"
    for content in (
        streamed_zip(),
        commented.getvalue(),
        hand.zipped({"folder/": b"", "folder/a.txt": b"x"}),
        tar_member("a.txt", b"x") + bytes(20_480),
        hand.hdf5(model + b"training_config\0" + json.dumps(training).encode()),
        hand.torch_zip(pickle.dumps({0.5: 1, (1, 2): 2}, 2)),
    ):
        scan = _scan(content, tmp_path)
        assert scan.verdict == "clean", scan


@pytest.mark.parametrize(
    "template",
    [
        "{% generation %}{{ message['content'] }}{%- endgeneration -%}",
        "{{ messages | selectattr('role', 'equalto', 'system') | map(attribute='content') | join('\n') }}",
        "{{ messages[loop.index0 - 1]['role'] + ': ' + messages[1:][0].content.split('</x>')[-1] }}",
        "{% do parts.append('[INST]' ~ x ~ '[/INST]') %}{% break %}",
        "{{ tools | map('tojson') | join(',') }}{{ ns['a'] }}{{ x[y] }}",
        "{{ messages | map('length', default='a' ~ 'b') | sum(attribute=0) }}",
    ],
)
def test_templates_as_they_are_pass(template: str) -> None:
    # A break outside a loop is wrong only where it is run.
    assert (forbidden_part(template), computed_part(template)) == (None, None)


def test_what_breaks_the_examination_is_a_problem_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(scanning, "examine", full)
    scan = _scan(b"N.", tmp_path)
    assert scan.verdict == "undetermined"
    assert scan.problems == ("the file could not be examined (MemoryError)",)

    def unreadable(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(scanning, "examine", unreadable)
    with pytest.raises(ModelFileError, match="Permission denied"):
        _scan(b"N.", tmp_path)
