"""What each row below the header of a task table is: a district, a total, a note, or none."""

from __future__ import annotations

from xl_addin.model.names import plain
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable import chongqing
from xl_addin.tasktable.find import (
    NUMBERING,
    TOTALS,
    Shape,
    counts_up,
    is_corner,
    is_nothing,
    is_value,
)
from xl_addin.xlsx.cells import TEXT

DISTRICT, TOTAL, SUBTOTAL, NOTE = "district", "total", "subtotal", "note"
NAMELESS, SPLIT, UNSURE, SECOND, ASIDE = "nameless", "split", "unsure", "second", "aside"

_SUBTOTALS = pattern(r".*小计.*|.+(合计|总计|分计|共计):?|其中.*")
_NOTE = pattern(
    r"(注|备注|说明|附注|注释|来源|数据来源|资料来源)([:\d一二三(.、]|$)|[※★*]|"
    r"(填表|填报|制表|审核|复核|联系|负责|统计|报送|编制|主管|分管)(人|员|单位|日期|时间|电话|机关|部门|领导)*:|"
    r"(填报|制表|统计|报送|报表)?(日期|时间):"
)
_PROSE = pattern(
    r"[。；;:]|.{21,}|\(?[一二三四五六七八九十\d]+[)、.]|\d{4}年\d{1,2}月(\d{1,2}日)?$"
)
_GROUP = pattern(
    r"[一二三四五六七八九十]+、.*|\([一二三四五六七八九十]+\).*|.*(片区|地区|区域|类|组|:)"
)


class Line(NamedTuple):
    """One row below the header: what it is and the name it carries."""

    row: int
    kind: str
    name: str


def classify_rows(shape: Shape) -> list[Line]:
    """Every row below the header that holds anything, with what it is."""
    view = shape.view
    bottom = max(row for row, _ in view.grid.cells)
    filled = sorted({row for row, _ in view.grid.cells if shape.first <= row <= bottom})
    valued = [r for r in filled if any(is_value(view.cell(r, c)) for c in shape.columns)]
    last = max((r for r in valued if _name(shape, r)[0]), default=shape.first)
    header = {_texts(shape, row) for row in shape.header}
    found: list[Line] = []
    for row in filled:
        detached = row > last and (not found or found[-1].row != row - 1 or found[-1].kind == NOTE)
        if _texts(shape, row) in header:
            found.append(Line(row, ASIDE, ""))
        else:
            name, split = _name(shape, row)
            kind = SPLIT if split else _kind(shape, row, name, row < last, detached)
            found.append(Line(row, kind, name))
    return found


def _texts(shape: Shape, row: int) -> tuple[str, ...]:
    return tuple(shape.view.text(row, c) for c in (shape.name_column, *shape.columns))


def _name(shape: Shape, row: int) -> tuple[str, bool]:
    """The name of a row, and whether it is another row's too (merged downwards)."""
    view, column = shape.view, shape.name_column
    if view.text(row, column):
        return view.text(row, column), view.owner(row, column)[0] != row
    for left in range(column - 1, 0, -1):
        area = view.area(row, left)
        if area[0] == area[2] and not is_value(view.cell(row, left)) and view.text(row, left):
            return view.text(row, left), False
    return "", False


def _kind(shape: Shape, row: int, name: str, inside: bool, detached: bool) -> str:
    view = shape.view
    cells = [cell for c in shape.columns if (cell := view.cell(row, c)) is not None]
    says = any(is_value(cell) or is_nothing(cell) for cell in cells)
    key = plain(name)
    words = sum(cell.kind == TEXT and not is_nothing(cell) for cell in cells)
    if not name and any(map(is_value, cells)):
        return NAMELESS
    if inside and words and (is_corner(name) or (not name and words > 1)):
        return SECOND
    if not name:
        return ASIDE
    if TOTALS.fullmatch(key):
        return TOTAL
    if key in NUMBERING and counts_up(view, row, shape.columns):
        return ASIDE
    if _SUBTOTALS.fullmatch(key):
        return SUBTOTAL
    if _NOTE.match(key):
        return NOTE
    if chongqing.find_district(name) is not None:
        return DISTRICT
    if says:
        return DISTRICT if inside or not _PROSE.match(key) or any(map(is_value, cells)) else NOTE
    if view.area(row, shape.name_column)[3] > shape.name_column and inside:
        return ASIDE
    if inside:
        return UNSURE if not words and _GROUP.fullmatch(key) else DISTRICT
    return NOTE if detached or _PROSE.search(key) or words else UNSURE
