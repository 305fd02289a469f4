"""The REST API: runs, reports and the law over HTTP; each route parses, calls the pipeline, and answers.

``app`` puts it together, ``problems`` words every error, ``service`` is what routes are given. The server
imports no analysis library: what measures or renders is done by a worker or in a process of its own.
"""
