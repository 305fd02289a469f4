"""Assessment and evidence in, files for other programs out; each is a view and decides nothing.

What the report withholds is withheld here as well: every figure and every sentence of the tool comes through
:mod:`~conformity.render.exports.material`. Only a requirement that is ``met`` is ever told as passed.
"""
