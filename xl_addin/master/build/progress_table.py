"""进度表: one row a district, under each indicator its target, what is done and the share, for A3."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.build.colours import legend_text, mark_progress, mark_words, write_legend
from xl_addin.master.build.district_tables import HEADER_ROW, header_cells
from xl_addin.master.build.notes import note_text
from xl_addin.master.build.sheet_writer import MasterPlan, SheetWriter
from xl_addin.master.build.styles import set_up_page, short_unit
from xl_addin.master.read.matrix import Matrix
from xl_addin.model.records import Indicator
from xl_addin.model.settings import Config, by_indicator
from xl_addin.model.sheets import (
    CODE_KEY,
    DONE_HEADING,
    NAME_KEY,
    PROGRESS_BLOCK,
    PROGRESS_NOTE,
    PROGRESS_SHEET,
    SHARE_SUFFIX,
    STANDING_HEADINGS,
    TARGET_SUFFIX,
    TOTAL_KEY,
    progress_keys,
)
from xl_addin.xlsx import a1
from xl_addin.xlsx.textsize import row_height, text_width

_A3, _PAGE, _SCALE = 8, 310, 52  # so many characters are legible across A3, at so many percent
_ONE_PAGE = 360  # what is still better on one page, a little smaller, than on two
_STANDING_WIDTHS = (9.5, 6.0, 6.0, 38.0)
_STANDING_LOOKS = ("share", "center", "center", "remark")
_LEAST, _SHARE, _ROW = 7.4, 9.6, 26
_CITY = "全市"


def split_columns(item: Indicator) -> list[Indicator]:
    """The columns of an indicator as if each were one: the words for what it says come last."""
    own = (*item.path[:-1], short_unit(item.path[-1], item.unit))
    kinds = (TARGET_SUFFIX, DONE_HEADING, SHARE_SUFFIX)
    return [
        item._replace(code=key, path=(*own, kind), unit="")
        for key, kind in zip(progress_keys(item.code), kinds, strict=True)
    ]


def progress_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """进度表 with its heads of three levels."""
    matrix, config, sheet = plan.positions.progress, plan.config, writer.sheet
    typed, computed = plan.typed.get(writer.name, {}), plan.computed.get(writer.name, {})
    widths = _widths(matrix, config)
    for column, width in widths.items():
        sheet.set_column(column - 1, column - 1, width)
    right = max(matrix.columns.values())
    pages = list(_pages(matrix, config, widths))
    # The first two columns are printed on every page.
    _title(writer, config, computed[2, 3], widths, (3, pages[0]))
    _heads(writer, matrix, config, widths)
    looks = dict.fromkeys(matrix.columns, "tight")
    looks |= dict(zip(STANDING_HEADINGS, _STANDING_LOOKS, strict=True))
    names = {matrix.rows[district.code]: district for district in config.districts}
    for row in (*names, matrix.total_row):
        total = row == matrix.total_row
        sheet.set_row(row - 1, _ROW)
        writer.write(
            row, 1, TOTAL_KEY if total else names[row].code, "total_name" if total else "code"
        )
        writer.write(row, 2, _CITY if total else names[row].name, "total_name" if total else "name")
        for key, column in matrix.columns.items():
            look = f"total_{looks[key]}" if total else looks[key]
            if key == NAME_KEY:
                continue
            if (row, column) in computed:
                writer.formula(row, column, *computed[row, column], look)
            else:
                writer.write(row, column, typed.get((row, column)), look)
    last = matrix.columns[STANDING_HEADINGS[0]] - 1
    mark_progress(writer, (matrix.key_row + 1, 3, matrix.end_row, last))
    light = matrix.columns["灯"]
    mark_words(writer, a1.area_name((matrix.key_row + 1, light, matrix.end_row, light)))
    writer.name_area(PROGRESS_BLOCK, (matrix.key_row, 1, matrix.end_row, right))
    codes = a1.area_name((matrix.key_row, 1, matrix.end_row, 1))
    sheet.ignore_errors({"number_stored_as_text": codes})
    sheet.freeze_panes(matrix.key_row, 2)
    set_up_page(sheet, a1.area_name((1, 1, matrix.end_row, right)), (HEADER_ROW, matrix.key_row))
    sheet.set_paper(_A3)
    if len(pages) > 1:
        sheet.repeat_columns(0, 1)
        sheet.set_print_scale(_SCALE)  # breaks are heeded where nothing is made to fit
        sheet.set_v_pagebreaks(pages[:-1])


def _pages(matrix: Matrix, config: Config, widths: dict[int, float]) -> Iterator[int]:
    """The last column of each page across: an indicator's columns stay together."""
    groups = [[matrix.columns[key] for key in progress_keys(i.code)] for i in config.indicators]
    groups.append([matrix.columns[heading] for heading in STANDING_HEADINGS])
    fixed, last = widths[1] + widths[2], 2
    used = fixed
    page = _ONE_PAGE if sum(widths.values()) <= _ONE_PAGE else _PAGE
    for group in groups:
        wide = sum(widths[column] for column in group)
        if used + wide > page and last > 2:
            yield last
            used = fixed
        used += wide
        last = group[-1]
    yield last


def _widths(matrix: Matrix, config: Config) -> dict[int, float]:
    names = max((text_width(each.name) for each in config.districts), default=8)
    widths = {1: 8.0, 2: min(max(names + 2.5, 9.0), 26.0)}
    amounts = by_indicator(config.targets)
    for item in config.indicators:
        most = max(sum(amounts.get(item.code, ())), config.published.get(item.code, 0))
        wide = max(_LEAST, len(f"{most:,.{0 if item.whole else 2}f}") + 1.8)
        for key, width in zip(progress_keys(item.code), (wide, wide, _SHARE), strict=True):
            widths[matrix.columns[key]] = width
    for heading, width in zip(STANDING_HEADINGS, _STANDING_WIDTHS, strict=True):
        widths[matrix.columns[heading]] = width
    return widths


def _title(
    writer: SheetWriter,
    config: Config,
    note: tuple[str, object],
    widths: dict[int, float],
    across: tuple[int, int],
) -> None:
    settings, sheet = config.settings, writer.sheet
    left, right = across
    writer.merge((1, left, 1, right), f"{settings.year}年{settings.title}进度表", "title")
    room = sum(widths[column] for column in range(left, right + 1))
    for row, text in ((2, note_text(PROGRESS_NOTE, "2000-01", 0, opened=True)), (3, legend_text())):
        writer.merge((row, left, row, right), None, "note")
        sheet.set_row(row - 1, row_height([(text, room)], 14))
    writer.formula(2, left, *note, "note")
    writer.name_area(PROGRESS_NOTE, (2, left, 2, left))
    write_legend(writer, (3, left))
    sheet.set_row(0, 38)


def _heads(writer: SheetWriter, matrix: Matrix, config: Config, widths: dict[int, float]) -> None:
    bottom = matrix.key_row - 1
    writer.merge((HEADER_ROW, 1, bottom, 2), NAME_KEY, "head")
    leaves = [each for item in config.indicators for each in split_columns(item)]
    needs = dict.fromkeys(range(HEADER_ROW, matrix.key_row), 20.0)
    for area, text in header_cells(leaves):
        writer.merge(area, text, "head_small" if area[1] == area[3] else "head")
        room = sum(widths[column] for column in range(area[1], area[3] + 1))
        spare = sum(needs[row] for row in range(area[0], area[2]))
        needs[area[2]] = max(needs[area[2]], row_height([(text, room)]) - spare)
    for heading in STANDING_HEADINGS:
        column = matrix.columns[heading]
        writer.merge((HEADER_ROW, column, bottom, column), heading, "head")
    for row, tall in needs.items():
        writer.sheet.set_row(row - 1, tall)
    writer.sheet.set_row(matrix.key_row - 1, 3)
    writer.write(matrix.key_row, 1, CODE_KEY, "key_quiet")
    for key, column in matrix.columns.items():
        writer.write(matrix.key_row, column, key, "key_quiet")


BUILDERS = {PROGRESS_SHEET: progress_sheet}
