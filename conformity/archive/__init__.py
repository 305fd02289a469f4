"""Packs: the folder an assessment leaves behind, whole or not at all."""
