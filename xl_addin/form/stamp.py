"""Stamping the district's form from the blank one; ``read.read_form`` is the inverse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.form import layout
from xl_addin.form.identity import identity_line
from xl_addin.model.records import FLOW, Identity, Indicator, Number
from xl_addin.model.rules import Entry, breaches, form_rules
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.package import deflate_fast, inflate, pack, pack_entries, unpack
from xl_addin.xlsx.patch import SheetTemplate, text_xml
from xl_addin.xlsx.workbook import Workbook

if TYPE_CHECKING:
    from typing import TypeGuard

Entries = Mapping[str, Number | str]


class Issue(NamedTuple):
    """One district's form for one month: what is stamped into the blank one.

    ``targets`` and ``previous`` (cumulative up to last month) map indicator codes to numbers, None
    or absent where there is none or it is not known. ``content`` is their canonical text, as sealed.
    ``gaps`` says which earlier months are missing.
    """

    identity: Identity
    district: str
    targets: Mapping[str, Number | None]
    previous: Mapping[str, Number | None]
    content: str
    gaps: str = ""


class FormTemplate:
    """A blank form made ready for stamping: what never varies is packed once."""

    def __init__(
        self,
        blank: bytes,
        indicators: Sequence[Indicator],
        severities: Mapping[str, str],
        title: str,
    ) -> None:
        self._rules = form_rules(severities)
        self._title = title
        self._rows = {item.code: layout.FIRST_ROW + n for n, item in enumerate(indicators)}
        self._by_code = {item.code: item for item in indicators}
        parts = unpack(blank)
        names = [entry.part for entry in Workbook(parts).entries]
        self._form, self._meta = names[0], names[-1]
        varying = {self._form, self._meta, "xl/workbook.xml", "docProps/custom.xml"}
        self._fixed = pack_entries(part for name, part in parts.items() if name not in varying)
        self._sheet = SheetTemplate(inflate(parts[self._form]), self._slots())
        self._hidden = SheetTemplate(inflate(parts[self._meta]), [(1, 2), (2, 2)])
        mark = layout.PLACEHOLDER.encode()
        self._book = inflate(parts["xl/workbook.xml"]).split(mark)
        self._properties = inflate(parts["docProps/custom.xml"]).split(mark)

    def _slots(self) -> Iterator[Where]:
        yield from ((1, 1), (1, layout.KEY), (layout.STATUS_ROW, 1), (layout.UNIT_ROW, 2))
        yield (layout.NOTE_ROW, 1)
        for row in self._rows.values():
            yield from ((row, column) for column in range(layout.TARGET, layout.CHECK + 1))

    def stamp(self, issue: Issue, typed: Entries | None = None) -> bytes:
        """The form as a file; ``typed`` fills in what a district would type, by indicator code."""
        line = identity_line(issue.identity)
        safe = text_xml(line).encode()
        sheet = self._sheet.fill(self._cells(issue, typed or {}, line))
        varying = (
            deflate_fast("xl/workbook.xml", safe.join(self._book)),
            deflate_fast("docProps/custom.xml", safe.join(self._properties)),
            deflate_fast(self._meta, self._hidden.fill({(1, 2): line, (2, 2): issue.content})),
            deflate_fast(self._form, sheet),
        )
        return pack(varying, self._fixed)

    def _cells(self, issue: Issue, typed: Entries, line: str) -> dict[Where, Value]:
        year, month = issue.identity.month.split("-")
        cells: dict[Where, Value] = {
            (1, 1): f"{self._title}{year}年{int(month)}月任务进度填报表",
            (1, layout.KEY): line,
            (layout.UNIT_ROW, 2): issue.district,
            (layout.NOTE_ROW, 1): gap_note(issue.gaps, int(month)),
        }
        troubles = 0
        for code, row in self._rows.items():
            values = self._row(issue, typed, self._by_code[code])
            troubles += bool(values[-1])
            for column, value in enumerate(values, layout.TARGET):
                cells[row, column] = value
        cells[layout.STATUS_ROW, 1] = f"还有 {troubles} 处问题" if troubles else layout.READY
        return cells

    def _row(self, issue: Issue, typed: Entries, item: Indicator) -> tuple[Value, ...]:
        target, previous = issue.targets.get(item.code), issue.previous.get(item.code)
        entry = typed.get(item.code)
        derived: Number | str = ""
        if is_number(entry) and is_number(previous):
            derived = previous + entry if item.measure == FLOW else entry - previous
        month, total = (entry, derived) if item.measure == FLOW else (derived, entry)
        rate: Value = total / target if is_number(total) and target and target > 0 else ""
        return target, previous, month, total, rate, None, self._check(issue, typed, item)

    def _check(self, issue: Issue, typed: Entries, item: Indicator) -> str:
        """What the form's own formula comes to."""
        entry, parent = typed.get(item.code), self._by_code.get(item.parent)
        plain = Entry(
            item,
            entry is None or entry == "",
            _number(entry),
            issue.targets.get(item.code),
            issue.previous.get(item.code),
            parent,
            _number(typed.get(item.parent)),
            issue.previous.get(item.parent),
        )
        return next((rule.label for rule in self._rules if breaches(rule, plain)), "")


def _number(value: object) -> Number | None:
    return value if is_number(value) else None


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a typed value is a number (and not a truth value)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def gap_note(gaps: str, month: int) -> str:
    """The line under the form's head that says what 上月累计 stands on."""
    if month == 1:
        return "上月累计：年初为 0。"
    if gaps:
        return f"上月累计按已审核通过的数据计算；{gaps}没有通过审核的数据，未计入。"
    return "上月累计按已审核通过的数据计算。"
