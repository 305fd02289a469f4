"""A sentence of the tool with names in it, marked so that the words of other languages can be found for it.

Sentences are written in English into the records. A report in another language finds the sentence again in
the catalogue of messages, whose templates are read from the code: see
:mod:`conformity.render.translation`. Most sentences need no mark, because the extraction finds every text of
two words or more; this one is for a single word, and where names read better than expressions.
"""

from __future__ import annotations


def said(template: str, **names: object) -> str:
    """Return the template with the names put in.

    Args:
        template: one whole English sentence, or one word; a literal, so that the extraction can read it.
        names: what stands at ``{name}``; a message itself is translated too.
    """
    return template.format(**names) if names else template
