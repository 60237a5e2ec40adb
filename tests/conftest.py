"""Fixtures of programs that not every machine has, and the rule by which tests skip without them.

With XL_ADDIN_REQUIRE_ALL=1, as in .ci/run, a missing program fails the test instead.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tools import checkups
from tests.tools.mailservers import MailServers, missing_mail
from tests.tools.office import Office, missing_office, uno_python
from tests.tools.postfix import Postfix, missing_postfix
from tests.tools.postoffice import PostOffice
from tests.tools.resave import missing_gnumeric, missing_node
from tests.tools.validator import missing_validator, validate

if TYPE_CHECKING:
    from tests.tools.excel import Excel
    from tests.tools.memoryexcel import MemoryExcel


# Linux's own limits of a process, and its calls made to fail.
collect_ignore = ["hostile", "journeys/test_disks.py"] if sys.platform == "win32" else []


def missing_libarchive() -> list[str]:
    """libarchive, where the system has none that Python's binding finds."""
    try:
        import libarchive  # noqa: F401
    except (ImportError, OSError, TypeError, AttributeError):
        return ["libarchive"]
    return []


_MISSING: dict[str, Callable[[], list[str]]] = {
    "libreoffice": missing_office,
    "node": lambda: [*missing_node(), *missing_validator()],
    "gnumeric": missing_gnumeric,
    "mail": missing_mail,
    "libarchive": missing_libarchive,
    "postfix": lambda: [*missing_mail(), *missing_postfix()],
}
_MARKER_OF = {
    "office": "libreoffice",
    "excel": "libreoffice",
    "validator": "node",
    "servers": "mail",
    "postfix": "postfix",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that takes a program's fixture has its marker, said or not."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _MARKER_OF and not item.get_closest_marker(_MARKER_OF[fixture]):
                item.add_marker(_MARKER_OF[fixture])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail where all is required, for each program that is not here."""
    missing = [
        program
        for marker, look in _MISSING.items()
        if item.get_closest_marker(marker)
        for program in look()
    ]
    if missing:
        reason = f"missing program: {', '.join(missing)}"
        if os.environ.get("XL_ADDIN_REQUIRE_ALL") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """One LibreOffice for the whole run; it starts with the first command."""
    with Office() as running:
        yield running


@pytest.fixture
def excel(office: Office, tmp_path: Path) -> Iterator[Excel]:
    """What xlwings takes for Excel, with no workbook open yet."""
    from xl_addin.master.host.excelapp import import_xlwings

    xlwings = import_xlwings()
    from tests.tools.excel import Excel, install_engine

    running = Excel(office.pipe(), str(uno_python()), tmp_path / "excel.jsonl")
    install_engine(xlwings, running)
    try:
        yield running
    finally:
        running.close()
        xlwings.engines.active = None


@pytest.fixture
def memory_excel(tmp_path: Path) -> Iterator[MemoryExcel]:
    """What xlwings takes for Excel, with workbooks in memory."""
    from xl_addin.master.host.excelapp import import_xlwings

    xlwings = import_xlwings()
    from tests.tools.excel import install_engine
    from tests.tools.memoryexcel import MemoryExcel

    running = MemoryExcel(tmp_path / "excel.jsonl")
    install_engine(xlwings, running)
    yield running
    running.close()
    xlwings.engines.active = None


@pytest.fixture(scope="session")
def validator() -> Callable[[Path], list[str]]:
    """``validator(path)``: the faults that the Open XML SDK finds."""
    return validate


@pytest.fixture(scope="session")
def servers() -> Iterator[MailServers]:
    """Mail servers for the whole run; let each test use addresses of its own."""
    running = MailServers()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def postfix(servers: MailServers) -> Iterator[Callable[..., Postfix]]:
    """``postfix(**rows)``: one with these rows of main.cf, in front of the servers."""
    running: list[Postfix] = []

    def start(size: int = 60 << 20, **rows: str) -> Postfix:
        running.append(Postfix(servers, rows, size))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def mail(servers: MailServers) -> MailServers:
    """What a test delivers to and looks into: the servers, or what its file puts in their place."""
    return servers


@pytest.fixture(scope="session")
def first_month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a programme after its first month, to be copied."""
    return checkups.first_month(tmp_path_factory.mktemp("体检") / "年度 任务")


@pytest.fixture
def postoffice(monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    """Mailboxes in memory behind smtplib and IMAPClient."""
    office = PostOffice()
    office.install(monkeypatch)
    return office


@pytest.fixture(params=["double", pytest.param("servers", marks=pytest.mark.mail)])
def post(request: pytest.FixtureRequest) -> PostOffice | MailServers:
    """Mailboxes in memory, then real servers: one contract, the same tests."""
    name = "postoffice" if request.param == "double" else "servers"
    found: PostOffice | MailServers = request.getfixturevalue(name)
    return found
