"""Rates of groups that Fairlearn measured."""
