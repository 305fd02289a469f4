"""What a table holds, and where it holds nothing: rows, gaps, repetitions, groups."""
