"""``adjust``: targets that a notice changes from a month on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.model.names import fold
from xl_addin.model.records import Number
from xl_addin.model.result import Result
from xl_addin.model.settings import Adjustment, Config
from xl_addin.model.sheets import ADJUSTMENTS_BLOCK
from xl_addin.services.amending import Amendment, amend_master
from xl_addin.services.change_words import amount_of, find_district, find_indicator, rows_of_file
from xl_addin.services.list_places import where_to_type
from xl_addin.services.programme import Programme, Request
from xl_addin.services.target_checks import adjustment_notes
from xl_addin.services.typed_changes import waits_to_be_registered
from xl_addin.store.targets import target_changes
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import amend
from xl_addin.xlsx.values import number_text, round_noise

_BY, _TO = "调整数", "调整后"
_KINDS = {_BY, _TO}


def run(programme: Programme, request: Request) -> Result:
    """Adjust the targets of the options or of a file; without any, what was typed in 任务调整."""
    given = request.options
    if not any(given.get(name) for name in ("district", "indicator", "by", "to", "file")):
        if waits_to_be_registered(programme):
            return amend.run(programme, request)
        if programme.live:
            return where_to_type(programme.host, "adjust", ADJUSTMENTS_BLOCK)
    config = programme.config
    month = int(programme.month(request)[5:])
    if not given.get("document"):
        raise Misused(
            "用法不对：缺少 --document，请写明依据的文件，例如 --document 渝残发〔2023〕30号"
        )
    wanted = list(_wanted(config, given, month))
    known = set(map(_key, config.adjustments))
    fresh = tuple(each for each in wanted if _key(each) not in known)
    _refuse_if_registered(programme, wanted, fresh)
    amendment = Amendment(
        adjustments=fresh,
        lines=tuple(adjustment_notes(programme, config, fresh)),
        note=given.get("note", ""),
    )
    said = f"从 {month} 月起调整 {len(wanted)} 个任务数（{given['document']}）"
    return amend_master(programme, request, "adjust", amendment, said)


def _key(each: Adjustment) -> tuple[object, ...]:
    return each.month, each.district, each.indicator, each.amount, each.document


def _refuse_if_registered(
    programme: Programme, wanted: Sequence[Adjustment], fresh: Sequence[Adjustment]
) -> None:
    """A row that is there may be left of a run that was cut off; one in the ledger was done."""
    done = {
        (int(c.month[5:]), c.district, c.indicator, round_noise(c.value - (c.was or 0)), c.document)
        for c in target_changes(programme.ledger)
    }
    if not fresh and all(_key(each) in done for each in wanted):
        raise Refused("这些调整已经登记过了（起始月、区县、指标、调整数、依据都相同），没有再登记")


def _wanted(config: Config, given: Mapping[str, str], month: int) -> Iterator[Adjustment]:
    if given.get("file"):
        yield from _of_file(config, given, month)
        return
    lacking = [f"--{name}" for name in ("district", "indicator") if not given.get(name)]
    if lacking or bool(given.get("by")) == bool(given.get("to")):
        says = f"缺少 {'、'.join(lacking)}" if lacking else "--by 和 --to 要写一个，只写一个"
        raise Misused(f"用法不对：{says}\n查看用法：xl-addin adjust --help")
    by = amount_of(given["by"], "--by") if given.get("by") else None
    to = amount_of(given["to"], "--to") if given.get("to") else None
    yield _adjustment(
        config, given["district"], given["indicator"], month, by, to, given["document"]
    )


def _of_file(config: Config, given: Mapping[str, str], month: int) -> Iterator[Adjustment]:
    """The rows of a file with the headings 区县, 指标 and 调整数 or 调整后."""
    file, document = given["file"], given["document"]
    rows = [(n, {c: str(cell) for c, cell in row.items()}) for n, row in rows_of_file(file)]
    headings: dict[str, int] = {}
    named: set[tuple[str, str]] = set()
    for number, row in rows:
        if not headings:
            said = {fold(cell): column for column, cell in row.items()}
            headings = said if {"区县", "指标"} <= set(said) and _KINDS & set(said) else {}
            continue
        cells = {name: row[column] for name, column in headings.items() if row.get(column)}
        if fold(cells.get("区县", "")) in ("合计", "总计"):
            continue
        try:
            each = _of_row(config, cells, month, document)
        except (Misused, Refused) as error:
            says = str(error).removeprefix("用法不对：")
            raise Refused(f"{file} 第 {number} 行：{says}") from error
        if _TO in cells and (each.district, each.indicator) in named:
            says = f"“{cells['区县']}”的“{cells['指标']}”有两行，不知道以哪一行为准；请只留一行"
            raise Refused(f"{file} 第 {number} 行：{says}")
        named.add((each.district, each.indicator))
        yield each
    if not headings:
        raise Refused(f"{file}：第一张表里要有“区县”“指标”和“调整数”（或“调整后”）三列")


def _of_row(config: Config, cells: Mapping[str, str], month: int, document: str) -> Adjustment:
    lacking = [name for name in ("区县", "指标") if name not in cells]
    if lacking or len(_KINDS & set(cells)) != 1:
        says = "、".join(lacking) if lacking else "“调整数”和“调整后”要填一个，只填一个"
        raise Refused(f"没有填{says}" if lacking else says)
    by, to = (amount_of(cells[kind], kind) if kind in cells else None for kind in (_BY, _TO))
    return _adjustment(config, cells["区县"], cells["指标"], month, by, to, document)


def _adjustment(
    config: Config,
    district: str,
    indicator: str,
    month: int,
    by: Number | None,
    to: Number | None,
    document: str,
) -> Adjustment:
    whose, item = find_district(config, district), find_indicator(config, indicator)
    now = config.targets_in_force(month).get((whose.code, item.code), 0)
    amount = round_noise(by if by is not None else (to or 0) - now)
    after = round_noise(now + amount)
    what = f"{whose.name} {item.label}"
    if after < 0:
        raise Refused(
            f"{what}：{month} 月的任务数是 {number_text(now)}，调整 {number_text(amount)} 以后小于 0；请核对"
        )
    if item.whole and after != int(after):
        raise Refused(f"{what}：调整以后是 {number_text(after)}，这项指标只能是整数；请核对")
    same = [
        each
        for each in config.adjustments
        if (each.month, each.district, each.indicator, each.document)
        == (month, whose.code, item.code, document)
    ]
    if not amount and same:
        return same[-1]
    if not amount:
        raise Refused(f"{what}：{month} 月的任务数已经是 {number_text(now)}，没有要调整的")
    return Adjustment(month, whose.code, item.code, amount, document)
