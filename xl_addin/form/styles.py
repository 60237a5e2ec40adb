"""How the district's form looks: its formats by name."""

from __future__ import annotations

from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from xlsxwriter import Workbook

_ENTRY_FORMAT: dict[str, Any] = {
    "align": "right",
    "indent": 1,
    "border": 1,
    "bg_color": "#FFF8DC",
    "locked": False,
}
_WRONG: dict[str, Any] = {"bg_color": "#FFB3B3", "border_color": "#C00000", "bold": True}
_OFFERED: dict[str, Any] = {
    "align": "right",
    "indent": 1,
    "border": 3,
    "border_color": "#7F7F7F",
    "font_color": "#44546A",
    "locked": False,
}
PERCENT_LOOKS = ("number", "count", "typed", "wrong", "doubtful", "offered", "offered_count")
"""Of these there is another that shows a percent with its sign, and is read by it."""
_PERCENT = "0.0###%"
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "align": "center"},
    "status": {"bold": True, "font_size": 13, "align": "center"},
    "caption": {"bold": True, "align": "center", "bg_color": "#EAF1F8", "border": 1},
    "fact": {"align": "left", "indent": 1, "border": 1, "bold": True},
    "entry": {"align": "left", "indent": 1, "border": 1, "bg_color": "#FFF8DC", "locked": False},
    "day": {
        "align": "left",
        "indent": 1,
        "border": 1,
        "bg_color": "#FFF8DC",
        "locked": False,
        "num_format": "yyyy-mm-dd",
    },
    "hint": {
        "font_color": "#595959",
        "font_size": 10,
        "align": "left",
        "indent": 1,
        "text_wrap": True,
    },
    "heading": {
        "bold": True,
        "align": "center",
        "bg_color": "#D6E4F0",
        "border": 1,
        "text_wrap": True,
    },
    "center": {"align": "center", "border": 1},
    "label": {"align": "left", "border": 1, "text_wrap": True, "indent": 1},
    "part": {"align": "left", "border": 1, "text_wrap": True, "indent": 3},
    "number": {"num_format": "#,##0.00", "align": "right", "indent": 1, "border": 1},
    "count": {"num_format": "#,##0", "align": "right", "indent": 1, "border": 1},
    # No number format where people type: 0.5 must not show as 1.
    "typed": _ENTRY_FORMAT,
    # 本月累计 is worked out by the form and may be typed over: no entry that waits to be filled.
    "offered": {**_OFFERED, "num_format": "#,##0.00"},
    "offered_count": {**_OFFERED, "num_format": "#,##0"},
    "idle": {"border": 1, "pattern": 14, "bg_color": "#FFFFFF", "fg_color": "#BFBFBF"},
    "rate": {"num_format": "0.0%", "align": "right", "indent": 1, "border": 1},
    "remark": {
        "align": "left",
        "border": 1,
        "text_wrap": True,
        "bg_color": "#FFF8DC",
        "locked": False,
    },
    "check": {
        "align": "left",
        "indent": 1,
        "border": 1,
        "font_color": "#C00000",
        "bold": True,
        "text_wrap": True,
    },
    # What comes back for correction: to be changed, to be looked at, and why.
    "wrong": {**_ENTRY_FORMAT, **_WRONG},
    # A text that begins like a formula must not become one when somebody presses Enter on it.
    "wrong_text": {**_ENTRY_FORMAT, **_WRONG, "quote_prefix": True},
    "doubtful": {**_ENTRY_FORMAT, "bg_color": "#FFE699", "border_color": "#BF8F00"},
    "review": {
        "align": "left",
        "border": 1,
        "text_wrap": True,
        "font_color": "#C00000",
        "indent": 1,
    },
    "summary": {
        "align": "left",
        "indent": 1,
        "text_wrap": True,
        "font_color": "#C00000",
        "bold": True,
        "border": 1,
        "bg_color": "#FDEDED",
    },
    # The page 重点工作.
    "past": {
        "align": "left",
        "border": 1,
        "text_wrap": True,
        "indent": 1,
        "font_color": "#595959",
        "font_size": 10,
    },
    "choice": {**_ENTRY_FORMAT, "align": "center", "indent": 0},
    "page_day": {**_ENTRY_FORMAT, "align": "center", "indent": 0, "num_format": "yyyy-mm-dd"},
    "wrong_choice": {**_ENTRY_FORMAT, **_WRONG, "align": "center", "indent": 0},
    "wrong_day": {
        **_ENTRY_FORMAT,
        **_WRONG,
        "align": "center",
        "indent": 0,
        "num_format": "yyyy-mm-dd",
    },
    "wrong_remark": {
        **_ENTRY_FORMAT,
        **_WRONG,
        "align": "left",
        "indent": 0,
        "text_wrap": True,
        "quote_prefix": True,
    },
    "good": {"font_color": "#006100", "bg_color": "#C6EFCE"},
    "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE"},
    "text": {"text_wrap": True, "align": "left", "valign": "top"},
    "question": {"bold": True, "align": "left", "valign": "top"},
}


def add_formats(book: Workbook) -> dict[str, Any]:
    """Every format of the form by name."""
    base = {"font_name": "等线", "font_size": 11, "valign": "vcenter"}
    plain = ("good", "bad")
    percents = {
        f"{name}_percent": {**_FORMATS[name], "num_format": _PERCENT} for name in PERCENT_LOOKS
    }
    return {
        name: book.add_format(look if name in plain else {**base, **look})
        for name, look in (_FORMATS | percents).items()
    }
