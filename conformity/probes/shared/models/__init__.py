"""Run declared models, whatever their format, on rows that a probe made; for workers only."""
