"""Packages for groups of a chat program: each district's own form, texts that can be pasted, nothing lost.

Proves also services/given_files.py.
"""

from datetime import datetime

import pytest

from tests.tools.mail_programme import MONTH, MailProgramme
from xl_addin.model.folder import FORMS, PACKAGES
from xl_addin.services.packages import REMIND_TEXT, SEND_TEXT
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import collect, distribute, remind


@pytest.fixture
def programme(tmp_path, postoffice):
    return MailProgramme(tmp_path / "任务", postoffice, 3, mail_address=None).distribute_forms()


def laid(programme):
    """What lies in each package, by folder."""
    place = programme.folder / PACKAGES / MONTH
    found = {}
    for path in sorted(place.rglob("*")) if place.is_dir() else []:
        if path.is_file():
            found.setdefault(path.parent.name, {})[path.name] = path.read_bytes()
    return found


def text(data):
    assert data.startswith(b"\xef\xbb\xbf")
    return data.decode("utf-8-sig").replace("\r\n", "\n")


def test_each_district_has_its_form_and_all_have_one_folder_together(programme):
    report = programme.run(distribute, packages="")
    found = laid(programme)
    assert report.clean
    assert len(found) == 4
    for district in programme.districts:
        own = found[f"{district.code}_{district.name}"]
        forms = {name: data for name, data in own.items() if name.endswith(".xlsx")}
        assert list(forms.values()) == [programme.form(district)]
        assert text(own[SEND_TEXT]).startswith("【填报】重点工作：2023年6月任务进度填报表\n")
        assert f"{district.name}：\n" in text(own[SEND_TEXT])
        assert "回复本邮件" not in text(own[SEND_TEXT])
        assert f"2023年6月：{district.name}" in text(own[REMIND_TEXT])
        assert "{" not in text(own[SEND_TEXT]) + text(own[REMIND_TEXT])
    everybody = found["各区县（发到群里）"]
    assert sum(name.endswith(".xlsx") for name in everybody) == 3
    assert "各用各的" in text(everybody[SEND_TEXT])
    assert REMIND_TEXT not in everybody


def test_what_is_pasted_later_does_not_speak_of_the_day_it_was_written(programme):
    programme.run(distribute, at=datetime(2023, 6, 25), packages="")
    assert "到2023年7月5日" in text(laid(programme)["500201_第1区"][REMIND_TEXT])


def test_done_again_it_is_the_same_and_what_staff_put_there_stays(programme):
    programme.run(distribute, packages="")
    own = programme.folder / PACKAGES / MONTH / "500201_第1区" / "备忘.txt"
    own.write_text("x")
    before = laid(programme)
    programme.run(distribute, packages="")
    assert laid(programme) == before


def test_groups_are_named_and_unknown_districts_refused(programme):
    programme.run(distribute, packages="", group="东片=500201、第2区\n西片=500203")
    found = laid(programme)
    assert {name: len(files) for name, files in found.items() if "片" in name} == {
        "东片": 3,
        "西片": 3,
    }
    for wrong in ("东片=500299", "东片", "=500201"):
        with pytest.raises(Misused, match="--group"):
            programme.run(distribute, packages="", group=wrong)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_groups_stand_in_a_text_file_for_who_has_no_command_line(programme, encoding):
    place = programme.folder / PACKAGES
    place.mkdir()
    (place / "分群.txt").write_bytes("东片＝500201、第2区\r\n\r\n西片=500203\r\n".encode(encoding))
    report = programme.run(distribute, packages="")
    assert any("分群.txt" in line for line in report.lines)
    assert {name: len(files) for name, files in laid(programme).items() if "50" not in name} == {
        "东片": 3,
        "西片": 3,
    }


@pytest.mark.parametrize("wrong", ["东片=第9区", "东片", "=500201"])
def test_a_line_of_that_file_that_says_nothing_is_told_with_its_words(programme, wrong):
    place = programme.folder / PACKAGES
    place.mkdir()
    (place / "分群.txt").write_text(f"西片=500203\n{wrong}\n")
    with pytest.raises(Refused, match=f"分群.txt”：“{wrong}”"):
        programme.run(distribute, packages="")
    assert laid(programme) == {}


def test_forms_themselves_are_made_for_all_or_none(programme):
    for option in ("district", "group"):
        with pytest.raises(Misused, match="--packages"):
            programme.run(distribute, **{option: "500201"})


def test_one_district_alone_has_its_folder_alone(programme):
    programme.run(distribute, packages="", district="第2区")
    assert list(laid(programme)) == ["500202_第2区"]


def test_a_form_that_somebody_filled_in_is_not_given_out(programme):
    first = programme.districts[0]
    path = next((programme.folder / FORMS / MONTH).glob(f"*_{first.code}_*"))
    path.write_bytes(programme.filled(first))
    report = programme.run(distribute, packages="")
    assert not report.clean
    assert [each["district"] for each in report.data["skipped"]] == ["第1区"]
    assert "500201_第1区" not in laid(programme)
    assert all(programme.filled(first) not in files.values() for files in laid(programme).values())


def test_a_rehearsal_writes_nothing_and_without_forms_it_is_refused(programme):
    assert programme.run(distribute, packages="", rehearse=True).data["packages"]
    assert laid(programme) == {}
    with pytest.raises(Refused, match="生成填报表"):
        programme.run(distribute, month="2023-07", packages="")


def test_packages_are_no_step_that_undo_takes_back(programme):
    before = programme.query("SELECT COUNT(*) FROM events")
    programme.run(distribute, packages="")
    assert programme.query("SELECT COUNT(*) FROM events") == before


def test_one_message_names_who_is_missing_and_mails_nothing(programme, postoffice):
    first, second, _ = programme.districts
    inbox = programme.folder / "回收"
    inbox.mkdir(exist_ok=True)
    (inbox / "一.xlsx").write_bytes(programme.filled(first))
    (inbox / "二.xlsx").write_bytes(programme.filled(second, figures=(-1, 5, 2)))
    programme.run(collect)
    programme.distribute_forms("2023-05")
    report = programme.run(remind, text="")
    said = report.data["text"]
    assert "还有 3 个区县没有报齐" in said
    assert "2023年5月（截止 2023年6月5日，3 个）：第1区、第2区、第3区\n" in said
    assert "2023年6月（截止 2023年7月5日，2 个）：第2区（要改）、第3区\n" in said
    assert said in report.lines
    path = programme.folder / PACKAGES / MONTH / f"{MONTH} 催报文字.txt"
    assert text(path.read_bytes()) == said
    assert postoffice.logins == []
    assert programme.query("SELECT COUNT(*) FROM sendings") == [(0,)]


def test_nobody_missing_is_no_message(programme):
    inbox = programme.folder / "回收"
    inbox.mkdir(exist_ok=True)
    for district in programme.districts:
        (inbox / f"{district.code}.xlsx").write_bytes(programme.filled(district))
    programme.run(collect)
    report = programme.run(remind, text="")
    assert report.data["text"] is None
    assert "没有要催的" in report.outcome
    assert programme.run(remind, text="", rehearse=True).clean
