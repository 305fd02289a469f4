"""Decisions about groups compared among people alike in the factors that may count."""
