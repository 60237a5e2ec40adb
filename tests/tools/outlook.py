"""Outlook as COM shows it, as far as letters ask it; what it was asked to do is kept.

Mails that came in are trees of ``tests.tools.msg`` and are saved as Outlook would save them.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.tools.faults import Faults
from tests.tools.msg import compound_file


class Outlook:
    """The application. ``faults`` knows the steps CreateItem, Add, SetProperty, Save and Send.

    Of mails that came in it knows Item, GetItemFromID, SaveAs and Move.
    """

    def __init__(self, *addresses: str) -> None:
        self.faults = Faults()
        accounts = [
            SimpleNamespace(SmtpAddress=address, DeliveryStore=Store(self.faults))
            for address in addresses
        ]
        self.Session = SimpleNamespace(Accounts=accounts)
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


class Store:
    """An account's mails: ``inbox`` and whatever else lies at its top."""

    StoreID = "store"

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.inbox = MailFolder("收件箱", self)
        self.root = MailFolder("顶", self)
        self.root.Folders.append(self.inbox)
        self.Session = self

    def GetDefaultFolder(self, kind: int) -> MailFolder:  # noqa: N802
        assert kind == 6
        return self.inbox

    def GetRootFolder(self) -> MailFolder:  # noqa: N802
        return self.root

    def GetItemFromID(self, name: str, store: str) -> Received:  # noqa: N802
        assert store == self.StoreID
        self.faults.reach("GetItemFromID")
        waiting = [self.root]
        while waiting:
            folder = waiting.pop()
            waiting += folder.Folders
            for item in folder.Items:
                if item.EntryID == name:
                    return item
        raise RuntimeError("not found")


class MailFolder:
    """A folder: ``Items`` from 1 on, and ``Folders`` in it."""

    def __init__(self, name: str, store: Store) -> None:
        self.Name, self.store = name, store
        self.Folders = Folders(self)
        self.Items = Items(store.faults)

    def receive(self, tree: dict[str, Any], at: datetime, kind: int = 43) -> Received:
        """Have a mail lie here, as a tree of ``tests.tools.msg``."""
        self.Items.append(Received(tree, at, kind, self))
        return self.Items[-1]


class Folders(list[MailFolder]):
    """The folders in a folder."""

    def __init__(self, home: MailFolder) -> None:
        super().__init__()
        self._home = home

    def Add(self, name: str) -> MailFolder:  # noqa: N802
        self.append(MailFolder(name, self._home.store))
        return self[-1]


class Items(list[Any]):
    """Mails, counted from 1."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self._faults = faults

    @property
    def Count(self) -> int:  # noqa: N802
        return len(self)

    def Item(self, number: int) -> Received:  # noqa: N802
        self._faults.reach("Item")
        item: Received = self[number - 1]
        return item


class Received:
    """A mail that came in. ``asked`` is what was done with it: it may be saved and moved, and no more."""

    _count = 0

    def __init__(self, tree: dict[str, Any], at: datetime, kind: int, home: MailFolder) -> None:
        Received._count += 1
        self.EntryID, self.Class, self.ReceivedTime = f"E{Received._count}", kind, at
        self._tree, self._home = tree, home
        self.asked: list[str] = []
        self.PropertyAccessor = self

    @property
    def Size(self) -> int:  # noqa: N802
        return len(compound_file(self._tree))

    @property
    def Subject(self) -> str:  # noqa: N802
        return self._text("0037001F")

    def GetProperty(self, name: str) -> str:  # noqa: N802
        found = self._text(name.rpartition("0x")[2])
        if not found:
            raise RuntimeError("no such property")
        return found

    def _text(self, tag: str) -> str:
        raw: bytes = self._tree.get(f"__substg1.0_{tag}", b"")
        return raw.decode("utf-16-le")

    def SaveAs(self, path: str, kind: int) -> None:  # noqa: N802
        assert kind == 9
        self._home.store.faults.reach("SaveAs")
        self.asked.append("SaveAs")
        Path(path).write_bytes(compound_file(self._tree))

    def Move(self, folder: MailFolder) -> None:  # noqa: N802
        self._home.store.faults.reach("Move")
        self.asked.append("Move")
        self._home.Items.remove(self)
        folder.Items.append(self)
        self._home = folder
