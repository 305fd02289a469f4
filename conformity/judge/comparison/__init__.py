"""Two judged versions in, their difference out: pure, and in codes; the words are added when it is shown.

:func:`conformity.judge.comparison.versions.compared` puts the parts together. What a
report of either version withholds is handed in as :class:`~.shown.Telling`, and stays withheld.
"""
