"""The master workbook: built once from a task table; later only values in it change.

``attach`` lays it out a second time, in memory, to see what an older master lacks.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from xl_addin.master import build
from xl_addin.master.build.district_tables import planned_positions
from xl_addin.master.build.sheet_writer import Builder, MasterPlan, SheetWriter, Typed
from xl_addin.master.build.styles import FONT, add_formats
from xl_addin.master.macros.install import install_macros
from xl_addin.master.totals import compute_totals, computed_cells, typed_cells
from xl_addin.model.records import TaskTable
from xl_addin.model.rules import RULES
from xl_addin.model.settings import NOTHING_CARRIED, SETTINGS, Carried, Config, Rule, Settings
from xl_addin.model.sheets import MASTER_SHEETS, OPENINGS_SHEET, TARGETS_SHEET
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.package import Part, deflate, inflate, pack, unpack
from xl_addin.xlsx.parts import TYPES

if TYPE_CHECKING:
    from typing import Any

    from xlsxwriter.worksheet import Worksheet

_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"


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
    return build_from(first_config(table, year, title, month), NOTHING_CARRIED, computer)


def build_from(config: Config, carried: Carried, computer: Mapping[str, str]) -> bytes:
    """A master with these settings, and with what is carried over from last year's."""
    return pack(install_macros(lay_out(config, carried), computer).values())


def lay_out(config: Config, carried: Carried = NOTHING_CARRIED) -> dict[str, Part]:
    """The parts of a master with these settings and no figures yet, without ribbon and macros."""
    import xlsxwriter

    settings = config.settings
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "default_format_properties": {"font_name": FONT, "font_size": 11}},
    )
    book.set_properties(
        {
            "title": f"{settings.year}年{settings.title}",
            "created": datetime.datetime(settings.year, 1, 1),
        }
    )
    book.set_calc_mode("auto")
    book.set_vba_name("ThisWorkbook")
    formats, plan, builders = (
        add_formats(book),
        _plan(config)._replace(carried=carried),
        _builders(),
    )
    sheets = _sheet_class()
    for number, spec in enumerate(MASTER_SHEETS, 1):
        sheet = book.add_worksheet(spec.name, sheets)
        sheet.set_vba_name(f"Sheet{number}")
        sheet.set_tab_color(spec.tab)
        builders[spec.name](SheetWriter(book, sheet, spec.name, formats), plan)
    book.close()
    return _with_macro_type(target.getvalue())


def _sheet_class() -> type[Worksheet]:
    """Sheets that take formulas as they are: ours name no function that has to be told to be a later one.

    XlsxWriter looks for each of thirty such functions in every formula: two fifths of a large master's time.
    """
    from xlsxwriter.worksheet import Worksheet

    class PlainSheet(Worksheet):  # type: ignore[misc]  # which says nothing of its types
        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
            return formula.removeprefix("=")

    return PlainSheet


def _builders() -> dict[str, Builder]:
    """Which function lays out which sheet, from every module in this folder that says so."""
    found: dict[str, Builder] = {}
    for module in iter_modules(build.__path__, f"{build.__name__}."):
        found |= getattr(import_module(module.name), "BUILDERS", {})
    return found


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


def _plan(config: Config) -> MasterPlan:
    positions = planned_positions(config.districts, config.indicators)
    totals = compute_totals((), config, config.settings.month)
    typed: dict[str, Typed] = dict(typed_cells(positions, totals))
    at = positions.targets
    for sheet, amounts in ((TARGETS_SHEET, config.targets), (OPENINGS_SHEET, config.openings)):
        typed[sheet] = {(at.rows[d], at.columns[code]): v for (d, code), v in amounts.items()}
    return MasterPlan(config, positions, typed, dict(computed_cells(positions, totals, config)))


def _with_macro_type(data: bytes) -> dict[str, Part]:
    """The package as a macro-enabled one."""
    parts = unpack(data)
    types = inflate(parts[TYPES]).replace(_PLAIN, _MACRO)
    parts[TYPES] = deflate(TYPES, types)
    return parts
