"""Everything that the tool itself says, collected for translators: from words, law, probes and code."""
