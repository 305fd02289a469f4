"""Accuracy of predicted classes: overall, per class and per group, with the confusion counts."""
