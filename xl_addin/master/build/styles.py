"""How the master looks: formats by name, colour rules, page set-up."""

from __future__ import annotations

import math
import re

from xl_addin.model.lights import BLUE, GREEN, GREY, LIGHTS, RED, YELLOW
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FONT = "等线"
# Thousands without decimals; a number with decimals shows them by a rule of its own, so that 0.5
# can never look like 1.
WHOLE = "#,##0"
BROKEN = "#,##0.00"
SHARE = "0.0%"
POINTS = "+0.0;-0.0;0.0"
LEVEL = '"0.0";"0.0";"0.0"'  # -0.04 would be shown as -0.0
POINTS_LOST = "0.00"
SIGNED = "+#,##0;-#,##0;0"
SIGNED_BROKEN = "+#,##0.00;-#,##0.00;0.00"

_A4, _A3 = 9, 8
_A4_WIDTH, _A3_WIDTH = 230, 330  # characters across the paper at a scale of about 55%

_LINE = {"border": 1, "border_color": "#A6A6A6"}
_HEAD = {**_LINE, "bold": True, "bg_color": "#DDEBF7", "align": "center", "text_wrap": True}
_INPUT = {**_LINE, "bg_color": "#FFF8DC"}
_TOTAL = {**_LINE, "bold": True, "bg_color": "#F2F2F2", "top": 2}
_NUMBER = {"num_format": WHOLE, "align": "right", "indent": 1}

_FINE = {"border": 1, "border_color": "#C9CFD6", "font_size": 10}
_CARD = {"bg_color": "#F3F6FA", "align": "left", "indent": 1, "left": 5}
_EDGES = ("#1F4E79", "#2E7D4F", "#2E75B6", "#C00000", "#B07A00")


def _cards() -> dict[str, dict[str, Any]]:
    """The figures on top of 看板: label, figure and words, each with its coloured edge."""
    found: dict[str, dict[str, Any]] = {}
    for number, colour in enumerate(_EDGES):
        edge = {**_CARD, "left_color": colour}
        found[f"card_label_{number}"] = {**edge, "font_size": 10, "font_color": "#404B57"}
        found[f"card_words_{number}"] = {**edge, "font_size": 9, "shrink": True}
        found[f"card_value_{number}"] = {
            **edge,
            "font_size": 22,
            "bold": True,
            "font_color": "#1F3044",
            "num_format": SHARE if not number else "0;-0;0;@",
        }
    return found


_FORMATS: dict[str, dict[str, Any]] = {
    **_cards(),
    "board_title": {"bold": True, "font_size": 20, "align": "center", "font_color": "#0F2F57"},
    "board_note": {"font_size": 10, "align": "center", "font_color": "#404B57", "shrink": True},
    "board_legend": {"font_size": 9, "align": "left", "font_color": "#404B57", "text_wrap": True},
    "board_label": {
        **_FINE,
        "bold": True,
        "align": "center",
        "bg_color": "#E4EBF3",
        "font_color": "#0F2F57",
    },
    "board_names": {**_FINE, "font_size": 9, "align": "left", "indent": 1, "text_wrap": True},
    "board_head": {
        **_FINE,
        "bold": True,
        "align": "center",
        "text_wrap": True,
        "bg_color": "#1F4E79",
        "font_color": "#FFFFFF",
        "border_color": "#FFFFFF",
        "font_size": 9,
    },
    "board_center": {**_FINE, "align": "center", "shrink": True},
    "board_rank": {**_FINE, "align": "center", "bold": True, "shrink": True},
    "board_name": {**_FINE, "align": "left", "indent": 1, "shrink": True},
    "board_share": {**_FINE, "align": "right", "num_format": SHARE, "shrink": True},
    "board_heat": {**_FINE, "font_size": 9, "align": "right", "num_format": "0%", "shrink": True},
    "board_text": {**_FINE, "align": "center", "num_format": "@", "shrink": True},
    "title": {"bold": True, "font_size": 18, "align": "center"},
    "note": {"font_size": 10, "font_color": "#595959", "align": "left", "text_wrap": True},
    "caption": {"bold": True, "align": "right"},
    "month": {"bold": True, "num_format": "@", "align": "left", "font_color": "#1F4E79"},
    "head": _HEAD,
    "head_small": {**_HEAD, "font_size": 9, "bold": False},
    "head_due": {**_HEAD, "bg_color": "#E2EFDA"},
    "key": {**_LINE, "font_size": 8, "font_color": "#808080", "align": "center"},
    # A row of keys that nobody is to read: there, and as good as not seen.
    "key_quiet": {"font_size": 2, "font_color": "#FFFFFF", "num_format": ";;;"},
    "code": {**_LINE, "num_format": "@", "align": "center", "font_color": "#595959"},
    "name": {**_LINE, "align": "left", "indent": 1, "text_wrap": True},
    "part": {**_LINE, "align": "left", "indent": 3, "text_wrap": True},
    "center": {**_LINE, "align": "center"},
    "months": {**_LINE, "align": "center", "num_format": "@", "shrink": True},
    "number": {**_LINE, **_NUMBER},
    "signed": {**_LINE, "num_format": SIGNED, "align": "right", "indent": 1},
    "share": {**_LINE, "num_format": SHARE, "align": "right", "indent": 1},
    "points": {**_LINE, "num_format": POINTS, "align": "right", "indent": 1},
    "text": {**_LINE, "align": "left", "indent": 1, "text_wrap": True, "font_size": 10},
    "small": {**_LINE, "align": "left", "indent": 1, "text_wrap": True, "font_size": 9},
    "link": {"align": "center", "font_color": "#1F5FA8", "underline": 1},
    "remark": {**_LINE, "align": "left", "text_wrap": True, "font_size": 9},
    # On 得分 lines are drawn by rule: how many items and districts there will be nobody knows before.
    "score_name": {"align": "left", "indent": 1, "shrink": True},
    "score_center": {"align": "center"},
    "score_points": {"align": "center", "num_format": POINTS_LOST},
    "score_total": {"align": "right", "indent": 1, "num_format": POINTS_LOST, "bold": True},
    "score_signed": {
        "align": "right",
        "indent": 1,
        "num_format": f"+{POINTS_LOST};-{POINTS_LOST};",
    },
    "score_reason": {"align": "left", "indent": 1, "text_wrap": True, "font_size": 9},
    "score_over": {"bold": True, "align": "center", "text_wrap": True},
    "input_signed": {**_INPUT, "num_format": "+General;-General;0", "align": "right", "indent": 1},
    "lost": {**_LINE, "align": "right", "indent": 1, "num_format": POINTS_LOST},
    "count": {**_LINE, "align": "center", "num_format": WHOLE, "bold": True, "font_size": 12},
    "rate": {**_LINE, "align": "center", "num_format": SHARE, "bold": True, "font_size": 12},
    "verdict": {**_LINE, "align": "center", "font_size": 9},
    "total_name": {**_TOTAL, "align": "center"},
    "total_number": {**_TOTAL, **_NUMBER},
    "total_center": {**_TOTAL, "align": "center"},
    "total_remark": {**_TOTAL, "align": "left", "text_wrap": True, "font_size": 9},
    "total_months": {**_TOTAL, "align": "center", "num_format": "@", "shrink": True},
    "total_signed": {**_TOTAL, "num_format": SIGNED, "align": "right", "indent": 1},
    "total_share": {**_TOTAL, "num_format": SHARE, "align": "right", "indent": 1},
    "tight": {**_LINE, **_NUMBER, "indent": 0},
    "total_tight": {**_TOTAL, **_NUMBER, "indent": 0},
    "page_choice": {**_INPUT, "bold": True, "font_size": 15, "align": "center", "shrink": True},
    "page_word": {**_LINE, "bold": True, "font_size": 13, "align": "center", "shrink": True},
    "page_rate": {
        **_LINE,
        "bold": True,
        "font_size": 15,
        "align": "center",
        "num_format": SHARE,
        "shrink": True,
    },
    "page_rank": {
        **_LINE,
        "bold": True,
        "font_size": 15,
        "align": "center",
        "num_format": '"第"0"名"',
        "shrink": True,
    },
    "page_remark": {"align": "left", "text_wrap": True, "font_size": 10},
    "page_number": {**_LINE, **_NUMBER, "indent": 0, "shrink": True},
    "page_months": {"bottom": 1, "top": 1, "border_color": "#A6A6A6", "align": "left", "indent": 1},
    "page_line": {"bottom": 1, "top": 1, "border_color": "#A6A6A6"},
    "page_line_end": {"bottom": 1, "top": 1, "right": 1, "border_color": "#A6A6A6"},
    "aside": {"font_size": 8, "font_color": "#A6A6A6", "align": "left"},
    "aside_share": {"font_size": 8, "font_color": "#A6A6A6", "align": "left", "num_format": SHARE},
    "aside_head": {"font_size": 8, "font_color": "#A6A6A6", "bold": True, "align": "left"},
    "input_code": {**_INPUT, "num_format": "@", "align": "center"},
    "input_text": {**_INPUT, "num_format": "@", "align": "left", "indent": 1, "text_wrap": True},
    "input_part": {**_INPUT, "num_format": "@", "align": "left", "indent": 3, "text_wrap": True},
    "input_word": {**_INPUT, "align": "center"},
    "input_date": {**_INPUT, "align": "center", "num_format": "yyyy-mm-dd"},
    "input_number": {**_INPUT, **_NUMBER},
    "input_share": {**_INPUT, "num_format": "0.0%", "align": "right", "indent": 1},
    "input_left": {**_INPUT, "align": "left", "indent": 1},
    "input_total": {**_INPUT, **_NUMBER, "italic": True},
    "input_total_name": {**_LINE, "italic": True, "align": "center"},
    "body": {"align": "left", "text_wrap": True},
    "topic": {"bold": True, "align": "left", "font_color": "#1F4E79"},
    "section": {
        "bold": True,
        "font_size": 13,
        "align": "left",
        "font_color": "#1F4E79",
        "bottom": 1,
        "bottom_color": "#1F4E79",
    },
    "command": {
        "font_name": "Consolas",
        "font_size": 10,
        "align": "left",
        "indent": 1,
        "text_wrap": True,
        "bg_color": "#F2F2F2",
    },
}
# Fill and letters of each light; in grey the fills get darker from 绿 to 红, and shapes tell all apart.
_LIGHT_LOOKS: dict[str, dict[str, Any]] = {
    BLUE: {"bg_color": "#D6E6F5", "font_color": "#1F4E79"},
    GREEN: {"bg_color": "#E8F5E3", "font_color": "#1E5B2A"},
    YELLOW: {"bg_color": "#FFE699", "font_color": "#6B4E00"},
    RED: {"bg_color": "#F4A6A6", "font_color": "#7A0006", "bold": True},
    GREY: {"bg_color": "#EDEDED", "font_color": "#6E6E6E"},
}
_SWATCHES = {BLUE: "#2E75B6", GREEN: "#4EA72E", YELLOW: "#C99700", RED: "#C00000", GREY: "#7F7F7F"}
# A pattern, a dashed frame and, in the number's format, a star: one of them is left on any printer.
_GAP: dict[str, Any] = {
    "pattern": 14,
    "fg_color": "#A6A6A6",
    "border": 3,
    "border_color": "#595959",
}
# In small cells a pattern would hide the number.
_DASHED: dict[str, Any] = {"border": 3, "border_color": "#595959"}
_UNFILLED = {"bg_color": "#FFFFFF"}
_STAR = '"*"'


def _with_shape(shape: str, number: str, after: str = "") -> str:
    """A number format with a shape at the cell's left edge; also where the cell is an empty text."""
    parts = (number.split(";") * 3)[:3] if ";" in number else [number, f"-{number}", number]
    return ";".join([*(f'"{shape}"* {part}{after}' for part in parts), f'"{shape}"{after}'])


def _rules() -> dict[str, dict[str, Any]]:
    """Every look of a conditional format."""
    found: dict[str, dict[str, Any]] = {
        "good": {"font_color": "#006100", "bg_color": "#C6EFCE"},
        "near": {"font_color": "#7F6000", "bg_color": "#FFEB9C"},
        "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE"},
        "grey": {"font_color": "#7F7F7F", "bg_color": "#EDEDED"},
        "orange": {"font_color": "#833C0B", "bg_color": "#F8CBAD"},
        "typed": {
            "bg_color": _INPUT["bg_color"],
            "border": 1,
            "border_color": _INPUT["border_color"],
        },
        "blue": {"font_color": "#1F4E79", "bg_color": "#BDD7EE"},
        "broken": {"num_format": BROKEN},
        "signed_broken": {"num_format": SIGNED_BROKEN},
        "level": {"num_format": LEVEL},
        "gap": {**_GAP, **_UNFILLED, "num_format": f"{WHOLE}{_STAR}"},
        "broken_gap": {**_GAP, **_UNFILLED, "num_format": f"{BROKEN}{_STAR}"},
        "signed_gap": {
            **_GAP,
            **_UNFILLED,
            "num_format": ";".join(f"{part}{_STAR}" for part in SIGNED.split(";")),
        },
        "share_only": {"num_format": SHARE},
        "share_gap": {**_GAP, **_UNFILLED, "num_format": f"{SHARE}{_STAR}"},
        "text_gap": {**_GAP, **_UNFILLED},
        "heat_gap": {**_DASHED, "num_format": f"0%{_STAR}"},
        "score_line": {"border": 1, "border_color": "#A6A6A6"},
        "score_head": {"border": 1, "bg_color": "#DDEBF7", "border_color": "#A6A6A6"},
        "score_full": {"border": 1, "bg_color": "#F2F2F2", "border_color": "#A6A6A6"},
        "alarm": {"font_color": "#C00000", "bold": True},
        "warn": {"font_color": "#8A5A00", "bold": True},
        "calm": {"font_color": "#1E6B34"},
    }
    for name, look in _LIGHT_LOOKS.items():
        shape = LIGHTS[name].shape
        numbers = {"share": SHARE, "signed": SIGNED, "broken": SIGNED_BROKEN, "heat": "0%"}
        found[f"light_{name}"] = look
        found[f"light_{name}_word"] = {**look, "num_format": f'General;General;General;"{shape} "@'}
        for kind, number in numbers.items():
            found[f"light_{name}_{kind}"] = {**look, "num_format": _with_shape(shape, number)}
            starred = _with_shape(shape, number, _STAR)
            gap = _DASHED if kind == "heat" else _GAP
            found[f"light_{name}_{kind}_gap"] = {**look, **gap, "num_format": starred}
    return found


Formats = dict[str, "Format"]


def add_formats(book: Workbook) -> Formats:
    """Every format of the master by name."""
    base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
    made = {name: book.add_format({**base, **look}) for name, look in _FORMATS.items()}
    rules = {name: book.add_format(look) for name, look in _rules().items()}
    swatches = {
        f"swatch_{name}": book.add_format(
            {"font_name": FONT, "font_size": 13, "font_color": colour}
        )
        for name, colour in _SWATCHES.items()
    }
    return made | rules | swatches


def show_decimals(sheet: Worksheet, formats: Formats, area: str, rule: str = "broken") -> None:
    """Numbers in an area that are not whole show two decimals."""
    first = area.partition(":")[0]
    test = f"=IF(ISNUMBER({first}),{first}<>INT({first}),FALSE)"
    sheet.conditional_format(area, {"type": "formula", "criteria": test, "format": formats[rule]})


def set_up_page(
    sheet: Worksheet, area: str, repeat: tuple[int, int] | None = None, width: float = 0
) -> None:
    """Landscape, page numbers, one page wide; ``repeat`` are header rows from 1.

    Without an ``area`` whatever is there is printed. A4, A3 for a table that is not legible on that; one
    too wide for A3 goes on beside it, with its first two columns.
    """
    sheet.set_landscape()
    sheet.set_paper(_A4 if width <= _A4_WIDTH else _A3)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.center_horizontally()
    across = max(1, math.ceil(width / _A3_WIDTH))
    sheet.fit_to_pages(across, 0)
    if across > 1:
        sheet.repeat_columns(0, 1)
    if area:
        sheet.print_area(area)
    sheet.set_footer(f'&L&"{FONT},常规"&9&A&C&"{FONT},常规"&9第 &P 页，共 &N 页')
    if repeat is not None:
        sheet.repeat_rows(repeat[0] - 1, repeat[1] - 1)


def short_unit(text: str, unit: str, kind: str = "") -> str:
    """A heading with its unit on the next line, unless it already ends with it.

    ``kind`` says on a line of its own what the column is.
    """
    bare = re.sub(rf"\s*[（(]\s*{re.escape(unit)}\s*[）)]\s*\Z", "", text) if unit else text
    return "\n".join(filter(None, (bare, kind, unit and f"（{unit}）")))
