"""What a note says of the numbers beside it: that some do not count, are of another year, or are no tasks."""

from __future__ import annotations

from collections.abc import Iterator, Set

from xl_addin.model.names import plain
from xl_addin.system.light import pattern
from xl_addin.tasktable.body import Body
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.columns import Columns
from xl_addin.tasktable.find import Shape, is_value
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.headers import Heading, is_unit, stated_units
from xl_addin.tasktable.lines import Line
from xl_addin.tasktable.purpose_words import BRACKET, years_in
from xl_addin.tasktable.sheets import cells_above
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import TEXT
from xl_addin.xlsx.values import clip

_SENTENCE = pattern(r"[^。；;\n]+")
_CLAUSE = pattern(r"[^，,。；;\n]+")
_MARKS = pattern(r"[*＊※★☆▲△●○◆#]")
# Of the whole table.
_NOT_YET = pattern(
    r"(其余|剩余|下半年|后续|余下|第[二三四]批|其他)[^，。]{0,8}(另行|再行|随后|陆续)(下达|分配|安排)|资料来源.*(统计|年鉴|普查)|(数据|数字)来源.*(统计局|年鉴|普查)|"
    r"(快报|年报|普查|预测|估算|测算|初步统计|预计|模拟)数(?!为准)|本表[^，。]{0,8}(仅供?(参考|测算|内部)|供参考|不作为)|(尚未|待|未)(正式)?(下达|审定|批复)|"
    r"以(正式|最终|最后|后续)[^，。]{0,6}(下达|文件|印发|批复|确定)[^，。]*为准|仅供(内部)?(参考|测算)|本表[^，。]{0,10}(废止|作废|失效|停止执行)|视情况?追加|(表内|本表|以上|上述)[^，。]{0,6}(第?[一二三]批|首批|提前批|部分|上半年|[一二三]季度)|(本表|以上|上述)[^，。]{0,6}(为|系|是)[^，。]{0,8}(完成|上报|申报|摸底|统计)(数|情况)"
)
# Of several years: 2024—2026年三年累计数.
_YEARS = pattern(
    r"20\d\d年?[-~—–至到]+20\d\d年?[^，,。]{0,8}(累计|合计|总[计数量]|[两三四五]年)|[近前两三四五]年(累计|合计|总[计数量])"
)
# Of figures that are still open, whosesoever.
_OPEN = pattern(
    r"(数额|数字|任务数?|目标数?|指标数?|计划数?|名额|[数总]量|[人户]数|全年数)(将|暂|由[^，,。]{1,10}|[待经][^，,。]{1,12})?(另行?|另文|再行?|随后|待)[^，,。]{0,4}(商定|协商|商议|议定|明确|确定|核定|下达|分配|调整)|"
    r"(上表|本表|表[中内]|以上|上述)[^，,。]{0,8}未[作予做]?(相应)?(扣[减除]|剔除|核[减增]|调整|分解|变动)|"
    r"([拟待将]|尚?需)[^，,。]{0,16}(研究|审议|会商|协商|商议|讨论)(通过|同意)?后?(再|方可)?(确定|下达|明确|印发|执行)|"
    r"(任务|指标|目标|计划|分配|数|本表|上表|以上|上述)[^，,。名]{0,8}(暂定|暂按|暂列|待定|未定)|(暂定|暂按|暂列)[^，,。名]{0,8}(任务|指标|目标|计划|分配|数)|"
    r"(?<![经已])(?<!经过)征求[^，,。]{0,8}意见(?!后|的?基础|[,，]?并?(修改|完善))|(请|于|前)[^。]{0,12}反馈(修改)?意见|如有(修改|不同)?意见|将(修改|书面|反馈)意见|"
    r"^(?!.*(标准|资金|经费|办法|方案|细则|名单|地点|时间|对象|人选)).*待[^,，。]{0,14}后[^,，。]{0,4}(调整|下达|确定)|"
    r"暂估|尚未[^,，。]{0,8}(衔接|确定|敲定|定稿)|供讨论|最终(数|任务数?|指标数?|目标数?|计划数?)以[^,，。]{1,12}为准"
)
# Of some rows.
_ROWS = pattern(
    r"不再?单独(考核|下达|安排|计算?)|不(再|予|另)?(计入|纳入|列入|下达|安排|承担|分配|考核|参与)|未(计入|纳入|列入|算入)|(撤并|撤销|并入|合并到|划归|划入|代管|暂缓|免于|取消)|(已|提前)完成|另行(下达|安排|分配)|"
    r"由[^，。]{1,10}(代为|代管|兜底|承接)|(合并|一并|共同|打捆)(下达|完成|承担|计算|统计)|((?<!不)含在|包含在|包括在|计入了?)[^，。]{1,12}(内|中|里)?|重复(计算|统计)"
)
# Of some columns.
_COLUMNS = pattern(
    r"仅?供?参考|不(作|做)(为)?(硬性|考核|刚性|任务|下达)?[^，。]{0,4}(要求|依据|考核|任务|指标)|不(纳入|列入|计入|参与)(年度|任务|目标)?(考核|任务|目标)|"
    r"(为|系|是)(上年|去年|往年|全年|历年)?[^，。]{0,6}(完成|实际|实有|累计|存量|现有|基数|底数|测算)(数|量|情况)?|不是任务"
)
# Of the row that it stands in.
_GONE = pattern(
    r"(暂定|待定|未定).*|撤并|撤销|并入|合并到|划归|划入|不(再|予|另)?(计入|纳入|列入)|重复(计算|统计)|(含|包含|包括)在[^，。]{1,12}(内|中|里)"
)
_RULES = pattern(
    r"(?:以|按照?|依据?|执行)[“\"‘]?([^，。以按]{1,16}?)[”\"’]?(?:列|栏|一列|一栏)?(?:数|数据|口径)?"
    r"(?:为准|组织实施|执行|考核|进行考核)"
)
_DONE = pattern(r"完成|实际|年的?数|结转|基数")
# What only colours and types of letters tell, and figures that are not what they say.
_SHOWN = pattern(
    r"[黄红绿蓝灰橙紫粉]色?(底(?!线)|字体?(?!号)|单元格|背景|填充|标[注记示出])|标(注为|为|成)?[黄红绿蓝灰橙紫]色?(?!车)|"
    r"[黄红绿蓝灰橙紫粉]色(表示|代表|的?(部分|[行列格]))|加粗|粗体|斜体|下划线|阴影|底纹|删除线|加框"
)
_NOT_ALIKE = pattern(
    r"[不暂未待另仅]|机动|预留|储备|备用|参考|调[整增减]|核[增减]|追加|完成|实际|现有|存量|[上去往]年|免|取消|结转|重复|改"
)
_SCALED = pattern(
    r"(表|数|列|值)[^。;]{0,8}([须应需]?(再|均)?(乘以|除以|乘|除)[\d十百千万]|[×x*]10+|(扩大|缩小|放大)[\d十百千万]*倍|换算)|"
    r"(考核|实际|任务|下达|执行|今年|本年|新增)[^。，;]{0,6}[为按是][^。;]{0,4}(表|上述|以上)[^。;]{0,6}([减扣加]|的?[\d.]+[%％]|的?[一二三四五六七八九十]+(成|分之))|"
    r"(本表|以上|上述|表[内中列])[^。;]{0,8}[为系是][^。;]{0,4}([两二三四五2-5]年|跨年)"
)
_COUNTED_IN = pattern(
    r"[按以]([十百千万亿]?[\u3400-\u9fff]{1,3}?)(为(计量|计数)?单位|[计填]列|计(?![\u3400-\u9fff])|统计|填报|计算)"
)
_HEADS = frozenset(("人", "名", "人次"))
_NO_COUNTS = frozenset(("年", "月", "季", "周", "天", "日", "小时", "村", "单位", "企业"))
_SHORTEST = 2


def refuse_noted(
    shape: Shape,
    body: Body,
    columns: Columns,
    year: int,
    choices: Choices,
    findings: Findings,
    *,
    results: bool,
) -> None:
    """Refuse what a note, or a remark in its row, says does not count; settled where it is kept or left out.

    Of ``results`` only what figures are counted in, and what colours alone tell, is looked at.
    """
    units = {heading.unit for heading in columns.headings.values()}
    units |= set(stated_units(shape.view.text(*at) for at in cells_above(shape)))
    for at, text in _notes(shape, body):
        for sentence in map(plain, _SENTENCE.findall(text)):
            if not results:
                _refuse_rows(at, sentence, body, year, choices, findings)
            if not results and _refuse_columns(at, sentence, columns.headings, choices, findings):
                continue
            numbers = list(columns.headings)
            doubt = _doubt(sentence, units, results=results)
            if doubt and not choices.kept_columns.issuperset(numbers):
                says = f"{_where(at)}写着“{clip(sentence)}”，{doubt}请加 {findings.columns_option('keep', numbers)}"
                findings.refuse("title-in-doubt", at, clip(sentence), says)
    _tell_comments(
        shape, body, columns.headings, 0 if results else year, choices, findings, results=results
    )
    for line in () if results else body.districts:
        _refuse_remarked(shape, line, columns, choices, findings)


def _doubt(sentence: str, units: Set[str], *, results: bool) -> str:
    """What a note leaves open of the whole table; empty where it is nothing."""
    if not results and any(said.search(sentence) for said in (_NOT_YET, _YEARS, _OPEN)):
        return "不能确定表里的数是全年任务数；不是请换一张全年的任务表，是"
    if _SCALED.search(sentence) or _counts_otherwise(sentence, units):
        return (
            "不能确定数是按什么单位、什么口径写的；请把单位写进表头、数改成要的数，就是表头写的单位"
        )
    if _SHOWN.search(sentence) and _NOT_ALIKE.search(sentence):
        return "颜色和字体读不出来，不能确定哪些数算数；请删去不算的数，都算"
    return ""


def _counts_otherwise(sentence: str, units: Set[str]) -> bool:
    """Whether a note says in which unit figures are and the table says another, or that they are in several."""
    said = {match[0] for match in _COUNTED_IN.findall(sentence) if is_unit(match[0])} - _NO_COUNTS
    if said <= _HEADS and units & _HEADS:
        return False
    return len(said) > 1 or bool(said - units)


def _notes(shape: Shape, body: Body) -> Iterator[tuple[Where | str, str]]:
    """What is written above and below the table, and in text boxes, which have no place."""
    view = shape.view
    for text in view.grid.boxes:
        yield "", text
    for at in cells_above(shape):
        if "。" in (text := view.text(*at)) or "注" in text[:3]:
            yield at, text
    last = max((line.row for line in (*body.districts, *body.totals)), default=0)
    for at in sorted(at for at in view.grid.cells if at[0] > last):
        cell = view.grid.cells[at]
        if cell.kind == TEXT and not is_value(cell):
            yield at, str(cell.value)


def _refuse_rows(
    at: Where | str, sentence: str, body: Body, year: int, choices: Choices, findings: Findings
) -> None:
    other = years_in(sentence) - {year} if year else set()
    if not (_ROWS.search(sentence) or (other and "年数" in sentence)):
        return
    marks = set(_MARKS.findall(sentence))
    for line in body.districts:
        name = plain(line.name)
        marked = marks & set(_MARKS.findall(name))
        bare = _MARKS.sub("", name)
        if (marked or (len(bare) >= _SHORTEST and bare in sentence)) and line.row not in (
            choices.kept_rows
        ):
            _refuse_row(line, f"注释写着“{clip(sentence)}”", at, findings)


def _refuse_row(line: Line, why: str, at: Where | str, findings: Findings) -> None:
    says = (
        f"{why}，不能确定“{line.name}”这一行是不是今年的任务；"
        f"是请加 {findings.row_option('keep', line.row)}，不是请加 {findings.row_option('skip', line.row)}"
    )
    findings.refuse("row-in-doubt", at, line.name, says)


def _refuse_remarked(
    shape: Shape, line: Line, columns: Columns, choices: Choices, findings: Findings
) -> None:
    """A district whose own remark says that it has no task of its own."""
    for column in columns.words:
        text = plain(shape.view.text(line.row, column))
        gone = (
            _GONE.search(text)
            or _OPEN.search(text)
            or (
                _ROWS.search(text)
                and all(is_value(shape.view.cell(line.row, c)) for c in columns.headings)
            )
        )
        if gone and line.row not in choices.kept_rows:
            _refuse_row(line, f"这一行写着“{clip(text)}”", (line.row, column), findings)


def _tell_comments(
    shape: Shape,
    body: Body,
    headings: dict[int, Heading],
    year: int,
    choices: Choices,
    findings: Findings,
    *,
    results: bool,
) -> None:
    """Refuse what a comment on a cell says does not count; tell of the others on what was read."""
    lines = {line.row: line for line in body.districts}
    totals = {line.row for line in body.totals}
    for at, text in sorted(shape.view.grid.comments.items()):
        row, column = at
        said = plain(text)
        open_one = _GONE.search(said) or _OPEN.search(said) or _ROWS.search(said)
        other = year and years_in(said) - {year} and _DONE.search(said)
        doubt = not results and (open_one or other or _NOT_YET.search(said))
        heading = headings.get(column) if row in shape.header else None
        if doubt and row in lines and row not in choices.kept_rows:
            _refuse_row(lines[row], f"批注写着“{clip(said)}”", at, findings)
        elif (doubt or _COLUMNS.search(said)) and heading and column not in choices.kept_columns:
            name = f"{findings.column_name(column)}“{' > '.join(heading.path)}”"
            says = (
                f"批注写着“{clip(said)}”，不能确定{name}是不是任务数；"
                f"不是请加 {findings.column_option('skip', column)}，是请加 {findings.column_option('keep', column)}"
            )
            findings.refuse("column-in-doubt", at, clip(said), says)
        elif row in {*lines, *totals, *shape.header} and column in {*headings, shape.name_column}:
            says = f"这一格有批注“{clip(said)}”，没有据此改动什么；请看一看它会不会改变任务数"
            findings.warn("cell-commented", at, clip(said), says)


def _refuse_columns(
    at: Where | str,
    sentence: str,
    headings: dict[int, Heading],
    choices: Choices,
    findings: Findings,
) -> bool:
    """Whether a sentence speaks of some columns alone: asked for, unless they are kept."""
    told: list[int] = []
    for clause in _CLAUSE.findall(sentence):
        rule = _RULES.search(clause)
        if rule:
            told += _others(rule[1], headings)
        elif _COLUMNS.search(clause):
            told += _named(clause, headings)
    doubted = sorted(set(told) - choices.kept_columns)
    if doubted:
        names = "、".join(
            f"{findings.column_name(c)}“{' > '.join(headings[c].path)}”" for c in doubted[:3]
        )
        says = (
            f"{_where(at)}写着“{clip(sentence)}”，不能确定{names}{'等' if doubted[3:] else ''}是不是任务数；"
            f"不是请加 {findings.columns_option('skip', doubted)}，是请加 {findings.columns_option('keep', doubted)}"
        )
        findings.refuse("column-in-doubt", at, clip(sentence), says)
    return bool(told)


def _where(at: Where | str) -> str:
    return "" if at else "文本框里"


def _leaf(heading: Heading) -> str:
    return BRACKET.sub("", plain(heading.path[-1])).removeprefix("其中:")


def _named(text: str, headings: dict[int, Heading]) -> list[int]:
    """The columns whose innermost heading a text has."""
    return [c for c, h in headings.items() if len(_leaf(h)) >= _SHORTEST and _leaf(h) in text]


def _others(rule: str, headings: dict[int, Heading]) -> list[int]:
    """The columns beside those that a text names, where it does: they do not count."""
    named = _named(rule, headings)
    groups = {headings[c].path[:-1] for c in named}
    return [c for c, h in headings.items() if c not in named and h.path[:-1] in groups]
