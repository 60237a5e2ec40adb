"""The master workbook: built once from a task table; later only values in it change."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from types import MappingProxyType

from xl_addin.master.build.district_tables import (
    KINDS,
    Computed,
    Typed,
    matrix_sheet,
    planned_places,
)
from xl_addin.master.build.guide import guide_sheet
from xl_addin.master.build.setup_sheets import (
    districts_sheet,
    indicators_sheet,
    letters_sheet,
    rules_sheet,
    settings_sheet,
)
from xl_addin.master.build.sheet_writer import Canvas
from xl_addin.master.build.status_sheets import (
    board_sheet,
    journal_sheet,
    pending_sheet,
    problems_sheet,
)
from xl_addin.master.build.styles import FONT, looks
from xl_addin.master.build.summaries import summary_sheet, trend_sheet
from xl_addin.master.macros.install import equip
from xl_addin.master.totals import compute, computed_cells, typed_cells
from xl_addin.model.problems import RULES
from xl_addin.model.records import TaskTable
from xl_addin.model.settings import SETTINGS, Config, Rule, Settings
from xl_addin.model.sheets import (
    BOARD_SHEET,
    COMPLETION_SHEET,
    CUMULATIVE_SHEET,
    DISTRICTS_SHEET,
    GUIDE_SHEET,
    INDICATORS_SHEET,
    JOURNAL_SHEET,
    LETTERS_SHEET,
    MONTH_SHEET,
    PENDING_SHEET,
    PROBLEMS_SHEET,
    RULES_SHEET,
    SETTINGS_SHEET,
    SHEETS,
    SUMMARY_SHEET,
    TARGETS_SHEET,
    TREND_SHEET,
    VARIANCE_SHEET,
)
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.package import Part, deflate, inflate, pack, unpack

if TYPE_CHECKING:
    from typing import Any

_TYPES = "[Content_Types].xml"
_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_TABS = {
    GUIDE_SHEET: "#7F7F7F",
    **dict.fromkeys(
        (
            SETTINGS_SHEET,
            DISTRICTS_SHEET,
            INDICATORS_SHEET,
            TARGETS_SHEET,
            RULES_SHEET,
            LETTERS_SHEET,
        ),
        "#F4B000",
    ),
    **dict.fromkeys(
        (
            MONTH_SHEET,
            CUMULATIVE_SHEET,
            SUMMARY_SHEET,
            COMPLETION_SHEET,
            VARIANCE_SHEET,
            TREND_SHEET,
        ),
        "#2E75B6",
    ),
    **dict.fromkeys((BOARD_SHEET, PENDING_SHEET, PROBLEMS_SHEET, JOURNAL_SHEET), "#70AD47"),
}


def build_master(
    table: TaskTable,
    year: int,
    title: str,
    month: str,
    computer: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The master as .xlsm with ribbon and macros: equal arguments always give equal bytes.

    ``computer`` binds it to a Python, see ``binding.this_computer``.
    """
    import xlsxwriter

    config = first_config(table, year, title, month)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "default_format_properties": {"font_name": FONT, "font_size": 11}},
    )
    book.set_properties({"title": f"{year}年{title}", "created": datetime.datetime(year, 1, 1)})
    book.set_calc_mode("auto")
    book.set_vba_name("ThisWorkbook")
    formats = looks(book)
    canvases: dict[str, Canvas] = {}
    for number, name in enumerate(SHEETS, 1):
        sheet = book.add_worksheet(name)
        sheet.set_vba_name(f"Sheet{number}")
        sheet.set_tab_color(_TABS[name])
        canvases[name] = Canvas(book, sheet, name, formats)
    _fill(canvases, config)
    book.close()
    return pack(equip(_with_macro_type(target.getvalue()), computer).values())


def first_config(table: TaskTable, year: int, title: str, month: str) -> Config:
    """The settings of a new programme."""
    defaults: dict[str, Any] = {spec.key: spec.default for spec in SETTINGS}
    settings = Settings(**{**defaults, "title": title, "year": year, "month": month})
    rules = {spec.code: Rule(spec.severity, spec.parameter) for spec in RULES}
    return Config(
        settings,
        table.districts,
        table.indicators,
        rules,
        dict(table.targets),
        dict(table.published),
        (),
    )


def _fill(canvases: Mapping[str, Canvas], config: Config) -> None:
    places = planned_places(config.districts, config.indicators)
    totals = compute((), config, config.settings.month)
    typed: dict[str, Typed] = dict(typed_cells(places, totals))
    typed[TARGETS_SHEET] = {
        (places.targets.rows[district], places.targets.columns[code]): value
        for (district, code), value in config.targets.items()
    }
    computed: dict[str, Computed] = dict(computed_cells(places, totals, config))
    settings = config.settings
    guide_sheet(canvases[GUIDE_SHEET], f"{settings.year}年{settings.title}")
    settings_sheet(canvases[SETTINGS_SHEET], config)
    districts_sheet(canvases[DISTRICTS_SHEET], config)
    indicators_sheet(canvases[INDICATORS_SHEET], config)
    rules_sheet(canvases[RULES_SHEET])
    letters_sheet(canvases[LETTERS_SHEET])
    matrices = (places.targets, places.month, places.cumulative, places.completion, places.variance)
    for name, matrix in zip(KINDS, matrices, strict=True):
        matrix_sheet(canvases[name], matrix, config, typed.get(name, {}), computed[name])
    name = SUMMARY_SHEET
    summary_sheet(canvases[name], places.summary, config, computed[name])
    name = TREND_SHEET
    trend_sheet(canvases[name], places.trend, config, typed[name], computed[name])
    board_sheet(canvases[BOARD_SHEET], config)
    pending_sheet(canvases[PENDING_SHEET], config)
    problems_sheet(canvases[PROBLEMS_SHEET])
    journal_sheet(canvases[JOURNAL_SHEET])


def _with_macro_type(data: bytes) -> dict[str, Part]:
    """The package as a macro-enabled one."""
    parts = unpack(data)
    types = inflate(parts[_TYPES]).replace(_PLAIN, _MACRO)
    parts[_TYPES] = deflate(_TYPES, types)
    return parts
