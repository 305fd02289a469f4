"""Columns whose names speak of special categories of personal data."""
