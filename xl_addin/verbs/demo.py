"""``demo``: the whole monthly cycle on the 2023 task table, with figures that are samples."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from xl_addin.form.stamp import FormTemplate
from xl_addin.master.host.base import Change
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.comparison import CUMULATIVE
from xl_addin.model.folder import COMPARISONS, MASTER, RETURNS, SLIPS
from xl_addin.model.records import VERDICT_LABELS
from xl_addin.model.result import Result, ResultTable
from xl_addin.model.settings import YES
from xl_addin.model.sheets import SCHEME_BLOCK, SCHEME_HEADINGS
from xl_addin.services.issuing import blank_form, form_file_name, issues, severities
from xl_addin.services.our_figures import OurFigures
from xl_addin.services.paper_samples import ask_for_paper, return_cover
from xl_addin.services.programme import Programme, Request
from xl_addin.services.samples import sample_department_table, sample_returns
from xl_addin.system.errors import Refused
from xl_addin.system.light import TYPE_CHECKING, NamedTuple
from xl_addin.system.resources import TASK_TABLE_2023, workbook_path
from xl_addin.verbs import collect, compare, distribute, new, recompute, supervise
from xl_addin.xlsx.cells import Value

if TYPE_CHECKING:
    from typing import Any

YEAR = 2023
MONTHS = tuple(f"{YEAR}-{number:02d}" for number in range(1, 7))
FOLDER = "xl-addin-demo"
_COMPARED = ("I04", "I05", "I07")
_COMPARED_FILE, _COMPARED_TITLE = (
    "别的部门的表（样例）.csv",
    "2023年上半年残疾人就业培训情况（样例）",
)
_CORRECTED = 15  # of the returns that came wrong, in the months before the last


class Cycle(NamedTuple):
    """What came of one month."""

    month: str
    collected: dict[str, Any]
    recomputed: Result


def run(programme: Programme, request: Request) -> Result:
    """Found a programme, then issue, fill, collect and recompute six months."""
    folder = _new_folder(programme.folder)
    if request.rehearse:
        return Result(
            {"verb": "demo", "folder": str(folder)}, f"将在 {folder} 建立演示（预演，没有写入）"
        )
    table = str(workbook_path(TASK_TABLE_2023))
    new.run(
        _programme_at(folder, datetime(YEAR, 1, 3, 9)),
        Request(task_table=table, year=YEAR, month=MONTHS[-1]),
    )
    _score(_programme_at(folder, datetime(YEAR, 1, 3, 9)))
    asking = _programme_at(folder, datetime(YEAR, 1, 3, 10))
    ask_for_paper(asking)
    asking.close()
    earlier: dict[str, bytes] = {}
    cycles = [
        _cycle(folder, month, earlier)
        for month in programme.progress.over(MONTHS, len(MONTHS), "演示")
    ]
    drafted = _draft_slips(folder)
    _compare(folder, MONTHS[-1])
    return _report(folder, cycles, drafted)


def _draft_slips(folder: Path) -> Result:
    """The slips that the last month leads to, as drafts: nothing goes out."""
    year, number = int(MONTHS[-1][:4]), int(MONTHS[-1][5:])
    programme = _programme_at(folder, datetime(year, number + 1, 15, 10))
    drafted = supervise.run(programme, Request(month=MONTHS[-1]))
    programme.close()
    return drafted


def _compare(folder: Path, month: str) -> None:
    """Put another office's table into 比对 and hold it against the ledger."""
    programme = _programme_at(folder, datetime(YEAR, 7, 16, 9))
    config = programme.config
    compared = [item for item in config.indicators if item.code in _COMPARED]
    ours = OurFigures.of_ledger(programme.ledger, config)
    pairs = ((d.code, i.code) for d in config.districts for i in compared)
    figures = {
        pair: value
        for pair in pairs
        if (value := ours.figure(pair, CUMULATIVE, int(month[5:])).value) is not None
    }
    data = sample_department_table(config.districts, compared, figures, _COMPARED_TITLE)
    path = folder / COMPARISONS / _COMPARED_FILE
    path.parent.mkdir()
    path.write_bytes(data)
    compare.run(programme, Request(month=month))
    programme.close()


def _new_folder(given: Path) -> Path:
    """The folder that was named if there is none yet, else a new one inside it."""
    if not given.exists():
        return given
    for number in range(1, 1000):
        folder = given / (FOLDER if number == 1 else f"{FOLDER}-{number}")
        if not folder.exists():
            return folder
    raise Refused(f"{given}：演示文件夹太多了；请删掉旧的，或用 --folder 指定一个新文件夹")


def _programme_at(folder: Path, moment: datetime) -> Programme:
    """The programme in the demo's folder, whose clock stands at a moment of that year."""
    return Programme(folder, clock=lambda: moment)


def _score(programme: Programme) -> None:
    """Switch on the example on 考核, so that there are scores to look at."""
    block = programme.host.block(SCHEME_BLOCK)
    at = find_columns(block, SCHEME_HEADINGS)["启用"]
    on: dict[tuple[int, int], Value] = {where: YES for where in block.cells if where[1] == at}
    del on[block.area[0], at]
    programme.host.apply([Change(block.sheet, on, {})])
    programme.save()
    programme.close()


def _cycle(folder: Path, month: str, earlier: dict[str, bytes]) -> Cycle:
    year, number = int(month[:4]), int(month[5:])
    request = Request(month=month)
    issuing = _programme_at(folder, datetime(year, number, 25, 9))
    distribute.run(issuing, request)
    _receive(issuing, month, folder / RETURNS / month, earlier)
    issuing.close()
    if month == MONTHS[-1]:
        came = return_cover(folder, folder / RETURNS / month)
        os.utime(came, (datetime(year, number + 1, 12, 9).timestamp(),) * 2)
    collecting = _programme_at(folder, datetime(year, number + 1, 15, 9))
    collected = collect.run(collecting, request._replace(paths=(str(folder / RETURNS / month),)))
    recomputed = recompute.run(collecting, request)
    collecting.close()
    return Cycle(month, collected.data, recomputed)


def _receive(programme: Programme, month: str, inbox: Path, earlier: dict[str, bytes]) -> None:
    config, ledger = programme.config.in_month(month), programme.ledger
    inbox.mkdir(parents=True)
    with ledger.writing():
        blank = blank_form(ledger, config)
    template = FormTemplate(blank, config.indicators, severities(config), config.settings.title)
    issued = list(issues(config, month, ledger, ledger.standings(month, programme.config)))
    samples = sample_returns(
        template,
        issued,
        config.indicators,
        earlier,
        lambda district: form_file_name(district, month),
        _CORRECTED if month < MONTHS[-1] else 4,
    )
    for sample in samples:
        path = inbox / sample.name
        path.write_bytes(sample.data)
        moment = sample.received.timestamp()
        os.utime(path, (moment, moment))


def _report(folder: Path, cycles: Sequence[Cycle], drafted: Result) -> Result:
    last = cycles[-1].recomputed.data
    master = folder / MASTER
    data = {
        "verb": "demo",
        "folder": str(folder),
        "master": str(master),
        "samples": True,
        "months": [{"month": c.month, "counts": c.collected["counts"]} for c in cycles],
        "refused": _rejected_files(cycles),
        "indicators": last["indicators"],
        "formulas": last["formulas"],
        "slips": drafted.data["slips"],
    }
    lines = (
        "以上完成数都是演示用的样例数据，不是真实数据；任务数是 2023 年任务表的数字。",
        f"主表：{master}（用 Excel 或 WPS 打开，看“汇总”“差异”“回收情况”“问题清单”“督办”“比对”）",
        f"督办单：{folder / SLIPS}（拟好 {len(drafted.data['slips'])} 份，没有交办）",
        "“材料”里要了一份上半年总结，封面在“材料”文件夹的“模板”里：接着写好放进“回收”，再导入、重算，看“材料明细”；"
        "有一个区县交回来的是没有写的封面，退回了。",
    )
    return Result(data, "", lines=lines, tables=_tables(cycles))


def _rejected_files(cycles: Sequence[Cycle]) -> list[dict[str, Any]]:
    return [
        {**item, "month": cycle.month}
        for cycle in cycles
        for item in cycle.collected["returns"]
        if item["verdict"] not in ("accepted", "duplicate")
    ]


def _tables(cycles: Sequence[Cycle]) -> tuple[ResultTable, ...]:
    verdicts = ("accepted", "rejected", "held", "blank", "duplicate", "unreadable")
    back = [
        (c.month, *(str(c.collected["counts"][verdict]) for verdict in verdicts)) for c in cycles
    ]
    headings = ("月份", *(VERDICT_LABELS[verdict] for verdict in verdicts))
    numbers = frozenset(range(1, 9))
    return (
        ResultTable("收回情况（样例，份）", headings, back, numbers),
        ResultTable(
            "没有通过的原因（每种举一例）",
            ("结论", "次数", "文件", "原因"),
            _reasons(cycles),
            frozenset((1,)),
        ),
        *(table._replace(title=f"{table.title}（样例）") for table in cycles[-1].recomputed.tables),
    )


def _reasons(cycles: Sequence[Cycle]) -> list[tuple[str, ...]]:
    seen: Counter[str] = Counter()
    example: dict[str, tuple[str, str, str]] = {}
    for item in _rejected_files(cycles):
        wrong = next((p for p in item["problems"] if p["severity"] == "error"), None)
        if wrong is not None:
            seen[wrong["code"]] += 1
            verdict = VERDICT_LABELS[item["verdict"]]
            example.setdefault(wrong["code"], (verdict, Path(item["file"]).name, wrong["message"]))
    return [
        (example[code][0], str(count), *example[code][1:]) for code, count in seen.most_common()
    ]
