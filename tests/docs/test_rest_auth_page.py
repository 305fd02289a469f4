"""What the page on access shows is taken as it stands there, and is what is sent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformity.entry.rest.auth.issuers import read_issuers
from conformity.entry.rest.limits import Limits
from conformity.entry.rest.webhooks.configured import read_receivers
from conformity.entry.rest.webhooks.messages import body_of
from conformity.entry.rest.webhooks.sending import WAITS_S
from conformity.model.run import PromptLogScanRequest, Run
from tests.support.tokens import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "rest-auth.md").read_text("utf-8")


def shown(kind: str) -> list[str]:
    """Return the examples of a kind."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_the_file_of_issuers_is_one(tmp_path: Path) -> None:
    (tmp_path / "issuers.yaml").write_text(shown("yaml")[0])
    github, gitlab = read_issuers(tmp_path / "issuers.yaml")
    assert github.owner_of({"repository": "acme/scorer", "environment": "production"}) == "github:acme/scorer"
    assert gitlab.owner_of({"project_path": "acme/scorer"}) is None


def test_the_file_of_receivers_is_one(tmp_path: Path) -> None:
    file = tmp_path / "webhooks.yaml"
    file.touch(0o600)
    file.write_text(re.sub(r"whsec_<.*?>", "whsec_" + "A" * 32, shown("yaml")[1]))
    assert read_receivers(file).receivers[0].host == "hooks.example.org"


def test_the_message_has_the_form_that_is_sent() -> None:
    example = json.loads(shown("json")[0])
    run = Run(
        id="run-00000000",
        owner="ci",
        request=PromptLogScanRequest(log="/log"),
        status="succeeded",
        stage="finished",
        asked_at=NOW,
        changed_at=NOW,
        folder="/run",
    )
    sent = json.loads(body_of(run))
    assert sent.keys() == example.keys()
    assert sent["data"].keys() == example["data"].keys()
    assert sent["type"] == example["type"] == "run.succeeded"
    assert sent["timestamp"] == example["data"]["asked_at"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (Limits().requests_per_minute, "600 a minute over time"),
        (Limits().failures_per_minute, "30 a minute"),
        (Limits().streams, "20 streams of events"),
        (Limits().body_wait_s, "30 seconds without a part"),
    ],
)
def test_the_limits_are_those_that_hold(number: float, words: str) -> None:
    assert words in PAGE
    assert words.startswith(str(int(number)))


def test_the_waits_are_those_that_hold() -> None:
    assert "5 seconds, 1 minute,\n  5 and 30 minutes, 2, 6 and 12 hours" in PAGE
    assert WAITS_S == (5, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600)
