"""From files to a run: what is handed in, drafted, checked, corrected and begun."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conformity.errors import BusyError
from conformity.model.run import Run
from conformity.render.locale import locale_for
from conformity.settings import Settings
from tests.support.jobs import MANIFEST
from tests.support.pages import Site, TalkingRuns, app_of
from tests.unit.entry.web.test_web_reading import text_of
from tests.unit.entry.web.test_web_runs import csrf_of

CSV = b"sex,age\n" + b"f,30\nm,40\n" * 30
Files = list[tuple[str, tuple[str, bytes]]]


def hand_in(site: Site, *data: tuple[str, bytes], manifest: str = "", **fields: str) -> tuple[int, str, str]:
    """Send the form; return the status, where it leads, and what it says."""
    files: Files = [("data", one) for one in data]
    files.append(("manifest", ("conformity.yaml" if manifest else "x", manifest.encode())))
    sent = {"csrf": csrf_of(site, "/upload"), **fields}
    answer = site.client.post("/upload", data=sent, files=files, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def send(site: Site, draft: str, text: str, then: str) -> str:
    """Send the manifest of a draft; return where that leads."""
    sent = {"csrf": csrf_of(site, draft), "manifest": text, "then": then}
    answer = site.client.post(draft, data=sent, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_the_form_says_how_much_is_taken(site: Site) -> None:
    assert f"At most {locale_for('en').size(Settings().upload_mb * 1024 * 1024)} in all" in text_of(
        site, "/upload"
    )


def test_data_alone_leads_to_a_draft_with_guesses_and_questions(site: Site) -> None:
    status, draft, _ = hand_in(site, ("<b>people.csv", CSV), depth="full")
    assert status == 303
    text = text_of(site, draft)
    assert "drafted from &lt;b&gt;people.csv" in text
    assert "Is `roles` of column &#39;sex&#39; right?" in text
    assert "What only you can say" in text
    manifest = re.search(r"<textarea[^>]*>\n(.*)</textarea>", text, re.S)
    assert manifest is not None
    folder = site.root / ".conformity" / "drafts" / draft.rpartition("/")[2] / "files"
    assert (folder / "<b>people.csv").read_bytes() == CSV
    led = send(site, draft, (folder / "conformity.yaml").read_text("utf-8"), "assess")
    run = site.runs.get(led.rpartition("/")[2], owner="local")
    assert run.request.kind == "assessment"
    assert run.request.depth == "full"
    assert run.request.manifest is not None
    assert (Path(run.request.manifest).parent / "<b>people.csv").read_bytes() == CSV
    assert not folder.parent.exists()
    assert "Assessment of &lt;b&gt;people.csv" in text_of(site, led)
    # Whoever comes back, or presses twice, is led to the run.
    again = site.client.get(draft, follow_redirects=False)
    assert (again.status_code, again.headers["location"]) == (303, led)
    sent = {"csrf": csrf_of(site, "/upload"), "manifest": "x", "then": "assess"}
    assert site.client.post(draft, data=sent, follow_redirects=False).headers["location"] == led


def test_a_manifest_handed_in_is_shown_and_used(site: Site) -> None:
    status, draft, _ = hand_in(site, ("a.csv", CSV), manifest=MANIFEST, depth="anything")
    assert status == 303
    text = text_of(site, draft)
    assert "the manifest that you handed in with a.csv" in text
    assert "system: {name: Scorer" in text
    assert send(site, draft, MANIFEST, "assess").startswith("/runs/")


def test_answers_of_the_form_are_written_into_the_manifest(site: Site) -> None:
    open_ = "conformity: 1\nsystem:\n  name: REPLACE it\n  version: '1'\n  intended_purpose: x\n"
    asked = "classification:\n  - question: annex_iii_use\n    answer: unknown\n"
    manifest = f"{open_}provider: {{name: a, address: b, contact: c}}\n{asked}"
    _, draft, _ = hand_in(site, ("a.csv", CSV), manifest=manifest)
    text = text_of(site, draft)
    assert '<input type="text" id="a1" name="answer:system.name" form="edit"' in text
    field = "classification[0].answer"
    assert f'name="answer:{field}" form="edit"' in text
    assert "If yes: which points of the Act, such as annexIII.1.a" in text
    sent = {
        "csrf": csrf_of(site, draft),
        "manifest": manifest.replace("\n", "\r\n"),
        "answer:system.name": ' Adviser "A" <b> ',
        f"answer:{field}": "yes",
        f"points:{field}": "annexIII.5.b, annexIII.1.a",
        "then": "check",
    }
    assert site.client.post(draft, data=sent, follow_redirects=False).status_code == 303
    place = site.root / ".conformity" / "drafts" / draft.rpartition("/")[2] / "files" / "conformity.yaml"
    assert place.read_text("utf-8") == manifest.replace("REPLACE it", '"Adviser \\"A\\" <b>"').replace(
        "answer: unknown", 'answer: "yes"\n    points: ["annexIII.5.b", "annexIII.1.a"]'
    )
    assert "answer:system.name" not in text_of(site, draft)


def test_what_is_wrong_with_a_manifest_is_said_with_its_line(site: Site) -> None:
    _, draft, _ = hand_in(site, ("a.csv", CSV), manifest=MANIFEST)
    assert send(site, draft, f"{MANIFEST}role: <b>king\r\n", "assess") == draft
    text = text_of(site, draft)
    assert "The manifest cannot be used yet" in text
    assert re.search(
        r"Line 4: role: &#39;&lt;b&gt;king&#39; is none of the possible values\. Known: provider", text
    )
    assert "Correct it first, or assess at once" not in text
    assert send(site, draft, "\t", "assess") == draft
    assert "Line 1: " in text_of(site, draft)
    assert send(site, draft, MANIFEST, "check") == draft
    assert "cannot be used yet" not in text_of(site, draft)


def test_a_manifest_reaches_no_file_that_was_not_handed_in(site: Site) -> None:
    (site.root / "secret.csv").write_bytes(CSV)
    for path in ("../../../../secret.csv", str(site.root / "secret.csv"), "nothing.csv"):
        reaching = (
            f"{MANIFEST}subjects:\n  - {{id: t, kind: table, title: T, path: {path}, purpose: testing, "
            "columns: [{name: sex, roles: [feature]}]}\n"
        )
        _, draft, _ = hand_in(site, ("a.csv", CSV), manifest=reaching)
        assert send(site, draft, reaching, "assess") == draft
        assert "subjects[0].path" in text_of(site, draft)


@pytest.mark.parametrize(
    ("data", "manifest", "status", "told"),
    [
        ([], MANIFEST, 422, "Choose at least one data file"),
        ([("../x.csv", CSV)], MANIFEST, 422, "leads upwards"),
        ([("a.csv", CSV), ("a.csv", CSV)], MANIFEST, 422, "two files have the same name"),
        ([("a.csv", b"\x00\x01")], "", 422, "a.csv"),
    ],
    ids=["no data", "upwards", "twice", "no table"],
)
def test_what_cannot_be_used_is_said_on_the_form(
    site: Site, data: list[tuple[str, bytes]], manifest: str, status: int, told: str
) -> None:
    found, _, text = hand_in(site, *data, manifest=manifest)
    assert found == status
    assert "This could not be used" in text
    assert told in text
    assert str(site.root) not in text
    assert list((site.root / ".conformity" / "uploads").iterdir()) == []


def test_a_form_from_elsewhere_is_not_taken(site: Site) -> None:
    files: Files = [("data", ("a.csv", CSV))]
    assert site.client.post("/upload", data={"csrf": "0" * 64}, files=files).status_code == 403
    assert (
        site.client.post("/upload", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 400
    )
    _, draft, _ = hand_in(site, ("a.csv", CSV), manifest=MANIFEST)
    assert site.client.post(draft, data={"manifest": MANIFEST, "then": "assess"}).status_code == 403
    many = "&".join("a=1" for _ in range(300))
    assert site.client.post(draft, content=many).status_code == 400


def test_drafts_of_others_are_not_there(site: Site) -> None:
    _, draft, _ = hand_in(site, ("a.csv", CSV), manifest=MANIFEST)
    record = site.root / ".conformity" / "drafts" / draft.rpartition("/")[2] / "draft.json"
    record.write_text(record.read_text("utf-8").replace('"local"', '"somebody"'), "utf-8")
    text_of(site, draft, 404)
    record.write_text("{", "utf-8")
    text_of(site, draft, 404)


def test_what_nobody_assesses_is_removed_after_a_day(site: Site) -> None:
    _, draft, _ = hand_in(site, ("a.csv", CSV), manifest=MANIFEST)
    place = site.root / ".conformity" / "drafts" / draft.rpartition("/")[2]
    long_ago = time.time() - 25 * 3600
    os.utime(place, (long_ago, long_ago))
    hand_in(site, ("a.csv", CSV), manifest=MANIFEST)
    assert not place.exists()


class FullRuns(TalkingRuns):
    """Runs of which as many wait as may."""

    def submit(self, *_given: object, **_named: object) -> Run:
        """Refuse to begin a run."""
        raise BusyError("2 runs wait already; ask again when some of them are done.")


def test_what_was_handed_in_stays_when_too_much_waits(tmp_path: Path) -> None:
    with TestClient(app_of(tmp_path, FullRuns(tmp_path)), base_url="http://127.0.0.1") as client:
        site = Site(client, FullRuns(tmp_path), tmp_path)
        _, draft, _ = hand_in(site, ("a.csv", CSV), manifest=MANIFEST)
        sent = {"csrf": csrf_of(site, draft), "manifest": MANIFEST, "then": "assess"}
        answer = client.post(draft, data=sent)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert "2 runs wait already" in answer.text
        assert "a.csv" in text_of(site, draft)
        assert not list((tmp_path / ".conformity").glob("runs/*"))
        home = text_of(site, "/")
        assert "conformity serve --archive FOLDER" in home
        assert "This server shows no archive" in text_of(site, "/compare?a=x/1.0.0&b=x/1.1.0", 404)
        assert "You have asked for nothing yet" in text_of(site, "/runs")


def test_too_many_uploads_at_once_are_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.entry.web.keeping._MOST", 0)
    status, _, text = hand_in(site, ("a.csv", CSV), manifest=MANIFEST)
    assert status == 503
    assert "Too many uploads of yours wait" in text


def test_uploads_of_others_do_not_count(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    _, draft, _ = hand_in(site, ("a.csv", CSV), manifest=MANIFEST)
    drafts = site.root / ".conformity" / "drafts"
    mine = sum('"owner":"local"' in one.read_text("utf-8") for one in drafts.glob("*/draft.json"))
    monkeypatch.setattr("conformity.entry.web.keeping._MOST", mine)
    assert hand_in(site, ("a.csv", CSV), manifest=MANIFEST)[0] == 503
    record = drafts / draft.rpartition("/")[2] / "draft.json"
    record.write_text(record.read_text("utf-8").replace('"owner":"local"', '"owner":"other"'), "utf-8")
    assert hand_in(site, ("a.csv", CSV), manifest=MANIFEST)[0] != 503
