"""Gaps between groups in the size and the direction of errors of predicted numbers."""
