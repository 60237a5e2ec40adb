"""What stands on 信件, and what is wrong with its cells."""

import pytest

from tests.tools import masters
from xl_addin.master.read.letters_rows import read_letters, sound_letters
from xl_addin.model.letters import DEFAULTS, SEND, Template, fill
from xl_addin.model.sheets import LETTERS_SHEET
from xl_addin.system.errors import Refused

S = LETTERS_SHEET


def read(tmp_path, cells):
    return read_letters(masters.host(tmp_path, masters.edit_master({S: cells})))


def test_a_new_master_has_the_letters_and_nothing_is_wrong(tmp_path):
    found, problems = read_letters(masters.host(tmp_path))
    assert problems == ()
    assert found == {
        kind: Template(subject.strip(), text.strip()) for kind, (subject, text) in DEFAULTS.items()
    }


def test_what_staff_wrote_counts_and_an_empty_cell_is_the_default(tmp_path):
    found, problems = read(
        tmp_path, {(5, 2): "{区县}的表", (5, 3): None, (6, 3): "缺 ｛缺报月份｝"}
    )
    assert problems == ()
    assert found[SEND] == Template("{区县}的表", DEFAULTS[SEND].text)
    assert fill(found["remind"], {"缺报月份": "2023年6月"})[1] == "缺 2023年6月\n"


@pytest.mark.parametrize(
    ("cells", "cell", "code"),
    [
        ({(5, 2): "{区线}"}, "B5", "field-unknown"),
        ({(5, 3): "{缺报月份}"}, "C5", "field-unknown"),
        ({(6, 3): "{}"}, "C6", "field-unknown"),
        ({(7, 3): "{区县"}, "C7", "field-broken"),
        ({(7, 3): "区县}"}, "C7", "field-broken"),
        ({(8, 1): "贺信"}, "A8", "letter-unknown"),
        ({(8, 1): "发放"}, "A8", "letter-twice"),
        ({(5, 3): "{{区县}}"}, "C5", "field-broken"),
    ],
)
def test_every_mistake_is_told_with_its_cell(tmp_path, cells, cell, code):
    assert {(p.cell, p.code) for p in read(tmp_path, cells)[1]} == {(cell, code)}
    with pytest.raises(Refused):
        sound_letters(masters.host(tmp_path, masters.edit_master({S: cells})))
