"""Secrets of any length in a keyring that takes no long ones."""

import keyring
import pytest
from keyring.errors import KeyringError

from xl_addin.system.errors import Refused
from xl_addin.system.keyring_store import keep, kept


@pytest.fixture
def ring(monkeypatch):
    """What stands in the keyring; as on Windows nothing longer than 1,280 characters."""
    found = {}

    def put(service, user, secret):
        assert len(secret) <= 1_280
        found[service, user] = secret

    monkeypatch.setattr(keyring, "set_password", put)
    monkeypatch.setattr(keyring, "get_password", lambda *key: found.get(key))
    return found


@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize("length", [0, 1, 999, 1_000, 1_001, 5_000])
def test_what_was_kept_is_what_is_found(length):
    secret = ("0123456789:" * 500)[:length]
    keep("s", "u", "former" * 400)
    keep("s", "u", secret or "x")
    assert kept("s", "u") == (secret or "x")
    assert kept("s", "v") == ""


def test_what_others_kept_there_is_nothing_of_ours(ring):
    ring["s", "u"] = "password"
    assert kept("s", "u") == ""


def test_without_a_keyring_it_is_said(monkeypatch):
    def fail(*_):
        raise KeyringError

    monkeypatch.setattr(keyring, "set_password", fail)
    monkeypatch.setattr(keyring, "get_password", fail)
    with pytest.raises(Refused, match="密码库"):
        keep("s", "u", "x")
    assert kept("s", "u") == ""
