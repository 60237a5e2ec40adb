"""What each column of a task table is: an indicator, codes, numbering, or words to pass over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from xl_addin.model.names import plain
from xl_addin.model.records import Number
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable.chongqing import find_district
from xl_addin.tasktable.find import Shape, holds_units, is_corner, is_nothing, is_value
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading, is_unit, read_headings
from xl_addin.tasktable.purpose_words import BRACKET
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import NUM
from xl_addin.xlsx.values import quote, read_number

_ORDER = pattern(r"序号?|№|NO\.?|行次|顺序号?", re.IGNORECASE)
_CODE = pattern(
    r"(行政区划|行政|区划|单位|区县|机构|学校|医院|组织机构|地区)*(代码|编码|编号)|(行政)?区划码|CODE|统一社会信用代码",
    re.IGNORECASE,
)
_REMARK = pattern(
    r".*(备注|说明)|注|(联系|负责|责任|填报|审核|经办)(人|单位|部门|科室|处室|领导).*|.{0,4}(电话|手机)(号码)?|联系方式|"
    r"(牵头|配合|主管|责任)(单位|部门|科室|处室|领导)|.{0,4}(地址|地点|位置|名单|名录|明细|清单|条件|要求|范围|规格|型号|内容|措施)|邮箱|电子邮箱|"
    r".*(?<!公众)(?<!视频)号码?|QQ|微信|邮编|邮政编码|传真|账号|卡号|身份证(号码?)?|经度|纬度|坐标|(?i:phone|fax|e?mail|address|zip|remarks?|notes?|comments?|focalpoint)"
)
_DEPARTMENT = pattern(
    r"([市省县区州]?[\u3400-\u9fff]{1,16}(局|委|委员会|厅|总工会|工会|残联|妇联|团委|办公室|办|中心|科|处|部|院|行)[、,/和及]*)+"
)
_ABOUT_COLUMNS = pattern(
    r"(完成|办结)?(时限|期限|时间|时间节点)|(牵头|责任|配合|主管|分管|市级责任)(单位|部门|科室|处室|领导)|权重|分值|数据来源|考核部门"
)
_UNIT_HEADING = pattern(r"(计量|计数)单位|(?i:units?(ofmeasure(ment)?)?|uom)")
_SPELT = pattern(r"[〇零一二三四五六七八九两]*[十百千万亿][〇零一二三四五六七八九十百千万亿两]*")
_PLAIN_CODE = pattern(r"[0-9A-Za-z._-]{1,32}")


class Columns(NamedTuple):
    """Column number -> heading for each indicator, and row -> code where the table has codes.

    ``words`` are the headings, folded, of columns that hold words; ``units`` the columns of units;
    ``left_out`` has what each column right of the names is called that is no indicator, and why;
    ``unsaid`` are indicators whose heading does not say what is to be done, where others do.
    """

    headings: dict[int, Heading]
    codes: dict[int, str]
    words: dict[int, str]
    units: tuple[int, ...]
    left_out: dict[int, tuple[str, str]]
    unsaid: tuple[int, ...] = ()


def read_columns(shape: Shape, rows: Sequence[int], findings: Findings) -> Columns:
    """Sort the columns; ``rows`` are those of the districts."""
    right = [c for c in shape.columns if c > shape.name_column]
    header = [row for row in shape.header if not _names_departments(shape, row, right, findings)]
    named = read_headings(shape.view, header, right, shape.name_column + 1)
    kept: dict[int, Heading] = {}
    codes: dict[int, str] = {}
    words: dict[int, str] = {}
    left_out: dict[int, tuple[str, str]] = {}
    for column in range(1, shape.name_column):
        codes = codes or _left_column(shape, column, rows, findings)
    for column in right:
        heading = named.get(column)
        label = plain("".join(heading.path)) if heading else ""
        if _CODE.fullmatch(label):
            codes = codes or _codes(shape, column, rows, findings)
            left_out[column] = (label, "代码")
            continue
        leaf = plain(heading.path[-1]) if heading else ""
        names = is_corner(leaf) and not holds_units(shape.view, column)
        if kept and names and _holds_names(shape, column, leaf, rows):
            at = heading.at if heading is not None else (shape.first, column)
            says = "右边又有一列名称，分不清数字属于哪一列名称；请把左右两半上下接成一张表"
            findings.refuse("second-names", at, label, says)
            break
        if _is_shifted(shape, column, leaf, rows) and heading is not None and not heading.unit:
            says = (
                f"表头是“{label}”，下面却是数，名称又在“{left_label(shape, shape.name_column)}”下面："
                "表头和下面的数像是错开了；请把表头和数对齐"
            )
            findings.refuse("no-header", heading.at, label, says)
        skipped = _ORDER.fullmatch(label) or _skip_column(shape, column, label, rows, findings)
        if heading is not None and not skipped:
            kept[column] = heading
        elif label and not _ORDER.fullmatch(label):
            words[column] = label
        if column not in kept:
            left_out[column] = (
                label,
                "序号" if _ORDER.fullmatch(label) else "文字" if label else "没有表头",
            )
    if not kept and shape.header:
        at = (shape.header[-1], shape.name_column)
        findings.refuse("no-indicator", at, "", "右边没有读到一项指标；请检查表头和数字列")
    sides = {column: left_label(shape, column) for column in range(1, shape.name_column)}
    units = [c for c, label in (words | sides).items() if _is_unit_column(shape, c, label)]
    _take_units(shape, kept, units, rows, findings)
    return Columns(kept, codes, words, tuple(units), left_out)


def _take_units(
    shape: Shape,
    kept: dict[int, Heading],
    units: Sequence[int],
    rows: Sequence[int],
    findings: Findings,
) -> None:
    """Give an indicator the unit that a column beside it has in every row; rows of several are refused."""
    right = [column for column in units if column > shape.name_column]
    for column in right:
        cells = {shape.view.text(row, column): row for row in reversed(rows)}
        cells.pop("", None)
        told = list(reversed(cells))
        if len(told) > 1 and all(map(is_unit, told)):
            at = (cells[told[1]], column)
            says = (
                f"这一列写着各行的计量单位，有“{told[0]}”也有“{told[1]}”，各行的数不是同一项指标；"
                "请改成一个区县（单位）占一行、一项指标占一列的表，"
                f"这一列和任务数无关请加 {findings.column_option('skip', column)}"
            )
            findings.refuse("task-list", at, told[1], says)
        before = max((c for c in kept if c < column), default=0)
        if len(right) > 1 and len(told) == 1 and before and not kept[before].unit:
            kept[before] = kept[before]._replace(unit=told[0])


def _names_departments(shape: Shape, row: int, columns: Sequence[int], findings: Findings) -> bool:
    """Whether a row of the header says who is in charge of each indicator that another row names."""
    texts = {text for c in columns if (text := shape.view.text(row, c))}
    others = [r for r in shape.header if r != row]
    named = all(
        any(shape.view.text(r, c) for r in others) for c in columns if shape.view.text(row, c)
    )
    label = plain(shape.view.text(row, shape.name_column))
    named_as = {plain(shape.view.text(r, shape.name_column)) for r in others} - {""}
    about = bool(_ABOUT_COLUMNS.fullmatch(label)) and label not in named_as
    about = about and (bool(named_as) or not is_corner(label))
    offices = about or all(_DEPARTMENT.fullmatch(plain(t)) for t in texts)
    if not texts or not others or not named or not offices:
        return False
    at = next((row, c) for c in columns if shape.view.text(row, c))
    what = label if about else "责任部门"
    says = f"{findings.row_name(row)}写的是{what}，没有当作指标名称的一部分"
    findings.warn("row-skipped", at, shape.view.text(*at), says)
    return True


def mention_hidden_columns(shape: Shape, columns: Columns, findings: Findings) -> None:
    """Tell of hidden columns, read or not."""
    for column in columns.left_out:
        if column in shape.view.grid.hidden_columns and columns.left_out[column][0]:
            at = (shape.header[-1] if shape.header else shape.first, column)
            label = columns.left_out[column][0]
            says = f"{findings.column_name(column)}“{label}”是隐藏的，没有当作指标；请确认"
            findings.warn("hidden-column", at, label, says)
    for column, heading in columns.headings.items():
        if column in shape.view.grid.hidden_columns:
            label = " > ".join(heading.path)
            says = (
                f"{findings.column_name(column)}“{label}”是隐藏的，已照常读入；"
                f"不要的话请加 {findings.column_option('skip', column)}"
            )
            findings.warn("hidden-column", heading.at, label, says)


def left_label(shape: Shape, column: int) -> str:
    """The heading, folded, of a column left of the names."""
    return plain("".join(dict.fromkeys(shape.view.text(r, column) for r in shape.header)))


def _is_unit_column(shape: Shape, column: int, label: str) -> bool:
    return bool(_UNIT_HEADING.fullmatch(label)) or holds_units(shape.view, column)


def _is_shifted(shape: Shape, column: int, leaf: str, rows: Sequence[int]) -> bool:
    """Whether figures stand under the heading of names, and the names under that of their numbers."""
    cells = [cell for row in rows if (cell := shape.view.cell(row, column)) is not None]
    numbered = _ORDER.fullmatch(left_label(shape, shape.name_column))
    return bool(numbered and cells) and is_corner(leaf) and all(map(is_value, cells))


def _holds_names(shape: Shape, column: int, label: str, rows: Sequence[int]) -> bool:
    cells = [cell for row in rows if (cell := shape.view.cell(row, column)) is not None]
    return bool(cells) and not any(map(is_value, cells)) and not _REMARK.fullmatch(label)


def _left_column(
    shape: Shape, column: int, rows: Sequence[int], findings: Findings
) -> dict[int, str]:
    """What stands left of the names: numbering, codes, or groups."""
    label = left_label(shape, column)
    numbers = [(row, column) for row in rows if is_value(shape.view.cell(row, column))]
    if _CODE.fullmatch(label) and not _counts_up(shape, numbers):
        return _codes(shape, column, rows, findings)
    if numbers and not _ORDER.fullmatch(label) and not _counts_up(shape, numbers):
        says = f"“{label or '没有表头'}”一列在名称左边，其中的数没有读入；是指标的话请移到名称右边"
        findings.warn("column-skipped", numbers[0], shape.view.quote(*numbers[0]), says)
    return {}


def _counts_up(shape: Shape, places: Sequence[Where]) -> bool:
    values: list[Number | None] = [read_number(shape.view.cell(*at)).value for at in places]
    return values[:1] == [1] and all(a is not None and b == a + 1 for a, b in pairwise(values))


def _codes(shape: Shape, column: int, rows: Sequence[int], findings: Findings) -> dict[int, str]:
    codes: dict[int, str] = {}
    for row in rows:
        cell = shape.view.cell(row, column)
        text = "" if cell is None else plain(quote(cell))
        if _PLAIN_CODE.fullmatch(text):
            codes[row] = text
            continue
        known = find_district(shape.view.text(row, shape.name_column))
        instead = known.code if known else "按行次编的代码"
        says = f"代码“{text}”应由字母和数字组成；没有用它，用的是{instead}，请补上或改正"
        findings.warn("code-unused", (row, column), text, says)
    return codes


def _skip_column(
    shape: Shape, column: int, label: str, rows: Sequence[int], findings: Findings
) -> bool:
    """Whether a column is no indicator; what is left out is said."""
    filled = [(row, column) for row in rows if shape.view.cell(row, column) is not None]
    values = [at for at in filled if is_value(shape.view.cell(*at))]
    worded = [at for at in filled if not _says_nothing(shape, at)]
    if not label:
        return _skip_without_heading(shape, rows, values, worded, findings)
    remark = any(_REMARK.fullmatch(text) for text in (label, BRACKET.sub("", label)))
    wordy = bool(worded) and not values and not any(_has_digit(shape, at) for at in worded)
    if not (remark or wordy):
        return False
    if worded:
        what, change = ("备注、联系方式一类", "改写表头") if remark else ("文字", "填数字")
        says = f"“{label}”一列按{what}跳过，没有当作指标；是指标的话请{change}"
        findings.warn("column-skipped", worded[0], shape.view.quote(*worded[0]), says)
    return True


def _skip_without_heading(
    shape: Shape,
    rows: Sequence[int],
    values: Sequence[Where],
    worded: Sequence[Where],
    findings: Findings,
) -> bool:
    if values and shape.header and 2 * len(values) >= len(rows):
        says = "这一列有数字但没有表头，不知道是什么指标；请补上表头，不是数据就删去"
        findings.refuse("no-header", values[0], shape.view.quote(*values[0]), says)
    elif shape.header:
        for at in values or worded[:1]:
            says = "这一格所在的列没有表头，没有读入；请确认不是数据"
            findings.warn(
                "number-skipped" if values else "column-skipped", at, shape.view.quote(*at), says
            )
    return True


def _says_nothing(shape: Shape, at: Where) -> bool:
    cell = shape.view.cell(*at)
    return cell is None or is_nothing(cell) or not str(cell.value).strip()


def _has_digit(shape: Shape, at: Where) -> bool:
    cell = shape.view.cell(*at)
    return cell is not None and (
        cell.kind == NUM
        or any(map(str.isdigit, quote(cell)))
        or bool(_SPELT.fullmatch(quote(cell)))
    )


def common_unit(shape: Shape, columns: Columns, rows: Sequence[int]) -> str:
    """The unit that a column of units gives in every row; empty where there is none, or several."""
    found = {shape.view.text(row, column) for column in columns.units for row in rows}
    return found.pop() if len(found) == 1 and is_unit(next(iter(found))) else ""
