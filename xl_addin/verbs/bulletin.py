"""``bulletin``: the month's bulletin from the office's own template; ``--final`` records what went out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from xl_addin.docx.fill import fill, places_to_write
from xl_addin.docx.properties import check_template, mark_written
from xl_addin.master.read.blocks import key_text
from xl_addin.master.totals import Totals
from xl_addin.model.result import Result
from xl_addin.model.sheets import MONTH_CELL
from xl_addin.model.work_items import WorkStanding
from xl_addin.services.audit import check_changes, check_master
from xl_addin.services.bulletin import pdf
from xl_addin.services.bulletin.contents import bulletin_contents, figures_mark, figures_of
from xl_addin.services.bulletin.files import (
    choose_written,
    keep_template,
    next_path,
    read_template,
    template_path,
)
from xl_addin.services.bulletin.sentences import Facts
from xl_addin.services.programme import Programme, Request
from xl_addin.services.published_changes import PublishedChange, published_changes
from xl_addin.services.roll_call import call_roll
from xl_addin.services.scoring import month_figures, shown_scores
from xl_addin.services.work_ledger import work_standings
from xl_addin.store.decisions import closed_months
from xl_addin.store.publications import BULLETIN, NewPublication, publications, record_publication
from xl_addin.system import atomic
from xl_addin.system.errors import Misused, Refused, Unreadable
from xl_addin.system.failpoint import fail_point

_NAMED = 5


def run(programme: Programme, request: Request) -> Result:
    """Write a draft, or record the one that lies there as it lies there."""
    final = "final" in request.options
    if final and "template" in request.options:
        raise Misused("用法不对：--final 登记已经写好的通报，不能和 --template 一起用")
    if request.rehearse and not final:
        return _draft(programme, request)
    with programme.ledger.writing():
        recorded = _record(programme, request) if final else _draft(programme, request)
    return _with_pdf(recorded) if final and not request.rehearse else recorded


def _totals(programme: Programme, month: str) -> Totals:
    """The month's totals. Refused where the master shows others: a bulletin says what people see there."""
    block = programme.host.block(MONTH_CELL)
    shown = key_text(block.cells.get(block.area[:2]))
    advice = f"请先重算：点“重算”，或运行 xl-addin recompute --month {month}"
    if shown != month:
        what = f"现在显示的是 {shown}" if shown else "还没有重算过"
        raise Refused(f"主表{what}，不是 {month}，通报要和主表一致；{advice}")
    figures = month_figures(programme, month)
    totals = figures.totals
    _, apart = check_master(programme.host, programme.config, totals, typed_only=True)
    scores = shown_scores(programme, figures.book)
    apart += check_changes(programme.host, scores, typed_only=True)[1]
    if apart:
        raise Refused(f"底账比主表里的汇总新，有 {len(apart)} 格不一样；{advice}", apart)
    return totals


def _draft(programme: Programme, request: Request) -> Result:
    month, ledger = programme.month(request), programme.ledger
    totals = _totals(programme, month)
    where, template = read_template(programme.folder, request.options.get("template", ""))
    number = request.options.get("number", "").strip() or _next_number(programme)
    _refuse_used(programme, number)
    changes = published_changes(programme, totals)
    answers = call_roll(programme).answers(month)
    facts = Facts(month, programme.config, totals, answers, changes, _works(programme, month))
    try:
        check_template(template)
        filled = fill(template, bulletin_contents(facts, number, programme.now()[:10]))
    except Unreadable as error:
        raise Refused(f"{where}：{error}") from error
    except Refused as error:
        raise Refused(f"{where}：{error.message}", error.problems) from error
    data = mark_written(filled.data, figures_mark(totals), number)
    path = next_path(programme.folder, ledger, month)
    lines = [_open_month(month)] if month not in closed_months(ledger) else []
    lines += [
        f"模板里有一个图没有填（替代文字：{name}），还是模板里的样子；请改成“各项任务完成率”或删掉它"
        for name in filled.unknown_charts
    ]
    lines += _change_lines(changes)
    if not request.rehearse:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, data)
        fail_point("bulletin.written")
        if where == template_path(programme.folder) and keep_template(where, template):
            lines.append(f"模板放在 {where}，可以用 Word 改成本单位的样子；以后的通报都用它")
    left = f"，还有 {filled.left} 处【请补充】要写" if filled.left else ""
    told = "（预演，没有写入）" if request.rehearse else ""
    return Result(
        _data(request, month, path, data, number, filled.left, changes),
        f"{month}：通报第{number}期写在 {path}{left}；写好以后点“发布”（bulletin --final）{told}",
        clean=not filled.unknown_charts,
        lines=tuple(lines),
    )


def _works(programme: Programme, month: str) -> Sequence[WorkStanding]:
    """How the key works stand that are still reported in a month."""
    standings = work_standings(programme, month).values()
    return [each for each in standings if each.item.until >= int(month[5:])]


def _record(programme: Programme, request: Request) -> Result:
    month, ledger = programme.month(request), programme.ledger
    totals = _totals(programme, month)
    path, data, sha256, marks = choose_written(
        programme.folder, ledger, month, figures_mark(totals)
    )
    left = places_to_write(data)
    number = request.options.get("number", "").strip() or marks.number or _next_number(programme)
    _refuse_used(programme, number)
    changes = published_changes(programme, totals)
    lines = (
        [] if marks.figures else [f"{path.name} 不带生成时的记号，登记的是主表现在的数，请自己核对"]
    )
    if number != marks.number:
        lines.append(
            f"登记为第{number}期，文件是按第{marks.number or '？'}期生成的；请核对文件里印的期号"
        )
    if left:
        lines.append(f"文件里还有 {len(left)} 处没有写：{'、'.join(left[:_NAMED])}")
    lines += [_open_month(month)] if month not in closed_months(ledger) else []
    outcome = f"发布第{number}期通报：{path.name}（{sha256[:12]}）"
    if not request.rehearse:
        shown = path.relative_to(programme.folder).as_posix()
        out = NewPublication(month, BULLETIN, number, sha256, shown, programme.now())
        record_publication(ledger, out, figures_of(totals))
        ledger.add_event(programme.now(), "bulletin", month, outcome, programme.who())
    told = "（预演，没有写入）" if request.rehearse else ""
    return Result(
        _data(request, month, path, data, number, len(left), changes),
        f"{month}：{outcome}，每一个数都记入了底账{told}",
        clean=not left and number == marks.number,
        lines=(*lines, *_change_lines(changes)),
    )


def _with_pdf(result: Result) -> Result:
    """The PDF of what was recorded, beside it; not of a draft, which people go on writing in."""
    document = Path(result.data["file"])
    target = document.with_suffix(".pdf")
    said = pdf.write_pdf(document, target, pdf.converters())
    made = str(target) if said.startswith("PDF") else None
    return result._replace(data={**result.data, "pdf": made}, lines=(*result.lines, said))


def _next_number(programme: Programme) -> str:
    """The number after the highest that went out this year."""
    sent = (each.number for each in publications(programme.ledger) if each.kind == BULLETIN)
    return str(max((int(each) for each in sent if each.isdecimal()), default=0) + 1)


def _refuse_used(programme: Programme, number: str) -> None:
    for each in publications(programme.ledger):
        if each.kind == BULLETIN and each.number == number:
            raise Refused(
                f"第{number}期已经在 {each.at} 发布了（{each.file}）；请用 --number 写另一个期号"
            )


def _open_month(month: str) -> str:
    return f"{month} 还没有结账，以后收到的数还会变；数齐了先结账再发布更稳妥"


def _change_lines(changes: Sequence[PublishedChange]) -> list[str]:
    return [each.line for each in changes]


def _data(
    request: Request,
    month: str,
    path: Path,
    data: bytes,
    number: str,
    left: int,
    changes: Sequence[PublishedChange],
) -> dict[str, object]:
    return {
        "verb": "bulletin",
        "month": month,
        "file": str(path),
        "sha256": hashlib.sha256(data).hexdigest(),
        "number": number,
        "final": "final" in request.options,
        "left_to_write": left,
        "pdf": None,
        "changed_since_last": [each.as_json() for each in changes],
    }
