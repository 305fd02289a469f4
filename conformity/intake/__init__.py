"""Files handed in become typed values: manifests are read and drafted, subjects found and digested."""
