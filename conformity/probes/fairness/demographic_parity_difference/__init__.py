"""Largest difference between two groups' selection rates."""
