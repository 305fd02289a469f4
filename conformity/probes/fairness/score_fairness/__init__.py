"""Gaps between groups in how well scores rank cases, how high they are, and how true they come."""
