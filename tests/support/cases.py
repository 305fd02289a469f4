"""A small system on disk, and the command line run on it as a person would."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from conformity.__main__ import main
from tests.support.logged import logging_as_before

HEADER = "sex,age,default,yhat"
CRITERION = """\
criteria:
  - id: ratio-sex
    metric: disparate_impact_ratio
    subject: test
    by: [sex]
    at_least: 0.5
    requirements: [art10.2.f]
    reason: Fixed for this test.
    owner: Model risk function
    fixed_at: 2026-10-01
"""


def rows(count: int, line: Callable[[int], str]) -> str:
    """Return a CSV text with ``count`` rows below the usual header."""
    return "\n".join([HEADER, *(line(i) for i in range(count))]) + "\n"


def fair(i: int) -> str:
    """Return a row in which both sexes are selected equally often and predictions are mostly right."""
    sex, age, label = ("f", "m")[i % 2], 20 + i % 50, (i // 2) % 2
    predicted = label if i % 10 else 1 - label
    return f"{sex},{age},{label},{predicted}"


GOOD = rows(400, fair)
"""400 rows about which nothing is wrong."""


def manifest(
    *,
    path: str = "test.csv",
    columns: Sequence[str] = (),
    criteria: str = CRITERION,
    extra: str = "",
    subject: str = "",
) -> str:
    """Return a manifest of one table; ``columns`` are added to its own."""
    own = [
        "{name: sex, roles: [protected]}",
        "{name: age, roles: [quasi_identifier]}",
        "{name: default, roles: [label], positive: [0], negative: [1]}",
        "{name: yhat, roles: [prediction], positive: [0], negative: [1]}",
    ]
    lines = "\n".join(f"      - {column}" for column in [*own, *columns])
    return f"""\
conformity: 1
system: {{name: Scorer, version: "2.0", intended_purpose: Testing the tool.}}
provider: {{name: Provider, address: Street 1, contact: office}}
subjects:
  - id: test
    kind: table
    title: Test set
    path: {path}
    purpose: testing
    produced_on: 2026-10-19
{subject}    columns:
{lines}
{criteria}{extra}"""


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return standard output read as JSON."""
        return json.loads(self.out)


def conformity(*arguments: str | Path) -> Ran:
    """Run the command line in this process, with its workers in processes of their own."""
    out, err = io.StringIO(), io.StringIO()
    code: int | str | None = 0
    argv = ["conformity", *(str(a) for a in arguments)]
    with (
        mock.patch.object(sys, "argv", argv),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        logging_as_before(),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code
    return Ran(code if isinstance(code, int) else 0 if code is None else 1, out.getvalue(), err.getvalue())


def system(folder: Path, data: str | bytes | None = GOOD, text: str | None = None) -> Path:
    """Write a table and its manifest into a folder; return the manifest's path."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(data, bytes):
        (folder / "test.csv").write_bytes(data)
    elif data is not None:
        (folder / "test.csv").write_text(data, encoding="utf-8")
    place = folder / "conformity.yaml"
    place.write_text(manifest() if text is None else text, encoding="utf-8")
    return place
