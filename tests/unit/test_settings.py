"""Limits have defaults, variables override them, and nonsense is refused with the variable's name."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from conformity.errors import UsageError
from conformity.settings import Settings, load_settings

ISOLATION = ("isolation", "require_isolation", "trust_model", "container_image")
PLACES = ("data", "api_keys", "issuers", "webhooks")
TEXTS = ("root", "engine", "spark_remote", "remote", "depth", "database_url", *ISOLATION, *PLACES)
NUMBERS = [field.name for field in fields(Settings) if field.name not in TEXTS]


def test_without_variables_the_defaults_hold() -> None:
    assert load_settings({}) == Settings()
    assert load_settings({"HOME": "/root", "CONFORMITY_UNKNOWN": "x"}) == Settings()


def test_every_default_is_a_positive_whole_number_and_no_root_is_set() -> None:
    settings = Settings()
    assert settings.root is None
    for name in NUMBERS:
        value = getattr(settings, name)
        assert type(value) is int
        assert value > 0


@pytest.mark.parametrize("name", NUMBERS)
def test_each_number_is_overridden_by_its_own_variable_alone(name: str) -> None:
    changed = load_settings({f"CONFORMITY_{name.upper()}": "7"})
    assert changed == Settings(**{name: 7})  # type: ignore[arg-type] # these are numbers
    assert changed != Settings()


def test_the_root_is_a_path(tmp_path: Path) -> None:
    assert load_settings({"CONFORMITY_ROOT": str(tmp_path)}) == Settings(root=tmp_path)


def test_several_variables_are_read_together() -> None:
    chosen = load_settings({"CONFORMITY_WORKERS": "5", "CONFORMITY_SEED": "1", "CONFORMITY_ROOT": "data"})
    assert chosen == Settings(workers=5, seed=1, root=Path("data"))


@pytest.mark.parametrize(
    "text", ["", "0", "000", "-1", "+1", "1.5", "1e3", " 4", "4 ", "4_0", "many", "0x10", "²", "9" * 5000]
)
@pytest.mark.parametrize("name", ["workers", "seed"])
def test_what_is_no_positive_whole_number_is_refused(name: str, text: str) -> None:
    variable = f"CONFORMITY_{name.upper()}"
    with pytest.raises(UsageError, match=f"{variable}=.* is not a positive whole number; unset it") as caught:
        load_settings({variable: text})
    assert repr(text) in caught.value.message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", PLACES)
def test_places_of_a_server_are_named_by_variables(name: str, tmp_path: Path) -> None:
    variable = f"CONFORMITY_{name.upper()}"
    named = load_settings({variable: str(tmp_path)})
    assert named == Settings(**{name: tmp_path})  # type: ignore[arg-type] # these are paths
    assert load_settings({variable: ""}) == Settings()


def test_the_database_is_named_by_a_variable_and_its_password_is_not_repeated() -> None:
    url = "postgresql://user:secret@host/name"
    assert load_settings({"CONFORMITY_DATABASE_URL": url}).database_url == url
    assert load_settings({"CONFORMITY_DATABASE_URL": ""}).database_url is None
    with pytest.raises(UsageError, match="is not the address of a PostgreSQL database") as caught:
        load_settings({"CONFORMITY_DATABASE_URL": "mysql://user:secret@host/name"})
    assert "secret" not in caught.value.message


def test_the_folder_of_runs_is_in_the_root_unless_another_is_named(tmp_path: Path) -> None:
    assert Settings(root=tmp_path).data_folder == tmp_path / ".conformity"
    assert Settings(root=tmp_path, data=tmp_path / "runs").data_folder == tmp_path / "runs"
    assert Settings().data_folder == Path.cwd() / ".conformity"


def test_the_engine_is_named_by_a_variable_and_the_call_comes_first() -> None:
    named = {"CONFORMITY_ENGINE": "spark", "CONFORMITY_SPARK_REMOTE": "sc://host:15002"}
    assert load_settings(named) == Settings(engine="spark", spark_remote="sc://host:15002")
    assert load_settings(named, engine="duckdb").engine == "duckdb"
    assert load_settings({"CONFORMITY_SPARK_REMOTE": ""}).spark_remote is None
    with pytest.raises(
        UsageError, match="CONFORMITY_ENGINE='flink' is not an engine; choose duckdb or spark"
    ):
        load_settings({"CONFORMITY_ENGINE": "flink"})


def test_the_depth_is_named_by_a_variable_and_the_call_comes_first() -> None:
    assert load_settings({"CONFORMITY_DEPTH": "standard"}).depth == "standard"
    assert load_settings({"CONFORMITY_DEPTH": "standard"}, depth="full").depth == "full"
    with pytest.raises(UsageError, match="CONFORMITY_DEPTH='deep' is not a depth; choose standard or full"):
        load_settings({"CONFORMITY_DEPTH": "deep"})


def test_an_address_that_is_none_is_not_repeated_since_it_may_hold_a_token() -> None:
    with pytest.raises(UsageError, match=r"write sc://HOST:15002$") as caught:
        load_settings({"CONFORMITY_SPARK_REMOTE": "https://host/;token=secret"})
    assert "secret" not in caught.value.message


def test_no_place_elsewhere_is_allowed_unless_it_is_named() -> None:
    assert load_settings({}).remote == ()
    assert load_settings({"CONFORMITY_REMOTE": " , "}).remote == ()
    named = " s3://bucket/folder/, postgresql://host:5432 ,postgresql://[::1]/base"
    assert load_settings({"CONFORMITY_REMOTE": named}).remote == (
        "s3://bucket/folder/",
        "postgresql://host:5432",
        "postgresql://[::1]/base",
    )


@pytest.mark.parametrize(
    "text",
    [
        "bucket",
        "https://host",
        "s3://",
        "s3:///key",
        "postgresql://u:secret@host",
        "s3://bucket,postgresql://host/db?password=secret",
        "s3://bucket/a@secret",
        "s3://a bucket",
    ],
)
def test_what_is_no_place_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="CONFORMITY_REMOTE is not a comma list of places") as caught:
        load_settings({"CONFORMITY_REMOTE": text})
    assert "secret" not in caught.value.message


def test_the_environment_of_the_process_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NUMBERS, *TEXTS):
        monkeypatch.delenv(f"CONFORMITY_{name.upper()}", raising=False)
    assert load_settings() == Settings()
    monkeypatch.setenv("CONFORMITY_WORKER_WALL_S", "60")
    assert load_settings() == Settings(worker_wall_s=60)


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().workers = 3  # type: ignore[misc] # that is what must fail


def test_isolation_is_chosen_by_variables_and_whatever_they_say_by_the_caller() -> None:
    named = {
        "CONFORMITY_ISOLATION": "bubblewrap",
        "CONFORMITY_REQUIRE_ISOLATION": "sandlock",
        "CONFORMITY_TRUST_MODEL": "yes",
        "CONFORMITY_CONTAINER_IMAGE": "registry.example:5000/conformity@sha256:0a",
    }
    chosen = load_settings(named)
    assert (chosen.isolation, chosen.require_isolation, chosen.trust_model) == (
        "bubblewrap",
        "sandlock",
        True,
    )
    assert chosen.container_image == named["CONFORMITY_CONTAINER_IMAGE"]
    given = load_settings(named, isolation="process", require_isolation="process", trust_model=False)
    assert (given.isolation, given.require_isolation, given.trust_model) == ("process", "process", False)
    assert not load_settings({"CONFORMITY_TRUST_MODEL": "no"}).trust_model
    assert Settings(spill_mb=100).scratch_mb > 100


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ISOLATION", "jail", "choose auto, sandlock, bubblewrap, container, process"),
        ("REQUIRE_ISOLATION", "auto", "choose process, sandlock, bubblewrap, container"),
        ("TRUST_MODEL", "1", "neither yes nor no"),
        ("CONTAINER_IMAGE", "--privileged", "not the name of an image"),
    ],
)
def test_isolation_that_there_is_not_is_refused(name: str, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        load_settings({f"CONFORMITY_{name}": text})
    assert f"CONFORMITY_{name}='{text}'" in str(caught.value)
