"""Slips (督办单): what is demanded of a district, how it is numbered, where it stands.

A slip goes out once under its number, 〔2023〕3, of which there is one a year. It is blue; orange when the
term passed without an answer, red when a second one did.
"""

from __future__ import annotations

import unicodedata

from xl_addin.model.work_items import STATE_LABELS as WORK_STATES
from xl_addin.system.light import NamedTuple, pattern

RED_LIGHT, SILENT, BEHIND = "red", "missing", "item"
"""Why something is demanded: an indicator's light, months without a report, a work item that is late."""
BLUE, ORANGE, RED = "蓝", "橙", "红"
LEVELS = (BLUE, ORANGE, RED)
DRAFTED, ISSUED, ANSWERED, CLOSED, WITHDRAWN = (
    "drafted",
    "issued",
    "answered",
    "closed",
    "withdrawn",
)
STATE_LABELS = {DRAFTED: "待交办", ISSUED: "交办", ANSWERED: "反馈", CLOSED: "销号"}
CLOSE_WORD = "销号"
OVERDUE = "超期"
WHOLE = 0
"""The position that stands for all items of a slip."""
# Other documents end in what they are before the year: 渝残发〔2023〕30号, 渝府办〔2023〕30号.
_QUOTED = pattern(
    r"(?:(?<=督办)|(?<![发函字令通纪府委会厅局办规审政]))"
    r"[\[(<【「『〔〖{]\s*(20\d\d)\s*[\])>】」』〕〗}]\s*(?:第\s*)?(\d{1,4})(?!\d|\s*[月年])"
)


class SlipItem(NamedTuple):
    """One line of a slip.

    ``position`` counts from 1. ``kind`` is one of RED_LIGHT, SILENT and BEHIND; ``subject`` the code of the
    indicator or the number of the key work, empty for months without a report. ``label`` and ``reason`` are as printed;
    ``months`` (2023-05) are what it rests on, earliest first.
    """

    position: int
    kind: str
    subject: str
    label: str
    reason: str
    months: tuple[str, ...]

    @property
    def cause(self) -> tuple[str, str]:
        """What is demanded about: the same cause is not demanded twice at a time."""
        return self.kind, self.subject


class SlipState(NamedTuple):
    """Something that happened to a slip, or with ``position`` to one of its items.

    ``level``, ``term`` (YYYY-MM-DD, empty for none), ``file`` (in the programme's folder) and ``sha256`` are
    those of a drafted or issued slip; ``text`` is what was answered, or the result it was closed with.
    """

    position: int
    state: str
    level: str
    term: str
    file: str
    sha256: str
    at: str
    text: str


class Slip(NamedTuple):
    """A slip with all that happened to it, oldest first; ``year`` and ``number`` are what it is called."""

    id: int
    year: int
    number: int
    month: str
    district: str
    items: tuple[SlipItem, ...]
    states: tuple[SlipState, ...]

    @property
    def name(self) -> str:
        """〔2023〕3."""
        return slip_name(self.year, self.number)

    @property
    def draft(self) -> SlipState | None:
        """What was drafted and has not gone out."""
        last = [each for each in self.states if each.state in (DRAFTED, ISSUED)][-1]
        return last if last.state == DRAFTED else None

    @property
    def issues(self) -> list[SlipState]:
        """Every time it went out, with a level each."""
        return [each for each in self.states if each.state == ISSUED]

    @property
    def paper(self) -> SlipState:
        """What went out last; what was drafted first where nothing did."""
        return self.issues[-1] if self.issues else self.states[0]

    @property
    def is_open(self) -> bool:
        """Whether an item is left that nobody closed."""
        return any(self.closing(each) is None for each in self.items)

    def answer(self, item: SlipItem) -> SlipState | None:
        """The last answer about an item, or about the whole slip."""
        found = [
            e for e in self.states if e.state == ANSWERED and e.position in (WHOLE, item.position)
        ]
        return found[-1] if found else None

    def closing(self, item: SlipItem) -> SlipState | None:
        """How an item was closed."""
        found = [
            e for e in self.states if e.state == CLOSED and e.position in (WHOLE, item.position)
        ]
        return found[-1] if found else None

    def standing(self, item: SlipItem) -> str:
        """The step that an item has come to: one of DRAFTED, ISSUED, ANSWERED and CLOSED."""
        if self.closing(item) is not None:
            return CLOSED
        if self.answer(item) is not None:
            return ANSWERED
        return ISSUED if self.issues else DRAFTED

    def is_overdue(self, today: str) -> bool:
        """Whether the term (its last day included) passed and an item is neither answered nor closed."""
        waits = any(self.standing(each) == ISSUED for each in self.items)
        return waits and bool(self.paper.term) and self.paper.term < today


def slip_name(year: int, number: int) -> str:
    """How a slip is called, as official documents are (GB/T 9704-2012, 7.2.5): no 第, no leading zero."""
    return f"〔{year}〕{number}"


def page_row(slip: Slip, item: SlipItem) -> str:
    """The number of an item's row on the page 重点工作 of a form."""
    return f"{slip.name}-{item.position}"


def report_text(state: str, progress: str, trouble: str, measures: str, expected: str) -> str:
    """What a row of the page says, as one answer."""
    told = (
        ("", progress),
        ("存在问题：", trouble),
        ("下一步：", measures),
        ("预计完成：", expected),
    )
    said = "；".join(f"{head}{' '.join(text.split())}" for head, text in told if text.strip())
    return f"{WORK_STATES.get(state, state)}：{said}" if said else WORK_STATES.get(state, state)


def quoted_slips(text: str) -> list[tuple[int, int]]:
    """The (year, number) of slips that a text names: 〔2023〕3, [2023] 3号, （2023）第3号, each once."""
    folded = unicodedata.normalize("NFKC", text)
    return list(dict.fromkeys((int(year), int(n)) for year, n in _QUOTED.findall(folded)))
