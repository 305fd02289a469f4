"""Postal addresses are told by the form in which each language writes them."""

from __future__ import annotations

import pytest

from conformity.engines.patterns import pattern
from conformity.engines.places import address_hint, known_address, may_hold_address, told_address

# Streets that exist or existed, one way of writing at least for each language with a form of its own.
ADDRESSES = {
    "bg": "бул. Витоша 12",
    "cs": "ul. Dlouhá 12",
    "da": "Vestergade 5",
    "de": "Hauptstraße 5a",
    "DE": "BAHNHOFSTRASSE 12",
    "el": "οδός Ερμού 5",
    "en": "10 Downing Street",
    "es": "Calle Mayor nº 5",
    "et": "Pikk tn 12",
    "fi": "Mannerheimintie 12 A",
    "fr": "12 rue de la Paix",
    "FR": "Rue de la Loi 200",
    "hr": "Ilica cesta 5",
    "hu": "Kossuth Lajos utca 5",
    "it": "Via Roma, 5",
    "lt": "Gedimino pr. 9",
    "lv": "Brīvības iela 55",
    "mt": "Triq Merkanti 4",
    "nl": "Kerkstraat 12-14",
    "pl": "ul. Długa 12/3",
    "pt": "Rua Augusta 5",
    "ro": "Str. Lipscani 5",
    "sl": "Slovenska cesta 5",
    "sv": "Storgatan 5",
    "towns": "10115 Berlin",
    "whole": "Jablonecká 1, 450 96 Praha",
    "letters": "1234 AB Amsterdam",
}


@pytest.mark.parametrize("text", ADDRESSES.values(), ids=ADDRESSES)
def test_addresses_in_cells(text: str) -> None:
    assert pattern("known_address").fits(text)
    assert known_address(text)


@pytest.mark.parametrize("text", ADDRESSES.values(), ids=ADDRESSES)
def test_addresses_in_texts(text: str) -> None:
    told = f"please send it to {text}, thank you"
    assert pattern("known_address").hinted_in(told)
    assert told_address(told)


@pytest.mark.parametrize(
    "text",
    [
        "2024 Report",
        "Parkplatz 5",
        "via email 5 times",
        "Room 12",
        "12345",
        "main street",
        "10115 Nowhereville",
        "https://example.com/rue 5",
        "in 1999 the street was closed",
        "model 12 Stop",
    ],
)
def test_what_only_looks_like_an_address(text: str) -> None:
    assert not known_address(text)
    assert not told_address(f"it was {text} then") or "://" in text


def test_a_long_text_is_no_cell_with_an_address() -> None:
    text = "please send the parcel that came back last week to Hauptstraße 5 as soon as you can"
    assert not known_address(text)
    assert told_address(text)


def test_the_quick_look_passes_over_texts_without_digits_or_words_of_streets() -> None:
    assert not may_hold_address("Hauptstraße without a number")
    assert not may_hold_address("5 apples")
    assert may_hold_address("ul.Długa 12")
    assert len(address_hint()) < 6_000
