"""Records in English in, the same records in another language out: only what the tool itself wrote changes.

What the provider wrote, names of columns and groups, numbers, identifiers and digests stay as they are. A
sentence that no message of the catalogue covers stays English; it is never pieced together by guess.
"""
