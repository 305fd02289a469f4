"""Rows that are equal in all features and labelled differently."""
