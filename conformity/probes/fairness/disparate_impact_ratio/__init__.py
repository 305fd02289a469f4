"""Smallest ratio of two groups' selection rates."""
