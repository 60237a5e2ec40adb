"""A workbook with a page for each district, to print all in one go: the layout of 区县单页 with values."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Sequence

from xl_addin.master.build.district_page import lay_out_page, planned_page
from xl_addin.master.build.page_formulas import PagePlaces, page_formulas
from xl_addin.master.build.sheet_writer import Computed, ValueWriter
from xl_addin.master.build.styles import FONT, add_formats
from xl_addin.master.page_values import full_remark, page_value
from xl_addin.master.totals import Totals
from xl_addin.model.records import District
from xl_addin.model.settings import Config

_REFUSED = re.compile(r"[\[\]:*?/\\']")
_LONGEST = 31  # characters of a sheet's name


def build_pages(config: Config, totals: Totals, districts: Sequence[District]) -> bytes:
    """An .xlsx with a sheet for each district; equal arguments give equal bytes."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "default_format_properties": {"font_name": FONT, "font_size": 11}},
    )
    settings = config.settings
    book.set_properties(
        {
            "title": f"{settings.year}年{settings.title}：区县单页 {totals.month}",
            "created": datetime.datetime(settings.year, 1, 1),
        }
    )
    formats = add_formats(book)
    taken: set[str] = set()
    for district in districts:
        name = _sheet_name(district, taken)
        page = planned_page((district,), config.indicators)._replace(sheet=name)
        writer = ValueWriter(book, book.add_worksheet(name), name, formats)
        values = _computed(page, totals)
        lay_out_page(writer, page, config, district.name, values, live=False)
    book.close()
    return target.getvalue()


def _computed(page: PagePlaces, totals: Totals) -> Computed:
    found = {
        where: (text, page_value(kind, page.chosen, code, totals))
        for where, text, kind, code in page_formulas(page, _nowhere)
    }
    return found | {page.remark: ("", full_remark(totals, page.chosen))}


def _nowhere(_block: str, _code: str, _key: str, _at: str) -> str:
    return ""  # the pages of a workbook of their own hold values


def _sheet_name(district: District, taken: set[str]) -> str:
    """The district's name as a sheet may be called, no two alike."""
    stem = _REFUSED.sub(" ", district.name).strip() or district.code
    names = (stem[: _LONGEST - len(end)] + end for end in ("", *(f" {n}" for n in range(2, 9_999))))
    name = next(each for each in names if each.lower() not in taken)
    taken.add(name.lower())
    return name
