"""The only place where stages meet: one function for each operation, the same for every entry.

``assessing`` goes the whole path from a manifest to a pack, ``drafting`` writes a manifest from data,
``knowing`` asks the catalogue, ``scanning`` runs one module alone.
"""
