"""Assessment and evidence in, documents out; a format is a view and decides nothing."""
