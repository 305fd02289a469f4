"""The parts of the stand-alone verifier: standard library alone, Python 3.9 or later.

:mod:`conformity.archive.standalone.assemble` joins them to the one file that an auditor takes along.
`conformity verify` reads folders, PDFs and JSON with the same parts, and adds what only an installation can
tell.
"""
