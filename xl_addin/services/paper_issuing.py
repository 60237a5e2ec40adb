"""``distribute --papers``: the covers laid down in 材料/模板, and taken away again by undo."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from xl_addin.model.result import Result
from xl_addin.model.sheets import PAPERS_SHEET
from xl_addin.services.paper_covers import Cover, is_unwritten, make_covers
from xl_addin.services.programme import Programme
from xl_addin.system import atomic, held
from xl_addin.system.errors import Refused

OUTCOME = "生成材料封面"
"""How the journal's line of such a run begins, by which undo knows it."""


def issue_covers(programme: Programme, *, rehearse: bool) -> Result:
    """Write every cover that is not there yet. Refused where one would go over what somebody wrote."""
    covers = _covers(programme)
    fresh = [each for each in covers if not _is_there(each)]
    written = [
        each.path.name for each in fresh if each.path.exists() and not is_unwritten(each.path)
    ]
    if written:
        more = f"等 {len(written)} 个文件" if len(written) > 5 else ""
        raise Refused(
            f"{fresh[0].path.parent}：{'；'.join(written[:5])}{more}已经有人写过，不会覆盖；"
            "请先把它们移走（要收集的放进“回收”文件夹），再重新生成"
        )
    count = len({each.paper.code for each in covers})
    said = (
        f"{OUTCOME}：{count} 份材料，新的 {len(fresh)} 个，没有变化的 {len(covers) - len(fresh)} 个"
    )
    if not rehearse:
        with programme.ledger.writing():
            for each in fresh:
                each.path.parent.mkdir(parents=True, exist_ok=True)
                atomic.write(each.path, each.data)
            programme.ledger.add_event(programme.now(), "distribute", "", said, programme.who())
    told = "（预演，没有写入）" if rehearse else f"，在 {covers[0].path.parent}"
    return Result({"verb": "distribute", "covers": [_as_json(e) for e in covers]}, said + told)


def _covers(programme: Programme) -> Sequence[Cover]:
    covers = list(make_covers(programme))
    if not covers:
        raise Refused(f"“{PAPERS_SHEET}”是空的，没有要交的材料；请先填好代码、材料和截止日期")
    return covers


def _is_there(cover: Cover) -> bool:
    return cover.path.is_file() and _hash(held.read_bytes(cover.path)) == cover.sha256


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def take_covers_back(programme: Programme, *, rehearse: bool) -> list[str]:
    """Remove the covers that nobody wrote into; the others stay."""
    gone = [each.path for each in make_covers(programme) if _is_there(each)]
    for path in gone if not rehearse else ():
        held.unlink(path)
    return [str(path) for path in gone]


def _as_json(cover: Cover) -> dict[str, str]:
    return {
        "paper": cover.paper.name,
        "code": cover.district.code,
        "district": cover.district.name,
        "file": str(cover.path),
        "sha256": cover.sha256,
    }
