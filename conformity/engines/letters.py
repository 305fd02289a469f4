"""Letters, as every engine's regular expressions take them: they have no class of letters in common."""

from __future__ import annotations

LETTER = "A-Za-zÀ-ÖØ-öø-žȘ-țΆ-ώЀ-џἀ-ῼ"
"""The letters of the Union's languages, for use inside a character class."""

UPPER = "A-ZÀ-ÖØ-ÞĀ-žȘȚΆ-ΫЀ-Я"
"""Those of them that begin a name, for use inside a character class.

Among ``Ā`` to ``ž`` capital and small letters take turns; all of them are let through, since a long list
makes expressions slow.
"""
