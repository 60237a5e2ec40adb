"""One table of codes: nothing is told under a code that is not in it, nothing in it is never told."""

import ast
from collections.abc import Iterator

import pytest

from tests.test_house import MODULES
from xl_addin.model.commands import VERBS
from xl_addin.model.problems import DOUBTS, PROBLEM_KINDS, make, setting_code, statement
from xl_addin.model.records import ERROR, WARNING
from xl_addin.model.rules import RULES
from xl_addin.model.sheets import SHEETS

CODES = {kind.code for kind in PROBLEM_KINDS}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
TABLES = ("xl_addin.model.problems", "xl_addin.model.rules")
BEFORE_ALL = {"make": 0, "Unreadable": 0}


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def codes_of(tree: ast.AST, makers: dict[str, int]) -> Iterator[ast.expr]:
    """What stands where a code belongs, in every call that makes a problem."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node) in makers:
            at = makers[name_of(node)]
            if not any(isinstance(each, ast.Starred) for each in node.args[: at + 1]):
                assert len(node.args) > at, ast.unparse(node)
                yield node.args[at]


def makers_in(module: str, shared: dict[str, int]) -> dict[str, int]:
    """The functions of a file that pass a code of theirs on, and where in their arguments it is."""
    makers = dict(shared)
    for _ in range(3):
        for node in ast.walk(TREES[module]):
            if isinstance(node, ast.FunctionDef):
                names = [each.arg for each in node.args.args if each.arg != "self"]
                passed = {getattr(code, "id", "") for code in codes_of(node, makers)}
                if "code" in names and "code" in passed:
                    makers[node.name] = names.index("code")
    return makers


def makers() -> dict[str, dict[str, int]]:
    """By file the functions that it can make problems with; what begins with _ is the file's own."""
    shared = dict(BEFORE_ALL)
    for _ in range(2):
        found = {module: makers_in(module, shared) for module in MODULES}
        shared |= {
            name: at for each in found.values() for name, at in each.items() if name[0] != "_"
        }
    return found


def literals(code: ast.expr) -> Iterator[str]:
    """The codes that an argument can be, as far as it says so itself."""
    for node in ast.walk(code):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_code_that_is_used_is_in_the_table():
    found = {
        code
        for module, known in makers().items()
        for argument in codes_of(TREES[module], known)
        if not isinstance(argument, ast.JoinedStr | ast.Call | ast.Attribute | ast.Subscript)
        for code in literals(argument)
    }
    assert {"negative", "no-identity", "total-missing", "damaged", "no-unit"} <= found | CODES
    assert len(found) > 100
    assert found <= CODES


def test_every_code_in_the_table_is_used():
    said = {
        node.value
        for module, tree in TREES.items()
        if module not in TABLES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    said |= {rule.code for rule in RULES if rule.test}
    settings = {code for code in CODES if code.startswith("bad-")}
    assert CODES - said - settings == set()


def test_problems_are_made_from_the_table_alone():
    """``Problem`` itself is called where one is read back from the ledger, with a whole row."""
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node) == "Problem":
                row = len(node.args) == 1 and isinstance(node.args[0], ast.Starred)
                assert row or module == TABLES[0], f"{module}:{node.lineno}"


def test_a_code_that_is_not_in_the_table_cannot_be_used():
    with pytest.raises(KeyError):
        make("no-such-code", "")


def test_each_code_stands_once_and_says_where_it_is_told():
    places = {verb.name for verb in VERBS} | set(SHEETS)
    assert len(CODES) == len(PROBLEM_KINDS)
    off = {rule.code for rule in RULES if not rule.severity}
    for kind in PROBLEM_KINDS:
        assert kind.severity in (ERROR, WARNING) or kind.code in off
        assert kind.shown_in
        assert set(kind.shown_in) <= places
        assert kind.means


def test_rules_and_doubts_are_in_the_table():
    assert {rule.code for rule in RULES} | DOUBTS.keys() <= CODES
    doubtful = {rule.code for rule in RULES if rule.doubt}
    assert {rule.code for rule in RULES} & DOUBTS.keys() == doubtful == {"cumulative-in-month"}
    assert setting_code("deadline_day") in CODES


@pytest.mark.parametrize(
    ("sheet", "cell", "message", "says"),
    [
        ("任务进度", "F7", "任务进度!F7：填的是 -3", "填的是 -3"),
        ("6月：任务进度", "F7", "6月：任务进度!F7：填的是 -3：改", "填的是 -3：改"),
        ("6月：任务进度", "", "6月：任务进度：没有标识", "没有标识"),
        ("任务进度", "", "回复：表.xlsx：和上个月的相同", "和上个月的相同"),
        ("", "", "回复：表.xlsx：打不开", "打不开"),
        ("", "", "底账里没有：别的", "底账里没有：别的"),
    ],
)
def test_what_a_problem_says_is_told_from_its_place_whatever_signs_are_in_it(
    sheet, cell, message, says
):
    problem = make("negative", message, sheet, cell)
    assert statement(problem, "回复：表.xlsx") == says
