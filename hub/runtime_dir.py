"""A short directory of this user alone, for sockets and announcements; gone with the machine's next start.

`$XDG_RUNTIME_DIR/probe-patrol`, else `/tmp/probe-patrol-<uid>`. Never followed through a link, never shared: in /tmp
another user may have made the name first.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from hub.errors import ErrorKind, HubError


def runtime_dir() -> Path:
    """The directory, mode 0700, made if need be; raises HubError `hub.data_dir_unusable` where it is not ours."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    if given and Path(given).is_dir() and os.access(given, os.W_OK) and len(given) < 60:
        return private_dir(Path(given) / "probe-patrol")
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return private_dir(Path(tempfile.gettempdir()) / f"probe-patrol-{user}")


def private_dir(path: Path) -> Path:
    """`path` as a directory of mode 0700 that belongs to us; raises HubError INVALID `hub.data_dir_unusable`."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise HubError(ErrorKind.INVALID, "hub.data_dir_unusable", path=str(path), reason="not a directory")
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            raise HubError(ErrorKind.INVALID, "hub.data_dir_unusable", path=str(path), reason="another user's")
        if stat.S_IMODE(status.st_mode) != 0o700:
            path.chmod(0o700)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HubError(ErrorKind.INVALID, "hub.data_dir_unusable", path=str(path), reason=reason) from error
    return path
