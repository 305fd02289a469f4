"""Checks of a data set that Evidently made."""
