"""Addresses of Spark Connect servers, which may hold tokens that are never shown."""

from __future__ import annotations


def host_of(address: str) -> str:
    """Return the host and port of a Spark Connect address, without the tokens that may follow it.

    >>> host_of("sc://spark.example:15002/;token=abc")
    'spark.example:15002'
    """
    return address.removeprefix("sc://").split("/")[0].split(";")[0].rpartition("@")[2]
