"""Columns whose values name or number a person."""
