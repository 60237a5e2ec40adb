"""Reading mails in a throw-away process: whatever is in them, the intake goes on.

Small mails are read together, since starting a process costs more than reading one; where that
process dies, each is read in one of its own. A mail that ends its reader twice, or takes it too
long, is told of with sender and subject, read from its head alone, and left to a person. It has
taken 20 s then, whichever way it went.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from struct import Struct

from xl_addin.mail.attachments import TEXT, MailPart
from xl_addin.mail.classify import LETTER, Bounce
from xl_addin.model.filetypes import ARCHIVE, DOCUMENT, OLE_START, WORKBOOK
from xl_addin.system import sandbox
from xl_addin.system.errors import Unreadable
from xl_addin.system.fault_log import fault_place, fault_trace
from xl_addin.system.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

MAX_MAIL = 100 * 2**20
"""What is read within the memory that a child has; providers let through 25 to 100 MB."""
_HEAD = 256 * 2**10
_PIECE = 2**20
_GROUP_SECONDS, _ALONE_SECONDS, _HEAD_SECONDS = 4.0, 13.0, 3.0
_TOGETHER, _TOGETHER_SIZE = 100, 8 << 20
_SIZE = Struct("<Q")
_PACKAGES = ("olefile",)  # tells a workbook among OLE attachments
BY_HAND = "请在邮箱里打开这封邮件，把附件另存到“回收”文件夹，再导入文件夹"


class ParsedMail(NamedTuple):
    """A mail as it was read.

    ``sender`` is the one address in From, in lower case, empty where it is not exactly one; ``shown``
    is From as people see it; ``dated`` is Date as seconds since 1970, ``received`` when the last server took it
    in, each empty where it says none.
    ``flaw`` says in Chinese why it could not be read; there are then no parts; ``fault`` is the
    traceback where that was our own. Texts are not among ``parts``; ``words`` is what its sender
    wrote, without what was quoted. ``answers`` is In-Reply-To, ``thread`` are References;
    ``from_nobody`` is not empty where it has the empty sender of notices. ``bounce`` is what it would say as one.
    """

    kind: str
    sender: str
    shown: str
    subject: str
    message_id: str
    answers: str
    dated: str = ""
    parts: tuple[MailPart, ...] = ()
    links: tuple[str, ...] = ()
    bounce: Bounce = Bounce((), (), "")
    flaw: str = ""
    fault: str = ""
    words: str = ""
    thread: str = ""
    from_nobody: str = ""
    received: str = ""

    @property
    def files(self) -> list[MailPart]:
        """The parts that may be workbooks or hold some."""
        return [part for part in self.parts if part.kind in (WORKBOOK, ARCHIVE)]

    @property
    def documents(self) -> list[MailPart]:
        """The parts that are text documents or PDFs, where these were asked for."""
        return [part for part in self.parts if part.kind == DOCUMENT]


def read_mails(raws: Sequence[bytes], *, documents: bool = False) -> list[ParsedMail]:
    """What is in mails, those that are small enough together; never raises for what is in them.

    ``documents`` has text documents and PDFs kept as well.
    """
    groups: list[list[int]] = []
    room = 0
    for number, raw in enumerate(raws):
        room -= len(raw)
        if not groups or room < 0 or len(groups[-1]) >= _TOGETHER:
            groups.append([])
            room = _TOGETHER_SIZE - len(raw)
        groups[-1].append(number)
    mails: dict[int, ParsedMail] = {}
    for group in groups:
        found = _read_group([raws[number] for number in group], documents)
        mails |= dict(zip(group, found, strict=True))
    return [mails[number] for number in range(len(raws))]


def _read_group(raws: Sequence[bytes], documents: bool) -> list[ParsedMail]:
    if len(raws) > 1:
        data = b"".join(_SIZE.pack(len(raw)) + raw for raw in raws)
        try:
            said = sandbox.run_sandboxed(
                _entry("children", documents), data, _PACKAGES, _GROUP_SECONDS
            )
            mails = [_from_bytes(each) for each in _split_frames(said or b"")]
            if len(mails) == len(raws):
                return mails
        except Exception:  # noqa: S110 - whatever one of them did to it, each is read alone
            pass
    return [read_mail(raw, documents=documents) for raw in raws]


def _entry(name: str, documents: bool) -> str:
    return f"{__name__}:{name}{'_with_documents' * documents}"


def _split_frames(data: bytes) -> Iterator[bytes]:
    """Pieces that each follow their size. Raises ValueError for a last one that is cut."""
    at = 0
    while at < len(data):
        head = data[at : at + _SIZE.size]
        at += _SIZE.size
        size = _SIZE.unpack(head)[0] if len(head) == _SIZE.size else len(data)
        if at + size > len(data):
            raise ValueError(at)
        yield data[at : at + size]
        at += size


def read_mail(raw: bytes, *, documents: bool = False) -> ParsedMail:
    """What is in a mail, read by a process of its own; never raises for what is in it."""
    if len(raw) > MAX_MAIL:
        flaw = f"邮件有 {len(raw) // 2**20} MB，超过 {MAX_MAIL // 2**20} MB，没有读取；{BY_HAND}"
        return head_of(raw, flaw)
    try:
        said = _ask_child(raw, documents)
        if said:
            return _from_bytes(said)
        flaw = f"读这封邮件时程序两次中断，没有再读；{BY_HAND}"
    except sandbox.SandboxTimeout:
        flaw = f"这封邮件读了 {_ALONE_SECONDS:g} 秒还没有读完，没有再读；{BY_HAND}"
    except Exception as error:
        flaw = f"这封邮件读不出来（{fault_place(error)}）；{BY_HAND}"
        return head_of(raw, flaw)._replace(fault=fault_trace(error))
    return head_of(raw, flaw)


def _ask_child(raw: bytes, documents: bool) -> bytes | None:
    """What the child says, asked once more where time is left: memory may have been short for another reason."""
    began = time.monotonic()
    entry = _entry("child", documents)
    said = sandbox.run_sandboxed(entry, raw, _PACKAGES, _ALONE_SECONDS)
    left = _ALONE_SECONDS - (time.monotonic() - began)
    return said or sandbox.run_sandboxed(entry, raw, _PACKAGES, max(left, 0.1))


def head_of(raw: bytes, flaw: str) -> ParsedMail:
    """A mail of which only the head is read, with what is wrong with it."""
    parsed = ParsedMail(LETTER, "", "", "", "", "")
    try:
        said = sandbox.run_sandboxed(f"{__name__}:head_child", raw[:_HEAD], (), _HEAD_SECONDS)
        parsed = _from_bytes(said) if said else parsed
    except Exception:  # noqa: S110 - it is told without its sender and subject
        pass
    return parsed._replace(flaw=flaw)


def mail_of_msg(data: bytes) -> bytes:
    """A mail that Outlook saved as a plain mail, written by a process of its own; as it is where it cannot be."""
    try:
        return (
            sandbox.run_sandboxed(f"{__name__}:msg_child", data, _PACKAGES, _ALONE_SECONDS) or data
        )
    except sandbox.SandboxTimeout:
        return data


def msg_child() -> None:
    """Write standard input, which Outlook saved, as a plain mail. Runs in the throw-away process."""
    from xl_addin.mail.msg import as_mail

    sandbox.limit_resources()
    sys.stdout.buffer.write(as_mail(sys.stdin.buffer.read()))


def child(documents: bool = False) -> None:
    """Read standard input as a mail and write what is in it. Runs in the throw-away process."""
    sandbox.limit_resources()
    first = sys.stdin.buffer.read(_PIECE)
    # The mail itself is not kept: what the parser makes of it is as large.
    rest = iter(lambda: sys.stdin.buffer.read(_PIECE), b"")
    sys.stdout.buffer.writelines(_to_pieces(_read_or_explain(first, rest, documents=documents)))


def child_with_documents() -> None:
    """As ``child``, with text documents and PDFs."""
    child(documents=True)


def children_with_documents() -> None:
    """As ``children``, with text documents and PDFs."""
    children(documents=True)


def children(documents: bool = False) -> None:
    """As ``child``, for mails that each follow their size, and so are the answers."""
    sandbox.limit_resources()
    for raw in _split_frames(sys.stdin.buffer.read()):
        said = b"".join(_to_pieces(_read_or_explain(raw, documents=documents)))
        sys.stdout.buffer.write(_SIZE.pack(len(said)) + said)


def head_child() -> None:
    """As ``child``, for what stands in the head alone."""
    sandbox.limit_resources()
    sys.stdout.buffer.writelines(_to_pieces(_read_head(sys.stdin.buffer.read())))


def _read_or_explain(
    first: bytes, rest: Iterable[bytes] = (), *, documents: bool = False
) -> ParsedMail:
    try:
        if first.startswith(OLE_START):  # as Outlook saves them
            from xl_addin.mail.msg import as_mail

            first, rest = as_mail(first + b"".join(rest)), ()
        return _read(first, rest, documents)
    except Unreadable as error:
        return ParsedMail(LETTER, "", "", "", "", "", flaw=f"{error.message}；{BY_HAND}")
    except RecursionError:
        return _read_head(first)._replace(flaw=f"邮件一层套一层，套得太深，没有读取；{BY_HAND}")
    except MemoryError:
        raise  # this process is of no use any more: another one tries
    except Exception as error:
        flaw = f"程序读这封邮件时出错（{fault_place(error)}），没有读取；{BY_HAND}"
        return _read_head(first)._replace(flaw=flaw, fault=fault_trace(error))


def _read_head(raw: bytes) -> ParsedMail:
    from xl_addin.mail import headers
    from xl_addin.mail.attachments import parse_mail

    # No body, so nothing to nest.
    head = raw[:_HEAD].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    message = parse_mail(head + b"\n\n")
    message_id, answers, thread = (
        headers.strip_unprintable(headers.value(message, name)).strip()
        for name in ("Message-ID", "In-Reply-To", "References")
    )
    shown, subject = (
        headers.display_value(message, "From"),
        headers.display_value(message, "Subject"),
    )
    sender, dated = headers.sender(message), headers.date_seconds(message)
    facts = sender, shown, subject, message_id[:500], answers[:500], dated
    # Of a long thread the end names what was answered last.
    received = headers.received_seconds(message)
    return ParsedMail(LETTER, *facts, thread=thread[-4_000:], received=received)


def _read(first: bytes, rest: Iterable[bytes], documents: bool) -> ParsedMail:
    from xl_addin.mail import attachments, classify
    from xl_addin.mail.own_words import own_words

    message = attachments.parse_mail(first, rest)
    found = list(attachments.mail_parts(message, documents=documents))
    kind = classify.classify_mail(message)
    nobody = classify.is_from_nobody(message)
    failed = kind in (classify.BOUNCE, classify.DELAY)
    # Many notices say nowhere what they are: whoever knows our letters tells by what they enclose.
    maybe = failed or nobody or classify.encloses_mail(message)
    return _read_head(first)._replace(
        kind=kind,
        parts=tuple(part for part in found if part.kind != TEXT),
        links=classify.cloud_links(found),
        bounce=classify.bounce(message, found) if maybe else Bounce((), (), ""),
        from_nobody="yes" if nobody else "",
        words=own_words(found),
    )


def _to_pieces(parsed: ParsedMail) -> Iterator[bytes]:
    """Facts as one line of JSON, then the bytes of the files one after another."""
    facts = parsed._asdict()
    facts["bounce"] = list(parsed.bounce)
    facts["parts"] = [
        (part.name, part.kind, len(part.data), part.trail, part.flaw, part.fault)
        for part in parsed.parts
    ]
    yield json.dumps(facts).encode("utf-8", "surrogatepass") + b"\n"
    yield from (part.data for part in parsed.parts)


def _from_bytes(said: bytes) -> ParsedMail:
    """Raises ValueError, KeyError or TypeError for what no reader of ours would say."""
    at = said.index(b"\n") + 1
    facts: dict[str, Any] = json.loads(said[:at])
    parts = []
    for name, kind, size, trail, flaw, fault in facts.pop("parts"):
        data, steps = said[at : at + size], tuple(map(_text, trail))
        parts.append(MailPart(_text(name), str(kind), data, steps, str(flaw), _text(fault)))
        at += size
    addresses, letters, why, certain = facts.pop("bounce")
    links = tuple(map(_text, facts.pop("links")))
    if at != len(said):
        raise ValueError(at)
    told = tuple(map(_text, addresses)), tuple(map(_text, letters)), _text(why)
    bounce = Bounce(*told, certain=bool(certain))
    texts = {key: _text(said) for key, said in facts.items()}
    return ParsedMail(**texts, parts=tuple(parts), links=links, bounce=bounce)


def _text(said: object) -> str:
    """Text that can be stored and printed anywhere."""
    return str(said).encode("utf-8", "replace").decode()
