"""Files handed in become typed values: a manifest, paths inside its folder, digests of what lies there.

Input: the bytes of a manifest and the files it names. Output: a
:class:`~conformity.intake.manifest.LoadedManifest` and one
:class:`~conformity.model.evidence.SubjectRecord` for each subject and exhibit. Invariant: what is
returned was understood completely; anything else raises an :class:`~conformity.errors.InputError`
that says where in the manifest the trouble is.
"""
