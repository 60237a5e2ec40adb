"""What Wine 8 does otherwise than Windows, put right for whatever this Python runs."""

import errno
import msvcrt

_locking = msvcrt.locking


def locking(handle, mode, count):
    """Wine's C library refuses a lock without saying why."""
    try:
        _locking(handle, mode, count)
    except OSError as error:
        raise PermissionError(error.errno or errno.EACCES, "Permission denied") from None


msvcrt.locking = locking
