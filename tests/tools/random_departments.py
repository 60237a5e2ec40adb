"""Random tables of other offices whose truth is known: ``python -m tests.tools.random_departments [N] [SEED]``.

Each is read and held against its truth: right, asked (refused, or its time is not clear), or wrong. A table is
``sound`` where nothing in it is meant to be asked.
"""

from __future__ import annotations

import random
import sys
from typing import Any, NamedTuple

from tests.data.compare_tables import DISTRICTS, INDICATORS, Case
from tests.tools.tables import Formula, Shown
from xl_addin.compare.table import Wanted, read_their_table
from xl_addin.formats.open import read_tables
from xl_addin.model.comparison import CUMULATIVE, MONTHLY
from xl_addin.model.records import EMPTY, ILLEGIBLE, NOT_APPLICABLE
from xl_addin.system.errors import Refused

RIGHT, ASKED, WRONG = "right", "asked", "wrong"
_SPELT = {
    "万州区": ("万州区", "万州", "重庆市万州区", "万州区残联", "1.万州区", "万 州 区"),
    "涪陵区": ("涪陵区", "涪陵", "500102"),
    "江北区": ("江北区", "江北", "江北区 "),
    "渝北区": ("渝北区", "渝北", "渝北区人民政府"),
    "忠县": ("忠县", "忠  县", "忠　县"),
    "开州区": ("开州区", "开县", "开州"),
    "两江新区": ("两江新区", "两江", "重庆两江新区"),
    "石柱县": ("石柱县", "石柱土家族自治县", "石柱", "石柱自治县"),
}
# How an indicator is called where it is that one; and where it is another thing.
_CALLED = {
    "I01": (
        ("实用技术培训",),
        ("实用技术培训（人次）",),
        ("残疾人培训情况", "实用技术培训"),
        ("累计完成实用技术培训",),
    ),
    "I02": (
        ("新增城镇就业",),
        ("就业", "新增城镇就业"),
        ("新增就业", "新增城镇就业人数"),
        ("新增城镇就业（人）",),
    ),
    "I03": (("新增农村就业",), ("就业", "新增农村就业"), ("残疾人就业", "新增农村就业")),
    "I04": (("托养服务",), ("托养服务人数",), ("托养服务", "合计"), ("托养服务", "完成数")),
    "I05": (("托养服务", "寄宿制"), ("托养服务", "其中：寄宿制")),
    "I06": (("就业率",), ("就业率（%）",)),
    "I07": (("辅具适配",), ("辅具",), ("辅具适配（件）",), ("辅具适配数",)),
}
_OTHERS = (
    ("实用技术培训", "任务数"),
    ("实用技术培训", "完成率"),
    ("实用技术培训任务数",),
    ("2022年实用技术培训",),
    ("实用技术培训同比增长",),
    ("其中：女性", "实用技术培训"),
    ("农村残疾人", "托养服务"),
    ("特殊教育", "寄宿制"),
    ("新增城镇就业（60岁以上）",),
    ("低保户数",),
    ("持证残疾人总数",),
    ("城镇", "就业率"),
    ("上年新增城镇就业",),
    ("经费（万元）",),
    ("排名",),
    ("计划新增农村就业",),
    ("新增农村就业占比",),
    ("应完成辅具适配",),
    ("女性",),
    ("灵活就业", "女性"),
    ("实用技术培训", "女性"),
    ("已培训",),
    ("新增就业",),
    ("寄宿制",),
    ("上年同期", "新增城镇就业"),
    ("2022年", "实用技术培训"),
    ("合计",),
)
_TITLES = (
    ("2023年上半年残疾人工作情况", CUMULATIVE, 6),
    ("2023年1-6月残疾人就业培训统计表", CUMULATIVE, 6),
    ("残疾人就业情况（截至2023年6月底）", CUMULATIVE, 6),
    ("2023年1—5月情况汇总", CUMULATIVE, 5),
    ("截至2023年4月30日残疾人就业培训完成情况", CUMULATIVE, 4),
    ("2023年6月当月残疾人工作情况", MONTHLY, 6),
    ("2023年一季度残疾人就业情况", CUMULATIVE, 3),
    ("2023年前三季度残疾人就业情况", CUMULATIVE, 9),
    ("2023年6月残疾人就业情况", "", 6),
    ("残疾人就业情况", "", 6),
)


class Made(NamedTuple):
    """A table and what is true of it.

    ``sound``: nothing in it should be asked. ``summed`` are the indicators whose heading says 累计.
    """

    case: Case
    truth: dict[tuple[str, str], Any]
    period: str
    as_of: int
    sound: bool
    summed: frozenset[str]


def _cell(rng: random.Random, code: str, *, scale: bool) -> tuple[Any, Any]:
    """What stands in a cell, and what it says."""
    number = rng.randint(0, 900)
    if code == "I06":
        share = rng.randint(20, 99)
        return rng.choice(
            (
                (Shown(share / 100, "0%"), share),
                (f"{share}%", share),
                (share, share),
                (share / 100, "?"),
            )
        )
    if rng.random() < 0.8:
        return number, number
    odd = (
        (f"{number}", number),
        (f"{number}{'' if scale else '件' if code == 'I07' else '人'}", number),
        (None, None),
        ("—", "—"),
        (f"约{number}", "?"),
        (f"{number}多", "?"),
        (Shown(number + 20000, '0!.0,"万"'), "?"),
        (Shown(number, "#,##0.00"), number),
        (Formula(f"={number}+0", number), number),
        (Formula(f"={number}*1"), "?"),
        ("1.5万", "?"),
        (0, 0),
        (f"１{number:03d}", 1000 + number),
    )
    return rng.choice(odd)


def make(seed: int) -> Made:
    """One random table."""
    rng = random.Random(seed)
    names = [each.name for each in DISTRICTS if rng.random() < 0.85]
    names = names if len(names) > 2 else [each.name for each in DISTRICTS]
    rng.shuffle(names)
    codes = rng.sample(sorted(_CALLED), rng.randint(1, 4))
    if "I05" in codes and "I04" in codes:
        codes.remove("I05")
    title, period, as_of = rng.choice(_TITLES)
    columns = [(code, rng.choice(_CALLED[code])) for code in codes]
    columns += [("", rng.choice(_OTHERS)) for _ in range(rng.randint(0, 3))]
    columns = list({path: (code, path) for code, path in columns}.values())
    rng.shuffle(columns)
    sound = bool(period) or all(code in ("I06", "I07") for code in codes)
    # What has to be asked about: the same column twice, a row without a name, another sheet, all rows twice.
    hazard = rng.choice(("column", "row", "sheet", "rows", *[""] * 16))
    if hazard == "column":
        columns.append(("", columns[0][1]))
    columns.sort(key=lambda each: each[1][0])
    scale = rng.random() < 0.1
    truth: dict[tuple[str, str], Any] = {}
    body: list[list[Any]] = []
    for name in names:
        row: list[Any] = []
        for code, _ in columns:
            stands, says = _cell(rng, code, scale=scale) if code else (rng.randint(0, 99), 0)
            if code:
                truth[name, code] = says
            row.append(stands)
        body.append([rng.choice(_SPELT[name]), *row])
    if hazard == "row":
        body.insert(rng.randint(1, len(body)), [None, *(rng.randint(1, 99) for _ in columns)])
    if hazard == "rows":
        more_rows = [[row[0], *(rng.randint(1, 99) for _ in columns)] for row in body]
        body += more_rows
    rows, merged, sound = _frame(rng, title, columns, body, truth, names, sound, scale=scale)
    more: dict[str, Any] = {"hidden_rows": [len(rows) - 1]} if rng.random() < 0.05 else {}
    sheets: Any = rows
    if rng.random() < 0.08:
        sheets = {"数据": rows, "说明": [["口径说明"], ["本表由业务系统导出"]]}
    if hazard == "sheet":
        sheets = {"一": rows, "二": rows}
    if hazard:
        sound = False
        truth = (
            {} if hazard != "column" else {k: v for k, v in truth.items() if _once(k[1], columns)}
        )
    summed = frozenset(code for code, path in columns if "累计" in path[-1])
    case = Case(sheets, merged=tuple(merged), more=more)
    return Made(case, truth, period, as_of, sound, summed)


def _once(code: str, columns: list[tuple[str, tuple[str, ...]]]) -> bool:
    """Whether what an indicator is called stands over its own column alone."""
    paths = [path for _, path in columns]
    return all(paths.count(path) == 1 for own, path in columns if own == code)


def _frame(
    rng: random.Random,
    title: str,
    columns: list[tuple[str, tuple[str, ...]]],
    body: list[list[Any]],
    truth: dict[tuple[str, str], Any],
    names: list[str],
    sound: bool,
    *,
    scale: bool,
) -> tuple[list[list[Any]], list[str], bool]:
    """Title, header, totals and what else stands around the body."""
    deep = max(len(path) for _, path in columns) > 1
    head = [["区县"], [None]] if deep else [[rng.choice(("区县", "地区", "单位", "区县名称"))]]
    merged: list[str] = []
    before = ""
    for _, path in columns:
        if deep:
            top = path[0] if path[0] != before or len(path) == 1 else None
            head[0].append(top)
            head[1].append(path[1] if len(path) > 1 else None)
            before = path[0] if len(path) > 1 else ""
        else:
            head[0].append(path[0])
    if rng.random() < 0.1 and len(body) > 2 and len(body) == len(names):
        at = rng.randrange(len(body))
        again = [body[at][0], *(rng.randint(1, 50) for _ in columns)]
        for n, (code, _) in enumerate(columns, 1):
            says = truth.get((names[at], code))
            if code == "I06":
                sound = False
                truth[names[at], code] = "any"
            elif code:
                added = isinstance(says, int) or says == "—"
                truth[names[at], code] = (
                    (again[n] + (says if isinstance(says, int) else 0)) if added else "?"
                )
        body = [*body[: at + 1], again, *body[at + 1 :]]
        if rng.random() < 0.5:
            rng.shuffle(body)
        sound = False
    if rng.random() < 0.15:
        body = [*body, ["市本级", *(rng.randint(0, 9) for _ in columns)]]
    total = ["合计", *(rng.randint(1, 5000) for _ in columns)]
    body = rng.choice((body, [*body, total], [total, *body]))
    if rng.random() < 0.3:
        numbers = iter(range(1, 99))
        body = [[next(numbers) if row[0] != "合计" else None, *row] for row in body]
        head = [["序号" if n == 0 else None, *row] for n, row in enumerate(head)]
    notes = rng.choice(
        ([], [["注：数据来源于业务系统。"]], [["填表人：李四", None, "审核人：王五"]])
    )
    when = [["填报日期：2023年7月5日"]] if rng.random() < 0.3 else []
    above = rng.choice(([[title]], [[title], ["填报单位：市人力社保局"]], [["附件2"], [title]]))
    if scale and all(code in ("I02", "I03") for code, _ in columns if code):
        above = [*above, ["单位：万人"]]
        own = {code for code, path in columns if "（" in path[-1]}
        for key, says in truth.items():
            if key[1] not in own:
                truth[key] = says * 10000 if isinstance(says, int) else "any"
    rows = [*above, *when, *head, *body, *notes]
    if rng.random() < 0.05 and not deep:
        wide = max(map(len, rows))
        table = [row + [None] * (wide - len(row)) for row in [*head, *body]]
        rows = [*above, *(list(line) for line in zip(*table, strict=True))]
    return rows, merged, sound


_STATES = {EMPTY: None, ILLEGIBLE: "?", NOT_APPLICABLE: "—"}


def judge(made: Made) -> tuple[str, str]:
    """What came of it: RIGHT, ASKED or WRONG, and what there is to say."""
    wanted = Wanted(DISTRICTS, INDICATORS, 2023, 6)
    document = read_tables(made.case.data(), "表.xlsx")
    try:
        table = read_their_table(document.grids, document.paragraphs, "表.xlsx", wanted)
    except Refused as refusal:
        said = "；".join(problem.message for problem in refusal.problems) or refusal.message
        return ASKED, said
    codes = {each.code: each.name for each in DISTRICTS}
    for reading in table.readings:
        pair = (codes[reading.district], reading.column.indicator)
        says = _STATES[reading.state] if reading.value is None else reading.value
        true = made.truth.get(pair, "nothing")
        unclear = reading.column in table.unclear
        if true not in (says, "any") and not (unclear and says == "?"):
            return WRONG, f"{pair} {reading.cells}: {says}, not {true}"
        state = pair[1] in ("I06", "I07")
        summed = state or pair[1] in made.summed
        period = CUMULATIVE if summed else made.period or CUMULATIVE
        if not unclear and (reading.column.period, reading.column.as_of) != (period, made.as_of):
            return WRONG, f"{pair}: {reading.column.period} {reading.column.as_of}"
        if not unclear and not summed and not made.period:
            return WRONG, f"{pair}: nothing says of which time"
    if table.unclear:
        return ASKED, "time"
    there = {each.indicator for each in table.columns}
    missed = sorted({code for _, code in made.truth} - there)
    return RIGHT, f"not found: {', '.join(missed)}" if missed else ""


def main() -> int:
    """Read so many tables and count what came of them."""
    count, first = (int(word) for word in (*sys.argv[1:], "3000", "1")[:2])
    if len(sys.argv) == 2:
        first = 1
    counts = {RIGHT: 0, ASKED: 0, WRONG: 0}
    asked_sound = missed = 0
    for seed in range(first, first + count):
        made = make(seed)
        what, said = judge(made)
        counts[what] += 1
        missed += what == RIGHT and bool(said)
        if what == WRONG or (what == ASKED and made.sound) or (what == RIGHT and said):
            asked_sound += what == ASKED
            print(seed, what, said)
    print(counts, f"asked though sound: {asked_sound}, a column not found: {missed}")
    return int(counts[WRONG] > 0)


if __name__ == "__main__":
    sys.exit(main())
