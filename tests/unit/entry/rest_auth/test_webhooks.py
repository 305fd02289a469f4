"""Others are told that a run has ended: signed, once it has, until they have taken it, and nobody else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformity.entry.jobs.choose import open_engine
from conformity.entry.jobs.interface import JobEngine
from conformity.entry.rest.outgoing import Answered, Outgoing, UnreachableError, send
from conformity.entry.rest.webhooks import Webhooks, sending
from conformity.entry.rest.webhooks.addresses import is_public
from conformity.entry.rest.webhooks.configured import Receiver, ReceiverFile, secret_bytes
from conformity.entry.rest.webhooks.ledger import HOLD_S, Ledger, Message, open_ledger
from conformity.entry.rest.webhooks.messages import message_id
from conformity.entry.rest.webhooks.posting import Network
from conformity.entry.rest.webhooks.sending import WAITS_S
from conformity.errors import ConformityError, UsageError
from conformity.model.run import PromptLogScanRequest, Run
from conformity.settings import Settings
from tests.support.https_here import NAME, Asked, serving_https
from tests.support.tokens import NOW

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
NEXT = "whsec_" + base64.b64encode(b"the secret that comes after it..").decode()
URL = f"https://{NAME}/hook"


@dataclass
class World:
    """An engine of runs, what is to be told, and a receiver that answers as a test says."""

    settings: Settings
    engine: JobEngine
    ledger: Ledger
    statuses: list[int | None] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)
    addresses: list[str] = field(default_factory=lambda: ["93.184.216.34"])
    moment: datetime = NOW

    def webhooks(self, **network: Any) -> Webhooks:
        """Return the webhooks of a server."""
        reached = Network(**{"send": self.send, "resolve": lambda *_: self.addresses, **network})
        return Webhooks(receivers(), self.engine, self.ledger, reached, lambda: self.moment)

    def send(self, request: Outgoing) -> Answered:
        """Note a request, and answer with the next status; None for no answer."""
        self.sent.append(request)
        status = self.statuses.pop(0) if self.statuses else 204
        if status is None:
            raise UnreachableError("no answer")
        return Answered(status, b"")

    def run(self, owner: str = "ci", *, ended: bool = True) -> Run:
        """Return a run; one that has ended was cancelled."""
        assert self.settings.root is not None
        log = self.settings.root / "log.jsonl"
        log.touch()
        run = self.engine.submit(PromptLogScanRequest(log=str(log)), owner=owner, asked_at=NOW)
        return self.engine.cancel(run.id, owner=owner) if ended else run

    def message(self, run: Run) -> Message:
        """Return the message about a run."""
        found = self.ledger.get(message_id(run.id, URL))
        assert found is not None
        return found


def receivers(port: int = 443) -> ReceiverFile:
    """Return one receiver."""
    return ReceiverFile(receivers=(Receiver(host=NAME, port=port, secrets=(SECRET,)),))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return an engine without workers: a run in it waits, or was cancelled."""
    settings = Settings(root=tmp_path, data=tmp_path / "data")
    engine, ledger = open_engine(settings, workers=0), open_ledger(settings)
    yield World(settings, engine, ledger)
    ledger.close()
    engine.close()


def test_a_run_is_told_once_it_has_ended_and_not_again(world: World) -> None:
    hooks, run = world.webhooks(), world.run(ended=False)
    hooks.order(run, hooks.check(URL))
    hooks.order(run, URL)
    assert hooks.sweep() == 0
    assert world.sent == []
    world.engine.cancel(run.id, owner="ci")
    assert [hooks.sweep(), hooks.sweep()] == [1, 0]
    (sent,) = world.sent
    assert (sent.method, sent.address.host, sent.address.target) == ("POST", NAME, "/hook")
    assert sent.connect_to == "93.184.216.34"
    said = json.loads(sent.body or b"")
    assert (said["type"], said["data"]["run"], said["data"]["status"]) == (
        "run.cancelled",
        run.id,
        "cancelled",
    )
    assert set(said["data"]) == {"run", "kind", "status", "asked_at", "ended_at"}
    assert world.message(run).state == "sent"


def test_the_signature_is_that_of_standard_webhooks(world: World) -> None:
    """Standard Webhooks, "Signature scheme": v1, HMAC-SHA256 over id.timestamp.body, in Base64."""
    hooks, run = world.webhooks(), world.run()
    both = ReceiverFile(receivers=(Receiver(host=NAME, secrets=(SECRET, NEXT)),))
    hooks = Webhooks(both, world.engine, world.ledger, Network(world.send, lambda *_: world.addresses))
    hooks.order(run, URL)
    hooks.sweep()
    (sent,) = world.sent
    headers = sent.headers
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + (sent.body or b"")
    expected = [
        "v1," + base64.b64encode(hmac.digest(secret_bytes(one), content, hashlib.sha256)).decode()
        for one in (SECRET, NEXT)
    ]
    assert headers["webhook-signature"].split(" ") == expected
    assert headers["webhook-id"].startswith("msg_")


def test_the_example_of_the_specification_is_signed_as_there() -> None:
    """The example in the reference libraries of Standard Webhooks (their tests of ``sign``)."""
    from conformity.entry.rest.webhooks.messages import headers_of

    headers = headers_of(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        datetime.fromtimestamp(1614265330, tz=NOW.tzinfo),
    )
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_not_taken_is_sent_again_later_and_at_last_given_up(world: World) -> None:
    hooks, run = world.webhooks(), world.run()
    hooks.order(run, URL)
    world.statuses = [500, None, 302, 404, 429, 503, 500, 500]
    for wait in WAITS_S:
        assert hooks.sweep() == 1
        world.moment += timedelta(seconds=wait - 1)
        assert hooks.sweep() == 0
        world.moment += timedelta(seconds=1)
    assert world.message(run).state == "pending"
    assert hooks.sweep() == 1
    assert world.message(run).state == "given_up"
    world.moment += timedelta(days=30)
    assert hooks.sweep() == 0
    assert len({one.headers["webhook-id"] for one in world.sent}) == 1
    assert len({one.headers["webhook-timestamp"] for one in world.sent}) == len(WAITS_S) + 1


def test_whoever_does_not_answer_holds_the_others_up_once(world: World) -> None:
    hooks = world.webhooks()
    for _ in range(3):
        hooks.order(world.run(), URL)
    world.statuses = [None]
    assert [hooks.sweep(), hooks.sweep()] == [1, 2]
    assert len(world.sent) == 3


def test_whoever_is_gone_is_not_asked_again(world: World) -> None:
    hooks, run = world.webhooks(), world.run()
    hooks.order(run, URL)
    world.statuses = [410]
    hooks.sweep()
    assert world.message(run).state == "given_up"


def test_nothing_is_lost_when_the_server_dies_while_it_sends(world: World) -> None:
    run = world.run()

    def killed(_: Outgoing) -> Answered:
        raise KeyboardInterrupt

    dying = world.webhooks(send=killed)
    dying.order(run, URL)
    with pytest.raises(KeyboardInterrupt):
        dying.sweep()
    other = world.webhooks()
    assert other.sweep() == 0  # It could still be sent by the first.
    world.moment += timedelta(seconds=HOLD_S)
    assert other.sweep() == 1
    assert world.message(run).state == "sent"


def test_of_several_servers_one_sends(world: World) -> None:
    run = world.run()
    first, second = world.webhooks(), world.webhooks()
    assert world.ledger.get(message_id(run.id, URL)) is None
    first.order(run, URL)
    message = world.message(run)
    now = int(NOW.timestamp())
    taken = world.ledger.take(message, now)
    assert taken is not None
    assert world.ledger.take(message, now) is None
    assert second.sweep() == 0
    late = world.ledger.take(replace(taken, due_at=now), now)
    assert late is not None
    assert not world.ledger.settle(taken, state="sent", due_at=now)  # Too late: another has it.
    assert world.ledger.settle(late, state="sent", due_at=now)


def test_a_sweep_that_loses_the_race_sends_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks, run = world.webhooks(), world.run()
    hooks.order(run, URL)
    stale = world.ledger.due(int(NOW.timestamp()))
    world.ledger.take(stale[0], int(NOW.timestamp()))
    monkeypatch.setattr(world.ledger, "due", lambda _: stale)
    assert hooks.sweep() == 0
    assert world.sent == []


def test_nothing_goes_to_addresses_that_are_not_public(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    hooks = world.webhooks()
    for addresses in (["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:93.184.216.34"], []):
        world.addresses = addresses
        run = world.run()
        hooks.order(run, URL)
        assert hooks.sweep() == 1
        assert world.message(run).state == "pending"
    assert world.sent == []
    assert "reason=UnreachableError" in caplog.text
    assert SECRET not in caplog.text


def test_the_name_is_looked_up_once_and_the_next_attempt_takes_the_next_address(world: World) -> None:
    looked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        looked.append(f"{host}:{port}")
        return ["93.184.216.34", "1.1.1.1"]

    hooks, run = world.webhooks(resolve=resolve), world.run()
    hooks.order(run, URL)
    world.statuses = [None]
    hooks.sweep()
    world.moment += timedelta(seconds=WAITS_S[0])
    hooks.sweep()
    assert looked == [f"{NAME}:443"] * 2
    assert [one.connect_to for one in world.sent] == ["93.184.216.34", "1.1.1.1"]


def test_a_receiver_that_is_no_longer_allowed_is_not_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    hooks, run = world.webhooks(), world.run()
    hooks.order(run, "https://other.example.org/hook")
    assert hooks.sweep() == 1
    assert world.sent == []
    assert "reason=NotAllowed" in caplog.text


def test_a_message_about_no_run_is_dropped_after_a_day(world: World) -> None:
    hooks, run = world.webhooks(), world.run()
    stranger = run.model_copy(update={"owner": "other"})
    hooks.order(stranger, URL)
    assert hooks.sweep() == 0
    assert world.message(run).state == "pending"
    world.moment += timedelta(days=1, seconds=1)
    assert hooks.sweep() == 0
    assert world.message(run).state == "given_up"
    assert world.sent == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/hook",
        "https://hooks.example.org:8443/hook",
        "https://other.example.org/hook",
        "https://hooks.example.org.evil.example/hook",
        "https://hooks.example.org@evil.example/hook",
        "https://127.0.0.1/hook",
        URL + "x" * 2000,
        "",
    ],
    ids=lambda url: str(url)[:50],
)
def test_only_receivers_may_be_named(world: World, url: str) -> None:
    with pytest.raises(UsageError):
        world.webhooks().check(url)


def test_a_real_receiver_is_told(world: World) -> None:
    """The policy on addresses is opened in code, which no setting can do."""

    def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        return (204 if asked.path == "/hook" else 404), {}, b""

    with serving_https(answer) as here:
        network = Network(
            partial(send, context=here.trust), lambda *_: ["127.0.0.1"], lambda one: one == "127.0.0.1"
        )
        hooks = Webhooks(receivers(here.port), world.engine, world.ledger, network, lambda: NOW)
        run = world.run()
        hooks.order(run, hooks.check(f"https://{NAME}:{here.port}/hook"))
        assert hooks.sweep() == 1
        (asked,) = here.asked
        assert asked.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
        assert asked.headers["host"] == f"{NAME}:{here.port}"
        closed = Webhooks(
            receivers(here.port), world.engine, world.ledger, replace(network, allowed=is_public)
        )
        closed.order(world.run(), f"https://{NAME}:{here.port}/hook")
        closed.sweep()
        assert len(here.asked) == 1


def test_a_server_sends_by_itself_for_as_long_as_it_lives(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sending, "_LOOK_S", 0.01)
    hooks, run = world.webhooks(), world.run()
    hooks.order(run, URL)
    due: Callable[..., list[Message]] = world.ledger.due
    faults: list[Exception] = [ConformityError("gone"), RuntimeError("secret")]

    def faulty(now: int) -> list[Message]:
        if faults:
            raise faults.pop(0)
        return due(now)

    monkeypatch.setattr(world.ledger, "due", faulty)

    async def live() -> None:
        async with hooks.life():
            while not world.sent:
                await asyncio.sleep(0.005)

    asyncio.run(asyncio.wait_for(live(), 20))
    assert "webhooks_not_swept reason=RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_sweep_stops_when_the_server_does(world: World) -> None:
    import threading

    hooks = world.webhooks()
    hooks.order(world.run(), URL)
    stop = threading.Event()
    stop.set()
    assert hooks.sweep(stop) == 0
    assert hooks.sweep() == 1
