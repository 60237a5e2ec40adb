"""Processes on other machines, by Dask's distributed: as an executor of ``concurrent.futures``.

Whoever reaches its scheduler can run what he likes there, on the workers and in the programs that connect: it
belongs into a network of trusted machines, or behind TLS with certificates of both sides (``tls://``, set up by
Dask's own configuration).
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xl_addin import __version__
from xl_addin.system import held
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_CONNECT, _LOOK, _LONELY = 5, 1, 10
"""Seconds: until a scheduler has to answer, between two looks at it, and with nobody at work until nobody waits."""
_INSTALL = "请在这台电脑上运行 python -m pip install 'xl-addin[cluster]'，或者不写 --cluster"


class ClusterGone(Exception):
    """Nobody is there any more to do the work."""


class Cluster:
    """The workers of one scheduler, all of this version. ``notices`` are sentences on what they could not do."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address
        self._executor: Any = None
        self._lonely: float | None = None
        self._gone = False
        self._told: dict[str, None] = {}
        self.threads = 0

    @property
    def notices(self) -> tuple[str, ...]:
        """What is said of what this computer had to do itself."""
        return tuple(self._told)

    def note(self, says: str) -> None:
        """Say it, once."""
        self._told[f"集群 {self._address}：{says}"] = None

    @contextmanager
    def at(self, folder: str) -> Iterator[str]:
        """A sign in a folder by which workers tell that they look at this one; "" where none does.

        Work goes to those alone.
        """
        sign = Path(folder) / f"cluster.{secrets.randbits(62)}.tmp"
        held.create(sign).close()
        try:
            blind = {
                worker
                for worker, sees in self._ask(sees_sign, str(sign)).items()
                if sees is not True
            }
            seeing = {
                worker: count
                for worker, count in self._client.nthreads().items()
                if worker not in blind
            }
            for worker in sorted(blind):
                self.note(
                    f"工作机 {_host(worker)} 看不到 {folder}，没有用它；请在那台机器上把这个文件夹挂到同样的路径"
                )
            self.threads = sum(seeing.values())
            # By host, because a worker that is started again has another port.
            hosts = {_host(worker) for worker in seeing} - {_host(worker) for worker in blind}
            where = [each for each in seeing if _host(each) not in hosts]
            self._executor = self._client.get_executor(
                workers=[*sorted(hosts), *where], allow_other_workers=True, pure=False
            )
            yield str(sign) if seeing else ""
        finally:
            with suppress(OSError):
                held.unlink(sign)

    def share(self, value: object) -> Any:
        """Something that all work needs, sent once."""
        [there] = self._client.scatter(
            [value], broadcast=True, hash=False
        )  # of a tuple it would be each part
        return there

    def submit(self, work: Callable[..., bytes], *given: object) -> _Watched:
        """As ``concurrent.futures`` has it. Work whose worker ends is given to another."""
        try:
            future = None if self._gone else self._executor.submit(work, *given)
        except Exception:  # whatever of Dask's it is: the scheduler is not to be had
            future = None
        return _Watched(self, future)

    def look(self) -> None:
        """Raises ClusterGone where nobody is left to wait for.

        Workers that were started again are there and may do nothing: with the last one that had what all work
        needs the scheduler forgets the work itself, and whoever gave it waits for ever.
        """
        if not self._gone:
            try:
                busy = self._client.status == "running" and any(self._client.processing().values())
            except Exception:
                busy = False
            now = time.monotonic()
            self._lonely = None if busy else self._lonely or now
            closed = self._client.status != "running"
            self._gone = closed or (self._lonely is not None and now - self._lonely > _LONELY)
        if self._gone:
            raise ClusterGone

    def _ask(self, question: Callable[..., object], *given: object) -> dict[str, object]:
        answers: dict[str, object] = self._client.run(question, *given, on_error="return")
        return answers

    def check_versions(self) -> None:
        """Refused where a worker has another version of this program, or none, or there is no worker."""
        try:
            self._client.wait_for_workers(1, timeout=_CONNECT)
        except TimeoutError as error:
            says = "调度程序在，但没有一台工作机；请先启动工作机（dask worker 地址）再运行"
            raise Refused(f"集群 {self._address}：{says}") from error
        for worker, version in sorted(self._ask(version_here).items()):
            if version != __version__:
                has = (
                    f"装的是 xl-addin {version}" if isinstance(version, str) else "没有装 xl-addin"
                )
                raise Refused(
                    f"集群 {self._address}：工作机 {_host(worker)} {has}，这台电脑是 {__version__}；"
                    "请装成同一个版本、重新启动工作机后再运行"
                )


class _Watched:
    """What a cluster was given to do."""

    def __init__(self, cluster: Cluster, future: Any) -> None:
        self._cluster, self._future = cluster, future

    def result(self) -> bytes:
        """What it came to. Raises ClusterGone, or what ended the work."""
        try:
            return self._wait()
        except ClusterGone:
            self._cluster.note("断开了，余下的由这台电脑做完；请检查调度程序和工作机")
            raise
        except Exception:
            self._cluster.note("有一部分没有做完（工作机中断），那一部分由这台电脑做完了")
            raise

    def _wait(self) -> bytes:
        if self._future is None:
            raise ClusterGone
        while True:
            try:
                found: bytes = self._future.result(timeout=_LOOK)
            except TimeoutError:
                if self._future.done():
                    raise
                self._cluster.look()
            else:
                return found


@contextmanager
def open_cluster(address: str) -> Iterator[Cluster]:
    """The cluster whose scheduler has this address. Refused where it cannot be used."""
    try:
        import distributed

        connect: Callable[..., Any] = distributed.Client
    except ImportError as error:
        raise Refused(f"--cluster 要用 Dask，这台电脑没有安装；{_INSTALL}") from error
    import logging

    # What it has to say is said in Chinese, and once.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = connect(address, timeout=_CONNECT, set_as_default=False, name="xl-addin")
    except Exception as error:
        raise Refused(
            f"集群 {address}：连不上；请核对地址（例如 tcp://192.168.1.10:8786）和网络，"
            "以及调度程序（dask scheduler）是否在运行"
        ) from error
    try:
        cluster = Cluster(client, address)
        cluster.check_versions()
        yield cluster
    finally:
        with suppress(Exception):
            client.close(timeout=_CONNECT)


def version_here() -> str:
    """The version of this program. Runs on a worker."""
    return __version__


def sees_sign(sign: str) -> bool:
    """Whether a file is here. Runs on a worker."""
    return os.path.exists(sign)  # noqa: PTH110 - as it was said


def _host(worker: str) -> str:
    return worker.partition("://")[2].rpartition(":")[0]
