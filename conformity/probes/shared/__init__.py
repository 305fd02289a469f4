"""What probes of several domains have in common: pure functions over columns, keys and tallies."""
