"""Whether a table has what is about single persons: such a file is not kept, and a list of them not compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from xl_addin.formats.grid import Grid
from xl_addin.model.names import plain
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.a1 import column_letters
from xl_addin.xlsx.cells import NUM, TEXT, Cell
from xl_addin.xlsx.values import quote

_NAMED = pattern(
    r"(残疾人|户主|监护人|申请人|学员|培训人员|参训人员|就业人员|本人|家属|负责人|联系人|经办人|填报人)?(姓名|名字)|"
    r"(公民)?身份证件?(号码?)?|公民身份号码|证件号码?|(第?二代)?残疾人?证(件)?(号码?|编号)?|社会?保障?(卡)?号码?|"
    r"(联系|办公|家庭|移动|监护人|本人)?(电话|手机)(号码?)?|联系方式|(家庭|户籍|现?居住|详细|通讯)?(地址|住址)|银行(卡|账)号|账号|"
    r"出生(日期|年月)?|(?i:name|phone|mobile|idcard|idnumber)"
)
_OF_ONE_PERSON = pattern(
    r".*(身份证|身份号码|残疾人?证|证件号).*|(残疾人|学员|培训人员|参训人员|就业人员|申请人)?姓名|性别|出生(日期|年月)?"
)
_IDENTITY = pattern(
    r"[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?:[1-7][1-4]B?\d?)?",
    re.ASCII,
)
_MOBILE = pattern(r"(?:\+?86)?1[3-9]\d{9}", re.ASCII)
_LONGEST_HEADING, _HEADING_ROWS, _SOME = 20, 12, 3


class PersonalColumn(NamedTuple):
    """A column about persons: where, what it is called, and what of it says so."""

    sheet: str
    column: int
    heading: str
    why: str

    @property
    def place(self) -> str:
        """As people say it."""
        return f"“{self.sheet}”{column_letters(self.column)} 列{f'“{self.heading}”' if self.heading else ''}"


def is_personal(heading: str) -> bool:
    """Whether a heading is of something about a person."""
    return len(heading) <= _LONGEST_HEADING and bool(_NAMED.fullmatch(plain(heading)))


def find_personal(grids: Iterable[Grid]) -> list[PersonalColumn]:
    """The columns about persons on any sheet, hidden ones too."""
    return [each for grid in grids for each in _of_sheet(grid)]


def _of_sheet(grid: Grid) -> Iterator[PersonalColumn]:
    top = min((row for row, _ in grid.cells), default=0)
    below = Counter(column for _, column in grid.cells)
    headed: dict[int, str] = {}
    contents: dict[int, Counter[str]] = {}
    for (row, column), cell in sorted(grid.cells.items()):
        text = _text(cell)
        if row < top + _HEADING_ROWS and cell.kind == TEXT and is_personal(text):
            headed.setdefault(column, plain(text))
        kind = _content(text)
        if kind:
            contents.setdefault(column, Counter())[kind] += 1
    for column in sorted({*headed, *contents}):
        if column in headed and below[column] > 1:
            yield PersonalColumn(grid.sheet, column, headed[column], "表头")
        elif contents.get(column) and _enough(contents[column]):
            kind = contents[column].most_common(1)[0][0]
            yield PersonalColumn(grid.sheet, column, headed.get(column, ""), f"内容像{kind}")


def _enough(found: Counter[str]) -> bool:
    return found["身份证号"] > 0 or found["手机号"] >= _SOME


def _text(cell: Cell) -> str:
    if cell.kind == TEXT:
        return str(cell.value)
    if cell.kind != NUM:
        return ""
    # Typed as a number an identity loses its last digits, and is one all the same.
    return (
        str(int(cell.value))
        if isinstance(cell.value, float) and 1e17 <= cell.value < 1e18
        else quote(cell)
    )


def _content(text: str) -> str:
    bare = plain(text) if len(text) <= 40 else ""
    if len(bare) >= 18 and _IDENTITY.fullmatch(bare):
        return "身份证号"
    return "手机号" if len(bare) >= 11 and _MOBILE.fullmatch(bare) else ""


def lists_persons(
    personal: Sequence[PersonalColumn], sheet: str, rows: int, districts: int
) -> bool:
    """Whether a table has one row a person: districts come again and again beside who it is."""
    mine = [each for each in personal if each.sheet == sheet]
    told = any(_OF_ONE_PERSON.fullmatch(each.heading) or "身份证" in each.why for each in mine)
    return told and rows > districts
