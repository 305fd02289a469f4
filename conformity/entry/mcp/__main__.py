"""Serve on standard input and output: ``python -m conformity.entry.mcp``."""

from conformity.entry.mcp import main

if __name__ == "__main__":
    main()
