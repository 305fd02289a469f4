"""Hand out the verifier that needs no installation."""

from __future__ import annotations

from pathlib import Path

from conformity.archive.standalone.assemble import standalone, standalone_digest
from conformity.errors import PathError
from conformity.pipeline.shared import check_output
from conformity.settings import Settings


def hand_out(file: Path | None, settings: Settings) -> str:
    """Return the digest of the stand-alone verifier; it is written to a new file first, if one is named.

    Args:
        file: where; None to tell the digest alone.
        settings: with the root that nothing may leave.

    Raises:
        PathError: the file exists, lies outside the root, or cannot be written.
    """
    if file is not None:
        check_output(file.absolute(), settings.root)
        try:
            with file.open("xb") as out:
                out.write(standalone())
        except OSError as error:
            raise PathError(
                f"{file} could not be written ({error.strerror or error}); name a new file in a folder "
                "that you may write."
            ) from error
    return standalone_digest()
