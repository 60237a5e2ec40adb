"""Another office's file beside the ledger: which file, how it is understood, what every pair comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from xl_addin.compare.readings import Reading
from xl_addin.compare.results import Line, Tolerance, compare
from xl_addin.compare.table import TheirTable, Wanted, period_question, read_their_table
from xl_addin.formats.open import read_tables
from xl_addin.master.read.correspondences import read_correspondences
from xl_addin.model.comparison import (
    BY_OPTION,
    CUMULATIVE,
    EVERY_COLUMN,
    MONTHLY,
    SAME,
    Correspondence,
)
from xl_addin.model.filetypes import is_litter
from xl_addin.model.folder import COMPARISONS
from xl_addin.model.records import NUMBER
from xl_addin.model.settings import Config
from xl_addin.model.sheets import CORRESPONDENCE_SHEET
from xl_addin.services.change_words import amount_of, find_indicator, month_number
from xl_addin.services.given_files import given_folder, read_given
from xl_addin.services.our_figures import OurFigures
from xl_addin.services.programme import Programme, Request
from xl_addin.store.comparisons import ComparedPair, seen_hashes
from xl_addin.system import held
from xl_addin.system.errors import Misused, Refused, Unreadable
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.tasktable.choices import read_choices

if TYPE_CHECKING:
    from typing import Any

_NAMED = 6


class TheirFile(NamedTuple):
    """A file to be compared, with the hash of its bytes."""

    path: Path
    data: bytes
    sha256: str


class Compared(NamedTuple):
    """A comparison that was worked out: nothing of it is written yet."""

    month: str
    file: TheirFile
    table: TheirTable
    lines: tuple[Line, ...]
    pairs: tuple[ComparedPair, ...]


class PeriodUnclear(Refused):
    """Nothing says whether their figures are cumulative: somebody has to."""


def their_file(programme: Programme, request: Request) -> TheirFile:
    """The file that was named, else the one in 比对 that was not compared yet. Refused where none fits."""
    if request.paths:
        return _read(Path(request.paths[0]))
    folder = given_folder(programme.folder, COMPARISONS, make=not request.rehearse)
    paths = [
        folder / name
        for name in held.names(folder)
        if not is_litter(name) and not (folder / name).is_dir()
    ]
    if not paths:
        raise Refused(f"“{COMPARISONS}”文件夹里没有文件；请把对方的表放进 {folder}，再点一次“比对”")
    files = [_read(path) for path in paths]
    seen = seen_hashes(programme.ledger)
    fresh = [each for each in files if each.sha256 not in seen]
    if len(fresh) == 1:
        return fresh[0]
    if not fresh and len(files) == 1:
        return files[0]
    names = "、".join(f"“{each.path.name}”" for each in (fresh or files)[:_NAMED])
    which = f"有 {len(fresh)} 份没有比过的表" if fresh else "的表都比过了"
    raise Refused(
        f"“{COMPARISONS}”文件夹里{which}（{names}），一次比一份；请只留下要比的那一份，把别的移开，再点一次"
    )


def _read(path: Path) -> TheirFile:
    data = read_given(path)
    return TheirFile(path, data, hashlib.sha256(data).hexdigest())


def said_of_columns(programme: Programme, request: Request) -> tuple[Correspondence, ...]:
    """What the options and 对照 say, the options first. Refused where 对照 is not understood."""
    config, options = programme.config, request.options
    if "cumulative" in options and "monthly" in options:
        raise Misused("用法不对：--cumulative 和 --monthly 只能写一个")
    said = [_from_option(config, line) for line in options.get("column", "").split("\n") if line]
    period = CUMULATIVE if "cumulative" in options else MONTHLY if "monthly" in options else ""
    year = config.settings.year
    as_of = month_number(options["as-of"], year, "--as-of") if options.get("as-of") else 0
    if period or as_of:
        said.append(Correspondence(EVERY_COLUMN, "", None, as_of, period, BY_OPTION))
    typed, wrong = read_correspondences(programme.host, config.indicators, year)
    if wrong:
        raise Refused(
            f"“{CORRESPONDENCE_SHEET}”里有 {len(wrong)} 处不对，没有比对；改好后再试", wrong
        )
    return (*said, *typed)


def _from_option(config: Config, line: str) -> Correspondence:
    heading, mark, item = line.rpartition("=")
    code, star, factor = item.partition("*")
    if not mark or not heading.strip() or not code.strip():
        raise Misused(f"用法不对：--column 要写成 列=指标，例如 F=I07，现在是“{line}”")
    number = amount_of(factor, "--column 的换算") if star else None
    if number is not None and number <= 0:
        raise Misused(f"用法不对：--column 的换算要大于 0，现在是“{line}”")
    return Correspondence(
        heading.strip(), find_indicator(config, code.strip()).code, number, 0, "", BY_OPTION
    )


def compare_file(programme: Programme, request: Request, file: TheirFile) -> Compared:
    """Every figure of a file beside ours. Refused where anything in it is not clear."""
    config = programme.config
    month = programme.month(request)
    name = file.path.name
    try:
        document = read_tables(file.data, name)
    except Unreadable as error:
        raise Refused(f"{name}：{error.message}") from error
    wanted = Wanted(
        config.districts,
        config.indicators,
        config.settings.year,
        int(month[5:]),
        config.settings.first_month,
        bool(config.openings),
        said_of_columns(programme, request),
        read_choices(request.options),
        "add-rows" in request.options,
    )
    table = read_their_table(document.grids, document.paragraphs, name, wanted)
    compared = {each.column.indicator for each in table.readings}
    ours = OurFigures.of_ledger(programme.ledger, config, compared)
    tolerance = Tolerance(config.settings.tolerance, config.settings.tolerance_percent)
    if table.unclear:
        problem = period_question(table, _agreeing(table, ours, tolerance))
        raise PeriodUnclear(problem.message, [problem])
    lines = [_line(reading, ours, tolerance) for reading in table.readings]
    order = {district.code: number for number, district in enumerate(config.districts)}
    codes = {item.code: number for number, item in enumerate(config.indicators)}
    lines.sort(key=lambda e: (order[e.reading.district], codes[e.reading.column.indicator]))
    pairs = tuple(_pair(line, ours) for line in lines)
    return Compared(month, file, table, tuple(lines), pairs)


def _line(reading: Reading, ours: OurFigures, tolerance: Tolerance) -> Line:
    column = reading.column
    pair = (reading.district, column.indicator)
    return compare(reading, ours.figure(pair, column.period, column.as_of), tolerance)


def _agreeing(
    table: TheirTable, ours: OurFigures, tolerance: Tolerance
) -> Mapping[int, tuple[int, int]]:
    """By column how many figures would agree with our cumulatives, and with the month's."""
    found: dict[int, tuple[int, int]] = {}
    for column in table.unclear:
        counts = []
        for period in (CUMULATIVE, MONTHLY):
            mine = [
                each._replace(column=column._replace(period=period))
                for each in table.readings
                if each.column == column and each.state == NUMBER
            ]
            counts.append(sum(_line(each, ours, tolerance).result == SAME for each in mine))
        found[column.column] = (counts[0], counts[1])
    return found


def _pair(line: Line, ours: OurFigures) -> ComparedPair:
    reading, column = line.reading, line.reading.column
    pair = (reading.district, column.indicator)
    return ComparedPair(
        reading.district,
        column.indicator,
        column.period,
        column.as_of,
        line.ours.value,
        reading.value,
        reading.found,
        line.difference,
        reading.cells,
        line.result,
        ours.trail(pair, column.period, column.as_of),
        "；".join(line.notes),
    )


def account_of(compared: Compared, config: Config) -> dict[str, Any]:
    """What was understood of their table, as it is kept and as ``--json`` prints it."""
    table = compared.table
    names = {each.code: each.name for each in config.districts}
    labels = {item.code: item.label for item in config.indicators}
    place = table.findings.cell_name
    return {
        "sheet": table.sheet,
        "title": table.title,
        "matched": [
            {
                "cell": place(each.at),
                "heading": each.heading,
                "indicator": each.indicator,
                "label": labels[each.indicator],
                "period": each.period,
                "as_of": f"{compared.month[:4]}-{each.as_of:02d}",
                "unit": each.unit,
                "factor": each.factor,
                "told_by": each.told_by,
            }
            for each in table.columns
        ],
        "unmatched": [
            {
                "cell": place(each.at),
                "heading": each.heading,
                "why": each.why,
                "alike": list(each.alike),
            }
            for each in table.unmatched
        ],
        "districts_absent": [names[code] for code in table.absent],
        "names_unknown": list(table.unknown),
        "rows_added": {names[code]: list(cells) for code, cells in table.twice.items()},
        "their_total": [
            {
                "indicator": each.indicator,
                "name": each.name,
                "cell": each.cell,
                "printed": each.printed,
                "recomputed": each.recomputed,
                "difference": each.difference,
                "subtotal": each.subtotal,
                "with_others": list(each.with_others),
            }
            for each in table.totals
        ],
        "told": [problem.message for problem in table.problems],
        "personal": [f"{each.place}（{each.why}）" for each in table.personal],
    }
