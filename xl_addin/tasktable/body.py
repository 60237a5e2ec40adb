"""The rows of a task table that count: districts and totals; what else holds a number is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from xl_addin.model.names import fold, is_percent_unit, plain
from xl_addin.model.records import District
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.tasktable import lines, sums
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.chongqing import find_district
from xl_addin.tasktable.columns import Columns
from xl_addin.tasktable.find import Shape, is_value
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading
from xl_addin.tasktable.lines import Line
from xl_addin.tasktable.purpose_words import kind_of
from xl_addin.tasktable.totals import settle_totals
from xl_addin.tasktable.vectors import Vector, add_up, begins_with, same, strength_of, vectors_of
from xl_addin.xlsx.values import read_number

_NUMBERED = pattern(
    r"^([※★☆*▲△●]\s?)?([(（]?\d{1,3}[)）.、．]\s?(?=[\u3400-\u9fffA-Za-z])|"
    r"([一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）])(?![一二三四五六七八九十])(?=[\u3400-\u9fff]{2}))*"
)
_CODED = pattern(r"(\d{6}(?:\d{3}){0,2})\s*(?=[\u3400-\u9fff]{2})")
# A mark at a name that some note explains.
_MARK = pattern(r"[\s*※★☆▲△●①-⑳¹²³]+$")
_OWN = pattern(r"(市|州|县|区|省)?本级|直属|(市|州|县|区)[直级]")
_MANY, _FEW = 4, 4  # of so many rows no more than one in so many is told to be unlike the others
_FEW_NAMES = 2  # that two cities may both have
_CERTAIN = 4.0  # powers of ten against a sum by chance
_RATE = pattern(r".*(率|比例|比重|占比)(\(.*\))?")

WHY = {
    lines.SUBTOTAL: "小计",
    lines.RESERVE: "预留数，不属于任何一个区县",
    lines.ABOUT: "说明各列的一行，不是区县",
    lines.PART: "“其中”的一行，已经包含在上面的数里",
    lines.NOTE: "注释",
    lines.UNSURE: "没有数字",
    lines.ASIDE: "标题、栏次一类，没有数",
    lines.SKIPPED: "按选项不读",
}


class Body(NamedTuple):
    """``districts`` and ``totals`` are read; ``all`` has every row below the header as it was taken."""

    districts: tuple[Line, ...]
    totals: tuple[Line, ...]
    all: tuple[Line, ...]


def mention_rows(shape: Shape, found: Sequence[Line], findings: Findings) -> None:
    """Refuse rows that nobody can assign; tell of those that hold numbers and are not read."""
    for line in found:
        at = (line.row, shape.name_column)
        values = [c for c in shape.columns if is_value(shape.view.cell(line.row, c))]
        if line.kind == lines.SPLIT:
            says = f"“{line.name}”合并了几行，不知道用哪一行的数；请一个区县只占一行"
            findings.refuse("merged-cells", at, line.name, says)
        elif line.kind == lines.SECOND:
            below = [x.row for x in found if x.row >= line.row]
            says = (
                "这一行像另一张表的表头，下面的数不知道属于哪项指标；请一张工作表只放一张任务表，"
                f"不要读这一行和下面的请加 {findings.rows_option('skip', below)}"
            )
            findings.refuse("second-table", at, line.name, says)
        elif line.kind == lines.NAMELESS:
            at = (line.row, values[0])
            says = (
                "这一行有数字但没有名称；请补上区县名称（或“合计”），"
                f"不是数据就删去，或加 {findings.row_option('skip', line.row)}"
            )
            findings.refuse("row-without-name", at, shape.view.quote(*at), says)
        elif line.kind == lines.UNSURE:
            says = f"“{line.name}”这一行没有数字，没有当作区县；如果是区县，请填上任务数或“—”"
            findings.warn("row-skipped", at, line.name, says)
        elif line.kind == lines.NOTE and values:
            at = (line.row, values[0])
            says = f"“{line.name[:20]}”按注释跳过，这里的数没有读入；请确认不是数据"
            findings.warn("number-skipped", at, shape.view.quote(*at), says)


def settle_nameless(
    shape: Shape, found: list[Line], columns: Columns, findings: Findings
) -> list[Line]:
    """The rows; one without a name that is the sum of all districts, beyond chance, is their total."""
    vectors = vectors_of(found, additive_columns(columns.headings), value_reader(shape))
    districts = [vectors[line.row] for line in found if line.kind == lines.DISTRICT]
    if len(districts) < 2:
        return found
    total = add_up(districts)
    rows = {
        line.row
        for line in found
        if line.kind == lines.NAMELESS
        and same(vectors[line.row], total)
        and strength_of(total) >= _CERTAIN
    }
    for row in rows:
        says = "这一行没有名称，等于各行相加，按合计处理；它是区县的话请补上名称"
        findings.warn("looks-like-total", (row, shape.name_column), "", says)
    return [x._replace(kind=lines.TOTAL, name="没有名称") if x.row in rows else x for x in found]


def before_second(found: list[Line]) -> list[Line]:
    """The rows above another table's header, which was refused: what is below repeats the names."""
    second = next((n for n, line in enumerate(found) if line.kind == lines.SECOND), len(found))
    return found[:second]


def before_again(shape: Shape, found: list[Line], findings: Findings) -> list[Line]:
    """The rows above a second block of the same names, which is refused with the rows to leave out."""
    held = [any(is_value(shape.view.cell(x.row, c)) for c in shape.columns) for x in found]
    named = [n for n, x in enumerate(found) if x.kind == lines.DISTRICT and held[n]]
    names = [fold(found[n].name) for n in named]
    again = next((n for n, name in enumerate(names) if name in names[:n]), 0)
    block = names[again:]
    if not again or len(block) < 2 or not set(names[:again]).issuperset(block):
        return found
    between = [n for n in range(named[again - 1] + 1, named[again]) if not held[n]]
    apart = found[named[again]].row - found[named[again] - 1].row > 1
    if not (between or apart) or any(lines.looks_like_place(found[n].name) for n in between):
        return found
    start = between[0] if between else named[again]
    last = max(line.row for line, holds in zip(found, held, strict=True) if holds)
    above = [line.row for line in found[named[0] : start]]
    below = [line.row for line in found[start:] if line.row <= last]
    says = (
        f"从{findings.row_name(below[0])}起又把同样的区县列了一遍，像是上年的数、对照的数或另一张表，"
        f"一张工作表只读一张任务表；不要读这几行请加 {findings.rows_option('skip', below)}，"
        f"要读的是这几行请加 {findings.rows_option('skip', above)}"
    )
    findings.refuse("second-table", (below[0], shape.name_column), found[start].name, says)
    return found[:start]


def settle_headings(shape: Shape, found: Sequence[Line], choices: Choices) -> list[Line]:
    """The rows, with names that only head the rows below them, as 甲市 without figures over its counties."""
    blank = {
        line.row
        for line in found
        if line.kind == lines.DISTRICT
        and line.row not in choices.kept_rows
        and find_district(line.name) is None
        and all(shape.view.cell(line.row, c) is None for c in shape.columns)
    }
    names = [x.name for x in found if x.kind == lines.DISTRICT and x.row not in blank]
    added = [fold(x.name) for x in found if x.kind == lines.SUBTOTAL]
    settled: list[Line] = []
    group = ""
    for line in found:
        heads = line.row in blank and (
            sums.is_heading(line.name, names) or any(fold(line.name) in name for name in added)
        )
        kind = lines.UNSURE if heads else line.kind
        if kind in (lines.UNSURE, lines.ASIDE):
            group = "" if lines.PAGE.fullmatch(plain(line.name)) else line.name
        own = group if kind == lines.DISTRICT else ""
        settled.append(line._replace(kind=kind, group=line.group or own))
    return settled


def read_body(
    shape: Shape, found: Sequence[Line], columns: Columns, choices: Choices, findings: Findings
) -> Body:
    """The rows that count, with those that are the sum of others told apart."""
    value = value_reader(shape)
    additive = additive_columns(columns.headings)
    vectors = vectors_of(found, additive, value)
    totals = [line for line in found if line.kind == lines.TOTAL]
    if totals:
        said = [n for n, c in enumerate(additive) if shape.view.cell(totals[0].row, c) is not None]
        vectors = {row: tuple(vector[n] for n in said) for row, vector in vectors.items()}
    kept = choices.kept_rows
    found = _settle_parts(found, vectors, kept)
    told = sums.find_sums(found, vectors, kept)
    groups = {
        member: line.name
        for line in found
        if told.kinds.get(line.row) == lines.SUBTOTAL
        for member in told.members[line.row]
    }
    settled = [
        line._replace(
            kind=told.kinds.get(line.row, line.kind), group=line.group or groups.get(line.row, "")
        )
        for line in found
    ]
    settled = settle_totals(shape, settled, vectors, kept, findings)
    for line in settled:
        if line.row in told.doubts and line.kind == lines.DISTRICT:
            _refuse_doubt(shape, line, told.doubts[line.row], found, findings)
    for line in settled:
        _mention_left_out(shape, line, told, findings)
    _check_subtotals(shape, settled, told, vectors, findings)
    districts = tuple(line for line in settled if line.kind == lines.DISTRICT)
    _mention_hidden(shape, districts, findings)
    totals = [line for line in settled if line.kind == lines.TOTAL]
    everything = add_up(vectors[line.row] for line in districts) if districts else ()
    if not any(any(vectors[x.row]) and same(vectors[x.row], everything) for x in totals):
        _mention_unlike(shape, districts, kept, findings)
    return Body(districts, tuple(totals), tuple(settled))


def _settle_parts(
    found: Sequence[Line], vectors: Mapping[int, Vector], kept: frozenset[int]
) -> Sequence[Line]:
    """``其中：市本级`` below a city is one of those that it adds up, where the sums say so."""
    parts = {
        line.row: line._replace(kind=lines.DISTRICT, name=lines.part_name(line.name))
        for line in found
        if line.kind == lines.PART
        and line.row not in kept
        and lines.looks_like_place(lines.part_name(line.name))
    }
    if not parts:
        return found
    trial = [parts.get(line.row, line) for line in found]
    told = sums.find_sums(trial, vectors, kept)
    within = sums.parts_within(trial, told, parts.keys())
    if within:
        return [x._replace(kind=lines.PART) if x.row in within else x for x in found]
    added = {row for members in told.members.values() for row in members}
    return trial if parts.keys() <= added or sums.agrees(trial, told, vectors) else found


def value_reader(shape: Shape) -> Callable[[int, int], int | float]:
    """What reads the number in a cell, 0 for none, so that rows can be added."""

    def value(row: int, column: int) -> int | float:
        read = read_number(shape.view.cell(row, column)).value
        return 0 if read is None else read

    return value


def additive_columns(headings: dict[int, Heading]) -> list[int]:
    """The columns that add up over districts: no rates, and targets only where there are any."""
    counted = {
        column: kind_of(plain(heading.path[-1]))
        for column, heading in headings.items()
        if not is_percent_unit(heading.unit) and not _RATE.fullmatch(plain(heading.path[-1]))
    }
    return [c for c, kind in counted.items() if not kind] or list(counted)


def _refuse_doubt(
    shape: Shape, line: Line, members: Sequence[int], found: Sequence[Line], findings: Findings
) -> None:
    names = "、".join(f"“{each.name}”" for each in found if each.row in members[:3])
    what = "叫片区、分组一类的名称"
    if members:
        what = f"等于{names}{'等' if members[3:] else ''}相加"
    elif lines.looks_like_place(line.name) and not lines.is_region(line.name):
        what = "像是上一级的名称，又不等于下面各行相加"
    says = (
        f"“{line.name}”这一行{what}，不能确定是合计（小计）还是一个区县；"
        f"是区县请加 {findings.row_option('keep', line.row)}，"
        f"是合计请加 {findings.row_option('total', line.row)}，"
        f"是小计、不要读请加 {findings.row_option('skip', line.row)}"
    )
    findings.refuse("row-in-doubt", (line.row, shape.name_column), line.name, says)


def _mention_left_out(shape: Shape, line: Line, told: sums.Found, findings: Findings) -> None:
    at = (line.row, shape.name_column)
    keep = findings.row_option("keep", line.row)
    values = any(is_value(shape.view.cell(line.row, c)) for c in shape.columns)
    if line.row in told.kinds:
        what = "合计" if line.kind == lines.TOTAL else "小计"
        count = len(told.members[line.row])
        how = f"等于其他 {count} 行相加" if count else "是分组的名称，没有数"
        says = f"“{line.name}”这一行{how}，按{what}处理，没有当作区县；它是区县的话请加 {keep}"
        findings.warn("looks-like-total", at, line.name, says)
    elif line.kind == lines.SUBTOTAL:
        says = f"“{line.name}”按小计跳过，没有当作区县；请确认"
        findings.warn("subtotal-skipped", at, line.name, says)
    elif line.kind in (lines.RESERVE, lines.ABOUT, lines.PART) and values:
        says = f"“{line.name}”是{WHY[line.kind]}，没有当作区县；它是区县的话请加 {keep}"
        code = "subtotal-skipped" if line.kind == lines.PART else "row-skipped"
        findings.warn(code, at, line.name, says)


def _check_subtotals(
    shape: Shape,
    settled: Sequence[Line],
    told: sums.Found,
    vectors: Mapping[int, Vector],
    findings: Findings,
) -> None:
    """Tell of a subtotal that is the sum of no run of rows below or above it."""
    for line in settled:
        vector = vectors[line.row]
        if line.kind != lines.SUBTOTAL or line.row in told.kinds or not any(vector):
            continue
        districts = [each for each in settled if each.kind == lines.DISTRICT]
        below = [vectors[each.row] for each in districts if each.row > line.row]
        above = [vectors[each.row] for each in districts if each.row < line.row]
        if not (begins_with(below, vector) or begins_with(above[::-1], vector)):
            says = f"“{line.name}”和它下面、上面连着的各行相加都对不上；小计没有读入，请核对各行"
            findings.warn("total-mismatch", (line.row, shape.name_column), line.name, says)


def _mention_unlike(
    shape: Shape, districts: Sequence[Line], kept: frozenset[int], findings: Findings
) -> None:
    """Tell of the few names that are no place's among places: 安宁河谷 among counties may be several."""
    other = [x for x in districts if not lines.looks_like_place(x.name)]
    if len(districts) < _MANY or _FEW * len(other) > len(districts):
        return
    for line in other:
        if line.row not in kept:
            says = (
                f"“{line.name}”不像其他各行的名称，可能是几个区县合起来的一行或说明；已当作区县读入，"
                f"不是请加 {findings.row_option('skip', line.row)}，"
                f"是请加 {findings.row_option('keep', line.row)}"
            )
            findings.warn("row-unlike", (line.row, shape.name_column), line.name, says)


def _mention_hidden(shape: Shape, districts: Sequence[Line], findings: Findings) -> None:
    for line in districts:
        if line.row in shape.view.grid.hidden_rows:
            says = f"“{line.name}”这一行是隐藏的，已照常读入；不要的话请删去这一行"
            findings.warn("hidden-row", (line.row, shape.name_column), line.name, says)


def read_districts(
    shape: Shape, body: Body, columns: Columns, findings: Findings
) -> tuple[District, ...]:
    """One district a line, in order; a name or a code that stands twice is refused."""
    districts: list[District] = []
    seen: dict[str, str] = {}
    bares = _bare_names(body.districts)
    names = _names(body.districts, bares)
    for number, (line, name, bare) in enumerate(zip(body.districts, names, bares, strict=True), 1):
        at = (line.row, shape.name_column)
        known = find_district(name)
        official = known.code if known else f"D{number:03d}"
        coded = _CODED.match(line.name)
        code = columns.codes.get(line.row, coded[1] if coded else official)
        keys = {f"名称 {fold(name)}", f"代码 {code}"}
        keys |= {f"名称 {fold(known.name)}"} if known else set()
        before = next((seen[key] for key in sorted(keys) if key in seen), "")
        if before:
            says = (
                f"“{line.name}”和 {before} 的名称或代码重复；请一个区县只留一行，"
                "两地同名的请在名称里写明是哪个市（州）的"
            )
            findings.refuse("district-twice", at, line.name, says)
        seen |= {key: findings.cell_name(at) for key in keys if key not in seen}
        cell = shape.view.grid.cells.get(shape.view.owner(*at))
        printed = line.name if cell is None else str(cell.value)
        spellings = (printed, known.name, *known.aliases) if known else (printed,)
        if name != bare:
            spellings = ()  # shared with another district
        aliases = tuple(word for word in dict.fromkeys(spellings) if word != name)
        districts.append(District(code, name, aliases))
    _refuse_groups(shape, body.districts, findings)
    if not districts:
        at = (shape.first, shape.name_column)
        findings.refuse("no-district", at, "", "表头下面没有读到一个区县；请检查名称一列")
    return tuple(districts)


def _refuse_groups(shape: Shape, districts: Sequence[Line], findings: Findings) -> None:
    """Refuse groups that all have the same names, as 2023年 and 2024年 have: those are no cities."""
    groups: dict[str, list[Line]] = {}
    for line in districts:
        groups.setdefault(line.group, []).append(line)
    names = [{fold(line.name) for line in found} for found in groups.values()]
    if len(names) < 2 or any(each != names[0] for each in names):
        return
    few = _FEW_NAMES if all(map(lines.looks_like_place, groups)) else 1
    if len(names[0]) > few:
        first, other, *_ = groups
        skip, keep = (
            findings.rows_option("skip", [line.row for line in groups[name]])
            for name in (other, first)
        )
        says = (
            f"“{first}”和“{other}”下面是同样的区县，像是两个年度或两种数，一张工作表只读一张任务表；"
            f"只读前一种请加 {skip}，只读后一种请加 {keep}"
        )
        at = (groups[other][0].row, shape.name_column)
        findings.refuse("second-table", at, other, says)


def _bare_names(districts: Sequence[Line]) -> list[str]:
    """Names without their numbers in the list, and without marks where those tell no two apart."""
    bare = [_NUMBERED.sub("", _CODED.sub("", line.name, count=1)) for line in districts]
    unmarked = [_MARK.sub("", name) or name for name in bare]
    return unmarked if len(set(unmarked)) == len(set(bare)) else bare


def _names(districts: Sequence[Line], bare: Sequence[str]) -> list[str]:
    """The bare names; of one name in two cities, and of 本级, with the city's."""
    count = Counter(map(fold, bare))
    groups = Counter((fold(name), line.group) for name, line in zip(bare, districts, strict=True))
    twice = {
        fold(name)
        for name, line in zip(bare, districts, strict=True)
        if count[fold(name)] > groups[fold(name), line.group] == 1
    }
    return [
        _with_group(name, line.group, fold(name) in twice)
        for name, line in zip(bare, districts, strict=True)
    ]


def _with_group(name: str, group: str, twice: bool) -> str:
    """``甲市`` and ``市本级`` make 甲市本级; another name only gets its city where it stands twice."""
    own = _OWN.fullmatch(plain(name))
    group = _NUMBERED.sub("", group)
    if not group or name.startswith(group) or not (own or twice):
        return name
    return f"{group}{name.removeprefix(group[-1:]) if own else name}"
