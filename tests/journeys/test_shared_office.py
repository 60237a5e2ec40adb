"""A ledger that several share: the same months as with a file, from two folders, whatever breaks off on the way.

Proves also store/shared.py, store/moving.py, store/copying.py, verbs/move_ledger.py and verbs/join.py.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from tests.tools import mail_programme
from tests.tools.mail_programme import MailProgramme
from tests.tools.postgresql import Proxy
from tests.tools.postoffice import PostOffice
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.shared import ask, lead_through, schema_in, second_office, share
from tests.tools.shared_office import TwoOffices
from tests.tools.sql import rows
from tests.tools.systems import KILLED
from xl_addin.master.macros.binding import CONF_SHEET
from xl_addin.model.folder import ARCHIVE, BACKUPS, LEDGER, MASTER, RUN_LOGS, SHARED_LEDGER
from xl_addin.model.sheets import JOURNAL_SHEET, SETTINGS_BLOCK, SETTINGS_SHEET
from xl_addin.services.programme import Request
from xl_addin.store import postgresql as sessions
from xl_addin.store import shared
from xl_addin.store.moving import keep_password, programmes_on
from xl_addin.store.place import master_of
from xl_addin.system.errors import Refused
from xl_addin.verbs import function_of, status

ROOT = Path(__file__).parents[2]
ACCEPTED = "SELECT sha256, COUNT(*) FROM receipts WHERE verdict='accepted' GROUP BY 1"
JANUARY, FEBRUARY = MONTHS[:2]


@pytest.fixture
def office(tmp_path, postgresql):
    """A programme with the forms of January out, its ledger on the server with the first version of the settings."""
    made = SmallProgramme(tmp_path / "甲 办公室" / "年度")
    made.run("distribute")
    share(made, postgresql).run("check")
    return made


def shown(made):
    """What stands on every sheet but the journal, which tells of the moving, and the version of the settings."""
    with closing(CalamineWorkbook.from_path(str(made.folder / MASTER))) as book:
        return {
            name: book.get_sheet_by_name(name).to_python()
            for name in book.sheet_names
            if name not in (JOURNAL_SHEET, CONF_SHEET)
        }


def program(folder, *words, failpoint=""):
    environment = {**os.environ, "XL_ADDIN_FAILPOINT": failpoint, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "xl_addin", *words, "--folder", str(folder)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def verified(made):
    report = made.run("verify")
    assert report.clean, report.lines
    return report.data["checked"]


def test_two_months_come_to_the_same_sheets_as_with_a_file(tmp_path, postgresql):
    made = []
    for name in ("file", "server"):
        one = SmallProgramme(tmp_path / name / "年度")
        if name == "server":
            share(one, postgresql)
        for month in (JANUARY, FEBRUARY):
            one.run("distribute", month)
            for number in range(3):
                figures = {**FIGURES, "I01": 10.1 + number, "I04": -1 if number == 2 else 0}
                one.send(f"{number}.xlsx", number, figures, month)
            one.run("collect", month)
            one.run("undo", month)
            one.send("2.xlsx", 2, FIGURES, month)
            one.run("collect", month)
            one.run("settle", month)
            one.run("recompute", month)
            one.run("status", month)
        one.run("close", JANUARY)
        one.run("recompute", FEBRUARY)
        assert one.run("verify", FEBRUARY).clean
        one.run("rebuild", FEBRUARY)
        one.run("recompute", FEBRUARY)
        assert one.run("verify", FEBRUARY).clean
        assert not one.run("check", FEBRUARY).data["problems"]
        made.append(one)
    assert shown(made[1]) == shown(made[0])
    assert not (made[1].folder / LEDGER).exists()


def test_what_one_office_collects_the_other_has_verifies_and_traces(office, tmp_path, postgresql):
    other = second_office(office, tmp_path / "乙 办公室")
    paths = [each.folder / SHARED_LEDGER for each in (office, other)]
    assert len({master_of(path) for path in paths}) == 2
    assert [master_of(path) for path in paths] == [master_of(path) for path in paths]
    office.send("一.xlsx", 0)
    office.collect()
    # The same file again, and one of its own.
    other.put("一.xlsx", (office.folder / "回收" / JANUARY / "一.xlsx").read_bytes())
    other.send("二.xlsx", 1)
    verdicts = {name: found["verdict"] for name, found in other.collect().items()}
    assert verdicts == {"一.xlsx": "duplicate", "二.xlsx": "accepted"}
    assert {count for _, count in ask(office, postgresql, ACCEPTED)} == {1}
    for each in (office, other):
        each.run("recompute")
        assert verified(each)["files"] == 2
    verified(office)
    assert shown(office) == shown(other)
    pages = {name.name for name in (office.folder / ARCHIVE / RUN_LOGS).iterdir()}
    assert pages == {name.name for name in (other.folder / ARCHIVE / RUN_LOGS).iterdir()}
    # An archive that is gone or spoilt is brought from the database.
    kept = next(iter((other.folder / ARCHIVE).glob("*.xlsx")))
    kept.write_bytes(b"spoilt")
    verified(other)
    other.run("rebuild")
    verified(office)


def test_each_undoes_its_own_run_and_none_that_another_built_on(office, tmp_path):
    other = second_office(office, tmp_path / "乙")
    office.send("一.xlsx", 0)
    office.collect()
    with pytest.raises(Refused, match=r"没有可以撤销|“生成填报表”"):
        other.run("undo", FEBRUARY)
    other.send("二.xlsx", 1)
    other.collect()
    with pytest.raises(Refused, match=r"导入文件夹.*在别的电脑上又做了.*2024-01"):
        office.run("undo")
    assert "导入文件夹" in other.run("undo").outcome
    assert "导入文件夹" in office.run("undo").outcome


def test_a_colleagues_totals_stop_no_undo_and_he_is_named_who_has_to_work_them_out_anew(
    office, tmp_path
):
    other = second_office(office, tmp_path / "乙")
    office.send("一.xlsx", 0)
    office.collect()
    office.run("recompute")
    other.run("recompute", FEBRUARY)
    told = office.run("undo")  # of the totals in this master, which nobody else shows
    assert ("重算" in told.outcome, told.clean) == (True, True)
    told = office.run("undo")
    assert ("导入文件夹" in told.outcome, told.clean) == (True, False)
    assert "2024-02" in told.lines[0]
    assert "请他们再点一次“重算”" in told.lines[0]
    other.run("recompute")
    assert verified(other)["cells"]
    # What is counted on it does.
    office.collect()
    other.send("二.xlsx", 1)
    other.collect()
    with pytest.raises(Refused, match=r"导入文件夹.*也动了它管的月份"):
        office.run("undo")


def test_who_waits_is_told_who_is_at_work(office, tmp_path, monkeypatch):
    other = second_office(office, tmp_path / "乙")
    other.send("二.xlsx", 1)
    monkeypatch.setitem(sessions._OPTIONS, "lock_timeout", "50ms")
    programme = office.open_programme()
    programme.doing = "汇总"
    monkeypatch.setattr(programme, "person", lambda: "李四")
    with programme.ledger.writing(), pytest.raises(Refused, match="正由李四汇总；请等它结束"):
        other.collect()
    programme.close()
    assert other.collect()["二.xlsx"]["verdict"] == "accepted"


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_commit_that_nobody_answered_is_decided_by_its_token(office, postgresql, how):
    wanted = [how]
    proxy = Proxy(postgresql.port, lambda: wanted.pop() if wanted else "")
    office.send("一.xlsx", 0)
    events = ask(office, postgresql, "SELECT COUNT(*) FROM events")[0][0]
    wanted[:] = [how]
    lead_through(office, proxy.url)
    if how == "before":
        with pytest.raises(Refused, match="没有记入"):
            office.collect()
        assert ask(office, postgresql, ACCEPTED) == []
        events -= 1
    else:
        assert office.collect()["一.xlsx"]["verdict"] == "accepted"
    assert proxy.cuts == [how]
    again = office.collect()["一.xlsx"]["verdict"]
    assert again == ("accepted" if how == "before" else "duplicate")
    assert ask(office, postgresql, "SELECT COUNT(*) FROM events")[0][0] == events + 2
    assert [count for _, count in ask(office, postgresql, ACCEPTED)] == [1]
    office.run("recompute")
    verified(office)
    proxy.close()


def test_a_server_that_stays_away_in_a_commit_leaves_it_open_and_nothing_twice(
    office, postgresql, monkeypatch
):
    monkeypatch.setattr(shared, "_PATIENCE", 0.0)
    proxy = Proxy(postgresql.port, lambda: "after")
    office.send("一.xlsx", 0)
    url = office.folder / SHARED_LEDGER
    before = url.read_bytes()
    lead_through(office, proxy.url)

    def gone():
        proxy.close()
        return "after"

    proxy._cut = gone
    with pytest.raises(Refused, match="不知道这次记入了没有"):
        office.collect()
    url.write_bytes(before)
    assert office.collect()["一.xlsx"]["verdict"] == "duplicate"
    assert [count for _, count in ask(office, postgresql, ACCEPTED)] == [1]
    office.run("recompute")
    verified(office)


def test_a_session_that_is_ended_in_the_midst_of_a_run_leaves_nothing(office, postgresql):
    office.send("一.xlsx", 0)
    programme = office.open_programme()

    def write():
        with programme.ledger.writing():
            programme.ledger.add_event(programme.now(), "collect", JANUARY, "x", "y")
            postgresql.end_sessions()

    with pytest.raises(Refused, match="没有记入；底账所在的数据库服务器断开了"):
        write()
    # The same programme goes on once the server is there again.
    assert programme.ledger.events(1)[0].outcome != "x"
    with programme.ledger.writing():
        programme.ledger.add_event(programme.now(), "collect", JANUARY, "z", "y")
    programme.close()
    verified(office)


def test_who_is_cut_off_while_waiting_waits_once_more(office, tmp_path, postgresql):
    other = second_office(office, tmp_path / "乙")
    other.send("二.xlsx", 1)
    waits = "SELECT 1 FROM pg_locks WHERE locktype='advisory' AND NOT granted"
    with ThreadPoolExecutor(1) as hands, closing(office.open_programme()) as programme:

        def write():
            with programme.ledger.writing():
                programme.ledger.add_event(programme.now(), "collect", JANUARY, "x", "y")
                collected = hands.submit(other.collect)
                while not ask(office, postgresql, waits):
                    assert not collected.done()
                postgresql.end_sessions()
                assert collected.result()["二.xlsx"]["verdict"] == "accepted"

        with pytest.raises(Refused, match="没有记入"):
            write()
    assert [count for _, count in ask(office, postgresql, ACCEPTED)] == [1]


def test_who_is_cut_off_while_only_looking_looks_once_more(office, postgresql, monkeypatch):
    office.send("一.xlsx", 0)
    office.collect()
    look, cuts = status.call_roll, []

    def cut(programme):
        if not cuts:
            cuts.append(postgresql.end_sessions())
        return look(programme)

    monkeypatch.setattr(status, "call_roll", cut)
    assert office.run("status").data["accepted"] == 1
    assert len(cuts) == 1


@pytest.mark.parametrize("point", ["shared.kept", "ledger.committed"])
def test_a_client_that_is_killed_leaves_a_run_or_none(office, postgresql, point):
    office.send("一.xlsx", 0)
    words = ("collect", "--month", JANUARY)
    assert program(office.folder, *words, failpoint=point).returncode == KILLED
    assert program(office.folder, *words).returncode == 0
    assert [count for _, count in ask(office, postgresql, ACCEPTED)] == [1]
    office.run("recompute")
    verified(office)


@pytest.mark.parametrize("point", ["move.committed", "move.led"])
def test_a_move_that_is_killed_leaves_one_ledger_that_counts_and_is_done_again(
    tmp_path, postgresql, point
):
    made = SmallProgramme(tmp_path / "年度")
    made.run("distribute")
    with psycopg.connect(postgresql.url, autocommit=True) as db:
        db.execute(f"DROP SCHEMA IF EXISTS {schema_in(made)} CASCADE")
    words = ("move-ledger", postgresql.url)
    assert program(made.folder, *words, failpoint=point).returncode == KILLED
    made.run("status")
    assert (made.folder / SHARED_LEDGER).exists() == (point == "move.led")
    done = program(made.folder, *words)
    assert done.returncode == 0, done.stderr
    made.send("一.xlsx", 0)
    made.collect()
    made.run("recompute")
    verified(made)


def test_a_move_back_that_is_killed_is_finished(office, postgresql):
    office.send("一.xlsx", 0)
    office.collect()
    office.run("recompute")
    words = ("move-ledger", str(office.folder))
    assert program(office.folder, *words, failpoint="move.committed").returncode == KILLED
    with pytest.raises(Refused, match="还差最后一步"):
        office.run("distribute", FEBRUARY)
    assert program(office.folder, *words).returncode == 0
    assert not (office.folder / SHARED_LEDGER).exists()
    verified(office)
    assert rows(office.folder / LEDGER, ACCEPTED)[0][1] == 1
    # And once more to the server, where the former one is set aside.
    assert "一样" in office.run("move-ledger", "", postgresql.url).outcome
    verified(office)


def test_a_move_refuses_a_ledger_that_is_used(office, tmp_path, postgresql):
    backup = next((office.folder / BACKUPS).glob("ledger-*.db"))
    stray = second_office(office, tmp_path / "旧")
    (stray.folder / SHARED_LEDGER).unlink()
    (stray.folder / LEDGER).write_bytes(backup.read_bytes())
    with pytest.raises(Refused, match=r"有人用过|rebuild"):
        stray.run("move-ledger", "", postgresql.url)


def test_new_on_a_server_and_a_colleague_who_joins(tmp_path, postgresql):
    made = SmallProgramme(tmp_path / "table" / "年度")
    folder, other = tmp_path / "甲", tmp_path / "乙"
    table = made.folder.parent / "任务表.xlsx"
    words = ("--task-table", str(table), "--year", "2024", "--ledger", postgresql.url)
    done = subprocess.run(
        [sys.executable, "-m", "xl_addin", "new", str(folder), *words],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    one = SmallProgramme(folder)
    name = schema_in(one).removeprefix("xl_")
    assert program(other, "join", postgresql.url, "--programme", name).returncode == 0
    two = SmallProgramme(other)
    one.run("distribute")
    two.send("一.xlsx", 0)
    assert two.collect()["一.xlsx"]["verdict"] == "accepted"
    for each in (one, two):
        each.run("recompute")
        verified(each)
    assert shown(one) == shown(two)


def test_who_joins_goes_by_the_settings_of_all_and_the_one_that_moved_is_asked_nothing(
    tmp_path, postgresql
):
    made = share(SmallProgramme(tmp_path / "甲" / "年度"), postgresql)
    made.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "截止日", "值", 8)
    name = schema_in(made).removeprefix("xl_")
    other = SmallProgramme.__new__(SmallProgramme)
    other.folder, other.clock = tmp_path / "乙", made.clock
    assert made.run("check").data["shared_settings"]["version"] == 2
    assert "第 2 版" in other.run("join", "", postgresql.url, programme=name).outcome
    report = other.run("status")
    assert report.data["shared_settings"]["version"] == 2
    assert report.data["shared_settings"]["changes"] == []
    assert other.open_programme().config == made.open_programme().config


@pytest.mark.parametrize("point", ["join.led", "join.laid"])
def test_a_join_that_is_killed_is_finished_by_the_next_and_goes_by_the_settings_of_all(
    tmp_path, postgresql, point
):
    made = share(SmallProgramme(tmp_path / "甲" / "年度"), postgresql)
    made.set_cell(SETTINGS_SHEET, SETTINGS_BLOCK, "截止日", "值", 8)
    made.run("check")
    words = ("join", postgresql.url, "--programme", schema_in(made).removeprefix("xl_"))
    folder = tmp_path / "乙"
    assert program(folder, *words, failpoint=point).returncode == KILLED
    assert program(folder, *words).returncode == 0
    other = SmallProgramme(folder)
    assert other.open_programme().config == made.open_programme().config
    assert other.run("status").data["shared_settings"]["changes"] == []
    # It is finished now, and nobody's work is laid over.
    assert "不会覆盖" in program(folder, *words).stderr


def test_what_was_moved_away_is_not_shown_nor_made_anew_on_the_server(office, tmp_path):
    other = second_office(office, tmp_path / "乙")
    office.run("move-ledger", "", ".")
    for verb in ("status", "verify", "rebuild", "trace"):
        with pytest.raises(Refused, match="已经从这个数据库搬到"):
            other.run(verb)
    assert "搬到" in told_by_doctor(other)


def told_by_doctor(made):
    found = made.run("doctor").data["checks"]
    return next(f"{e['state']} {e['message']}" for e in found if e["code"] == "ledger")


def test_doctor_tells_what_keeps_us_from_the_server(office):
    path = office.folder / SHARED_LEDGER
    kept = path.read_text()
    lead_through(office, "postgresql://postgres@127.0.0.1:1/postgres")
    assert told_by_doctor(office).startswith("error")
    assert "连不上" in told_by_doctor(office)
    path.write_text(kept[:20])
    assert "读不懂" in told_by_doctor(office)


def test_rebuild_is_none_of_a_later_program_and_of_no_folder_that_lost_its_way(office, postgresql):
    path = office.folder / SHARED_LEDGER
    later = "UPDATE schema_version SET version=version+{}"
    ask(office, postgresql, later.format(1))
    with pytest.raises(Refused, match="更新版本"):
        office.run("rebuild")
    ask(office, postgresql, later.format(-1))
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(Refused, match="几台电脑共用"):
        office.run("rebuild")
    assert not (office.folder / LEDGER).exists()
    path.write_bytes(kept)
    verified(office)


def test_runs_that_a_restored_server_lost_are_told_when_others_went_on(office, tmp_path):
    pages = office.folder / ARCHIVE / RUN_LOGS
    last = max(pages.glob("*.jsonl"))
    ours = last.read_bytes()
    last.write_bytes(ours + b"\n")  # as if the server had another one of this number
    with pytest.raises(Refused, match=last.name):
        office.run("recompute")
    last.rename(tmp_path / "aside")
    (pages / "000001.jsonl").unlink()
    office.run("recompute")
    assert last.read_bytes() == ours
    verified(office)


def test_what_a_server_that_came_back_shows_is_told_as_old_where_it_is(
    office, tmp_path, postgresql
):
    """A server that came back is asked anew; one that came back with an older state says so to all who saw later."""
    other = second_office(office, tmp_path / "乙")
    office.send("一.xlsx", 0)
    office.collect()
    with closing(other.open_programme()) as programme:
        assert programme.ledger.outdated() == ""
        backup = _schema(office, postgresql)
        office.send("二.xlsx", 1)
        office.collect()
        postgresql.stop("immediate")
        postgresql.start()
        told = function_of("status")(programme, Request(month=JANUARY))
        assert (told.data["accepted"], told.data["missing"]) == (2, ["丙县", "丁县"])
        assert not any("归档" in line for line in told.lines)
    _restore(office, postgresql, backup)
    for each in (office, other):
        told = each.run("status")
        assert (told.data["accepted"], told.clean) == (1, False)
        assert "底账比归档旧" in told.lines[0]
        assert "不是最新的" in told.lines[0]
        with pytest.raises(Refused, match="底账比归档旧"):
            each.collect()
    office.run("rebuild")
    for each in (office, other):
        told = each.run("status")
        assert (told.data["accepted"], len(told.lines)) == (2, 1)


def _tool(postgresql, program, *words):
    done = subprocess.run(
        [str(postgresql.programs / program), "-d", postgresql.url, *words],
        capture_output=True,
        check=True,
    )
    return done.stdout


def _schema(made, postgresql):
    """A backup of a programme as an administrator makes it."""
    return _tool(postgresql, "pg_dump", "-Fc", "-n", schema_in(made))


def _restore(made, postgresql, backup):
    path = made.folder.parent / "backup"
    path.write_bytes(backup)
    ask(made, postgresql, f"DROP SCHEMA {schema_in(made)} CASCADE")
    _tool(postgresql, "pg_restore", str(path))


@pytest.mark.parametrize("verb", ["move-ledger", "join", "new"])
def test_an_address_that_leads_nowhere_is_told_as_the_address(tmp_path, postgresql, verb):
    made = SmallProgramme(tmp_path / "年度")
    url = postgresql.url.removesuffix("postgres") + "nowhere"
    words = (url,)
    if verb == "new":
        table = str(made.folder.parent / "任务表.xlsx")
        words = ("--task-table", table, "--year", "2024", "--ledger", url)
    folder = made.folder if verb == "move-ledger" else tmp_path / "空"
    done = program(folder, verb, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{url}：没有这个数据库")
    assert not (tmp_path / "空").exists()


def test_a_user_without_the_rights_is_told_which_before_anything_is_made(
    office, tmp_path, postgresql
):
    ask(office, postgresql, "CREATE ROLE guest LOGIN")
    try:
        ask(office, postgresql, "REVOKE CREATE ON DATABASE postgres FROM guest")
        guest = postgresql.url.replace("postgres@", "guest@")
        made = SmallProgramme(tmp_path / "年度")
        with pytest.raises(Refused, match="CREATE"):
            made.run("move-ledger", "", guest)
        assert (made.folder / LEDGER).exists()
        with pytest.raises(Refused, match="没有权限读"):
            programmes_on(guest)
        ask(office, postgresql, "ALTER ROLE guest SET default_transaction_read_only=on")
        with pytest.raises(Refused, match="只能读"):
            programmes_on(guest)
    finally:
        ask(office, postgresql, "DROP ROLE guest")


def test_a_password_that_is_wrong_is_not_kept_and_without_a_keyring_one_is_told_where(monkeypatch):
    import keyring
    from keyring.backends.fail import Keyring

    url = "postgresql://postgres@127.0.0.1:1/postgres"
    monkeypatch.setattr(keyring, "set_password", lambda *_: pytest.fail("kept"))
    with pytest.raises(Refused, match="连不上"):
        programmes_on(url, "geheim")
    monkeypatch.setattr(keyring, "set_password", Keyring().set_password)
    with pytest.raises(Refused, match="pgpass"):
        keep_password(url, "geheim")


def test_no_password_stands_in_the_folder(tmp_path, postgresql, monkeypatch):
    import keyring

    kept = {}
    monkeypatch.setattr(keyring, "set_password", lambda *said: kept.update({said[:2]: said[2]}))
    monkeypatch.setattr(keyring, "get_password", lambda *asked: kept.get(asked))
    made = SmallProgramme(tmp_path / "年度")
    with psycopg.connect(postgresql.url, autocommit=True) as db:
        db.execute(f"DROP SCHEMA IF EXISTS {schema_in(made)} CASCADE")
    made.run("move-ledger", "", postgresql.url.replace("postgres@", "postgres:geheim%40@"))
    assert list(kept.values()) == ["1:geheim@"]
    assert not [p for p in made.folder.rglob("*") if p.is_file() and b"geheim" in p.read_bytes()]


def test_two_offices_at_once_with_cuts_and_kills_lose_nothing(tmp_path, postgresql):
    """A small piece of ``tests.tools.shared_office``."""
    both = TwoOffices(tmp_path, postgresql, files=4, seed=3)
    for at in (0, 1):
        both.send(at)
        both.send(at)
    with ThreadPoolExecutor(2) as hands:
        first = hands.submit(both.press, 0, "collect", JANUARY, kill=True)
        second = hands.submit(both.press, 1, "collect", JANUARY)
        first.result()
        postgresql.end_sessions()
        second.result()
    both.finish()
    both.close()


def test_one_office_at_a_time_sends_letters(tmp_path, postgresql):
    """Two that had planned the same letters at once would have sent each of them twice."""
    made = MailProgramme(tmp_path / "甲", PostOffice(), 2, mail_way="邮件文件").distribute_forms()
    assert program(made.folder, "move-ledger", postgresql.url).returncode == 0
    shutil.copytree(made.folder, tmp_path / "乙")
    send = tmp_path / "乙", "send", "--month", mail_programme.MONTH
    with closing(made.open_programme()) as one:
        with one.ledger.sending():
            told = program(*send)
            assert (told.returncode, "别的电脑上正由" in told.stderr) == (2, True), told.stderr
            assert not list((tmp_path / "乙").rglob("*.eml"))
        assert program(*send).returncode == 0
        assert len(list((tmp_path / "乙").rglob("*.eml"))) == 2
