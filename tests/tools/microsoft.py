"""msal as far as a login asks it: a person who types the code, tokens, and all that can go wrong."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import keyring


class Microsoft:
    """The login service. ``codes`` are what a person was to type, ``asked`` the scopes that were asked for.

    ``refresh`` is the token that counts; ``token`` makes an access token of a user's name.
    """

    def __init__(self) -> None:
        self.refresh, self.asked, self.authorities = "r1" * 900, list[list[str]](), list[str]()
        self.agrees, self.offline, self.knows_client = True, False, True
        self.access = "access"
        self.ring: dict[tuple[str, str], str] = {}

    def install(self, monkeypatch: Any) -> None:
        """Be what is imported as msal, with a keyring beside it."""
        module = ModuleType("msal")
        module.PublicClientApplication = lambda _, authority: self._application(authority)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "msal", module)
        monkeypatch.setattr(keyring, "set_password", lambda s, u, p: self.ring.update({(s, u): p}))
        monkeypatch.setattr(keyring, "get_password", lambda s, u: self.ring.get((s, u)))

    def _application(self, authority: str) -> Microsoft:
        if self.offline:
            raise ConnectionError("no route")
        self.authorities.append(authority)
        return self

    def initiate_device_flow(self, scopes: list[str]) -> dict[str, str]:
        self.asked.append(scopes)
        if not self.knows_client:
            return {
                "error": "invalid_client",
                "error_description": "AADSTS700016: not found\r\nTrace",
            }
        return {"user_code": "ABCD1234", "verification_uri": "https://microsoft.com/devicelogin"}

    def acquire_token_by_device_flow(self, flow: dict[str, str]) -> dict[str, str]:
        assert flow["user_code"] == "ABCD1234"
        if not self.agrees:
            return {"error": "authorization_declined", "error_description": "AADSTS70000: declined"}
        return {"access_token": self.access, "refresh_token": self.refresh}

    def acquire_token_by_refresh_token(self, token: str, scopes: list[str]) -> dict[str, str]:
        self.asked.append(scopes)
        if token != self.refresh:
            return {"error": "invalid_grant", "error_description": "AADSTS700082: expired"}
        self.refresh = f"{self.refresh}+"
        return {"access_token": self.access, "refresh_token": self.refresh}
