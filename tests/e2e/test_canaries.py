"""One person with a unique value in every column: none of them may be found in anything that is written."""

from __future__ import annotations

import csv
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from conformity.render import EXPORTS
from tests.support.cases import conformity
from tests.support.counted_here import counted_here

COLUMNS = ("sex", "age", "city", "origin", "name", "notes", "label", "decided", "score", "feature", "income")
CANARIES = {column: f"canary-{column}-7731" for column in COLUMNS} | {"income": "77317731"}
RARE = [f"tribe-of-{n}-qzx" for n in range(150)]
"""The values of a protected column: more than Fairlearn is given, and none with enough people to be named."""

MANIFEST = """\
conformity: 1
system: {name: S, version: "1", intended_purpose: x}
provider: {name: P, address: a, contact: c}
role: provider
subjects:
  - id: people
    kind: table
    title: People
    path: people.csv
    purpose: testing
    columns:
      - {name: sex, roles: [protected]}
      - {name: age, roles: [protected, quasi_identifier]}
      - {name: city, roles: [quasi_identifier, factor]}
      - {name: origin, roles: [protected]}
      - {name: name, roles: [direct_identifier]}
      - {name: notes, roles: [sensitive]}
      - {name: label, roles: [label], positive: ["1"], negative: ["0"]}
      - {name: decided, roles: [prediction], positive: ["1"], negative: ["0"]}
      - {name: score, roles: [score]}
      - {name: feature, roles: [feature]}
      - {name: income, roles: [feature]}
  - id: earlier
    kind: table
    title: Earlier people
    path: earlier.csv
    purpose: training
    columns:
      - {name: sex, roles: [protected]}
      - {name: origin, roles: [protected]}
      - {name: label, roles: [label], positive: ["1"], negative: ["0"]}
      - {name: feature, roles: [feature]}
      - {name: income, roles: [feature]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a table of 450 ordinary people and one who is like nobody else."""
    place = tmp_path_factory.mktemp("canaries")
    draw = random.Random(4)
    rows = [
        [
            draw.choice("fm"),
            str(draw.choice((25, 45, 65))),
            draw.choice(("Rome", "Oslo")),
            RARE[n % len(RARE)],
            f"person {n}",
            f"remark {n % 40}",
            draw.choice("01"),
            draw.choice("01"),
            f"{draw.random():.3f}",
            str(draw.randint(1, 5)),
            str(draw.randint(10, 99) * 100),
        ]
        for n in range(450)
    ]
    rows.insert(200, [CANARIES[column] for column in COLUMNS])
    for name in ("people.csv", "earlier.csv"):
        with (place / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    (place / "conformity.yaml").write_text(MANIFEST, encoding="utf-8")
    return place


def run(folder: Path, *arguments: str) -> str:
    """Return everything that a command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "conformity", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr


def said(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Return everything that a command prints in this process, which also counts."""
    monkeypatch.chdir(folder)
    with counted_here():
        done = conformity(*arguments)
    assert done.code == 0, done.err
    return done.out + done.err


def seen_in(text: str) -> list[str]:
    """Return the canaries in a text, whatever its line breaks."""
    flat = "".join(text.split())
    return [canary for canary in CANARIES.values() if canary in flat]


@pytest.fixture(scope="module")
def pack(folder: Path) -> tuple[Path, str]:
    """Give the pack and what was printed while it was made."""
    formats = ",".join(("html", "pdf", "json", *EXPORTS))
    printed = run(folder, "assess", "conformity.yaml", "-o", "pack", "--formats", formats)
    return folder / "pack", printed


@pytest.mark.no_cover
def test_nothing_that_people_read_holds_a_canary(pack: tuple[Path, str]) -> None:
    place, printed = pack
    assert seen_in(printed) == []
    assert seen_in((place / "report.html").read_text("utf-8")) == []
    pages = PdfReader(io.BytesIO((place / "report.pdf").read_bytes())).pages
    assert seen_in("".join(page.extract_text() for page in pages)) == []


@pytest.mark.no_cover
def test_no_file_of_the_pack_holds_a_canary(pack: tuple[Path, str]) -> None:
    """The records and the sealed tallies neither: rare groups are told apart there by keyed hashes."""
    place, _ = pack
    files = [file for file in place.rglob("*") if file.is_file()]
    assert sum(file.parent.name == "tallies" for file in files) > 10
    for file in files:
        text = file.read_bytes().decode("utf-8", "replace")
        assert seen_in(text) == [], file
        assert "qzx" not in text, file
        assert "person 7" not in text, file
    attached = PdfReader(io.BytesIO((place / "report.pdf").read_bytes())).attachments
    for contents in attached.values():
        assert all(seen_in(content.decode("utf-8")) == [] and b"qzx" not in content for content in contents)


def test_groups_of_enough_people_keep_their_names(pack: tuple[Path, str]) -> None:
    place, _ = pack
    evidence = json.loads((place / "evidence.json").read_text("utf-8"))
    groups = {
        tuple(one["group"])
        for seen in evidence["observations"]
        for one in seen["measurements"]
        if one["group"]
    }
    assert {("f",), ("m",), ("65",)} <= groups
    tallies = "".join(file.read_text("utf-8") for file in place.glob("tallies/*"))
    assert '"f"' in tallies


def test_the_same_data_give_the_same_pack(
    pack: tuple[Path, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of the pack comes from the data, so that nothing of it is drawn at random."""
    said(folder, monkeypatch, "assess", "conformity.yaml", "-o", "again", "--formats", "json")
    assert {file.name for file in (folder / "again" / "tallies").iterdir()} == {
        file.name for file in (pack[0] / "tallies").iterdir()
    }


@pytest.mark.parametrize(
    "arguments",
    [
        (
            "--label",
            "label",
            "--prediction",
            "decided",
            "--positive",
            "1",
            "--negative",
            "0",
            "--protected",
            "sex",
        ),
        ("--protected", "city", "--quasi", "name", "--quasi", "notes"),
    ],
)
def test_a_scan_prints_no_canary(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    printed = said(folder, monkeypatch, "scan", "data", "people.csv", *arguments)
    assert "data_quality/" in printed
    assert seen_in(printed) == []


def test_a_draft_holds_no_canary(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = said(folder, monkeypatch, "init", "people.csv")
    assert "conformity: 1" in printed
    assert seen_in(printed) == []
