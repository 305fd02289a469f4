"""Requests over time, and streams at once."""

from __future__ import annotations

import threading

import pytest

from conformity.entry.rest import limits
from conformity.entry.rest.limits import Buckets, Limits, Slots, Taken, limits_of
from conformity.settings import Settings


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds


def test_a_bucket_is_emptied_at_once_and_fills_evenly() -> None:
    clock = Clock()
    buckets = Buckets(60, clock)
    taken = [buckets.take("a") for _ in range(61)]
    assert [one.allowed for one in taken] == [True] * 60 + [False]
    assert taken[0] == Taken(True, 59, 1)
    assert taken[59] == Taken(True, 0, 60)
    assert taken[60] == Taken(False, 0, 1)
    clock.seconds = 0.99
    assert not buckets.take("a").allowed
    clock.seconds = 1.0
    assert buckets.take("a") == Taken(True, 0, 60)
    assert not buckets.take("a").allowed
    clock.seconds = 1000.0
    assert buckets.take("a").left == 59


def test_whoever_must_wait_may_come_then() -> None:
    clock = Clock()
    buckets = Buckets(7, clock)
    for _ in range(7):
        buckets.take("a")
    refused = buckets.take("a")
    assert (refused.allowed, refused.wait_s) == (False, 9)
    clock.seconds += refused.wait_s
    assert buckets.take("a").allowed


def test_callers_do_not_share_a_bucket() -> None:
    buckets = Buckets(1, Clock())
    assert buckets.take("a").allowed
    assert buckets.take("b").allowed
    assert not buckets.take("a").allowed


def test_not_more_names_are_kept_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_NAMES", 4)
    clock = Clock()
    buckets = Buckets(1, clock)
    for name in "abcd":
        assert buckets.take(name).allowed
        clock.seconds += 1
    assert buckets.take("e").allowed  # Five in use: the three used longest ago are forgotten.
    assert not buckets.take("d").allowed
    assert not buckets.take("e").allowed
    assert buckets.take("a").allowed
    clock.seconds += 1000
    for name in "vwxyz":
        assert buckets.take(name).allowed  # The others are full again, and forgotten first.
    assert not buckets.take("z").allowed


def test_slots_are_counted_for_each_caller() -> None:
    slots = Slots(2)
    assert [slots.take("a") for _ in range(3)] == [True, True, False]
    assert slots.take("b")
    slots.give_back("a")
    assert slots.take("a")
    for _ in range(2):
        slots.give_back("a")
    assert [slots.take("a") for _ in range(3)] == [True, True, False]


def test_threads_do_not_take_more_than_there_is() -> None:
    buckets = Buckets(50, Clock())
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.extend(buckets.take("a").allowed for _ in range(20)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 50


def test_the_settings_say_how_many_requests_and_how_large() -> None:
    found = limits_of(Settings(requests_per_minute=7, upload_mb=4))
    assert found == Limits(requests_per_minute=7, body_bytes=20 * 1024 * 1024)
