"""What the benchmark takes for Excel's: read to the same figures, and sound to another program."""

import random

from openpyxl import load_workbook

from tests.benchmarks.returns import as_excel
from tests.tools import forms
from tests.tools.lint import lint
from xl_addin.judging.assess import assess
from xl_addin.xlsx.package import inflate, unpack


def test_the_figures_are_those_that_were_typed_and_no_two_files_are_of_one_shape(tmp_path):
    stamped, chance = forms.fill_form(), random.Random(1)
    judged = assess(stamped, "回报.xlsx", forms.context())
    sheets = set()
    for _ in range(12):
        data = as_excel(stamped, chance)
        again = assess(data, "回报.xlsx", forms.context())
        assert (again.verdict, again.figures) == (judged.verdict, judged.figures)
        assert again.problems == judged.problems
        sheet = inflate(unpack(data)["xl/worksheets/sheet1.xml"])
        sheets.add(sheet)
        assert b"inlineStr" not in sheet
        path = tmp_path / "回报.xlsx"
        path.write_bytes(data)
        assert not lint(path)
        read = load_workbook(path)["任务进度"]
        assert read["F7"].value == forms.GOOD["I01"]
    assert len(sheets) == 12
