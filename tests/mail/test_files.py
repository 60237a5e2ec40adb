"""Mail files that any program opens: one per district, still to be sent, the same each time."""

from email import message_from_bytes
from email.policy import default

import pytest

from tests.tools import mail_programme
from tests.tools.mail_programme import MONTH, MailProgramme
from xl_addin.model.folder import ARCHIVED_MAIL
from xl_addin.system.errors import Refused
from xl_addin.verbs import send

FILES = {"mail_way": "邮件文件", "smtp_host": None, "imap_host": None, "mail_ca_file": None}


@pytest.fixture
def programme(tmp_path, postoffice):
    return MailProgramme(tmp_path / "任务 2023", postoffice, 3, **FILES).distribute_forms()


def files(programme):
    return sorted((programme.folder / ARCHIVED_MAIL / MONTH).glob("*.eml"))


def test_a_mail_file_per_district_that_is_still_to_be_sent(programme):
    report = programme.run(send)
    assert report.clean
    assert {each["state"] for each in report.data["letters"]} == {"written"}
    assert len(files(programme)) == 3
    for path, district in zip(files(programme), programme.districts, strict=True):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert (mail["X-Unsent"], mail["To"]) == ("1", programme.box(district))
        [form] = mail.iter_attachments()
        assert mail_programme.identity_of(form.get_content()).district == district.code
        assert district.name in path.name
    programme.run(send)
    assert len(files(programme)) == 3


def test_mail_files_need_no_server_but_a_sender(programme):
    programme.set(mail_address=None)
    with pytest.raises(Refused) as refusal:
        programme.run(send)
    assert [p.code for p in refusal.value.problems] == ["setting-needed"]


def test_writing_has_no_pace_and_a_stop_leaves_nothing_in_doubt(programme):
    programme.set(mail_pace=1)
    slept = []
    programme.run(send, slept=slept)
    assert slept == []
