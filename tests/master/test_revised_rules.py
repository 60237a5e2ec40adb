"""Rules and lists of ours are replaced where they are as laid down; staff's keep their place in the order."""

import re
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.tools import masters
from xl_addin.master.host.file import FileHost
from xl_addin.master.migrate.revised_rules import rule_key
from xl_addin.master.migrate.upgrade import CHOICES, COLOURS, upgrade_master
from xl_addin.model.sheets import (
    COMPLETION_SHEET,
    CUMULATIVE_SHEET,
    INDICATORS_SHEET,
    LAYOUT,
    SETTINGS_SHEET,
    VARIANCE_SHEET,
)
from xl_addin.xlsx.package import deflate, inflate, unpack
from xl_addin.xlsx.workbook import Workbook

MASTER = Path(__file__).parents[1] / "data" / "programmes" / "0.2.1" / "master.xlsm"
OWN = '<cfRule type="expression" dxfId="0" priority="{}"><formula>$A7="{}"</formula></cfRule>'
LIST = '"当月数,累计数"'


@pytest.fixture
def path(tmp_path):
    return Path(shutil.copy(MASTER, tmp_path))


def rewrite(path, sheet, change):
    """Change the XML of a sheet as a program of staff's would."""
    parts = unpack(path.read_bytes())
    name = Workbook(parts).sheet_part(sheet)
    before = inflate(parts[name]).decode()
    after = change(before)
    assert after != before
    parts[name] = deflate(name, after.encode())
    path.write_bytes(masters.pack(parts.values()))


def upgraded(path):
    host = FileHost(path)
    found = upgrade_master(host)
    host.install_macros({}, LAYOUT)
    path.write_bytes(masters.pack(host.parts.values()))
    return found


def rules_at(path, sheet, cell):
    """What holds for a cell, in its order: the rules' keys."""
    found = [
        (rule.priority, rule_key(rule.formula[0]))
        for area in load_workbook(path)[sheet].conditional_formatting
        for rule in area.rules
        if cell in area.sqref
    ]
    assert len({priority for priority, _ in found}) == len(found)
    return [key for _, key in sorted(found)]


def priorities(path, sheet):
    rules = [r for area in load_workbook(path)[sheet].conditional_formatting for r in area.rules]
    return [rule.priority for rule in rules]


def counted(found, kind):
    return {each.sheet: each.number for each in found.revised if each.kind == kind}


def test_rules_of_staff_stay_before_behind_and_between_as_they_were(path):
    def add(text):
        areas = re.search(
            r'<conditionalFormatting sqref="C7:F11">(.*?)</conditionalFormatting>', text
        )
        good, bad, near = re.findall(r"<cfRule.*?</cfRule>", areas[1])
        mine = [
            rule.replace(f'priority="{n}"', f'priority="{m}"')
            for rule, n, m in ((good, 1, 2), (bad, 2, 4), (near, 3, 5))
        ]
        order = (OWN.format(1, "前"), mine[0], OWN.format(3, "中"), *mine[1:], OWN.format(6, "后"))
        return text.replace(areas[1], "".join(order))

    rewrite(path, COMPLETION_SHEET, add)
    found = upgraded(path)
    assert counted(found, COLOURS)[COMPLETION_SHEET] == 11
    keys = rules_at(path, COMPLETION_SHEET, "D8")
    assert keys[0] == '@="前"'
    assert keys[-2:] == ['@="中"', '@="后"']
    assert len(keys) == 14
    assert all("blk_lights" in key or "blk_counted" in key for key in keys[1:-2])
    assert len(set(priorities(path, COMPLETION_SHEET))) == 14


def test_a_rule_that_staff_gave_another_colour_stays_with_all_of_its_sheet_and_is_told(path):
    before = rules_at(path, COMPLETION_SHEET, "D8")
    parts = unpack(path.read_bytes())
    styles = inflate(parts["xl/styles.xml"]).decode()
    assert styles.count("FFFFC7CE") == 1
    parts["xl/styles.xml"] = deflate(
        "xl/styles.xml", styles.replace("FFFFC7CE", "FFFF0000").encode()
    )
    path.write_bytes(masters.pack(parts.values()))
    found = upgraded(path)
    told = [problem for problem in found.problems if problem.code == "rule-changed"]
    assert {problem.sheet for problem in told} == {"汇总", COMPLETION_SHEET, VARIANCE_SHEET}
    assert "“进度灯”为准" in told[0].message
    assert rules_at(path, COMPLETION_SHEET, "D8") == before
    assert COMPLETION_SHEET not in counted(found, COLOURS)
    assert counted(found, COLOURS)[CUMULATIVE_SHEET] == 2


def test_rules_that_staff_deleted_do_not_come_back(path):
    rewrite(
        path,
        COMPLETION_SHEET,
        lambda text: re.sub(r"<conditionalFormatting.*</conditionalFormatting>", "", text),
    )
    found = upgraded(path)
    assert COMPLETION_SHEET not in counted(found, COLOURS)
    assert rules_at(path, COMPLETION_SHEET, "D8") == []


def test_a_star_for_missing_months_comes_before_the_rule_for_decimals(path):
    upgraded(path)
    keys = rules_at(path, CUMULATIVE_SHEET, "D8")
    assert keys[-1] == "IF(ISNUMBER(@),@<>INT(@),FALSE)"
    assert [("blk_counted" in key) for key in keys] == [True, True, False]


def test_a_list_of_ours_is_replaced_and_one_that_staff_changed_is_not(path, tmp_path):
    other = Path(shutil.copy(path, tmp_path / "other.xlsm"))
    rewrite(other, INDICATORS_SHEET, lambda text: text.replace(LIST, '"当月数,累计数,其他"'))
    assert counted(upgraded(path), CHOICES) == {INDICATORS_SHEET: 1, SETTINGS_SHEET: 1}
    assert counted(upgraded(other), CHOICES) == {SETTINGS_SHEET: 1}
    for each, words in ((path, '"当月数,累计数,两者都填,比率"'), (other, '"当月数,累计数,其他"')):
        lists = load_workbook(each)[INDICATORS_SHEET].data_validations.dataValidation
        assert [v.formula1 for v in lists if "D6" in v.sqref] == [words]
        assert [v.formula1 for v in lists if "F6" in v.sqref] == ['"是,否"']


def test_the_key_of_a_rule_is_the_same_wherever_it_stands_and_whoever_saved_it():
    assert rule_key("IF(ISNUMBER($C7),C7<>INT(C7),FALSE)") == rule_key(
        "IF(ISNUMBER(D9), D9<>INT(D9), FALSE())"
    )
    assert rule_key('$A7="合计"') == '@="合计"'
