"""Rows of a table that the training table holds too."""
