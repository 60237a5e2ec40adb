"""A table of a text document as a walk over its file gives it, and what is gathered from one cell of it."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from xl_addin.system.errors import Unreadable
from xl_addin.system.light import NamedTuple, pattern
from xl_addin.xlsx.a1 import Area, Where

MAX_COLUMNS = 1_000
"""Word makes tables of at most 63."""
MAX_ROWS = 100_000
"""Word makes tables of at most 32,767."""
MOST_ABOVE = 20
"""So many of the lines above a table are looked at."""
UNKNOWN_SIGN = "\ufffd"
"""What stands for a sign that cannot be told; no figure has it, and no name should."""
_DIGIT = pattern(r"\d")
_LETTER = pattern(r"[^\W\d_]")
_LONGEST_FOUND = 40


class Remark(NamedTuple):
    """What a walk noticed in one cell; as in ``Doubt``."""

    code: str
    found: str
    says: str
    refuses: bool = True


class WrittenTable(NamedTuple):
    """One table as a walk gives it: texts by (row, column) from 1.

    ``above`` are the paragraphs since the table before it or since the start, ``inside`` tells tables
    apart that stand in different cells or boxes.
    """

    texts: dict[Where, str]
    merged: list[Area]
    remarks: dict[Where, list[Remark]]
    hidden_rows: set[int]
    rows: int = 0
    columns: int = 0
    above: tuple[str, ...] = ()
    inside: int = 0
    hidden: bool = False


class CellText:
    """What is gathered from one cell: its lines, text boxes and tables in it, and what was noticed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.boxes: list[Element] = []
        self.boxed: list[str] = []
        self.hidden: list[str] = []
        self.tables: list[WrittenTable] = []
        self.remarks: list[Remark] = []
        self.fields: list[bool] = []  # of each open field, whether its result has begun
        self.had_field = False
        self._pieces: list[str] = []

    def add(self, text: str) -> None:
        """A piece of the paragraph's text."""
        self._pieces.append(text)

    def end_line(self) -> str:
        """The end of a paragraph, and what it says."""
        line, self._pieces = "".join(self._pieces).strip(), []
        if line:
            self.lines.append(line)
        return line

    def note(self, code: str, says: str, *, refuses: bool = True, found: str = "") -> None:
        """Something noticed, as in ``Doubt``."""
        self.remarks.append(Remark(code, found[:_LONGEST_FOUND], says, refuses))

    def footnote(self) -> None:
        """A mark of a footnote: no part of the figure, whatever the note says of it."""
        self.note(
            "document-cell", "这一格有脚注，只读了格里的内容；请看脚注是否改变了它", refuses=False
        )

    def settle(self) -> str:
        """The text of the whole cell; what is doubtful in it is noted."""
        text = "\n".join(self.lines)
        inner = [table for table in self.tables if table.texts]
        if len(inner) == 1 and len(inner[0].texts) == 1 and not text:
            text = next(iter(inner[0].texts.values()))
            self.remarks += [each for noted in inner[0].remarks.values() for each in noted]
        elif inner:
            self.note("document-cell", "格里套着另一张表，没有当作这一格的内容读", refuses=False)
        boxed = "\n".join(self.boxed)
        if boxed and text and _DIGIT.search(boxed):
            says = f"格里还有文本框，写的是“{boxed[:_LONGEST_FOUND]}”，不知道以哪个为准；请把内容直接写进格里"
            self.note("document-cell", says, found=boxed)
        elif boxed and not text:
            text = boxed
            if _DIGIT.search(boxed):
                says = "内容写在文本框里，已当作这一格的内容读入；请核对"
                self.note("document-cell", says, refuses=False, found=boxed)
        if UNKNOWN_SIGN in text and (not _DIGIT.search(text) or _LETTER.search(text)):
            says = f"格里有读不出来的符号或公式，读成“{text[:_LONGEST_FOUND]}”；请在 Word 里改成普通的文字"
            self.note("document-cell", says, refuses=False, found=text)
        hidden = "".join(self.hidden).strip()
        if hidden:
            self.remarks.append(
                hidden_remark(hidden, "格里有看不见的文字（隐藏了，或者和底色一样）")
            )
        if not all(self.fields) or (self.had_field and not text):
            says = "格里有还没有算出结果的域；请在 Word 里选中它按 F9 更新，保存后再读"
            self.note("document-cell", says)
        return text


def refuse_unknown(element: Element, holding: Sequence[str]) -> None:
    """Raise Unreadable where there is something in an element that ought not to hold it."""
    if any(inner.tag in holding for inner in element.iter()):
        raise Unreadable(
            "damaged", "文档里的表不是按规范写的，怕漏读；请用 Word 或 WPS 打开，另存一份后再选它"
        )


def hidden_remark(text: str, what: str) -> Remark:
    """What is said of a text that nobody sees."""
    found = " ".join(text.split())[:_LONGEST_FOUND]
    return Remark("hidden-text", found, f"{what}“{found}”，没有读入；请确认它不该算在内", False)
