"""Scores of evaluations that Inspect made."""
