"""Command line and servers: parse, call one function of the pipeline, print."""
