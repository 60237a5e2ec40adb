"""For offices that write in groups of a chat program: a folder to send from, with texts to paste beside.

A folder holds a district's form and what is said with it; a group's holds all of its districts' forms.
Nothing is on record of it: what comes back tells by its seal what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from xl_addin.master.read.letters_rows import sound_letters
from xl_addin.model.calendar import deadline
from xl_addin.model.folder import FORMS, PACKAGES
from xl_addin.model.letters import CHAT_REMIND, CHAT_SEND, Template, day_words, fill, month_words
from xl_addin.model.records import REJECTED, UNREADABLE, District
from xl_addin.model.result import Result, ResultTable
from xl_addin.model.sheets import DISTRICTS_SHEET
from xl_addin.services.given_files import kept_text
from xl_addin.services.issuing import form_file_name
from xl_addin.services.outbox import SkippedDistrict, common_values, form_to_send, wanted_districts
from xl_addin.services.programme import Programme, Request
from xl_addin.services.roll_call import Answer
from xl_addin.store.issued_forms import issued_hashes
from xl_addin.system import atomic, held
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import NamedTuple

EVERYBODY = "各区县"
GROUPS = "分群.txt"
SEND_TEXT, REMIND_TEXT = "1 发表时粘贴.txt", "2 没报时粘贴.txt"


class Package(NamedTuple):
    """What is sent to one district or into one group: its folder's name, whom it is for, and files by name."""

    name: str
    addressed: str
    files: dict[str, bytes]


def make_packages(programme: Programme, request: Request) -> Result:
    """A folder for each district, and for each group or else for all together. Refused without forms."""
    month, config = programme.month(request), programme.basics
    issued = issued_hashes(programme.ledger, month)
    source, target = programme.folder / FORMS / month, programme.folder / PACKAGES / month
    if not issued:
        raise Refused(f"{source}：还没有生成 {month} 的填报表；请先运行“生成填报表”（distribute）")
    wanted = [each for each in wanted_districts(config, request) if each.reports(month)]
    groups = _groups(
        request, wanted, config.districts, kept_text(programme.folder / PACKAGES, GROUPS)
    )
    forms: dict[str, bytes] = {}
    skipped: list[SkippedDistrict] = []
    for district in wanted:
        form = form_to_send(source / form_file_name(district, month), issued, district)
        if isinstance(form, SkippedDistrict):
            skipped.append(form)
        else:
            forms[district.code] = form
    templates = sound_letters(programme.host)
    packages = [
        _package(programme, month, f"{each.code}_{each.name}", [each], forms, templates)
        for each in wanted
        if each.code in forms
    ]
    packages += [
        _package(programme, month, name, districts, forms, templates)
        for name, districts in groups.items()
        if any(each.code in forms for each in districts)
    ]
    if not request.rehearse:
        for package in packages:
            _write(target / plain_name(package.name), package)
    return _report(request, month, target, packages, skipped)


def _groups(
    request: Request, wanted: Sequence[District], districts: Sequence[District], kept: str
) -> dict[str, list[District]]:
    """The districts of each group that was named, now or in ``kept``, else all of them in one."""
    typed = request.options.get("group", "") or kept
    if not typed:
        return {f"{EVERYBODY}（发到群里）": list(wanted)} if len(wanted) > 1 else {}
    found: dict[str, list[District]] = {}
    for line in filter(str.strip, typed.splitlines()):
        name, equals, codes = line.replace("＝", "=").partition("=")
        asked = [part.strip() for part in codes.replace("，", ",").replace("、", ",").split(",")]
        known = [d for d in districts if {d.code, d.name, *d.aliases} & set(asked)]
        missing = [
            each for each in asked if not any(each in (d.code, d.name, *d.aliases) for d in known)
        ]
        if not equals or not name.strip() or missing:
            if typed == kept:
                raise Refused(
                    f"“{PACKAGES}”里的“{GROUPS}”：“{line.strip()}”不是“群名=区县、区县”，或者里面的"
                    f"“{'、'.join(missing) or name.strip()}”不是“{DISTRICTS_SHEET}”里的代码、名称；改好再点一次"
                )
            raise Misused(
                f"用法不对：--group 群名=区县,区县（代码或名称）；“{'、'.join(missing) or line}”不认识"
            )
        found[name.strip()] = [each for each in known if each in wanted]
    return found


def _package(
    programme: Programme,
    month: str,
    name: str,
    districts: Sequence[District],
    forms: dict[str, bytes],
    templates: dict[str, Template],
) -> Package:
    config = programme.basics
    files = {
        form_file_name(each, month): forms[each.code] for each in districts if each.code in forms
    }
    one = districts[0] if len(districts) == 1 else None
    addressed = one.name if one else EVERYBODY
    values = {
        **common_values(config, districts[0], month),
        "区县": addressed,
        "文件名": next(iter(files)) if one else "文件名里有各区县的名称，各用各的",
    }
    said = "\n".join(fill(templates[CHAT_SEND], values))
    texts = {SEND_TEXT: said}
    if one is not None:
        # Who is missing in a group is only known when the day comes.
        line = f"{month_words(month)}：{one.name}"
        # It is pasted after the term, whenever it was written.
        last = deadline(month, config.settings.deadline_day)
        day = max(programme.now()[:10], last[:10])
        texts[REMIND_TEXT] = chat_reminder(
            programme, templates[CHAT_REMIND], month, [line], 1, day=day
        )
    return Package(name, addressed, {**files, **{k: _as_text(v) for k, v in texts.items()}})


def chat_reminder(
    programme: Programme,
    template: Template,
    month: str,
    lines: Sequence[str],
    count: int,
    *,
    day: str = "",
) -> str:
    """The message that names who is missing on a day, else today; ``lines`` say it, of ``count`` districts."""
    values = {
        **common_values(programme.basics, District("", EVERYBODY), month),
        "今天": day_words(day or programme.now()),
        "缺报区县数": str(count),
        "缺报名单": "\n".join(lines),
    }
    return "\n".join(fill(template, values))


def missing_lines(programme: Programme, missing: dict[str, list[Answer]]) -> Iterator[str]:
    """Who is missing, a line for each month and the months in order; ``missing`` is by month."""
    day = programme.basics.settings.deadline_day
    for month in sorted(missing):
        names = [f"{each.district.name}{_why(each)}" for each in missing[month]]
        last = day_words(deadline(month, day))
        yield f"{month_words(month)}（截止 {last}，{len(names)} 个）：{'、'.join(names)}"


def _why(answer: Answer) -> str:
    if answer.status is None:
        return "（要补电子表）" if answer.scan else ""
    return {REJECTED: "（要改）", UNREADABLE: "（打不开，请重发）"}.get(answer.verdict, "（空表）")


def write_reminder(programme: Programme, month: str, text: str) -> Path:
    """Keep the message where the packages of the month are; return where."""
    path = programme.folder / PACKAGES / month / f"{month} 催报文字.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write(path, _as_text(text))
    return path


def _as_text(text: str) -> bytes:
    """A text as Notepad opens it."""
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


def _write(folder: Path, package: Package) -> None:
    """Lay a package down; what else lies in its folder is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in package.files.items():
        path = folder / name
        if not path.is_file() or held.read_bytes(path) != data:
            atomic.write(path, data)


def _report(
    request: Request,
    month: str,
    target: Path,
    packages: Sequence[Package],
    skipped: Sequence[SkippedDistrict],
) -> Result:
    done = "（预演，没有写入）" if request.rehearse else f"，在 {target}"
    less = f"，{len(skipped)} 个区县没有做" if skipped else ""
    rows = [(each.district.name, each.why) for each in skipped]
    return Result(
        {
            "verb": "distribute",
            "month": month,
            "packages": [
                {"folder": str(target / plain_name(each.name)), "files": sorted(each.files)}
                for each in packages
            ],
            "skipped": [
                {"code": each.district.code, "district": each.district.name, "why": each.why}
                for each in skipped
            ],
        },
        f"{month}：{len(packages)} 个分发包{less}{done}",
        clean=not skipped,
        lines=(
            f"每个文件夹里有填报表和要粘贴的文字：“{SEND_TEXT}”“{REMIND_TEXT}”；文字在“信件”里改",
            f"要按几个群分的：在“{PACKAGES}”里建一个文本文件“{GROUPS}”，每行写“群名=区县、区县”，再点一次",
        ),
        tables=(ResultTable("没有做分发包的区县", ("区县", "原因"), rows),) if rows else (),
    )
