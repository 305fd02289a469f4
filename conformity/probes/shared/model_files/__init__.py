"""Read model files without loading them: what they import, and whether that may be loaded."""
