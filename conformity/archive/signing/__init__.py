"""Signatures: statements over files, keys, seals in PDFs and time-stamps."""
