"""The pages of the templates that come along, measured in the PDF that LibreOffice makes of it.

GB/T 9704-2012: 5.2.1 the page, 5.2.3 lines and characters, 7.2 the red head, 7.5 the page number. Ink is
measured at 10 pixels a millimetre; fonts are stand-ins, so the ink of a letter is known to a millimetre.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.docx.templates import CONTENTS, shipped_template
from xl_addin.docx.fill import fill
from xl_addin.model.settings import Config, Settings
from xl_addin.model.slips import SlipItem
from xl_addin.services.supervision.words import Head, slip_contents
from xl_addin.system.resources import SLIP_TEMPLATE, workbook_path

pytestmark = pytest.mark.libreoffice
PER_MM = 10
LONG = "国" * 28 * 40
"""国 is a box: its ink is as wide as the character."""


@pytest.fixture(scope="module")
def pdf(office, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    contents = CONTENTS._replace(values={**CONTENTS.values, "总体情况": LONG})
    path = folder / "通报.docx"
    path.write_bytes(fill(shipped_template(), contents).data)
    return office.convert(path, folder, "pdf")


@pytest.fixture(scope="module")
def slip(office, tmp_path_factory):
    """A 督办单 of so many items that it has a second page."""
    folder = tmp_path_factory.mktemp("slip")
    settings = Settings("教就工作", 2023, "2023-06", 5, "", 10, "", "", "", "", office="某某市残联")
    head = Head("〔2023〕3", "2023-06", "甲县", "蓝", "2023-07-20", "2023-07-10")
    items = [
        SlipItem(n, "red", f"I{n}", f"第{n}项", "连续3个月红灯。" * 6, ("2023-05", "2023-06"))
        for n in range(1, 12)
    ]
    contents = slip_contents(head, items, Config(settings, (), (), {}, {}, {}, ()))
    path = folder / "督办单.docx"
    path.write_bytes(fill(workbook_path(SLIP_TEMPLATE).read_bytes(), contents).data)
    return office.convert(path, folder, "pdf")


def ink(pdf: Path, page: int) -> np.ndarray:
    """A page as (rows, columns, 3), 255 for paper."""
    command = ["pdftoppm", "-r", str(25.4 * PER_MM), "-f", str(page), "-l", str(page), str(pdf)]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    head = re.match(rb"P6\s(\d+)\s(\d+)\s255\s", data)
    wide, tall = int(head[1]), int(head[2])
    return np.frombuffer(data[head.end() :], np.uint8).reshape(tall, wide, 3)


def bands(mask: np.ndarray) -> list[tuple[float, float]]:
    """Where a profile is dark, in millimetres: (first, last) of each stretch."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(a / PER_MM, b / PER_MM) for a, b in edges.reshape(-1, 2)]


def test_a_page_has_22_lines_of_28_characters(pdf):
    text = ink(pdf, 2)[:, :, 0] < 128
    assert text.shape == pytest.approx((2970, 2100), abs=2)
    lines = bands(text[: 265 * PER_MM].any(axis=1))
    assert len(lines) == 22
    tops = np.array([top for top, _ in lines])
    assert np.diff(tops) == pytest.approx(np.full(21, 28.95 / 72 * 25.4), abs=0.11)
    assert lines[0][0] == pytest.approx(37, abs=3.5)  # the first letter's head within its line
    assert lines[-1][1] == pytest.approx(262, abs=3.5)
    first = bands(text[int(tops[0] * PER_MM) : int(lines[0][1] * PER_MM)].any(axis=0))
    assert len(first) == 28
    assert first[0][0] == pytest.approx(28, abs=0.8)
    assert first[-1][1] == pytest.approx(210 - 26, abs=1)


@pytest.mark.parametrize("paper", ["pdf", "slip"])
@pytest.mark.parametrize(("page", "side"), [(1, "right"), (2, "left")])
def test_the_page_number_stands_below_the_text_on_the_outer_side(request, paper, page, side):
    text = ink(request.getfixturevalue(paper), page)[:, :, 0] < 128
    below = text[264 * PER_MM :]
    [rows] = [bands(below.any(axis=1))]
    columns = bands(below.any(axis=0))
    # The dash is 7 mm below the text, the digit around it.
    dash = below[:, int(columns[0][0] * PER_MM) : int(columns[0][1] * PER_MM)]
    assert 264 + bands(dash.any(axis=1))[0][0] == pytest.approx(262 + 7, abs=1)
    assert rows[-1][1] < 10
    edge = columns[-1][1] if side == "right" else columns[0][0]
    one = 14 / 72 * 25.4
    assert edge == pytest.approx(210 - 26 - one if side == "right" else 28 + one, abs=1.5)


@pytest.mark.parametrize("paper", ["pdf", "slip"])
def test_the_red_head(request, paper):
    page = ink(request.getfixturevalue(paper), 1).astype(int)
    red = (page[:, :, 0] > 180) & (page[:, :, 1] < 100)
    black = page.max(axis=2) < 128
    mark, *_, line = bands(red.any(axis=1))
    assert mark[0] == pytest.approx(37 + 35, abs=1)
    [(left, right)] = bands(red[int(line[0] * PER_MM) + 1])
    assert (left, right) == pytest.approx((28, 184), abs=0.5)
    number = [band for band in bands(black.any(axis=1)) if band[1] < line[0]][-1]
    assert line[0] - number[1] == pytest.approx(4, abs=1)
