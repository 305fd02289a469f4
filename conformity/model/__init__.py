"""Frozen values that every stage shares; no value here reads, writes or computes on data."""
