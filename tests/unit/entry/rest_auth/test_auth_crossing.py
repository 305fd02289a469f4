"""Pages of other sites cannot use the server through the browser of somebody on this machine."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from conformity.entry.rest.auth.crossing import crossed

HOST = "127.0.0.1:8321"


def refused(method: str, *, is_open: bool = True, **headers: str) -> bool:
    """Tell whether a request with these headers is refused."""
    named = {name.replace("_", "-"): value for name, value in {"host": HOST, **headers}.items() if value}
    return crossed(method, Headers(named), is_open=is_open) is not None


@pytest.mark.parametrize("host", [HOST, "127.0.0.1", "localhost:80", "LOCALHOST", "[::1]:8321", "127.9.9.9"])
def test_this_machine_answers_to_its_own_names(host: str) -> None:
    assert not refused("GET", host=host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.org",
        "evil.example.org:8321",
        "127.0.0.1.evil.example.org",
        "localhost.evil.example.org",
        "evil.example.org@127.0.0.1",
        "127.0.0.1/x",
        "127.0.0.1:x",
        "127.0.0.1:0",
        "0.0.0.0:8321",
        "192.168.0.5",
        "[::",
        "",
    ],
)
def test_other_names_that_lead_to_this_machine_are_refused_while_nobody_is_asked_for_a_key(host: str) -> None:
    """DNS rebinding: a page whose name is made to lead here is of the same origin for the browser."""
    assert refused("GET", host=host)
    assert not refused("GET", is_open=False, host=host)


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_pages_can_change_nothing(method: str, is_open: bool) -> None:
    for site in ("cross-site", "same-site"):
        assert refused(method, is_open=is_open, sec_fetch_site=site)
        assert refused(method, is_open=is_open, sec_fetch_site=site, sec_fetch_mode="navigate")
    for origin in (
        "https://evil.example.org",
        "null",
        "http://127.0.0.1:3000",
        "http://localhost:8321",
        "file://",
        "http://[",
        "http://127.0.0.1:x",
    ):
        assert refused(method, is_open=is_open, origin=origin)
    for origin in (f"http://{HOST}", f"https://{HOST}"):
        assert not refused(method, is_open=is_open, origin=origin)
        assert not refused(method, is_open=is_open, origin=origin, sec_fetch_site="same-origin")
    assert not refused(method, is_open=is_open)


def test_the_usual_port_may_be_left_out() -> None:
    assert not refused("POST", is_open=False, host="server.example.org", origin="https://server.example.org")
    assert not refused(
        "POST", is_open=False, host="server.example.org:443", origin="https://server.example.org"
    )


def test_other_pages_can_lead_here_but_take_nothing_in() -> None:
    for site in ("cross-site", "same-site"):
        assert refused("GET", sec_fetch_site=site, sec_fetch_mode="no-cors", sec_fetch_dest="image")
        assert refused("GET", sec_fetch_site=site, sec_fetch_mode="cors", sec_fetch_dest="empty")
        assert refused("GET", sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="iframe")
        assert not refused("GET", sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="document")
    assert not refused("GET", sec_fetch_site="same-origin", sec_fetch_mode="cors")
    assert not refused("GET", sec_fetch_site="none", sec_fetch_mode="navigate", sec_fetch_dest="document")


def test_whoever_shows_a_key_is_no_page_of_another_site() -> None:
    evil = "https://evil.example.org"
    assert not refused("POST", is_open=False, origin=evil, authorization="Bearer cfk_x")
    assert refused("POST", host="evil.example.org", authorization="Bearer cfk_x")
