"""Further detectors are asked about drawn values, labelled, and never confirmed by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pytest

from conformity.engines import detectors
from conformity.engines.frame import open_frame
from conformity.engines.identify import identified
from conformity.engines.matches import Identified, entries_of, matches_of
from conformity.engines.patterns import patterns
from conformity.engines.presidio import KINDS, Presidio, analyzer
from conformity.errors import DataError
from conformity.model.tally import PatternCounts, Tally

SPEC = PatternCounts(patterns=(*patterns(), "presidio"))
TEXTS = [f"write to p{n}@example.com, says Ottokar" for n in range(12)]


@dataclass
class Result:
    """A result as Presidio gives it."""

    entity_type: str
    score: float


class Words:
    """A small analyzer, which tells by single words what it was told to find."""

    def __init__(self, **entities: tuple[str, float]) -> None:
        self._entities = entities

    def analyze(self, text: str, language: str, entities: list[str]) -> Sequence[Result]:
        """Return a result for each word that is in the text."""
        assert language == "en"
        if "boom" in text:
            raise ValueError(text)
        return [Result(kind, score) for word, (kind, score) in self._entities.items() if word in text]


@pytest.fixture
def seeing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the detector be one that sees addresses by ``write``, people by ``says`` and cards by ``card``."""
    words = Words(
        write=("EMAIL_ADDRESS", 1.0),
        says=("PERSON", 0.85),
        card=("CREDIT_CARD", 1.0),
        to=("PHONE_NUMBER", 0.4),
        p1=("NRP", 0.9),
    )
    monkeypatch.setattr(detectors, "installed", lambda: ("presidio",))
    monkeypatch.setattr("conformity.engines.presidio.analyzer", lambda: words)
    detectors.detector.cache_clear()
    yield
    detectors.detector.cache_clear()


def counted(**columns: list[str]) -> Tally:
    """Return the pattern counts of the columns, with the detector."""
    return open_frame(pa.table(columns)).tally([SPEC])[0]


def told(tally: Tally) -> list[tuple[tuple[str, ...], str, tuple[str, ...], bool]]:
    """Return kinds, confidence and detectors of what was identified."""
    return [(one.kinds, one.confidence, one.detectors, one.own) for one in identified(tally)]


@pytest.mark.usefixtures("seeing")
def test_what_both_see_is_labelled_and_what_one_sees_is_possible() -> None:
    tally = counted(note=TEXTS, n=["7"] * 12)
    assert told(tally) == [
        (("email",), "confirmed", ("presidio",), True),
        (("person_name",), "possible", ("presidio",), False),
    ]
    person: Identified = identified(tally)[1]
    assert (person.inside, person.share, person.filled) == (True, 1.0, 12)
    assert [match.detector for match in entries_of(tally) if match.detector] == ["presidio", "presidio"]
    assert all(not match.detector for match in matches_of(tally))


@pytest.mark.usefixtures("seeing")
def test_lone_hits_and_chance_are_left_out() -> None:
    assert told(counted(note=["says who", "nothing", "else"])) == []
    assert told(counted(note=[f"card {n}" for n in range(3)] + [f"thing {n}" for n in range(60)])) == []
    (card,) = told(counted(note=[f"card {n}" for n in range(9)]))
    assert card == (("payment_card",), "possible", ("presidio",), False)


@pytest.mark.usefixtures("seeing")
def test_a_column_known_as_a_whole_is_not_told_anew() -> None:
    mails = [f"says{n}@example.com" for n in range(12)]
    assert told(counted(mail=mails)) == [(("email",), "confirmed", (), True)]


@pytest.mark.usefixtures("seeing")
def test_blank_columns_and_long_values_are_no_trouble() -> None:
    assert told(counted(a=["", " "], b=["x" * 20_000 + "says", "y"])) == []


@pytest.mark.usefixtures("seeing")
def test_a_failure_holds_no_value() -> None:
    with pytest.raises(DataError, match=r"Presidio failed on a value \(ValueError\)") as caught:
        counted(note=["boom secret"])
    assert "secret" not in str(caught.value)


def test_only_sure_results_of_known_kinds_count() -> None:
    words = Words(a=("EMAIL_ADDRESS", 0.49), b=("DATE_TIME", 1.0), c=("IBAN_CODE", 0.5))
    assert Presidio(words).kinds_in("a b c") == {"iban"}
    assert set(KINDS.values()) <= set(patterns())


def test_presidio_itself_or_a_plain_word_that_it_is_missing() -> None:
    """Where the extra is installed, Presidio's own recognisers are asked; else one sentence says so."""
    if detectors.installed():
        kinds = Presidio(analyzer()).kinds_in("write to ann@example.com, card 4111111111111111")
        assert kinds >= {"email", "payment_card"}
        return
    with pytest.raises(DataError, match="is not installed; install conformity-report"):
        detectors.detector("presidio")
    with pytest.raises(DataError, match=r"cannot be loaded \(ModuleNotFoundError\)"):
        analyzer()


def test_patterns_alone_need_no_detector() -> None:
    assert [name for name in patterns() if detectors.is_detector(name)] == []
    assert detectors.is_detector("presidio")
