"""One way down: a room imports only rooms on lower floors, and no file imports itself by a detour.

And one place for each proof: a module's tests lie in its room's folder, under its name.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "xl_addin"
ROOMS = (
    "system",
    "model",
    "xlsx",
    "docx",
    "formats",
    "store",
    "tasktable",
    "compare",
    "form",
    "judging",
    "mail",
    "master",
    "services",
    "verbs",
    "",  # the faces: cli, options, ribbon, error_handler, start, __main__
)
"""From the lowest floor up."""
GROUND = "xl_addin"  # holds the version and imports nothing


def module_of(path: Path) -> str:
    """``xl_addin/mail/imap.py`` as xl_addin.mail.imap."""
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(HOUSE.rglob("*.py"))}


def imports_of(module: str) -> Iterator[str]:
    """What a file of ours imports of ours, wherever in it the import stands."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} imports by dots"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else str(node.module) for name in inside]
        else:
            continue
        yield from (name for name in names if name in MODULES and name != module)


EDGES = {module: sorted(set(imports_of(module))) for module in MODULES}


def floor_of(module: str) -> int:
    """The floor a file is on, the ground being below all of them."""
    if module == GROUND:
        return -1
    room = module.split(".")[1]
    return ROOMS.index(room if (HOUSE / room).is_dir() else "")


SQL = re.compile(
    r"\s*(SELECT|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO|PRAGMA"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|VIEW|INDEX|TRIGGER)|BEGIN|COMMIT|ROLLBACK)\b(?!\()"
)
"""How a statement begins; nobody writes one in small letters here, and English sentences are."""
STORE = "xl_addin.store"
PRIVATE = {"sqlite3", f"{STORE}.database.select", f"{STORE}.database.insert", "_db"}
"""What stays in the store's room."""


def sql_in(source: str) -> Iterator[str]:
    """The strings of a source that begin as SQL does; an f-string by its first piece."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
            yield f"{node.lineno}: {node.value[:40]}"


def reaches_in(source: str) -> Iterator[str]:
    """Where a source takes the database itself, or what the store's modules reach it through."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Attribute):
            names = [node.attr]
        else:
            continue
        yield from (f"{node.lineno}: {name}" for name in names if name in PRIVATE)


def test_every_room_has_its_floor():
    rooms = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
    assert rooms == {room for room in ROOMS if room}


def test_imports_go_down():
    up = [
        (module, target)
        for module, targets in EDGES.items()
        for target in targets
        if floor_of(target) > floor_of(module)
    ]
    assert up == []


def test_no_file_is_part_of_a_circle():
    left = {module: set(targets) for module, targets in EDGES.items()}
    while loose := [module for module, targets in left.items() if not targets & left.keys()]:
        for module in loose:
            del left[module]
    assert sorted(left) == []


BARE = {"read_bytes", "unlink", "rename", "rmdir", "rmtree", "remove_tree", "TemporaryDirectory"}
"""What a Path, ``os`` or ``shutil`` does to a file at once, whoever holds it for a moment."""


def hasty_calls(source: str) -> Iterator[str]:
    """Calls that touch a file which a scanner may hold, other than through ``system/held``."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, name = ast.unparse(node.func.value), node.func.attr
        renames = name == "replace" and (
            owner == "os" or (len(node.args) == 1 and not node.keywords)
        )
        opens = name == "open" and (owner == "os" or "'rb'" in map(ast.unparse, node.args))
        if owner != "held" and (name in BARE or renames or opens):
            yield f"{node.lineno}: {ast.unparse(node)}"


def test_whatever_a_scanner_may_hold_is_waited_for():
    hasty = [
        f"{module}:{call}"
        for module, path in MODULES.items()
        if floor_of(module) > 0
        for call in hasty_calls(path.read_text(encoding="utf-8"))
    ]
    assert hasty == []


@pytest.mark.parametrize(
    ("source", "hasty"),
    [
        ("path.read_bytes()", True),
        ("(folder / name).unlink(missing_ok=True)", True),
        ("os.replace(a, b)", True),
        ("a.replace(b)", True),
        ("path.open('rb')", True),
        ("os.open(path, flags)", True),
        ("shutil.rmtree(work)", True),
        ("held.read_bytes(path)", False),
        ("text.replace('a', 'b')", False),
        ("moment.replace(microsecond=0)", False),
        ("Document.open(data)", False),
    ],
)
def test_the_walk_sees_what_does_not_wait(source, hasty):
    assert bool([*hasty_calls(source)]) is hasty


def blind_walks(source: str) -> Iterator[str]:
    """Calls that take a folder which may not be read for an empty one, or may in another Python."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, told = node.func.attr, {keyword.arg for keyword in node.keywords}
        walks = ast.unparse(node.func) == "os.walk" and "onerror" not in told
        if walks or name in {"glob", "rglob", "iterdir"}:
            yield f"{node.lineno}: {ast.unparse(node)}"


def test_no_folder_without_rights_is_taken_for_an_empty_one():
    blind = [
        f"{module}:{call}"
        for module, path in MODULES.items()
        if module != "xl_addin.installer"  # stands alone, and looks through what it unpacked itself
        for call in blind_walks(path.read_text(encoding="utf-8"))
    ]
    assert blind == []


@pytest.mark.parametrize(
    ("source", "blind"),
    [
        ("folder.glob('*.eml')", True),
        ("(folder / name).rglob('*')", True),
        ("folder.iterdir()", True),
        ("os.walk(folder)", True),
        ("os.walk(folder, onerror=tell)", False),
        ("held.names(folder)", False),
        ("ast.walk(tree)", False),
    ],
)
def test_the_walk_sees_who_looks_past_a_folder(source, blind):
    assert bool([*blind_walks(source)]) is blind


def test_the_ground_imports_nothing():
    assert EDGES[GROUND] == []


def test_only_the_store_speaks_sql():
    found = {
        module: said
        for module, path in MODULES.items()
        if not module.startswith(STORE)
        and (said := [*sql_in(text := path.read_text(encoding="utf-8")), *reaches_in(text)])
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "query('SELECT 1 FROM receipts')",
        "query(f'INSERT INTO {table} VALUES(?)')",
        "QUERY = (\n    'UPDATE receipts'\n    ' SET id=1'\n)",
        "query('  DELETE\\n FROM figures')",
        "query('PRAGMA user_version')",
        "import sqlite3",
        "from sqlite3 import connect",
        "from xl_addin.store.database import reading, select",
        "ledger._db.execute(text)",
    ],
)
def test_the_walk_sees_sql_however_it_is_written(source):
    assert [*sql_in(source), *reaches_in(source)]


@pytest.mark.parametrize("source", ["'Select what counts.'", "'UPDATED at'", "'SELECT()'"])
def test_the_walk_takes_no_sentence_for_sql(source):
    assert not [*sql_in(source), *reaches_in(source)]


TESTS = HOUSE.parent / "tests"
UNPROVED = (
    "xlsx/textsize.py",  # how wide a text is drawn: an estimate that only people can judge
)


def mirrors_of(module: str) -> Iterator[Path]:
    """Where a module's own tests may lie: mail/imap.py in tests/mail/test_imap.py."""
    *rooms, name = module.removesuffix(".py").split("/")
    for stem in (name, "_".join((*rooms[1:], name))):
        yield TESTS.joinpath(*rooms[:1], f"test_{stem.rstrip('_')}.py")


def proved_elsewhere() -> set[str]:
    """What tests say in their first words that they prove also: module paths, ``*`` for a whole room."""
    docstrings = (
        ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for path in TESTS.rglob("test_*.py")
    )
    also = (text.partition("Proves also ")[2] for text in docstrings)
    return {each for text in also for each in re.findall(r"[a-z_/*0-9]+\.py", text)}


def has_logic(module: str) -> bool:
    """Whether a file does anything; tables, records and words for them are proved by their readers."""
    tree = ast.parse((HOUSE / module).read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))


def test_each_module_is_proved_in_its_place():
    """A module has tests/<room>/test_<module>.py, or a test says ``Proves also <module>``."""
    modules = {path.relative_to(HOUSE).as_posix() for path in MODULES.values()}
    elsewhere = proved_elsewhere()
    left = {
        module
        for module in modules
        if not module.endswith(("__init__.py", "__main__.py"))
        and has_logic(module)
        and not any(path.exists() for path in mirrors_of(module))
        and not any(fnmatch(module, named) for named in elsewhere)
    }
    assert left == set(UNPROVED)
    assert [named for named in elsewhere if not any(fnmatch(m, named) for m in modules)] == []


def test_what_is_installed_has_every_package():
    listed = tomllib.loads((HOUSE.parent / "pyproject.toml").read_text("utf-8"))["tool"][
        "setuptools"
    ]
    there = {
        ".".join(path.parent.relative_to(HOUSE.parent).parts) for path in HOUSE.rglob("__init__.py")
    }
    assert set(listed["packages"]) == there | set(listed["package-dir"])


def test_what_the_checklist_for_a_release_names_is_there():
    text = (HOUSE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", text.partition("## Before a release")[2])
    assert len(named) > 20
    assert [name for name in named if not (HOUSE.parent / name).exists()] == []
