"""Old documents go through the Word or WPS at hand, hidden, without macros, and leave no trace."""

from pathlib import Path

import pytest

from tests.data.notices import CASES, UNITS
from tests.formats.test_docx import targets
from tests.formats.test_xls import CHAIN
from tests.hostile.makers import ole
from xl_addin.formats import word
from xl_addin.formats.word import PROGRAMS, convert_to_docx
from xl_addin.system.errors import Refused
from xl_addin.tasktable.read import read_task_table

DOCX = CASES["plain"].data
OLD = ole(CHAIN, name="WordDocument")


class Document:
    def __init__(self, app, path):
        self.app, self.path = app, path

    def SaveAs(self, target, FileFormat):  # noqa: N802, N803 - Word's own names
        assert FileFormat == 12
        Path(target).write_bytes(DOCX)
        self.app.saved = target

    def Close(self, save):  # noqa: N802
        assert save == 0
        self.app.calls.append("close")


class Word:
    """What is called of Word; ``fails`` when it opens a document."""

    def __init__(self, *, fails=False):
        self.calls, self.saved, self.fails = [], "", fails
        self.Documents = self

    def Open(self, path, **options):  # noqa: N802
        assert (self.Visible, self.DisplayAlerts, self.AutomationSecurity) == (False, 0, 3)
        assert options["ReadOnly"]
        assert not options["AddToRecentFiles"]
        assert options["PasswordDocument"]
        if self.fails:
            raise ValueError("no converter")
        self.calls.append(Path(path).name)
        return Document(self, path)

    def Quit(self, save):  # noqa: N802
        assert save == 0
        self.calls.append("quit")


def test_the_first_program_that_opens_it_makes_a_docx():
    apps = {PROGRAMS[0]: Word(fails=True), PROGRAMS[1]: Word()}
    assert convert_to_docx(b"old", ".wps", apps.__getitem__) == DOCX
    assert apps[PROGRAMS[0]].calls == ["quit"]
    assert apps[PROGRAMS[1]].calls == ["document.wps", "close", "quit"]
    assert not Path(apps[PROGRAMS[1]].saved).exists()


def test_without_a_program_there_is_nothing():
    assert convert_to_docx(b"old", ".doc", {}.__getitem__) is None
    assert convert_to_docx(b"old", ".doc") is None


@pytest.mark.parametrize("name", ["通知.doc", "通知.wps"])
def test_an_old_document_is_read_through_it(name, monkeypatch):
    monkeypatch.setattr(word, "_start", lambda _: Word())
    assert targets(read_task_table(OLD, name, 2023)) == UNITS


def test_an_old_document_without_it_is_told_what_to_do():
    with pytest.raises(Refused, match=r"请用 Word 或 WPS 打开，另存为 \.docx 后再选它"):
        read_task_table(OLD, "通知.doc", 2023)
