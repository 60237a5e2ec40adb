"""What an administrator of the database has to give and what he need not: roles, passwords, TLS, no pooler."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.tools.certificates import GOOD, UNKNOWN, WRONG_HOST, make_certificates
from tests.tools.postgresql import Proxy, Server
from tests.tools.programme import FIGURES, MONTHS, SmallProgramme
from tests.tools.shared import ask, drop_schema, lead_through, schema_in
from xl_addin.model.folder import LEDGER
from xl_addin.store.moving import programmes_on
from xl_addin.system.errors import Refused

JANUARY, FEBRUARY = MONTHS[:2]
CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"


def given():
    """What CONTRIBUTING.md tells an administrator to do, in the database that these servers have."""
    text = CONTRIBUTING.read_text("utf-8").partition("## A shared ledger")[2].partition("\n## ")[0]
    said = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    return [line.replace("DATABASE xl ", "DATABASE postgres ") for line in said if line[-1] == ";"]


@pytest.fixture
def roles(postgresql):
    with psycopg.connect(postgresql.url, autocommit=True) as db:
        db.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for statement in given():
            db.execute(statement)
    yield postgresql
    with psycopg.connect(postgresql.url, autocommit=True) as db:
        for role in ("xl_keeper", "xl_zhang", "xl_clerks"):
            db.execute(f"DROP OWNED BY {role} CASCADE")
            db.execute(f"DROP ROLE {role}")


def url_of(server, role):
    return server.url.replace("postgres@", f"{role}@", 1)


@pytest.fixture
def offices(roles, tmp_path):
    """The keeper's folder, and that of a clerk who owns nothing."""
    keeper = SmallProgramme(tmp_path / "甲" / "年度")
    drop_schema(keeper, roles)
    keeper.run("distribute")
    keeper.run("move-ledger", "", url_of(roles, "xl_keeper"))
    clerk = SmallProgramme.__new__(SmallProgramme)
    clerk.folder, clerk.clock = tmp_path / "乙" / "年度", keeper.clock
    clerk.run("join", "", url_of(roles, "xl_zhang"))
    return keeper, clerk


def month_of(made, month, name, district):
    made.run("distribute", month)
    made.send(name, district, {**FIGURES, "I01": 3}, month)
    assert made.collect(month)[name]["verdict"] == "accepted"
    made.run("recompute", month)
    assert made.run("verify", month).clean


def test_a_clerk_needs_to_own_nothing_and_cannot_change_what_was_recorded(offices, roles):
    keeper, clerk = offices
    month_of(clerk, JANUARY, "一.xlsx", 0)
    clerk.run("undo")
    clerk.run("undo")
    month_of(clerk, JANUARY, "一.xlsx", 0)
    clerk.run("close", JANUARY)
    clerk.set_cell("设置", "blk_settings", "截止日", "值", 8)
    assert clerk.run("status").data["shared_settings"]["version"] == 2
    month_of(keeper, FEBRUARY, "二.xlsx", 1)
    assert keeper.run("status").data["shared_settings"]["version"] == 2
    told = {each["code"]: each["state"] for each in clerk.run("doctor").data["checks"]}
    assert told["ledger"] == "ok"
    # What was recorded he cannot change, and so not take back from others either.
    with psycopg.connect(url_of(roles, "xl_zhang"), autocommit=True) as db:
        db.execute(f"SET search_path TO {schema_in(clerk)}")
        for change in ("DELETE FROM figures", "UPDATE kept_files SET name=''", "DELETE FROM pages"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                db.execute(change)
        for change in ("TRUNCATE figures", "ALTER TABLE figures DISABLE TRIGGER ALL"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(change)


def test_who_waits_is_told_who_is_at_work_across_roles(offices, monkeypatch):
    from xl_addin.store import postgresql as sessions

    keeper, clerk = offices
    clerk.send("一.xlsx", 0)
    monkeypatch.setitem(sessions._OPTIONS, "lock_timeout", "50ms")
    programme = keeper.open_programme()
    programme.doing = "汇总"
    monkeypatch.setattr(programme, "person", lambda: "李四")
    with programme.ledger.writing(), pytest.raises(Refused, match="正由李四汇总"):
        clerk.collect()
    programme.close()


def test_what_is_the_keepers_a_clerk_is_refused_and_gets_back_when_it_was_done(offices, roles):
    keeper, clerk = offices
    month_of(clerk, JANUARY, "一.xlsx", 0)
    with pytest.raises(Refused, match=r"xl_keeper.*没有改动"):
        clerk.run("rebuild")
    assert clerk.run("status").data["accepted"] == 1
    keeper.run("rebuild")  # the schema is another one now: his rights come with it
    assert clerk.run("status").data["accepted"] == 1
    month_of(clerk, FEBRUARY, "二.xlsx", 1)
    ask(clerk, roles, "UPDATE schema_version SET version=version-1")
    with pytest.raises(Refused, match=r"旧版本程序写的.*请管理员给这个用户权限"):
        clerk.run("status")
    ask(clerk, roles, "UPDATE schema_version SET version=version+1")
    assert clerk.run("status").data["accepted"] == 1


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that takes passwords over TLS alone, with the certificates beside it."""
    folder = tmp_path_factory.mktemp("证书")
    make_certificates(folder)
    running = {}

    def start(kind):
        if kind not in running:
            running[kind] = Server((folder / f"{kind}.pem", folder / f"{kind}.key"))
            running[kind].ask_as_administrator(*given())
        return running[kind]

    yield folder, start
    for each in running.values():
        each.close()


@pytest.mark.postgresql
def test_passwords_and_tls_with_an_authority_of_ones_own(guarded, tmp_path, monkeypatch):
    folder, start = guarded
    server, passwords = start(GOOD), tmp_path / "pgpass"
    passwords.write_text(f"127.0.0.1:{server.port}:*:xl_keeper:keeper\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    url = f"{url_of(server, 'xl_keeper')}?sslmode=verify-full&sslrootcert={folder / 'ca.pem'}"
    made = SmallProgramme(tmp_path / "年度")
    made.run("move-ledger", "", url)
    month_of(made, JANUARY, "一.xlsx", 0)
    with pytest.raises(Refused, match="不认用户名或密码"):
        programmes_on(url, "wrong")
    with pytest.raises(Refused, match="不让这个用户登录"):
        programmes_on(url_of(server, "xl_keeper") + "?sslmode=disable")


@pytest.mark.postgresql
@pytest.mark.parametrize("kind", [UNKNOWN, WRONG_HOST])
def test_a_server_with_another_certificate_is_told_as_that(guarded, kind):
    folder, start = guarded
    url = f"{url_of(start(kind), 'xl_keeper')}?sslmode=verify-full&sslrootcert={folder / 'ca.pem'}"
    with pytest.raises(Refused, match="证书核对不过"):
        programmes_on(url, "keeper")


def test_a_server_without_tls_is_told_as_that(postgresql):
    with pytest.raises(Refused, match="不支持加密连接"):
        programmes_on(f"{postgresql.url}?sslmode=require")


def test_a_pooler_is_refused_before_anything_leads_through_it_and_afterwards(tmp_path, postgresql):
    proxy = Proxy(postgresql.port, pooler=True)
    made = SmallProgramme(tmp_path / "年度")
    drop_schema(made, postgresql)
    with pytest.raises(Refused, match="连接池"):
        made.run("move-ledger", "", proxy.url)
    assert (made.folder / LEDGER).exists()
    made.run("move-ledger", "", postgresql.url)
    lead_through(made, proxy.url)
    for verb in ("status", "distribute"):
        with pytest.raises(Refused, match="连接池"):
            made.run(verb)
    lead_through(made, postgresql.url)
    made.run("distribute")
    proxy.close()
