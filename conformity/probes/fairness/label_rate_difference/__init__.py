"""Shares of favourable labels in groups and the largest difference between them."""
