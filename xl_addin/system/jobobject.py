"""Limits on a process on Windows: a job object, reached through ctypes.

Written from Microsoft's documentation. Wine takes the limits and enforces none: at work they were never seen.
"""

from __future__ import annotations

import ctypes
import sys

from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_EXTENDED_LIMITS = 9
LIMITS = {
    "PROCESS_TIME": 0x2,
    "ACTIVE_PROCESS": 0x8,
    "PROCESS_MEMORY": 0x100,
    "DIE_ON_UNHANDLED_EXCEPTION": 0x400,
    "KILL_ON_JOB_CLOSE": 0x2000,
}
"""JOB_OBJECT_LIMIT_ flags."""
_ALL = sum(LIMITS.values())
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


def job_limits(memory: int, cpu_seconds: int, flags: int = _ALL) -> ExtendedLimits:
    """The limits as Windows takes them: bytes, seconds, and no further process."""
    limits = ExtendedLimits()
    basic = limits.BasicLimitInformation
    basic.PerProcessUserTimeLimit = cpu_seconds * _TICKS
    basic.ActiveProcessLimit = 1
    basic.LimitFlags = flags
    limits.ProcessMemoryLimit = memory
    return limits


def confine(memory: int, cpu_seconds: int) -> list[str]:
    """Put this process into a job of its own; which limits Windows refused.

    Within another job, as some launchers and services have it, it may refuse all of them.
    """
    global _job  # noqa: PLW0603 - one job for the process's life
    refused: list[str] = []
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle = ctypes.c_void_p
        kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, ctypes.c_wchar_p)
        kernel.CreateJobObjectW.restype = handle
        kernel.SetInformationJobObject.argtypes = (
            handle,
            ctypes.c_int,
            ctypes.c_void_p,
            ctypes.c_uint32,
        )
        kernel.AssignProcessToJobObject.argtypes = (handle, handle)
        kernel.GetCurrentProcess.restype = handle
        _job = kernel.CreateJobObjectW(None, None)
        taken = 0
        for name, flag in LIMITS.items():
            limits = job_limits(memory, cpu_seconds, taken | flag)
            if _job and kernel.SetInformationJobObject(
                _job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
            ):
                taken |= flag
            else:
                refused.append(name)
        if not taken or not kernel.AssignProcessToJobObject(_job, kernel.GetCurrentProcess()):
            return list(LIMITS)
    return refused
