"""Each group beside a reference group and beside everybody: differences, ratios, tests."""
