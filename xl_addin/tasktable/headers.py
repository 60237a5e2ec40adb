"""Nested headers: one to four rows of cells, merged, repeated or left blank, to label paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from xl_addin.formats.grid import Grid
from xl_addin.model.names import fold, visible
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.a1 import Area, Where
from xl_addin.xlsx.cells import Cell
from xl_addin.xlsx.values import COUNTING_UNITS, plain_text, quote

_PIECES = """
只 头 株 棵 盏 艘 架 部 册 本 幅 块 片 栋 幢 批 种 类 门 节 队 组 对 根 口 宗 眼 尾 羽 匹 枚
粒 穴 丛 樘 亭 柜 箱 袋 包 桶 盒 桩 笔 单 起 封 届 轮 课 讲 段 道 艇 团 线 点 人天 卷 页
工日 人日 台套 台件 台（套） 件套 车次 航次 架次 标箱 人/次 户次 班次 课时 学时 批次 例次
件次 台次 辆次 床 张床 岗 对象 单位 企业 床位 岗位 副 把 顶 双 面 剂 瓶 盘 趟 餐 桌 铺 棚
断面 人份 车位 泊位 学位 集 首 版 群 窝 峰 孔
"""
_MEASURES = """
元 百元 千元 万元 亿元 公里 千米 里 米 平方米 平方公里 立方米 万平方米 ㎡ m2 m² km 亩 万亩
公顷 吨 万吨 公斤 千克 斤 升 克 方 立方 平方 平米 平 海里 毫米 厘米 延米 延长米 两 度 千伏安
标准煤 吨标准煤 美元 万美元 分钟 学分 人月 吨公里 人公里 % ％ 百分比 百分点 ‰ 小时 天 月 年
倍 分 千人 万人 万人次 万户 万个 元/人 元/月 元/年 万元/年 千瓦 兆瓦 千瓦时 GB TB m³ m3 km²
hm² MW kW kWh 万kWh ℃ 分贝 mg/L μg/m³ 秒 周 季 万字 标台 亩次
"""
_ENGLISH = """
person persons people pax pcs pc piece pieces unit units household households hh ha hectares
km kg ton tons tonnes usd us$ sessions visits schools houses sets trees seats cases
"""
# What is counted in whole pieces, beyond the units that districts may write behind a number.
PIECE_UNITS = COUNTING_UNITS | frozenset(_PIECES.split())
MEASURE_UNITS = frozenset(_MEASURES.split())
_ENGLISH_UNITS = frozenset(_ENGLISH.split())
_SCALES = "十百千万亿"
_ATOMS = (
    PIECE_UNITS
    | MEASURE_UNITS
    | frozenset(("毫克", "微克", "克", "毫升", "毫米", "厘米", "日", "周", "季", "GDP"))
)
_UNIT = pattern(r"[（(]\s*((?:计量)?单位\s*[:：]\s*)?([^（()）]{1,10}?)\s*[）)]")
_UNIT_OF_TWO = pattern(r"[（(]\s*([^（()）]{1,4})[（(]([^（()）]{1,4})[）)]\s*[）)]")
_UNIT_REMARK = pattern(r"[（(]\s*([^（()）,，]{1,6})[,，]\s*([^（()）]{2,})[）)]")
# 体育场地建设/处 and 补助标准元/人.
_UNIT_SLASHED = pattern(
    r"([^/]*[\u3400-\u9fff]{2,}(?<![元斤克吨米里度人次])(?<!公顷))/([^/]{1,5})|"
    r"([^/]*?[\u3400-\u9fff]{2,}?)((?:百|千|万|亿)?元/[^/]{1,4})"
)
_BEFORE_PERCENT = pattern(r"[率比A-Za-z]\s?$")
_PERCENT_LIMIT = pattern(r"^([%％])(以[内上下]|左右)$")
_BOUND = pattern(r"^(≤|≥|<|>|＜|＞|不(低于|少于|高于|超过|大于|小于))\s*[,，、]?\s*(?=.)")
_UNIT_BEHIND = pattern(r"[(（]([^()（）]{1,30})[)）]$")
_STATED_UNIT = pattern(
    r"(?<![报制送管管责填])[（(]?\s*(?:计量|计数)?单位\s*[:：]\s*([^\s（()）]{1,30}(?:[（(][^（()）]{1,4}[）)])?)"
)
_UNIT_EXCEPT = pattern(
    r"单位\s*[:：][^（()）]{1,8}[（(][其]?中?[:：]?([\u3400-\u9fff]{2,6}?)(?:单位)?(?:[为是按用以]|[:：])+([^（()）]{1,6})[）)]"
)
_NAMED_UNIT = pattern(r"(人次|户次|场次|[人户件亩套台所次场](?=数))(数量?)?$")
_RATE_NAME = pattern(r"(率|比例|比重|占比)$")
_MONEY_NAME = pattern(r"(资金|经费|金额|投资|补助|补贴|收入|产值|税收|费用)(总?额)?$")
MONEY = frozenset(("元", "百元", "千元", "万元", "亿元", "美元", "万美元"))
_HEADS = frozenset("人名")
_PERCENTS = frozenset("%％")
_PART = pattern(r"其\s*中\s*[:：,，、]?\s*")
# What a pivot table puts before the name of the field that it adds up.
_PIVOTED = pattern(r"(求和项|计数项|平均值项)[:：]|(?i:(sum|count|average) of )")
_OUTER = pattern(r"(?<![!-~])\s+|\s+(?![!-~])")
# Spreading an area over its cells is for headers; a larger one is no header.
_MAX_SPREAD = 20_000
_LONGEST_UNIT = 60
_UPRIGHT = {0xFE35: "（", 0xFE36: "）"}  # brackets of a heading that is written downwards


def is_spread(area: Area) -> bool:
    """Whether a merged area is small enough to stand in a header."""
    return (area[2] - area[0] + 1) * (area[3] - area[1] + 1) <= _MAX_SPREAD


class View(NamedTuple):
    """A grid in which every cell of a merged area has the content of the area's first cell.

    ``rows_of`` has the rows of each column's cells, from the top.
    """

    grid: Grid
    covered: Mapping[Where, Area]
    rows_of: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, grid: Grid) -> View:
        """The view of a grid; in areas larger than any header only the first cell has the content."""
        covered = {
            (row, column): area
            for area in grid.merged
            if is_spread(area)
            for row in range(area[0], area[2] + 1)
            for column in range(area[1], area[3] + 1)
        }
        rows_of: dict[int, list[int]] = {}
        for row, column in sorted(grid.cells):
            rows_of.setdefault(column, []).append(row)
        return cls(grid, covered, rows_of)

    def owner(self, row: int, column: int) -> Where:
        """The first cell of the merged area around a cell, or the cell itself."""
        area = self.covered.get((row, column))
        return (row, column) if area is None else area[:2]

    def area(self, row: int, column: int) -> Area:
        """The merged area around a cell, or the cell alone."""
        return self.covered.get((row, column), (row, column, row, column))

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell that stands here itself, merged or not."""
        return self.grid.cells.get((row, column))

    def quote(self, row: int, column: int) -> str:
        """What a cell holds itself, for messages; empty when it holds nothing."""
        cell = self.cell(row, column)
        return "" if cell is None else quote(cell)

    def text(self, row: int, column: int) -> str:
        """What a cell shows, tidied; empty when it holds nothing."""
        cell = self.grid.cells.get(self.owner(row, column))
        return "" if cell is None or cell.value is None else join_spaces(quote(cell))


class Heading(NamedTuple):
    """What stands over a column.

    ``path`` runs from the outermost level to the leaf, units and 其中 left out; ``levels`` of it stand
    above the 其中 of a part. ``unit`` is the innermost one given, ``at`` the leaf's cell.
    """

    path: tuple[str, ...]
    unit: str
    part: bool
    levels: int
    at: Where


def join_spaces(text: str) -> str:
    """Text on one line, without white space except between two words of Latin letters."""
    return re.sub(r"\s+", " ", _OUTER.sub("", visible(text).translate(_UPRIGHT).strip()))


def is_unit(text: str) -> bool:
    """Whether a word in brackets is a unit, and not part of the name."""
    if len(text) > _LONGEST_UNIT:
        return False
    text = text.replace("·", "")
    known = text in PIECE_UNITS or text.removesuffix("次") in PIECE_UNITS
    return known or text.lower() in _ENGLISH_UNITS or is_measure(text)


def is_bare_unit(text: str) -> bool:
    """Whether a word is a unit and names nothing else, as 企业 and 岗位 do."""
    return is_unit(text) and (len(text) == 1 or is_measure(text) or text[-1:] == "次")


def is_measure(text: str) -> bool:
    """Whether a unit is measured and not counted; thousands of pieces and so much a piece are."""
    if text in MEASURE_UNITS:
        return True
    over, slash, under = text.partition("/")
    under = under.replace("·", "").replace(".", "").replace("/", "")
    if len(text) > 1 and text[0] in _SCALES and not slash:
        return is_unit(text[1:])
    return bool(slash) and text not in PIECE_UNITS and _is_plain(over) and _is_plain(under)


def _is_plain(text: str) -> bool:
    bare = text.removesuffix("年").removesuffix("月").removesuffix("次") or text
    return not {text, bare, text.lstrip(_SCALES)}.isdisjoint(_ATOMS)


def stated_units(texts: Iterable[str], brackets: int | None = None) -> tuple[str, ...]:
    """The units of a line like 单位：人 or 单位：人、户 above a table, or in brackets behind its title.

    Brackets alone count in the first ``brackets`` texts: 乡镇（场） heads names and states no unit.
    """
    behind: tuple[str, ...] = ()
    for number, text in enumerate(map(plain_text, texts)):
        for match in _STATED_UNIT.finditer(text):
            if units := _split_list(match[1]):
                return units
        bracket = None if brackets is not None and number >= brackets else _UNIT_BEHIND.search(text)
        behind = behind or (_split_list(bracket[1]) if bracket else ())
    return behind


def stated_unit(texts: Iterable[str]) -> str:
    """The same where it is one; else empty."""
    units = stated_units(texts)
    return units[0] if len(units) == 1 else ""


def with_unit_exceptions(
    headings: Mapping[int, Heading], texts: Iterable[str]
) -> dict[int, Heading]:
    """The headings, with the unit that a line like 单位：人（资金为万元） has for some of them."""
    told = [match for text in map(plain_text, texts) if (match := _UNIT_EXCEPT.search(text))]
    found = dict(headings)
    for match in told:
        for column, heading in headings.items():
            money = match[2] in MONEY and _MONEY_NAME.search(_UNIT_BEHIND.sub("", heading.path[-1]))
            if not heading.unit and is_unit(match[2]) and (money or match[1] in heading.path[-1]):
                found[column] = heading._replace(unit=match[2])
    return found


def _split_list(text: str) -> tuple[str, ...]:
    if is_unit(text):
        return (text,)
    over, _, under = text.replace("(", "（").rstrip(")）").partition("（")
    if under and is_unit(over):
        return (f"{over}（{under}）" if under == "次" or is_unit(under) else over,)
    units = tuple(filter(None, re.split(r"[、,，;；/\s]", text)))
    return units if all(map(is_unit, units)) else ()


def with_listed_units(headings: Mapping[int, Heading], units: Sequence[str]) -> dict[int, Heading]:
    """The headings; one without a unit has that of a list (单位：人、%) which its own words name."""
    return {
        column: heading._replace(unit=next((u for u in units if _names_unit(heading, u)), ""))
        if len(units) > 1 and not heading.unit
        else heading
        for column, heading in headings.items()
    }


def default_unit(heading: Heading, unit: str) -> str:
    """The unit stated for a whole table, for a heading whose own words do not speak of another."""
    name = _UNIT_BEHIND.sub("", heading.path[-1])
    if named := _NAMED_UNIT.search(name):
        alike = named[1] in unit or {named[1], unit} <= _HEADS
        scaled = unit[:1] in _SCALES  # 万人 of a heading 培训人次 is neither
        return unit if alike or not unit else "" if scaled and unit not in MONEY else named[1]
    other = (_RATE_NAME.search(name) and unit not in ("%", "％", "‰")) or (
        _MONEY_NAME.search(name) and unit not in MONEY
    )
    return "" if other else unit


def _names_unit(heading: Heading, unit: str) -> bool:
    name = _UNIT_BEHIND.sub("", heading.path[-1])
    if named := _NAMED_UNIT.search(name):
        return bool(named[1] == unit)
    rate = _RATE_NAME.search(name) and unit in ("%", "％")
    return bool(rate or (_MONEY_NAME.search(name) and unit in MONEY))


def read_headings(
    view: View, rows: Sequence[int], columns: Sequence[int], first: int
) -> dict[int, Heading]:
    """The heading of each column that has one. ``first`` is the first column right of the names."""
    owners: dict[int, tuple[Where | None, ...]] = {}
    for column in range(first, max(columns, default=first - 1) + 1):
        own = tuple(_filled_place(view, row, column) for row in rows)
        owners[column] = _spread_groups(view, own, owners.get(column - 1))
    bare = {row for row in rows[1:] if _holds_units(view, row, columns)}
    bare |= {row for row in rows[:1] if rows[1:] and _holds_units(view, row, columns, bare=True)}
    found = {column: _heading(view, bare, owners[column]) for column in columns}
    return {column: heading for column, heading in found.items() if heading is not None}


def _holds_units(view: View, row: int, columns: Sequence[int], *, bare: bool = False) -> bool:
    """Whether a row of a header gives the unit of every column, as 人 | 个 | 人.

    ``bare``: by words that name nothing else, as 企业 and 岗位 do.
    """
    texts = [split_unit(text) for c in columns if (text := view.text(row, c))]
    if bare and not all(is_bare_unit(name) for _, name in texts):
        return False
    return any(not unit and is_unit(name) for unit, name in texts) and all(
        is_unit(name) or (unit and not name) for unit, name in texts
    )


def _filled_place(view: View, row: int, column: int) -> Where | None:
    return view.owner(row, column) if view.text(row, column) else None


def _spread_groups(
    view: View, own: tuple[Where | None, ...], left: tuple[Where | None, ...] | None
) -> tuple[Where | None, ...]:
    """Blanks beside a group's name that were never merged with it belong to that group."""
    levels = list(own)
    for index in range(len(own) - 1):
        if levels[index] is not None:
            if left is None or levels[index] != left[index]:
                break  # another group begins here, so what is left blank below is not the old one's
            continue
        group = left[index] if left is not None else None
        below = [place for place in own[index + 1 :] if place is not None]
        if group is None or not below or _is_merged_across(view, group):
            break
        if view.area(*group)[2] >= below[0][0]:
            break  # merged down beside what stands below: a leaf, and no group
        if _units_differ(view.text(*group), [view.text(*place) for place in below]):
            break
        levels[index] = group
    return tuple(levels)


def _is_merged_across(view: View, place: Where) -> bool:
    area = view.area(*place)
    return area[3] > area[1]


def _units_differ(group: str, below: Sequence[str]) -> bool:
    """Whether a column names a unit of its own that its supposed group does not share."""
    outer, _ = split_unit(group)
    inner = [unit for unit, _ in map(split_unit, below) if unit]
    return bool(outer) and bool(inner) and outer not in inner


def split_unit(text: str) -> tuple[str, str]:
    """``就业（人）`` -> (``人``, ``就业``). A bracket that holds no unit stays in the name."""
    two = _UNIT_OF_TWO.search(text)
    if two and is_unit(two[1]) and (two[2] == "次" or is_unit(two[2])):
        return f"{two[1]}（{two[2]}）", (text[: two.start()] + text[two.end() :]).strip()
    for match in reversed(list(_UNIT.finditer(text))):
        said, unit = match[1], _PERCENT_LIMIT.sub(r"\1", _BOUND.sub("", match[2]))
        if said or is_unit(unit):
            return unit, (text[: match.start()] + text[match.end() :]).strip()
    remark = _UNIT_REMARK.search(text)
    if remark and is_unit(remark[1]) and not all(map(is_unit, re.split("[,，]", remark[2]))):
        return remark[1], f"{text[: remark.start()]}（{remark[2]}）{text[remark.end() :]}"
    if text[-1:] in ("%", "％") and _BEFORE_PERCENT.search(text[:-1]):
        return "%", text[:-1].strip()
    slashed = _UNIT_SLASHED.fullmatch(text)
    name, unit = (slashed[1] or slashed[3], slashed[2] or slashed[4]) if slashed else ("", "")
    if is_unit(unit) and not is_unit(name):
        return unit, name
    said_outright = _STATED_UNIT.fullmatch(text)
    return (said_outright[1], "") if said_outright else ("", text)


def _heading(view: View, bare: set[int], levels: tuple[Where | None, ...]) -> Heading | None:
    """``bare`` are rows that hold nothing but units."""
    places = [place for place in dict.fromkeys(levels) if place is not None]
    if not places:
        return None
    path: list[str] = []
    unit, part, pending, above = "", False, False, 0
    for place in places:
        text = view.text(*place)
        own_unit, name = split_unit(_PIVOTED.sub("", text))
        last = bool(path) and place is places[-1] and is_bare_unit(name)
        if not own_unit and (place[0] in bare or last) and is_unit(name):
            own_unit, name = name, ""
        unit = own_unit or unit
        match = _PART.match(name)
        if match and not part:
            part, pending, above = True, True, len(path)
        name = name[match.end() :] if match else name
        if name and (pending or not path or fold(path[-1]) != fold(name)):
            path.append(f"其中：{name}" if pending else name)
            pending = False
    if pending:
        path.append("其中")
    if not path:
        return None
    heading = Heading(tuple(path), unit, part, above, places[-1])
    own = split_unit(_PIVOTED.sub("", view.text(*places[-1])))[0] or places[-1][0] in bare
    if own or unit in _PERCENTS:  # 增长目标（%） > 投资
        return heading
    return heading._replace(unit=default_unit(heading, unit))
