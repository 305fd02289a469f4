"""What a change of the decisions did to the gaps between groups, and to accuracy, on the same rows."""
