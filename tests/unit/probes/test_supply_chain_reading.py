"""Lists of packages in every format, and what is none."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path

import pytest

from conformity.errors import DataError
from conformity.probes.shared.supply_chain.packages import Package, from_purl
from conformity.probes.shared.supply_chain.reading import Software, read_software

_SHA = "a" * 64
_SHA512 = "b" * 128
_LOCKS = {
    "requirements.txt": f"""
# a comment
numpy==2.4.6 \\
    --hash=sha256:{_SHA} \\
    --hash=md5:{"c" * 32}
Ruamel.YAML[jinja2] == 0.19.1 ; python_version >= "3.11"
pandas>=3
scipy==1.*
-e ./local
https://example.org/wheels/thing.whl
--pre
uvicorn
""",
    "uv.lock": f"""
version = 1
[[package]]
name = "numpy"
version = "2.4.6"
sdist = {{ url = "x", hash = "sha256:{_SHA}" }}
wheels = [{{ url = "y", hash = "sha256:{"d" * 64}" }}]
[[package]]
name = "own"
version = "0"
source = {{ editable = "." }}
""",
    "poetry.lock": f"""
[[package]]
name = "Zope.Interface"
version = "7.0"
files = [{{file = "a.whl", hash = "sha256:{_SHA}"}}]
""",
    "pylock.toml": f"""
lock-version = "1.0"
[[packages]]
name = "attrs"
version = "26.1.0"
wheels = [{{ name = "a.whl", hashes = {{ sha256 = "{_SHA}" }} }}]
""",
    "Pipfile.lock": json.dumps(
        {
            "_meta": {},
            "default": {
                "requests": {"version": "==2.34.2", "hashes": [f"sha256:{_SHA}"]},
                "local": {"path": "."},
            },
            "develop": {"pytest": {"version": "==9.2.0"}},
        }
    ),
    "package-lock.json": json.dumps(
        {
            "lockfileVersion": 3,
            "packages": {
                "": {"name": "own"},
                "node_modules/@a/b": {
                    "version": "1.2.3",
                    "integrity": "sha512-" + base64.b64encode(b"\xbb" * 64).decode() + " sha1-x! md5-AA==",
                },
                "node_modules/linked": {"link": True},
            },
        }
    ),
    "environment.yml": """
name: x
channels:
  - conda-forge
dependencies:
  - python=3.11
  - conda-forge::numpy=2.4.6=py311h1_0
  - scipy>=1.17
  - xgboost=3.*   # loose
  - pip
  - pip:
      - shap==0.48.0
prefix: /x
""",
    "explicit.txt": f"""@EXPLICIT
https://conda.example.org/linux-64/numpy-2.4.6-py311_0.conda#{_SHA}
https://conda.example.org/linux-64/zlib-1.3-h1.tar.bz2#{"e" * 32}
""",
    "pip-list.json": json.dumps([{"name": "NumPy", "version": "2.4.6"}]),
    "pip-inspect.json": json.dumps(
        {"version": "1", "installed": [{"metadata": {"name": "a_b", "version": "1"}}]}
    ),
    "bom.json": json.dumps(
        {
            "bomFormat": "CycloneDX",
            "components": [
                {
                    "type": "library",
                    "name": "x",
                    "purl": "pkg:pypi/numpy@2.4.6?x=1",
                    "hashes": [{"alg": "SHA-256", "content": _SHA}],
                    "components": [{"type": "library", "name": "inner", "version": "1"}],
                },
                {"type": "file", "name": "not a package"},
            ],
        }
    ),
    "spdx.json": json.dumps(
        {
            "spdxVersion": "SPDX-2.3",
            "packages": [
                {
                    "name": "numpy",
                    "versionInfo": "2.4.6",
                    "externalRefs": [{"referenceLocator": "pkg:pypi/numpy@2.4.6"}],
                },
                {"name": "other", "versionInfo": "1"},
            ],
        }
    ),
}
_SHAS = (f"sha256:{_SHA}",)
_EXPECTED = {
    "requirements.txt": [
        Package("PyPI", "numpy", "2.4.6", _SHAS),
        Package("PyPI", "pandas", None),
        Package("PyPI", "ruamel-yaml", "0.19.1"),
        Package("PyPI", "scipy", None),
        Package("PyPI", "uvicorn", None),
        Package("other", "local", None),
        Package("other", "thing.whl", None),
    ],
    "uv.lock": [Package("PyPI", "numpy", "2.4.6", (*_SHAS, f"sha256:{'d' * 64}"))],
    "poetry.lock": [Package("PyPI", "zope-interface", "7.0", _SHAS)],
    "pylock.toml": [Package("PyPI", "attrs", "26.1.0", _SHAS)],
    "Pipfile.lock": [
        Package("PyPI", "local", None),
        Package("PyPI", "pytest", "9.2.0"),
        Package("PyPI", "requests", "2.34.2", _SHAS),
    ],
    "package-lock.json": [Package("npm", "@a/b", "1.2.3", (f"sha512:{_SHA512}",))],
    "environment.yml": [
        Package("PyPI", "shap", "0.48.0"),
        Package("conda", "numpy", "2.4.6"),
        Package("conda", "pip", None),
        Package("conda", "python", "3.11"),
        Package("conda", "scipy", None),
        Package("conda", "xgboost", None),
    ],
    "explicit.txt": [Package("conda", "numpy", "2.4.6", _SHAS), Package("conda", "zlib", "1.3")],
    "pip-list.json": [Package("PyPI", "numpy", "2.4.6")],
    "pip-inspect.json": [Package("PyPI", "a-b", "1")],
    "bom.json": [Package("PyPI", "numpy", "2.4.6", _SHAS), Package("other", "inner", "1")],
    "spdx.json": [Package("PyPI", "numpy", "2.4.6"), Package("other", "other", "1")],
}


def read(tmp_path: Path, name: str, text: str) -> Software:
    """Return what is in one file."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_software(path)


@pytest.mark.parametrize("name", _LOCKS)
def test_every_list_is_read(tmp_path: Path, name: str) -> None:
    assert list(read(tmp_path, name, _LOCKS[name]).packages) == _EXPECTED[name]


def test_a_folder_is_read_together(tmp_path: Path) -> None:
    for name, text in _LOCKS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "README.md").write_text("Not a list.", encoding="utf-8")
    assert set(read_software(tmp_path).packages) == {one for listed in _EXPECTED.values() for one in listed}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("r.txt", "numpy==1\n!!!\n", "line 2 is no requirement"),
        ("r.txt", "numpy 1.2", "line 1 is no requirement"),
        ("r.txt", "-r other.txt", "refers to another file"),
        ("x.lock", "[tool]\na = 1", "no lock file that is known"),
        ("x.lock", "package = [1]", "not written plainly"),
        ("x.lock", "[[package]]\nversion = '1'", "has no name"),
        ("x.lock", "not toml", "not written as its format asks"),
        ("a.json", "{", "not written as its format asks"),
        ("a.json", "{}", "no list of packages that is known"),
        ("a.json", "[1]", "not written plainly"),
        ("a.json", '{"bomFormat": "CycloneDX", "components": [1]}', "not written plainly"),
        ("a.json", "[" * 100_000, "not written as its format asks"),
        ("e.yml", "name: x", "no list of dependencies"),
        ("a.zip", "not a zip", "cannot be read"),
    ],
)
def test_what_is_no_list_is_said_to_be_none(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read(tmp_path, name, text)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not written as its format asks"):
        read_software(tmp_path / "r.txt")
    with pytest.raises(DataError, match="cannot be read"):
        read_software(tmp_path / "gone.txt")


def test_no_more_is_read_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.probes.shared.supply_chain.reading.MAX_FILE_BYTES", 5)
    with pytest.raises(DataError, match="more than is read"):
        read(tmp_path, "r.txt", "numpy==1.0")


def test_advisories_are_read_from_json_and_zip(tmp_path: Path) -> None:
    entry = {"id": "A-1", "modified": "2026-11-01", "affected": [{"package": {"name": "Num_Py"}}]}
    other = {"id": "A-2", "affected": [{"package": {"name": "else"}}]}
    (tmp_path / "r.txt").write_text("num-py==1", encoding="utf-8")
    (tmp_path / "one.json").write_text(json.dumps(entry), encoding="utf-8")
    (tmp_path / "some.json").write_text(json.dumps({"vulns": [other]}), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("PYSEC-1.json", json.dumps({**entry, "id": "A-3", "modified": "2026-11-02"}))
        archive.writestr("index.html", "no")
    found = read_software(tmp_path)
    assert (found.entries, found.newest) == (3, "2026-11-02")
    assert sorted(one["id"] for one in found.advisories) == ["A-1", "A-3"]


@pytest.mark.parametrize(
    ("purl", "wanted"),
    [
        ("pkg:pypi/num_py@1.0", Package("PyPI", "num-py", "1.0")),
        ("pkg:npm/%40a/b@1.0#sub", Package("npm", "@a/b", "1.0")),
        ("pkg:cargo/serde", Package("other", "serde", None)),
        ("http://x", None),
    ],
)
def test_package_urls_are_read(purl: str, wanted: Package | None) -> None:
    assert from_purl(purl) == wanted
    assert wanted is None or from_purl(wanted.purl) == wanted or wanted.ecosystem == "other"


def test_a_list_of_pip_may_be_called_a_lock(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text(
        "numpy==2.4.6 \\\n    # via pandas\nruamel.yaml[jinja2]==0.19.1\n"
    )
    found = read_software(tmp_path / "requirements.lock")
    assert [(one.name, one.version) for one in found.packages] == [
        ("numpy", "2.4.6"),
        ("ruamel-yaml", "0.19.1"),
    ]
