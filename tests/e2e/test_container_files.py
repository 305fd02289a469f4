"""What the image and the services promise, as far as their files tell; building is tried on demand."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatch
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it ships no types

from conformity.entry.healthy import port_of
from conformity.settings import Settings
from tests.support.pipelines import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: Any = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, each with its arguments on one line."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def last_stage() -> list[tuple[str, str]]:
    """Return the instructions of the stage that becomes the image."""
    found = instructions()
    begin = max(place for place, (name, _) in enumerate(found) if name == "FROM")
    return found[begin:]


def kept(name: str) -> bool:
    """Tell whether a file of the repository reaches the build; the last rule that fits counts."""
    wanted = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        pattern = rule.removeprefix("!")
        if fnmatch(name, pattern) or name.startswith(f"{pattern}/") or fnmatch(f"/{name}", f"*{pattern[2:]}"):
            wanted = rule.startswith("!")
    return wanted


def test_every_stage_begins_with_the_base_that_was_chosen() -> None:
    assert instructions()[0] == ("ARG", "BASE_IMAGE=python:3.12-slim")
    froms = [rest for name, rest in instructions() if name == "FROM"]
    assert froms == ["${BASE_IMAGE} AS base", "base AS build", "base"]


def test_the_image_runs_without_rights_and_writes_nowhere_but_where_it_may() -> None:
    stage = dict(last_stage())
    assert stage["USER"] == "10001:10001"
    assert "HOME=/tmp" in stage["ENV"]
    assert "PYTHONDONTWRITEBYTECODE=1" in stage["ENV"]
    assert stage["WORKDIR"] == "/data"
    assert stage["ENTRYPOINT"] == '["conformity"]'
    assert stage["HEALTHCHECK"].endswith('CMD ["python", "-m", "conformity.entry.healthy"]')
    assert stage["EXPOSE"] == str(port_of(["serve"]))


def test_the_image_holds_nothing_to_build_with() -> None:
    runs = [rest for name, rest in last_stage() if name == "RUN"]
    assert all("install -y" not in run and "pip" not in run for run in runs)
    assert [rest for name, rest in last_stage() if name == "COPY"] == [
        "--from=build /opt/conformity /opt/conformity"
    ]


def test_libraries_are_held_against_the_lock() -> None:
    script = (ROOT / ".ci" / "install").read_text("utf-8")
    assert "--require-hashes" in script
    assert '--constraint "$lock"' in script
    assert '--build-constraint "$lock"' in script
    assert sum("/.ci/install" in rest or ".ci/install" in rest for _, rest in instructions()) == 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pyproject.toml", True),
        ("requirements.lock", True),
        (".ci/install", True),
        ("conformity/entry/cli.py", True),
        ("templates/print.css", True),
        ("templates/conformity-report.yml", False),
        ("conformity/__pycache__/x.pyc", False),
        (".git/config", False),
        ("secrets/database_password", False),
        ("samples/credit/data/x.csv", False),
        (".ci/run", False),
    ],
)
def test_only_what_the_image_is_made_of_reaches_the_build(name: str, expected: bool) -> None:
    assert kept(name) is expected


def test_the_services_are_a_database_a_server_and_two_workers() -> None:
    started = {name for name, service in SERVICES.items() if not service.get("profiles")}
    assert started == {"api", "database", "worker"}
    assert SERVICES["worker"]["deploy"]["replicas"] == 2
    assert SERVICES["api"]["command"] == ["serve", "--host", "0.0.0.0", "--workers", "0"]
    assert SERVICES["worker"]["command"] == ["worker"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"privileged", "cap_add", "devices", "network_mode"}.isdisjoint(service)
    assert "inside" in service["networks"]
    assert "healthcheck" in service


def test_nothing_is_reached_from_other_machines() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"api": ["127.0.0.1:${CONFORMITY_PORT:-8321}:8321"]}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert [name for name, service in SERVICES.items() if "outside" in service["networks"]] == ["api"]


def test_keys_are_read_by_the_server_alone_and_written_by_nothing_that_runs() -> None:
    mounted = {
        name: place
        for name, service in SERVICES.items()
        for place in service["volumes"]
        if place.startswith("keys:")
    }
    assert mounted == {"api": "keys:/keys:ro", "keys": "keys:/keys"}
    assert SERVICES["keys"]["profiles"] == ["keys"]


def test_no_secret_stands_in_the_file() -> None:
    assert COMPOSE["secrets"] == {
        "database_password": {"file": "${CONFORMITY_SECRETS:-./secrets}/database_password"}
    }
    said = {key: value for one in SERVICES.values() for key, value in one["environment"].items()}
    assert said["CONFORMITY_DATABASE_URL"] == "postgresql://conformity@database/conformity"
    assert {key for key in said if re.search("PASSWORD|SECRET|TOKEN", key)} == {"POSTGRES_PASSWORD_FILE"}


def test_the_variables_are_ones_that_are_read() -> None:
    known = {f"CONFORMITY_{name.upper()}" for name in Settings.__dataclass_fields__}
    for name in ("api", "worker"):
        assert set(SERVICES[name]["environment"]) <= known


def test_the_script_that_builds_is_sound() -> None:
    subprocess.run(["bash", "-n", ROOT / "tests" / "benchmarks" / "build_image.sh"], check=True)
