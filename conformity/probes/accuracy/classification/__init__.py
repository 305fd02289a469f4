"""Accuracy, balanced accuracy, precision, recall, F1 and confusion counts of a binary decision."""
