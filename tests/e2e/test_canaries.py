"""One person with a unique value in every column: none of them may be seen in what people read."""

from __future__ import annotations

import csv
import io
import random
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

COLUMNS = ("sex", "age", "city", "name", "notes", "label", "decided", "score", "feature")
CANARIES = {column: f"canary-{column}-7731" for column in COLUMNS}

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
      - {name: name, roles: [direct_identifier]}
      - {name: notes, roles: [sensitive]}
      - {name: label, roles: [label], positive: ["1"], negative: ["0"]}
      - {name: decided, roles: [prediction], positive: ["1"], negative: ["0"]}
      - {name: score, roles: [score]}
      - {name: feature, roles: [feature]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a table of 400 ordinary people and one who is like nobody else."""
    place = tmp_path_factory.mktemp("canaries")
    draw = random.Random(4)
    rows = [
        [
            draw.choice("fm"),
            str(draw.choice((25, 45, 65))),
            draw.choice(("Rome", "Oslo")),
            f"person {n}",
            f"remark {n % 40}",
            draw.choice("01"),
            draw.choice("01"),
            f"{draw.random():.3f}",
            str(draw.randint(1, 5)),
        ]
        for n in range(400)
    ]
    rows.insert(200, [CANARIES[column] for column in COLUMNS])
    with (place / "people.csv").open("w", newline="", encoding="utf-8") as file:
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


def seen_in(text: str) -> list[str]:
    """Return the canaries in a text, whatever its line breaks."""
    flat = "".join(text.split())
    return [canary for canary in CANARIES.values() if canary in flat]


@pytest.fixture(scope="module")
def pack(folder: Path) -> tuple[Path, str]:
    """Give the pack and what was printed while it was made."""
    printed = run(folder, "assess", "conformity.yaml", "-o", "pack")
    return folder / "pack", printed


def test_nothing_that_people_read_holds_a_canary(pack: tuple[Path, str]) -> None:
    place, printed = pack
    assert seen_in(printed) == []
    assert seen_in((place / "report.html").read_text("utf-8")) == []
    pages = PdfReader(io.BytesIO((place / "report.pdf").read_bytes())).pages
    assert seen_in("".join(page.extract_text() for page in pages)) == []


def test_the_records_hold_no_free_text_and_no_identifiers(pack: tuple[Path, str]) -> None:
    """Groups are named in the confidential records, so that numbers can be computed again; people are not."""
    place, _ = pack
    for file in sorted([*place.glob("*.json"), *place.glob("*.yaml"), *place.glob("tallies/*")]):
        found = seen_in(file.read_text("utf-8"))
        assert not {CANARIES["name"], CANARIES["notes"], CANARIES["score"]} & set(found), file


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
def test_a_scan_prints_no_canary(folder: Path, arguments: tuple[str, ...]) -> None:
    assert seen_in(run(folder, "scan", "data", "people.csv", *arguments)) == []


def test_a_draft_holds_no_canary(folder: Path) -> None:
    assert seen_in(run(folder, "init", "people.csv")) == []
