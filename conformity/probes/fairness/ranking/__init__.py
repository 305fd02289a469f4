"""Which groups stand at the top of a ranking by score."""
