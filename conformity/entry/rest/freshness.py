"""Whether a client has something already, by its entity tag.

Source:
    RFC 9110, section 8.8.3 (ETag) and section 13.1.2 (If-None-Match).
"""

from __future__ import annotations

import re

_TAG = re.compile(r'(?:W/)?("[!#-~\x80-\xff]*")')


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Tell whether one of the tags that a client has is the present one; weak comparison.

    >>> is_known('"1", W/"2"', '"2"'), is_known("*", '"2"'), is_known(None, '"2"')
    (True, True, False)

    Args:
        if_none_match: the header ``If-None-Match``.
        etag: the present tag, in quotes.
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)
