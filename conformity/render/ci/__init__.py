"""Assessment in, what code hosts read in a pipeline out: results at lines of the repository, and a comment.

Every text comes through :mod:`~conformity.render.exports.material`; what the report withholds is withheld
here as well. A view decides nothing: what is new, and whether a pipeline fails, is handed in.
"""
