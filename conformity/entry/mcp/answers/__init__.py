"""Short, typed answers: a chat gets the essence and links, never the whole report.

In: records of the pipeline. Out: results of at most 4 kB, text and structure together. Invariant: what is cut
is counted, with the call that gives the rest.
"""
