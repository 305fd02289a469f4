"""Make sample_reports/ anew: every sample measured, judged and rendered at one fixed moment.

Run ``./run reports``, or ``python samples/make_reports.py credit`` for one of them. The packs are the
goldens of the tests: never edit them, review them as a diff.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conformity.errors import ConformityError
from conformity.model.base import Depth
from conformity.pipeline.assessing import assess
from conformity.settings import load_settings
from samples.assistant.make import SAMPLE as ASSISTANT
from samples.common.script import Sample, run, say
from samples.credit.make import SAMPLE as CREDIT
from samples.hiring.make import SAMPLE as HIRING

MOMENT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""When the sample reports are made, so that they change only when something else does."""

SAMPLES = {sample.name: sample for sample in (CREDIT, HIRING, ASSISTANT)}
REPORTS = Path(__file__).resolve().parents[1] / "sample_reports"


def make_report(
    sample: Sample,
    folder: Path,
    formats: tuple[str, ...] = ("html", "pdf", "json"),
    depth: Depth = "full",
) -> None:
    """Assess a sample, whose data must be there, and write the pack to ``folder``."""
    summary = assess(
        sample.home / "conformity.yaml",
        folder,
        formats=formats,
        moment=MOMENT,
        as_of=MOMENT.date(),
        settings=load_settings(depth=depth),
        on_progress=lambda what, done, total: say(f"{sample.name}: {what} ({done} of {total})"),
    )
    counts = ", ".join(f"{count} {verdict}" for verdict, count in summary.counts.model_dump().items())
    say(f"{sample.name}: {counts}")


def main(names: list[str]) -> int:
    """Make the reports of the samples named, or of all; return the exit code."""
    for name in names or SAMPLES:
        if name not in SAMPLES:
            say(f"there is no sample {name!r}; choose from {', '.join(SAMPLES)}")
            return 2
        if code := run(SAMPLES[name], []):
            return code
        folder = REPORTS / name
        # A pack of another layout is not taken for one; these folders hold nothing else.
        shutil.rmtree(folder, ignore_errors=True)
        try:
            make_report(SAMPLES[name], folder)
        except ConformityError as error:
            say(f"{name}: {error.message}")
            return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
