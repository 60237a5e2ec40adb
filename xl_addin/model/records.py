"""The words of the field as immutable records. NamedTuples: they cost nothing at start-up."""

from __future__ import annotations

from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

Number = int | float

ERROR = "error"
WARNING = "warning"

FLOW = "flow"
STOCK = "stock"
BOTH = "both"
RATE = "rate"
ADDED_UP = (FLOW, BOTH)
"""Measures whose figure is what a month added; the others state how things are at its end."""

ACCEPTED = "accepted"
REJECTED = "rejected"
HELD = "held"
DUPLICATE = "duplicate"
BLANK = "blank"
FOREIGN = "foreign"
UNREADABLE = "unreadable"
MISSING = "missing"
VERDICTS = (ACCEPTED, REJECTED, HELD, DUPLICATE, BLANK, FOREIGN, UNREADABLE)


EVEN = "even"
QUARTERLY = "quarterly"
YEAR_END = "year-end"
CUSTOM = "custom"


class Problem(NamedTuple):
    """What is wrong, where, and what to do about it.

    ``message`` is one Chinese sentence that stands alone: cell first, found, expected, next step.
    ``cell`` is an A1 address on ``sheet``; both are empty when the whole file is meant.
    """

    code: str
    severity: str
    sheet: str
    cell: str
    found: str
    message: str
    expected: str = ""

    def as_json(self) -> dict[str, Any]:
        """The problem as the object that ``--json`` prints."""
        return self._asdict()


class District(NamedTuple):
    """A reporting unit. ``to`` and ``cc`` are mail addresses as typed, several allowed.

    ``since`` and ``until`` are the first and the last month (1 to 12) that it reports for.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    to: str = ""
    cc: str = ""
    since: int = 1
    until: int = 12

    def reports(self, month: str) -> bool:
        """Whether a month (``2023-06``) is one that it reports for."""
        return self.since <= int(month[5:]) <= self.until


class Indicator(NamedTuple):
    """One column of the task table.

    ``path`` runs from the outermost header to the leaf. ``parent`` is the code of the indicator
    of which this one is a part (其中). ``whole`` says that only whole numbers make sense.
    ``goal`` is the city's own headline figure, which may differ from the table's total.
    ``schedule`` says how the target falls due over the year, ``shares`` are the twelve cumulative
    shares of 1 where that is CUSTOM. ``since`` and ``until`` are the first and the last month that
    is reported. ``weight`` is the indicator that a rate's total is weighted by, ``""`` for no total;
    ``last_year`` is its code in last year's programme. ``importance`` is 权重 in 综合完成率, None where
    staff left it open.
    """

    code: str
    path: tuple[str, ...]
    unit: str
    measure: str = FLOW
    parent: str = ""
    whole: bool = True
    goal: Number | None = None
    schedule: str = EVEN
    since: int = 1
    until: int = 12
    weight: str = ""
    last_year: str = ""
    shares: tuple[Number, ...] = ()
    short: str = ""
    importance: Number | None = None

    @property
    def name(self) -> str:
        """What it is called where there is little room: 简称, else the innermost heading."""
        return self.short or self.path[-1]

    @property
    def label(self) -> str:
        """The path as one line, outermost first."""
        return " > ".join(self.path)


class LeftOut(NamedTuple):
    """A row (``5``) or column (``E``) of a task table that was not read: what it is called, and why."""

    place: str
    label: str
    why: str


class TableAccount(NamedTuple):
    """What was understood of a task table, as its sheet has it.

    ``header`` are the first and the last row of the header, or columns where districts stand across;
    ``names``, ``first`` and ``last`` say where the districts' names stand; ``columns`` where each indicator
    does. Of each total its place, its name, and whether it is the sum of the districts in every indicator.
    ``document``: it is a table of a text document. ``unsaid`` are the places of indicators that do not say
    what is to be done, beside some that do, and ``skip`` the option that leaves them out. ``said`` is what
    stands around the table in words, in comments and in text boxes, each with its place.
    """

    across: bool
    header: tuple[str, str]
    names: str
    first: str
    last: str
    columns: dict[str, str]
    totals: tuple[tuple[str, str, bool], ...]
    left_out: tuple[LeftOut, ...]
    document: bool = False
    unsaid: tuple[str, ...] = ()
    skip: str = ""
    said: tuple[tuple[str, str], ...] = ()


class Headline(NamedTuple):
    """A figure in a notice's text that may be the goal of an indicator; ``paragraph`` counts from 1."""

    indicator: str
    value: Number
    unit: str
    paragraph: int
    sentence: str


class KeyWork(NamedTuple):
    """A measure of a notice's section on key works: its number there, its first sentence, the rest."""

    number: str
    title: str
    text: str


class TaskTable(NamedTuple):
    """A year's task table as read from a workbook, or from a table of a notice.

    ``targets`` maps (district code, indicator code) to the planned number for the year; a pair
    that is absent has no target, which is not the same as a target of 0. ``published`` maps
    indicator codes to the printed totals, where the table prints any. ``cells`` maps the same
    pairs to A1 addresses on ``sheet``, for messages. ``headlines`` are read from the text around it and
    used for nothing, and so are ``key_works``.
    """

    title: str
    districts: tuple[District, ...]
    indicators: tuple[Indicator, ...]
    targets: dict[tuple[str, str], Number]
    published: dict[str, Number]
    sheet: str
    cells: dict[tuple[str, str], str]
    problems: tuple[Problem, ...] = ()
    account: TableAccount | None = None
    headlines: tuple[Headline, ...] = ()
    key_works: tuple[KeyWork, ...] = ()


NUMBER = "number"
EMPTY = "empty"
NOT_APPLICABLE = "not-applicable"
ILLEGIBLE = "illegible"


class Figure(NamedTuple):
    """One reported number with the cell it came from.

    ``state`` is ``number`` (zero included), ``empty``, ``not-applicable`` or ``illegible``;
    ``value`` is None in all but the first, so that an unknown can never be added up as zero.
    ``measure`` says what the number is: the month's addition or the state at its end. ``stated`` is
    the cumulative that the district gave beside its addition where the two do not agree: from this
    month on the year's figure is that one. It stands in ``stated_cell``.
    """

    indicator: str
    state: str
    value: Number | None
    cell: str
    measure: str = FLOW
    stated: Number | None = None
    stated_cell: str = ""


REMARK = "remark"
FILLED_BY = "filled-by"
REVIEWED_BY = "reviewed-by"
PHONE = "phone"
FILLED_ON = "filled-on"
COMMENT = "comment"


class Text(NamedTuple):
    """What a district wrote beside its figures.

    ``field`` is REMARK (说明), FILLED_BY, REVIEWED_BY, PHONE, FILLED_ON or COMMENT (of a cell);
    ``indicator`` is empty where the text is of the whole form.
    """

    field: str
    indicator: str
    sheet: str
    cell: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The text as the object that ``--json`` prints."""
        return self._asdict()


class Identity(NamedTuple):
    """Whose form this is: carried in triplicate by every form, bound together by ``mac``."""

    programme: str
    district: str
    month: str
    round: int
    layout: int
    mac: str


class ItemReport(NamedTuple):
    """What a district reported of one item.

    ``state`` is a key of ``work_items.STATE_LABELS``, "" where none or none of these was given. ``expected`` is a day
    (``2023-09-30``), or as it was typed where it is none. ``cell`` is where the state stands.
    """

    item: str
    state: str
    progress: str
    trouble: str
    measures: str
    expected: str
    cell: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was written."""
        return not any(self[1:6])

    def as_json(self) -> dict[str, Any]:
        """The report as the object that ``--json`` prints, without what is wrong with it."""
        return {
            "item": self.item,
            "state": self.state or None,
            "text": self.progress,
            "trouble": self.trouble,
            "measures": self.measures,
            "expected": self.expected or None,
            "cell": self.cell,
        }


class WorkPage(NamedTuple):
    """A form's page 重点工作 as it came back, judged apart from the figures.

    ``verdict`` is ``accepted`` or ``rejected``; ``sheet`` is "" where the page is not there.
    """

    verdict: str
    sheet: str
    reports: tuple[ItemReport, ...]


class Receipt(NamedTuple):
    """The record that these very bytes arrived.

    ``received_at`` is local time, ISO 8601 to the second. ``district`` and ``month`` are empty
    where the file does not say. ``page`` is the page 重点工作 with a verdict of its own.
    """

    sha256: str
    file: str
    received_at: str
    district: str
    month: str
    round: int
    verdict: str
    problems: tuple[Problem, ...]
    figures: tuple[Figure, ...] = ()
    note: str = ""
    sheet: str = ""
    texts: tuple[Text, ...] = ()
    page: WorkPage | None = None


FLOW_LABEL = "当月数"
STOCK_LABEL = "累计数"
MEASURE_LABELS = {FLOW: FLOW_LABEL, STOCK: STOCK_LABEL, BOTH: "两者都填", RATE: "比率"}
SCHEDULE_LABELS = {EVEN: "均匀", QUARTERLY: "按季", YEAR_END: "年底前", CUSTOM: "自定义"}
TEXT_LABELS = {
    REMARK: "说明",
    FILLED_BY: "填报人",
    REVIEWED_BY: "审核人",
    PHONE: "联系电话",
    FILLED_ON: "填报日期",
    COMMENT: "批注",
}
VERDICT_LABELS = {
    "accepted": "已通过",
    "rejected": "退回",
    "held": "待定",
    "duplicate": "重复",
    "blank": "空表",
    "foreign": "非本任务",
    "unreadable": "无法读取",
    "missing": "未报",
}
NOT_REPORTING_LABEL = "不用报"
"""In the place of a verdict, for a month before or after those that a district reports for."""
