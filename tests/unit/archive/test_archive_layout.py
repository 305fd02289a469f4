"""What a system is called in an archive."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformity.archive.store.layout import FIRST_FILES, slug_of, system_of
from tests.support.archives import entry


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Pay Band Adviser (sample)", "pay-band-adviser-sample"),
        ("Crédit Élan 2.0", "credit-elan-2-0"),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_a_latin_name_reads_as_it_is_written(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize("name", ["Кредитен съветник", "Σύμβουλος", "Łoś", "???", "x" * 65])
def test_what_would_be_lost_is_kept_apart_by_a_digest(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]*-[0-9a-f]{8}", slug_of(name))
    assert slug_of(name) != slug_of(name + "!?x")


@pytest.mark.no_cover
@given(st.text(min_size=1))
def test_any_name_gives_one_that_folders_and_tags_can_have(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", slug_of(name))


def test_a_system_keeps_what_it_is_called() -> None:
    entries = [entry(), entry(system="scorer-12345678", name="SCORER")]
    assert system_of("Scorer", "Provider", entries) == "scorer"
    assert system_of("SCORER", "Provider", entries) == "scorer-12345678"
    other = system_of("Scorer", "Another provider", entries)
    assert re.fullmatch(r"scorer-[0-9a-f]{8}", other)
    assert system_of("Ranker", "Provider", entries) == "ranker"


def test_the_explanation_fits_a_terminal_and_names_no_command_of_ours() -> None:
    text = FIRST_FILES["README.txt"].decode("ascii")
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "conformity verify" not in text
