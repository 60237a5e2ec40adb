"""Lights as conditional formats: a shape on a colour, and a mark where months are missing.

Rules find what they go by through defined names: a rule must not refer to another sheet's cells.
"""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.build.formula_texts import cell_of
from xl_addin.master.build.sheet_writer import SheetWriter
from xl_addin.master.build.styles import show_decimals
from xl_addin.model.lights import LIGHTS
from xl_addin.model.sheets import (
    COUNTED_BLOCK,
    DUE_GAP_SUFFIX,
    LACKING,
    LIGHTS_BLOCK,
    SHARE_SUFFIX,
    TARGET_SUFFIX,
)
from xl_addin.xlsx import a1

_MARK = "* 和虚线框：累计不全（缺月份、年初累计或合计按的数）"
_BLANKS = (
    "空白：没有任务，或者还没有到期的；任务少的区县应完成不满 1 就没有灯，全市加起来满 1 就有灯"
)


def light_of(data: a1.Area) -> str:
    """The light of the first cell of a matrix's figures; its keys stand above and in column A."""
    return cell_of(LIGHTS_BLOCK, f"$A{data[0]}", _key(data))


def lacks_months(data: a1.Area) -> str:
    """Whether months are missing in the cumulative of the first cell of a matrix's figures."""
    return f'ISNUMBER(SEARCH("{LACKING}",{cell_of(COUNTED_BLOCK, f"$A{data[0]}", _key(data))}))'


def _key(data: a1.Area) -> str:
    column = a1.cell_name(1, data[1])[:-1]
    return f'SUBSTITUTE({column}${data[0] - 1},"{DUE_GAP_SUFFIX}","")'


def mark_shares(
    writer: SheetWriter, area: str, light: str, lacking: str = "", kind: str = "share"
) -> None:
    """A share with its light's shape; a star and a pattern where months are missing."""
    if lacking:
        for name in LIGHTS:
            look = f"light_{name}_{kind}_gap"
            mark(writer, area, f'=IF({light}="{name}",{lacking},FALSE)', look)
        first = area.partition(":")[0]
        mark(writer, area, f"=IF(ISNUMBER({first}),{lacking},FALSE)", f"{kind}_gap")
    for name in LIGHTS:
        mark(writer, area, f'={light}="{name}"', f"light_{name}_{kind}")


def mark_differences(writer: SheetWriter, area: str, light: str, lacking: str = "") -> None:
    """A difference with its light's shape; a star and a pattern where months are missing."""
    first = area.partition(":")[0]
    broken = f"IF(ISNUMBER({first}),{first}<>INT({first}),FALSE)"
    for name in LIGHTS if lacking else ():
        test = f"IF({lacking},{broken},FALSE)"
        mark(writer, area, f'=IF({light}="{name}",{test},FALSE)', f"light_{name}_broken_gap")
        mark(writer, area, f'=IF({light}="{name}",{lacking},FALSE)', f"light_{name}_signed_gap")
    if lacking:
        mark(writer, area, f"=IF(ISNUMBER({first}),{lacking},FALSE)", "signed_gap")
    for name in LIGHTS:
        mark(writer, area, f'=IF({light}="{name}",{broken},FALSE)', f"light_{name}_broken")
        mark(writer, area, f'={light}="{name}"', f"light_{name}_signed")
    show_decimals(writer.sheet, writer.formats, area, "signed_broken")


def mark_progress(writer: SheetWriter, data: a1.Area) -> None:
    """The columns of 进度表: the key above a column says what it is, so that one put in is marked alike."""
    top, left, _, _ = data
    area, first = a1.area_name(data), a1.cell_name(top, left)
    key = f"{a1.cell_name(1, left)[:-1]}${top - 1}"
    share, target = (f'RIGHT({key},{len(end)})="{end}"' for end in (SHARE_SUFFIX, TARGET_SUFFIX))
    bare = f'SUBSTITUTE(SUBSTITUTE({key},"{TARGET_SUFFIX}",""),"{SHARE_SUFFIX}","")'
    light = cell_of(LIGHTS_BLOCK, f"$A{top}", bare)
    lacking = f'ISNUMBER(SEARCH("{LACKING}",{cell_of(COUNTED_BLOCK, f"$A{top}", bare)}))'
    broken = f"IF(ISNUMBER({first}),{first}<>INT({first}),FALSE)"
    for name in LIGHTS:
        test = f'=IF({share},IF({light}="{name}",{lacking},FALSE),FALSE)'
        mark(writer, area, test, f"light_{name}_share_gap")
    known = f"IF(ISNUMBER({first}),{lacking},FALSE)"
    mark(writer, area, f"=IF({share},{known},FALSE)", "share_gap")
    for name in LIGHTS:
        mark(writer, area, f'=IF({share},{light}="{name}",FALSE)', f"light_{name}_share")
    mark(writer, area, f"={share}", "share_only")
    mark(writer, area, f"=IF({target},FALSE,IF({broken},{lacking},FALSE))", "broken_gap")
    mark(writer, area, f"=IF({target},FALSE,{known})", "gap")
    show_decimals(writer.sheet, writer.formats, area)


def mark_points(writer: SheetWriter, area: str, light: str) -> None:
    """Percentage points on their light's colour; what rounds to zero has no sign."""
    first = area.partition(":")[0]
    test = f"=IF(ISNUMBER({first}),ABS({first})<0.05,FALSE)"
    mark(writer, area, test, "level", stop=False)
    mark_fills(writer, area, light)


def mark_fills(writer: SheetWriter, area: str, light: str) -> None:
    """Whatever stands there on its light's colour."""
    for name in LIGHTS:
        mark(writer, area, f'={light}="{name}"', f"light_{name}")


def mark_words(writer: SheetWriter, area: str) -> None:
    """Lights as words, each with its shape."""
    first = area.partition(":")[0]
    for name in LIGHTS:
        mark(writer, area, f'={first}="{name}"', f"light_{name}_word")


def mark_gaps(writer: SheetWriter, area: str, lacking: str) -> None:
    """A cumulative with a star and a pattern where months are missing."""
    first = area.partition(":")[0]
    broken = f"IF(ISNUMBER({first}),{first}<>INT({first}),FALSE)"
    mark(writer, area, f"=IF({broken},{lacking},FALSE)", "broken_gap")
    mark(writer, area, f"={lacking}", "gap")
    show_decimals(writer.sheet, writer.formats, area)


def mark_gap_texts(writer: SheetWriter, area: str) -> None:
    """What 已计月数 and 缺的月份 say of months that are missing."""
    first = area.partition(":")[0]
    test = f'=OR(ISNUMBER(SEARCH("{LACKING}",{first})),ISNUMBER(SEARCH("月",{first})))'
    mark(writer, area, test, "text_gap")


def mark(writer: SheetWriter, area: str, test: str, look: str, *, stop: bool = True) -> None:
    """The cells of an area for which a formula (of its first cell) holds look otherwise."""
    rule = {
        "type": "formula",
        "criteria": test,
        "format": writer.formats[look],
        "stop_if_true": stop,
    }
    writer.sheet.conditional_format(area, rule)


def legend_text(*, blanks: bool = False) -> str:
    """What the shapes say, and with ``blanks`` why a figure has none."""
    lights = (f"{spec.shape} {name}：{spec.meaning}" for name, spec in LIGHTS.items())
    return "    ".join((*lights, _MARK)) + (f"\n{_BLANKS}" if blanks else "")


def write_legend(writer: SheetWriter, where: a1.Where, *, blanks: bool = False) -> None:
    """The legend in a cell, each shape in its colour; ``blanks`` as in ``legend_text``."""
    looks = writer.formats

    def pieces() -> Iterator[object]:
        for name, spec in LIGHTS.items():
            yield looks[f"swatch_{name}"]
            yield f"{spec.shape} "
            yield f"{name}：{spec.meaning}    "
        yield _MARK + (f"\n{_BLANKS}" if blanks else "")

    writer.write_rich(*where, list(pieces()), "note")
