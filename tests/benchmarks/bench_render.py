"""Measure what the report of the credit sample costs: ``python tests/benchmarks/bench_render.py``.

Goals: the HTML in 1 s; the PDF in at most 1.1 times what WeasyPrint alone takes for the same HTML, in at most
0.20 processor seconds a page, and 40 pages in 10 s; a report of 300 pages within 1.2 GiB. Run on demand.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import resource
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from pypdf import PdfReader

from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.render.html import html_text
from conformity.render.pdf import _environment
from conformity.settings import DISCLOSURE_LIMIT

PACK = Path(__file__).resolve().parents[2] / "sample_reports" / "credit"
LONG = 300

ALONE = """
import sys, warnings
warnings.simplefilter("ignore")
import weasyprint
from conformity.render.pdf_parts import jail
html = weasyprint.HTML(string=sys.stdin.read(), base_url="about:blank", url_fetcher=jail())
sys.stdout.buffer.write(html.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True))
"""
"""WeasyPrint with the same options and nothing else: as it comes, with the garbage collector on."""


def run(command: list[str], order: bytes) -> tuple[bytes, float, float, float]:
    """Return what a process prints, its seconds (wall, processor) and its peak memory in MiB."""
    begin = time.monotonic()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(order)
        process.stdin.close()
        made = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return made, time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def ours(html: str, when: datetime, record: bytes) -> tuple[bytes, float, float, float]:
    """Return the PDF as the report's own process makes it, and what it cost."""
    files = {"assessment.json": base64.b64encode(record).decode("ascii")}
    order = json.dumps({"html": html, "when": when.isoformat()}) + "\n" + json.dumps(files)
    return run([sys.executable, "-m", "conformity.render.weasy"], order.encode())


def lengthened(html: str, times: int) -> str:
    """Return a document whose main part stands there several times, each with places of its own."""
    start, end = html.index("<main>") + len("<main>"), html.index("</main>")
    body = html[start:end]

    def copy(number: int) -> str:
        return re.sub(r'(\bid="|href="#|aria-labelledby=")', rf"\g<1>c{number}-", body)

    return html[:start] + body + "".join(copy(number) for number in range(1, times)) + html[end:]


def pages(pdf: bytes) -> int:
    """Return the number of pages."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def main() -> int:
    """Print one line for each measurement; return 1 when a goal is missed."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    record = (PACK / "assessment.json").read_bytes()
    assessment = Assessment.model_validate_json(record)
    evidence = Evidence.model_validate_json((PACK / "evidence.json").read_bytes())
    begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    html = html_text(assessment, evidence, disclosure_limit=DISCLOSURE_LIMIT)
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    kept = [cpu <= 1]
    print(f"HTML             {wall:5.1f} s {cpu:5.1f} CPU-s  {len(html) / 1e6:.1f} MB; goal 1 s")
    made, wall, cpu, memory = ours(html, assessment.assessed_at, record)
    count, forty = pages(made), wall / pages(made) * 40
    kept += [cpu / count <= 0.20, forty <= 10]
    print(f"PDF              {wall:5.1f} s {cpu:5.1f} CPU-s  {count} pages, {memory:.0f} MiB")
    print(f"                 {cpu / count:.3f} CPU-s a page (goal 0.20), 40 pages {forty:.1f} s (goal 10)")
    _, wall, alone, _ = run([sys.executable, "-c", ALONE], html.encode())
    kept.append(cpu / alone <= 1.1)
    print(f"WeasyPrint alone {wall:5.1f} s {alone:5.1f} CPU-s  ours {cpu / alone:.2f} x (goal 1.1)")
    long = lengthened(html, -(-LONG // count))
    made, wall, cpu, memory = ours(long, assessment.assessed_at, record)
    kept.append(memory * LONG / pages(made) <= 1.2 * 1024)
    print(f"long PDF         {wall:5.1f} s {cpu:5.1f} CPU-s  {pages(made)} pages, {memory:.0f} MiB")
    print(f"                 {memory * LONG / pages(made):.0f} MiB for {LONG} pages (goal 1,229)")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
