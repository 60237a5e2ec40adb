"""The checks that the form makes itself are the program's own: Excel and Python agree on every entry.

Proves also form/checks.py, model/entry.py and model/rules.py.
"""

import io
import itertools

import pytest
from openpyxl import Workbook, load_workbook

from tests.tools import forms
from tests.tools.office import Office, missing_office
from xl_addin.form import blank, layout, stamp
from xl_addin.model.entry import Cells, Entry, explains
from xl_addin.model.records import ADDED_UP, BOTH, ERROR, RATE, STOCK, Indicator
from xl_addin.model.rules import RULES, applies, breaches, breaches_total, form_rules

# No truth value: to LibreOffice TRUE is a number, to Excel it is none.
TYPED = (None, -3, -0.5, 0, 0.25, 1, 7, 7.5, 120, 1_000_000, "约5", "无")
AMOUNTS = (None, 0, 7, 50.5)
WHOLE = Indicator("A", ("甲",), "人")
BROKEN = Indicator("B", ("乙",), "万元", whole=False)
STATE = Indicator("C", ("丙",), "人", STOCK, parent="A")
PART = Indicator("D", ("丁",), "人", parent="A")
TWO = Indicator("E", ("戊",), "人", BOTH, parent="A")
SHARE = Indicator("F", ("己",), "%", RATE, whole=False, parent="A")
PARENTS = {STATE: WHOLE, PART: WHOLE, TWO: WHOLE, SHARE: WHOLE}
FORMULA = object()
"""本月累计 as the form works it out."""
TOTALS = (FORMULA, None, -3, 0, 7, 14, 120, 7.5, "约5")


def number(value):
    return value if stamp.is_number(value) else None


def entries():
    """A grid over all that a form's check looks at."""
    for item in (WHOLE, BROKEN, STATE, PART, TWO, SHARE):
        parent = PARENTS.get(item)
        above = (None, 0, 7, "约5") if parent else (None,)
        total = None if item.measure == BOTH else FORMULA
        for typed, target, previous, over in itertools.product(TYPED, AMOUNTS, AMOUNTS, above):
            yield item, typed, target, previous, over, total, FORMULA, ""
    for item, total, remark in itertools.product(
        (WHOLE, BROKEN, PART, TWO), TOTALS, ("", " 短 ", "补报三月漏报的")
    ):
        if item.measure == BOTH and total is FORMULA:
            continue
        parent = PARENTS.get(item)
        overs = ((7, FORMULA), (7, 9), (0, FORMULA), ("约5", 9)) if parent else ((None, FORMULA),)
        for typed, previous, (over, whole) in itertools.product(
            (None, 0, 7, 7.5, "无"), (None, 0, 7), overs
        ):
            yield item, typed, 7, previous, over, total, whole, remark


def entry_of(item, typed, target, previous, over, total, whole, remark):
    given = None if total is FORMULA or item.measure not in ADDED_UP else total
    above = None if whole is FORMULA else whole
    return Entry(
        item,
        typed is None,
        number(typed),
        target,
        previous,
        PARENTS.get(item),
        number(over),
        previous,
        total=number(given),
        total_empty=given is None,
        explained=explains(remark),
        parent_total=number(above),
    )


def cells_of(row, item):
    """Where the entry stands in the sheet of ``test_every_formula_comes_to_what_its_test_says``."""
    parent = PARENTS.get(item)
    alike = parent is None or item.measure in ADDED_UP
    compared = (f"A{row}", f"D{row}") if alike else (f"A{row}", f"F{row}")
    total = f"E{row}" if item.measure in ADDED_UP else ""
    whole = (f"D{row}", f"C{row}", f"F{row}") if total and parent else ("", "", "")
    return Cells(f"A{row}", f"B{row}", f"C{row}", *compared, total, f"G{row}", whole)


@pytest.fixture(scope="module")
def office():
    if missing_office():
        pytest.skip("LibreOffice is not here")
    with Office() as running:
        yield running


def test_every_formula_comes_to_what_its_test_says(tmp_path, office):
    """Asked as the form asks: of an empty cell what is for empty ones, of a filled one the others."""
    book, wanted = Workbook(), []
    sheet = book.active
    rules = [rule for rule in RULES if rule.formula]
    for row, given in enumerate(entries(), 1):
        item, typed, target, previous, over, total, whole, remark = given
        entry, parent = entry_of(*given), PARENTS.get(item)
        own = f'=IF(AND(ISNUMBER(A{row}),ISNUMBER(C{row})),C{row}+A{row},"")'
        above = f'=IF(AND(ISNUMBER(D{row}),ISNUMBER(C{row})),C{row}+D{row},"")'
        shown = (own if total is FORMULA else total, above if whole is FORMULA else whole)
        for column, value in enumerate((typed, target, previous, over, *shown, remark or None), 1):
            sheet.cell(row, column).value = value
        at = cells_of(row, item)
        for column, rule in enumerate(rules, 8):
            asked = applies(rule, item, parent)
            says = rule.formula(at) if asked else "FALSE"
            empty = "TRUE" if rule.blank else "FALSE"
            sheet.cell(row, column).value = f'=AND((A{row}="")={empty},NOT(NOT({says})))'
            # A text is told by the first of the rules alone; what the others make of it is not asked.
            text = entry.value is None and not entry.empty
            if not text or rule.code == "not-a-number":
                wanted.append((sheet.cell(row, column).coordinate, breaches(rule, entry)))
    book.save(tmp_path / "rules.xlsx")
    found = office.recalculate(tmp_path / "rules.xlsx")
    name = sheet.title
    differing = [at for at, breach in wanted if bool(found[name, at].value) != breach]
    assert differing == []
    assert len(wanted) > 10_000
    asked = {rule.code for rule in rules for given in entries() if breaches(rule, entry_of(*given))}
    assert asked == {rule.code for rule in rules}


LABELS = {rule.code: rule.label for rule in RULES}
YEAR = (
    WHOLE._replace(code="I01"),
    PART._replace(code="I02", parent="I01"),
    TWO._replace(code="I03", parent=""),
    SHARE._replace(code="I04", parent=""),
    STATE._replace(code="I05", parent=""),
)
BEFORE = {"I01": 50, "I02": 10, "I03": 7, "I04": 90.5, "I05": 30}
FILLED = {"I01": 5, "I02": 1, "I03": 2, "I04": 95, "I05": 31}


@pytest.mark.parametrize(
    ("typed", "totals", "remarks", "says"),
    [
        ({}, {"I03": 9}, {}, {}),
        ({}, {}, {}, {"I03": "total-blank"}),
        ({}, {"I01": 60, "I03": 9}, {}, {"I01": "total-unexplained"}),
        ({}, {"I01": 60, "I03": 9}, {"I01": "漏报二月五人"}, {}),
        ({}, {"I01": 55, "I03": 9}, {}, {}),
        ({}, {"I01": 55.5, "I03": 9}, {"I01": "漏报二月五人"}, {"I01": "not-whole"}),
        (
            {},
            {"I01": -1, "I03": 9},
            {"I01": "漏报二月五人"},
            {"I01": "negative", "I02": "child-above-parent"},
        ),
        ({}, {"I01": "约60", "I03": 9}, {}, {"I01": "not-a-number"}),
        ({"I01": None}, {"I01": 60, "I03": 9}, {}, {"I01": "misplaced"}),
        ({}, {"I01": 10, "I03": 9}, {"I01": "以前重复计了"}, {"I02": "child-above-parent"}),
        ({"I04": -1}, {"I03": 9}, {}, {"I04": "negative"}),
        ({"I04": None}, {"I03": 9}, {}, {"I04": "blank"}),
    ],
)
def test_the_form_says_what_is_wrong_with_totals(typed, totals, remarks, says, tmp_path, office):
    """As it is stamped, and as LibreOffice works it out again."""
    severities = forms.SEVERITIES
    template = stamp.FormTemplate(
        blank.build_form(YEAR, severities, forms.TERMS), YEAR, severities, ""
    )
    entries = {code: value for code, value in {**FILLED, **typed}.items() if value is not None}
    issued = forms.issue(targets=dict.fromkeys(BEFORE, 100), previous=BEFORE, indicators=YEAR)
    path = tmp_path / "表.xlsx"
    path.write_bytes(template.stamp(issued, entries, totals, remarks))
    sheet = load_workbook(io.BytesIO(path.read_bytes()), data_only=True)[layout.SHEET]
    rows = range(layout.FIRST_ROW, layout.FIRST_ROW + len(YEAR))
    told = {row: sheet.cell(row, layout.CHECK).value or "" for row in rows}
    wanted = {layout.FIRST_ROW + int(code[1:]) - 1: LABELS[rule] for code, rule in says.items()}
    assert told == {row: wanted.get(row, "") for row in rows}
    assert sheet["A2"].value == layout.banner(len(says), layout.READY)
    found = office.recalculate(path)
    again = {at: cell for (name, at), cell in found.items() if name == layout.SHEET}
    for row in rows:
        for column in "FGHJ":
            at = f"{column}{row}"
            if at in again:
                here, there = sheet[at].value or "", again[at].value or ""
                assert here == there or abs(float(here) - float(there)) < 1e-9, (at, here, there)


def test_a_rule_on_totals_is_asked_of_what_was_typed_alone():
    [negative] = [rule for rule in RULES if rule.code == "negative"]
    typed = entry_of(WHOLE, 7, 7, 7, None, -3, FORMULA, "")
    assert breaches_total(negative, typed)
    assert not breaches_total(negative, typed._replace(total=None, total_empty=True))
    assert not breaches_total(negative, typed._replace(value=-10))  # it is what the form works out


def test_the_form_says_the_label_of_the_first_rule_that_is_broken():
    kit = stamp.FormTemplate(
        blank.build_form(forms.INDICATORS, forms.SEVERITIES, forms.TERMS),
        forms.INDICATORS,
        forms.SEVERITIES,
        "",
    )
    typed = {"I01": "约5", "I02": -3, "I03": 1.5, "I05": 15, "I04": 3, "I07": 1, "I08": None}
    sheet = forms.read_back(kit.stamp(forms.issue(), typed)).sheet
    said = [sheet.cells.get((layout.FIRST_ROW + n, layout.CHECK)) for n in range(8)]
    labels = {rule.code: rule.label for rule in RULES}
    assert [cell.value or None if cell else None for cell in said] == [
        labels["not-a-number"],
        labels["negative"],
        labels["not-whole"],
        None,
        labels["child-above-parent"],
        None,
        labels["below-last-month"],
        labels["blank"],
    ]


def test_the_form_checks_errors_only_and_numbers_always():
    assert [rule.code for rule in form_rules(dict.fromkeys(forms.SEVERITIES, ""))] == [
        "not-a-number"
    ]
    errors = [rule.code for rule in form_rules(forms.SEVERITIES)]
    assert errors == [
        "not-a-number",
        "negative",
        "not-whole",
        "blank",
        "child-above-parent",
        "below-last-month",
        "total-blank",
        "total-unexplained",
        "misplaced",
    ]
    assert all(rule.severity == ERROR for rule in form_rules(forms.SEVERITIES))
