"""Tables in, tallies out: the only code that opens a data file."""
