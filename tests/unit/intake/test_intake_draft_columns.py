"""What columns mean is guessed from names and counts, each time with a reason."""

from __future__ import annotations

import pytest

from conformity.engines.profile import ColumnProfile, TableProfile
from conformity.intake.draft_columns import ColumnGuess, guess_columns


def _column(name: str, kind: str = "text", distinct: int = 2, **more: object) -> ColumnProfile:
    return ColumnProfile.model_validate(
        {"name": name, "kind": kind, "missing": 0, "distinct": distinct, **more}
    )


def _binary(name: str, first: str = "0", second: str = "1", kind: str = "integer") -> ColumnProfile:
    return _column(name, kind, 2, top=((first, 700), (second, 300)), minimum=0, maximum=1)


def _guesses(*columns: ColumnProfile, rows: int = 1000) -> dict[str, ColumnGuess]:
    return {guess.name: guess for guess in guess_columns(TableProfile(rows=rows, columns=columns))}


@pytest.mark.parametrize(
    ("column", "trait"),
    [
        (_column("Geschlecht", top=(("m", 5), ("w", 5))), "sex or gender"),
        (_column("génère"), "sex or gender"),
        (_column("applicantGender"), "sex or gender"),
        (_column("płeć"), "sex or gender"),
        (_column("kön"), "sex or gender"),
        (_column("etnia", distinct=5), "race or ethnic origin"),
        (_column("Staatsangehörigkeit", distinct=20), "nationality"),
        (_column("native-country", distinct=41), "nationality"),
        (_column("marital-status", distinct=7), "marital status"),
        (_column("Religión", distinct=4), "religion or belief"),
        (_column("Behinderung"), "disability"),
        (_column("edad", "integer", 70, minimum=18, maximum=90), "age"),
        (_column("age_group", distinct=5), "age"),
        (_column("col7", top=(("Female", 5), ("Male", 5))), "sex or gender"),
        (
            _column("col8", distinct=5, top=(("White", 5), ("Black", 4), ("Other", 1))),
            "race or ethnic origin",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else ascii(value.name),
)
def test_protected_traits_are_recognised_in_several_languages(column: ColumnProfile, trait: str) -> None:
    guess = _guesses(column)[column.name]
    assert guess.roles[0] == "protected"
    assert trait in guess.reasons[0]


@pytest.mark.parametrize(
    "column",
    [
        _column("average", "integer", 70),
        _column("page", distinct=5),
        _column("sexe", distinct=1),
        _column("message", distinct=5),
        _column("col9", top=(("male", 5), ("other", 5))),
        _column("religion", distinct=51),
    ],
    ids=lambda column: column.name,
)
def test_other_columns_are_not_called_protected(column: ColumnProfile) -> None:
    assert "protected" not in _guesses(column)[column.name].roles


def test_groups_of_ages_lie_within_the_ages_there_are() -> None:
    def edges(low: float, high: float) -> tuple[float, ...]:
        return _guesses(_column("age", "integer", 60, minimum=low, maximum=high))["age"].edges

    assert edges(18, 90) == (30, 45, 60)
    assert edges(30, 44) == ()
    assert edges(29, 45) == (30, 45)
    assert _guesses(_column("age", "integer", 60))["age"].edges == ()
    assert _guesses(_column("age", "text", 5))["age"].edges == ()


@pytest.mark.parametrize(
    ("column", "part"),
    [
        (
            _column("contact", distinct=900, patterns=(("url", 0.1), ("email", 0.5))),
            "50% of the filled cells",
        ),
        (_column("Nachname", distinct=900), "the name says nachname"),
        (_column("first_name", distinct=900), "the name says firstname"),
        (_column("Name", distinct=501), "the name says name"),
        (_column("customerId", "integer", 1000), "nearly every row has a value of its own"),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.name,
)
def test_direct_identifiers_are_recognised(column: ColumnProfile, part: str) -> None:
    guess = _guesses(column)[column.name]
    assert guess.roles == ("direct_identifier",)
    assert part in guess.reasons[0]


@pytest.mark.parametrize(
    "column",
    [
        _column("contact", distinct=900, patterns=(("email", 0.49),)),
        _column("telephone", distinct=2),
        _column("product_name", distinct=900),
        _column("branch_id", "integer", 40),
        _column("customer id", "integer", 949),
    ],
    ids=lambda column: column.name,
)
def test_other_columns_are_not_called_identifiers(column: ColumnProfile) -> None:
    assert "direct_identifier" not in _guesses(column)[column.name].roles


@pytest.mark.parametrize(
    "name", ["Postleitzahl", "zip_code", "date de naissance", "Birth Date", "occupation"]
)
def test_quasi_identifiers_are_recognised(name: str) -> None:
    assert _guesses(_column(name, distinct=300))[name].roles == ("quasi_identifier",)
    assert _guesses(_column(name, distinct=1))[name].roles == ("feature",)


def test_the_best_name_becomes_the_label_and_only_if_it_has_two_values() -> None:
    found = _guesses(_binary("income"), _binary("target"), _binary("class_size"))
    assert {name: guess.roles[0] for name, guess in found.items()} == {
        "income": "feature",
        "target": "label",
        "class_size": "feature",
    }
    three = _column("target", distinct=3, top=(("a", 1), ("b", 1), ("c", 1)))
    assert _guesses(three)["target"].roles == ("feature",)
    assert _guesses(_binary("is_class_a"))["is_class_a"].roles == ("label",)
    assert _guesses(_binary("y_coordinate"))["y_coordinate"].roles == ("feature",)


@pytest.mark.parametrize(
    ("low", "high", "distinct", "role"),
    [
        (0.0, 1.0, 3, "score"),
        (-0.1, 1.0, 3, "feature"),
        (0.0, 1.1, 3, "feature"),
        (0.0, 1.0, 2, "feature"),
        (None, None, 9, "feature"),
    ],
)
def test_a_score_is_a_number_from_0_to_1(
    low: float | None, high: float | None, distinct: int, role: str
) -> None:
    column = _column("score", "number", distinct, minimum=low, maximum=high)
    assert _guesses(column)["score"].roles == (role,)


@pytest.mark.parametrize(
    ("column", "positive", "negative", "part"),
    [
        (_binary("label"), "1", "0", "'1' usually means yes"),
        (_binary("label", "<=50K", ">50K", "text"), ">50K", "<=50K", "'>50K' usually means yes"),
        (_binary("approved", "yes", "no", "text"), "yes", "no", "'yes' usually means yes"),
        (_binary("fraud"), "0", "1", "the name says 'fraud', which nobody wishes for"),
        (_binary("label", "a", "b", "text"), "b", "a", "the values do not tell; check this"),
        (_binary("label", "yes", "true", "text"), "yes", "true", "the values do not tell; check this"),
        (_binary("label", "aye", "yes", "text"), "yes", "aye", "'yes' usually means yes"),
    ],
)
def test_the_favourable_value_is_guessed_with_a_reason(
    column: ColumnProfile, positive: str, negative: str, part: str
) -> None:
    guess = _guesses(column)[column.name]
    assert (guess.positive, guess.negative) == ((positive,), (negative,))
    assert part in guess.outcome_reason


def test_a_prediction_means_what_the_label_means_if_it_has_the_same_values() -> None:
    found = _guesses(_binary("default"), _binary("y_pred"))
    assert found["default"].positive == found["y_pred"].positive == ("0",)
    assert found["y_pred"].outcome_reason == "the same as for the label"
    other = _guesses(_binary("default"), _binary("y_pred", "no", "yes", "text"))
    assert other["y_pred"].positive == ("yes",)
