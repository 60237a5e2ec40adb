"""Tables that are no rows of districts: indicators down and districts across, or a task a row."""

from __future__ import annotations

from collections.abc import Sequence
from re import Pattern

from xl_addin.model.names import plain
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.chongqing import find_district
from xl_addin.tasktable.columns import Columns, left_label
from xl_addin.tasktable.find import TOTALS, TOWN, Shape, is_corner
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading, split_unit
from xl_addin.tasktable.lines import DISTRICT, TOTAL, Line, looks_like_place
from xl_addin.tasktable.purpose_words import WHOLE_YEAR, kind_of
from xl_addin.xlsx.values import read_number

_NOISE = 1e-6
_FEW_PLACES = 3
_MEASURES = pattern(
    r"指标(名称|内容)?|目标(名称|内容)|考核(指标|项目|内容)|(?i:indicators?(name)?|measures?|targets?|items?|activit(y|ies)|outputs?)"
)
_TASKS = pattern(
    r"(重点|主要|工作|目标|具体|年度|责任|重大)*(任务|工作|事项|措施|举措)(名称|内容|事项|清单|描述|要求)?|(工作|目标|建设|考核|项目)内容|"
    r"项目名称|(?i:tasks?|activit(y|ies)|actions?|projects?)(name)?"
)
# What may head units, and anything else.
ANYTHING = frozenset(("名称", "项目", "行标签", "name", "rowlabels"))
# What is told of persons and of no unit.
_OF_PERSONS = pattern(
    r"年龄|性别|民族|学历|文化程度|出生(年月|日期)?|身份证(号码?)?|残疾证号?|银行卡号?|开户行|家庭住址|住址|(?i:age|sex|gender)"
)
_PROJECT = pattern(r".+(工程|项目|改造|建设|[一二三四]期|[一二三四]标段)(\(.*\))?")
# What may head tasks left of the units, as well as groups of units.
_SORTED_BY = pattern(r"项目|类别|类型|种类|分类|事项|工作|内容")
_PEOPLE = pattern(r"(户主|受益人|申请人|学员|残疾人|本人)(姓名)?|姓名")
_IN_CHARGE = pattern(
    r"(牵头|责任|负责|承办|主办|主管|实施|落实|配合|协办)+(单位|部门|科室|处室|人|领导)(名称)?|(?i:responsible.*|lead.*|owner|department)"
)
# What heads a column of kinds or of things, and no units; a unit may be a 厂 or a 站 as well.
_KINDS = pattern(
    r"(类别|类型|类目|种类|月份|月度|年份|年度|季度|时间|时段|日期|税种|险种|品种|品名|(物资|货物|产品|商品|材料|设备|器材|药品|疫苗|作物|服务|课程|岗位|工种|专业)(名称|种类|类别)|"
    r"年龄段?|性别|等级|级别|科目|学科|学段|病种|树种|作物|人群|对象|民族|文化程度|残疾(类别|等级)|资金来源|来源)|"
    r"(工程|建设|重点|投资|子)*(项目|工程)(名称)?|(?i:month|year|quarter|period|category|type|kind|item|product|commodity|material)s?(name)?"
)
SORTS = pattern(
    r"(20\d\d年?度?)?(第?[一二三四1-4]季度?|[上下]半年|全年|\d{1,2}月份?|[一二三四五六七八九十]{1,2}月份?|第?[一二三四五1-5]周|\d{1,2}日|[上中下]旬)|20\d\d年?度?|"
    r"第[一二三四五六](阶段|批次?)|\d+([-~—至到]\d+)?(周?岁|年|个月)(及?以[上下])?|男[性生]?|女[性生]?|城镇|农村|[一二三四]级(残疾)?|(视力|听力|言语|肢体|智力|精神|多重)(残疾)?|"
    r"(?i:jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?|q[1-4]|(year|week|month)\d+|(fe)?male|men|women|boys|girls)"
)
_SIDE = pattern(r"(.+?)[(:]?(任务|目标|计划|完成|实际|实绩|进度|落实)(数|率|量|情况)?\)?")
_MEASURED = pattern(
    r"(新增|新建|改造|完成|开展|举办|组织|实施|推进|培训|发放|创建|建设|落实|加强|提高|扶持|培育|引进|招录|推广).*|"
    r".*(率|人数|户数|次数|个数|数量|数|量|额|面积|收入|投资|产值|增加值|覆盖|培训|就业|演练|服务|补贴|救助|检查|宣传)"
)


def check_orientation(
    shape: Shape, lines: Sequence[Line], columns: Columns, choices: Choices, findings: Findings
) -> bool:
    """Refuse what holds no district a row, with what to do; False where it was refused.

    Rows that ``choices`` keep one and all are districts, whatever they look like.
    """
    found = [line for line in lines if line.kind == DISTRICT]
    names, rows = [line.name for line in found], [line.row for line in found]
    if not names or not columns.headings or choices.kept_rows.issuperset(rows):
        return True
    keep = findings.rows_option("keep", rows)
    places = sum(map(looks_like_place, names))
    if 2 * places <= len(names) and _heads_places(columns):
        _refuse_across(columns, keep, findings)
        return False
    if _lists_kinds(shape, names) or _lists_persons(shape, columns):
        _refuse_kinds(shape, names, keep, findings)
        return False
    if 2 * places > len(names) and not _tasks_beside(shape, names, lines, columns):
        return True
    if _groups_across(columns):
        _refuse_groups(columns, keep, findings)
        return False
    if _stands_across(shape, names, lines, columns):
        _refuse_across(columns, keep, findings)
        return False
    if _most(_PROJECT, names):
        _refuse_kinds(shape, names, keep, findings)
        return False
    if _lists_tasks(shape, names, lines, columns):
        _refuse_tasks(shape, found, columns, findings)
        return False
    _mention_unsure(shape, lines, columns, keep, findings)
    return True


def _heads_places(columns: Columns) -> bool:
    """Whether places stand above the numbers, whatever stands left of them."""
    labels = [heading for heading in columns.headings.values() if not heading.unit]
    return sum(map(_is_place, labels)) >= max(_FEW_PLACES, len(labels) / 2)


def _lists_kinds(shape: Shape, names: Sequence[str]) -> bool:
    """Whether the rows are months, kinds of people or goods, or projects."""
    if _most(SORTS, names):
        return True
    heading = _name_heading(shape)
    if not _KINDS.fullmatch(heading) or heading == "项目":
        return False
    return 2 * sum(
        find_district(n) is not None or bool(TOWN.fullmatch(plain(n))) for n in names
    ) <= len(names)


def _most(form: Pattern[str], names: Sequence[str]) -> bool:
    """Whether most names have a form."""
    return 2 * sum(bool(form.fullmatch(plain(name))) for name in names) > len(names)


def _lists_persons(shape: Shape, columns: Columns) -> bool:
    """Whether the rows are persons with what is told of them."""
    leaves = [plain(heading.path[-1]) for heading in columns.headings.values()]
    told = any(map(_OF_PERSONS.fullmatch, (*leaves, *columns.words.values())))
    return told and bool(_PEOPLE.fullmatch(_name_heading(shape)))


def _refuse_kinds(shape: Shape, names: Sequence[str], keep: str, findings: Findings) -> None:
    at = (shape.header[-1] if shape.header else shape.first, shape.name_column)
    shown = "、".join(f"“{name}”" for name in names[:3])
    says = (
        f"左边一列是{shown}，像是时间、类别、物资、项目或人员，不是区县（单位）；"
        f"请改成一个区县（单位）占一行、一项指标占一列的表，一行本来就是一个单位的话请加 {keep}"
    )
    findings.refuse("task-list", at, shape.view.text(*at), says)


def _stands_across(
    shape: Shape, names: Sequence[str], lines: Sequence[Line], columns: Columns
) -> bool:
    """Whether what stands above the numbers are the districts."""
    labels = [heading for heading in columns.headings.values() if not heading.unit]
    if len(columns.headings) < 2:
        return False
    placed = sum(find_district(h.path[-1]) is not None or _is_place(h) for h in labels)
    summed = _sum_column(shape, lines, columns.headings)
    purposes = sum(bool(kind_of(plain(h.path[-1]))) or _is_target(h) for h in labels)
    across = len(labels) - purposes >= 2
    in_charge = any(map(_in_charge, columns.words.values()))
    if across and not in_charge and (columns.units or all(split_unit(n)[0] for n in names)):
        return True
    if placed >= 2 and 2 * placed >= len(labels) and not any(map(find_district, names)):
        return True
    heading = _name_heading(shape)
    if across and not in_charge and len(labels) == len(columns.headings):
        measured = sum(_is_measured(name) for name in names)
        if _MEASURES.fullmatch(heading) or (summed and 2 * measured >= len(names)):
            return True
        leaves = [h.path[-1] for h in labels if not _is_target(h)]
        return not _says_units(shape, lines) and _are_alike(leaves) and not _are_alike(names)
    return False


def _says_units(shape: Shape, lines: Sequence[Line]) -> bool:
    """Whether a heading calls the names units, or a total adds them up; 项目 may head either."""
    heading = _name_heading(shape)
    total = any(line.kind == TOTAL for line in lines)
    return total or (heading != "项目" and is_corner(heading))


def _are_alike(texts: Sequence[str]) -> bool:
    """Whether several texts end alike, as 一班, 二班 and 三班: what is done differs, who does it is of a kind."""
    return len(texts) > 2 and len({plain(text)[-1:] for text in texts}) == 1


def _mention_unsure(
    shape: Shape, lines: Sequence[Line], columns: Columns, keep: str, findings: Findings
) -> None:
    """Tell where nothing says that the names are units: they may be goods, or the units stand in the header."""
    names = [line.name for line in lines if line.kind == DISTRICT]
    headings = list(columns.headings.values())
    heading = _name_heading(shape)
    if heading not in ANYTHING and is_corner(heading):
        return
    if 2 * sum(map(looks_like_place, names)) > len(names):
        return
    left = "、".join(f"“{name}”" for name in names[:3])
    above = "、".join(f"“{heading.path[-1]}”" for heading in headings[:3])
    at = (shape.header[-1] if shape.header else shape.first, shape.name_column)
    if _says_units(shape, lines) or len(headings) < 2 or any(h.unit for h in headings):
        says = (
            f"左边一列{left}没有写是不是区县（单位），现按区县（单位）读入；"
            f"是物资、项目一类的话这不是任务表，确是区县（单位）请加 {keep}"
        )
        findings.warn("task-list", at, shape.view.text(*at), says)
        return
    says = (
        f"分不清区县（单位）是左边的{left}，还是表头里的{above}；现按左边的读入，"
        f"在表头里请加 --units-across，在左边请加 {keep}"
    )
    findings.warn("transposed", headings[0].at, headings[0].path[-1], says)


def _groups_across(columns: Columns) -> bool:
    """Whether each district stands over several columns."""
    paths = [heading.path for heading in columns.headings.values()]
    outer = {path[0] for path in paths}
    return (
        len(outer) > 1
        and all(len(path) > 1 for path in paths if not TOTALS.fullmatch(plain(path[0])))
        and 2 * sum(map(looks_like_place, outer)) > len(outer)
        and len({path[-1] for path in paths}) < len(paths)
    )


def _refuse_groups(columns: Columns, keep: str, findings: Findings) -> None:
    first = next(iter(columns.headings.values()))
    says = (
        f"表头里的“{first.path[0]}”像是区县（单位），一个区县占了几列，左边一列像是指标；"
        f"请改成一个区县（单位）占一行、一项指标占一列的表，左边一列就是区县（单位）的话请加 {keep}"
    )
    findings.refuse("task-list", first.at, first.path[0], says)


def _is_place(heading: Heading) -> bool:
    return looks_like_place(heading.path[-1])


def _is_target(heading: Heading) -> bool:
    leaf = plain(heading.path[-1])
    return bool(WHOLE_YEAR.fullmatch(leaf) or TOTALS.fullmatch(leaf))


def _is_measured(name: str) -> bool:
    return bool(split_unit(name)[0]) or bool(_MEASURED.fullmatch(plain(name)))


def _name_heading(shape: Shape) -> str:
    texts = dict.fromkeys(shape.view.text(row, shape.name_column) for row in shape.header)
    return plain("".join(texts))


def _sum_column(shape: Shape, lines: Sequence[Line], headings: dict[int, Heading]) -> bool:
    """Whether one column, called a total, adds up all others in every row that is no rate."""
    totals = [
        c for c, h in headings.items() if TOTALS.fullmatch(plain(h.path[-1])) or _is_target(h)
    ]
    rows = [line.row for line in lines if line.kind == DISTRICT]
    for total in totals:
        others = [c for c in headings if c != total]
        agreeing = sum(
            abs(_value(shape, row, total) - sum(_value(shape, row, c) for c in others)) <= _NOISE
            for row in rows
        )
        if len(others) > 1 and 2 * agreeing > len(rows):
            return True
    return False


def _value(shape: Shape, row: int, column: int) -> float:
    value = read_number(shape.view.cell(row, column)).value
    return 0 if value is None else value


def _in_charge(label: str) -> bool:
    return bool(_IN_CHARGE.fullmatch(label))


def _lists_tasks(
    shape: Shape, names: Sequence[str], lines: Sequence[Line], columns: Columns
) -> bool:
    heading = _name_heading(shape)
    if _TASKS.fullmatch(heading) or _MEASURES.fullmatch(heading):
        return True
    if _tasks_beside(shape, names, lines, columns) or _has_sides(names):
        return True
    in_charge = any(map(_in_charge, columns.words.values()))
    measured = sum(_is_measured(name) for name in names)
    return (in_charge or bool(columns.units)) and 2 * measured >= len(names)


def _has_sides(names: Sequence[str]) -> bool:
    """Whether rows are 甲县任务 and 甲县完成: two of one district."""
    sides = [match[1] for name in names if (match := _SIDE.fullmatch(plain(name)))]
    return 2 * len(sides) > len(names) and len(set(sides)) < len(sides)


def _tasks_beside(
    shape: Shape, names: Sequence[str], lines: Sequence[Line], columns: Columns
) -> bool:
    """Whether another column says of each row which task it is: its numbers are no one indicator."""
    left = {column: left_label(shape, column) for column in range(1, shape.name_column)}
    for column, label in (left | columns.words).items():
        texts = [shape.view.text(line.row, column) for line in lines if line.kind == DISTRICT]
        texts = list(filter(None, texts))
        tasks = any(form.fullmatch(label) for form in (_TASKS, _MEASURES, _PEOPLE))
        if column in left:
            sorted_by = _SORTED_BY.fullmatch(label) and 2 * sum(map(_is_measured, texts)) >= len(
                texts
            )
            tasks = tasks or bool(sorted_by) or (bool(texts) and _most(SORTS, texts))
        if tasks and 2 * len(texts) > len(names) and len(set(texts)) > 1:
            return True
    return False


def _refuse_across(columns: Columns, keep: str, findings: Findings) -> None:
    headings = list(columns.headings.values())
    across = [heading for heading in headings if not _is_target(heading)]
    names = "、".join(f"“{h.path[-1]}”" for h in across[:3])
    says = (
        f"表头里的{names}像是区县（单位），左边一列像是指标：这张表一项指标占一行。"
        "确实如此请加 --units-across，会按一个区县占一列来读；"
        f"或者把表转置（复制后选择性粘贴、转置），让一个区县占一行；左边就是区县（单位）的话请加 {keep}"
    )
    findings.refuse("transposed", headings[0].at, headings[0].path[-1], says)


def _refuse_tasks(
    shape: Shape, lines: Sequence[Line], columns: Columns, findings: Findings
) -> None:
    at = (shape.header[0] if shape.header else shape.first, shape.name_column)
    forms = (_TASKS, _PEOPLE)
    words = next((c for c, x in columns.words.items() if any(f.fullmatch(x) for f in forms)), None)
    repeated = len({line.name for line in lines}) < len(lines)
    says = (
        (
            "这张表一行是一个区县的一项任务，同一个区县占了几行。"
            if (repeated and any(map(looks_like_place, (line.name for line in lines))))
            or _has_sides([line.name for line in lines])
            else "这像是一张任务清单：一项任务占一行，各行的数不是同一项指标，没有一行是一个区县。"
        )
        + "请改成一个区县（单位）占一行、一项指标占一列的表；一行本来就是一个单位的，请把名称一列的表头改成“单位名称”"
    )
    if words is not None:
        at = (shape.header[-1], words)
        option = findings.column_option("skip", words)
        says += f"；各行确实是同一项指标、这一列只是说明的，请加 {option}"
    findings.refuse("task-list", at, shape.view.text(*at), says)
