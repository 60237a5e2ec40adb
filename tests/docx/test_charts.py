"""A chart's values: in what it is drawn from, and in the workbook behind it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.docx.templates import CHART, CHART_DATA, CONTENTS, shipped_template, text_of, with_parts
from xl_addin.docx.charts import ChartData
from xl_addin.docx.fill import fill
from xl_addin.docx.package import Document
from xl_addin.system.errors import Refused
from xl_addin.xlsx.workbook import Workbook

PART, BOOK = "word/charts/chart1.xml", "word/embeddings/Microsoft_Excel_Worksheet.xlsx"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def drawn(data: bytes) -> dict[str, tuple[list[str | None], list[float | None]]]:
    """By series the categories and values that the chart is drawn from."""
    found = {}
    for series in ET.fromstring(Document.open(data).part(PART)).iter(f"{C}ser"):  # noqa: S314
        lists = []
        for kind in ("cat", "val"):
            element = series.find(f"{C}{kind}")
            size = int(element.find(f".//{C}ptCount").get("val"))
            points = {int(p.get("idx")): p.find(f"{C}v").text for p in element.iter(f"{C}pt")}
            lists.append([points.get(n) for n in range(size)])
        values = [None if text is None else float(text) for text in lists[1]]
        found[series.find(f"{C}tx//{C}v").text] = (lists[0], values)
    return found


def behind(data: bytes) -> dict[str, list[object]]:
    """The columns of the workbook behind the chart, by heading."""
    cells = Workbook.open(Document.open(data).part(BOOK)).sheet("Sheet1").cells
    last = max(row for row, _ in cells)

    def value(row: int, column: int) -> object:
        cell = cells.get((row, column))
        return None if cell is None or cell.value == "" else cell.value

    return {
        str(value(1, column) or ""): [value(row, column) for row in range(2, last + 1)]
        for column in range(1, 6)
    }


@pytest.mark.parametrize("rows", [4, 2, 30])
def test_what_is_drawn_and_what_lies_behind_are_the_values(rows):
    pick = [n % 4 for n in range(rows)]
    data = ChartData(
        [f"{CHART_DATA.categories[n]}{at}" for at, n in enumerate(pick)],
        {name: [values[n] for n in pick] for name, values in CHART_DATA.series.items()},
    )
    made = fill(shipped_template(), CONTENTS._replace(charts={CHART: data})).data
    assert drawn(made) == {name: (data.categories, values) for name, values in data.series.items()}
    columns = behind(made)
    assert columns[""][:rows] == data.categories
    for name, values in data.series.items():
        assert columns[name][:rows] == values
        assert not any(value is not None for value in columns[name][rows:])


def test_a_chart_of_nothing_is_empty(validator, tmp_path):
    empty = ChartData([], {name: [] for name in CHART_DATA.series})
    made = fill(shipped_template(), CONTENTS._replace(charts={CHART: empty})).data
    assert drawn(made) == dict.fromkeys(CHART_DATA.series, ([], []))
    path = tmp_path / "通报.docx"
    path.write_bytes(made)
    assert validator(path) == []


def test_looks_and_names_stay_as_people_made_them():
    xml = text_of(shipped_template(), PART).replace("D6E6F5", "123456").replace("达到序时", "好")
    made = fill(_with_chart(xml), CONTENTS).data
    assert list(drawn(made)) == ["好", "低于序时", "严重滞后", "应完成"]
    assert drawn(made)["好"][1] == CHART_DATA.series["达到序时"]
    assert "123456" in text_of(made, PART)


def test_a_chart_with_fewer_series_takes_its_own():
    xml = text_of(shipped_template(), PART)
    start, end = xml.index("<c:lineChart>"), xml.index("</c:lineChart>") + len("</c:lineChart>")
    made = fill(_with_chart(xml[:start] + xml[end:]), CONTENTS).data
    assert list(drawn(made)) == ["达到序时", "低于序时", "严重滞后"]


def test_a_chart_of_other_series_is_refused():
    xml = text_of(shipped_template(), PART)
    start, end = xml.index("<c:lineChart>"), xml.index("</c:lineChart>") + len("</c:lineChart>")
    with pytest.raises(Refused, match="甲"):
        fill(_with_chart((xml[:start] + xml[end:]).replace("达到序时", "甲")), CONTENTS)


def test_a_chart_that_nothing_is_known_of_is_told_and_stays():
    xml = text_of(shipped_template()).replace(f'descr="{CHART}"', 'descr="别的图"')
    found = fill(with_parts(shipped_template(), word_document=xml), CONTENTS)
    assert found.unknown_charts == ("别的图",)
    assert text_of(found.data, PART) == text_of(shipped_template(), PART)


def _with_chart(xml: str) -> bytes:
    document = Document.open(shipped_template())
    document.put(PART, xml.encode())
    return document.pack()
