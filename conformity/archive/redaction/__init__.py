"""Copies without what is withheld: what is taken out, and what is committed to about it."""
