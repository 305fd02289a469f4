"""Attribute disclosure and the risk each quasi-identifier adds, on published and hand-counted tables."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from conformity.model.measurement import Count, NotAvailable, Scalar
from conformity.model.subject import TableSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.privacy.attribute_disclosure.probe import METRICS, ORDERED
from conformity.probes.privacy.attribute_disclosure.probe import PROBE as DISCLOSURE
from conformity.probes.privacy.k_anonymity.probe import MOST_LEFT_OUT
from conformity.probes.privacy.k_anonymity.probe import PROBE as K_ANONYMITY
from conformity.probes.registry import load_probe, probe_specs
from tests.support.anonymity import SDC_MICRO, bound, content, numbers, repeated, results, subject
from tests.support.privacy_tables import probed

KEYED = subject(*bound(key="quasi_identifier", value="sensitive"))
NUMBERED = subject(
    {"name": "key", "roles": ["quasi_identifier"]},
    {"name": "value", "roles": ["sensitive"], "content": "numbers"},
)


def disclosed(tmp_path: Path, rows: list[tuple[str, str]], table: TableSubject = KEYED) -> ProbeResult:
    """Return what becomes known in rows of a class and a value."""
    return probed(DISCLOSURE, table, tmp_path, content("key,value", rows))


def test_published_values_of_adult_anonymised_to_ten(tmp_path: Path) -> None:
    """PyCANON's Adult table of k = 10: l = 1, beta 1.7393, delta 2.8039, t .6349.

    The table's own worst classes with its own totals (4,637 and 2,666 of 7,303 rows): those of one salary
    class only, and one of 26 rows; all others are taken together, which is not worse.
    """
    rows = repeated(
        ("low", "<=50K", 2131),
        ("high", ">50K", 197),
        ("most", "<=50K", 1),
        ("most", ">50K", 25),
        ("rest", "<=50K", 2505),
        ("rest", ">50K", 2444),
    )
    measured = numbers(disclosed(tmp_path, rows), "value")
    assert measured["distinct_l_diversity"] == 1
    assert measured["basic_beta_likeness"] == pytest.approx(1.7393, abs=5e-5)
    assert measured["delta_disclosure"] == pytest.approx(2.8039, abs=5e-5)
    assert measured["t_closeness"] == pytest.approx(0.6349, abs=5e-5)
    assert measured["alpha"] == 1
    assert measured["single_value_share"] == pytest.approx(2328 / 7303)


def test_published_values_of_students(tmp_path: Path) -> None:
    """PyCANON's students: beta 71.0 and delta 4.276666119016055, both of a row alone with 1 value in 72."""
    rows = repeated(("a", "rare", 1), ("b", "common", 71))
    measured = numbers(disclosed(tmp_path, rows), "value")
    assert measured["basic_beta_likeness"] == pytest.approx(71.0)
    assert measured["delta_disclosure"] == pytest.approx(4.276666119016055)


def test_published_example_of_l_diversity_and_t_closeness(tmp_path: Path) -> None:
    """Li et al. (2007), table 3: three diseases and three salaries in each class; t of salary is 0.375."""
    salaries = {"a": (3, 4, 5), "b": (6, 11, 8), "c": (7, 9, 10)}
    rows = [(key, str(salary)) for key, some in salaries.items() for salary in some]
    measured = numbers(disclosed(tmp_path, rows, NUMBERED), "value")
    assert measured["distinct_l_diversity"] == 3
    assert measured["entropy_l_diversity"] == 3
    assert measured[ORDERED] == pytest.approx(0.375)
    assert measured["t_closeness"] == pytest.approx(2 / 3)
    assert measured["recursive_c"] == 0.5


def test_recursive_diversity_begins_with_the_commonest_value(tmp_path: Path) -> None:
    """Counts 4, 1, 1 need c above 4 / (1 + 1); a peer sorts them upwards and says 1."""
    rows = repeated(("a", "x", 4), ("a", "y", 1), ("a", "z", 1))
    assert numbers(disclosed(tmp_path, rows), "value")["recursive_c"] == 2


def test_a_class_of_one_value_has_no_bound_of_c(tmp_path: Path) -> None:
    measured = results(disclosed(tmp_path, repeated(("a", "x", 2), ("b", "x", 1), ("b", "y", 1))), "value")
    recursive = measured["recursive_c"]
    assert isinstance(recursive, NotAvailable)
    assert recursive.why == "undefined"
    assert measured["distinct_l_diversity"] == Count(value=1, unit="values")
    assert measured["single_value_share"] == Scalar(value=0.5, unit="1", n=4)


def test_enhanced_likeness_is_broken_where_the_gain_exceeds_its_own_bound(tmp_path: Path) -> None:
    """By hand: in a the gain of x is 1 / .25 - 1 > -ln .25; in b that of y is 1 / .75 - 1 > -ln .75."""
    measured = numbers(disclosed(tmp_path, repeated(("a", "x", 1), ("b", "y", 3))), "value")
    assert measured["enhanced_beta_excess_share"] == 1
    even = repeated(("a", "x", 2), ("a", "y", 2), ("b", "x", 2), ("b", "y", 2))
    measured = numbers(disclosed(tmp_path, even), "value")
    assert measured["enhanced_beta_excess_share"] == 0
    assert measured["t_closeness"] == 0


def test_a_missing_quasi_identifier_makes_a_class(tmp_path: Path) -> None:
    """A peer drops rows with a missing quasi-identifier, and with them the class that gives x away."""
    rows = repeated(("", "x", 1), ("b", "x", 1), ("b", "y", 2))
    result = disclosed(tmp_path, rows)
    assert numbers(result, "value")["distinct_l_diversity"] == 1
    (note,) = result.notes
    assert "'key'" in note
    assert "such rows form classes with one another only" in note


def test_a_missing_sensitive_value_is_a_value(tmp_path: Path) -> None:
    result = disclosed(tmp_path, [("a", ""), ("a", "1"), ("b", ""), ("b", "2")], NUMBERED)
    measured = results(result, "value")
    assert measured["distinct_l_diversity"] == Count(value=2, unit="values")
    assert measured[ORDERED] == Scalar(value=0.5, unit="1", n=2)
    assert measured["t_closeness"] == Scalar(value=0.25, unit="1", n=4)
    (note,) = result.notes
    assert "Missing counts as a sensitive value of its own" in note


def test_one_value_everywhere_is_not_close_but_known(tmp_path: Path) -> None:
    measured = results(disclosed(tmp_path, repeated(("a", "7", 3), ("b", "7", 2)), NUMBERED), "value")
    for metric in ("basic_beta_likeness", "delta_disclosure", "enhanced_beta_excess_share", "t_closeness"):
        assert isinstance(measured[metric], NotAvailable)
    assert isinstance(measured[ORDERED], NotAvailable)
    assert measured["single_value_share"] == Scalar(value=1, unit="1", n=5)
    assert measured["alpha"] == Scalar(value=1, unit="1", n=5)


@pytest.mark.parametrize(("key", "value"), [("", "7"), ("a", "")])
def test_a_blank_column_gives_no_numbers(tmp_path: Path, key: str, value: str) -> None:
    measured = results(disclosed(tmp_path, repeated((key, value, 3)), NUMBERED), "value")
    assert set(measured) == {*METRICS, ORDERED}
    for result in measured.values():
        assert isinstance(result, NotAvailable)
        assert result.why == "not_collected"
        assert result.n == 3
        assert ("'key'" if not key else "'value'") in result.reason


def test_a_sensitive_quasi_identifier_is_not_compared_with_itself(tmp_path: Path) -> None:
    table = subject(
        {"name": "key", "roles": ["quasi_identifier"]},
        {"name": "value", "roles": ["quasi_identifier", "sensitive"]},
    )
    measured = numbers(disclosed(tmp_path, repeated(("a", "x", 1), ("a", "y", 1)), table), "value")
    assert measured["distinct_l_diversity"] == 2


def test_disclosure_needs_both_roles_and_rows(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="no column of 'people' has the role `sensitive`"):
        DISCLOSURE.tallies(subject(*bound(key="quasi_identifier")))
    both: dict[str, Any] = {"name": "value", "roles": ["quasi_identifier", "sensitive"]}
    with pytest.raises(NotMeasurableError, match="other than the sensitive one"):
        DISCLOSURE.tallies(subject(both))
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        disclosed(tmp_path, [])


def test_the_risk_that_a_quasi_identifier_adds(tmp_path: Path) -> None:
    """By hand: all four rows are unique; without zip all are, without born none is."""
    table = subject(*bound(zip="quasi_identifier", born="quasi_identifier"))
    text = content("zip,born", [("a", 1), ("a", 2), ("b", 3), ("b", 4)])
    result = probed(K_ANONYMITY, table, tmp_path, text)
    assert results(result, "zip") == {"unique_share_without": Scalar(value=1, unit="1", n=4)}
    assert results(result, "born") == {"unique_share_without": Scalar(value=0, unit="1", n=4)}
    assert result.notes == ("Leaving out 'born' would lower the share of unique rows most.",)


def test_no_quasi_identifier_adds_what_is_not_there(tmp_path: Path) -> None:
    table = subject(*bound(zip="quasi_identifier", born="quasi_identifier"))
    result = probed(K_ANONYMITY, table, tmp_path, content("zip,born", [("a", 1), ("a", 1)]))
    assert result.notes == ()
    blank = probed(K_ANONYMITY, table, tmp_path, content("zip,born", [("", 1), ("", 2)]))
    assert isinstance(results(blank, "born")["unique_share_without"], NotAvailable)
    assert blank.notes == ()


@pytest.mark.parametrize("count", [1, MOST_LEFT_OUT + 1])
def test_one_or_too_many_quasi_identifiers_are_not_left_out(count: int) -> None:
    table = subject(*bound(**{f"q{number}": "quasi_identifier" for number in range(count)}))
    assert len(K_ANONYMITY.tallies(table)) == 3


def test_both_conventions_for_blanks_are_told(tmp_path: Path) -> None:
    table = subject(*bound(zip="quasi_identifier"))
    result = probed(K_ANONYMITY, table, tmp_path, content("zip", [("a",), ("a",), ("",)]))
    (note,) = result.notes
    assert "Missing is a value of its own here" in note
    assert "In the other convention a blank matches any value" in note
    # The blank matches all three rows, and each other row matches it: 3, 3, 3 instead of 2, 2, 1.
    measured = numbers(result)
    assert (measured["k_anonymity"], measured["k_anonymity_wildcard"]) == (1, 3)
    assert (measured["unique_share"], measured["unique_share_wildcard"]) == (1 / 3, 0)


def test_matches_of_a_published_table_with_blanks(tmp_path: Path) -> None:
    """sdcMicro, test_indivRisk.R: rows match 3, 1, 4, 2, 3, 3, 1 and 5 rows; two of eight are unique."""
    table = subject(*bound(A="quasi_identifier", B="quasi_identifier", C="quasi_identifier"))
    rows = [["" if cell is None else cell for cell in row[:3]] for row in SDC_MICRO.rows()]
    measured = numbers(probed(K_ANONYMITY, table, tmp_path, content("A,B,C", rows)))
    assert (measured["k_anonymity_wildcard"], measured["unique_share_wildcard"]) == (1, 0.25)
    # As values of their own, six rows are alone.
    assert (measured["k_anonymity"], measured["unique_share"]) == (1, 0.75)


def test_too_many_combinations_of_blanks_give_no_matches(tmp_path: Path) -> None:
    names = "abcde"
    table = subject(*bound(**dict.fromkeys(names, "quasi_identifier")))
    rows = [["" if n >> bit & 1 else "x" for bit in range(5)] for n in range(17)]
    found = results(probed(K_ANONYMITY, table, tmp_path, content(",".join(names), rows)))
    assert found["k_anonymity"] == Count(value=1, unit="rows")
    for metric in ("k_anonymity_wildcard", "unique_share_wildcard"):
        result = found[metric]
        assert isinstance(result, NotAvailable)
        assert result.why == "undefined"
        assert "blank in more than 16 combinations" in result.reason


def test_disclosure_measures_what_it_declares(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "privacy/attribute_disclosure"]
    assert load_probe(spec.id) is DISCLOSURE
    rows = repeated(("a", "1", 1), ("a", "2", 2), ("b", "1", 2), ("b", "2", 1))
    measured = results(disclosed(tmp_path, rows, NUMBERED), "value")
    assert {metric.id: metric.unit for metric in spec.metrics} == {
        metric: getattr(result, "unit", None) for metric, result in measured.items()
    }
    # Each class has entropy -(1/3) ln (1/3) - (2/3) ln (2/3).
    expected = math.exp(math.log(3) - 2 / 3 * math.log(2))
    assert numbers(disclosed(tmp_path, rows, NUMBERED), "value")["entropy_l_diversity"] == pytest.approx(
        expected
    )
