"""``compare``: another office's table beside the ledger, pair by pair; no figure is ever changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from xl_addin.model.comparison import OURS_PARTIAL, PERIOD_LABELS, RESULT_LABELS, SAME
from xl_addin.model.filetypes import KNOWN_SUFFIXES
from xl_addin.model.folder import ARCHIVE
from xl_addin.model.result import Question, Result, ResultTable
from xl_addin.model.settings import Config
from xl_addin.model.sheets import COMPARISON_BLOCK
from xl_addin.services.archived import archived_path
from xl_addin.services.comparing import (
    Compared,
    PeriodUnclear,
    account_of,
    compare_file,
    their_file,
)
from xl_addin.services.comparison_list import comparison_changes, keep_typed_notes
from xl_addin.services.comparison_words import column_words, total_words, trail_text
from xl_addin.services.outbox import send_letters
from xl_addin.services.programme import Programme, Request
from xl_addin.store.comparisons import (
    ComparedPair,
    Comparison,
    NewComparison,
    compared_pairs,
    last_comparison,
    record_comparison,
)
from xl_addin.system import atomic
from xl_addin.system.errors import Refused
from xl_addin.system.failpoint import fail_point
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.system.rights import private_mode
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from typing import Any

ASKING = "compare.ask"
"""How the journal calls the letters, which no undo takes back."""
_SHOWN = 40


def run(programme: Programme, request: Request) -> Result:
    """Compare one file, keep what came of it, show it; with --ask write to the districts that differ."""
    asking = "ask" in request.options
    if asking and not request.paths:
        return _ask_again(programme, request)
    try:
        compared = compare_file(programme, request, their_file(programme, request))
    except PeriodUnclear as unclear:
        if not programme.live:
            raise
        return _question(unclear)
    personal = bool(compared.table.personal) and "keep" not in request.options
    lines: list[str] = []
    number = 0
    if not request.rehearse:
        number = _record(programme, compared, kept=not personal, lines=lines)
    account = account_of(compared, programme.config)
    found = Comparison(
        number,
        compared.month,
        compared.file.path.name,
        compared.file.sha256,
        programme.now(),
        not personal,
        account,
    )
    result = _report(programme, request, found, compared.pairs, lines)
    return _with_letters(programme, request, found, result) if asking else result


def _question(unclear: PeriodUnclear) -> Result:
    """What a button asks where nobody wrote whether figures are cumulative."""
    problems = [problem.as_json() for problem in unclear.problems]
    text = "按累计数比对吗？选“否”不比对；是当月数的，请在“对照”里给“全部”写明口径，再点一次。"
    return Result(
        {"verb": "compare", "problems": problems},
        unclear.message,
        clean=False,
        question=Question(text, "cumulative"),
    )


def _record(programme: Programme, compared: Compared, *, kept: bool, lines: list[str]) -> int:
    """Archive the file where it may be kept, record every pair, then show them; the comparison's number."""
    file, ledger = compared.file, programme.ledger
    now = programme.now()
    with ledger.writing():
        if kept:
            _archive(programme, file.path.name, file.data, file.sha256)
        keep_typed_notes(programme)
        account = account_of(compared, programme.config)
        new = NewComparison(compared.month, file.path.name, file.sha256, now, kept, account)
        number = record_comparison(ledger, new, compared.pairs)
        ledger.add_event(
            now, "compare", compared.month, _outcome(new.file, compared.pairs), programme.who()
        )
    fail_point("compare.recorded")
    _show(programme, lines)
    return number


def _archive(programme: Programme, name: str, data: bytes, sha256: str) -> None:
    archive = programme.folder / ARCHIVE
    suffix = Path(name).suffix.lower()
    path = archive / f"{sha256}{suffix if suffix in KNOWN_SUFFIXES else '.bin'}"
    if archived_path(programme.folder, sha256) is None:
        atomic.write(path, data, private_mode(programme.folder))
    fail_point("compare.archived")


def _show(programme: Programme, lines: list[str]) -> None:
    """Write 比对; what keeps it from being written is told, and everything is in the ledger."""
    try:
        programme.host.ready()
        check = programme.host.apply(comparison_changes(programme))
        lines += [problem.message for problem in check.disagreements]
        told = "" if programme.live else programme.host.save()
        lines += [f"{told}，看“比对”表"] if told else []
    except Refused as refusal:
        lines.append(f"“比对”表没有写：{refusal.message}")


def _ask_again(programme: Programme, request: Request) -> Result:
    """Letters about the last comparison, without reading any file."""
    found = last_comparison(programme.ledger)
    if found is None:
        raise Refused("还没有比对过；请先把对方的表放进“比对”文件夹，点“比对”")
    pairs = compared_pairs(programme.ledger, found.id)
    result = _report(programme, request, found, pairs, [])
    return _with_letters(programme, request, found, result)


def _with_letters(
    programme: Programme, request: Request, found: Comparison, result: Result
) -> Result:
    from xl_addin.services.comparison_letters import asking_letters

    pairs = result.data["pairs"]
    outbox = asking_letters(programme, found, pairs)
    sent = send_letters(programme, request, ASKING, found.month, outbox)
    data = {**result.data, "letters": {**sent.data, "verb": "compare"}}
    return result._replace(
        data={key: value for key, value in data.items() if key != "pairs"},
        outcome=f"{result.outcome}；{sent.outcome}",
        clean=result.clean and sent.clean,
        lines=(*result.lines, *sent.lines),
        tables=(*result.tables, *sent.tables),
    )


def _outcome(file: str, pairs: Sequence[ComparedPair]) -> str:
    counts = Counter(each.result for each in pairs)
    said = "，".join(f"{RESULT_LABELS[r]} {counts[r]}" for r in RESULT_LABELS if counts[r])
    return f"比对“{file}”：{said or '没有可比的数'}"


def _report(
    programme: Programme,
    request: Request,
    found: Comparison,
    pairs: Sequence[ComparedPair],
    lines: Sequence[str],
) -> Result:
    config, account = programme.config, found.account
    labels = {item.code: item.name for item in config.indicators}
    matched = "；".join(column_words(account["matched"]))
    told = [*account["told"], f"对上的列：{matched}"]
    others = sorted({each["as_of"] for each in account["matched"]} - {found.month})
    told += (
        [
            f"对方的数截至 {'、'.join(others)}，不是 {found.month}，比的是我方同一时候的数；不对的话加 --as-of"
        ]
        if others
        else []
    )
    unmatched = "、".join(f"{e['cell']}“{e['heading']}”{e['why']}" for e in account["unmatched"])
    told += [f"没有对上的列：{unmatched}"] if unmatched else []
    absent, unknown = account["districts_absent"], account["names_unknown"]
    told += [f"对方没有的区县：{'、'.join(absent)}"] if absent else []
    told += [f"认不出的名称：{'；'.join(unknown)}"] if unknown else []
    told += [f"对方的合计：{'；'.join(total_words(account['their_total'], labels))}"]
    if not found.kept:
        where = "、".join(account["personal"])
        told.append(
            f"文件里有个人信息（{where}），没有存档，只记下文件名和校验码；确需存档的加 --keep"
        )
    partial = sum(each.result == OURS_PARTIAL for each in pairs)
    if partial:
        told.append(f"有 {partial} 个数我方比对方少，可是我方还缺月份（我方不全），先催齐再比")
    rehearsed = "（预演，没有写入）" if request.rehearse else ""
    wrong = any(each["difference"] for each in account["their_total"])
    clean = all(each.result == SAME for each in pairs) and not account["told"] and not wrong
    data = _data(found, pairs, config)
    if "ask" in request.options:
        data["pairs"] = pairs
    return Result(
        data,
        f"{found.month}：{_outcome(found.file, pairs)}{rehearsed}",
        clean=clean,
        lines=(*told, *lines),
        tables=_tables(pairs, config),
        shows=COMPARISON_BLOCK if not request.rehearse else "",
    )


def _data(found: Comparison, pairs: Sequence[ComparedPair], config: Config) -> dict[str, Any]:
    names = {each.code: each.name for each in config.districts}
    return {
        "verb": "compare",
        "month": found.month,
        "file": found.file,
        "sha256": found.sha256,
        "kept": found.kept,
        **found.account,
        "rows": [
            {
                "code": each.district,
                "district": names.get(each.district, each.district),
                "indicator": each.indicator,
                "period": each.period,
                "as_of": f"{found.month[:4]}-{each.as_of:02d}",
                "ours": each.ours,
                "theirs": each.theirs,
                "found": each.found,
                "difference": each.difference,
                "result": RESULT_LABELS[each.result],
                "their_cell": each.cell,
                "ours_receipts": [place._asdict() for place in each.trail],
                "note": each.note,
            }
            for each in pairs
        ],
    }


def _tables(pairs: Sequence[ComparedPair], config: Config) -> tuple[ResultTable, ...]:
    names = {each.code: each.name for each in config.districts}
    labels = {item.code: item.label for item in config.indicators}
    apart = [each for each in pairs if each.result != SAME]
    rows = [
        (
            names.get(each.district, each.district),
            f"{each.indicator} {labels.get(each.indicator, '')}",
            PERIOD_LABELS[each.period],
            "" if each.ours is None else number_text(each.ours),
            each.found if each.theirs is None else number_text(each.theirs),
            "" if each.difference is None else number_text(each.difference),
            RESULT_LABELS[each.result],
            each.cell,
            each.note or trail_text(each.trail[-1:]),
        )
        for each in apart[:_SHOWN]
    ]
    more = f"（共 {len(apart)} 个，其余看“比对”表）" if len(apart) > _SHOWN else ""
    headings = ("区县", "指标", "口径", "我方", "他方", "差", "结果", "他方单元格", "说明")
    title = f"不一致和没有比成的{more}"
    return (ResultTable(title, headings, rows, frozenset((3, 4, 5))),) if rows else ()
