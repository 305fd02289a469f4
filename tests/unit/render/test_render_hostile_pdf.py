"""A PDF full of hostile text fetches nothing and holds no file but the assessment."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pypdf import PdfReader

from conformity.render.html import html_text
from conformity.render.pdf import print_html
from tests.unit.render.render_hostile import HOSTILE, poisoned
from tests.unit.render.render_records import LIMIT

CANARY = "canary-7f3d1c"


@contextmanager
def listener() -> Iterator[tuple[str, list[object]]]:
    """Yield an address on loopback and the list of who called there."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, caller = server.accept()
                except TimeoutError:
                    continue
                connection.close()
                callers.append(caller)

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", callers
        finally:
            over.set()
            thread.join()


@pytest.mark.no_cover
def test_a_pdf_full_of_hostile_text_fetches_and_embeds_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY, encoding="utf-8")
    with listener() as (address, callers):
        aimed = [one.replace("HTTP", address).replace("FILE", secret.as_uri()) for one in HOSTILE]
        records = poisoned(*aimed)
        html = html_text(*records, disclosure_limit=LIMIT)
        pdf = print_html(html, {"assessment.json": b"{}"}, records[0].assessed_at)
    assert callers == []
    reader = PdfReader(io.BytesIO(pdf))
    assert set(reader.attachments) == {"assessment.json"}
    assert [image.name for page in reader.pages for image in page.images] == []
    text = "".join(page.extract_text() for page in reader.pages)
    assert "<iframe src=" in text
    assert CANARY not in text
    assert CANARY.encode() not in pdf
    links = {
        str(link.get_object().get("/A", {}).get("/URI", ""))
        for page in reader.pages
        for link in page.get("/Annots", [])
    }
    assert links == {""}


def test_the_corpus_is_large_enough() -> None:
    assert len(set(HOSTILE)) >= 25
