"""The checks that the form makes itself are the program's own: Excel and Python agree on every entry.

Proves also model/rules.py.
"""

import itertools

import pytest
from openpyxl import Workbook

from tests.tools import forms
from tests.tools.office import Office, missing_office
from xl_addin.form import blank, layout, stamp
from xl_addin.model.records import ERROR, FLOW, STOCK, Indicator
from xl_addin.model.rules import RULES, Cells, Entry, applies, breaches, form_rules

# No truth value: to LibreOffice TRUE is a number, to Excel it is none.
TYPED = (None, -3, -0.5, 0, 0.25, 1, 7, 7.5, 120, 1_000_000, "约5", "无")
AMOUNTS = (None, 0, 7, 50.5)
WHOLE = Indicator("A", ("甲",), "人")
BROKEN = Indicator("B", ("乙",), "万元", whole=False)
STATE = Indicator("C", ("丙",), "人", STOCK, parent="A")
PART = Indicator("D", ("丁",), "人", parent="A")
PARENTS = {STATE: WHOLE, PART: WHOLE}


def number(value):
    return value if stamp.is_number(value) else None


def entries():
    """A grid over all that a form's check looks at."""
    for item in (WHOLE, BROKEN, STATE, PART):
        parent = PARENTS.get(item)
        above = (None, 0, 7, "约5") if parent else (None,)
        for typed, target, previous, over in itertools.product(TYPED, AMOUNTS, AMOUNTS, above):
            yield (
                typed,
                over,
                Entry(
                    item,
                    typed is None,
                    number(typed),
                    target,
                    previous,
                    parent,
                    number(over),
                    previous,
                ),
            )


@pytest.mark.skipif(bool(missing_office()), reason="LibreOffice is not here")
def test_every_formula_comes_to_what_its_test_says(tmp_path):
    """Asked as the form asks: of an empty cell what is for empty ones, of a filled one the others."""
    book, wanted = Workbook(), []
    sheet = book.active
    rules = [rule for rule in RULES if rule.formula]
    for row, (typed, over, entry) in enumerate(entries(), 1):
        item, parent = entry.item, entry.parent
        total = f'=IF(AND(ISNUMBER(A{row}),ISNUMBER(C{row})),C{row}+A{row},"")'
        above = f'=IF(AND(ISNUMBER(D{row}),ISNUMBER(C{row})),C{row}+D{row},"")'
        cells = (typed, entry.target, entry.previous, over)
        for column, value in enumerate(cells, 1):
            sheet.cell(row, column).value = value
        sheet.cell(row, 5).value = total if item.measure == FLOW else f"=A{row}"
        sheet.cell(row, 6).value = above
        same = parent is None or parent.measure == item.measure
        compared = (f"A{row}", f"D{row}") if same else (f"E{row}", f"F{row}")
        at = Cells(f"A{row}", f"B{row}", f"C{row}", *compared)
        for column, rule in enumerate(rules, 7):
            says = rule.formula(at) if applies(rule, item, parent) else "FALSE"
            empty = "TRUE" if rule.blank else "FALSE"
            sheet.cell(row, column).value = f'=AND((A{row}="")={empty},NOT(NOT({says})))'
            # A text is told by the first of the rules alone; what the others make of it is not asked.
            text = entry.value is None and not entry.empty
            if not text or rule.code == "not-a-number":
                wanted.append((sheet.cell(row, column).coordinate, breaches(rule, entry)))
    book.save(tmp_path / "rules.xlsx")
    with Office() as office:
        found = office.recalculate(tmp_path / "rules.xlsx")
    name = sheet.title
    differing = [at for at, breach in wanted if bool(found[name, at].value) != breach]
    assert differing == []
    assert len(wanted) > 5_000
    assert {breach for _, breach in wanted} == {True, False}


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
    ]
    assert all(rule.severity == ERROR for rule in form_rules(forms.SEVERITIES))
