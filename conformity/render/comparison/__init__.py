"""A comparison of two versions in, its documents out: HTML, Markdown and JSON; nothing is decided here."""
