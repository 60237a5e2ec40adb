"""通报: a draft from what the master shows, never over what people wrote; what went out is kept.

Proves also services/bulletin/files.py, services/bulletin/contents.py, services/published_changes.py
and docx/properties.py.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.docx.templates import document, lines_of, para, text_of, with_parts
from tests.docx.test_charts import behind, drawn
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from xl_addin.cli import main
from xl_addin.model.folder import BULLETINS, LEDGER, TEMPLATES
from xl_addin.services.bulletin import pdf
from xl_addin.store.publications import CUMULATIVE, publications, published_figures
from xl_addin.system.errors import Misused, Refused

JANUARY, FEBRUARY = MONTHS[:2]


@pytest.fixture(autouse=True)
def _no_office(monkeypatch):
    monkeypatch.setattr(pdf, "converters", list)


@pytest.fixture(scope="module")
def _reported(tmp_path_factory):
    programme = SmallProgramme(tmp_path_factory.mktemp("通报") / "年度 任务")
    for number in range(3):
        programme.send(f"{number}.xlsx", number, {**FIGURES, "I01": 10 * (number + 1)})
    programme.collect()
    programme.run("recompute", JANUARY)
    return programme.folder


@pytest.fixture
def programme(_reported, tmp_path):
    """Three of four districts reported January."""
    return SmallProgramme(Path(shutil.copytree(_reported, tmp_path / "年度 任务")))


def path_of(programme, number=1, month=JANUARY):
    counted = f"_{number}" if number > 1 else ""
    return programme.folder / BULLETINS / month / f"通报_{month}{counted}.docx"


def edit(path):
    """Somebody writes the sentence that is theirs and saves."""
    xml = text_of(path.read_bytes()).replace("【请补充：下一步工作要求】", "请抓紧。")
    path.write_bytes(with_parts(path.read_bytes(), word_document=xml))
    return path.read_bytes()


def correct(programme, district=0, month=JANUARY, **figures):
    """A return that replaces the one before."""
    programme.send("更正.xlsx", district, {**FIGURES, **figures}, month)
    programme.collect(month)


def sent(programme):
    opened = programme.open_programme()
    found = [
        (each, published_figures(opened.ledger, each.id)) for each in publications(opened.ledger)
    ]
    opened.close()
    return found


def test_a_draft_says_what_the_month_came_to(programme, validator):
    said = programme.run("bulletin")
    path = path_of(programme)
    data = path.read_bytes()
    assert said.data == {
        "verb": "bulletin",
        "month": JANUARY,
        "file": str(path),
        "sha256": hashlib.sha256(data).hexdigest(),
        "number": "1",
        "final": False,
        "left_to_write": 2,
        "pdf": None,
        "changed_since_last": [],
    }
    lines = lines_of(data)
    assert "第1期" in lines
    assert any(
        "1月应报4个区县，已通过3个（按时3个、逾期0个），未报1个。未报的是丁县。" in x for x in lines
    )
    assert any("数据不全的1个" in line and "丁县（缺1月）" in line for line in lines)
    assert not any("更正" in line for line in lines)
    assert validator(path) == []
    assert (programme.folder / TEMPLATES / "通报.docx").is_file()


def test_its_chart_and_tables_are_the_totals_of_the_master(programme):
    totals = programme.run("recompute").data
    data = programme.run("bulletin") and path_of(programme).read_bytes()
    shown = [
        line for line in totals["indicators"] if line["light"] and line["completion"] is not None
    ]
    series = drawn(data)
    bars = [series[name][1] for name in ("达到序时", "低于序时", "严重滞后")]
    assert [next((v for v in each if v is not None), None) for each in zip(*bars, strict=True)] == [
        line["completion"] for line in shown
    ]
    assert series["应完成"][1] == [line["due"] / line["target"] for line in shown]
    assert behind(data)["应完成"] == series["应完成"][1]
    lines = lines_of(data)
    for line in totals["standings"]:
        at = lines.index(line["district"])
        assert lines[at - 1] == (str(line["rank"]) if line["rank"] else "—")


def test_an_unedited_draft_is_made_anew_and_an_edited_one_never_touched(programme):
    programme.run("bulletin")
    programme.run("bulletin")
    assert [path.name for path in path_of(programme).parent.iterdir()] == [path_of(programme).name]
    written = edit(path_of(programme))
    for number in range(2, 12):
        assert programme.run("bulletin").data["file"] == str(path_of(programme, number))
        edit(path_of(programme, number))
    assert path_of(programme).read_bytes() == written
    assert programme.run("bulletin").data["file"] == str(path_of(programme, 12))


@pytest.mark.parametrize("lock", ["~$_2024-01.docx", ".~lock.通报_2024-01.docx#"])
def test_one_that_is_open_is_not_written_over(programme, lock):
    programme.run("bulletin")
    path_of(programme).with_name(lock).write_bytes(b"")
    assert programme.run("bulletin").data["file"] == str(path_of(programme, 2))


def test_a_rehearsal_writes_nothing(programme):
    before = sorted(programme.folder.rglob("*"))
    assert programme.run("bulletin", rehearse=True).data["file"] == str(path_of(programme))
    assert sorted(programme.folder.rglob("*")) == before
    programme.run("bulletin")
    programme.run("bulletin", rehearse=True, final="")
    assert sent(programme) == []


def test_it_refuses_until_the_master_shows_what_the_ledger_has(programme):
    """And what it advises helps."""
    correct(programme, I01=99)
    with pytest.raises(Refused, match="recompute --month 2024-01") as refused:
        programme.run("bulletin")
    assert refused.value.problems
    programme.run("recompute", JANUARY)
    programme.run("bulletin")
    with pytest.raises(Refused, match=f"现在显示的是 {JANUARY}"):
        programme.run("bulletin", FEBRUARY)
    programme.run("recompute", FEBRUARY)
    assert programme.run("bulletin", FEBRUARY).data["left_to_write"]


def test_an_open_month_is_told(programme):
    told = "还没有结账"
    assert any(told in line for line in programme.run("bulletin").lines)
    programme.run("close", JANUARY)
    programme.run("recompute", JANUARY)
    assert not any(told in line for line in programme.run("bulletin").lines)


def test_what_went_out_is_recorded_as_it_lies_there(programme):
    programme.run("bulletin")
    data = edit(path_of(programme))
    programme.clock = programme.clock.replace(hour=15)
    said = programme.run("bulletin", final="")
    [(publication, figures)] = sent(programme)
    assert publication[1:] == (
        JANUARY,
        "bulletin",
        "1",
        hashlib.sha256(data).hexdigest(),
        f"{BULLETINS}/{JANUARY}/{path_of(programme).name}",
        "2024-03-01 15:00:00",
    )
    assert said.data["final"] is True
    assert path_of(programme).read_bytes() == data
    values = {(f.district, f.indicator): f.value for f in figures if f.kind == CUMULATIVE}
    codes = programme.codes
    assert (values[codes[1], "I01"], values[codes[3], "I01"], values["", "I01"]) == (20, None, 60)
    with pytest.raises(Refused, match="已经在"):
        programme.run("bulletin", final="")
    assert programme.run("bulletin").data["file"] == str(path_of(programme, 2))
    assert programme.run("bulletin").data["number"] == "2"


def test_exactly_the_published_figure_that_changed_is_told_with_its_return(programme, capsys):
    programme.run("bulletin")
    programme.run("bulletin", final="")
    assert programme.run("status").data["changed_since_last"] == []
    correct(programme, 1, I01=23)
    district = programme.codes[1]
    [change] = programme.run("status").data["changed_since_last"]
    receipt = change.pop("receipt")
    assert change == {
        "month": JANUARY,
        "number": "1",
        "district": district,
        "indicator": "I01",
        "published": 20,
        "now": 23,
    }
    assert receipt["file"] == "更正.xlsx"
    again = programme.run("recompute", JANUARY)
    assert again.data["changed_since_last"] == [{**change, "receipt": receipt}]
    assert any("更正.xlsx" in line for line in again.lines)
    draft = programme.run("bulletin")
    assert draft.data["changed_since_last"] == [{**change, "receipt": receipt}]
    assert any(
        "有1个数有更正：乙县“培训”1月底累计由20更正为23" in line
        for line in lines_of(path_of(programme, 2).read_bytes())
    )
    assert main(["status", "--folder", str(programme.folder), "--month", JANUARY, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["changed_since_last"][0]["now"] == 23
    programme.run("bulletin", final="")
    assert programme.run("status").data["changed_since_last"] == []


def test_a_later_month_is_no_change_and_an_earlier_one_is(programme, monkeypatch):
    programme.run("bulletin")
    programme.run("bulletin", final="")
    programme.send("二月.xlsx", 0, month=FEBRUARY)
    programme.collect(FEBRUARY)
    with monkeypatch.context() as nothing_to_compare:
        nothing_to_compare.setattr("xl_addin.master.totals.compute_totals", None)
        assert programme.run("status", FEBRUARY).data["changed_since_last"] == []
    assert programme.run("recompute", FEBRUARY).data["changed_since_last"] == []
    programme.run("bulletin", FEBRUARY)
    programme.run("bulletin", FEBRUARY, final="")
    correct(programme, 2, I01=30, I02=9)
    found = programme.run("status", FEBRUARY).data["changed_since_last"]
    assert [(each["month"], each["published"], each["now"]) for each in found] == [
        (JANUARY, 5, 9),
        (FEBRUARY, 5, 9),
    ]


def test_a_record_can_be_undone(programme):
    programme.run("bulletin")
    programme.run("bulletin", final="")
    correct(programme, 1, I01=23)
    programme.run("undo")
    [change] = programme.run("recompute", JANUARY).data["changed_since_last"] or [None]
    assert change is None
    programme.run("undo")
    assert programme.run("undo").data["undone"]["verb"] == "bulletin"
    assert sent(programme) == []
    assert path_of(programme).is_file()
    programme.run("recompute", JANUARY)
    assert programme.run("bulletin", final="").data["number"] == "1"


def test_what_went_out_is_in_the_archive_too(programme):
    programme.run("bulletin")
    programme.run("bulletin", final="")
    before = sent(programme)
    (programme.folder / LEDGER).unlink()
    programme.run("rebuild")
    assert sent(programme) == before


def test_a_draft_whose_figures_are_no_longer_so_does_not_go_out(programme):
    programme.run("bulletin")
    correct(programme, I01=99)
    programme.run("recompute", JANUARY)
    with pytest.raises(Refused, match="不是现在的数"):
        programme.run("bulletin", final="")
    programme.run("bulletin")
    programme.run("bulletin", final="")


def test_a_document_of_staff_s_own_goes_out_with_a_word(programme):
    programme.run("bulletin")
    path_of(programme).write_bytes(document(para("第8期")))
    said = programme.run("bulletin", final="", number="8")
    assert any("不带生成时的记号" in line for line in said.lines)
    assert sent(programme)[0][0].number == "8"


def test_a_number_is_given_once(programme):
    programme.run("bulletin", number="5")
    assert "第5期" in lines_of(path_of(programme).read_bytes())
    programme.run("bulletin", final="")
    assert programme.run("bulletin").data["number"] == "6"
    with pytest.raises(Refused, match="--number"):
        programme.run("bulletin", number="5")


def test_which_one_goes_out_is_never_guessed(programme):
    programme.run("bulletin")
    edit(path_of(programme))
    programme.run("bulletin")
    with pytest.raises(Refused, match=r"_2024-01.docx（改过）、.*_2.docx（没有改过）"):
        programme.run("bulletin", final="")
    path_of(programme, 2).unlink()
    path_of(programme).with_name(".~lock.通报_2024-01.docx#").write_bytes(b"")
    with pytest.raises(Refused, match="保存并关闭"):
        programme.run("bulletin", final="")
    path_of(programme).with_name(".~lock.通报_2024-01.docx#").unlink()
    assert programme.run("bulletin", final="").data["file"] == str(path_of(programme))


def test_there_has_to_be_something_to_go_out(programme):
    with pytest.raises(Refused, match="还没有通报"):
        programme.run("bulletin", final="")
    with pytest.raises(Misused):
        programme.run("bulletin", final="", template="x.docx")


def test_the_template_is_the_office_s_own(programme, tmp_path):
    programme.run("bulletin")
    own = programme.folder / TEMPLATES / "通报.docx"
    own.write_bytes(document(para("本单位的通报【期号】，{{7*7}}")))
    programme.run("bulletin")
    assert lines_of(path_of(programme).read_bytes()) == ["本单位的通报1，{{7*7}}"]
    other = tmp_path / "另一个.docx"
    other.write_bytes(document(para("【期 号】【得分】")))
    with pytest.raises(Refused, match="【得分】") as refused:
        programme.run("bulletin", template=str(other))
    assert str(other) in refused.value.message
    for data, word in ((b"PK", "损坏"), (b"\xd0\xcf\x11\xe0", "另存为 .docx")):
        other.write_bytes(data)
        with pytest.raises(Refused, match=word):
            programme.run("bulletin", template=str(other))
    with pytest.raises(Refused, match="没有这个模板"):
        programme.run("bulletin", template=str(tmp_path / "没有.docx"))


def test_nothing_reported_is_told_as_that(tmp_path):
    programme = SmallProgramme(tmp_path / "年度 任务")
    programme.run("recompute", JANUARY)
    programme.run("bulletin")
    lines = lines_of(path_of(programme).read_bytes())
    assert "截至1月底，还没有计入的数据，各项任务的进度待数据报齐后通报。" in lines
    assert "1月应报4个区县，都还没有报送。" in lines
    assert "4个区县中还没有数据齐全的，本期不作比较。" in lines
    assert any(line.startswith("数据不全的4个") for line in lines)
    assert all(name in "".join(lines) for name in ("甲县", "丁县"))


def test_a_pdf_is_made_of_what_went_out_and_only_of_that(programme, monkeypatch):
    seen = []

    def convert(document, target):
        seen.append(document)
        target.write_bytes(b"%PDF")

    monkeypatch.setattr(pdf, "converters", lambda: [pdf.Converter("替身", convert)])
    assert programme.run("bulletin").data["pdf"] is None
    assert programme.run("bulletin", final="").data["pdf"] == str(
        path_of(programme).with_suffix(".pdf")
    )
    assert seen == [path_of(programme)]
