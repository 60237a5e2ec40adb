"""Mutants of what returns come in: archives, mails, Outlook's own files and the formats beside .xlsx.

    python -m tests.tools.container_mutants [COUNT [SEED [KIND...]]]

Nothing may be raised, whatever the bytes are; a return that is accepted must have the figures that were typed,
where a checksum of the container protects them; and what still is an archive tells of something in it. Read in
this process, so that thousands take minutes: what a reader takes is bounded as in the throw-away ones.
"""

from __future__ import annotations

import contextlib
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

from tests.data.make_mails import tnef, zipped
from tests.tools import forms
from tests.tools.archives import rar4, rar5, seven
from tests.tools.fuzz import Chance, mutate_bytes
from tests.tools.mails import letter
from tests.tools.msg import compound_file, message
from xl_addin.formats import archives, rar, registry
from xl_addin.formats.registry import FormatReader
from xl_addin.judging.assess import assess
from xl_addin.mail.read_in_child import _read_or_explain
from xl_addin.model.filetypes import CANNOT_READ
from xl_addin.model.records import ACCEPTED
from xl_addin.system.errors import Unreadable
from xl_addin.system.sandbox import MEMORY_BYTES

RETURNS = Path(__file__).parents[1] / "data" / "returns"
NAME = "回报.xlsx"
_SAYS = 400
MEMORY, SECONDS = 400 << 20, 20
"""What no file that arrives may take."""


def _of(*names: str) -> Callable[[bytes], list[bytes]]:
    return lambda _: [(RETURNS / name).read_bytes() for name in names]


class Kind(NamedTuple):
    """Seeds made of a good return; ``checked`` where its figures cannot change unseen."""

    seeds: Callable[[bytes], list[bytes]]
    checked: bool = True
    parts: str = ""


KINDS = {
    "zip": Kind(lambda book: [zipped((NAME, book)), _packed(book, zipfile.ZIP_LZMA)]),
    "bzip2": Kind(lambda book: [_packed(book, zipfile.ZIP_BZIP2)]),
    "7z": Kind(lambda book: [seven((NAME, book), ("说明.txt", b"x"))]),
    "rar": Kind(lambda book: [rar4((NAME, book)), rar5((NAME, book), ("说明.txt", b"x"))]),
    "nested": Kind(
        lambda book: [
            rar5(("里.zip", zipped((NAME, book)))),
            zipped(("里.7z", seven((NAME, book)))),
            letter("a@d.test", ("里.zip", zipped(("又.rar", rar4((NAME, book)))))),
        ]
    ),
    "eml": Kind(
        lambda book: [
            letter("a@d.test", (NAME, book)),
            letter("a@d.test", ("原信.eml", letter("b@d.test", (NAME, book)))),
        ]
    ),
    "msg": Kind(lambda book: [compound_file(message(files=[(NAME, book)]))]),
    "tnef": Kind(lambda book: [letter("a@d.test", ("winmail.dat", tnef((NAME, book))))]),
    "xls": Kind(_of("libreoffice.xls", "sheetjs.xls", "wps.et"), checked=False),
    "xlsb": Kind(_of("sheetjs.xlsb")),
    "ods": Kind(_of("libreoffice.ods", "sheetjs.ods")),
    "xlsb parts": Kind(_of("sheetjs.xlsb"), checked=False, parts=".bin"),
    "ods parts": Kind(_of("libreoffice.ods", "sheetjs.ods"), checked=False, parts=".xml"),
    "text": Kind(
        _of("libreoffice.fods", "script-gbk.xls", "libreoffice.html", "sheetjs.csv"), checked=False
    ),
}
"""Whose bytes are changed; with ``parts``, those of one part that is packed soundly again."""


def _packed(book: bytes, method: int) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(NAME, book)
    return out.getvalue()


def _change(chance: Chance, data: bytes) -> bytes:
    """Bytes changed anywhere, or where a container says what is in it: at its begin or its end."""
    where = chance.randrange(3)
    if where == 0:
        return mutate_bytes(chance, data)
    if where == 1:
        return mutate_bytes(chance, data[:_SAYS]) + data[_SAYS:]
    return data[:-_SAYS] + mutate_bytes(chance, data[-_SAYS:])


def _change_part(chance: Chance, data: bytes, suffix: str) -> bytes:
    """One part's bytes changed, packed soundly again."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {info: archive.read(info) for info in archive.infolist()}
    chosen = chance.choice([i for i, part in parts.items() if part and i.filename.endswith(suffix)])
    parts[chosen] = mutate_bytes(chance, parts[chosen])
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, part in parts.items():
            archive.writestr(info.filename, part)
    return out.getvalue()


def _netted(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """As the throw-away process does with what its reader raises."""

    def netted(data: bytes) -> Any:
        try:
            return read(data)
        except Unreadable:
            raise
        except Exception as error:
            raise Unreadable("damaged", CANNOT_READ) from error

    return netted


@contextlib.contextmanager
def in_this_process() -> Iterator[None]:
    """Without a process for each, which takes ten times as long."""
    here = {kind: reader._replace(apart=None) for kind, reader in registry.READERS.items()}
    apart = {reader.module for reader in registry.READERS.values() if reader.apart is not None}
    plain = registry._module

    def module(reader: FormatReader) -> Any:
        found = plain(reader)
        return SimpleNamespace(read=_netted(found.read)) if reader.module in apart else found

    with (
        mock.patch.dict(registry.READERS, here),
        mock.patch.object(registry, "_module", module),
        mock.patch.object(archives, "extract_files", lambda *given: [*rar._extract(*given)]),
    ):
        yield


def verdicts(data: bytes, *, is_mail: bool) -> Iterator[str]:
    """What a fetch or a folder would come to, piece by piece. AssertionError where something is wrong."""
    if is_mail:
        mail = _read_or_explain(data)
        faults = [mail.fault, *(part.fault for part in mail.parts)]
        assert not any(faults), next(filter(None, faults))
        if mail.flaw or not mail.files:
            yield "told" if mail.flaw else "no file"
        for part in mail.files:
            yield from verdicts(part.data, is_mail=False)
        return
    inside = archives.expand_archive(data) if archives.is_archive(data) else []
    for file in inside:
        assert file.data is not None or file.why, "no reason"
        yield "told" if file.data is None else _judged(file.data)
    if not inside:  # one that cannot be taken apart is told as a whole
        yield _judged(data)


def _judged(data: bytes) -> str:
    judged = assess(data, NAME, forms.context())
    fault = [p.message for p in judged.problems if p.code == "program-fault"]
    assert not fault, fault
    if judged.verdict != ACCEPTED:
        return judged.verdict
    right = {figure.indicator: figure.value for figure in judged.figures} == forms.GOOD
    return "as typed" if right else "otherwise"


class Found(NamedTuple):
    """Verdicts, what was wrong with its bytes, the longest time and the largest memory that one took."""

    said: Counter[str]
    wrong: list[tuple[str, bytes]]
    seconds: float
    peak: int


@in_this_process()
def run(name: str, count: int, seed: int) -> Found:
    """Read so many mutants of a kind."""
    kind, chance = KINDS[name], random.Random(f"{name} {seed}")
    bases = kind.seeds(forms.fill_form())
    is_mail = not archives.is_archive(bases[-1]) and name in {"eml", "msg", "tnef", "nested"}
    said, wrong, slowest, most = Counter[str](), [], 0.0, 0
    for _ in range(count):
        base = chance.choice(bases)
        data = _change_part(chance, base, kind.parts) if kind.parts else _change(chance, base)
        _forget_peak()
        begun, held = time.process_time(), _memory("VmRSS:")
        try:
            what = [*verdicts(data, is_mail=is_mail and not archives.is_archive(base))]
            said.update(what)
            if kind.checked and "otherwise" in what:
                wrong.append(("accepted otherwise than typed", data))
        except Exception as error:  # whatever comes out of a reader
            wrong.append((repr(error)[:2_000], data))
        took, peak = time.process_time() - begun, _memory("VmHWM:") - held
        if took > SECONDS or peak > MEMORY:
            wrong.append((f"{took:.0f} s, {peak >> 20} MiB", data))
        slowest, most = max(slowest, took), max(most, peak)
    return Found(said, wrong, slowest, most)


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _memory(of: str) -> int:
    """What this process holds, in bytes: other tests may have left it with much."""
    own = Path("/proc/self/status")
    return 1024 * int(own.read_text().split(of)[1].split()[0]) if own.exists() else 0


def main(count: int, seed: int, names: list[str]) -> None:
    """Print what came out of each kind; what was wrong is kept as files."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY_BYTES, 2 * MEMORY_BYTES))
    for name in names or KINDS:
        found = run(name, count, seed)
        said = ", ".join(f"{times} {what}" for what, times in found.said.most_common())
        print(
            f"{name}: {count} mutants, {len(found.wrong)} wrong, {found.seconds:.1f} s,"
            f" {found.peak >> 20} MiB; {said}",
            flush=True,
        )
        for number, (why, data) in enumerate(found.wrong[:20]):
            path = Path(f"mutant-{name}-{seed}-{number}".replace(" ", "-"))
            path.write_bytes(data)
            print(f"  {path}: {why}")


if __name__ == "__main__":
    words = sys.argv[1:]
    main(int((words or ["1000"])[0]), int((words[1:] or ["1"])[0]), words[2:])
