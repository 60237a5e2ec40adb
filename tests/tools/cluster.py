"""A Dask cluster on loopback: a scheduler here, workers as processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def missing_dask() -> list[str]:
    """Dask's distributed, where it is not installed."""
    return [] if find_spec("distributed") else ["distributed"]


@contextmanager
def local_cluster(workers: int = 2) -> Iterator[Any]:
    """The cluster; its scheduler's address is ``scheduler_address``."""
    import warnings

    from distributed import LocalCluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ports that others have
        running = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            scheduler_kwargs={"dashboard": False},
            silence_logs=50,
            memory_limit=0,
        )
    try:
        yield running
    finally:
        running.close()


@contextmanager
def scheduler_process(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process of a scheduler with one worker, both processes of their own."""
    told = folder / "scheduler.json"
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"distributed.cli.dask_{name}",
                "--scheduler-file",
                told,
                *options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name, options in (
            ("scheduler", ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]),
            ("worker", ["--nthreads", "1", "--no-nanny", "--no-dashboard"]),
        )
    ]
    try:
        while not told.exists() or not told.read_bytes().endswith(b"}"):
            assert started[0].poll() is None
            time.sleep(0.05)
        yield json.loads(told.read_bytes())["address"], started[0]
    finally:
        for each in started:
            each.kill()
            each.wait()
