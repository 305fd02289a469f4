"""Two folders change places in one moment, so that there is never none where somebody looks."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_HERE = -100
"""``AT_FDCWD``: relative paths begin at the working folder."""
_EXCHANGE = 2
"""``RENAME_EXCHANGE``."""
_NOT_HERE = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM}
"""What a kernel or a file system says that does not know how; a sandbox's filter says ``EPERM``."""


def exchange(one: Path, other: Path) -> bool:
    """Let two paths of one file system change places; return whether this system can.

    Raises:
        OSError: it can, and it failed, such as for a path that is not there.

    Source:
        renameat2(2), Linux 3.15.
    """
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    if not renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in _NOT_HERE:
        return False
    raise OSError(code, os.strerror(code), str(one), None, str(other))
