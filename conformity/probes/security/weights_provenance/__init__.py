"""Whether the files of a model are those that were published and signed."""
