"""The mail verbs from the command line: codes, Chinese, passwords that show nowhere."""

import json
import sys

import pytest

from tests.tools import mail_programme
from tests.tools.mail_programme import MONTH, MailProgramme
from tests.tools.mailservers import PASSWORD
from xl_addin.cli import main
from xl_addin.mail import account
from xl_addin.verbs import check, password


@pytest.fixture
def programme(tmp_path, mail, monkeypatch):
    mail_programme.environment(monkeypatch)
    return MailProgramme(tmp_path / "任务 2023", mail, 2).distribute_forms()


def call(programme, capfd, verb, *more):
    capfd.readouterr()
    code = main([verb, "--folder", str(programme.folder), "--month", MONTH, "--json", *more])
    out, err = capfd.readouterr()
    return code, json.loads(out), err


def test_codes_and_json(programme, capfd):
    code, said, err = call(programme, capfd, "send", "--rehearse")
    assert (code, err) == (0, "")
    assert [each["state"] for each in said["letters"]] == ["pending", "pending"]
    code, said, _ = call(programme, capfd, "send")
    assert (code, said["counts"]) == (0, {"sent": 2})
    assert call(programme, capfd, "return")[0] == 0
    code, said, _ = call(programme, capfd, "remind")
    assert (code, said["counts"]) == (0, {"sent": 2})
    programme.set(smtp_host=None)
    code, said, err = call(programme, capfd, "send", "--again")
    assert code == 2
    assert said["problems"][0]["code"] == "setting-needed"
    assert "SMTP 服务器" in err


def test_a_district_without_a_mailbox_is_code_1(programme, capfd):
    programme.servers.relay.rcpt[programme.box(programme.districts[0])] = ["550 5.1.1 unknown*"]
    assert call(programme, capfd, "send")[0] == 1


def test_a_form_must_exist_before_it_is_sent(programme, capfd):
    code, said, _ = call(programme, capfd, "send", "--month", "2023-05")
    assert code == 2
    assert "distribute" in said["error"]


def test_no_password_stands_in_the_folder_or_on_the_screen(programme, capfd):
    call(programme, capfd, "send")
    call(programme, capfd, "return")
    out = capfd.readouterr()
    assert PASSWORD not in out.out + out.err
    for path in programme.folder.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes()


def test_check_tells_what_is_wrong_with_mail_settings_and_letters(programme):
    programme.set(smtp_port=0)
    programme.edit({"信件": {(5, 3): "{不存在}"}})
    codes = {problem["code"] for problem in programme.run(check).data["problems"]}
    assert {"bad-smtp-port", "field-unknown"} <= codes


def test_passwords_are_asked_for_without_showing_them(programme, monkeypatch, capfd):
    kept, asked = {}, []
    answers = iter(["授权码一", ""])
    monkeypatch.setattr(sys, "stdin", type("Tty", (), {"isatty": lambda _: True})())
    monkeypatch.setattr(password, "getpass", lambda prompt: asked.append(prompt) or next(answers))
    monkeypatch.setattr(
        password, "store_password", lambda s, secret: kept.update({s.protocol: secret})
    )
    report = programme.run(password)
    assert kept == {account.SMTP: "授权码一", account.IMAP: "授权码一"}
    assert len(asked) == 2
    assert "授权码一" not in report.outcome + "".join(asked) + capfd.readouterr().err


def test_a_button_cannot_ask_for_a_password(programme, monkeypatch):
    monkeypatch.setattr(sys, "stdin", type("Pipe", (), {"isatty": lambda _: False})())
    with pytest.raises(password.Refused, match="xl-addin password"):
        programme.run(password)
