"""``district-pages``: a workbook with a page for each district, to be printed in one go."""

from __future__ import annotations

from xl_addin.model.folder import PAGES
from xl_addin.model.result import Result
from xl_addin.services.change_words import find_district
from xl_addin.services.programme import Programme, Request
from xl_addin.services.scoring import month_figures
from xl_addin.system import atomic
from xl_addin.system.errors import Refused
from xl_addin.system.filenames import plain_name


def run(programme: Programme, request: Request) -> Result:
    """Lay out a page for every district that reports in the month, or for those that are named."""
    month, config = programme.month(request), programme.config
    named = [text for text in request.options.get("district", "").split("\n") if text]
    chosen = dict.fromkeys(find_district(config, text) for text in named)
    districts = tuple(chosen or (each for each in config.districts if each.reports(month)))
    if not districts:
        raise Refused(f"{month} 没有要报的区县，没有可打印的")
    each = districts[0].name if len(districts) == 1 else f"{len(districts)}个区县"
    file = plain_name(f"{month}_{each}.xlsx" if named else f"{month}.xlsx")
    path = programme.folder / PAGES / file
    told = f"预演，没有写入 {path}"
    if not request.rehearse:
        from xl_addin.master.page_book import build_pages

        data = build_pages(config, month_figures(programme, month).totals, districts)
        path.parent.mkdir(exist_ok=True)
        try:
            atomic.write(path, data)
        except PermissionError as error:
            from xl_addin.xlsx.openfiles import in_use_message

            raise Refused(in_use_message(path)) from error
        told = f"已写入 {path}；打开后打印时选“打印整个工作簿”，一次打印全部"
    return Result(
        {
            "verb": "district-pages",
            "month": month,
            "file": None if request.rehearse else str(path),
            "districts": [each.code for each in districts],
        },
        f"{month}：{len(districts)} 个区县，每个一页；{told}",
    )
