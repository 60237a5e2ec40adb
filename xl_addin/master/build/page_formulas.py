"""The formulas of 区县单页: everything follows from the district that is chosen on it.

What stands where is looked up by the district's code in the sheets' own columns: the choice moves, not
the sheets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from xl_addin.master.build.formula_texts import (
    content_formula,
    difference_formula,
    number_formula,
    share_formula,
)
from xl_addin.master.read.matrix import Matrix, quote_sheet
from xl_addin.model.lights import GREY, LIGHTS, NO_LIGHT
from xl_addin.model.settings import BY_SCORE
from xl_addin.model.sheets import (
    CHOICE_HEADING,
    CODE_KEY,
    COUNTED_BLOCK,
    COUNTED_KEY,
    CUMULATIVE_BLOCK,
    DISTRICTS_BLOCK,
    DUE_BLOCK,
    GAPS_KEY,
    LACKING,
    LIGHTS_BLOCK,
    MONTH_BLOCK,
    MONTH_CELL,
    MONTH_HEADINGS,
    MONTHLY_BLOCK,
    MONTHS_TEXT_HEADING,
    NAME_KEY,
    NOT_APPLICABLE_MARK,
    PLAN_BLOCK,
    PROGRESS_BLOCK,
    RANKED_CELL,
    SEPARATOR,
)
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.a1 import Where, cell_name

NO_DATA = "还没有数据"
REMARK_BEGINS = "备注："
RANKED_BY_SCORE = "名次按考核得分排。"
UNKNOWN_DISTRICT = "区县名录里没有这个区县，请重新选"


Lookup = Callable[[str, str, str, str], str]
"""The text that finds a cell: of a block, in the row of a code, under a key, which stands in a cell or is
itself in quotes. Of DISTRICTS_BLOCK it finds the code of the district whose name is in the cell."""


class PagePlaces(NamedTuple):
    """Where 区县单页 has what, and the code of the district that is chosen there, empty for none.

    ``head`` are the cells under the headings that tell of the district, ``table`` has the indicators,
    ``months`` the indicators by month.
    """

    sheet: str
    chosen: str
    head: Mapping[str, Where]
    remark: Where
    table: Matrix
    months: Matrix


def page_formulas(page: PagePlaces, find: Lookup) -> Iterator[tuple[Where, str, str, str]]:
    """Each formula of the page: where, its text, what it tells and of which indicator."""
    code = cell_name(*page.head[CODE_KEY])
    for heading, (text, kind) in _head(page, code, find).items():
        yield page.head[heading], text, kind, ""
    yield page.remark, _remark(code, find), "remark", ""
    for item, row in page.table.rows.items():
        for heading, (text, kind) in _line(page.table, item, row, code, find).items():
            yield (row, page.table.columns[heading]), text, kind, item
    for item, row in page.months.rows.items():
        for heading, (text, kind) in _months(page.months, item, row, code, find).items():
            yield (row, page.months.columns[heading]), text, kind, item


def look_up(sources: Mapping[str, Matrix]) -> Lookup:
    """Find cells in the columns of these blocks.

    Not in ``INDEX(block,0,1)``: gnumeric looks no key up there.
    """

    def find(block: str, code: str, key: str, _at: str) -> str:
        if block == DISTRICTS_BLOCK:
            names = sources[PROGRESS_BLOCK]
            return _found(names, names.key_column, names.columns[NAME_KEY], code)
        matrix = sources[block]
        return _found(matrix, matrix.columns[key], matrix.key_column, code)

    return find


def _found(matrix: Matrix, column: int, keys: int, wanted: str) -> str:
    sheet = quote_sheet(matrix.sheet)
    place = f"MATCH({wanted},{sheet}!{matrix.span(keys)},0)"
    return f"INDEX({sheet}!{matrix.span(column)},{place})"


def _head(page: PagePlaces, code: str, find: Lookup) -> dict[str, tuple[str, str]]:
    choice = cell_name(*page.head[CHOICE_HEADING])
    found = find(DISTRICTS_BLOCK, choice, CODE_KEY, "")
    rate, place, light = (
        find(PROGRESS_BLOCK, code, key, f'"{key}"') for key in ("综合完成率", "名次", "灯")
    )
    counted, gaps = (
        find(CUMULATIVE_BLOCK, code, key, f'"{key}"') for key in (COUNTED_KEY, GAPS_KEY)
    )
    return {
        CODE_KEY: (f'=IFERROR({found}&"","")', "code"),
        "截至": (content_formula(MONTH_CELL), "month"),
        "综合完成率": (f'=IF({code}="","",IF(ISNUMBER({rate}),{rate},"{NO_DATA}"))', "rate"),
        "名次": (number_formula(place), "rank"),
        "灯": (f'=IFERROR({light}&"","")', "standing_light"),
        COUNTED_KEY: (
            f'=IFERROR({counted}&IF({gaps}="",""," {LACKING}"&{gaps}),"")',
            "standing_months",
        ),
    }


def _remark(code: str, find: Lookup) -> str:
    remark = find(PROGRESS_BLOCK, code, "备注", '"备注"')
    said = f'IFERROR(IF({remark}="","","{REMARK_BEGINS}"&{remark}),"")'
    ranked = f'IF({RANKED_CELL}="{BY_SCORE}","{RANKED_BY_SCORE}","")'
    return f'=IF({code}="","{UNKNOWN_DISTRICT}",{ranked}&{said})'


def _line(
    table: Matrix, item: str, row: int, code: str, find: Lookup
) -> dict[str, tuple[str, str]]:
    here = {heading: cell_name(row, column) for heading, column in table.columns.items()}
    at = cell_name(row, table.key_column)
    target, due, done, share = (
        here[heading] for heading in ("全年任务", "应完成", "累计完成", "完成率")
    )

    def shown(block: str) -> str:
        return f'=IFERROR({content_formula(find(block, code, item, at))[1:]},"")'

    light = here["灯"]
    unlit = f'OR({light}="{GREY}",{light}="{NO_LIGHT}")'
    tests = {name: unlit if name == GREY else f'{light}="{name}"' for name in LIGHTS}
    return {
        "全年任务": (number_formula(find(PLAN_BLOCK, code, item, at)), "target"),
        "应完成": (number_formula(find(DUE_BLOCK, code, item, at)), "due"),
        "累计完成": (shown(CUMULATIVE_BLOCK), "cumulative"),
        "完成率": (share_formula(done, target), "share"),
        "与序时差": (difference_formula(done, due), "gap"),
        "灯": (shown(LIGHTS_BLOCK), "light"),
        "本月完成": (shown(MONTH_BLOCK), "this_month"),
        COUNTED_KEY: (shown(COUNTED_BLOCK), "counted"),
        "应完成比例": (share_formula(due, target), "due_share"),
        **{name: (f'=IF({test},{share},"")', f"bar_{name}") for name, test in tests.items()},
    }


def _months(
    table: Matrix, item: str, row: int, code: str, find: Lookup
) -> dict[str, tuple[str, str]]:
    source = find(MONTHLY_BLOCK, code, item, cell_name(row, table.key_column))
    text = cell_name(row, table.columns[MONTHS_TEXT_HEADING])
    # With a separator before and behind each month is found alike.
    whole = f'"{SEPARATOR}"&{source}&"{SEPARATOR}"'
    found = {MONTHS_TEXT_HEADING: (f'=IFERROR({whole},"")', "course")}
    for heading in MONTH_HEADINGS:
        begins = f"{SEPARATOR}{heading} "
        at = f'FIND("{begins}",{text})'
        after = f"{at}+{len(begins)}"
        piece = f'MID({text},{after},FIND("{SEPARATOR}",{text},{at}+1)-{at}-{len(begins)})'
        mark = NOT_APPLICABLE_MARK
        known = f'IF({piece}="{mark}","{mark}",VALUE({piece}))'
        found[heading] = f'=IFERROR({known},"")', f"month_{heading}"
    return found


def course_text(months: Mapping[int, str]) -> str:
    """What 各月完成 says of a district's months: ``1月 12、3月 5``; the page looks for months in it."""
    return SEPARATOR.join(f"{number}月 {shown}" for number, shown in sorted(months.items()))
