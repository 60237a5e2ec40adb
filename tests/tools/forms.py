"""A small programme's forms for tests: every kind of indicator, known targets."""

from __future__ import annotations

from typing import NamedTuple

from xl_addin.form import blank, identity, stamp
from xl_addin.form import layout as formbook
from xl_addin.form.page_layout import sealed_items
from xl_addin.form.page_stamp import PageFilling
from xl_addin.form.read import read_form
from xl_addin.judging.assess import Context, assess, known_names
from xl_addin.model import rules
from xl_addin.model.records import STOCK, District, Identity, Indicator
from xl_addin.model.settings import Rule
from xl_addin.model.work_items import PageItem
from xl_addin.xlsx.package import deflate, inflate, pack, unpack
from xl_addin.xlsx.patch import set_cells
from xl_addin.xlsx.values import day_number
from xl_addin.xlsx.workbook import Workbook

KEY = b"k" * 32
PROGRAMME = "0123456789ab"
MONTH = "2023-06"
INDICATORS = (
    Indicator("I01", ("实用技术培训",), "人次"),
    Indicator("I02", ("农村残疾人就业帮扶基地扶持数",), "个"),
    Indicator("I03", ("就业", "新增城镇就业"), "人"),
    Indicator("I04", ("托养服务", "2023年任务数"), "人"),
    Indicator("I05", ("托养服务", "其中：政府购买服务"), "人", parent="I04"),
    Indicator("I06", ("托养服务", "其中：寄宿制"), "人", parent="I04"),
    Indicator("I07", ("在训人数",), "人", STOCK),
    Indicator("I08", ("补贴",), "万元", whole=False),
)
DISTRICTS = (
    District("500101", "万州区", ("万州",)),
    District("500233", "忠县", ("忠  县",)),
    District("500112", "渝北区"),
)
TARGETS = {
    "I01": 300,
    "I02": 1,
    "I03": 112,
    "I04": 1200,
    "I05": 180,
    "I06": 0,
    "I07": 60,
    "I08": 12.5,
}
PREVIOUS = {"I01": 50, "I02": 0, "I03": 20, "I04": 500, "I05": 75, "I06": 0, "I07": 30, "I08": 5.5}
GOOD = {"I01": 25, "I02": 0, "I03": 9, "I04": 100, "I05": 15, "I06": 0, "I07": 36, "I08": 1.25}
RULES = {rule.code: Rule(rule.severity, rule.parameter) for rule in rules.RULES}
SEVERITIES = {rule.code: rule.severity for rule in rules.RULES}
TERMS = formbook.Terms("重点项目", 5, "张三", "023-1234")


PAGE = (
    PageItem(
        "1",
        "数据比对共享",
        "与民政、人社、乡村振兴部门比对数据，每季度一次",
        "2023-12-20",
        "推进中：已比对一次",
    ),
    PageItem("2", "实用技术培训", "农村残疾人实用技术培训 300 人次", "2023-11-30"),
    PageItem("3", "“美丽工坊”", "选拔扶持手工制作企业或机构，统一冠名", "2023-06-30"),
)
PAGE_ENTRIES = {
    "1": ("推进中", "已与民政部门比对第二批数据", None, None, day_number("2023-12-10")),
    "2": ("推进中", "已办 3 期，第 4 期定于 7 月中旬", None, None, None),
    "3": (
        "滞后",
        "场地还没有落实，镇街协调中",
        "场地不足",
        "7 月底前定点",
        day_number("2023-07-31"),
    ),
}


class ProblemAt(NamedTuple):
    """What a problem is and where: what tests assert, never the wording."""

    cell: str
    code: str


def form_template(severities=SEVERITIES, indicators=INDICATORS):
    return stamp.FormTemplate(
        blank.build_form(indicators, severities, TERMS), indicators, severities, ""
    )


def issue(
    district=DISTRICTS[0],
    month=MONTH,
    targets=TARGETS,
    previous=PREVIOUS,
    indicators=INDICATORS,
    **changes,
):
    unsealed = Identity(PROGRAMME, district.code, month, 1, identity.FORM_LAYOUT, "")._replace(
        **changes
    )
    content = identity.canonical_text(targets, previous, indicators)
    sealed = identity.seal(KEY, unsealed, content)
    return stamp.Issue(sealed, district.name, targets, previous, content)


def context(month=MONTH, usual=None, settings=RULES, indicators=INDICATORS):
    return Context(
        PROGRAMME,
        KEY,
        month,
        indicators,
        {d.code: d for d in DISTRICTS},
        known_names(DISTRICTS),
        settings,
        usual or {},
        {},
    )


def issue_paged(page=PAGE, district=DISTRICTS[0], month=MONTH, round_=1):
    unsealed = Identity(PROGRAMME, district.code, month, round_, identity.PAGED_LAYOUT, "")
    content = identity.canonical_text(TARGETS, PREVIOUS, INDICATORS, sealed_items(page))
    sealed = identity.seal(KEY, unsealed, content)
    return stamp.Issue(sealed, district.name, TARGETS, PREVIOUS, content, page=page)


def fill_paged(entries=PAGE_ENTRIES, typed=GOOD, **kwargs):
    """A form with the page 重点工作, filled in; ``entries`` by number, as in ``page_layout.ENTRIES``."""
    blank_form = blank.build_form(INDICATORS, SEVERITIES, TERMS, page=True)
    template = stamp.FormTemplate(blank_form, INDICATORS, SEVERITIES, "")
    return template.stamp(issue_paged(**kwargs), typed, page=PageFilling(entries))


def fill_form(typed=GOOD, **kwargs):
    return form_template().stamp(issue(**kwargs), typed)


def edit_form(data, cells, sheet=0):
    """The workbook with cells of one sheet set, as an editor that keeps everything else would."""
    parts = unpack(data)
    name = Workbook(parts).entries[sheet].part
    parts[name] = deflate(name, set_cells(inflate(parts[name]), cells))
    return pack(parts.values())


def replace_bytes(data, part, old, new, count=-1):
    """The workbook with bytes of one part replaced; fails when there is nothing to replace."""
    parts = unpack(data)
    content = inflate(parts[part])
    assert old in content
    parts[part] = deflate(part, content.replace(old, new, count))
    return pack(parts.values())


def assess_file(data, file="回报.xlsx", **kwargs):
    judged = assess(data, file, context(**kwargs))
    return judged.verdict, {ProblemAt(p.cell, p.code) for p in judged.problems}


def read_back(data):
    return read_form(Workbook.open(data), INDICATORS)


def identity_of(grids):
    """The identities that stand in the cells of these sheets."""
    for grid in grids:
        for cell in grid.cells.values():
            yield from identity.find_identities(str(cell.value))
