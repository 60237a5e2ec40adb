"""Fixtures of programs that not every machine has, and the rule by which tests skip without them.

With XL_ADDIN_REQUIRE_ALL=1, as in .ci/run, a missing program fails the test instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tools import checkups
from tests.tools.chromium import Chromium, missing_chromium
from tests.tools.cluster import local_cluster, missing_dask
from tests.tools.comexcel import missing_widl
from tests.tools.mailservers import MailServers, missing_mail
from tests.tools.office import Office, missing_office, uno_python
from tests.tools.postfix import Postfix, missing_postfix
from tests.tools.postgresql import Server, missing_postgresql
from tests.tools.postoffice import PostOffice
from tests.tools.resave import missing_gnumeric, missing_node, node_modules
from tests.tools.systems import ON_WINDOWS
from tests.tools.validator import missing_validator, validate
from xl_addin.services.checkup import windows

if TYPE_CHECKING:
    from distributed import LocalCluster

    from tests.tools.excel import Excel
    from tests.tools.memoryexcel import MemoryExcel
    from tests.tools.wps import Wps


WINDOWS_PYTHON = "XL_ADDIN_WINDOWS_PYTHON"
# Linux's own limits of a process, its calls made to fail, its terminal; what drives Wine from without.
_LINUX_ALONE = ["judging/test_hostile.py", "journeys/test_disks.py", "test_dialogue.py"]
_LINUX_ALONE += ["test_installer.py"]
collect_ignore = _LINUX_ALONE if ON_WINDOWS else []


def missing_libarchive() -> list[str]:
    """libarchive, where the system has none that Python's binding finds."""
    try:
        import libarchive  # noqa: F401
    except (ImportError, OSError, TypeError, AttributeError):
        return ["libarchive"]
    return []


def missing_duckdb() -> list[str]:
    """DuckDB, which is an extra."""
    return [] if find_spec("duckdb") else ["duckdb"]


def missing_windows() -> list[str]:
    """The Windows Python that tests/tools/windows/setup.sh makes, where none is named or it is not there."""
    named = os.environ.get(WINDOWS_PYTHON, "")
    return (
        [] if named and Path(named).is_file() else [f"a Windows Python, named by {WINDOWS_PYTHON}"]
    )


_LINUX: dict[str, Callable[[], list[str]]] = {
    "libreoffice": missing_office,
    "node": lambda: [*missing_node(), *missing_validator()],
    "gnumeric": missing_gnumeric,
    "mail": missing_mail,
    "wine": missing_windows,
    "postfix": lambda: [*missing_mail(), *missing_postfix()],
    "postgresql": missing_postgresql,
}
# Under Wine their files are to be seen.
_MISSING: dict[str, Callable[[], list[str]]] = {
    **({name: lambda: ["a program of Linux"] for name in _LINUX} if ON_WINDOWS else _LINUX),
    "libarchive": missing_libarchive,
    "duckdb": missing_duckdb,
    "windows": lambda: [*missing_office(), *missing_windows(), *missing_widl()],
    "chromium": missing_chromium,
    "dask": missing_dask,
    "typings": lambda: [] if (node_modules() / "wps-jsapi").is_dir() else ["wps-jsapi"],
}
_MARKER_OF = {
    "office": "libreoffice",
    "excel": "libreoffice",
    "validator": "node",
    "servers": "mail",
    "windows_python": "wine",
    "browser": "chromium",
    "postfix": "postfix",
    "postgresql": "postgresql",
    "dask_cluster": "dask",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that takes a program's fixture, or is told its name, has its marker, said or not."""
    for item in items:
        told = getattr(getattr(item, "callspec", None), "params", {}).values()
        names = {*getattr(item, "fixturenames", ()), *(each for each in told if type(each) is str)}
        for fixture in names & _MARKER_OF.keys():
            if not item.get_closest_marker(_MARKER_OF[fixture]):
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
    from tests.tools.excel import Excel

    running = Excel(office.pipe(), str(uno_python()), tmp_path / "excel.jsonl")
    with running.connected():
        yield running


@pytest.fixture
def memory_excel(tmp_path: Path) -> Iterator[MemoryExcel]:
    """What xlwings takes for Excel, with workbooks in memory."""
    from tests.tools.memoryexcel import MemoryExcel

    running = MemoryExcel(tmp_path / "excel.jsonl")
    with running.connected():
        yield running


@pytest.fixture(scope="session")
def windows_python() -> Path:
    """What runs a Windows Python under Wine, as ``python`` is run; its streams have to be pipes."""
    return Path(os.environ[WINDOWS_PYTHON])


@pytest.fixture(scope="session")
def dask_cluster() -> Iterator[LocalCluster]:
    """One cluster of two workers for the whole run."""
    with local_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """One browser for the whole run."""
    with Chromium() as running:
        yield running


@pytest.fixture
def memory_wps(browser: Chromium, memory_excel: MemoryExcel, tmp_path: Path) -> Iterator[Wps]:
    """The add-in's page in WPS, with workbooks in memory."""
    yield from _wps(browser, memory_excel, tmp_path)


@pytest.fixture
def wps(browser: Chromium, excel: Excel, tmp_path: Path) -> Iterator[Wps]:
    """The add-in's page in WPS, with workbooks that calculate."""
    yield from _wps(browser, excel, tmp_path)


def _wps(browser: Chromium, excel: Excel, folder: Path) -> Iterator[Wps]:
    from tests.tools.wps import Wps, lay_out_page

    running = Wps(browser, excel, lay_out_page(folder / "加载项 页面"))
    try:
        yield running
    finally:
        running.close()


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


@pytest.fixture
def registered_excel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Windows without Excel is a computer with a fault."""
    monkeypatch.setattr(windows, "com_server", lambda _: r"C:\Office\EXCEL.EXE")


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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One PostgreSQL for the whole run: each programme has a schema of its own."""
    running = Server()
    yield running
    running.close()
