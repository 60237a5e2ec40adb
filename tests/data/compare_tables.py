"""Other offices' tables of many kinds beside what each comes to: rows as lists, A1 first.

``truth`` is by (district, code of the indicator) what they say in our unit: a number, None for a blank, ``—``
for what does not apply, ``?`` for what cannot be read. ``refused`` are the codes of the reasons, or a word of
the message where the whole file is refused; ``told`` are codes that have to be among the warnings;
``unclear`` are indicators of which nothing says whether they are cumulative.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.tools.tables import Date, Formula, Rows, Shown, workbook
from xl_addin.model.comparison import CUMULATIVE, MONTHLY, Correspondence
from xl_addin.model.records import RATE, STOCK, District, Indicator
from xl_addin.tasktable.chongqing import find_district

NAMES = ("万州区", "涪陵区", "江北区", "渝北区", "忠县", "开州区", "两江新区", "石柱县")


def _district(name: str) -> District:
    known = find_district(name)
    assert known is not None
    return District(known.code, name, tuple(a for a in (known.name, *known.aliases) if a != name))


DISTRICTS = tuple(map(_district, NAMES))
INDICATORS = (
    Indicator("I01", ("实用技术培训",), "人次"),
    Indicator("I02", ("就业", "新增城镇就业"), "人"),
    Indicator("I03", ("就业", "新增农村就业"), "人"),
    Indicator("I04", ("托养服务", "2023年任务数"), "人"),
    Indicator("I05", ("托养服务", "其中：寄宿制"), "人"),
    Indicator("I06", ("就业率",), "%", RATE),
    Indicator("I07", ("辅具适配",), "件", STOCK, short="辅具"),
    Indicator("I08", ("培训", "女性"), "人"),
    Indicator("I09", ("就业", "女性"), "人"),
    Indicator("I10", ("培训", "残疾妇女人数"), "人"),
    Indicator("I11", ("就业", "残疾妇女人数"), "人"),
)

Truth = Mapping[tuple[str, str], Any]


class Case(NamedTuple):
    """``said`` is what staff said of columns, ``options`` are those of ``compare``, ``more`` is for ``workbook``."""

    rows: Rows | dict[str, Rows]
    truth: Truth | None = None
    refused: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    said: tuple[Correspondence, ...] = ()
    options: Mapping[str, str] = MappingProxyType({})
    more: Mapping[str, Any] = MappingProxyType({})
    unclear: tuple[str, ...] = ()
    as_of: int = 6
    period: str = CUMULATIVE
    unknown: int = 0
    personal: int = 0
    wrong_totals: int = 0
    file: str = "对方的表.xlsx"
    only_xlsx: bool = False

    def data(self) -> bytes:
        """The workbook."""
        sheets = self.rows if isinstance(self.rows, dict) else {"Sheet1": self.rows}
        return workbook(sheets, self.merged, **self.more)


TITLE = ["2023年上半年残疾人就业培训情况"]
_LEFT = ("渝北区", "忠县", "开州区", "两江新区", "石柱县")


def _of(code: str, **values: Any) -> dict[tuple[str, str], Any]:
    return {(name, code): value for name, value in values.items()}


def _both(*rows: tuple[str, Any, Any]) -> dict[tuple[str, str], Any]:
    return {
        (name, code): value
        for name, one, two in rows
        for code, value in (("I02", one), ("I03", two))
    }


_HEAD = ["区县", "新增城镇就业", "新增农村就业"]
_THREE = (["万州区", 10, 20], ["涪陵区", 30, 40], ["江北区", 50, 60])
_TRUE = _both(*((name, one, two) for name, one, two in _THREE))  # type: ignore[has-type]
_TRAINING = _of("I01", 万州区=10, 涪陵区=30, 江北区=50)
_ONE = (["万州区", 10], ["涪陵区", 30], ["江北区", 50])
_ALL_NAMES = [[name, n] for n, name in enumerate(NAMES, 1)]
_ALL_TRUE = {(name, "I01"): n for n, name in enumerate(NAMES, 1)}

CASES: dict[str, Case] = {
    # Whose row it is.
    "names however they are written": Case(
        [
            TITLE,
            ["地区", "实用技术培训"],
            ["1.万州区", 1],
            ["重庆市涪陵区", 2],
            ["江 北 区", 3],
            ["渝北区残联", 4],
            ["忠  县", 5],
            ["开县", 6],
            ["重庆两江新区", 7],
            ["石柱土家族自治县", 8],
        ],
        _ALL_TRUE,
    ),
    "names without their last letter": Case(
        [TITLE, ["地区", "实用技术培训"], ["万州", 10], ["涪陵", 30], ["江北", 50]], _TRAINING
    ),
    "codes in place of names": Case(
        [TITLE, ["区划代码", "实用技术培训"], [500101, 10], ["500102", 30], [500105, 50]], _TRAINING
    ),
    "codes beside names": Case(
        [
            TITLE,
            ["代码", "区县", "实用技术培训"],
            [500101, "万州区", 10],
            [500102, "涪陵区", 30],
            [500105, "江北区", 50],
        ],
        _TRAINING,
    ),
    "a code that is another district's": Case(
        [
            TITLE,
            ["代码", "区县", "实用技术培训"],
            [500101, "万州区", 10],
            [500105, "涪陵区", 30],
            [500102, "江北区", 50],
        ],
        refused=("row-in-doubt",),
    ),
    "figures left of the names": Case(
        [TITLE, ["实用技术培训", "区县"], [10, "万州区"], [30, "涪陵区"], [50, "江北区"]], _TRAINING
    ),
    "districts across": Case(
        [
            TITLE,
            ["指标", "万州区", "涪陵区", "江北区"],
            ["新增城镇就业", 10, 30, 50],
            ["新增农村就业", 20, 40, 60],
        ],
        _TRUE,
    ),
    "two halves beside each other": Case(
        [
            TITLE,
            ["区县", "实用技术培训", "区县", "实用技术培训"],
            ["万州区", 1, "忠县", 5],
            ["涪陵区", 2, "开州区", 6],
            ["江北区", 3, "石柱县", 8],
        ],
        refused=("second-names",),
    ),
    "a district on two rows": Case(
        [TITLE, _HEAD, *_THREE, ["渝北区", 1, 2], ["渝北区", 5, 0]],
        {**_TRUE, ("渝北区", "I02"): 6, ("渝北区", "I03"): 2},
        told=("district-added",),
    ),
    "one of two rows is blank": Case(
        [TITLE, _HEAD, *_THREE, ["渝北区", 1, 2], ["渝北区", 5, None]],
        {**_TRUE, ("渝北区", "I02"): 6, ("渝北区", "I03"): "?"},
        told=("district-added",),
    ),
    "a row copied twice": Case(
        [TITLE, _HEAD, *_THREE, ["江北区", 50, 60]], refused=("district-twice",)
    ),
    "the same, a row skipped": Case(
        [TITLE, _HEAD, *_THREE, ["江北区", 50, 60]], _TRUE, options={"skip-row": "6"}
    ),
    "every district for men and women": Case(
        [
            TITLE,
            ["区县", "性别", "实用技术培训"],
            *([n, s, v] for n, v in _ONE for s in ("男", "女")),
        ],
        refused=("district-twice",),
    ),
    "the same, added up": Case(
        [
            TITLE,
            ["区县", "性别", "实用技术培训"],
            *([n, s, v] for n, v in _ONE for s in ("男", "女")),
        ],
        {key: 2 * value for key, value in _TRAINING.items()},
        options={"add-rows": ""},
    ),
    "two years of one district": Case(
        [
            TITLE,
            ["区县", "年度", "实用技术培训"],
            *([n, "2023年", v] for n, v in _ONE),
            ["江北区", "2022年", 7],
        ],
        refused=("district-twice",),
    ),
    "a name merged over its rows": Case(
        [
            TITLE,
            ["区县", "城乡", "实用技术培训"],
            ["万州区", "城", 4],
            [None, "乡", 6],
            ["涪陵区", "合", 30],
        ],
        refused=("merged-cells",),
        merged=("A3:A4",),
    ),
    "rows without a name": Case(
        [
            TITLE,
            ["区县", "城乡", "实用技术培训"],
            ["万州区", "城", 4],
            [None, "乡", 6],
            ["涪陵区", "合", 30],
            ["江北区", "合", 9],
        ],
        refused=("row-without-name",),
    ),
    "names that are no district's": Case(
        [TITLE, ["区县", "实用技术培训"], *_ONE, ["市本级", 7], ["双桥经开区", 8]],
        _TRAINING,
        unknown=2,
    ),
    # Totals, notes, titles.
    "the total first": Case([TITLE, _HEAD, ["合计", 90, 120], *_THREE], _TRUE),
    "the total last, in the column of numbers": Case(
        [
            TITLE,
            ["序号", *_HEAD],
            *([n, *row] for n, row in enumerate(_THREE, 1)),
            ["合计", None, 90, 120],
        ],
        _TRUE,
    ),
    "a total that is wrong": Case(
        [TITLE, _HEAD, *_THREE, ["总计", 91, 120]], _TRUE, wrong_totals=1
    ),
    "a total with others in it": Case(
        [TITLE, _HEAD, *_THREE, ["市本级", 5, 6], ["合计", 95, 126]], _TRUE, unknown=1
    ),
    "subtotals": Case(
        [
            TITLE,
            _HEAD,
            ["小计", 40, 60],
            *_THREE[:2],
            ["小计", 50, 60],
            _THREE[2],
            ["总计", 90, 120],
        ],
        _TRUE,
    ),
    "notes below": Case(
        [
            TITLE,
            _HEAD,
            *_THREE,
            ["注：江北区的数含新增1个街道。"],
            ["填表人：张三", None, "联系电话：13900000000"],
            ["2023年7月5日"],
        ],
        _TRUE,
    ),
    "the head once more": Case([TITLE, _HEAD, *_THREE[:2], _HEAD, _THREE[2]], _TRUE),
    "groups of districts": Case(
        [TITLE, _HEAD, ["一、主城都市区"], *_THREE[:2], ["二、其他"], _THREE[2]],
        _TRUE,
        merged=("A3:C3", "A6:C6"),
    ),
    # Which column it is.
    "a head of two rows, merged": Case(
        [
            TITLE,
            ["区县", "就业", None, "备注"],
            [None, "新增城镇就业", "新增农村就业", None],
            *_THREE,
        ],
        _TRUE,
        merged=("A2:A3", "B2:C2", "D2:D3"),
    ),
    "a head of three rows, not merged": Case(
        [
            TITLE,
            ["区县", "残疾人就业情况"],
            [None, "就业"],
            [None, "新增城镇就业", "新增农村就业"],
            *_THREE,
        ],
        _TRUE,
    ),
    "a short name": Case(
        [TITLE, ["区县", "辅具"], *_ONE], _of("I07", 万州区=10, 涪陵区=30, 江北区=50)
    ),
    "a code as heading": Case([TITLE, ["区县", "I01"], *_ONE], _TRAINING),
    "with words of doing": Case([TITLE, ["区县", "累计完成实用技术培训数"], *_ONE], _TRAINING),
    "the group alone": Case(
        [TITLE, ["区县", "托养服务人数"], *_ONE], _of("I04", 万州区=10, 涪陵区=30, 江北区=50)
    ),
    "a part below its whole": Case(
        [
            TITLE,
            ["区县", "托养服务", None],
            [None, "合计", "其中：寄宿制"],
            ["万州区", 10, 1],
            ["涪陵区", 30, 3],
        ],
        _of("I04", 万州区=10, 涪陵区=30) | _of("I05", 万州区=1, 涪陵区=3),
        merged=("B2:C2",),
    ),
    "targets and rates beside": Case(
        [
            TITLE,
            ["区县", "实用技术培训", None, None],
            [None, "目标任务", "完成数", "完成率"],
            ["万州区", 20, 10, 0.5],
            ["涪陵区", 60, 30, 0.5],
            ["江北区", 90, 50, 0.6],
        ],
        _TRAINING,
        merged=("B2:D2",),
    ),
    "targets over the same names": Case(
        [
            TITLE,
            ["区县", "任务情况", "完成情况"],
            [None, "实用技术培训", "实用技术培训"],
            ["万州区", 20, 10],
            ["涪陵区", 60, 30],
            ["江北区", 90, 50],
        ],
        _TRAINING,
    ),
    "a table of targets": Case(
        [["2023年残疾人重点任务分解表"], ["区县", "实用技术培训"], *_ONE], refused=("没有一列",)
    ),
    "last year's beside": Case(
        [
            TITLE,
            ["区县", "2023年实用技术培训", "2022年实用技术培训", "实用技术培训同比增长"],
            ["万州区", 10, 9, 1],
            ["涪陵区", 30, 1, 29],
            ["江北区", 50, 5, 45],
        ],
        _TRAINING,
    ),
    "another's part of it": Case(
        [TITLE, ["区县", "其中：女性", "特殊教育"], [None, "实用技术培训", "寄宿制"], *_THREE],
        refused=("没有一列",),
    ),
    "a narrower thing": Case(
        [
            TITLE,
            ["区县", "实用技术培训（60岁以上）", "实用技术培训"],
            *([n, 1, v] for n, v in _ONE),
        ],
        _TRAINING,
    ),
    "two that fit one": Case(
        [TITLE, ["区县", "实用技术培训", "实用技术培训（人次）"], *_THREE],
        refused=("column-in-doubt",),
    ),
    "one that fits two": Case([TITLE, ["区县", "残疾妇女"], *_ONE], refused=("column-in-doubt",)),
    "one that fits two, and is said": Case(
        [TITLE, ["区县", "女性"], *_ONE],
        _of("I09", 万州区=10, 涪陵区=30, 江北区=50),
        said=(Correspondence("女性", "I09"),),
    ),
    "a word that may be of anything": Case(
        [TITLE, ["区县", "女性", "寄宿制"], *_THREE], refused=("没有一列",)
    ),
    "another whole's part": Case(
        [TITLE, ["区县", "灵活就业", None], [None, "合计", "女性"], *_THREE],
        refused=("没有一列",),
        merged=("B2:C2",),
    ),
    "rows of one district apart": Case(
        [TITLE, _HEAD, *_THREE, ["前三名"], ["江北区", 7, 8]], refused=("district-twice",)
    ),
    "said by its letter": Case(
        [TITLE, ["区县", "甲项", "乙项"], *_THREE],
        _of("I01", 万州区=20, 涪陵区=40, 江北区=60),
        said=(Correspondence("C", "I01", place="选项"),),
    ),
    "said twice": Case(
        [TITLE, ["区县", "甲项"], *_ONE],
        refused=("column-in-doubt",),
        said=(Correspondence("甲项", "I01"), Correspondence("甲项", "I02")),
    ),
    "nothing fits": Case([TITLE, ["区县", "低保户数"], *_ONE], refused=("没有一列",)),
    "no district at all": Case(
        [TITLE, ["单位", "实用技术培训"], ["甲公司", 1], ["乙公司", 2]], refused=("没有找到一列",)
    ),
    "a hidden column": Case(
        [TITLE, _HEAD, *_THREE], _TRUE, told=("hidden-column",), more={"hidden_columns": ["C:C"]}
    ),
    "a hidden row": Case(
        [TITLE, _HEAD, *_THREE], _TRUE, told=("hidden-row",), more={"hidden_rows": [4]}
    ),
    "two sheets": Case(
        {"5月": [["残疾人就业情况"], _HEAD, *_THREE], "6月": [["残疾人就业情况"], _HEAD, *_THREE]},
        refused=("which-sheet",),
    ),
    "the same, one chosen": Case(
        {"一": [TITLE, _HEAD, *_THREE], "二": [TITLE, _HEAD, ["万州区", 1, 1], ["涪陵区", 2, 2]]},
        _TRUE,
        options={"sheet": "一"},
    ),
    "a hidden sheet beside": Case(
        {
            "表": [TITLE, _HEAD, *_THREE],
            "旧": [TITLE, _HEAD, ["万州区", 1, 1], ["涪陵区", 2, 2], ["江北区", 3, 3]],
        },
        _TRUE,
        more={"hidden": ["旧"]},
    ),
    # Until when, in which year.
    "months and the year": Case(
        [
            ["2023年6月残疾人培训情况"],
            ["区县", "实用技术培训", None],
            [None, "本月", "1-6月累计"],
            ["万州区", 1, 10],
            ["涪陵区", 2, 30],
            ["江北区", 3, 50],
        ],
        _TRAINING,
        merged=("B2:C2",),
    ),
    "the same, the month asked for": Case(
        [
            ["2023年6月残疾人培训情况"],
            ["区县", "实用技术培训", None],
            [None, "本月", "1-6月累计"],
            ["万州区", 1, 10],
            ["涪陵区", 2, 30],
            ["江北区", 3, 50],
        ],
        _of("I01", 万州区=1, 涪陵区=2, 江北区=3),
        merged=("B2:C2",),
        period=MONTHLY,
        options={"monthly": ""},
    ),
    "this period and the one before": Case(
        [
            TITLE,
            ["区县", "去年同期", "本期"],
            [None, "实用技术培训", "实用技术培训"],
            ["万州区", 1, 10],
            ["涪陵区", 2, 30],
            ["江北区", 3, 50],
        ],
        _TRAINING,
    ),
    "the last month's sum, the month, this month's sum": Case(
        [
            ["2023年6月残疾人培训情况"],
            ["区县", "实用技术培训", None, None],
            [None, "上月累计", "本月", "本月累计"],
            ["万州区", 8, 2, 10],
            ["涪陵区", 28, 2, 30],
            ["江北区", 48, 2, 50],
        ],
        _TRAINING,
        merged=("B2:D2",),
    ),
    "every month and a sum": Case(
        [
            ["残疾人培训情况"],
            ["区县", "实用技术培训", None, None, None],
            [None, "4月", "5月", "6月", "累计"],
            ["万州区", 1, 2, 3, 10],
            ["涪陵区", 1, 2, 3, 30],
            ["江北区", 1, 2, 3, 50],
        ],
        _TRAINING,
        merged=("B2:E2",),
    ),
    "quarters and the half": Case(
        [
            ["残疾人培训情况"],
            ["区县", "实用技术培训", None, None],
            [None, "一季度", "二季度", "上半年"],
            ["万州区", 4, 6, 10],
            ["涪陵区", 10, 20, 30],
            ["江北区", 20, 30, 50],
        ],
        _TRAINING,
        merged=("B2:D2",),
    ),
    "a month alone": Case(
        [["2023年6月残疾人培训情况"], ["区县", "实用技术培训"], *_ONE], unclear=("I01",)
    ),
    "no time at all": Case([["残疾人培训情况"], ["区县", "实用技术培训"], *_ONE], unclear=("I01",)),
    "no time, and a state": Case(
        [["残疾人辅具情况"], ["区县", "辅具适配"], *_ONE],
        _of("I07", 万州区=10, 涪陵区=30, 江北区=50),
    ),
    "no time, but said of all": Case(
        [["残疾人培训情况"], ["区县", "实用技术培训"], *_ONE],
        _TRAINING,
        as_of=4,
        said=(Correspondence("全部", as_of=4, period=CUMULATIVE),),
    ),
    "until May": Case(
        [["残疾人培训情况（截至2023年5月底）"], ["区县", "实用技术培训"], *_ONE], _TRAINING, as_of=5
    ),
    "title and file disagree": Case(
        [["2023年1-5月残疾人培训情况"], ["区县", "实用技术培训"], *_ONE],
        refused=("period-unclear",),
        file="1-6月.xlsx",
    ),
    "a day of writing": Case(
        [TITLE, ["填报单位：人社局", "填报日期：2023年7月5日"], ["区县", "实用技术培训"], *_ONE],
        _TRAINING,
        file="2023-07-05.xlsx",
    ),
    "another year": Case(
        [["2022年上半年残疾人培训情况"], ["区县", "实用技术培训"], *_ONE],
        _TRAINING,
        told=("year-mismatch",),
    ),
    "title and sheet speak of other kinds": Case(
        {"累计": [["2023年6月当月培训情况"], ["区县", "实用技术培训"], *_ONE]},
        refused=("period-unclear",),
    ),
    "marks of footnotes": Case(
        [TITLE, ["区县", "新增城镇就业（人）①", "新增农村就业*"], *_THREE, ["①含灵活就业。"]], _TRUE
    ),
    "only a second quarter": Case(
        [["2023年二季度残疾人培训情况"], ["区县", "实用技术培训"], *_ONE], refused=("没有一列",)
    ),
    # What stands in a cell.
    "tens of thousands in the head": Case(
        [
            TITLE,
            ["区县", "新增城镇就业（万人）"],
            ["万州区", 0.0123],
            ["涪陵区", 1.2],
            ["江北区", 0],
        ],
        _of("I02", 万州区=123, 涪陵区=12000, 江北区=0),
    ),
    "tens of thousands above": Case(
        [TITLE, ["单位：万人"], ["区县", "新增城镇就业"], ["万州区", 0.0123], ["涪陵区", 1.2]],
        _of("I02", 万州区=123, 涪陵区=12000),
    ),
    "tens of thousands above a number of people": Case(
        [TITLE, ["单位：万人"], ["区县", "新增城镇就业人数"], ["万州区", 0.0123], ["涪陵区", 1.2]],
        _of("I02", 万州区=123, 涪陵区=12000),
    ),
    "tens of thousands above what is counted otherwise": Case(
        [TITLE, ["单位：万人"], ["区县", "实用技术培训人次"], *_ONE], refused=("unit-differs",)
    ),
    "a unit that is another": Case(
        [TITLE, ["区县", "实用技术培训（人）"], *_ONE], refused=("unit-differs",)
    ),
    "the same, with a factor": Case(
        [TITLE, ["区县", "实用技术培训（人）"], *_ONE],
        {key: 2 * value for key, value in _TRAINING.items()},
        said=(Correspondence("实用技术培训", "I01", 2),),
    ),
    "percents": Case(
        [
            TITLE,
            ["区县", "就业率"],
            ["万州区", Shown(0.95, "0%")],
            ["涪陵区", "88.5%"],
            ["江北区", 0.9],
            ["渝北区", 92],
        ],
        _of("I06", 万州区=95, 涪陵区=88.5, 江北区="?", 渝北区=92),
    ),
    "numbers as text": Case(
        [
            TITLE,
            ["区县", "新增城镇就业"],
            ["万州区", "1,234"],
            ["涪陵区", "１２３"],
            ["江北区", " 56人"],
            ["渝北区", "1.2万"],
            ["忠县", "约60"],
            ["开州区", "35+4"],
        ],
        _of("I02", 万州区=1234, 涪陵区=123, 江北区=56, 渝北区="?", 忠县="?", 开州区="?"),
    ),
    "blanks, dashes and noughts": Case(
        [
            TITLE,
            ["区县", "新增城镇就业"],
            ["万州区", 0],
            ["涪陵区", None],
            ["江北区", "—"],
            ["渝北区", "/"],
            ["忠县", 3],
        ],
        _of("I02", 万州区=0, 涪陵区=None, 江北区="—", 渝北区="—", 忠县=3),
    ),
    "a number over two districts": Case(
        [TITLE, ["区县", "新增城镇就业"], ["万州区", 10], ["涪陵区", None], ["江北区", 50]],
        _of("I02", 万州区="?", 涪陵区="?", 江北区=50),
        merged=("B3:B4",),
    ),
    "formulas": Case(
        [
            TITLE,
            ["区县", "新增城镇就业"],
            ["万州区", Formula("=5+5", 10)],
            ["涪陵区", Formula("=30*1")],
            ["江北区", Formula("=1/0", "#DIV/0!")],
        ],
        _of("I02", 万州区=10, 涪陵区="?", 江北区="?"),
        only_xlsx=True,
    ),
    "numbers that show otherwise": Case(
        [
            TITLE,
            ["区县", "新增城镇就业"],
            ["万州区", Shown(12345, '0!.0,"万"')],
            ["涪陵区", Shown(10, "0.00")],
            ["江北区", Shown(7, '"无"')],
        ],
        _of("I02", 万州区="?", 涪陵区=10, 江北区="?"),
    ),
    "a day in place of a number": Case(
        [TITLE, ["区县", "新增城镇就业"], ["万州区", Date(45000)], ["涪陵区", 10]],
        _of("I02", 万州区="?", 涪陵区=10),
    ),
    # Persons.
    "a list of persons": Case(
        [
            TITLE,
            ["区县", "姓名", "身份证号", "实用技术培训"],
            ["万州区", "张三", "500101199001011234", 1],
            ["万州区", "李四", "500101199001011235", 1],
            ["涪陵区", "王五", "500102199001011230", 1],
        ],
        refused=("名单",),
    ),
    "who answers for it": Case(
        [
            TITLE,
            ["区县", "实用技术培训", "联系人姓名", "联系电话"],
            ["万州区", 10, "张三", 13900000001],
            ["涪陵区", 30, "李四", "13900000002"],
            ["江北区", 50, "王五", 13900000003],
        ],
        _TRAINING,
        personal=2,
    ),
    "numbers of cards without a heading": Case(
        {"表": [TITLE, ["区县", "实用技术培训"], *_ONE], "名单": [["张三", "500101199001011234"]]},
        _TRAINING,
        personal=1,
        more={"hidden": ["名单"]},
    ),
}
