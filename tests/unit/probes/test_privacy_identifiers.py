"""Personal data in columns and texts, told from chance and reported without a value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import Count, NotAvailable, Scalar
from conformity.probes.interface import NotMeasurableError
from conformity.probes.privacy.direct_identifiers.probe import PROBE
from conformity.probes.registry import load_probe, probe_specs
from tests.support.pii_values import FIRST, LAST
from tests.support.privacy_tables import probed, shares, subject, values

DECLARED = subject(name="direct_identifier")


def rows(*cells: str) -> str:
    """Return lines with a second column, so that a blank cell is no blank line."""
    return "".join(f"{cell},1\n" for cell in cells)


def test_nothing_to_measure_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        probed(PROBE, subject(), tmp_path, "mail,x\n")
    with pytest.raises(NotMeasurableError, match="every cell of 'people' is blank"):
        probed(PROBE, subject(), tmp_path, "mail,x\n, \n")
    with pytest.raises(NotMeasurableError, match="has no column 'name', which the manifest binds"):
        probed(PROBE, DECLARED, tmp_path, "mail,x\na,b\n")


def test_identifiers_are_found_in_columns_nobody_declared(tmp_path: Path) -> None:
    mails = "".join(f"p{n}@example.com,Ann,1\n" for n in range(20))
    result = probed(PROBE, DECLARED, tmp_path, "contact,name,x\n" + mails + "none,,3\n" * 10)
    assert values(result)["identifier_columns"] == Count(value=2, unit="columns")
    assert values(result)["possible_identifier_columns"] == Count(value=0, unit="columns")
    found = shares(result)
    assert found["contact", "email"] == Scalar(value=20 / 30, unit="1", n=30)
    assert found["name", "declared"] == Scalar(value=20 / 30, unit="1", n=30)


def test_a_share_counts_verified_values_only(tmp_path: Path) -> None:
    """By hand: 40 cells of the form, half of whose different values can be an address."""
    cells = [f"192.0.2.{n}" for n in range(1, 21)] + [f"192.0.2.{n}" for n in range(300, 320)]
    found = shares(probed(PROBE, subject(), tmp_path, "ip,x\n" + rows(*cells)))
    assert found == {("ip", "ipv4"): Scalar(value=0.5, unit="1", n=40)}


def test_a_share_that_discloses_a_few_people_is_not_published(tmp_path: Path) -> None:
    content = "note,x\n" + rows("ring Ann at +49 30 901820 please", *["nothing"] * 50)
    result = probed(PROBE, DECLARED.model_copy(update={"columns": subject().columns}), tmp_path, content)
    share = shares(result)["note", "phone in text"]
    assert isinstance(share, NotAvailable)
    assert (share.n, share.why) == (51, "too_few_cases")
    assert values(result)["identifier_columns"] == Count(value=1, unit="columns")
    filled = probed(PROBE, DECLARED, tmp_path, "name,x\n" + rows("Ann", *[""] * 20))
    assert isinstance(shares(filled)["name", "declared"], NotAvailable)


def test_a_declared_column_that_was_emptied_is_no_identifier(tmp_path: Path) -> None:
    result = probed(PROBE, DECLARED, tmp_path, "name,x\n,1\n,2\n")
    assert values(result)["identifier_columns"] == Count(value=0, unit="columns")
    assert shares(result) == {("name", "declared"): Scalar(value=0, unit="1", n=2)}


def test_customer_numbers_are_not_payment_cards(tmp_path: Path) -> None:
    """One in ten consecutive numbers passes the Luhn check: that is chance, and said so."""
    content = "customer,x\n" + rows(*(str(4_000_000_000_000_000 + n) for n in range(200)))
    result = probed(PROBE, subject(), tmp_path, content)
    assert values(result)["identifier_columns"] == Count(value=0, unit="columns")
    assert shares(result) == {}
    (note,) = result.notes
    assert "only 10% of the different values tested pass its check; chance alone gives about 10%" in note


CARDS = ["4111111111111111", "4012888888881881", "5555555555554444", "4222222222222220"]


def test_payment_cards_are_told_from_chance(tmp_path: Path) -> None:
    result = probed(PROBE, subject(), tmp_path, "n,x\n" + rows(*CARDS))
    assert values(result)["identifier_columns"] == Count(value=1, unit="columns")
    (note,) = result.notes
    assert note == (
        "Column 'n' holds payment card number (confirmed, high confidence): "
        "fewer than 10 different values were checked."
    )


def test_two_card_numbers_leave_the_question_open(tmp_path: Path) -> None:
    content = "n,x\n" + rows(*CARDS[:2])
    result = probed(PROBE, subject(), tmp_path, content)
    total = values(result)["identifier_columns"]
    assert isinstance(total, NotAvailable)
    assert total.why == "too_few_cases"
    assert "'n'" in total.reason
    assert values(result)["possible_identifier_columns"] == Count(value=1, unit="columns")
    assert isinstance(shares(result)["n", "payment_card, possible"], NotAvailable)
    declared = probed(PROBE, subject(n="direct_identifier"), tmp_path, content)
    assert values(declared)["identifier_columns"] == Count(value=1, unit="columns")


def test_forms_without_check_digits_that_fail_are_dropped(tmp_path: Path) -> None:
    result = probed(PROBE, subject(), tmp_path, "n,x\n000-12-3456,1\n")
    assert values(result)["identifier_columns"] == Count(value=0, unit="columns")
    assert result.notes == ()


def test_drawn_values_give_an_interval_and_the_power_to_detect(tmp_path: Path) -> None:
    content = "mail,x\n" + rows(*(f"p{n}@example.com" for n in range(1200)), *["no"] * 1200)
    result = probed(PROBE, subject(), tmp_path, content)
    share = shares(result)["mail", "email"]
    assert isinstance(share, Scalar)
    assert (share.value, share.n) == (0.5, 2400)
    # Wilson for 1000 of 1000: the lower limit is 1000 / (1000 + 1.959964^2) = 0.9961733.
    assert share.interval is not None
    assert share.interval.low == pytest.approx(0.5 * 0.9961733, abs=1e-7)
    assert share.interval.high == 0.5
    # By hand: 1 - 0.99^1000 = 0.999957, 1 - 0.999^1000 = 0.632.
    assert "with probability 0.99996, one that is 1 in 1,000 with 0.63" in result.notes[-1]


def test_numbers_that_no_check_tells_apart_are_named_together(tmp_path: Path) -> None:
    """The Estonian and the Lithuanian personal code have one form and one check."""
    codes = ["36805280109", "33309240064", "45001010102", "37605030299"]
    found = shares(probed(PROBE, subject(), tmp_path, "n,x\n" + rows(*codes)))
    assert {group for _, group in found} == {"ee_ik or lt_asmens"}
    named = shares(probed(PROBE, subject(), tmp_path, "isikukood,x\n" + rows(*codes)))
    assert {group for _, group in named} == {"ee_ik"}


def test_a_name_alone_settles_nothing(tmp_path: Path) -> None:
    content = "email,phone,iban,birth_date,passport,name\n" + "yes,1,no,soon,0,17\n" * 30
    result = probed(PROBE, subject(), tmp_path, content)
    assert values(result)["identifier_columns"] == Count(value=0, unit="columns")
    assert shares(result) == {}


def test_names_of_columns_and_the_look_of_values_agree(tmp_path: Path) -> None:
    names = ["Anna", "Ben", "Clara", "David", "Elif", "Felix"] * 4
    result = probed(PROBE, subject(), tmp_path, "Vorname,x\n" + rows(*names))
    assert shares(result) == {("Vorname", "person_name, likely"): Scalar(value=1, unit="1", n=24)}
    assert shares(probed(PROBE, subject(), tmp_path, "colour,x\n" + rows(*names))) == {}


def test_names_in_texts_are_told_without_a_name_of_the_column(tmp_path: Path) -> None:
    """By hand: 20 of 60 cells hold two words with a capital letter, and a name is seen in each of them."""
    people = [f"order of {first} {last} is late" for first, last in zip(FIRST[:20], LAST[:20], strict=True)]
    result = probed(PROBE, subject(), tmp_path, "c7,x\n" + rows(*people, *["nothing new"] * 40))
    share = shares(result)["c7", "person_name in text, likely"]
    assert isinstance(share, Scalar)
    assert share.value == pytest.approx(20 / 60)
    assert share.n == 60
    assert values(result)["identifier_columns"] == Count(value=1, unit="columns")
    (note,) = result.notes
    assert note.startswith("Texts in column 'c7' hold name of a person (likely, medium confidence): of 20 ")
    assert not [word for word in (*FIRST, *LAST) if word in note]


def test_what_only_a_further_detector_sees_is_labelled(tmp_path: Path) -> None:
    """The tally is one as Presidio would give it: a name in 20 of 40 values drawn, in 80 filled cells."""
    from conformity.engines.matching import COLUMNS, SEARCHED
    from conformity.model.tally import MissingCounts, PatternCounts, Tally

    counts = Tally(
        spec=PatternCounts(patterns=("presidio",)),
        columns=COLUMNS,
        entries=(
            ("note", SEARCHED, "", 80, 0, 1, 0, 0, 0, 0, 0, 0),
            ("note", "presidio/person_name", "", 80, 40, 1, 0, 0, 0, 80, 40, 20),
        ),
    )
    missing = Tally(spec=MissingCounts(), columns=("column", "missing", "rows"), entries=(("note", 0, 80),))
    result = PROBE.measure(subject(), (counts, missing))
    assert shares(result)["note", "person_name in text, by presidio only, possible"] == Scalar(
        value=0.5, unit="1", n=80
    )
    assert isinstance(values(result)["identifier_columns"], NotAvailable)
    (note,) = result.notes
    assert note.endswith("of 40 different values checked, 50% pass; seen by presidio only.")


def test_dates_of_birth_span_many_years(tmp_path: Path) -> None:
    wide = [f"{1950 + n}-03-1{n % 9}" for n in range(30)]
    narrow = [f"20{10 + n % 10}-03-1{n % 9}" for n in range(30)]
    found = shares(probed(PROBE, subject(), tmp_path, "dob,x\n" + rows(*wide)))
    assert found == {("dob", "birth_date, likely"): Scalar(value=1, unit="1", n=30)}
    unnamed = probed(PROBE, subject(), tmp_path, "d,x\n" + rows(*wide))
    assert set(shares(unnamed)) == {("d", "birth_date, possible")}
    assert isinstance(values(unnamed)["identifier_columns"], NotAvailable)
    assert shares(probed(PROBE, subject(), tmp_path, "dob,x\n" + rows(*narrow))) == {}


def test_no_output_holds_a_value(tmp_path: Path) -> None:
    """A canary in every kind of cell must not be in the tallies, the numbers or the notes."""
    from conformity.engines.duckdb import DuckDBEngine
    from conformity.engines.interface import TableSource

    number = 48_151_623
    kinds = {
        "mail": "canary{n}@canary-mail.example",
        "full_name": "Canaria{letter} Canaryson",
        "address": "Canary Street {n}",
        "phone": "+49 30 {n}",
        "note": "please write to canary{n}@hidden.example or 4111111111111111",
        "card": "4111111111111111",
        "dob": "{year}-04-07",
        "key": "AKIACANARYCANARY{n4}",
        "plate": "CA-NA {n4}",
        "kind": "canary-{n}",
    }
    lines = [",".join(kinds)]
    for row in range(40):
        n = number + 7 * row
        cells = {"n": n, "n4": n % 10_000, "year": 1940 + row, "letter": "abcdefghij"[row % 10]}
        lines.append(",".join(one.format(**cells) for one in kinds.values()))
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    tallies = DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(PROBE.tallies(subject()))
    result = PROBE.measure(subject(), tallies)
    told = json.dumps(
        [
            [one.model_dump(mode="json") for one in (*tallies, *result.measurements)],
            list(result.notes),
        ]
    )
    assert len({one.by for one in result.measurements if one.by}) >= 8
    planted = {word.casefold() for line in lines[1:] for cell in line.split(",") for word in cell.split()}
    secrets = {word for word in planted if any(c.isdigit() for c in word) or "canar" in word}
    assert len(secrets) > 200
    assert [word for word in secrets if word in told.casefold()] == []


def test_measurements_are_the_declared_metrics(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "privacy/direct_identifiers"]
    assert load_probe(ProbeId(spec.id)) is PROBE
    content = "zip,mail\n" + "".join(f"1,p{n}@example.com\n" for n in range(12))
    result = probed(PROBE, subject(zip="quasi_identifier"), tmp_path, content)
    assert {one.metric for one in result.measurements} == {metric.id for metric in spec.metrics}
    units = {metric.id: metric.unit for metric in spec.metrics}
    for one in result.measurements:
        assert isinstance(one.result, Count | Scalar)
        assert one.result.unit == units[one.metric]
