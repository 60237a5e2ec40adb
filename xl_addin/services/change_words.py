"""What is said of a change on the command line or in a file, understood or turned down with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xl_addin.formats.open import read_grids
from xl_addin.model.names import fold
from xl_addin.model.records import NOT_APPLICABLE, District, Indicator, Number
from xl_addin.model.settings import Config
from xl_addin.model.sheets import DISTRICTS_SHEET, INDICATORS_SHEET
from xl_addin.system import held
from xl_addin.system.errors import Misused, Refused, Unreadable
from xl_addin.xlsx.cells import NUM, TEXT, Cell
from xl_addin.xlsx.values import plain_text, quote, read_number, round_noise


def find_district(config: Config, text: str) -> District:
    """The district of that code, name or alias. Raises Misused."""
    for each in config.districts:
        if fold(text) in map(fold, (each.code, each.name, *each.aliases)):
            return each
    raise Misused(f"用法不对：“{DISTRICTS_SHEET}”里没有“{text}”；请写区县的代码或名称")


def find_indicator(config: Config, text: str) -> Indicator:
    """The indicator of that code or name, the last step of its name alone where only one has it."""
    named = [i for i in config.indicators if fold(text) in (fold(i.code), fold(i.label))]
    named = named or [i for i in config.indicators if fold(i.path[-1]) == fold(text)]
    if len(named) == 1:
        return named[0]
    which = "有几个" if named else "没有"
    raise Misused(f"用法不对：“{INDICATORS_SHEET}”里{which}“{text}”；请写指标的代码或完整名称")


def month_number(text: str, year: int, option: str) -> int:
    """1 to 12 of ``8``, ``8月`` or ``2023-08``. Raises Misused."""
    said = fold(text).removesuffix("月").removeprefix(f"{year}-").removeprefix(f"{year}年")
    if said.isascii() and said.isdigit() and 1 <= int(said) <= 12:
        return int(said)
    raise Misused(f"用法不对：{option} 要填月份，例如 8 或 {year}-08，现在是“{text}”")


def amount_of(text: str, option: str) -> Number:
    """A number as typed. Raises Misused."""
    found = read_number(Cell(TEXT, text), "").value
    if found is None:
        raise Misused(f"用法不对：{option} 要填数字，现在是“{text}”")
    return found


def named_amounts(text: str, option: str) -> Iterator[tuple[str, Number]]:
    """The pairs of an option given several times as NAME=NUMBER. Raises Misused."""
    for line in text.split("\n") if text else ():
        name, mark, amount = line.rpartition("=")
        if not mark or not name.strip():
            raise Misused(f"用法不对：{option} 要写成 名称=数字，现在是“{line}”")
        yield name.strip(), amount_of(amount, option)


def rows_of_file(path: str) -> Iterator[tuple[int, dict[int, str | Number]]]:
    """The rows of a table's first sheet that hold something: their number, and by column what is there."""
    source = Path(path)
    try:
        grids = read_grids(held.read_bytes(source), source.name)
    except OSError as error:
        raise Refused(f"{source}：读不了这个文件；请检查路径") from error
    except Unreadable as error:
        raise Refused(f"{source.name}：{error.message}") from error
    cells = grids[0].cells
    for row in sorted({row for row, _ in cells}):
        found = {at[1]: cells[at] for at in sorted(cells) if at[0] == row}
        yield (
            row,
            {
                column: round_noise(cell.value)
                if cell.kind == NUM and isinstance(cell.value, int | float)
                else plain_text(quote(cell))
                for column, cell in found.items()
            },
        )


def amounts_of_file(path: str) -> Iterator[tuple[str, Number]]:
    """Name and number of each row of a file that ends in a number; headings and totals are left out.

    Raises Refused at a row below the first number that ends in something else.
    """
    begun = False
    for at, row in rows_of_file(path):
        cells = list(row.values())
        if len(cells) < 2 or fold(str(cells[0])) in ("合计", "总计"):
            continue
        name, last = cells[0], cells[-1]
        read = read_number(Cell(TEXT, str(last)), "")
        if read.value is not None:
            begun = True
            yield str(name), last if not isinstance(last, str) else read.value
        elif begun and read.state != NOT_APPLICABLE:
            raise Refused(
                f"{path} 第 {at} 行：“{name}”的最后一列是“{last}”，不是数字；"
                "请把数字放在最后一列，没有任务的留空"
            )
