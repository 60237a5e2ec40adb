"""Stamping the district's form from the blank one; ``read.read_form`` is the inverse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from xl_addin.form import layout
from xl_addin.form.identity import identity_line
from xl_addin.model.entry import Entry, explains
from xl_addin.model.names import is_percent_unit
from xl_addin.model.records import ADDED_UP, BOTH, RATE, Identity, Indicator, Number
from xl_addin.model.rules import breaches, breaches_total, form_rules
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.xlsx.a1 import Where, cell_name
from xl_addin.xlsx.cells import Value
from xl_addin.xlsx.package import deflate_fast, inflate, pack, pack_entries, unpack
from xl_addin.xlsx.patch import SheetTemplate, replace_formulas, text_xml
from xl_addin.xlsx.workbook import Workbook

if TYPE_CHECKING:
    from typing import TypeGuard

    from xl_addin.form.page_stamp import PageFilling
    from xl_addin.model.work_items import PageItem
    from xl_addin.xlsx.package import Part

_SHEETS = 3  # without the page 重点工作

Entries = Mapping[str, Number | str]


class Issue(NamedTuple):
    """One district's form for one month: what is stamped into the blank one.

    ``targets`` and ``previous`` (cumulative up to last month) map indicator codes to numbers, None
    or absent where there is none or it is not known. ``content`` is their canonical text, as sealed.
    ``note`` says what 上月累计 stands on. ``last_year`` are last year's cumulatives at the end of the
    same month; nothing that is read back, so not sealed. ``page`` are the rows of 重点工作, none where
    the form has no such page.
    """

    identity: Identity
    district: str
    targets: Mapping[str, Number | None]
    previous: Mapping[str, Number | None]
    content: str
    note: str = ""
    last_year: Mapping[str, Number | None] = MappingProxyType({})
    page: tuple[PageItem, ...] = ()


class FormTemplate:
    """A blank form made ready for stamping: what never varies is packed once."""

    def __init__(
        self,
        blank: bytes,
        indicators: Sequence[Indicator],
        severities: Mapping[str, str],
        title: str,
        ready: str = layout.READY,
    ) -> None:
        self._rules = form_rules(severities)
        self._of_blanks = [rule for rule in self._rules if rule.blank]
        self._ready = ready
        self._title = title
        self._rows = {item.code: layout.FIRST_ROW + n for n, item in enumerate(indicators)}
        self._by_code = {item.code: item for item in indicators}
        parts = unpack(blank)
        names = [entry.part for entry in Workbook(parts).entries]
        self._form, self._meta = names[0], names[-1]
        self._page_part, self._page = names[1] if len(names) > _SHEETS else "", None
        if self._page_part:
            from xl_addin.form.page_stamp import PageTemplate

            self._page = PageTemplate(inflate(parts[self._page_part]), severities)
        varying = {
            self._form,
            self._meta,
            "xl/workbook.xml",
            "docProps/custom.xml",
            self._page_part,
        }
        self._fixed = pack_entries(part for name, part in parts.items() if name not in varying)
        form = inflate(parts[self._form])
        place = cell_name(layout.FIRST_ROW, layout.LAST_YEAR)
        self._same_period = f'r="{place}"'.encode() in form
        self._sheet = SheetTemplate(form, self._slots())
        self._hidden = SheetTemplate(inflate(parts[self._meta]), [(1, 2), (2, 2)])
        mark = layout.PLACEHOLDER.encode()
        self._book = inflate(parts["xl/workbook.xml"]).split(mark)
        self._properties = inflate(parts["docProps/custom.xml"]).split(mark)

    def _heading(self, issue: Issue) -> str:
        year, month = issue.identity.month.split("-")
        return f"{self._title}{year}年{int(month)}月"

    def _slots(self) -> Iterator[Where]:
        yield from ((1, 1), (1, layout.KEY), (layout.STATUS_ROW, 1), (layout.UNIT_ROW, 2))
        yield (layout.NOTE_ROW, 1)
        for row in self._rows.values():
            yield from ((row, column) for column in range(layout.TARGET, layout.CHECK + 1))
            if self._same_period:
                yield from ((row, layout.LAST_YEAR), (row, layout.GROWTH))

    def stamp(
        self,
        issue: Issue,
        typed: Entries | None = None,
        totals: Entries | None = None,
        remarks: Mapping[str, str] | None = None,
        page: PageFilling | None = None,
    ) -> bytes:
        """The form as a file, filled in as a district would, by indicator code.

        ``typed`` are its figures in the unit's own size, ``totals`` what it gives as 本月累计 beside them,
        over the form's formula where there is one, ``remarks`` its 说明, ``page`` what it writes on the
        page 重点工作, which the blank form has where the issue has rows for it.
        """
        line = identity_line(issue.identity)
        safe = text_xml(line).encode()
        filled = _Filled(typed or {}, totals or {}, remarks or {})
        cells = self._cells(issue, filled, line)
        pages: list[Part] = []
        if self._page is not None:
            title = f"{self._heading(issue)}重点工作进展情况表"
            rows, waits = self._page.stamp(title, line, issue.district, issue.page, page)
            pages = [deflate_fast(self._page_part, rows)]
            if waits and cells[layout.STATUS_ROW, 1] == self._ready:
                cells[layout.STATUS_ROW, 1] = layout.PAGE_WAITS
        sheet = self._sheet.fill(cells)
        over = {
            (self._rows[code], layout.CUMULATIVE): _shown(value, self._by_code[code])
            for code, value in filled.totals.items()
            if self._by_code[code].measure != BOTH
        }
        sheet = replace_formulas(sheet, over) if over else sheet
        varying = (
            deflate_fast("xl/workbook.xml", safe.join(self._book)),
            deflate_fast("docProps/custom.xml", safe.join(self._properties)),
            deflate_fast(self._meta, self._hidden.fill({(1, 2): line, (2, 2): issue.content})),
            deflate_fast(self._form, sheet),
            *pages,
        )
        return pack(varying, self._fixed)

    def _cells(self, issue: Issue, filled: _Filled, line: str) -> dict[Where, Value]:
        cells: dict[Where, Value] = {
            (1, 1): f"{self._heading(issue)}任务进度填报表",
            (1, layout.KEY): line,
            (layout.UNIT_ROW, 2): issue.district,
            (layout.NOTE_ROW, 1): issue.note,
        }
        troubles = 0
        for code, row in self._rows.items():
            values = self._row(issue, filled, self._by_code[code])
            troubles += bool(values[-1])
            for column, value in enumerate(values, layout.TARGET):
                cells[row, column] = value
            if self._same_period:
                item, total = self._by_code[code], values[layout.CUMULATIVE - layout.TARGET]
                then = layout.shown_amount(issue.last_year.get(code), item)
                cells[row, layout.LAST_YEAR] = then
                cells[row, layout.GROWTH] = _growth(item, total, then)
        cells[layout.STATUS_ROW, 1] = layout.banner(troubles, self._ready)
        return cells

    def wrong_rows(
        self, issue: Issue, typed: Entries, totals: Entries, remarks: Mapping[str, str]
    ) -> set[str]:
        """The indicators in whose rows 校验 says something."""
        filled = _Filled(typed, totals, remarks)
        return {code for code, item in self._by_code.items() if self._check(issue, filled, item)}

    def _row(self, issue: Issue, filled: _Filled, item: Indicator) -> tuple[Value, ...]:
        target, previous = issue.targets.get(item.code), issue.previous.get(item.code)
        entry, given = filled.typed.get(item.code), filled.totals.get(item.code)
        month, total = _amounts(item, entry, given, previous)
        rate: Value = total / target if is_number(total) and target and target > 0 else ""
        shown: tuple[Value, ...] = (target, previous, month, total)
        if is_percent_unit(item.unit):
            shown = tuple([_shown(each, item) for each in (target, previous, month, total)])
        check = self._check(issue, filled, item)
        return *shown, rate, filled.remarks.get(item.code), check

    def _check(self, issue: Issue, filled: _Filled, item: Indicator) -> str:
        """What the form's own formula comes to."""
        typed, totals = filled.typed, filled.totals
        entry, parent = typed.get(item.code), self._by_code.get(item.parent)
        total = totals.get(item.code)
        plain = Entry(
            item,
            entry is None or entry == "",
            _number(entry),
            issue.targets.get(item.code),
            issue.previous.get(item.code),
            parent,
            _number(typed.get(item.parent)),
            issue.previous.get(item.parent),
            total=_number(total),
            total_empty=total is None or total == "",
            explained=explains(filled.remarks.get(item.code, "")),
            parent_total=_number(totals.get(item.parent)),
        )
        # Of a form that goes out every entry is blank, which most rules are not asked about.
        asked = self._of_blanks if plain.empty else self._rules
        found = next((rule.label for rule in asked if breaches(rule, plain)), "")
        if found or plain.empty:
            return found
        return next((rule.label for rule in self._rules if breaches_total(rule, plain)), "")


class FormTemplates(NamedTuple):
    """Two blank forms ready for stamping: ``paged`` for the districts that have rows on 重点工作."""

    plain: FormTemplate
    paged: FormTemplate

    def stamp(self, issue: Issue) -> bytes:
        """The form as a file, as ``FormTemplate.stamp`` makes it."""
        return (self.paged if issue.page else self.plain).stamp(issue)


class _Filled(NamedTuple):
    """What a district typed, by indicator code."""

    typed: Entries
    totals: Entries
    remarks: Mapping[str, str]


def _amounts(
    item: Indicator, entry: Number | str | None, given: Number | str | None, previous: Number | None
) -> tuple[Number | str | None, Number | str | None]:
    """本月完成 and 本月累计: what was typed, and what the form works out from it."""
    known = is_number(entry) and is_number(previous)
    if item.measure not in ADDED_UP:
        out = item.measure == RATE or not known
        return "" if out else entry - previous, entry  # type: ignore[operator]
    if given is not None or item.measure == BOTH:
        return entry, given
    return entry, previous + entry if known else ""  # type: ignore[operator]


def _growth(item: Indicator, total: Value, then: Number | None) -> Value:
    """同比, as the form works it out; a rate is compared in points, by whoever reads it."""
    if item.measure == RATE:
        return None
    return (total - then) / then if is_number(total) and then and then > 0 else ""


def _shown(amount: Number | str | None, item: Indicator) -> Number | str | None:
    return layout.shown_amount(amount, item) if is_number(amount) else amount


def _number(value: object) -> Number | None:
    return value if is_number(value) else None


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a typed value is a number (and not a truth value)."""
    return isinstance(value, int | float) and not isinstance(value, bool)
