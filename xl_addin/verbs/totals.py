"""``totals``: a programme's figures as a file for the level above, and any number of such files added up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from xl_addin.model.calendar import months_of, read_month
from xl_addin.model.folder import EXPORTS
from xl_addin.model.levels import ExportFacts, LevelRow, provenance, provenance_of_all
from xl_addin.model.result import Result
from xl_addin.services.change_words import rows_of_file
from xl_addin.services.level_rows import month_rows
from xl_addin.services.level_totals import Chosen, LevelTotals, add_up, choose
from xl_addin.services.programme import Programme, Request
from xl_addin.store.exports import open_exports, write_export
from xl_addin.system import atomic, held
from xl_addin.system.errors import Misused, Refused, in_chinese, list_messages
from xl_addin.system.failpoint import fail_point
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.system.rights import private_mode
from xl_addin.verbs.recompute import totals_table

if TYPE_CHECKING:
    from typing import Any

_SUFFIX = ".parquet"
_HELP = "查看用法：xl-addin totals --help"


def run(programme: Programme, request: Request) -> Result:
    """Export a month, or add exports up."""
    exports, adds = "export" in request.options, "from" in request.options
    if exports == adds:
        raise Misused(f"用法不对：--export（导出本级的数）和 --from（汇总下级的数）写一个\n{_HELP}")
    return _export(programme, request) if exports else _from(programme, request)


def _export(programme: Programme, request: Request) -> Result:
    if len(request.paths) > 1:
        raise Misused(f"用法不对：导出只写一个文件名，现在有 {len(request.paths)} 个\n{_HELP}")
    config, ledger = programme.config, programme.ledger
    last, settings = programme.month(request), config.settings
    wanted = months_of(settings.year)[settings.first_month - 1 : int(last[5:])]
    months = wanted if "all" in request.options else (last,)
    by_month = {month: month_rows(ledger, config, month) for month in months}
    rows = [row for each in by_month.values() for row in each]
    digests = {month: provenance(each) for month, each in by_month.items()}
    name = request.options.get("name") or settings.office or settings.title
    facts = ExportFacts(
        ledger.programme,
        name,
        request.options.get("level", ""),
        settings.year,
        settings.first_month,
        programme.now(),
        digests,
    )
    span = months[0] if len(months) == 1 else f"{months[0]}至{months[-1][5:]}"
    file = plain_name(f"{span}_{name}_{ledger.programme}{_SUFFIX}")
    path = Path(request.paths[0]) if request.paths else programme.folder / EXPORTS / file
    if path.suffix.lower() != _SUFFIX:
        raise Misused(f"用法不对：{path.name} 的后缀要写 {_SUFFIX}\n{_HELP}")
    lacking = sum(row.state == "missing" for row in rows if row.unit)
    gaps = f"，其中 {lacking} 个还没有报（不当作 0）" if lacking else ""
    units = sum(bool(row.unit) for row in rows)
    said = f"“{name}”{span} 的 {units} 个数{gaps}"
    told = "预演，没有写入" if request.rehearse else f"已写入 {path}"
    digest = provenance_of_all(digests.items())
    if not request.rehearse:
        with ledger.writing():
            _put(path, rows, facts, private_mode(programme.folder))
            sha256 = hashlib.sha256(held.read_bytes(path)).hexdigest()
            fail_point("totals.exported")
            outcome = f"导出{said}，“{path.name}”，校验码 {sha256}；所据的数 {digest}"
            ledger.add_event(programme.now(), "totals", last, outcome, programme.who())
    return Result(
        {
            "verb": "totals",
            "month": last,
            "months": digests,
            "file": None if request.rehearse else str(path),
            "name": name,
            "programme": ledger.programme,
            "rows": len(rows),
            "missing": lacking,
            "provenance": digest,
        },
        f"{said}；{told}",
        clean=not lacking,
    )


def _put(path: Path, rows: Sequence[LevelRow], facts: ExportFacts, mode: int) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        write_export(path, rows, facts, mode)
    except OSError as error:
        says = f"{path}：写不进去（{in_chinese(error)}）；请腾出地方或检查权限后再试"
        raise Refused(says) from error


def _from(programme: Programme, request: Request) -> Result:
    """Add exports up into a workbook of its own; no programme is needed for it, and none is changed."""
    options = request.options
    month = _asked_month(request.month)
    paths = list(_files(programme, request.paths))
    chosen = choose(paths, month, _expected(options.get("expect", "")))
    title = options.get("title") or "各单位任务"
    with open_exports(chosen.picks) as exports:
        found = add_up(exports, chosen, title)
    target = Path(options.get("to") or programme.folder / f"汇总_{chosen.month}.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise Misused(f"用法不对：{target.name} 的后缀要写 .xlsx\n{_HELP}")
    told = f"预演，没有写入 {target}"
    if not request.rehearse:
        from xl_addin.master.level_book import build_levels

        data = build_levels(
            found.config,
            found.totals,
            found.lacking,
            list(_sources(chosen)),
            months=found.whole_year,
        )
        try:
            atomic.write(target, data)
        except PermissionError as error:
            from xl_addin.xlsx.openfiles import in_use_message

            raise Refused(in_use_message(target)) from error
        except OSError as error:
            says = f"{target}：写不进去（{in_chinese(error)}）；请腾出地方或检查权限后再试"
            raise Refused(says) from error
        told = f"已写入 {target}"
    return _report(chosen, found, told, None if request.rehearse else str(target))


def _report(chosen: Chosen, found: LevelTotals, told: str, file: str | None) -> Result:
    lines = found.totals.indicators
    gaps = sum(count for _, _, count, _ in found.lacking)
    lacks = f"，下级单位缺 {gaps} 个数（不当作 0，看“缺数”表）" if gaps else ""
    months = () if found.whole_year else ("有的单位没有以前月份的数，没有做“逐月”表",)
    return Result(
        {
            "verb": "totals",
            "month": chosen.month,
            "file": file,
            "programmes": [
                {"programme": key, "name": name, "months": list(chosen.months[key])}
                for key, name in chosen.programmes.items()
            ],
            "absent": list(chosen.absent),
            "indicators": [_row(line) for line in lines],
            "missing": [
                {"name": name, "indicator": label, "units": count, "who": who}
                for name, label, count, who in found.lacking
            ],
            "problems": [problem.as_json() for problem in chosen.problems],
        },
        f"{chosen.month}：{len(chosen.programmes)} 个单位 {len(lines)} 项指标{lacks}；{told}",
        clean=not chosen.problems and not gaps and all(e.districts_incomplete == 0 for e in lines),
        lines=(*list_messages(chosen.problems), *months),
        tables=(totals_table(f"截至 {chosen.month} 各项指标", lines),),
    )


def _row(line: Any) -> dict[str, Any]:
    wanted = (
        "code",
        "label",
        "unit",
        "measure",
        "target",
        "this_month",
        "cumulative",
        "due",
        "completion",
        "light",
        "districts_missing",
        "districts_incomplete",
        "trend",
    )
    return {name: getattr(line, name) for name in wanted}


def _files(programme: Programme, given: Sequence[str]) -> Iterator[Path]:
    """The files that were named, and those in folders that were. Refused where there are none."""
    found = False
    for path in [Path(each) for each in given] or [programme.folder]:
        try:
            inside = sorted(held.names(path)) if path.is_dir() else None
        except OSError as error:
            raise Refused(f"{path}：打不开（{in_chinese(error)}）；请检查路径") from error
        if inside is None:
            if not path.is_file():
                raise Refused(f"{path}：找不到这个文件或文件夹；请检查路径")
            found = True
            yield path
            continue
        for name in inside:
            if name.lower().endswith(_SUFFIX):
                found = True
                yield path / name
    if not found:
        raise Refused(f"没有找到汇总数据（{_SUFFIX}）；请写下级交来的文件，或者放着它们的文件夹")


def _asked_month(text: str) -> str:
    """A month with its year, whatever programme this is run beside; "" for the latest there is."""
    if not text:
        return ""
    month = read_month(text, 0)
    if not month or month.startswith("0-"):
        raise Misused(f"用法不对：--month 要写年和月，例如 2024-06，现在是“{text}”\n{_HELP}")
    return month


def _expected(path: str) -> list[str]:
    """The names in the first column of a list."""
    if not path:
        return []
    return [str(next(iter(row.values()))).strip() for _, row in rows_of_file(path)]


def _sources(chosen: Chosen) -> Iterator[tuple[str, ...]]:
    taken = {str(pick.path): pick.months for pick in chosen.picks}
    for path, facts in chosen.facts:
        months = taken[path]
        digest = provenance_of_all((each, facts.months[each]) for each in months)
        name = chosen.programmes[facts.programme]
        yield name, Path(path).name, "、".join(months), facts.made_at, digest
