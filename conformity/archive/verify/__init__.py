"""What an installation can tell beyond the bytes of a folder: signatures, seals, time-stamps, commits."""
