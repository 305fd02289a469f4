"""Known defects of tools of this kind, each shown not to happen here.

The numbers in the names of the tests are those of the list of twelve kinds of defects that were read in
the source of other tools; the docstrings say what those tools do.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformity.model.base import canonical_json, sha256_of
from conformity.probes.registry import probe_specs
from tests.support.cases import GOOD, conformity, manifest, system
from tests.support.counted_here import counted_here
from tests.support.defects import BOUNDS, Assessed, assess_all
from tests.support.read_sources import PACKAGE, nodes

OPEN = ("undetermined", "not_collected")
SELECTION, GAP = "fairness/selection_rate", "fairness/demographic_parity_difference"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Assessed:
    """Assess one system that holds all the traps; its models are examined by workers, its tables here."""
    with counted_here():
        return assess_all(tmp_path_factory.mktemp("traps"))


def keys(value: Any) -> Iterator[str]:
    """Yield the names of all fields of a JSON document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def rows_of(*articles: str) -> list[Any]:
    """Return the rows of the catalogue that stand in these articles, as `conformity catalog` prints them."""
    return [row for row in conformity("catalog", "--json").json() if row["article"] in articles]


def assert_no_number(judgement: Any) -> None:
    """Check that a bound is neither met nor missed, and that no number was stored for it."""
    assert judgement["verdict"] in OPEN
    for reading in judgement["readings"]:
        assert reading["measurement"]["result"]["kind"] == "not_available"
        assert "value" not in reading["measurement"]["result"]


def test_0_a_sound_table_meets_the_bound_that_the_traps_must_not_meet(run: Assessed) -> None:
    """Without this, the tests below would also pass if nothing were ever met."""
    assert run.judged("sound")["verdict"] == "met"
    assert run.finding("art17.1.a")["verdict"] == "met"
    assert len(run.finding("art10.2.f")["measured"]) == len(BOUNDS)


@pytest.mark.parametrize("table", ["one-group", "nobody", "second-group-tiny"])
def test_1_one_group_nobody_selected_or_too_few_is_not_a_ratio_of_one(run: Assessed, table: str) -> None:
    """A ratio of 1.0, and a pass, with one group or nobody selected; skipped metrics stored as 1.0."""
    assert_no_number(run.judged(table))
    step = f"fairness/disparate_impact_ratio@{table}"
    assert run.result(step, "disparate_impact_ratio", by=["sex"])["kind"] == "not_available"


def test_2_fewer_than_two_groups_is_no_trivial_pass(run: Assessed) -> None:
    """A comparison of fewer than two groups is reported as trivially fair."""
    result = run.result(f"{GAP}@one-group", "demographic_parity_difference", by=["sex"])
    assert result["kind"] == "not_available"
    assert "one group" in result["reason"]


def test_2_and_3_an_outcome_nobody_named_is_not_counted_as_unfavourable(run: Assessed) -> None:
    """Unknown text in an outcome counts as the negative class, or costs no more than a log line."""
    for metric in ("disparate_impact_ratio", "equal_opportunity_difference"):
        judgement = run.judged("unknown-outcome", metric)
        assert_no_number(judgement)
        assert "neither as positive nor as negative" in judgement["reason"]


def test_2_a_missing_attribute_is_a_group_of_its_own_and_takes_part(run: Assessed) -> None:
    """Rows without the attribute become "unknown" in silence, or are dropped: here they decide."""
    rate = run.result(f"{SELECTION}@missing-sex", "selection_rate", "(missing)", by=["sex"])
    assert (rate["value"], rate["n"]) == (0.05, 200)
    judgement = run.judged("missing-sex")
    assert judgement["verdict"] == "not_met"
    assert judgement["readings"][0]["measurement"]["result"]["value"] == pytest.approx(0.1)


def test_3_a_blank_outcome_is_not_counted_as_not_selected(run: Assessed) -> None:
    """Blanks count as "not selected", which hides here that only one sex's refusals were recorded."""
    rate = run.result(f"{SELECTION}@blank-outcome", "selection_rate", "m", by=["sex"])
    assert (rate["value"], rate["n"]) == (1.0, 100)
    assert rate["interval"]["low"] < 0.5, "every blank may have been a refusal"
    assert run.judged("blank-outcome")["verdict"] == "undetermined"


def test_3_bytes_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    """Decoding falls back to Latin-1 in silence."""
    data = GOOD.encode() + "é,30,0,0\n".encode("latin-1")
    ran = conformity("assess", system(tmp_path, data), "-o", tmp_path / "pack", "--formats", "json")
    assert (ran.code, (tmp_path / "pack").exists()) == (3, False)
    assert "UTF-8" in ran.err


@pytest.mark.parametrize(
    ("table", "metric"),
    [
        ("no-prediction", "equal_opportunity_difference"),
        ("no-prediction", "disparate_impact_ratio"),
        ("one-column", "equal_opportunity_difference"),
    ],
)
def test_4_without_predictions_the_labels_do_not_stand_in_for_them(
    run: Assessed, table: str, metric: str
) -> None:
    """With no prediction bound the target is taken, and equal opportunity comes out as exactly 0."""
    judgement = run.judged(table, metric)
    assert (judgement["verdict"], judgement["readings"]) == ("not_collected", [])
    assert "prediction" in judgement["reason"]


def test_4_equalized_odds_is_the_larger_difference_and_never_the_sum(run: Assessed) -> None:
    """An "equalized odds" figure that adds differences: here 0.2 and 0.3 (by hand), so 0.3 and not 0.5."""
    step = "fairness/equalized_odds_difference@odds"
    result = run.result(step, "equalized_odds_difference", by=["sex"])
    assert result["value"] == pytest.approx(0.3)
    assert result["interval"]["low"] < 0.3 < result["interval"]["high"] < 0.5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(manifest(columns=["{name: origin, roles: [protected]}"]), id="bound in a subject"),
        pytest.param(manifest().replace("by: [sex]", "by: [origin]"), id="named in a criterion"),
    ],
)
def test_4_a_column_that_is_not_there_stops_the_run(tmp_path: Path, text: str) -> None:
    """A control whose column does not bind vanishes from the results."""
    ran = conformity("assess", system(tmp_path, GOOD, text), "-o", tmp_path / "pack", "--formats", "json")
    assert (ran.code, (tmp_path / "pack").exists()) == (3, False)
    assert "origin" in ran.err


def test_5_only_the_offline_energy_meter_is_used() -> None:
    """The online meter without a network takes Canada's grid in silence."""
    named = {
        getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", None)
        for _, node in nodes()
        if isinstance(node, ast.Name | ast.Attribute | ast.alias)
    }
    assert "OfflineEmissionsTracker" in named
    assert not named & {"EmissionsTracker", "track_emissions", "TrackerSpec"}


def test_5_the_report_says_whether_a_graphics_processor_was_seen(run: Assessed) -> None:
    """Graphics processors are taken out before the measurement, and nobody is told."""
    notes = " ".join(run.observation("environment/inference_energy@harmless")["notes"])
    assert ("GPU measured" in notes) != ("No graphics processor was seen" in notes)
    assert "Grid: Germany" in notes


def test_5_an_unknown_country_is_refused(run: Assessed) -> None:
    """A country without data falls back to some other grid in silence."""
    seen = run.observation("environment/inference_energy@nowhere")
    assert (seen["outcome"], seen["measurements"]) == ("error", [])
    assert "'XYZ'" in seen["reason"]


def test_6_no_key_for_signing_is_built_in() -> None:
    """Evidence is signed with a default key that everybody can read in the source."""
    secret = re.compile(r"secret|passphrase|password|(sign|private|hmac|default).*key", re.IGNORECASE)
    for module, node in nodes():
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [ast.unparse(target) for target in targets]
            given = isinstance(node.value.value, str | bytes)
            assert not (given and any(secret.search(name) for name in names)), (module, names)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert "PRIVATE KEY" not in node.value, module


def test_6_a_sign_off_over_a_changed_document_does_not_count(run: Assessed) -> None:
    """What was signed is not what is reported."""
    finding = run.finding("annexIV.4")
    assert (finding["verdict"], finding["declared"]["sign_offs"]) == ("not_collected", [])
    assert "has changed since it was signed for" in finding["reason"]


def test_6_every_part_of_the_pack_is_covered_by_a_digest(run: Assessed) -> None:
    """The signed payload leaves parts of the report out."""
    lines = (run.pack / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = {file.relative_to(run.pack).as_posix() for file in run.pack.rglob("*") if file.is_file()}
    assert set(sums) == files - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert sha256_of((run.pack / name).read_bytes()) == f"sha256:{digest}"
    assert run.assessment["evidence_sha256"] == sha256_of(canonical_json(run.evidence))
    tallies = {t["sha256"][7:] for o in run.evidence["observations"] for t in o["tallies"]}
    assert {f"tallies/{digest}.json" for digest in tallies} == {f for f in files if f.startswith("tallies/")}


def test_6_rates_of_0_and_1_have_intervals_of_some_width(run: Assessed) -> None:
    """Resamples that fail are dropped, and what is left is an interval of zero width."""
    step = f"{SELECTION}@all-or-none"
    every, none = (run.result(step, "selection_rate", sex, by=["sex"]) for sex in ("f", "m"))
    assert (every["value"], none["value"]) == (1.0, 0.0)
    assert every["interval"]["low"] < 0.95
    assert none["interval"]["high"] > 0.05
    gap = run.result(f"{GAP}@all-or-none", "demographic_parity_difference", by=["sex"])
    assert gap["interval"]["low"] < 0.95 < gap["value"]


def test_6_no_estimate_has_an_interval_of_zero_width(run: Assessed) -> None:
    """The same, over every number of the run that may settle a bound by its interval."""
    by_interval = {m.id for spec in probe_specs() for m in spec.metrics if m.extent == "estimate"}
    estimates = [
        (m["metric"], m["result"]["interval"])
        for o in run.evidence["observations"]
        if o["probe"].startswith(("fairness/", "accuracy/"))
        for m in o["measurements"]
        if m["result"]["kind"] == "scalar" and m["metric"] in by_interval
    ]
    assert len(estimates) > 50
    assert [metric for metric, ends in estimates if ends and ends["low"] >= ends["high"]] == []


def test_7_every_row_counts_and_not_the_first_hundred(run: Assessed) -> None:
    """The first rows are taken as a sample: here the table is fair for 600 rows, then no longer."""
    lines = (run.folder / "fair-at-first.csv").read_text().splitlines()
    rows = len(lines) - 1
    assert run.result("data_quality/completeness@fair-at-first", "rows")["value"] == rows
    (tally,) = run.observation(f"{SELECTION}@fair-at-first")["tallies"]
    cells = json.loads((run.pack / "tallies" / f"{tally['sha256'][7:]}.json").read_bytes())
    assert sum(entry[-1] for entry in cells["entries"]) == rows
    assert run.judged("fair-at-first")["verdict"] == "not_met"


def test_7_nothing_is_measured_but_what_was_handed_in(run: Assessed) -> None:
    """A benchmark that cannot be fetched is replaced by a few items that are built in."""
    handed_in = {subject["id"] for subject in run.evidence["subjects"]}
    assert {o["subject"] for o in run.evidence["observations"]} == handed_in
    assert all(subject["sha256"] for subject in run.evidence["subjects"])
    shipped = {
        file.suffix for file in PACKAGE.rglob("*") if file.is_file() and "__pycache__" not in str(file)
    }
    assert not shipped & {".csv", ".parquet", ".jsonl", ".arrow", ".pkl", ".joblib"}


def test_8_transparency_is_article_50_and_article_52_is_about_models() -> None:
    """Transparency towards people is cited as Art. 52, its number in a draft of the Act."""
    assert len(rows_of("Article 50")) == 6
    assert all("transparency" in row["domains"] for row in rows_of("Article 50"))
    (notice,) = rows_of("Article 52")
    assert (notice["conditions"], notice["addressees"]) == (
        ["gpai_model", "systemic_risk_model"],
        ["gpai_provider"],
    )


def test_8_a_requirement_is_not_met_because_a_file_exists(run: Assessed) -> None:
    """A document that lies in the right place satisfies a requirement."""
    finding = run.finding("annexIV.7")
    assert (finding["verdict"], finding["declared"]["exhibits"]) == ("not_collected", ["unsigned"])
    assert "no named person has signed" in finding["reason"]


def test_9_a_draft_answers_nothing_and_meets_nothing(tmp_path: Path) -> None:
    """Canned answers reach the report."""
    place = tmp_path / "conformity.yaml"
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    with counted_here():
        assert conformity("init", tmp_path / "people.csv", "-o", place).code == 0
    text = place.read_text(encoding="utf-8")
    assert "GUESS" in text
    assert not re.search(r"^[^#]*answer: *[\"']?(yes|no)\b", text, re.MULTILINE)
    with counted_here():
        ran = conformity("assess", place, "-o", tmp_path / "pack", "--formats", "json", "--json", "--gate")
    assert ran.code == 4
    summary = ran.json()
    assert (summary["counts"]["met"], summary["outcome"]) == (0, "cannot_tell")
    record = json.loads((tmp_path / "pack" / "assessment.json").read_bytes())
    assert record["manifest"]["sign_offs"] == []
    assert {answer["answer"] for answer in record["manifest"]["classification"]} <= {"unknown"}


def test_10_a_hostile_model_is_examined_and_never_loaded(run: Assessed) -> None:
    """A file of the user's is unpickled, and with it whatever it says is run."""
    assert not (run.folder / "mark").exists()
    found = run.result("security/model_file_scan@hostile", "dangerous_globals")
    assert found["value"] == 1
    refused = run.observation("environment/inference_energy@hostile")
    assert (refused["outcome"], refused["measurements"]) == ("not_available", [])
    assert "not loaded" in refused["reason"]


def test_10_files_are_unpickled_by_the_guard_alone() -> None:
    """``pickle.load`` stands in the plain command line."""
    loaders = re.compile(r"^(pickle|cloudpickle|dill|joblib|torch)\.loads?$|read_pickle$|(^|\.)\w*Unpickler$")
    # Writing every call out again takes seconds: only those are whose last name may be a loader's.
    last = re.compile(r"^loads?$|read_pickle$|Unpickler$")
    called = [(module, node.func) for module, node in nodes() if isinstance(node, ast.Call)]
    names = {
        (module, ast.unparse(function))
        for module, function in called
        if last.search(function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", ""))
    }
    assert names, "other loaders are found"
    calls = {(module, name) for module, name in names if loaders.search(name)}
    assert calls == set()
    imports = {
        module
        for module, node in nodes()
        if isinstance(node, ast.Import | ast.ImportFrom)
        and re.search(r"\b(cloudpickle|joblib|pickle|skops)\b", ast.unparse(node))
    }
    assert {module.rsplit("/", 1)[0] for module in imports} <= {"probes/shared/model_files"}


def test_11_there_is_no_score_and_no_share_of_requirements(run: Assessed) -> None:
    """A score of readiness from 0 to 100 that contradicts the articles it is made of."""
    wrong = re.compile(r"score|percent|readiness|grade|rating", re.IGNORECASE)
    for record in (run.assessment, run.evidence):
        assert [name for name in keys(record) if wrong.search(name)] == []
    text = re.sub(
        r"<style.*?</style>|<script.*?</script>", "", (run.pack / "report.html").read_text(), flags=re.S
    )
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    assert "Traps" in shown
    share = r"\d\s?%[^.%]{0,40}\b(requirements|articles|duties|complete|ready|met)\b"
    score = r"\b(overall|total|compliance|conformity|readiness|risk|trust)\s+(score|grade|rating)\b"
    for pattern in (share, score, r"\d\s?/\s?100\b", r"\bcompliant\b"):
        found = re.search(pattern, shown, re.IGNORECASE)
        assert not found or re.search(r"\bno\b", shown[max(0, found.start() - 60) : found.start()]), found


def test_12_high_risk_duties_do_not_begin_on_2_august_2026(run: Assessed) -> None:
    """The date before the amendment of 2026 is given for high-risk systems."""
    classification = run.assessment["plan"]["classification"]
    assert (classification["outcome"], classification["high_risk_from"]) == (
        "high_risk_annex_iii",
        "2027-12-02",
    )
    planned = [
        p for p in run.assessment["plan"]["requirements"]
        if "high_risk" in p["requirement"]["conditions"] and p["duty_from"] is not None
    ]  # fmt: skip
    assert len(planned) > 100
    begun = {p["requirement"]["article"] for p in planned if p["duty_from"] < "2027-12-02"}
    assert begun <= {"Article 4a"}, "Art. 4a alone applies since the amendment"


def test_12_article_10_5_is_deleted_and_asks_nothing(run: Assessed) -> None:
    """Art. 10(5) is checked as if it were in force."""
    assert run.finding("art10.5")["verdict"] == "not_applicable"
    (row,) = [row for row in rows_of("Article 10") if row["id"] == "art10.5"]
    assert (row["status"], row["superseded_by"]) == ("deleted", ["art4a.1", "art4a.2"])


def test_12_annex_iv_has_nine_points() -> None:
    """Annex IV with invented sections."""
    points = {
        match[1] for row in rows_of("Annex IV") if (match := re.match(r"Annex IV\((\d+)\)", row["ref"]))
    }
    assert points == set("123456789")


def test_12_no_standard_is_said_to_be_applied(run: Assessed) -> None:
    """Standards are listed as applied that the provider never declared."""
    assert run.finding("annexIV.7")["verdict"] != "met"
    reasons = " ".join(finding["reason"] for finding in run.assessment["findings"])
    assert not re.search(r"\b(ISO|IEC|IEEE|CEN)\b", reasons)
    report = (run.pack / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"\bappl(y|ied|ies)\b[^.<]{0,80}\b(ISO|IEC|IEEE|EN)[ /-]*\w*\d{4}", report)


def test_12_energy_binds_general_purpose_models_alone() -> None:
    """Energy is demanded of high-risk systems as a duty of Annex IV."""
    rows = [
        row for row in conformity("catalog", "--json").json()
        if any(probe.startswith("environment/") for probe in row["probes"])
    ]  # fmt: skip
    assert rows
    for row in rows:
        if "gpai_model" not in row["conditions"]:
            assert "voluntary" in f"{row['title']} {row['note']}".lower(), row["id"]
