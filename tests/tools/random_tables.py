"""Random task tables whose truth is known, read: right or refused, never wrong.

``python -m tests.tools.random_tables --count N [--seed S] [--keep FOLDER]`` prints how many came out how and
keeps the workbooks of those that were read wrong.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.tools.tables import Shown, workbook
from xl_addin.system.errors import Refused
from xl_addin.tasktable.choices import NO_CHOICES, Choices
from xl_addin.tasktable.chongqing import DISTRICTS
from xl_addin.tasktable.read import read_task_table
from xl_addin.xlsx.a1 import area, area_name

YEAR = 2023
RIGHT, REFUSED, WRONG = "right", "refused", "wrong"
_TOWNS = [
    f"{a}{b}"
    for a in "长板雅大红光东胜前跃和平安宁清水"
    for b in ("安镇", "山乡", "河镇", "林街道")
]
_COUNTIES = [
    f"{a}{b}"
    for a in ("红星", "光明", "东风", "胜利", "前进", "跃进", "和平", "永安", "清河", "临江")
    for b in "县区"
]
_SCHOOLS = [f"第{n}{b}" for n in "一二三四五六七八九十" for b in ("中学", "小学", "幼儿园")]
_ENGLISH = [
    "Bo",
    "Kenema",
    "Pujehun",
    "Moyamba",
    "Kono",
    "Kailahun",
    "Bombali",
    "Tonkolili",
    "Koinadugu",
]
_KINDS = {
    "chongqing": ("区县", [d.name for d in DISTRICTS]),
    "towns": ("乡镇", _TOWNS),
    "counties": ("县（市、区）", _COUNTIES),
    "schools": ("学校名称", _SCHOOLS),
    "english": ("District", _ENGLISH),
}
_INDICATORS = [
    ("培训", "人次"), ("新增就业", "人"), ("托养服务", "人"), ("无障碍改造", "户"),
    ("宣传活动", "场"), ("帮扶基地", "个"), ("投入资金", "万元"), ("辅具适配", "件"),
    ("康复救助", "例"), ("道路硬化", "公里"), ("造林面积", "亩"), ("普法讲座", "场次"),
]  # fmt: skip
_RATES = [("建档率", "%"), ("合格率", "%"), ("覆盖率", "%")]
_TOTALS = [
    "合计",
    "总计",
    "全市",
    "合 计",
    "合計",
    "共",
    "累计",
    "Total",
    "全县目标任务",
    "总目标",
    "总  计",
    "全市合计",
]
_REGIONS = ["东部片区", "西部片区", "南部片区", "北部片区", "中心城区片区", "渝东北城镇群"]
_CITIES = ["甲市", "乙市", "丙州", "丁市"]


class Indicator(NamedTuple):
    """One indicator of the truth."""

    group: str
    name: str
    unit: str
    rate: bool = False


class Table(NamedTuple):
    """A table with its truth: targets by name, and what kind it is; ``sound`` where it ought to be read."""

    data: bytes
    kind: str
    sound: bool
    units: dict[str, list[Any]]
    indicators: list[Indicator]


def build(seed: int) -> Table:
    """The table of a seed."""
    return _Builder(Random(seed)).build()


def judge(table: Table, choices: Choices = NO_CHOICES) -> tuple[str, str]:
    """What came of it, and why where it was not right."""
    try:
        read = read_task_table(table.data, "任务表.xlsx", YEAR, choices)
    except Refused as refusal:
        return REFUSED, ",".join(
            sorted({p.code for p in refusal.problems if p.severity == "error"})
        )
    got = {
        "".join(d.name.split()): [read.targets.get((d.code, i.code)) for i in read.indicators]
        for d in read.districts
    }
    want = {"".join(name.split()): values for name, values in table.units.items()}
    if got != want:
        extra, missing = got.keys() - want.keys(), want.keys() - got.keys()
        return WRONG, f"units {sorted(extra)} for {sorted(missing)}, or values differ"
    for item, truth in zip(read.indicators, table.indicators, strict=True):
        if item.unit != truth.unit or truth.name not in item.path:
            return WRONG, f"{item.label}（{item.unit}） for {truth.name}（{truth.unit}）"
    return RIGHT, ""


_BESIDE_ITSELF = 0.12
_MANY = 6


class _Builder:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.rows: list[list[Any]] = []
        self.merged: list[str] = []
        self.header: list[list[Any]] = []
        self.beside_itself = False

    def build(self) -> Table:
        pick = self.random
        kind = pick.choices(["plain", "levels", "columns", "across", "tasks"], [50, 22, 18, 6, 4])[
            0
        ]
        self.names = pick.choice(list(_KINDS))
        self.indicators = self._pick_indicators()
        names = pick.sample(
            _KINDS[self.names][1], pick.randint(3, min(16, len(_KINDS[self.names][1])))
        )
        self.scale = pick.choice([9, 60, 400, 5000])
        self.units = {name: [self._amount(item) for item in self.indicators] for name in names}
        sound = True
        if kind == "across":
            for name, values in self.units.items():
                if all(value is None for value in values):
                    self.units[name] = [0] * len(values)
            self._lay_across()
            sound = False
        elif kind == "tasks":
            self._lay_tasks()
            sound = False
        else:
            self._lay_down(kind)
        hidden = ["B:B"] if not self.beside_itself and pick.random() < 0.05 else []
        sheets = {pick.choice(["Sheet1", "任务表", "附件2"]): self.rows}
        data = workbook(sheets, self.merged, hidden_columns=hidden)
        return Table(data, f"{kind}/{self.names}", sound, self.units, self.indicators)

    def _pick_indicators(self) -> list[Indicator]:
        pick = self.random
        chosen = pick.sample(_INDICATORS, pick.choice([1, 2, 2, 3, 4, 6]))
        found = [Indicator("", name, unit) for name, unit in chosen]
        if len(found) > 2 and pick.random() < 0.4:
            group = pick.choice(["就业服务", "重点工作", "民生实事"])
            at = pick.randrange(len(found) - 1)
            found[at : at + 2] = [item._replace(group=group) for item in found[at : at + 2]]
        if pick.random() < 0.15:
            found.append(Indicator("", *pick.choice(_RATES), True))
        return found

    def _amount(self, item: Indicator) -> Any:
        pick = self.random
        if item.rate:
            return pick.randint(60, 100)
        chance = pick.random()
        if chance < 0.04:
            return None
        if chance < 0.10:
            return 0
        if item.unit in ("万元", "公里", "亩") and chance < 0.6:
            return pick.randint(1, self.scale * 10) / 10
        value = pick.randint(1, self.scale)
        return value * 10 if chance > 0.85 else value

    def _sum(self, names: list[str]) -> list[Any]:
        sums = []
        for n, item in enumerate(self.indicators):
            values = [self.units[name][n] or 0 for name in names]
            sums.append(None if item.rate else _tidy(sum(values)))
        return sums

    def _written(self, value: Any, item: Indicator) -> Any:
        pick = self.random
        if value is None:
            return pick.choice(["-", "—", "/", None])
        if item.rate and pick.random() < 0.3:
            return Shown(value / 100, "0%")
        if isinstance(value, int) and pick.random() < 0.01:
            return str(value)
        return value

    # --- districts down ---------------------------------------------------------------------

    def _lay_down(self, kind: str) -> None:
        pick = self.random
        self.left = ["序号"] if pick.random() < 0.3 else []
        self.city_column = kind == "levels" and pick.random() < 0.4
        if self.city_column:
            self.left.append(pick.choice(["市", "市州", "片区"]))
        self.extras = self._pick_extras() if kind == "columns" else []
        self._titles()
        head = len(self.rows)
        self._header()
        body = len(self.rows)
        total_at = pick.choice(["", "top", "bottom"])
        total = [pick.choice(_TOTALS), *self._sum(list(self.units))]
        if total_at == "top":
            self._line(total[0], total[1:], total=True)
        if kind == "levels":
            self._levels()
        else:
            listed = pick.random() < 0.1 and total_at == "top"
            for number, (name, values) in enumerate(self.units.items(), 1):
                part = "其中：" if listed and number == 1 else ""
                mark = "*" if not listed and pick.random() < 0.02 else ""
                self._line(f"{part}{number}.{name}" if listed else mark + name, values)
                if 1 < number < len(self.units) - 1:
                    self._between()
            if not self.extras and pick.random() < 0.15:
                self._reserve(total if total_at == "bottom" else [])
        if kind == "plain" and pick.random() < _BESIDE_ITSELF:
            self._lay_beside(head, body)
        if total_at == "bottom":
            self._line(total[0], total[1:], total=True)
        if pick.random() < 0.3:
            self.rows.append(
                [
                    pick.choice(
                        [
                            "注：以上任务年底前完成。",
                            "填表人：张三",
                            "说明：1.含上年结转20人；2.按季通报。",
                        ]
                    )
                ]
            )

    def _lay_beside(self, head: int, body: int) -> None:
        """The table gone on beside itself, where nothing but districts and their total stands in it."""
        lines = self.rows[body:]
        widths = {len(line) for line in lines}
        below = any(area(each)[2] > body for each in self.merged)
        if len(lines) < _MANY or len(widths) > 1 or below or "其中" in str(lines[0]):
            return
        width, half = widths.pop() + self.random.choice([0, 0, 1]), (len(lines) + 1) // 2
        left, right = lines[:half], [*lines[half:], []]
        header = [[*line, *[None] * (width - len(line)), *line] for line in self.rows[head:body]]
        beside = [
            [*one, *[None] * (width - len(one)), *other]
            for one, other in zip(left, right, strict=False)
        ]
        self.beside_itself = True
        self.rows[head:] = [*header, *beside]
        for each in list(self.merged):
            top, first, bottom, last = area(each)
            if top > head:
                self.merged.append(area_name((top, first + width, bottom, last + width)))

    def _between(self) -> None:
        """What may stand between two districts: the next page's header, a city's name, a remark."""
        pick = self.random
        chance = pick.random()
        if chance < 0.02 and len(self.header) == 1:
            self.rows += [[pick.choice(["续表", "2023年任务表（续）"])], *self.header]
        elif chance < 0.04:
            self.rows.append([*[None] * len(self.left), "（以上为重点）"])
        elif chance < 0.05 and self.names == "counties":
            self.rows.append([*[None] * len(self.left), pick.choice(_CITIES)])

    def _reserve(self, total: list[Any]) -> None:
        """What no district has, with or without the total that counts it in."""
        pick = self.random
        spare = [None if item.rate else pick.randint(1, self.scale) for item in self.indicators]
        self._line(pick.choice(["市级预留", "机动指标", "预留", "待分配", "其他"]), spare)
        if total and pick.random() < 0.7:
            total[1:] = [
                None if s is None else _tidy(t + s) for t, s in zip(total[1:], spare, strict=True)
            ]

    def _titles(self) -> None:
        pick = self.random
        if pick.random() < 0.3:
            self.rows.append(["附件2"])
        if pick.random() < 0.8:
            self.rows.append(
                [pick.choice(["2023年目标任务分解表", "2023年度重点工作任务表", "任务分配表"])]
            )
        self.unit_line = pick.random() < 0.1 and len({i.unit for i in self.indicators}) == 1
        if self.unit_line:
            self.rows.append([*[None] * len(self.left), None, f"单位：{self.indicators[0].unit}"])
        if pick.random() < 0.15:
            self.rows.append([])

    def _pick_extras(self) -> list[tuple[str, str]]:
        """What stands beside each indicator, or once at the end: (place, kind)."""
        pick = self.random
        beside = pick.choice(["", "results", "last", "quarters"])
        end = pick.sample(
            ["remark", "department", "share", "rank", "date", "people"], pick.randint(0, 2)
        )
        return [("beside", beside)] * bool(beside) + [("end", each) for each in end]

    def _header(self) -> None:
        pick = self.random
        beside = next((kind for place, kind in self.extras if place == "beside"), "")
        grouped = any(item.group for item in self.indicators)
        self.unit_row = not self.extras and pick.random() < 0.1
        levels = 1 + grouped + bool(beside)
        first = len(self.rows)
        for _ in range(levels):
            self.rows.append([None] * (len(self.left) + 1))
        for n, word in enumerate([*self.left, _KINDS[self.names][0]]):
            self.rows[first][n] = word
            if levels > 1:
                self._merge(first, n, first + levels - 1, n)
        column = len(self.left) + 1
        style = pick.choice(["merged", "blank", "repeated"])
        at = 0
        while at < len(self.indicators):
            item = self.indicators[at]
            span = [i for i in self.indicators[at:] if item.group and i.group == item.group] or [
                item
            ]
            width = self._width(beside) * len(span)
            if item.group:
                self._spread(first, column, width, item.group, style)
            for each in span:
                self._head(each, first, levels, column, beside, style)
                column += self._width(beside)
            at += len(span)
        for place, kind in self.extras:
            if place == "end":
                self._put(first, column, _END_HEADS[kind])
                if levels > 1:
                    self._merge(first, column, first + levels - 1, column)
                column += 1
        self.header = [list(row) for row in self.rows[first:]]
        if self.unit_row:
            name = pick.choice([None, "计量单位"])
            units = [item.unit for item in self.indicators]
            self.rows.append([*[None] * len(self.left), name, *units])
        if pick.random() < 0.1:
            self.rows.append([*[None] * len(self.left), "甲", *range(1, column - len(self.left))])

    def _width(self, beside: str) -> int:
        return {"": 1, "results": 3, "last": 2, "quarters": 5}[beside]

    def _head(
        self, item: Indicator, first: int, levels: int, column: int, beside: str, style: str
    ) -> None:
        pick = self.random
        bare = (self.unit_line and not item.rate) or self.unit_row
        unit = "" if bare else item.unit
        name = f"{item.name}{pick.choice(['（{}）', '({})']).format(unit)}" if unit else item.name
        top = first + (1 if item.group else 0)
        if not beside:
            self._put(top, column, name)
            if top < first + levels - 1:
                self._merge(top, column, first + levels - 1, column)
            elif not item.group and levels > 1:
                self._merge(first, column, first + levels - 1, column)
            return
        bottom = first + levels - 1
        row = bottom - 1
        if not item.group and row > first:
            self._spread(first, column, self._width(beside), name, "merged", down=row)
        else:
            self._spread(row, column, self._width(beside), name, style)
        for n, word in enumerate(_BESIDE_HEADS[beside]):
            self._put(bottom, column + n, word)

    def _line(self, name: str, values: list[Any], total: bool = False, city: str = "") -> None:
        pick = self.random
        row: list[Any] = []
        for word in self.left:
            if word == "序号":
                row.append(
                    None if total else sum(1 for r in self.rows if r and isinstance(r[0], int)) + 1
                )
            else:
                row.append(city or None)
        row.append(name)
        beside = next((kind for place, kind in self.extras if place == "beside"), "")
        if not total and all(value is None for value in values):
            values = ["—"] * len(values)  # a row without a word would be none
        for value, item in zip(values, self.indicators, strict=True):
            row.append(self._written(value, item) if not total or value is not None else None)
            row += self._beside(beside, value)
        for place, kind in self.extras:
            if place == "end":
                row.append(None if total else self._end(kind))
        self.rows.append(row)
        if total and len(self.left) and pick.random() < 0.5:
            row[0], row[len(self.left)] = name, None
            self._merge(len(self.rows) - 1, 0, len(self.rows) - 1, len(self.left))

    def _beside(self, kind: str, value: Any) -> list[Any]:
        pick = self.random
        base = 0 if value in (None, "—") else value
        if kind == "results":
            done = int(base * pick.random())
            return [done, round(100 * done / base, 1) if base else 0]
        if kind == "last":
            return [int(base * 0.9)]
        if kind == "quarters":
            whole = int(base)
            cuts = sorted(pick.randint(0, whole) for _ in range(3))
            parts = [b - a for a, b in zip([0, *cuts], [*cuts, whole], strict=True)]
            parts[3] = _tidy(parts[3] + base - whole)
            return parts
        return []

    def _end(self, kind: str) -> Any:
        pick = self.random
        return {
            "remark": pick.choice([None, "重点", "含结转"]),
            "department": "教就部",
            "share": Shown(round(1 / len(self.units), 4), "0.00%"),
            "rank": pick.randint(1, 20),
            "date": pick.choice(["12月底前", "2023年11月"]),
            "people": pick.randint(10_000, 90_000),
        }[kind]

    # --- regions and cities -----------------------------------------------------------------

    def _levels(self) -> None:
        pick = self.random
        names = list(self.units)
        count = min(pick.randint(2, 3), len(names) // 2) or 1
        heads = pick.sample(_REGIONS if pick.random() < 0.6 else _CITIES, count)
        cuts = sorted(pick.sample(range(2, max(3, len(names) - 1)), count - 1)) if count > 1 else []
        groups = [names[a:b] for a, b in zip([0, *cuts], [*cuts, len(names)], strict=True)]
        below = pick.random() < 0.3
        for head, members in zip(heads, groups, strict=True):
            start = len(self.rows)
            if self.city_column:
                subtotal = pick.random() < 0.5
                if subtotal:
                    self._line("小计", self._sum(members), city=head)
                for n, member in enumerate(members):
                    self._line(member, self.units[member], city="" if subtotal or n else head)
                if len(self.rows) - start > 1:
                    self._merge(start, len(self.left) - 1, len(self.rows) - 1, len(self.left) - 1)
                continue
            if not below:
                self._line(head, self._sum(members))
            for member in members:
                self._line(member, self.units[member])
            if below:
                self._line(f"{head}{pick.choice(['小计', '合计', ' 汇总'])}", self._sum(members))

    # --- what is no row of districts --------------------------------------------------------

    def _lay_across(self) -> None:
        pick = self.random
        self.left, self.extras = [], []
        self._titles()
        unit_column = pick.random() < 0.6
        total = pick.random() < 0.6
        head = [pick.choice(["指标", "指标名称", "项目"])] + ["单位"] * unit_column
        head += [pick.choice(["合计", "全市目标"])] * total + list(self.units)
        self.rows.append(head)
        for n, item in enumerate(self.indicators):
            name = item.name if unit_column else f"{item.name}（{item.unit}）"
            row = [name] + [item.unit] * unit_column
            row += [self._sum(list(self.units))[n] or 95] * total
            self.rows.append([*row, *(v[n] for v in self.units.values())])

    def _lay_tasks(self) -> None:
        pick = self.random
        head = [
            "序号",
            pick.choice(["工作任务", "重点任务", "目标任务", "任务名称"]),
            "目标值",
            "单位",
            "责任单位",
        ]
        self.rows = [["2023年重点工作任务清单"], head]
        for n, (name, unit) in enumerate(pick.sample(_INDICATORS, 5), 1):
            self.rows.append(
                [n, name, pick.randint(5, 500), unit, pick.choice(["就业科", "康复部", "教就部"])]
            )

    # --- cells ------------------------------------------------------------------------------

    def _put(self, row: int, column: int, value: Any) -> None:
        line = self.rows[row]
        line.extend([None] * (column + 1 - len(line)))
        line[column] = value

    def _merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if (top, left) != (bottom, right):
            self.merged.append(area_name((top + 1, left + 1, bottom + 1, right + 1)))

    def _spread(
        self, row: int, column: int, width: int, text: str, style: str, down: int | None = None
    ) -> None:
        for n in range(width if style == "repeated" else 1):
            self._put(row, column + n, text)
        if style == "merged":
            self._merge(row, column, row if down is None else down, column + width - 1)


_BESIDE_HEADS = {
    "results": ("任务数", "完成数", "完成率"),
    "last": ("2023年任务数", "2022年完成数"),
    "quarters": ("全年", "一季度", "二季度", "三季度", "四季度"),
}
_END_HEADS = {
    "remark": "备注",
    "department": "责任单位",
    "share": "占比",
    "rank": "排名",
    "date": "完成时限",
    "people": "常住人口",
}


def _tidy(value: float) -> float:
    value = round(value, 6)
    return int(value) if value == int(value) else value


def main() -> None:
    """Build and read, and say how it went."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    outcomes: Counter[tuple[str, bool]] = Counter()
    why: Counter[str] = Counter()
    for seed in range(given.seed, given.seed + given.count):
        table = build(seed)
        outcome, reason = judge(table)
        outcomes[outcome, table.sound] += 1
        if outcome == REFUSED and table.kind.startswith("across"):
            outcome, reason = judge(table, Choices(units_across=True))
            why[f"settled by --units-across: {outcome} {reason}"] += 1
        if outcome == WRONG or (outcome == REFUSED and table.sound):
            why[f"{outcome} {table.kind} {reason if outcome == REFUSED else ''}"] += 1
        if outcome == WRONG:
            print(seed, table.kind, reason)
            if given.keep:
                given.keep.mkdir(parents=True, exist_ok=True)
                (given.keep / f"{seed}.xlsx").write_bytes(table.data)
    sound = sum(n for (_, is_sound), n in outcomes.items() if is_sound)
    for (outcome, is_sound), n in sorted(outcomes.items()):
        print(outcome, "sound" if is_sound else "not to be read", n)
    print(f"refused of {sound} sound: {outcomes[REFUSED, True] / max(1, sound):.2%}")
    for reason, n in why.most_common(30):
        print(n, reason)


if __name__ == "__main__":
    main()
