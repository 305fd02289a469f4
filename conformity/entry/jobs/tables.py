"""The tables of the ledger of runs. Texts are kept as ASCII JSON: a database of any encoding will do."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

EDITION = 1
"""Edition of the tables; a database that bears a later one was made by a later version of this program."""

ABOUT = Table("conformity_ledger", METADATA, Column("edition", Integer, primary_key=True))

RUNS = Table(
    "conformity_runs",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner", String(200), nullable=False),
    Column("request", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("message", Text),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("asked_at", String(32), nullable=False),
    Column("changed_at", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    # How often it was taken up, and how often who had taken it up died; an attempt's number is its fence.
    Column("attempts", Integer, nullable=False),
    Column("deaths", Integer, nullable=False),
    # The worker that has it. A run that has ended keeps it until its folder is tidied up.
    Column("worker", String(200)),
    # Whether it was handed to the queue: "no", "yes", or the worker that is handing it over.
    Column("queued", String(200), nullable=False),
    Column("failure", Text),
    Index("conformity_runs_owner", "owner", "number"),
    Index("conformity_runs_status", "status"),
)

EVENTS = Table(
    "conformity_run_events",
    METADATA,
    Column("run", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("message", Text),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
)

WORKERS = Table(
    "conformity_workers",
    METADATA,
    Column("id", String(200), primary_key=True),
    # Beats are counted: whoever looks twice sees whether a heart beats, whatever the clocks say.
    Column("beat", BigInteger, nullable=False),
    Column("at", Float, nullable=False),
)
