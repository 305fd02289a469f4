"""Results that other programs wrote: read within limits, and shown with where they come from."""
