"""What each row below the header of a task table is: a district, a total, a note, or none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from xl_addin.model.names import plain
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable import chongqing
from xl_addin.tasktable.choices import NO_CHOICES, Choices
from xl_addin.tasktable.find import (
    NUMBERING,
    SUBTOTALS,
    TOTALS,
    Shape,
    counts_up,
    is_corner,
    is_nothing,
    is_value,
)
from xl_addin.tasktable.purpose_words import (
    BASE,
    CHANGE,
    EARLIER,
    GROWTH,
    RESULT,
    SHARE,
    WEIGHT,
    kind_of,
    stem_of,
)
from xl_addin.xlsx.cells import TEXT

DISTRICT, TOTAL, SUBTOTAL, NOTE = "district", "total", "subtotal", "note"
NAMELESS, SPLIT, UNSURE, SECOND, ASIDE = "nameless", "split", "unsure", "second", "aside"

RESERVE, ABOUT, PART, SKIPPED = "reserve", "about", "part", "skipped"

RESERVE_WORDS = pattern(
    r"([市省县区州镇]级?|本级|全[市省县区])?((预留|机动|待分配|未分配|待分解|未分解|暂不分配|不可预见|预备|后备|调剂|备用)[、和及与/]?){1,2}"
    r"(数|量|指标|任务|名额|资金|部分|额度|计划)*(\d+%)?(\(.*\))?|其[他它余](县区|区县|县市区|市县|乡镇|街道|学校|单位|地区)?|\(空白\)|(?i:\(blank\)|reserved?|unallocated|unassigned|contingency|others?)"
)
_ABOUT = pattern(
    r"(国家|中央|上级|[省市州县区]级?)?(下达|分配)的?(任务|计划|指标|目标)(总?[数量])?|(国家|中央|上级|省)级?定?的?(任务|计划|指标|目标)(总?[数量])?|(国家|中央|上级|[省市]级?|全[省市县区])(下达|分配|核定)[数量]?|(校验|核对|检验|验证)(数|行|列|公式)?|比[例率]|标准差|方差|余额|缺口|结余|累计完成(数|量)?|(分解)?(差[额数异]|余量)|[比较]?超(?!市$)(出|额|过)?(上级|省级?|市级?|国家)?(下达|分解|分配)?的?(任务|计划|指标|目标|部分)?(数|量)?|[比较](上级|省级?|市级?|国家)(下达|分解)?的?(任务|计划|指标|目标)[多少增减超]?(加|出)?(数|量)?|(考核)?(权重|分值|标准分|得分)(\(.*\))?|(责任|牵头|配合|主管)(单位|部门|科室|处室|领导)|(完成)?(时限|期限)|计量单位|"
    r"指标(性质|类型|属性)|数据来源|(上年|去年|20\d\d年)(度|底)?(完成|实际|实绩|基数|数|同期).*|同比.*|[比较](上年|去年).*|"
    r"增[长减](率|数|量|额)?|增幅|占比|比重|完成(率|数|比例|情况)|进度|.{0,4}平均(数|值|水平|每[省市州县区镇乡村校班人户])?|.{0,4}均[值数]|[各全]?[省市州县区镇乡村校班人户亩]均(水平)?|最[大小高低]值?|中位数|"
    r"(?i:(weight(ing)?s?|average|mean|median|max(imum)?|min(imum)?)(\(.*\)|%)?)"
)
PLACE = pattern(
    r".*([区县市镇乡州盟旗村]|街道|社区|办事处|开发区|新区|园区|农场|林场|学校|[大中小]学|幼儿园|医院|[一二三四五六七八九十]中|卫生院|"
    r"本级|中心|站|所|院|局|委|办|处|科|公司|厂|店|部|队|会|行|社|场)(\(.*\))?"
)
_REGIONS = pattern(
    r".*(片区?|城镇群|城市群|都市区|都市圈|经济[区圈带]|板块|组团|大区)(\(.*\))?|[东西南北中]部(地区|区域)?|[豫川皖苏粤渝陕鲁冀湘鄂赣浙闽桂滇黔辽吉甘青宁新疆蒙][东西南北中]+(地区|区域)|城镇|农村|县域|山区|库区|坝区|平坝|丘陵|高山|.+[区县市镇乡村道][、和及].+[区县市镇乡村道]|各(县区|区县|县市区|乡镇|街道|学校|部门|单位)|"
    r"非?(国家级?|省级?|市级?)?(乡村振兴)?(脱贫|贫困|(重点)?帮扶|重点|山区|丘陵|沿海|内陆|边境|(粮食)?主产|产粮大|试点)(县|区县|县区|县市区|县市|市县|乡镇)"
)
_PART = pattern(
    r"[(（]\s*(?:其\s*中|含)\s*[:：,，、]?\s*(.*)[)）]|(?:其\s*中\s*[:：,，、]?|含\s*[:：])\s*(.*)",
    re.DOTALL,
)
_FIELD = pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_CHINESE = pattern(r"[\u3400-\u9fff]")
_LISTED = pattern(r"[(（]?\d{1,3}[)）.、．]|[一二三四五六七八九十]+、")
_NOTE = pattern(
    r"(注|备注|说明|附注|注释|来源|数据来源|资料来源)([:\d一二三(.、]|$)|"
    r"(填表|填报|制表|审核|复核|联系|负责|统计|报送|编制|主管|分管)(人|员|单位|日期|时间|电话|机关|部门|领导)*:|"
    r"(填表|填报|制表|审核|复核|联系)人$|"
    r"(填报|制表|统计|报送|报表|打印)?(日期|时间):|(填表|填报|制表|报送|打印)(日期|时间)$|(联系|咨询)(电话|方式)$|页码$"
)
_PROSE = pattern(
    r"[。；;:]|.{21,}|\(?[一二三四五六七八九十\d]+[)、.]|\d{4}年\d{1,2}月(\d{1,2}日)?$"
)
# As in 合计 Total, 全市（不含市本级）.
_BESIDE_TOTAL = pattern(r"(?<=[\u3400-\u9fff])(\(?[A-Za-z]+\)?|\([不含].*\))$")
_OF_A_YEAR = pattern(r"\s*20\d\d年")
PAGE = pattern(
    r"\(?续表?.{0,4}|表[一二三四五六\d].*|.*表(\(?续.?\)?)?\d*|附[件表].*|第\d+页.*|20\d\d年度?.{4,}"
)
_REMARK = pattern(r"\(.*\)|以[上下].{3,}")
_GROUP = pattern(
    r"[一二三四五六七八九十]+、.*|\([一二三四五六七八九十]+\).*|.*(片区|地区|区域|类|组|:)|"
    r"([公民]办)?(小学|初中|高中|中学|幼儿园|中职|高职|高校)[段部]?"
)

# A row called by such a word alone says something of the columns: 基数, 单价.
_PURPOSES = (WEIGHT, GROWTH, SHARE, RESULT, EARLIER, BASE, CHANGE)
_CALLED = ((SUBTOTALS, SUBTOTAL), (_PART, PART), (RESERVE_WORDS, RESERVE), (_ABOUT, ABOUT))
# Rows without figures among others: the title of a next page, a remark, the name of a group.
_BETWEEN = ((PAGE, ASIDE), (_REMARK, NOTE), (_GROUP, UNSURE))


class Line(NamedTuple):
    """One row below the header: what it is, the name it carries, the group named left of it."""

    row: int
    kind: str
    name: str
    group: str = ""


def looks_like_place(name: str) -> bool:
    """Whether a name is, or ends like, that of a place or an office."""
    key = plain(name)
    return chongqing.find_district(name) is not None or bool(PLACE.fullmatch(key))


def is_region(name: str) -> bool:
    """Whether a name is that of several districts together, as 川东片区 or 脱贫县."""
    return bool(_REGIONS.fullmatch(plain(name)))


def classify_rows(shape: Shape, choices: Choices = NO_CHOICES) -> list[Line]:
    """Every row below the header that holds anything, with what it is."""
    view = shape.view
    bottom = max(row for row, _ in view.grid.cells)
    filled = sorted({row for row, _ in view.grid.cells if shape.first <= row <= bottom})
    valued = [r for r in filled if any(is_value(view.cell(r, c)) for c in shape.columns)]
    last = max((r for r in valued if _name(shape, r)[0]), default=shape.first)
    header = {_texts(shape, row) for row in shape.header}
    found: list[Line] = []
    beside = _texts_left(shape)
    for row in filled:
        detached = row > last and (not found or found[-1].row != row - 1 or found[-1].kind == NOTE)
        name, split = _name(shape, row)
        if row in choices.skipped_rows:
            found.append(Line(row, SKIPPED, name))
        elif row in choices.total_rows:
            found.append(Line(row, TOTAL, name))
        elif _texts(shape, row) in header or _holds_field_names(shape, row):
            found.append(Line(row, ASIDE, ""))
        else:
            kind = SPLIT if split else _kind(shape, row, name, row < last, detached)
            kind = DISTRICT if row in choices.kept_rows and kind not in (SPLIT, NAMELESS) else kind
            if kind == TOTAL and _OF_A_YEAR.match(name) and any(x.kind == TOTAL for x in found):
                kind = ABOUT
            if (
                kind == DISTRICT
                and row not in choices.kept_rows
                and _stands_beside_part(shape, row, found)
            ):
                kind = PART
            found.append(_settle_part(Line(row, kind, name, _group(shape, beside, row)), found))
    return found


def _holds_field_names(shape: Shape, row: int) -> bool:
    """Whether the row below a Chinese header has the names of a system's fields: QXMC, JYRS."""
    if row != shape.first or not shape.header:
        return False
    texts = [text for text in _texts(shape, row) if text]
    heads = [shape.view.text(shape.header[-1], c) for c in shape.columns]
    return len(texts) > 1 and all(map(_FIELD.fullmatch, texts)) and any(map(_CHINESE.search, heads))


def _stands_beside_part(shape: Shape, row: int, before: Sequence[Line]) -> bool:
    """Whether a row stands as far in as the one with 其中 right above it, and farther than what that is a part of."""
    if not before or before[-1].kind != PART:
        return False
    whole = next((each for each in reversed(before) if each.kind == DISTRICT), None)
    indent = _indent(shape, row)
    return whole is not None and _indent(shape, whole.row) < indent == _indent(
        shape, before[-1].row
    )


def _indent(shape: Shape, row: int) -> int:
    """How many blanks stand before the name of a row."""
    cell = shape.view.cell(row, shape.name_column)
    text = str(cell.value) if cell is not None else ""
    return len(text) - len(text.lstrip())


def _settle_part(line: Line, before: Sequence[Line]) -> Line:
    """``其中：1.历下区`` below a total is the first of those added up; below a district it is its part."""
    match = _PART.fullmatch(line.name) if line.kind == PART else None
    if match is None:
        return line
    rest = match[1] or match[2]
    above = next((each for each in reversed(before) if each.kind not in (ASIDE, NOTE)), None)
    begins = above is None or above.kind in (TOTAL, SUBTOTAL, UNSURE)
    if above is not None and above.kind == TOTAL and any(x.kind == DISTRICT for x in before):
        begins = False  # a part of what the total below them adds up
    if rest and (
        _LISTED.match(rest) or (begins and looks_like_place(rest) and not is_region(rest))
    ):
        return line._replace(kind=DISTRICT, name=rest)
    return line


def part_name(name: str) -> str:
    """What stands behind 其中."""
    match = _PART.fullmatch(name)
    return (match[1] or match[2] or "") if match else name


def _texts(shape: Shape, row: int) -> tuple[str, ...]:
    return tuple(shape.view.text(row, c) for c in (shape.name_column, *shape.columns))


def _name(shape: Shape, row: int) -> tuple[str, bool]:
    """The name of a row, and whether it is another row's too (merged downwards)."""
    view, column = shape.view, shape.name_column
    if view.text(row, column):
        return view.text(row, column), view.owner(row, column)[0] != row
    for left in range(column - 1, 0, -1):
        if (
            view.area(row, left)[0] == row
            and not is_value(view.cell(row, left))
            and view.text(row, left)
        ):
            return view.text(row, left), False
    return "", False


def _texts_left(shape: Shape) -> list[tuple[int, list[int]]]:
    """The columns left of the names, the nearest first, with the rows of each in which something stands."""
    view = shape.view
    rows: dict[int, set[int]] = {}
    for at in (*view.grid.cells, *view.covered):
        if at[1] < shape.name_column and at[0] >= shape.first and view.text(*at):
            rows.setdefault(at[1], set()).add(at[0])
    return [(column, sorted(rows[column])) for column in sorted(rows, reverse=True)]


def _group(shape: Shape, beside: Sequence[tuple[int, Sequence[int]]], row: int) -> str:
    """What stands left of a name for several rows together, as a city beside its counties."""
    view = shape.view
    for left, rows in beside:
        at = bisect_right(rows, row) - 1
        if at < 0 or is_value(view.cell(*view.owner(rows[at], left))):
            continue
        key = plain(text := view.text(rows[at], left))
        total = TOTALS.fullmatch(key) or SUBTOTALS.fullmatch(key)
        return "" if total else text
    return ""


def _kind(shape: Shape, row: int, name: str, inside: bool, detached: bool) -> str:
    view = shape.view
    cells = [cell for c in shape.columns if (cell := view.cell(row, c)) is not None]
    says = any(is_value(cell) or is_nothing(cell) for cell in cells)
    key = plain(name)
    words = sum(cell.kind == TEXT and not is_nothing(cell) and not is_value(cell) for cell in cells)
    if not name and any(map(is_value, cells)):
        return NAMELESS
    if inside and words and (is_corner(name) or (not name and words > 1)):
        return SECOND
    if not name:
        return ASIDE
    if any(TOTALS.fullmatch(form.sub("", key)) for form in (_BESIDE_TOTAL, _LISTED)):
        return TOTAL
    if key in NUMBERING and counts_up(view, row, shape.columns):
        return ASIDE
    called = next((kind for words, kind in _CALLED if words.fullmatch(key)), "")
    if not called and kind_of(key) in _PURPOSES and not (stem_of([key]) or looks_like_place(key)):
        return ABOUT
    starred = key[0] in "※★*" and not says
    if called or starred or _NOTE.match(key):
        return called or NOTE
    if chongqing.find_district(name) is not None:
        return DISTRICT
    if says:
        prose = detached and _PROSE.match(key)
        return DISTRICT if inside or not prose or any(map(is_value, cells)) else NOTE
    if view.area(row, shape.name_column)[3] > shape.name_column and inside:
        return ASIDE
    if inside:
        between = next((kind for text, kind in _BETWEEN if text.fullmatch(key)), DISTRICT)
        return DISTRICT if words and between == UNSURE else between
    if _goes_on(shape, row, name, detached):
        return DISTRICT
    return NOTE if detached or _PROSE.search(key) or words else UNSURE


def _goes_on(shape: Shape, row: int, name: str, detached: bool) -> bool:
    """Whether a row right below the last has a name of its kind and something else than a figure, as 待定."""
    above = shape.view.text(row - 1, shape.name_column)[-1:]
    said = any(shape.view.text(row, c) for c in shape.columns)
    alike = above == name[-1:] or {above, name[-1:]} <= set("区县旗市镇乡道")
    return not detached and said and bool(above) and alike
