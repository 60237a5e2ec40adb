"""A trail as people read it, on the sheet, on the command line and in a dossier, and as programs do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl_addin.model.commands import label_of
from xl_addin.model.folder import ARCHIVE, MAILS
from xl_addin.model.records import VERDICT_LABELS, Number
from xl_addin.model.settings import Config
from xl_addin.model.sheets import OPENING_HEADING, TOTAL_KEY
from xl_addin.services.trail import (
    CHANGE,
    CORRECTION,
    DISTRICT,
    GAP,
    MONTH,
    OPENED,
    PRINTED,
    RETURN,
    TARGET,
    YEAR,
    Question,
    Trail,
    TrailRow,
)
from xl_addin.store.trails import Mail, TracedReturn
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.values import number_text

if TYPE_CHECKING:
    from typing import Any

COUNTED, LEFT_OUT = "●", "○"
_KINDS = {OPENED: OPENING_HEADING, CORRECTION: "补报核减", CHANGE: "任务数", PRINTED: "通报"}
_WHAT = {YEAR: "截至 {month} 累计完成", MONTH: "{month} 本月完成", TARGET: "{month} 执行的任务数"}


class RowWords(NamedTuple):
    """A row as it stands under the headings of 溯源, without the links."""

    month: str
    mark: str
    value: Number | None
    cell: str
    file: str
    verdict: str
    received_at: str
    how: str
    said: str


def title_of(question: Question, config: Config) -> str:
    """Whose figure of which month is asked about."""
    item = next(each for each in config.indicators if each.code == question.indicator)
    names = {each.code: each.name for each in config.districts}
    whose = names[question.district] if question.district else TOTAL_KEY
    what = _WHAT[question.what].format(month=month_text(question.month, config))
    return f"{whose} · {item.label} · {what}"


def month_text(month: int, config: Config) -> str:
    """A month as YYYY-MM."""
    return f"{config.settings.year}-{month:02d}"


def value_text(value: Number | None) -> str:
    """A figure; one that is not known is never a zero."""
    return "不知道" if value is None else number_text(round(value, 4))


def heading_of(trail: Trail, config: Config) -> str:
    """The figure with what it comes to, and how to read the marks."""
    said = f"{title_of(trail.question, config)}：{value_text(trail.value)}"
    if trail.target is not None and trail.question.what != TARGET:
        said += f"；任务数 {value_text(trail.target)}"
    return f"{said}。{COUNTED} 的各行相加正好是这个数，{LEFT_OUT} 的没有计入，列出来备查"


def words_of(row: TrailRow, config: Config, names: Mapping[str, str]) -> RowWords:
    """A row in words; ``names`` are those of the districts by code."""
    month = month_text(row.month, config) if row.month else ""
    if row.kind == DISTRICT:
        month = names.get(row.district, row.district)
    elif row.kind not in (RETURN, GAP):
        month = f"{month} {_KINDS[row.kind]}".strip()
    back = row.returned
    # Of returns that an earlier version took in, the sheet was not kept.
    place = "!".join(filter(None, (row.sheet, row.cell)))
    decision = row.decision
    said = [row.note, *(problem.message for problem in row.problems)]
    if decision is not None:
        verdict = VERDICT_LABELS[decision.decision]
        why = f"：{decision.note}" if decision.note else ""
        said.append(f"{decision.by} {decision.at} 决定{verdict}{why}")
    return RowWords(
        month,
        COUNTED if row.counts else LEFT_OUT,
        row.value,
        place,
        "" if back is None else back.file,
        VERDICT_LABELS.get(row.verdict, ""),
        "" if back is None else back.received_at,
        "" if back is None else how_of(back),
        "\n".join(filter(None, said)),
    )


def how_of(back: TracedReturn) -> str:
    """How a return came into the ledger, and by which mail."""
    said = [label_of(back.verb), back.by, back.at] if back.verb else []
    said += [f"第 {back.run} 次操作"] if back.run is not None else []
    lines = ["，".join(filter(None, said))] if said else []
    lines += [f"邮件 {each.sender}“{each.subject}”{each.received_at}" for each in back.mails]
    return "\n".join(lines)


def mail_place(mail: Mail) -> str:
    """Where a mail lies in the programme's folder."""
    return f"{ARCHIVE}/{MAILS}/{mail.sha256}.eml"


def tree_of(trail: Trail, config: Config) -> Iterator[str]:
    """The trail as lines: what a figure is made of under it, what there is to say of each below that."""
    yield heading_of(trail, config)
    names = {each.code: each.name for each in config.districts}
    last = len(trail.rows) - 1
    for number, row in enumerate(trail.rows):
        words = words_of(row, config, names)
        branch, below = ("└─", "   ") if number == last else ("├─", "│  ")
        facts = (words.cell, words.file, words.verdict, words.received_at)
        value = "" if row.value is None else number_text(round(row.value, 4))
        yield f"{branch} {'  '.join(filter(None, (words.month, words.mark, value, *facts)))}"
        for line in (*words.how.splitlines(), *words.said.splitlines()):
            yield f"{below}     {line}"


def trail_json(trail: Trail, config: Config) -> dict[str, Any]:
    """The trail as ``--json`` prints it; the values of the rows that count add up to its value."""
    names = {each.code: each.name for each in config.districts}
    asked = trail.question
    return {
        "verb": "trace",
        "what": asked.what,
        "district": names.get(asked.district, ""),
        "code": asked.district,
        "indicator": asked.indicator,
        "label": next(each.label for each in config.indicators if each.code == asked.indicator),
        "month": month_text(asked.month, config),
        "value": trail.value,
        "target": trail.target,
        "rows": [_row_json(row, config, names) for row in trail.rows],
    }


def _row_json(row: TrailRow, config: Config, names: Mapping[str, str]) -> dict[str, Any]:
    back, decision = row.returned, row.decision
    return {
        "kind": row.kind,
        "month": month_text(row.month, config) if row.month else "",
        "district": names.get(row.district, row.district),
        "counts": row.counts,
        "value": row.value,
        "sheet": row.sheet,
        "cell": row.cell,
        "file": "" if back is None else back.file,
        "sha256": "" if back is None else back.sha256,
        "receipt": None if back is None else back.id,
        "verdict": row.verdict,
        "received_at": "" if back is None else back.received_at,
        "how": "" if back is None else how_of(back),
        "mail": _mail_json(back),
        "problems": [problem.as_json() for problem in row.problems],
        "decision": None if decision is None else decision._asdict(),
        "note": row.note,
    }


def _mail_json(back: TracedReturn | None) -> dict[str, Any] | None:
    """The mail that a return came in; of several the last."""
    if back is None or not back.mails:
        return None
    mail = back.mails[-1]
    return {**mail._asdict(), "archive": mail_place(mail)}
