"""Measure how soon the REST server is ready, and how long requests take.

Run it by ``python -m tests.benchmarks.bench_rest``.

Goals: ready within 1.2 s of processor time; ``POST /v1/runs`` at most 50 ms in 95 of 100 cases; the first
event of a stream within 200 ms. Requests are sent one after the other over loopback, without a worker: the
runs wait. Each is also given as a multiple of ``GET /healthz``, since machines differ.
"""

from __future__ import annotations

import http.client
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.rest import MANIFEST, YAML
from tests.support.rest_server import RestServer, rest_server

READY_S = 1.2
POST_MS, EVENT_MS = 50, 200
REQUESTS = 200
_TICKS = 100
"""Ticks in a second of processor time, as the kernel counts them (proc_pid_stat(5))."""


def cpu_s(process: int) -> float:
    """Return the processor time that a process has taken, user and system together."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def times_ms(act: Callable[[], object]) -> list[float]:
    """Return how long an act takes each time, in milliseconds, sorted."""
    found = []
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        act()
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def first_event_ms(server: RestServer, name: str) -> float:
    """Return how long the first event of a stream takes, in milliseconds."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", f"/v1/runs/{name}/events")
    answer = connection.getresponse()
    while not answer.readline().startswith(b"data:"):
        pass
    spent = (time.perf_counter() - begun) * 1000
    connection.close()
    return spent


def main() -> int:
    """Print one line each; return 1 when a goal is missed."""
    many = {"CONFORMITY_RUNS_WAITING": "100000"}
    with (
        tempfile.TemporaryDirectory() as folder,
        rest_server(Path(folder), "--workers", "0", **many) as server,
    ):
        server.ask("GET", "/healthz")
        ready = cpu_s(server.process.pid)
        health = times_ms(lambda: server.ask("GET", "/healthz"))
        first = server.ask("POST", "/v1/runs", MANIFEST.encode(), YAML)
        posts = times_ms(lambda: server.ask("POST", "/v1/runs", MANIFEST.encode(), YAML))
        event = statistics.median(first_event_ms(server, first.told["id"]) for _ in range(20))
        used = cpu_s(server.process.pid)
    middle, slow = statistics.median(posts), posts[int(len(posts) * 0.95) - 1]
    base = statistics.median(health)
    print(f"ready            {ready:7.2f} s of processor time   goal {READY_S} s")
    print(f"GET /healthz     {base:7.1f} ms median")
    print(f"POST /v1/runs    {middle:7.1f} ms median ({middle / base:.1f} x)")
    print(f"POST /v1/runs    {slow:7.1f} ms p95   goal {POST_MS} ms")
    print(f"first event      {event:7.1f} ms median   goal {EVENT_MS} ms")
    print(f"in all           {used:7.2f} s of processor time for {2 * REQUESTS} requests")
    return int(ready > READY_S or slow > POST_MS or event > EVENT_MS)


if __name__ == "__main__":
    raise SystemExit(main())
