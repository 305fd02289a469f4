"""Which names of hosts are this machine's."""

from __future__ import annotations

import pytest

from conformity.model.hosts import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_loopback(host) is True


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "0.0.0.0", "2001:db8::1", "example.org"])
def test_others_are_not_taken_for_it(host: str) -> None:
    assert is_loopback(host) is False
