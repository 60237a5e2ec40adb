"""What was understood of a task table, said before anything is built on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl_addin.model.records import MEASURE_LABELS, Indicator, LeftOut, TableAccount, TaskTable
from xl_addin.system.light import pattern
from xl_addin.tasktable.body import WHY, Body
from xl_addin.tasktable.choices import Choices
from xl_addin.tasktable.columns import Columns
from xl_addin.tasktable.find import Shape, is_value
from xl_addin.tasktable.findings import Findings
from xl_addin.tasktable.lines import SKIPPED
from xl_addin.xlsx.values import clip

_MOST, _WORDS = 12, 80
_REMARK = pattern(r".*(备注|说明)|注")


def give_account(
    shape: Shape,
    body: Body,
    columns: Columns,
    indicators: Sequence[Indicator],
    choices: Choices,
    findings: Findings,
    above: Sequence[tuple[str, str]],
) -> TableAccount:
    """Where everything stands that was read, and what was left out and why; ``above`` is what stands above it."""
    header = shape.header or (shape.first,)
    wrong = {problem.cell for problem in findings.problems if problem.code == "total-mismatch"}
    rows = [
        LeftOut(findings.row_name(line.row), line.name, WHY[line.kind])
        for line in body.all
        if line.kind in WHY and (line.name or line.kind == SKIPPED)
    ]
    left = [
        LeftOut(findings.column_name(column), label, why)
        for column, (label, why) in sorted(
            [*columns.left_out.items(), *_skipped(shape, choices).items()]
        )
        if label
    ]
    return TableAccount(
        findings.turned,
        (findings.row_name(header[0]), findings.row_name(header[-1])),
        findings.column_name(shape.name_column),
        findings.row_name(body.districts[0].row),
        findings.row_name(body.districts[-1].row),
        {
            item.code: findings.column_name(column)
            for column, item in zip(columns.headings, indicators, strict=True)
        },
        tuple(
            (
                findings.row_name(line.row),
                line.name,
                not any(findings.cell_name((line.row, c)) in wrong for c in columns.headings),
            )
            for line in body.totals
            if any(is_value(shape.view.cell(line.row, c)) for c in columns.headings)
        ),
        (*rows, *left),
        document=bool(findings.origin),
        unsaid=tuple(map(findings.column_name, columns.unsaid)),
        skip=findings.columns_option("skip", columns.unsaid) if columns.unsaid else "",
        said=(*above, *_said(shape, body, columns, findings)),
    )


def _said(
    shape: Shape, body: Body, columns: Columns, findings: Findings
) -> Iterator[tuple[str, str]]:
    """What is written beside the table and in its remarks; comments on what was read are told one by one."""
    rows = {*shape.header, *(line.row for line in (*body.districts, *body.totals))}
    numbers = {*columns.headings, shape.name_column}
    for text in shape.view.grid.boxes:
        yield "文本框", text
    for at, text in sorted(shape.view.grid.comments.items()):
        if at[0] not in rows or at[1] not in numbers:
            yield f"{findings.cell_name(at)} 的批注", text
    for column in (c for c, label in columns.words.items() if _REMARK.fullmatch(label)):
        for line in body.districts:
            if text := shape.view.text(line.row, column):
                yield findings.cell_name((line.row, column)), text


def _skipped(shape: Shape, choices: Choices) -> dict[int, tuple[str, str]]:
    """What stands over columns that somebody said to skip."""
    found: dict[int, tuple[str, str]] = {}
    for column in choices.skipped_columns:
        texts = [shape.view.text(row, column) for row in shape.header]
        label = " > ".join(dict.fromkeys(filter(None, texts)))
        found[column] = (label, WHY[SKIPPED])
    return found


def describe_account(table: TaskTable) -> tuple[str, ...]:
    """The account in lines for people."""
    account = table.account
    if account is None:
        return ()
    head = (
        account.header[0]
        if account.header[0] == account.header[1]
        else "到".join(map(_spaced, account.header))
    )
    across = "，一个区县占一列" if account.across else ""
    where = "" if account.document else "工作表"
    return (
        f"读的是{where}“{table.sheet}”{across}：表头在{_spaced(head)}，名称在{_spaced(account.names)}，"
        f"{len(table.districts)} 个区县从{_spaced(account.first)}到{_spaced(account.last)}",
        f"指标：{'；'.join(_indicator(item, account) for item in table.indicators)}",
        *_unsaid(account),
        *_totals(account),
        *_left_out(account.left_out),
        *_written(account.said),
    )


def _spaced(place: str) -> str:
    """A space between a Chinese word and letters behind it."""
    return f" {place}" if place[:1].isascii() else place


def _indicator(item: Indicator, account: TableAccount) -> str:
    unit = item.unit or "没有单位"
    return f"{account.columns[item.code]} {item.label}（{unit}，{MEASURE_LABELS[item.measure]}）"


def _unsaid(account: TableAccount) -> tuple[str, ...]:
    if not account.unsaid:
        return ()
    names = "、".join(account.unsaid)
    return (f"{names}没有写要做什么，按任务读入；是现有的数、不是任务的话请加 {account.skip}",)


def _totals(account: TableAccount) -> tuple[str, ...]:
    if not account.totals:
        return ("没有合计行可以核对",)
    said = [
        f"{place}“{name}”和各区县相加{'相符' if agrees else '不符，见下面'}"
        for place, name, agrees in account.totals
    ]
    return (f"合计：{'；'.join(said)}",)


def _left_out(left: Sequence[LeftOut]) -> tuple[str, ...]:
    if not left:
        return ()
    named = [(each, f"“{clip(each.label)}”" if each.label else "") for each in left[:_MOST]]
    said = [f"{each.place}{name}（{each.why}）" for each, name in named]
    more = f"，另有 {len(left) - _MOST} 处" if left[_MOST:] else ""
    return (f"没有读入：{'；'.join(said)}{more}",)


def _written(said: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    if not said:
        return ()
    texts = "；".join(f"{place}“{clip(text, _WORDS)}”" for place, text in said[:_MOST])
    more = f"，另有 {len(said) - _MOST} 处" if said[_MOST:] else ""
    return (f"旁边写着（请看和表里的数有没有关系）：{texts}{more}",)


def account_as_json(table: TaskTable) -> dict[str, object] | None:
    """The account for programs."""
    account = table.account
    if account is None:
        return None
    return {
        "sheet": table.sheet,
        "units_across": account.across,
        "header": list(account.header),
        "names": account.names,
        "first": account.first,
        "last": account.last,
        "columns": account.columns,
        "totals": [
            {"place": place, "name": name, "agrees": agrees}
            for place, name, agrees in account.totals
        ],
        "unsaid": list(account.unsaid),
        "left_out": [left._asdict() for left in account.left_out],
        "said": [{"place": place, "text": text} for place, text in account.said],
    }
