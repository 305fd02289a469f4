"""Plan and evidence in, findings out: pure functions without clock, chance or files."""
