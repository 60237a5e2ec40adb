"""Limits on the throw-away process that reads what can crash, hang or eat memory.

POSIX has resource limits. Windows has job objects, reached through ctypes; that half was written
from Microsoft's documentation and has never been run.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

CPU_SECONDS = 20
MEMORY = 1 << 30

_EXTENDED_LIMITS = 9
_PROCESS_TIME, _ACTIVE_PROCESS, _PROCESS_MEMORY = 0x2, 0x8, 0x100
_DIE_ON_UNHANDLED_EXCEPTION, _KILL_ON_JOB_CLOSE = 0x400, 0x2000
_TICKS = 10_000_000  # of 100 ns in a second
_job: Any = None  # the limits hold while the handle is open


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("BasicLimitInformation", BasicLimits),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


def confine() -> None:
    """Limit this process's memory, processor time and children. Does what the system can."""
    if sys.platform == "win32":
        _confine_by_job()
    else:
        _confine_by_limits()


def job_limits() -> ExtendedLimits:
    """The limits as Windows takes them."""
    limits = ExtendedLimits()
    basic = limits.BasicLimitInformation
    basic.PerProcessUserTimeLimit = CPU_SECONDS * _TICKS
    basic.ActiveProcessLimit = 1
    basic.LimitFlags = (
        _PROCESS_TIME | _ACTIVE_PROCESS | _PROCESS_MEMORY | _DIE_ON_UNHANDLED_EXCEPTION
        | _KILL_ON_JOB_CLOSE
    )  # fmt: skip
    limits.ProcessMemoryLimit = MEMORY
    return limits


def _confine_by_limits() -> None:
    import resource

    limits = ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS),
              (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0))  # fmt: skip
    for kind, most in limits:
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def _confine_by_job() -> None:
    """Put this process into a job of its own; where that is refused the time-out still stands."""
    global _job  # noqa: PLW0603 - one job for the process's life
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle = ctypes.c_void_p
        kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, ctypes.c_wchar_p)
        kernel.CreateJobObjectW.restype = handle
        kernel.SetInformationJobObject.argtypes = (
            handle, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32,
        )  # fmt: skip
        kernel.AssignProcessToJobObject.argtypes = (handle, handle)
        kernel.GetCurrentProcess.restype = handle
        limits = job_limits()
        _job = kernel.CreateJobObjectW(None, None)
        if _job and kernel.SetInformationJobObject(
            _job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
        ):
            kernel.AssignProcessToJobObject(_job, kernel.GetCurrentProcess())
