"""Outlook as COM shows it, as far as letters ask it; what it was asked to do is kept."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.tools.faults import Faults


class Outlook:
    """The application. ``faults`` knows the steps CreateItem, Add, SetProperty, Save and Send."""

    def __init__(self, *addresses: str) -> None:
        accounts = [SimpleNamespace(SmtpAddress=address) for address in addresses]
        self.Session = SimpleNamespace(Accounts=accounts)
        self.faults = Faults()
        self.items: list[Item] = []
        self.default: Any = accounts[0] if accounts else None
        self.obeys = True

    def CreateItem(self, kind: int) -> Item:  # noqa: N802 - Outlook's own name, as all below
        assert kind == 0
        self.faults.reach("CreateItem")
        self.items.append(Item(self))
        return self.items[-1]


class Item:
    """A mail. ``ended`` says how it was left, ``files`` what was attached then."""

    def __init__(self, outlook: Outlook) -> None:
        faults = self._faults = outlook.faults
        self._outlook = outlook
        # As without a type library: a plain assignment changes nothing, only Invoke does.
        self._oleobj_ = self
        self.Recipients, self.ReplyRecipients = Collection(faults), Collection(faults)
        self.Attachments = Collection(faults)
        self.PropertyAccessor = self
        self.properties: dict[str, str] = {}
        self.account: Any = None
        self.ended = ""
        self.files: list[tuple[str, bytes]] = []

    @property
    def SendUsingAccount(self) -> Any:  # noqa: N802
        return self.account or self._outlook.default

    @SendUsingAccount.setter
    def SendUsingAccount(self, _account: Any) -> None:  # noqa: N802
        pass

    def Invoke(self, number: int, _locale: int, kind: int, _wanted: int, value: Any) -> None:  # noqa: N802
        assert (number, kind) == (64209, 8)
        if self._outlook.obeys:
            self.account = value

    def SetProperty(self, name: str, value: str) -> None:  # noqa: N802
        self._faults.reach("SetProperty")
        self.properties[name] = value

    def Save(self) -> None:  # noqa: N802
        self._end("Save")

    def Send(self) -> None:  # noqa: N802
        self._end("Send")

    def _end(self, how: str) -> None:
        self._faults.reach(how)
        paths = [Path(file.what) for file in self.Attachments]
        self.ended, self.files = how, [(path.name, path.read_bytes()) for path in paths]


class Collection(list[Any]):
    """A collection of Outlook's: what was added is kept."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self._faults = faults

    def Add(self, what: str) -> Any:  # noqa: N802
        self._faults.reach("Add")
        self.append(SimpleNamespace(what=what))
        return self[-1]

    def ResolveAll(self) -> bool:  # noqa: N802
        return True
