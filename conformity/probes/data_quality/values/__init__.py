"""Cells that cannot be right, and numbers far from the others."""
