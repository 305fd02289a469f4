"""The archive in git: versions that come in whole, are chained, and are read back."""
