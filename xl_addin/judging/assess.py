"""Judging one returned workbook: a pure function of its bytes and of what the programme knows.

The identity inside decides whose return it is; the visible district and month and the file name
are cross-checks, and a conflict is held for a person, never guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from xl_addin.form import layout
from xl_addin.form.identity import (
    FORM_LAYOUT,
    PAGED_LAYOUT,
    Amounts,
    canonical_text,
    own_claims,
    verify_seal,
)
from xl_addin.form.read import AnyWorkbook, Reading, read_form
from xl_addin.form.texts import read_texts
from xl_addin.judging import rules
from xl_addin.judging.opening import open_workbook
from xl_addin.judging.texts import check_texts
from xl_addin.judging.whole_return import (
    IN_MONTH,
    UNEXPLAINED,
    Months,
    doubt_cumulatives,
    gather_first_totals,
    macro_problems,
    outdated_problems,
    refuse_earlier_years,
    unanswered_warnings,
)
from xl_addin.model.filetypes import called_instead
from xl_addin.model.names import fold
from xl_addin.model.problems import DOUBTS, make, place
from xl_addin.model.records import (
    ACCEPTED,
    BLANK,
    ERROR,
    FOREIGN,
    HELD,
    MEASURE_LABELS,
    NUMBER,
    REJECTED,
    UNREADABLE,
    WARNING,
    District,
    Figure,
    Identity,
    Indicator,
    Number,
    Problem,
    Text,
    WorkPage,
)
from xl_addin.model.settings import Rule
from xl_addin.system.errors import Unreadable
from xl_addin.system.fault_log import fault_place, fault_trace
from xl_addin.system.light import TYPE_CHECKING, NamedTuple, pattern
from xl_addin.xlsx.cells import Cell
from xl_addin.xlsx.values import read_shown

if TYPE_CHECKING:
    from xl_addin.judging.work_page import JudgedPage, KnownWorks

_FILE_MONTH = pattern(r"(20\d\d)[年._-](1[0-2]|0?[1-9])(?![0-9])", re.ASCII)


class Context(NamedTuple):
    """What a return is compared with.

    ``key`` is the programme's HMAC key. ``names`` maps every folded name and alias to a district
    code; ``mean_monthly`` (additions of the accepted months) and ``previous`` (the cumulative of
    the months before, as the ledger has it now) are by district, then indicator; ``month`` is the
    month being collected, ``macs`` the seals of the forms issued for it; ``passwords`` are tried on
    locked files. ``first_month`` (1 to 12) is the first that is reported; ``explain_warnings`` says that
    a warning without a 说明 goes back. ``replaced`` are seals of forms that were issued anew since,
    ``undone`` of forms whose issue was taken back. ``works`` is what the page 重点工作 is compared with, None
    where there are no items; ``papers`` says that papers are owed besides forms.
    """

    programme: str
    key: bytes
    month: str
    indicators: Sequence[Indicator]
    districts: Mapping[str, District]
    names: Mapping[str, str]
    rules: Mapping[str, Rule]
    mean_monthly: Mapping[str, Mapping[str, float]]
    previous: Mapping[str, Amounts]
    macs: frozenset[str] = frozenset()
    passwords: tuple[str, ...] = ()
    first_month: int = 1
    explain_warnings: bool = False
    replaced: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()
    works: KnownWorks | None = None
    papers: bool = False


class Assessment(NamedTuple):
    """What a file turned out to be. District and month are empty where it does not say.

    A table without an identity is held with the district and month that it speaks of and with its
    figures, so that a person can accept it as it stands; ``round`` is then 0. ``fault`` is the traceback
    where the program itself failed at it. ``page`` is the page 重点工作, judged apart: what is wrong
    with it stands among the problems and never decides the verdict. None where the form has none.
    """

    verdict: str
    district: str
    month: str
    round: int
    problems: tuple[Problem, ...]
    figures: tuple[Figure, ...] = ()
    sheet: str = ""
    texts: tuple[Text, ...] = ()
    fault: str = ""
    page: WorkPage | None = None


def known_names(districts: Iterable[District]) -> dict[str, str]:
    """Folded names and aliases to district codes; a name that two districts share is left out."""
    names: dict[str, str] = {}
    shared: set[str] = set()
    for district in districts:
        for name in {fold(text) for text in (district.name, *district.aliases)}:
            if name in names:
                shared.add(name)
            names[name] = district.code
    return {name: code for name, code in names.items() if name not in shared}


def assess(data: bytes, file: str, context: Context) -> Assessment:
    """One verdict for one file, whatever it is; never raises for what is in the file."""
    try:
        judged = _assess(data, file, context)
    except KeyboardInterrupt:
        raise
    except BaseException as fault:  # what native code raises need not be an Exception
        # Our own fault in one file must not keep the others out; it is said, and the bytes are kept.
        unread = _unread(UNREADABLE, file, "program-fault", fault_words(fault), context)
        return unread._replace(fault=fault_trace(fault))
    if not judged.problems:
        return judged
    return judged._replace(problems=tuple(map(_bound_texts, judged.problems)))


def fault_words(fault: BaseException) -> str:
    """What is said of a file at which the program itself failed."""
    return (
        f"程序读这个文件时出错（{fault_place(fault)}），没有读取；"
        "请把这个文件和“日志”文件夹里最新的一份一起发给管理员"
    )


NO_PAPER = "。它不是填报表，也看不出是哪份材料；如果是材料，请用封面写，或者把文件名改成“区县_材料名称”，再收一次"
_LONGEST = 2_000


def _bound_texts(problem: Problem) -> Problem:
    """A problem whose texts any file or database takes: bounded, without half surrogate pairs."""
    texts = (text[:_LONGEST].encode("utf-8", "replace").decode() for text in problem)
    return Problem._make(texts)


def _assess(data: bytes, file: str, context: Context) -> Assessment:
    try:
        opened = open_workbook(data, file, context.passwords)
        reading = read_form(opened, context.indicators)
    except Unreadable as error:
        verdict = FOREIGN if error.code in ("foreign", "scan") else UNREADABLE
        code = "scan" if verdict == FOREIGN and called_instead(file) else error.code
        beside = NO_PAPER if context.papers and code == "scan" else ""
        return _unread(verdict, file, code, error.message + beside, context)
    except (RecursionError, MemoryError):
        return _unread(UNREADABLE, file, "too-large", "文件内容太多，没有读取", context)
    identity, doubts = _identify(opened, reading, file, context)
    if identity is not None:
        district, month, round_ = identity.district, identity.month, identity.round
    elif doubts[0].code in ("wrong-programme", "wrong-year"):
        return Assessment(FOREIGN, "", "", 0, doubts)
    else:
        district, month, round_ = *propose_origin(reading, file, context), 0
        doubts = (_add_proposal(doubts[0], district, month, context), *doubts[1:])
    reported = _reported_indicators(context, month)
    issued = _issued_content(reading, context.indicators, reported)
    usual = context.mean_monthly.get(district, {})
    figures, problems = rules.check_figures(
        reading,
        issued.indicators,
        issued.targets,
        issued.previous,
        usual,
        context.rules,
        identity.layout if identity else FORM_LAYOUT,
    )
    if _month_number(month):
        months = Months(_month_number(month), context.first_month, usual)
        rule = context.rules.get(IN_MONTH)
        problems += doubt_cumulatives(reading, figures, issued.previous, months, rule)
        rule = context.rules.get(UNEXPLAINED)
        problems += tuple(refuse_earlier_years(reading, figures, issued.previous, months, rule))
    problems = gather_first_totals(figures, issued.previous, problems)
    texts = read_texts(reading, [item.code for item in issued.indicators])
    problems += tuple(check_texts(reading, texts, figures, context.rules))
    page = _judge_page(opened, reading, identity, (figures, issued), context)
    verdict = _verdict(figures, problems, doubts)
    if verdict == BLANK and page is not None and all(each.is_empty for each in page.page.reports):
        page = None
    if verdict == BLANK:
        problems = (
            _file_problem(reading, "untouched", "填报格全都空着；请在浅黄色格子里填写后重新上报"),
        )
    elif month == context.month and district in context.previous:
        now = context.previous[district]
        problems += outdated_problems(reading, issued.previous, now, figures, context.rules)
        verdict = _verdict(figures, problems, doubts)
    if context.explain_warnings and verdict == ACCEPTED:
        problems += unanswered_warnings(reading, problems)
        verdict = _verdict(figures, problems, doubts)
    macros = macro_problems(reading, context.rules) if opened.has_macros else ()
    cut = _cut_note(reading) if identity is not None and not doubts else ()
    outdated = _reissued(reading, identity, context) if identity is not None else ()
    told = (*doubts, *problems, *(page.problems if page else ()), *cut, *outdated, *macros)
    judged = Assessment(verdict, district, month, round_, told, figures, reading.sheet.name, texts)
    return judged._replace(page=page.page, fault=page.fault) if page else judged


def _judge_page(
    opened: AnyWorkbook,
    reading: Reading,
    identity: Identity | None,
    found: tuple[Sequence[Figure], _IssuedContent],
    context: Context,
) -> JudgedPage | None:
    """The page 重点工作 of a form that has one."""
    if identity is None or identity.layout != PAGED_LAYOUT:
        return None
    from xl_addin.judging.work_page import judge_page, reached, unread_page

    figures, issued = found
    come = reached(figures, issued.indicators, issued.targets, issued.previous)
    try:
        return judge_page(opened, reading, identity, context.works, context.rules, come)
    except Exception as fault:
        return unread_page(fault_words(fault), fault_trace(fault))


def propose_origin(reading: Reading, file: str, context: Context) -> tuple[str, str]:
    """District and month that a table without an identity of its own speaks of; empty if in doubt.

    For a person to accept, never to act on: what the table says of itself, the file name second.
    """
    shown = context.names.get(fold(reading.district[1]), "")
    named = districts_in(file, context.names)
    districts = {shown} | named if shown else named
    district = districts.pop() if len(districts) == 1 else ""
    months = {f"{year}-{int(month):02d}" for year, month in _FILE_MONTH.findall(fold(file))}
    if reading.month[1]:
        months = {reading.month[1]}
    return district, months.pop() if len(months) == 1 else ""


def _add_proposal(doubt: Problem, district: str, month: str, context: Context) -> Problem:
    name = context.districts[district].name if district else "看不出是哪个区县"
    says = f"。从表上看：{name}，{month or '看不出是哪个月'}；请人工核对后决定是否采用"
    return doubt._replace(message=doubt.message + says)


def origin_by_name(file: str, names: Mapping[str, str], asked: str) -> tuple[str, str]:
    """District and month of a file that cannot be read itself, to ask after it; never to count it.

    ``names`` are as in ``Context``. The month is ``asked``, the one being collected, unless the name
    has another of its year. Both are empty where the name tells no district.
    """
    named = districts_in(file, names, short=True)
    return (named.pop(), month_by_name(file, asked)) if len(named) == 1 else ("", "")


def month_by_name(file: str, asked: str) -> str:
    """The month that a file's name says, where it is one of the year of ``asked``; else ``asked``."""
    said = {f"{year}-{int(number):02d}" for year, number in _FILE_MONTH.findall(fold(file))}
    month = said.pop() if len(said) == 1 else ""
    return month if month[:4] == asked[:4] else asked


def _unread(verdict: str, file: str, code: str, says: str, context: Context) -> Assessment:
    leaf = file.rpartition("/")[2]
    told = make(code, f"{file}：{says}", found=leaf if code == "scan" else "")
    return Assessment(verdict, *origin_by_name(file, context.names, context.month), 0, (told,))


def _verdict(
    figures: Sequence[Figure], problems: Sequence[Problem], doubts: Sequence[Problem]
) -> str:
    untouched = all(f.state != NUMBER for f in figures)
    if untouched and {p.code for p in problems} <= {"blank"}:
        return BLANK
    if doubts:
        return HELD
    wrong = {p.code for p in problems if p.severity == ERROR}
    if wrong and wrong <= DOUBTS.keys():
        return HELD
    return REJECTED if wrong else ACCEPTED


def _month_number(month: str) -> int:
    return int(month[5:]) if month else 0


def _reported_indicators(context: Context, month: str) -> Sequence[Indicator]:
    """Those that a form of a month asks for."""
    number = _month_number(month or context.month)
    return [item for item in context.indicators if item.since <= number <= item.until]


def _file_problem(reading: Reading, code: str, says: str, found: str = "", at: str = "") -> Problem:
    sheet = reading.sheet.name
    return make(code, f"{place(sheet, at)}：{says}", sheet, at, found)


def _identify(
    opened: AnyWorkbook, reading: Reading, file: str, context: Context
) -> tuple[Identity | None, tuple[Problem, ...]]:
    claims = own_claims(reading.identities)
    if not claims:
        says = "表里没有本程序的标识（可能是粘贴到了别的表里），不能确定是哪个区县、哪个月份"
        return None, (_file_problem(reading, "no-identity", says),)
    if len(claims) > 1:
        said = "；".join(sorted({_identity_words(identity, context) for identity in claims}))
        says = f"表里几处标识互相矛盾（{said}），可能是从别的表复制来的"
        return None, (_file_problem(reading, "identity-conflict", says, said),)
    identity = claims.pop()
    if identity.programme != context.programme:
        code, whose = "wrong-programme", "别的任务"
        if identity.month[:4] != context.month[:4]:
            code, whose = "wrong-year", f"{identity.month[:4]} 年度任务"
        says = f"这是{whose}的填报表（{identity.month}），不属于本任务；请核对是否放错了文件夹"
        return None, (_file_problem(reading, code, says, identity.programme),)
    return identity, tuple(_identity_doubts(opened, reading, identity, file, context))


def _identity_doubts(
    opened: AnyWorkbook, reading: Reading, identity: Identity, file: str, context: Context
) -> Iterable[Problem]:
    district = context.districts.get(identity.district)
    if district is None:
        says = f"标识里的区县代码 {identity.district} 不在“区县名录”里；请先补上，再重新收集"
        yield _file_problem(reading, "unknown-district", says, identity.district)
        return
    if identity.layout > PAGED_LAYOUT:
        says = "这张表是更新版本的程序发的，读不准；请先升级 xl-addin，再重新收集"
        yield _file_problem(reading, "newer-form", says, str(identity.layout))
    if reading.others:
        says = f"“{'”“'.join(reading.others)}”也是一张填报表，不知道以哪张为准；请让对方只留一张"
        yield _file_problem(reading, "two-tables", says, "、".join(reading.others))
    if not reading.content:
        says = "填报表被复制到了别的工作簿里（少了随表的标识页）；请核对后让对方用市里发的原表上报"
        yield _file_problem(reading, "sheet-copied", says)
    whole = reading.content.endswith("}")
    content = reading.content if whole else _content_seen(opened, reading, identity, context)
    if not verify_seal(context.key, identity, content):
        cut = bool(reading.content) and not whole
        yield _file_problem(reading, *_seal_problem(identity, context, cut=cut))
    if identity.mac in context.undone:
        says = "发出这张表的那次操作已经撤销，它不是要填的表；请核对后接受，或退回，让对方用现在发的表填"
        yield _file_problem(reading, "form-withdrawn", says)
    if identity.month != context.month:
        says = (
            f"这是 {identity.month} 的填报表，现在收集的是 {context.month}；"
            f"如确是补报，请在“待定”里接受，或把月份改为 {identity.month} 再收集；否则请让对方重填"
        )
        yield _file_problem(reading, "wrong-month", says, identity.month, reading.month[0])
    at, shown = reading.month
    if shown and shown != identity.month:
        says = f"标题写的是 {shown}，表里的标识是 {identity.month}；请核对是哪个月的数据"
        yield _file_problem(reading, "month-mismatch", says, shown, at)
    yield from _name_conflicts(reading, district, file, context)


def _content_seen(
    opened: AnyWorkbook, reading: Reading, identity: Identity, context: Context
) -> str:
    """What the seal would cover of a form as it is seen."""
    seen = _visible_content(reading, _reported_indicators(context, identity.month))
    if identity.layout < PAGED_LAYOUT:
        return canonical_text(*seen)
    from xl_addin.form.page_read import find_pages, visible_items

    pages = find_pages(opened, reading, (), int(identity.month[:4]))
    return canonical_text(*seen, visible_items(pages))


def _reissued(reading: Reading, identity: Identity, context: Context) -> tuple[Problem, ...]:
    """That a form was filled in which a newer one took the place of.

    Told and not held: what a month came to is the same on both, and targets and cumulatives are
    the ledger's, not the form's; forty districts would be asked again for nothing.
    """
    if identity.mac not in context.replaced:
        return ()
    says = (
        "填的是重新发出以前的旧表；数字照收，任务数和累计按现在的计算。"
        "请核对新表里有没有旧表没有的指标，并告诉区县以后用新发的表"
    )
    return (_file_problem(reading, "form-reissued", says),)


_CUT = "保存它的软件把随表的标识页截短了（有的软件在 .xls 的一格里只存 255 个字）"


def _cut_note(reading: Reading) -> tuple[Problem, ...]:
    """That what the form was issued with was cut when it was saved, and the visible cells agree with the seal."""
    if not reading.content or reading.content.endswith("}"):
        return ()
    says = (
        f"{place(reading.sheet.name)}：{_CUT}；已按表上的任务数核对防改标记，和发出时一致，数字照收"
    )
    return (make("content-cut", says, reading.sheet.name, severity=WARNING),)


def _seal_problem(identity: Identity, context: Context, *, cut: bool = False) -> tuple[str, str]:
    """Code and message for a seal that does not hold: gone, of a form that we issued, or of none."""
    again = "请让对方用市里发的原表重新填写"
    if not identity.mac:
        return "token-missing", f"表里的防改标记没有了，不能确认是市里发的表；{again}"
    if identity.mac in context.macs and cut:
        return (
            "content-cut",
            f"{_CUT}，任务数无从核对；请用 Excel 或 WPS 另存为 .xlsx 再发，或核对后接受",
        )
    if identity.mac in context.macs:
        return (
            "target-altered",
            f"标识是市里发的，但任务数、上月累计或指标和发出时不一样，被改过；{again}",
        )
    return "token-invalid", f"防改标记核对不上，不是市里发的表，或者标识被改过；{again}"


def _name_conflicts(
    reading: Reading, district: District, file: str, context: Context
) -> Iterable[Problem]:
    at, shown = reading.district
    if (
        shown
        and context.names.get(fold(shown)) != district.code
        and fold(shown) != fold(district.name)
    ):
        says = f"填报单位写的是“{shown}”，表里的标识是“{district.name}”；请核对是哪个区县的数据"
        yield _file_problem(reading, "district-mismatch", says, shown, at)
    if fold(district.name) in fold(file):
        return
    others = districts_in(file, context.names)
    if others and district.code not in others:
        name = context.districts[next(iter(others))].name
        says = (
            f"文件名“{file}”写的是“{name}”，表里的标识是“{district.name}”；请核对是哪个区县的数据"
        )
        yield _file_problem(reading, "file-name-mismatch", says, name)


_LEVELS = "县区市旗"


def names_within(text: str, names: Mapping[str, str]) -> list[str]:
    """The names that stand in a folded text, by whichever way is shorter: of thousands few can."""
    size = len(text)
    if size * size < len(names):
        cuts = {text[begun:end] for begun in range(size) for end in range(begun + 1, size + 1)}
        return [name for name in cuts if name in names]
    return [name for name in names if name in text]


def districts_in(file: str, names: Mapping[str, str], *, short: bool = False) -> set[str]:
    """Districts whose full name (three characters or more) stands in a file name.

    ``short`` are names such as 忠县 too: enough to ask by, too little to doubt a form's identity by.
    """
    hits = {
        name: names[name]
        for name in names_within(fold(file), names)
        if len(name) > 2 or (short and len(name) == 2 and name[1] in _LEVELS)
    }
    longest = [n for n in hits if not any(n != other and n in other for other in hits)]
    return {hits[name] for name in longest}


def _identity_words(identity: Identity, context: Context) -> str:
    district = context.districts.get(identity.district)
    return f"{district.name if district else identity.district} {identity.month}"


class _IssuedContent(NamedTuple):
    """What a form was issued with; in the order in which ``identity.canonical_text`` takes it."""

    targets: Amounts
    previous: Amounts
    indicators: Sequence[Indicator]


def _issued_content(
    reading: Reading, indicators: Sequence[Indicator], reported: Sequence[Indicator]
) -> _IssuedContent:
    """As the form's own sealed sheet says; where that is gone, as its visible cells say.

    ``reported`` are the indicators that its month asks for.
    """
    try:
        # Canonical JSON puts the indicators first, and they are the same in every form of a month.
        head, mark, rest = reading.content.partition(',"previous":')
        worded = _issued_indicators(head, indicators)
        content = json.loads(f'{{"previous":{rest}') if mark else {}
        issued = _IssuedContent(content["targets"], content["previous"], worded)
        amounts = [*issued.targets.values(), *issued.previous.values()]
        if all(value is None or isinstance(value, int | float) for value in amounts):
            return issued
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return _visible_content(reading, reported)


_last_issued: tuple[str, Sequence[Indicator], Sequence[Indicator]] = ("", (), ())


def _issued_indicators(head: str, indicators: Sequence[Indicator]) -> Sequence[Indicator]:
    """The indicators as a form words and measures them."""
    global _last_issued  # noqa: PLW0603 - a memory of one: forms of one month follow each other
    if _last_issued[0] == head and _last_issued[1] is indicators:
        return _last_issued[2]
    known = {item.code: item for item in indicators}
    worded = [
        known[code]._replace(path=(str(label),), unit=str(unit), measure=_check_measure(measure))
        for code, (label, unit, measure) in json.loads(head + "}")["indicators"].items()
        if code in known
    ]
    _last_issued = (head, indicators, worded)
    return worded


def _check_measure(text: str) -> str:
    if text not in MEASURE_LABELS:
        raise ValueError(text)
    return text


def _visible_content(reading: Reading, indicators: Sequence[Indicator]) -> _IssuedContent:
    def amounts(column: int) -> Amounts:
        return {
            item.code: _visible_amount(reading, reading.cell(item.code, column), item.unit)
            for item in indicators
        }

    return _IssuedContent(amounts(layout.TARGET), amounts(layout.PREVIOUS), indicators)


def _visible_amount(reading: Reading, cell: Cell | None, unit: str) -> Number | None:
    look = reading.sheet.format_codes.get(cell.style, "") if cell is not None else ""
    return read_shown(cell, unit, look).value
