"""Many programmes in one workbook: the master's own sheets of figures with values, a programme in each row."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence

from xl_addin.master.build.district_tables import MATRIX_SHEETS, matrix_sheet, planned_positions
from xl_addin.master.build.sheet_writer import Column, MasterPlan, SheetWriter, ValueWriter
from xl_addin.master.build.styles import FONT, add_formats
from xl_addin.master.build.summaries import summary_sheet, trend_sheet
from xl_addin.master.totals import Totals, computed_cells, typed_cells
from xl_addin.model.settings import Config
from xl_addin.model.sheets import (
    COMPLETION_SHEET,
    COUNTED_SHEET,
    CUMULATIVE_SHEET,
    DUE_SHEET,
    LIGHTS_SHEET,
    MASTER_SHEETS,
    MONTH_SHEET,
    PLAN_SHEET,
    SUMMARY_SHEET,
    TREND_SHEET,
    VARIANCE_SHEET,
)

GAPS_SHEET, SOURCES_SHEET = "缺数", "来源"
SHEETS = (
    SUMMARY_SHEET,
    MONTH_SHEET,
    CUMULATIVE_SHEET,
    COMPLETION_SHEET,
    VARIANCE_SHEET,
    TREND_SHEET,
    PLAN_SHEET,
    DUE_SHEET,
    COUNTED_SHEET,
    LIGHTS_SHEET,
)
_GAPS = (
    Column("单位", 26, "name"),
    Column("指标", 34, "name"),
    Column("本月缺几个", 11, "center"),
    Column("缺哪些", 70, "name"),
)
_SOURCES = (
    Column("单位", 26, "name"),
    Column("文件", 44, "name"),
    Column("月份", 30, "name"),
    Column("导出时间", 20, "center"),
    Column("校验码", 70, "code"),
)
# The sheets speak of districts, and here a row is a programme.
_WORDS = (("区县", "单位"), ("全市", "全体"))


class _LevelWriter(ValueWriter):
    """Values, in words that fit any level."""

    def write(self, row: int, column: int, value: object, look: str) -> None:
        """One cell."""
        super().write(row, column, _worded(value) if isinstance(value, str) else value, look)

    def write_rich(self, row: int, column: int, pieces: Sequence[object], look: str) -> None:
        """A text in several looks."""
        worded = [_worded(each) if isinstance(each, str) else each for each in pieces]
        super().write_rich(row, column, worded, look)

    def merge(self, area: tuple[int, int, int, int], value: str | None, look: str) -> None:
        """A merged area."""
        super().merge(area, None if value is None else _worded(value), look)


def _worded(text: str) -> str:
    for word, instead in _WORDS:
        text = text.replace(word, instead)
    return text


def build_levels(
    config: Config,
    totals: Totals,
    gaps: Sequence[tuple[str, str, int, str]],
    sources: Sequence[tuple[str, ...]],
    *,
    months: bool,
) -> bytes:
    """An .xlsx with these totals; ``months`` says that 逐月 is among its sheets.

    ``gaps`` are lines of 缺数, ``sources`` of 来源. Equal arguments give equal bytes.
    """
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "default_format_properties": {"font_name": FONT, "font_size": 11}},
    )
    settings = config.settings
    book.set_properties(
        {
            "title": f"{settings.year}年{settings.title} {totals.month}",
            "created": datetime.datetime(settings.year, 1, 1),
        }
    )
    formats, plan = add_formats(book), _plan(config, totals)
    tabs = {spec.name: spec.tab for spec in MASTER_SHEETS}
    for name in SHEETS:
        if name == TREND_SHEET and not months:
            continue
        sheet = book.add_worksheet(name)
        sheet.set_tab_color(tabs[name])
        lay_out = (
            matrix_sheet
            if name in MATRIX_SHEETS
            else summary_sheet
            if name == SUMMARY_SHEET
            else trend_sheet
        )
        lay_out(_LevelWriter(book, sheet, name, formats), plan)
    title = f"{settings.year}年{settings.title}"
    says = "下面各单位的本月完成里没有这些下级单位的数：不知道，不当作 0；空着表示都齐了。"
    _listed(
        SheetWriter(book, book.add_worksheet(GAPS_SHEET), GAPS_SHEET, formats),
        title,
        says,
        _GAPS,
        gaps,
    )
    says = "汇总所用的每一份文件。校验码是导出时算的，汇总时又核对过一遍。"
    writer = SheetWriter(book, book.add_worksheet(SOURCES_SHEET), SOURCES_SHEET, formats)
    _listed(writer, title, says, _SOURCES, sources)
    book.close()
    return target.getvalue()


def _listed(
    writer: SheetWriter,
    title: str,
    says: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
) -> None:
    writer.write_header(f"{title}{writer.name}", says, columns)
    top, _, bottom, right = writer.rows(columns, rows)
    writer.sheet.freeze_panes(top, 1)
    writer.sheet.autofilter(top - 1, 0, max(bottom, top + 1) - 1, right - 1)


def _plan(config: Config, totals: Totals) -> MasterPlan:
    positions = planned_positions(config.districts, config.indicators)
    typed, computed = typed_cells(positions, totals), computed_cells(positions, totals, config)
    return MasterPlan(config, positions, dict(typed), dict(computed))
