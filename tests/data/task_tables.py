"""Task tables of many kinds beside what each comes to: rows as lists, A1 first.

``units`` is each district with its targets; ``refused`` are the codes of the errors; ``told`` are codes that
have to be among the warnings. Where ``told`` is left out nothing but a missing unit may be told.
``python -m tests.data.task_tables FOLDER`` writes them as workbooks.
"""

# ruff: noqa: E501 - rows as they stand

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.tools.tables import Date, Formula, Rows, Shown, workbook

TOWNS = ("长安镇", "板榄镇", "雅瑶乡")
_THREE = (["长安镇", 100], ["板榄镇", 80], ["雅瑶乡", 50])
_PAIRS = (["长安镇", 100, 12], ["板榄镇", 80, 31], ["雅瑶乡", 50, 7])


class Case(NamedTuple):
    """``options`` are those of ``new``; ``more`` is for ``workbook``, ``counted_in`` the indicators' units."""

    rows: Rows | dict[str, Rows]
    units: dict[str, list[Any]] | None = None
    refused: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    year: int = 2023
    options: Mapping[str, str] = MappingProxyType({})
    more: Mapping[str, Any] = MappingProxyType({})
    indicators: tuple[str, ...] | None = None
    counted_in: tuple[str, ...] | None = None

    def data(self) -> bytes:
        """The workbook."""
        sheets = self.rows if isinstance(self.rows, dict) else {"Sheet1": self.rows}
        return workbook(sheets, self.merged, **self.more)


def _units(rows: Any) -> dict[str, list[Any]]:
    return {name: list(values) for name, *values in rows}


_TOTAL_NAMES = (
    "合计", "总计", "合計", "總計", "小计", "总 计", "共计", "共", "总", "计", "总数", "汇总", "累计", "全市", "全县",
    "全镇", "全区合计", "全市合计：", "全市总目标", "全县任务", "任务总数", "目标合计", "各乡镇合计", "年度总任务", "县合计",
    "Total", "TOTAL:", "Grand Total", "Sum", "Overall", "以上合计", "全县目标任务", "∑", "总任务数", "整体", "所有乡镇",
    "本县", "甲县", "Σ：",
)  # fmt: skip


class _Named(dict[str, Case]):
    """Cases by name, none of which hides another."""

    def __setitem__(self, name: str, case: Case) -> None:
        assert name not in self, name
        super().__setitem__(name, case)

    def __ior__(self, more: Any) -> _Named:  # type: ignore[override,misc]
        assert not self.keys() & more.keys(), self.keys() & more.keys()
        self.update(more)
        return self


CASES: dict[str, Case] = _Named()
for _name in _TOTAL_NAMES:
    for _place in (0, 3):
        _rows = list(_THREE)
        _rows.insert(_place, [_name, 230])
        _told = ("looks-like-total",) if _name in ("整体", "本县", "甲县") else ()
        _told = ("subtotal-skipped",) if _name == "小计" else _told
        CASES[f"total {_name} {'above' if _place == 0 else 'below'}"] = Case(
            [["2023年任务表"], ["乡镇", "培训（人）"], *_rows], _units(_THREE), told=_told
        )

_HEAD = ["地区", "培训（人）", "就业（人）"]
CASES |= {
    "a total that is wrong": Case(
        [["乡镇", "培训（人）"], *_THREE, ["合计", 231]], _units(_THREE), told=("total-mismatch",)
    ),
    "a total under a township's name, one column": Case(
        [["乡镇", "培训（人）"], ["长安镇", 100], ["板榄镇", 200], ["雅瑶乡", 300]],
        {"长安镇": [100], "板榄镇": [200], "雅瑶乡": [300]},
    ),
    "a total under a township's name, two columns": Case(
        [["乡镇", "培训（人）", "就业（人）"], *_PAIRS, ["雅安镇", 230, 50], ], None, ("row-in-doubt",),
    ),
    "a sum under a township's name, two columns, kept": Case(
        [["乡镇", "培训（人）", "就业（人）"], *_PAIRS, ["雅安镇", 230, 50]],
        {**_units(_PAIRS), "雅安镇": [230, 50]}, options={"keep-row": "5"},
    ),
    "the same, a total": Case(
        [["乡镇", "培训（人）", "就业（人）"], *_PAIRS, ["雅安镇", 230, 50]],
        _units(_PAIRS), options={"total-row": "5"},
    ),
    "the same, skipped": Case(
        [["乡镇", "培训（人）", "就业（人）"], *_PAIRS, ["雅安镇", 230, 50]],
        _units(_PAIRS), options={"skip-row": "5"},
    ),
    "a province's row": Case(
        [_HEAD, ["甲省", 230, 50], ["红星市", 100, 12], ["光明市", 80, 31], ["东风市", 50, 7]],
        {"红星市": [100, 12], "光明市": [80, 31], "东风市": [50, 7]}, told=("looks-like-total",),
    ),
    "regions, no total": Case(
        [_HEAD, ["东部片区", 60, 6], ["红星县", 20, 2], ["光明县", 40, 4], ["西部片区", 70, 7], ["东风县", 30, 3],
         ["胜利县", 40, 4]],
        {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3], "胜利县": [40, 4]}, told=("looks-like-total",),
    ),
    "regions below their districts": Case(
        [_HEAD, ["红星县", 20, 2], ["光明县", 40, 4], ["东部", 60, 6], ["东风县", 30, 3], ["胜利县", 40, 4],
         ["西部", 70, 7], ["合计", 130, 13]],
        {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3], "胜利县": [40, 4]}, told=("looks-like-total",),
    ),
    "cities over counties": Case(
        [_HEAD, ["全省", 130, 13], ["甲市", 60, 6], ["红星县", 20, 2], ["光明县", 40, 4], ["乙州", 70, 7],
         ["东风县", 30, 3], ["胜利县", 40, 4]],
        {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3], "胜利县": [40, 4]}, told=("looks-like-total",),
    ),
    "three levels": Case(
        [_HEAD, ["全省", 230, 23], ["东部地区", 130, 13], ["甲市", 60, 6], ["红星县", 20, 2], ["光明县", 40, 4],
         ["乙市", 70, 7], ["东风县", 30, 3], ["胜利县", 40, 4], ["西部地区", 100, 10], ["丙市", 100, 10],
         ["前进县", 45, 4], ["跃进县", 55, 6]],
        {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3], "胜利县": [40, 4], "前进县": [45, 4], "跃进县": [55, 6]},
        told=("looks-like-total",),
    ),
    "a city of one county": Case(
        [_HEAD, ["合计", 90, 9], ["甲市", 60, 6], ["红星县", 20, 2], ["光明县", 40, 4], ["乙市", 30, 3], ["东风县", 30, 3]],
        {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3]}, told=("looks-like-total",),
    ),
    "cities that have no counties": Case(
        [_HEAD, ["合计", 99, 9], ["甲市", 60, 4], ["乙市", 20, 2], ["丙县", 19, 3]],
        {"甲市": [60, 4], "乙市": [20, 2], "丙县": [19, 3]},
    ),
    "a city's own level": Case(
        [_HEAD, ["甲市", 150, 15], ["市本级", 30, 3], ["红星县", 50, 5], ["光明县", 70, 7]],
        {"市本级": [30, 3], "红星县": [50, 5], "光明县": [70, 7]}, told=("looks-like-total",),
    ),
    "a city's own level and a total": Case(
        [_HEAD, ["市本级", 30, 3], ["红星县", 50, 5], ["光明县", 70, 7], ["合计", 150, 15]],
        {"市本级": [30, 3], "红星县": [50, 5], "光明县": [70, 7]},
    ),
    "a pivot": Case(
        [["行标签", "求和项:培训", "求和项:就业"], ["甲市", 60, 6], ["红星县", 20, 2], ["光明县", 40, 4],
         ["乙市", 70, 7], ["东风县", 30, 3], ["胜利县", 40, 4], ["总计", 130, 13]],
        {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3], "胜利县": [40, 4]}, told=("looks-like-total",),
        indicators=("培训", "就业"),
    ),
    "a pivot in columns": Case(
        [["市", "县", "求和项:培训", "求和项:就业"], ["甲市", "红星县", 20, 2], [None, "光明县", 40, 4], ["甲市 汇总", None, 60, 6],
         ["乙市", "东风县", 30, 3], [None, "胜利县", 40, 4], ["乙市 汇总", None, 70, 7], ["总计", None, 130, 13]],
        {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3], "胜利县": [40, 4]}, told=("subtotal-skipped",),
    ),
    "an English pivot": Case(
        [["Region", "District", "Sum of Target"], ["North", "Bo", 10], [None, "Kenema", 20], ["North Total", None, 30],
         ["South", "Pujehun", 5], [None, "Moyamba", 6], ["South Total", None, 11], ["Grand Total", None, 41]],
        {"Bo": [10], "Kenema": [20], "Pujehun": [5], "Moyamba": [6]}, told=("subtotal-skipped",),
    ),
    "English regions in one column": Case(
        [["District", "Wells", "Schools"], ["North", 30, 3], ["Bo", 10, 1], ["Kenema", 20, 2], ["South", 11, 5],
         ["Pujehun", 5, 2], ["Moyamba", 6, 3], ["Total", 41, 8]],
        {"Bo": [10, 1], "Kenema": [20, 2], "Pujehun": [5, 2], "Moyamba": [6, 3]}, told=("looks-like-total",),
    ),
    "分类汇总": Case(
        [["片区", "乡镇", "培训（人）"], ["东", "长安镇", 100], ["东", "板榄镇", 80], ["东 汇总", None, 180], ["西", "雅瑶乡", 50],
         ["西", "大将镇", 20], ["西 汇总", None, 70], ["总计", None, 250]],
        {"长安镇": [100], "板榄镇": [80], "雅瑶乡": [50], "大将镇": [20]}, told=("subtotal-skipped",),
    ),
    "a reserve": Case(
        [["乡镇", "培训（人）"], ["合计", 260], *_THREE, ["县级预留", 30]], _units(_THREE), told=("row-skipped",)
    ),
    "a reserve, no total": Case(
        [["乡镇", "培训（人）"], *_THREE, ["机动指标", 30]], _units(_THREE), told=("row-skipped",)
    ),
    "weights": Case(
        [["乡镇", "培训（人）", "就业（人）"], ["权重", 60, 40], *_PAIRS], _units(_PAIRS), told=("row-skipped",)
    ),
    "last year in a row": Case(
        [["乡镇", "培训（人）", "就业（人）"], ["2022年完成数", 300, 40], *_PAIRS, ["合计", 230, 50]],
        _units(_PAIRS), told=("row-skipped",),
    ),
    "an average": Case(
        [["乡镇", "培训（人）", "就业（人）"], *_PAIRS, ["平均", 76.67, 16.67]], _units(_PAIRS), told=("row-skipped",)
    ),
    "其中 with a list number": Case(
        [["县（市、区）", "小区（个）", "楼栋（栋）"], ["全市小计", 230, 50], ["其中：1.历下区", 100, 12], ["2.市中区", 80, 31],
         ["3.槐荫区", 50, 7]],
        {"历下区": [100, 12], "市中区": [80, 31], "槐荫区": [50, 7]}, told=("subtotal-skipped",),
    ),
    "其中 without a number": Case(
        [["县区", "小区（个）", "楼栋（栋）"], ["合计", 230, 50], ["其中：历下区", 100, 12], ["市中区", 80, 31], ["槐荫区", 50, 7]],
        {"历下区": [100, 12], "市中区": [80, 31], "槐荫区": [50, 7]}, told=("like-a-stock",),
    ),
    "其中 of a district": Case(
        [["县区", "小区（个）", "楼栋（栋）"], ["历下区", 100, 12], ["其中：高新园", 30, 2], ["市中区", 80, 31], ["槐荫区", 50, 7]],
        {"历下区": [100, 12], "市中区": [80, 31], "槐荫区": [50, 7]}, told=("subtotal-skipped",),
    ),
    "two levels with merged cities": Case(
        [["市州", "县（市、区）", "培训（人）"], ["甲州", "小计", 60], [None, "红星县", 20], [None, "光明县", 40],
         ["乙州", "小计", 90], [None, "东风县", 30], [None, "胜利县", 60], ["合计", None, 150]],
        {"红星县": [20], "光明县": [40], "东风县": [30], "胜利县": [60]}, told=("subtotal-skipped",),
        merged=("A2:A4", "A5:A7", "A8:B8"),
    ),
    "two levels, one name in two cities": Case(
        [["市", "县区", "培训（人）"], ["甲市", "城区", 20], [None, "光明县", 40], ["乙市", "城区", 30], [None, "胜利县", 60]],
        {"甲市城区": [20], "光明县": [40], "乙市城区": [30], "胜利县": [60]}, merged=("A2:A3", "A4:A5"),
    ),
    "two levels with the cities' own": Case(
        [["市州", "县（市、区）", "培训（人）"], ["甲市", "本级", 20], [None, "光明县", 40], ["乙市", "本级", 30], [None, "胜利县", 60]],
        {"甲市本级": [20], "光明县": [40], "乙市本级": [30], "胜利县": [60]}, merged=("A2:A3", "A4:A5"),
    ),
    "one name twice and no city": Case(
        [["县区", "培训（人）"], ["城区", 20], ["光明县", 40], ["城区", 30]], None, ("district-twice",)
    ),
    "units down, districts across": Case(
        [["2023年任务分解表"], ["指标", "计量单位", "合计", *TOWNS], ["培训", "人次", 230, 100, 80, 50], ["基地", "个", 6, 3, 2, 1]],
        None, ("transposed",),
    ),
    "the same, settled": Case(
        [["2023年任务分解表"], ["指标", "计量单位", "合计", *TOWNS], ["培训", "人次", 230, 100, 80, 50], ["基地", "个", 6, 3, 2, 1]],
        {"长安镇": [100, 3], "板榄镇": [80, 2], "雅瑶乡": [50, 1]}, options={"units-across": ""},
        indicators=("培训", "基地"), told=("like-a-stock",),
    ),
    "districts across, no units": Case(
        [["指标名称", "一中", "二中", "三中"], ["招生数", 300, 310, 290], ["体检人数", 95, 90, 96]], None, ("transposed",)
    ),
    "districts across, brackets": Case(
        [["项目", "长安镇", "板榄镇", "雅瑶乡"], ["培训（人）", 300, 310, 290], ["宣传（场）", 5, 6, 7]], None, ("transposed",)
    ),
    "districts across with a number": Case(
        [["序号", "任务指标", "单位", "全县目标", *TOWNS], [1, "培训", "人次", 230, 100, 80, 50], [2, "基地", "个", 6, 3, 2, 1]],
        None, ("transposed",),
    ),
    "English, districts across": Case(
        [["Indicator", "Bo", "Kenema", "Total"], ["Wells", 3, 4, 7], ["Schools", 5, 2, 7]], None, ("transposed",)
    ),
    "a task list": Case(
        [["序号", "重点任务", "目标值", "单位", "责任单位"], [1, "新增就业", 2000, "人", "就业科"], [2, "招聘会", 20, "场", "就业科"],
         [3, "技能培训", 500, "人次", "培训科"]],
        None, ("task-list",),
    ),
    "a task list by department": Case(
        [["责任科室", "工作内容", "年度目标（个）", "完成时限"], ["就业科", "新建零工市场", 2, "12月底"], ["培训科", "建设实训基地", 3, "10月底"],
         ["保障科", "创建示范社区", 5, "11月底"]],
        None, ("task-list",),
    ),
    "a task list of indicators": Case(
        [["指标", "单位", "2023年目标"], ["新增就业", "人", 2000], ["招聘会", "场", 20], ["技能培训", "人次", 500]],
        None, ("task-list",),
    ),
    "a row a district and indicator": Case(
        [["区县", "指标", "任务数"], ["红星县", "培训", 10], ["红星县", "就业", 20], ["光明县", "培训", 30], ["光明县", "就业", 40]],
        None, ("task-list",),
    ),
    "targets and results": Case(
        [["区县", "培训（人）", None, None], [None, "目标", "完成数", "完成率"], ["红星县", 10, 5, 0.5], ["光明县", 20, 5, 0.25]],
        {"红星县": [10], "光明县": [20]}, told=("column-skipped",), merged=("A1:A2", "B1:D1"),
    ),
    "targets and results side by side": Case(
        [["区县", "培训任务数（人）", "培训完成数（人）", "就业任务数（人）", "就业完成数（人）", "排名"], ["红星县", 10, 5, 7, 2, 1],
         ["光明县", 20, 6, 9, 3, 2]],
        {"红星县": [10, 7], "光明县": [20, 9]}, told=("column-skipped",),
    ),
    "results below their group": Case(
        [["区县", "年度任务", None, "完成情况", None], [None, "培训（人）", "就业（人）", "培训（人）", "就业（人）"],
         ["红星县", 10, 7, 5, 2], ["光明县", 20, 9, 6, 3]],
        {"红星县": [10, 7], "光明县": [20, 9]}, told=("column-skipped",), merged=("A1:A2", "B1:C1", "D1:E1"),
    ),
    "results alone": Case(
        [["区县", "培训完成数（人）", "就业（人）"], ["红星县", 10, 5], ["光明县", 20, 5]], None, ("column-in-doubt",)
    ),
    "results alone, kept": Case(
        [["区县", "培训完成数（人）", "就业（人）"], ["红星县", 10, 5], ["光明县", 20, 5]],
        {"红星县": [10, 5], "光明县": [20, 5]}, options={"keep-column": "B"},
    ),
    "results alone, skipped": Case(
        [["区县", "培训完成数（人）", "就业（人）"], ["红星县", 10, 5], ["光明县", 20, 5]],
        {"红星县": [5], "光明县": [5]}, options={"skip-column": "B"},
    ),
    "tasks that begin with 完成": Case(
        [["区县", "完成培训（人）", "完成改造（户）"], ["红星县", 10, 5], ["光明县", 20, 6]], {"红星县": [10, 5], "光明县": [20, 6]}
    ),
    "last year beside this year": Case(
        [["区县", "2022年完成（人）", "2023年任务（人）"], ["红星县", 9, 10], ["光明县", 19, 20]],
        {"红星县": [10], "光明县": [20]}, told=("column-skipped",),
    ),
    "last year's without a year": Case(
        [["区县", "上年完成（人）", "培训任务（人）", "比上年增长（%）"], ["红星县", 9, 10, 11.1], ["光明县", 19, 20, 5.3]],
        {"红星县": [10], "光明县": [20]}, told=("column-skipped",),
    ),
    "a plan of three years": Case(
        [["区县", "培训（人）", None, None], [None, "2023年", "2024年", "2025年"], ["红星县", 9, 10, 11], ["光明县", 19, 20, 21]],
        {"红星县": [10], "光明县": [20]}, told=("column-skipped",), merged=("A1:A2", "B1:D1"), year=2024,
    ),
    "carried over": Case(
        [["区县", "2022年结转任务（人）", "2023年新增任务（人）"], ["红星县", 9, 10], ["光明县", 19, 20]], None, ("column-in-doubt",)
    ),
    "quarters": Case(
        [["区县", "全年（人）", "一季度", "二季度", "三季度", "四季度"], ["红星县", 10, 1, 2, 3, 4], ["光明县", 20, 5, 5, 5, 5]],
        {"红星县": [10], "光明县": [20]}, told=("column-skipped",),
    ),
    "quarters that do not add up": Case(
        [["区县", "全年任务（人）", "Q1", "Q2", "Q3", "Q4"], ["红星县", 10, 1, 2, 3, 4], ["光明县", 20, 5, 5, 5, 4]],
        {"红星县": [10], "光明县": [20]}, told=("column-skipped", "total-mismatch"),
    ),
    "halves under an indicator": Case(
        [["区县", "培训（人）", "上半年", "下半年"], ["红星县", 10, 4, 6], ["光明县", 20, 5, 15]],
        {"红星县": [10], "光明县": [20]}, told=("column-skipped",),
    ),
    "quarters alone": Case(
        [["区县", "一季度（人）", "二季度（人）"], ["红星县", 1, 2], ["光明县", 5, 5]], None, ("column-in-doubt", "column-in-doubt")
    ),
    "months": Case(
        [["区县", "全年（人）", *[f"{m}月" for m in range(1, 13)]], ["红星县", 12, *[1] * 12], ["光明县", 24, *[2] * 12]],
        {"红星县": [12], "光明县": [24]}, told=("column-skipped",),
    ),
    "shares": Case(
        [["乡镇", "户数（户）", "占比"], ["长安镇", 50, Shown(0.5, "0%")], ["板榄镇", 30, Shown(0.3, "0%")],
         ["雅瑶乡", 20, Shown(0.2, "0%")]],
        {"长安镇": [50], "板榄镇": [30], "雅瑶乡": [20]}, told=("column-skipped",),
    ),
    "shares as numbers": Case(
        [["乡镇", "户数（户）", "所占比例（%）"], ["长安镇", 50, 50], ["板榄镇", 30, 30], ["雅瑶乡", 20, 20]],
        {"长安镇": [50], "板榄镇": [30], "雅瑶乡": [20]}, told=("column-skipped",),
    ),
    "weights and ranks": Case(
        [["乡镇", "培训（人）", "分值", "权重"], ["长安镇", 51, 5, 20], ["板榄镇", 32, 5, 30], ["雅瑶乡", 20, 5, 50]],
        {"长安镇": [51], "板榄镇": [32], "雅瑶乡": [20]}, told=("column-skipped",),
    ),
    "dates": Case(
        [["乡镇", "培训（人）", "完成时限", "启动"], ["长安镇", 51, Date(45000), "3月底前"], ["板榄镇", 32, Date(45001), "2023年4月"],
         ["雅瑶乡", 20, Date(45002), "5月"]],
        {"长安镇": [51], "板榄镇": [32], "雅瑶乡": [20]}, told=("column-skipped",),
    ),
    "people": Case(
        [["乡镇", "常住人口", "培训（人）"], ["长安镇", 5100, 51], ["板榄镇", 3200, 32], ["雅瑶乡", 2000, 20]],
        {"长安镇": [51], "板榄镇": [32], "雅瑶乡": [20]}, told=("column-skipped",),
    ),
    "departments in the header": Case(
        [["乡镇", "培训（人）", "宣传（场）"], [None, "市教育局", "市民政局"], *_PAIRS], _units(_PAIRS), told=("row-skipped",),
        indicators=("培训", "宣传"),
    ),
    "rates": Case(
        [["乡镇", "建档率（%）", "随访（人）"], ["长安镇", 95, 100], ["板榄镇", Shown(0.9, "0%"), 210], ["雅瑶乡", "92%", 300]],
        {"长安镇": [95, 100], "板榄镇": [90, 210], "雅瑶乡": [92, 300]}, told=("read-as-rate", "read-as-number"),
    ),
    "a hidden column": Case(
        [["乡镇", "培训（人）", "就业（人）"], *_PAIRS], _units(_PAIRS), told=("hidden-column",), more={"hidden_columns": ["C:C"]}
    ),
    "a hidden row": Case(
        [["乡镇", "培训（人）", "就业（人）"], *_PAIRS], _units(_PAIRS), told=("hidden-row",), more={"hidden_rows": [3]}
    ),
    "shown in 万": Case(
        [["乡镇", "资金（万元）"], ["长安镇", Shown(1234000, "0!.0,")], ["板榄镇", 3]], None, ("display-differs",)
    ),
    "shown with 万 behind": Case(
        [["乡镇", "资金（元）"], ["长安镇", Shown(12, '0"万"')], ["板榄镇", 3]], None, ("display-differs",)
    ),
    "shown in thousands": Case(
        [["乡镇", "资金（千元）"], ["长安镇", Shown(12000, "#,##0,")], ["板榄镇", 3]], None, ("display-differs",)
    ),
    "shown rounded": Case(
        [["乡镇", "资金（万元）"], ["长安镇", Shown(12.34, "0.0")], ["板榄镇", 3]],
        {"长安镇": [12.34], "板榄镇": [3]}, told=("display-differs",),
    ),
    "zeros shown as nothing": Case(
        [["乡镇", "资金（万元）"], ["长安镇", Shown(0, "0;-0;")], ["板榄镇", 3]], {"长安镇": [0], "板榄镇": [3]}, told=("display-differs",)
    ),
    "a sheet a year": Case(
        {"2022": [["乡镇", "培训（人）"], ["长安镇", 1], ["板榄镇", 2]], "2023": [["乡镇", "培训（人）"], ["长安镇", 3], ["板榄镇", 4]]},
        {"长安镇": [3], "板榄镇": [4]}, told=("other-table",),
    ),
    "a title a year": Case(
        {"表一": [["2023年任务"], ["乡镇", "培训（人）"], ["长安镇", 1], ["板榄镇", 2]],
         "表二": [["2024年任务"], ["乡镇", "培训（人）"], ["长安镇", 3], ["板榄镇", 4], ["雅瑶乡", 5]]},
        {"长安镇": [1], "板榄镇": [2]}, told=("other-table",),
    ),
    "two sheets alike": Case(
        {"甲": [["乡镇", "培训（人）"], ["长安镇", 1], ["板榄镇", 2]], "乙": [["乡镇", "培训（人）"], ["长安镇", 3], ["板榄镇", 4]]},
        None, ("which-sheet",),
    ),
    "two sheets alike, settled": Case(
        {"甲": [["乡镇", "培训（人）"], ["长安镇", 1], ["板榄镇", 2]], "乙": [["乡镇", "培训（人）"], ["长安镇", 3], ["板榄镇", 4]]},
        {"长安镇": [3], "板榄镇": [4]}, options={"sheet": "乙"},
    ),
}  # fmt: skip


CASES |= {
    "a unit row between two levels": Case(
        [["乡镇", "就业", None, "培训"], [None, "人", None, "人次"], [None, "城镇", "农村", "技能"], ["长安镇", 1, 2, 9], ["板榄镇", 4, 5, 9],
         ["雅瑶乡", 3, 3, 3]],
        {"长安镇": [1, 2, 9], "板榄镇": [4, 5, 9], "雅瑶乡": [3, 3, 3]}, merged=("A1:A3", "B1:C1", "B2:C2"),
        indicators=("就业 > 城镇", "就业 > 农村", "培训 > 技能"),
    ),
    "a row called 计量单位": Case(
        [["乡镇", "培训", "就业"], ["计量单位", "人次", "人"], *_PAIRS], _units(_PAIRS), indicators=("培训", "就业")
    ),
    "a column of one unit": Case(
        [["乡镇", "计量单位", "培训任务"], ["长安镇", "人", 100], ["板榄镇", "人", 80], ["雅瑶乡", "人", 50]],
        _units(_THREE), told=("column-skipped",),
    ),
    "a city left of its counties, its own row": Case(
        [["市", "县", "培训（人）"], ["甲市", None, 60], [None, "红星县", 20], [None, "光明县", 40], ["乙市", None, 70],
         [None, "东风县", 30], [None, "胜利县", 40]],
        {"红星县": [20], "光明县": [40], "东风县": [30], "胜利县": [40]}, told=("looks-like-total",), merged=("A2:A4", "A5:A7"),
    ),
    "a region that does not add up": Case(
        [_HEAD, ["全市", 61, 6], ["东部片区", 31, 3], ["红星县", 10, 1], ["光明县", 20, 2], ["西部片区", 30, 3], ["东风县", 14, 1],
         ["胜利县", 16, 2]],
        None, ("row-in-doubt",),
    ),
    "a region among rates": Case(
        [["区县", "覆盖率（%）"], ["东部片区", 91], ["红星县", 90], ["光明县", 92]], None, ("row-in-doubt",)
    ),
    "a subtotal that is wrong": Case(
        [_HEAD, ["红星县", 20, 2], ["光明县", 40, 4], ["东部小计", 61, 6], ["东风县", 30, 3], ["胜利县", 41, 4]],
        {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3], "胜利县": [41, 4]}, told=("subtotal-skipped", "total-mismatch"),
    ),
    "a target before and after": Case(
        [["区县", "原任务数（人）", "调整数（人）", "调整后任务数（人）"], ["东区", 3, 1, 4], ["西区", 7, -2, 5]],
        {"东区": [4], "西区": [5]}, told=("column-skipped",),
    ),
    "this month and so far": Case(
        [["区县", "全年任务（人）", "本月完成（人）", "累计完成（人）", "占目标%"], ["东区", 20, 1, 10, 50], ["西区", 40, 1, 10, 25]],
        {"东区": [20], "西区": [40]}, told=("column-skipped",),
    ),
    "begun and finished": Case(
        [["区县", "计划改造（户）", "已开工（户）", "已竣工（户）"], ["东区", 20, 10, 5], ["西区", 40, 10, 2]],
        {"东区": [20], "西区": [40]}, told=("column-skipped",),
    ),
    "plan, actual, variance": Case(
        [["District", "Plan", "Actual", "Variance"], ["Bo", 20, 10, -10], ["Kono", 40, 50, 10]],
        {"Bo": [20], "Kono": [40]}, told=("column-skipped",),
    ),
    "cumulative quarters": Case(
        [["区县", "全年目标（人）", "一季度", "上半年", "前三季度"], ["东区", 20, 5, 10, 15], ["西区", 40, 10, 20, 30]],
        {"东区": [20], "西区": [40]}, told=("column-skipped",),
    ),
    "years, numbers of papers, post codes": Case(
        [["单位", "年度", "文号", "邮编", "人数（人）"], ["一所", 2023, "残发〔2023〕5号", 400020, 20],
         ["二所", 2023, "残发〔2023〕6号", 400060, 45]],
        {"一所": [20], "二所": [45]}, told=("column-skipped",),
    ),
    "a sum beside its parts": Case(
        [["乡镇", "城镇（人）", "农村（人）", "合计（人）"], ["长安镇", 1, 2, 3], ["板榄镇", 4, 5, 9], ["雅瑶乡", 3, 3, 6]],
        {"长安镇": [1, 2, 3], "板榄镇": [4, 5, 9], "雅瑶乡": [3, 3, 6]}, told=("column-is-sum",),
    ),
    "projects in districts": Case(
        [["序号", "项目名称", "建设地点", "总投资（万元）", "责任单位"], [1, "特教学校扩建", "江北区", 3000, "市教委"],
         [2, "康复中心新建", "南岸区", 5000, "市残联"], [3, "托养中心改造", "渝中区", 900, "市民政局"]],
        None, ("task-list",),
    ),
    "districts across and a department": Case(
        [["任务", "长安镇", "板榄镇", "雅瑶乡", "责任单位"], ["培训（人）", 100, 80, 50, "教就部"], ["就业（人）", 12, 31, 7, "就业中心"]],
        None, ("transposed",),
    ),
    "a list of telephones beside the table": Case(
        {"任务表": [["区县", "培训（人）"], ["东区", 11], ["西区", 22]],
         "通讯录": [["单位", "房间", "工位"], ["东区", 101, 3], ["西区", 102, 4], ["南区", 103, 5]]},
        {"东区": [11], "西区": [22]}, told=("other-table",),
    ),
    "其中 the city's own level": Case(
        [["地区", "培训（人）"], ["甲市", 150], ["其中：市本级", 30], ["红星县", 50], ["光明县", 70], ["乙市", 90], ["其中：市本级", 40],
         ["东风县", 50]],
        {"甲市本级": [30], "红星县": [50], "光明县": [70], "乙市本级": [40], "东风县": [50]}, told=("looks-like-total",),
    ),
    "其中 before every county": Case(
        [_HEAD, ["甲市", 150, 15], ["其中：红星县", 80, 8], ["其中：光明县", 70, 7], ["乙市", 90, 9], ["其中：胜利县", 40, 4],
         ["其中：东风县", 50, 5], ["合计", 240, 24]],
        {"红星县": [80, 8], "光明县": [70, 7], "胜利县": [40, 4], "东风县": [50, 5]}, told=("looks-like-total",),
    ),
    "其中 that the total counts": Case(
        [["县区", "小区（个）"], ["历下区", 100], ["其中：高新区", 30], ["市中区", 80], ["合计", 210]],
        {"历下区": [100], "高新区": [30], "市中区": [80]}, told=("like-a-stock",),
    ),
    "其中 that the total does not count": Case(
        [["县区", "小区（个）"], ["历下区", 100], ["其中：高新区", 30], ["市中区", 80], ["合计", 180]],
        {"历下区": [100], "市中区": [80]}, told=("subtotal-skipped",),
    ),
    "two levels, 市中区 in two cities": Case(
        [["市", "县区", "培训（人）"], ["甲市", "市中区", 20], [None, "光明县", 40], ["乙市", "市中区", 30], [None, "胜利县", 60]],
        {"甲市市中区": [20], "光明县": [40], "乙市市中区": [30], "胜利县": [60]}, merged=("A2:A3", "A4:A5"),
    ),
    "a last district without a target": Case(
        [["学校名称", "路（公里）"], ["合计", 5], ["1.第一中学", 2], ["2.第二中学", 3], ["3.第三中学", "—"]],
        {"第一中学": [2], "第二中学": [3], "第三中学": [None]}, told=("like-a-stock",),
    ),
}  # fmt: skip

_TWO = ["县区", "培训（人）", "就业（人）"]
_COUNTIES = (["红星县", 100, 12], ["光明县", 80, 31], ["东风县", 50, 7])
_READ = _units(_COUNTIES)
_ONE = {name: values[:1] for name, values in _READ.items()}
_ONES = tuple(row[:2] for row in _COUNTIES)
CASES |= {
    "English names, one the sum of the others": Case(
        [["District", "Care (persons)"], ["Tonkolili", 394], ["Bo", 61], ["Pujehun", 333]], None, ("row-in-doubt",)
    ),
    "round numbers, one the sum of the others": Case(
        [["县区", "资金（元）"], ["红星县", 30000], ["光明县", 20000], ["东风县", 10000]],
        {"红星县": [30000], "光明县": [20000], "东风县": [10000]},
    ),
    "a total in two languages": Case(
        [["地区 Region", "就业（人）"], ["全市 Total", 230], *_ONES], _ONE
    ),
    "a total by its count": Case([["县区", "培训（人）"], *_ONES, ["共3个县", 230]], _ONE),
    "a total of so many": Case([["县区", "培训（人）"], ["全市3个县合计", 230], *_ONES], _ONE),
    "a total without a name": Case([["县区", "培训（人）"], [None, 230], *_ONES], None, ("row-without-name",)),
    "a total without a name, skipped": Case([["县区", "培训（人）"], [None, 230], *_ONES], _ONE, options={"skip-row": "2"}),
    "what was given from above": Case(
        [_TWO, ["省下达任务", 220, 50], ["全市", 230, 50], *_COUNTIES, ["差额", -10, 0]], _READ, told=("row-skipped",)
    ),
    "a page carried forward": Case(
        [_TWO, *_COUNTIES[:2], ["过次页", 180, 43], ["承前页", 180, 43], _COUNTIES[2], ["合计", 230, 50]], _READ,
        told=("subtotal-skipped",),
    ),
    "the next page": Case(
        [["2023年任务表"], _TWO, *_COUNTIES[:2], ["续表"], _TWO, _COUNTIES[2], ["合计", 230, 50]], _READ
    ),
    "the next page has other indicators": Case(
        [_TWO, *_COUNTIES, ["续表"], ["县区", "宣传（场）"], *_ONES], None,
        ("second-table",),
    ),
    "a smaller table above": Case(
        [["2022年完成"], ["县区", "培训（人）", "宣传（场）"], ["红星县", 9, 1], ["光明县", 8, 1], [], ["2023年任务"], _TWO, *_COUNTIES],
        None, ("second-table",),
    ),
    "the same, rows skipped": Case(
        [["2022年完成"], ["县区", "培训（人）", "宣传（场）"], ["红星县", 9, 1], ["光明县", 8, 1], [], ["2023年任务"], _TWO, *_COUNTIES],
        _READ, options={"skip-row": "3-4"},
    ),
    "two tables under one header": Case(
        [["表一 2022年"], ["县区", "培训（人）"], *_ONES, ["表二 2023年"], ["县区", "培训（人）"], *_ONES], None,
        ("second-table",),
    ),
    "remarks between districts": Case(
        [["县区", "培训（人）"], _ONES[0], ["（以上为重点县）"], *_ONES[1:], ["合计", 230]], _ONE
    ),
    "cities without figures": Case(
        [["县区", "培训（人）"], ["甲市"], ["城区", 20], ["光明县", 40], ["乙市"], ["城区", 30], ["胜利县", 60], ["合计", 150]],
        {"甲市城区": [20], "光明县": [40], "乙市城区": [30], "胜利县": [60]}, told=("row-skipped",),
    ),
    "cities across the row": Case(
        [["县区", "培训（人）"], ["甲市"], ["城区", 20], ["光明县", 40], ["乙市"], ["城区", 30], ["胜利县", 60], ["合计", 150]],
        {"甲市城区": [20], "光明县": [40], "乙市城区": [30], "胜利县": [60]}, merged=("A2:B2", "A5:B5"),
    ),
    "kinds of schools without figures": Case(
        [["学校", "招生（人）"], ["小学"], ["一小", 40], ["二小", 42], ["初中"], ["一中", 100], ["合计", 182]],
        {"一小": [40], "二小": [42], "一中": [100]}, told=("row-skipped",),
    ),
    "lists of three levels": Case(
        [_HEAD, ["全省", 160, 16], ["一、甲市", 70, 7], ["（一）市本级", 10, 1], ["（二）县（市、区）小计", 60, 6], ["1.红星县", 20, 2],
         ["2.光明县", 40, 4], ["二、乙市", 90, 9], ["（一）市本级", 30, 3], ["（二）县（市、区）小计", 60, 6], ["1.东风县", 25, 2],
         ["2.胜利县", 35, 4]],
        {"甲市本级": [10, 1], "红星县": [20, 2], "光明县": [40, 4], "乙市本级": [30, 3], "东风县": [25, 2], "胜利县": [35, 4]},
        told=("looks-like-total", "subtotal-skipped"),
    ),
    "classes in brackets": Case([["班级", "人数（人）"], ["（一）班", 40], ["（二）班", 42]], {"（一）班": [40], "（二）班": [42]}, told=("like-a-stock",)),
    "市级 beside counties": Case(
        [_HEAD, ["甲市", 150, 15], ["市级", 30, 3], ["红星县", 50, 5], ["光明县", 70, 7]],
        {"市级": [30, 3], "红星县": [50, 5], "光明县": [70, 7]}, told=("looks-like-total",),
    ),
    "其他 that the total counts": Case(
        [["县区", "培训（人）"], *_ONES, ["其他", 20], ["合计", 250]], _ONE, told=("row-skipped",)
    ),
    "其中 that is no place": Case(
        [_TWO, ["全市", 230, 50], ["其中：残疾人", 30, 5], *_COUNTIES], _READ, told=("subtotal-skipped",)
    ),
    "其中 of a county, several": Case(
        [_TWO, _COUNTIES[0], ["其中：一镇", 30, 5], ["二镇", 70, 7], *_COUNTIES[1:]], _READ, told=("subtotal-skipped",)
    ),
    "含 in brackets": Case(
        [["县区", "培训（人）"], _ONES[0], ["（含红星经开区）", 30], *_ONES[1:], ["合计", 230]], _ONE, told=("subtotal-skipped",)
    ),
    "marks at names": Case(
        [["县区", "培训（人）"], ["*红星县", 100], ["※光明县", "—"], ["东风县", 50], ["合计", 150]],
        {"红星县": [100], "光明县": [None], "东风县": [50]},
    ),
    "words beside a district without a target": Case(
        [[*_TWO, "备注", "责任单位"], *_COUNTIES[:2], ["前进县", "—", "—", "含结转", "教就部"], ["跃进县", None, None, "重点", "教就部"],
         _COUNTIES[2], ["胜利县", 3, 4]],
        {**_units(_COUNTIES[:2]), "前进县": [None, None], "跃进县": [None, None], "东风县": [50, 7], "胜利县": [3, 4]},
        told=("blank", "column-skipped"),
    ),
    "words in the last row": Case([["县区", "培训（人）"], *_ONES[:2], ["东风县", "待定"]], None, ("not-a-number",)),
    "the unit in the corner": Case(
        [["2023年任务分解"], ["单位：人", "培训", "就业"], *_COUNTIES], _READ, indicators=("培训", "就业")
    ),
    "units behind the numbers": Case(
        [["县区", "培训", "入学率"], ["红星县", "100人", "99.5%"], ["光明县", "80人", "98%"]],
        {"红星县": [100, 99.5], "光明县": [80, 98]}, told=("read-as-number", "read-as-rate"),
    ),
    "weights in percent": Case(
        [["District", "Wells", "Schools"], ["Weight (%)", 60, 40], ["Bo", 10, 3], ["Kono", 7, 4]],
        {"Bo": [10, 3], "Kono": [7, 4]}, told=("row-skipped",),
    ),
    "a plan of five years": Case(
        [["县区", "“十四五”目标（户）", "2023年目标（户）"], ["红星县", 100, 20], ["光明县", 80, 16]],
        {"红星县": [20], "光明县": [16]}, told=("column-skipped",),
    ),
    "given, changed, final": Case(
        [["县区", "下达任务（户）", "调减", "调增", "最终任务（户）"], ["红星县", 100, 10, 0, 90], ["光明县", 80, 0, 10, 90]],
        {"红星县": [90], "光明县": [90]}, told=("column-skipped",),
    ),
    "standards": Case(
        [["县区", "低保", None], [None, "标准（元/月）", "人数（人）"], ["红星县", 700, 100], ["光明县", 700, 50]],
        {"红星县": [100], "光明县": [50]}, told=("column-skipped",), merged=("A1:A2", "B1:C1"),
    ),
    "how many townships, whom to call, what is reached": Case(
        [["县区", "辖乡镇数（个）", "总户数（户）", "培训任务（人）", "累计达到（人）", "联系方式"], ["红星县", 10, 900, 5, 95, 65123456],
         ["光明县", 12, 800, 6, 80, 65123457]],
        {"红星县": [5], "光明县": [6]}, told=("column-skipped",),
    ),
    "quarters over indicators": Case(
        [["县区", "全年目标", None, "一季度", None, "二季度", None], [None, *_TWO[1:] * 3], ["红星县", 100, 12, 50, 6, 50, 6],
         ["光明县", 80, 31, 40, 30, 40, 1]],
        {"红星县": [100, 12], "光明县": [80, 31]}, told=("column-skipped",), merged=("A1:A2", "B1:C1", "D1:E1", "F1:G1"),
    ),
    "results on a larger sheet": Case(
        {"任务": [_TWO, *_COUNTIES[:2]], "进度": [["县区", "培训完成数（人）", "就业完成数（人）"], *_COUNTIES]},
        {"红星县": [100, 12], "光明县": [80, 31]}, told=("other-table",),
    ),
    "counties and offices, the same headings": Case(
        {"县区": [_TWO, *_COUNTIES[:2]], "部门": [_TWO, ["教育局", 5, 6], ["民政局", 4, 5], ["人社局", 1, 2]]}, None, ("which-sheet",)
    ),
    "one indicator, districts across": Case([["指标", "单位", *TOWNS], ["培训", "人次", 100, 80, 50]], None, ("transposed",)),
    "two halves side by side": Case(
        [["乡镇", "培训（人）", "乡镇", "培训（人）"], ["长安镇", 100, "大将镇", 50], ["板榄镇", 80, "富禄乡", 60]],
        {"长安镇": [100], "板榄镇": [80], "大将镇": [50], "富禄乡": [60]}, told=("side-by-side",),
    ),
    "a logframe": Case(
        [["Results", "Indicator", "Baseline", "Target 2023"], ["Outcome 1", "% of children vaccinated", 45, 80],
         ["Output 1.1", "# of nurses trained", 0, 120], ["Output 1.2", "# of clinics equipped", 2, 15]],
        None, ("task-list",),
    ),
    "enrolment with its parts": Case(
        [["学校", "招生计划（人）", None, None, "班级（个）"], [None, "合计", "其中：普高", "职高", None], ["一中", 300, 200, 100, 6],
         ["二中", 250, 200, 50, 5], ["合计", 550, 400, 150, 11]],
        {"一中": [300, 200, 100, 6], "二中": [250, 200, 50, 5]}, told=("column-is-sum",), merged=("A1:A2", "B1:D1", "E1:E2"),
    ),
    "totals of some, and of all": Case(
        [_TWO, ["县区合计", 230, 50], *_COUNTIES, ["市本级", 30, 5], ["全市（含市本级）", 260, 55]],
        {**_READ, "市本级": [30, 5]}, told=("subtotal-skipped",),
    ),
    "districts below their total": Case([_TWO, *_COUNTIES, ["合计", 230, 50], ["高新区", 5, 6]], None, ("row-in-doubt",)),
    "districts below their total, kept": Case(
        [_TWO, *_COUNTIES, ["合计", 230, 50], ["高新区", 5, 6]], {**_READ, "高新区": [5, 6]}, told=("total-mismatch",),
        options={"keep-row": "6"},
    ),
    "其中 below the total": Case(
        [_TWO, *_COUNTIES, ["合计", 230, 50], ["其中：国家级重点县", 150, 19], ["省级重点县", 80, 31]], _READ, told=("subtotal-skipped",)
    ),
    "who made the table, and when": Case(
        [_TWO, *_COUNTIES, ["合计", 230, 50], [], ["制表人", "张三", 20230105]], _READ, told=("number-skipped",)
    ),
    "the first half of the year": Case(
        [["县区", "年度目标（户）", "其中：上半年"], ["红星县", 100, 60], ["光明县", 80, 40]],
        {"红星县": [100], "光明县": [80]}, told=("column-skipped",),
    ),
    "amounts and growth": Case(
        [["县区", "就业", None, "培训", None], [None, "绝对额（人）", "增长（%）", "绝对额（人）", "增长（%）"], ["红星县", 100, 3.2, 12, -1.5],
         ["光明县", 80, 2.1, 31, 0.5]],
        {"红星县": [100, 12], "光明县": [80, 31]}, told=("column-skipped",), merged=("A1:A2", "B1:C1", "D1:E1"),
    ),
}  # fmt: skip

_WHOLE, _SAID = {"红星县": [100], "光明县": [80]}, ("column-skipped",)
for _name, _heads in {
    "an investment in all beside the year's": ("计划总投资（万元）", "2023年计划投资（万元）"),
    "an estimate beside the year's plan": ("项目概算（万元）", "年度投资计划（万元）"),
    "a contract's sum beside the year's plan": ("合同额（万元）", "本年度计划（万元）"),
    "the size of a project beside the year's task": ("项目建设规模（亩）", "2023年建设任务（亩）"),
    "a planned area beside the year's": ("规划总面积（平方米）", "2023年建设面积（平方米）"),
    "a goal of the whole plan": ("规划期总目标（户）", "年度目标（户）"),
    "a task of three years": ("三年总任务（户）", "2023年任务（户）"),
    "a span of years": ("2023-2025年任务（户）", "2023年任务（户）"),
    "life of project": ("LOP target", "2023 target"),
    "a project's whole budget": ("Total budget (USD)", "2023 budget (USD)"),
    "a target to the end of the project": ("End of project target", "2023 milestone"),
    "a stock beside the task": ("危房存量（户）", "2023年下达任务（户）"),
    "what is there in all": ("农户总数", "2023年改造任务（户）"),
    "those of an age": ("35-64岁妇女人数", "宫颈癌检查任务（人）"),
    "those who should have it": ("应种人数", "接种任务数（人）"),
    "people in need": ("People in need", "People targeted"),
    "a stock no task stands beside": ("持证残疾人数", "托养服务（人）"),
    "a built-up area": ("建成区面积（平方公里）", "新增达标面积（平方公里）"),
    "money issued by now": ("已下达资金（万元）", "2023年投资任务（万元）"),
    "what is repaired by now": ("已治理河长（公里）", "2023年治理任务（公里）"),
    "invested by now": ("累计完成投资（万元）", "2023年计划完成投资（万元）"),
    "a goal to strive for": ("奋斗目标（户）", "底线目标（户）"),
    "a task added": ("追加任务", "调整后任务（户）"),
    "what was asked for": ("区县自报数", "市级核定数（户）"),
    "what is needed": ("2023年需求（万元）", "2023年安排（万元）"),
    "what was there by the end of last year": ("2022年底特教班总数（个）", "新建特教班（个）"),
    "those who live there": ("60岁以上老年人口", "助餐人次"),
    "a plan of five years beside the task": ("“十四五”规划建设（公里）", "2023年计划建设（公里）"),
    "done in the years before": ("前三年完成（公里）", "2023年计划建设（公里）"),
    "an original target": ("Original target", "Revised target"),
    "this year by now": ("YTD", "Target"),
    "next year's plan": ("下年度计划", "本年改造任务（座）"),
    "a task a head": ("人均任务", "总任务（株）"),
}.items():
    CASES[_name] = Case(
        [["县区", *_heads], ["红星县", 500, 100], ["光明县", 900, 80]], _WHOLE, told=_SAID
    )
CASES |= {
    "an investment in all that is less than the year's": Case(
        [["县区", "总投资（万元）", "2023年投资（万元）"], ["红星县", 50, 100], ["光明县", 900, 80]], refused=("column-in-doubt",)
    ),
    "an investment in all that is less than the year's, kept": Case(
        [["县区", "总投资（万元）", "2023年投资（万元）"], ["红星县", 50, 100], ["光明县", 900, 80]],
        {"红星县": [50, 100], "光明县": [900, 80]}, options={"keep-column": "B"},
    ),
    "an investment in all and nothing of the year": Case(
        [["县区", "新建幼儿园（所）", "总投资（万元）"], ["红星县", 5, 100], ["光明县", 9, 80]],
        {"红星县": [5, 100], "光明县": [9, 80]}, told=("column-unnamed",),
    ),
    "the size of a project beside the year's money": Case(
        [["县区", "建设规模（个）", "年度投资（万元）"], ["红星县", 5, 100], ["光明县", 9, 80]],
        {"红星县": [5, 100], "光明县": [9, 80]}, told=("column-unnamed",),
    ),
    "plans are the task": Case(
        [["县区", "规划编制（个）", "2023年新增规划（个）"], ["红星县", 5, 3], ["光明县", 9, 8]],
        {"红星县": [5, 3], "光明县": [9, 8]},
    ),
    "how long it is in all": Case(
        [["县区", "河道总长（公里）", "清淤任务（公里）"], ["红星县", 500, 100], ["光明县", 900, 80]],
        {"红星县": [500, 100], "光明县": [900, 80]}, told=("column-unnamed",),
    ),
    "all there are": Case(
        [["县区", "示范小区（个）", "小区总数（个）"], ["红星县", 5, 100], ["光明县", 9, 80]],
        {"红星县": [5, 100], "光明县": [9, 80]}, told=("column-unnamed",),
    ),
    "allotted by now": Case(
        [["县区", "新增分配（套）", "累计分配（套）"], ["红星县", 5, 100], ["光明县", 9, 80]],
        {"红星县": [5, 100], "光明县": [9, 80]}, told=("column-unnamed",),
    ),
    "a number of no named kind beside a task": Case(
        [["县区", "任务数（所）", "缺编数"], ["红星县", 5, 100], ["光明县", 9, 80]],
        {"红星县": [5, 100], "光明县": [9, 80]}, told=("column-unnamed",),
    ),
    "a verb beside a task": Case(
        [["县区", "任务数（人）", "职业技能培训人数（人）"], ["红星县", 5, 100], ["光明县", 9, 80]],
        {"红星县": [5, 100], "光明县": [9, 80]},
    ),
    "what a level above set, below the total": Case(
        [_TWO, *_COUNTIES, ["合计", 230, 50], ["省定目标", 200, 40], ["上级任务", 190, 30]], _READ, told=("row-skipped",)
    ),
    "what cannot be foreseen": Case(
        [_TWO, *_COUNTIES, ["不可预见", 10, 1], ["合计", 240, 51]], _READ, told=("row-skipped",)
    ),
    "money beside a task": Case(
        [["县区", "任务数（户）", "补助资金（万元）"], ["红星县", 5, 100], ["光明县", 9, 80]],
        {"红星县": [5, 100], "光明县": [9, 80]}, told=("column-unnamed",),
    ),
    "no column is called a task": Case(
        [["县区", "合同金额（亿元）", "到位资金（亿元）"], ["红星县", 5, 100], ["光明县", 9, 80]],
        {"红星县": [5, 100], "光明县": [9, 80]},
    ),
    "the task of a level above beside one's own": Case(
        [["县区", "省下达任务（户）", "市下达任务（户）"], ["红星县", 5, 100], ["光明县", 9, 80]], refused=("column-in-doubt",)
    ),
    "all years beside each": Case(
        [["县区", "2023年", "2024年", "2025年", "合计"], ["红星县", 100, 7, 9, 116], ["光明县", 80, 3, 1, 84]], _WHOLE, told=_SAID
    ),
    "a goal in all that has no unit": Case(
        [["县区", "总目标", "企业职工（人）", "农民工（人）"], ["红星县", 15, 10, 5], ["光明县", 9, 7, 2], ["明星县", 8, 5, 3]],
        {"红星县": [15, 10, 5], "光明县": [9, 7, 2], "明星县": [8, 5, 3]}, told=("column-is-sum",),
    ),
    "a sum whatever it is called": Case(
        [["县区", "提前下达任务（户）", "本次下达任务（户）", "下达任务（户）"], ["红星县", 10, 5, 15], ["光明县", 7, 2, 9], ["明星县", 5, 3, 8]],
        {"红星县": [15], "光明县": [9], "明星县": [8]}, told=("column-skipped",),
    ),
    "下达总数 with a reserve": Case(
        [_TWO, *_COUNTIES, ["预留10%", 10, 1], ["下达总数", 240, 51]], _READ, told=("row-skipped",)
    ),
    "means and growth below the total": Case(
        [_TWO, *_COUNTIES, ["合计", 230, 50], ["全省平均", 77, 17], ["增长数", 4, 2]], _READ, told=("row-skipped",)
    ),
}  # fmt: skip

_STOCK, _MEAN, _UNNAMED = ("like-a-stock",), ("like-an-average",), ("column-unnamed",)
_OTHER, _TWICE, _DOUBT = ("column-skipped",), ("column-is-sum",), ("column-in-doubt",)
# Headings of three columns at most, which of them are read, and what is told; no codes of errors, none told.
_COLUMNS: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "a standing area": (("造林面积（亩）", "林地面积（亩）", "抚育面积（亩）"), "123", _STOCK),
    "roads in care": (("管养里程（公里）", "大修（公里）"), "12", _STOCK),
    "beds there are": (("新办证（人）", "机构床位（张）"), "12", _STOCK),
    "livestock": (("生猪存栏（头）", "生猪出栏（头）"), "12", _STOCK),
    "sows": (("能繁母猪（头）", "生猪出栏（头）"), "12", _STOCK),
    "rivers": (("河流条数", "清漂清淤（公里）"), "12", _STOCK),
    "a machine": (("拖拉机（台）", "补贴机具（台）"), "12", _STOCK),
    "hydrants": (("消防栓（个）", "出租屋排查整治（户）"), "12", _STOCK),
    "branches of the league": (("团组织（个）", "青年之家活动（场）"), "12", _STOCK),
    "those insured": (("养老保险参保人数（万人）", "稳岗返还（万元）"), "12", _STOCK),
    "a path": (("社区健身路径（条）", "国民体质监测（人）"), "12", _STOCK),
    "a station": (("充电桩新增（个）", "加氢站（座）"), "12", _STOCK),
    "a weather station": (("气象站（个）", "人影作业（次）"), "12", _STOCK),
    "donors": (("无偿献血（人次）", "应急献血者（人）", "献血屋（个）"), "123", _STOCK),
    "enterprises in a park": (("入园企业（家）", "闲置土地盘活（亩）"), "12", _STOCK),
    "a cultivated area": (("养殖面积（亩）", "增殖放流（万尾）"), "12", _STOCK),
    "boarding schools, no title": (("寄宿制学校（所）", "教师周转房（套）"), "12", _STOCK),
    "headcount": (("New customers", "Headcount"), "12", _STOCK),
    "those whom a rate is of": (("65岁及以上人数（人）", "规范管理率（%）"), "12", ("like-a-stock", "read-as-rate")),
    "the right to a bed": (("新增床位（张）", "改造提升（张）"), "12", ()),
    "a concentration": (("PM2.5年均浓度（微克/立方米）", "优良天数（天）"), "12", _MEAN),
    "a yield": (("播种面积（万亩）", "单产（公斤/亩）"), "12", _MEAN),
    "so many to a thousand": (("每千人口执业医师（人）", "全科医生转岗培训（人）"), "12", ("like-an-average",)),
    "income a head": (("固定资产投资（亿元）", "城镇居民人均可支配收入（元）"), "12", _MEAN),
    "cash per household": (("Households reached (target)", "Cash per household (KES)"), "12", _MEAN),
    "what has arrived of it": (("任务（个）", "开工（个）"), "12", _UNNAMED),
    "what has to be built": (("应建站点（个）", "2023年新建（个）"), "12", _UNNAMED),
    "what has been accepted of it": (("计划任务（户）", "验收（户）", "拨付（万元）"), "123", _UNNAMED),
    "how large a reserve": (("粮食储备规模（吨）", "轮换计划（吨）"), "12", _STOCK),
    "the least": (("底线值（万元）", "目标值（万元）"), "12", _UNNAMED),
    "cases that came in": (("新收案件（件）", "结案任务（件）"), "12", _UNNAMED),
    "what a province sent, of what": (("务工就业（人）", "省级下达数（人）"), "12", _UNNAMED),
    "two offices' figures": (("农业农村局数（亩）", "统计局数（亩）"), "", _DOUBT),
    "an office's figure beside a task": (("任务数（户）", "民政部门数据（户）"), "1", _OTHER),
    "built by now": (("已建（座）", "2023年新建（座）"), "2", _OTHER),
    "how far, by the calendar": (("任务（座）", "序时进度"), "1", _OTHER),
    "where it is now": (("年度目标（套）", "目前进展（套）"), "1", _OTHER),
    "a share of the plan": (("固定资产投资（亿元）", "已完成（亿元）", "占年计划（%）"), "1", _OTHER),
    "how many of the plan were begun": (("计划数（个）", "开工率（%）"), "1", _OTHER),
    "growth beside the year before": (("2022年接待游客（万人次）", "2023年接待游客（万人次）", "增长（%）"), "2", _OTHER),
    "a total of scores": (("巡查（次）", "总分"), "1", _OTHER),
    "whether it counts": (("技能培训（人次）", "是否重点县"), "1", _OTHER),
    "a month": (("开工月份", "新建（套）"), "2", _OTHER),
    "a margin is no March": (("New customers", "Margin"), "12", _STOCK),
    "a telephone on duty": (("宣讲（场）", "值班电话"), "1", _OTHER),
    "a remark that is counted": (("发展党员（人）", "备注（转正数）"), "1", _OTHER),
    "a placement rate": (("科研经费（万元）", "毕业去向落实率（%）"), "12", ("read-as-rate",)),
    "a limit in percent": (("新增就业（人）", "城镇调查失业率（%以内）"), "12", ("read-as-rate",)),
    "a percent sign behind the name": (("反诈宣传（场）", "破案率%"), "12", ("read-as-rate",)),
    "units of thousands and by units": (("植树（万株）", "供水（万立方米）"), "12", ()),
}  # fmt: skip
_COLUMN_ROWS = (["红星县", 5, 100, 31], ["光明县", 9, 80, 44], ["东风县", 4, 61, 57])
CASES |= {
    f"columns, {_name}": Case(
        [["县区", *_heads], *(row[: len(_heads) + 1] for row in _COLUMN_ROWS)],
        None
        if _codes == _DOUBT
        else {row[0]: [row[int(n)] for n in _read] for row in _COLUMN_ROWS},
        _codes * len(_heads)
        if _name == "two offices' figures"
        else _codes
        if _codes == _DOUBT
        else (),
        () if _codes == _DOUBT else _codes,
    )
    for _name, (_heads, _read, _codes) in _COLUMNS.items()
}
CASES |= {
    "parts of the year's task that are told as well": Case(
        [["县区", "全年计划（套）", "提前批", "续发"], ["红星县", 90, 50, 40], ["光明县", 77, 41, 36], ["东风县", 85, 62, 23]],
        {"红星县": [90], "光明县": [77], "东风县": [85]}, told=("column-skipped",),
    ),
    "what there was and what is added": Case(
        [["县区", "去年基数", "今年增量（个）", "今年目标（个）"], ["红星县", 50, 40, 90], ["光明县", 41, 36, 77], ["东风县", 62, 23, 85]],
        None, ("column-in-doubt",),
    ),
    "what there was and what is added, one left out": Case(
        [["县区", "去年基数", "今年增量（个）", "今年目标（个）"], ["红星县", 50, 40, 90], ["光明县", 41, 36, 77], ["东风县", 62, 23, 85]],
        {"红星县": [90], "光明县": [77], "东风县": [85]}, told=("column-skipped",), options={"skip-column": "C"},
    ),
    "what there was and what is added, both kept": Case(
        [["县区", "去年基数", "今年增量（个）", "今年目标（个）"], ["红星县", 50, 40, 90], ["光明县", 41, 36, 77], ["东风县", 62, 23, 85]],
        {"红星县": [40, 90], "光明县": [36, 77], "东风县": [23, 85]}, told=("column-skipped",), options={"keep-column": "D,C"},
    ),
    "at least so many": Case(
        [["县区", "培训（人）", "参与率"], ["红星县", "≥20", "≥90%"], ["光明县", "不少于30人", "≥85%"]],
        {"红星县": [20, 90], "光明县": [30, 85]}, told=("read-as-number", "read-as-rate"),
    ),
    "at most so many": Case(
        [["县区", "事故（起）"], ["红星县", "≤3"], ["光明县", "≤5"]], refused=("not-a-number",) * 2
    ),
    "a total that was never computed": Case(
        [["县区", "改厕（户）"], ["红星县", 20], ["光明县", 30], ["合计", Formula("=B2+B3")]],
        {"红星县": [20], "光明县": [30]}, told=("total-unchecked",),
    ),
    "more than was asked for": Case(
        [_TWO, *_COUNTIES, ["合计", 230, 50], ["省下达任务", 200, 40], ["超出上级任务", 30, 10]], _READ, told=("row-skipped",)
    ),
    "the unit behind the title": Case(
        [["2023年招商引资任务（亿元）"], ["县区", "上半年", "全年"], ["红星县", 4, 9], ["光明县", 3, 8]],
        {"红星县": [9], "光明县": [8]}, told=_OTHER,
    ),
    "a whole beside its part": Case(
        [["县区", "养老床位", None], [None, "总数（张）", "其中：护理型（张）"], ["红星县", 50, 20], ["光明县", 40, 10]],
        {"红星县": [50, 20], "光明县": [40, 10]}, told=_STOCK, merged=("A1:A2", "B1:C1"),
    ),
    "ranges are no dates": Case(
        [["县区", "引进企业（家）", "签约（个）"], ["红星县", "20-30", 2], ["光明县", "10-12", 3]], refused=("not-a-number",) * 2
    ),
    "regions that their subtotals name": Case(
        [["District", "Wells repaired"], ["North", None], ["Gulu", 10], ["Lira", 12], ["Subtotal North", 22],
         ["East", None], ["Mbale", 8], ["Soroti", 9], ["Subtotal East", 17], ["Grand total", 39]],
        {"Gulu": [10], "Lira": [12], "Mbale": [8], "Soroti": [9]}, told=("row-skipped", "subtotal-skipped"),
    ),
    "a bank's whole": Case(
        [["网点", "存款净增（万元）"], ["城东支行", 100], ["城西支行", 80], ["开发区支行", 50], ["全行", 230]],
        {"城东支行": [100], "城西支行": [80], "开发区支行": [50]},
    ),
    "deadlines below the names": Case(
        [["县区", "屋顶光伏改造", "充电桩新建"], ["牵头单位", "发改局", "城管局"], ["完成时限", "10月底", "11月底"], ["单位", "千瓦", "个"],
         ["红星县", 20, 3], ["光明县", 30, 4]],
        {"红星县": [20, 3], "光明县": [30, 4]}, told=("row-skipped",),
    ),
    "a total with a number before it": Case(
        [["县区", "电商培训（人）"], ["1.红星县", 100], ["2.光明县", 80], ["3.合计", 180]],
        {"红星县": [100], "光明县": [80]},
    ),
    "many texts are told once": Case(
        [["村", "植树（株）"], *([f"{n}村", f"{n * 7}株"] for n in range(1, 9))],
        {f"{n}村": [n * 7] for n in range(1, 9)}, told=("read-as-number",),
    ),
    "marks at names, again": Case(
        [["县区", "植树（株）"], ["红 星 县①", 10], ["光明县*", 20], ["东风县", 35]],
        {"红星县": [10], "光明县": [20], "东风县": [35]},
    ),
    "codes before names": Case(
        [["县区", "植树（株）"], ["530101红星县", 10], ["530102光明县", 20], ["东风县", 35]],
        {"红星县": [10], "光明县": [20], "东风县": [35]},
    ),
    "a unit in two brackets": Case(
        [["乡镇", "新购农机（台（套））", "培训(人(次))"], *_PAIRS], _units(_PAIRS),
        indicators=("新购农机", "培训"),
    ),
    "units above": Case(
        [[None, "人次", "户"], ["乡镇", "培训", "改厕"], *_PAIRS], _units(_PAIRS), indicators=("培训", "改厕"),
    ),
    "one name in two units": Case(
        [["乡镇", "残联", None], [None, "改造任务（户）", "改造任务（人）"], *_PAIRS], _units(_PAIRS),
        merged=("A1:A2", "B1:C1"), indicators=("残联 > 改造任务（户）", "残联 > 改造任务（人）"),
    ),
    "what is left beside the task": Case(
        [["乡镇", "剩余户数", "2023年改造任务（户）"], *_PAIRS], {name: [value] for name, _, value in _PAIRS},
        told=("column-skipped",),
    ),
    "English units and remarks": Case(
        [["District", "Trained (persons)", "Remarks"], ["Bo", 10, None], ["Kono", 20, None], ["Moyamba", 5, None]],
        {"Bo": [10], "Kono": [20], "Moyamba": [5]}, indicators=("Trained",),
    ),
    "months down": Case([["月份", "培训（人）"], ["1月", 3], ["2月", 4], ["3月", 5]], None, ("task-list",)),
    "years down": Case([["县区", "培训（人）"], ["2022年", 3], ["2023年", 4], ["2024年", 5]], None, ("task-list",)),
    "goods down": Case([["物资名称", "数量"], ["帐篷", 3], ["棉被", 4], ["发电机", 5]], None, ("task-list",)),
    "projects down": Case(
        [["项目名称", "2023年投资（万元）"], ["滨河路", 300], ["第三水厂", 400], ["焚烧厂", 500]], None, ("task-list",),
    ),
    "the same, said to be units": Case(
        [["单位名称", "2023年投资（万元）"], ["滨河路", 300], ["第三水厂", 400], ["焚烧厂", 500]],
        {"滨河路": [300], "第三水厂": [400], "焚烧厂": [500]},
    ),
    "task and result down": Case(
        [["县区", "培训（人）"], ["红星县任务", 30], ["红星县完成", 12], ["光明县任务", 40], ["光明县完成", 18]], None,
        ("task-list",),
    ),
    "units down": Case(
        [["县区", "单位", "数量"], ["红星县", "人", 30], ["光明县", "户", 40], ["东风县", "人", 5]], None, ("task-list",),
    ),
    "units beside each": Case(
        [["县区", "培训任务", "单位", "改厕任务", "单位"], ["红星县", 30, "人", 5, "户"], ["光明县", 40, "人", 6, "户"],
         ["东风县", 5, "人", 7, "户"]],
        {"红星县": [30, 5], "光明县": [40, 6], "东风县": [5, 7]}, told=("column-skipped",),
    ),
    "cities above some of their counties": Case(
        [_HEAD, ["甲市", 100, 50], ["红星区", 30, 10], ["光明区", 20, 10], ["乙市", 90, 40], ["东风区", 20, 10], ["胜利区", 30, 9]],
        None, ("row-in-doubt", "row-in-doubt"),
    ),
    "cities above some of their counties, kept": Case(
        [_HEAD, ["甲市", 100, 50], ["红星区", 30, 10], ["光明区", 20, 10], ["乙市", 90, 40], ["东风区", 20, 10], ["胜利区", 30, 9]],
        {"甲市": [100, 50], "红星区": [30, 10], "光明区": [20, 10], "乙市": [90, 40], "东风区": [20, 10], "胜利区": [30, 9]},
        options={"keep-row": "2,5"},
    ),
    "two ends of a span": Case(
        [["乡镇", "下限（人）", "上限（人）"], *_PAIRS], _units(_PAIRS), told=("column-unnamed",),
    ),
    "numbers in words": Case(
        [["乡镇", "培训（人）", "改厕（户）"], ["甲镇", "三十", 5], ["乙镇", "二十", 30], ["丙镇", "八", 6]], None,
        ("not-a-number", "not-a-number", "not-a-number"),
    ),
    "a second block in another order": Case(
        [["表1", None, None, "表2", None], ["乡镇", "培训（人）", None, "乡镇", "改厕（户）"], ["甲镇", 3, None, "丙镇", 6],
         ["乙镇", 4, None, "甲镇", 7], ["丙镇", 5, None, "乙镇", 8]], None, ("second-names",),
    ),
    "counties of a kind among counties": Case(
        [_HEAD, ["红星县", 30, 10], ["光明县", 20, 12], ["脱贫县", 37, 9], ["东风县", 5, 3]], None, ("row-in-doubt",),
    ),
    "other counties": Case(
        [_HEAD, ["红星县", 30, 10], ["光明县", 20, 12], ["其他县区", 7, 9]], {"红星县": [30, 10], "光明县": [20, 12]},
        told=("row-skipped",),
    ),
    "headings that a number begins": Case(
        [["县区", "5G基站", "12345办结"], ["红星县", 30, 10], ["光明县", 20, 12]],
        {"红星县": [30, 10], "光明县": [20, 12]}, told=("like-a-stock",),
    ),
    "next year's target among others": Case(
        [["县区", "改造户厕（户）", "2024年目标（户）"], ["红星县", 30, 10], ["光明县", 20, 12]], None, ("column-in-doubt",),
    ),
    "what was carried over": Case(
        [["县区", "改造户厕（户）", "结转任务（户）"], ["红星县", 30, 10], ["光明县", 20, 12]],
        {"红星县": [30, 10], "光明县": [20, 12]}, told=("column-unnamed",),
    ),
    "what was asked for and what was agreed": Case(
        [["县区", "新建公厕（座）", "申报数（座）"], ["红星县", 30, 10], ["光明县", 20, 12]],
        {"红星县": [30, 10], "光明县": [20, 12]}, told=("like-a-stock",),
    ),
    "weeks": Case(
        [["县区", "第1周（人）", "第2周（人）"], ["红星县", 30, 10], ["光明县", 20, 12]], None, ("column-in-doubt", "column-in-doubt"),
    ),
    "until days": Case(
        [["县区", "6月30日前（人）", "12月31日前（人）"], ["红星县", 30, 10], ["光明县", 20, 12]], None,
        ("column-in-doubt", "column-in-doubt"),
    ),
    "ends of quarters": Case(
        [["县区", "全年目标（人）", "一季度末", "二季度末"], ["红星县", 30, 10, 20], ["光明县", 20, 2, 12]],
        {"红星县": [30], "光明县": [20]}, told=("column-skipped",),
    ),
    "a row that checks": Case(
        [_HEAD, ["红星县", 30, 10], ["光明县", 20, 12], ["合计", 50, 22], ["校验", 0, 0]], {"红星县": [30, 10], "光明县": [20, 12]},
        told=("row-skipped",),
    ),
    "a few percents": Case(
        [["网点", "存款净增（万元）", "不良率（%）"], ["城东支行", 100, 1.2], ["城西支行", 80, 1], ["开发区支行", 50, 2], ["全行合计", 230, None]],
        {"城东支行": [100, 1.2], "城西支行": [80, 1], "开发区支行": [50, 2]}, told=("read-as-rate",),
    ),
    "percents that may be fractions": Case(
        [["县区", "培训（人）", "签约率（%）"], ["红星县", 30, 1], ["光明县", 20, 95]], None, ("percent-unclear",),
    ),
    "names merged across": Case(
        [["县区", None, "培训（人）"], ["红星县", None, 30], ["光明县", None, 20]], {"红星县": [30], "光明县": [20]},
        merged=("A1:B1", "A2:B2", "A3:B3"),
    ),
    "where each is": Case(
        [["街道", "改造户厕（户）", "改造地址"], ["红星街道", 3, "1栋2单元301"], ["光明街道", 2, "5栋101"]],
        {"红星街道": [3], "光明街道": [2]}, told=("column-skipped",),
    ),
    "each of the counties": Case(
        [_HEAD, ["市公安局", 30, 10], ["市教育局", 20, 12], ["各县区", 7, 9]], None, ("row-in-doubt",),
    ),
    "columns numbered by a sum": Case(
        [["乡镇", "培训合计（人）", "城镇", "农村"], ["甲", "1=2+3", "2", "3"], ["长安镇", 100, 60, 40], ["板榄镇", 80, 50, 30]],
        {"长安镇": [100, 60, 40], "板榄镇": [80, 50, 30]}, told=("like-a-stock",),
    ),
    "who is in charge of each": Case(
        [["乡镇", "培训", None, "改厕", None], [None, "目标", "责任单位", "目标", "责任单位"], ["长安镇", 100, "人社局", 12, "农业局"],
         ["板榄镇", 80, "人社局", 31, "农业局"]],
        {"长安镇": [100, 12], "板榄镇": [80, 31]}, told=("column-skipped",), merged=("A1:A2", "B1:C1", "D1:E1"),
    ),
    "halves of a year": Case(
        [["乡镇", "2023年1月—6月任务（人）", "2023年7月—12月任务（人）"], *_PAIRS], None, ("column-in-doubt", "column-in-doubt"),
    ),
    "dates as headings": Case(
        [["乡镇", Date(44927), Date(44958)], *_PAIRS], None, ("column-in-doubt", "column-in-doubt"),
    ),
    "what is paid for the task": Case(
        [["乡镇", "改厕任务（户）", "任务完成奖励（元）"], *_PAIRS], {name: [value] for name, value, _ in _PAIRS},
        told=("column-skipped",),
    ),
    "so many a village": Case(
        [["乡镇", "每村任务（户）", "任务合计（户）"], *_PAIRS], _units(_PAIRS), told=("like-an-average",),
    ),
    "two districts in a row": Case(
        [_HEAD, ["红星县、光明县", 30, 10], ["东风县", 20, 12], ["胜利县", 7, 9]], None, ("row-in-doubt",),
    ),
    "a province's and a city's targets": Case(
        [["县区", "省定目标（人）", "市定目标（人）"], ["红星县", 30, 35], ["光明县", 20, 26]], refused=("column-in-doubt",),
    ),
    "three years' target": Case(
        [["乡镇", "三年目标（户）", "2023年（户）", "2024年（户）", "2025年（户）"], ["长安镇", 100, 60, 20, 20], ["板榄镇", 80, 30, 25, 25]],
        {"长安镇": [60], "板榄镇": [30]}, told=("column-skipped",),
    ),
    "what is being built": Case(
        [["乡镇", "任务（户）", "已验收（户）", "在建（户）", "未开工（户）"], ["长安镇", 100, 2, 60, 38], ["板榄镇", 80, 5, 50, 25]],
        {"长安镇": [100], "板榄镇": [80]}, told=("column-skipped",),
    ),
    "a list of people": Case(
        [["乡镇", "村名", "户主", "补助（元）"], ["长安镇", "一村", "张三", 5000], ["长安镇", "二村", "李四", 5000], ["板榄镇", "三村", "王五", 6000]],
        None, ("task-list",),
    ),
    "hills and plains with figures": Case(
        [_HEAD, ["山区", 50, 9], ["红星县", 3, 1], ["光明县", 2, 4], ["平坝", 90, 8], ["东风县", 1, 2], ["胜利县", 8, 7]], None,
        ("row-in-doubt", "row-in-doubt"),
    ),
    "who may come": Case(
        [["县区", "培训名额（人）", "条件"], ["红星县", 3, "45岁以下"], ["光明县", 2, "不限"]], {"红星县": [3], "光明县": [2]},
        told=("column-skipped",),
    ),
    "parts of town above": Case(
        [["片区/镇", "改厕（户）", "改水（户）"], ["城区片"], ["红星街道", 7, 8], ["光明街道", 3, 1], ["农村片"], ["长安镇", 3, 4]],
        {"红星街道": [7, 8], "光明街道": [3, 1], "长安镇": [3, 4]}, told=("row-skipped",),
    ),
}  # fmt: skip

_BLOCK = (["红星县", 30, 10, 7], ["光明县", 20, 12, 9], ["东风县", 15, 31, 2], ["胜利县", 41, 5, 8])
_BLOCK_TWO = tuple(row[:3] for row in _BLOCK)
_TASK = ["2023年任务分解表"]
CASES |= {
    "a city and a county with the same figures": Case(
        [_HEAD, ["红星县", 20, 3], ["甲市", 15, 5], ["光明县", 15, 5], ["东风县", 7, 9]],
        {"红星县": [20, 3], "甲市": [15, 5], "光明县": [15, 5], "东风县": [7, 9]},
    ),
    "the same in large figures": Case(
        [_HEAD, ["红星县", 20, 3], ["甲市", 1517, 58], ["光明县", 1517, 58], ["东风县", 7, 9]], None, ("row-in-doubt",),
    ),
    "a standard a head and year below": Case(
        [["县区", "机构托养", "居家托养", "补助标准"], [None, "人", "人", "元/人·年"], *([*row[:3], 1500] for row in _BLOCK)],
        _units(_BLOCK_TWO), told=("column-skipped",), merged=("A1:A2",), indicators=("机构托养", "居家托养"), counted_in=("人", "人"),
    ),
    "factors and their weights": Case(
        [["资金分配测算表"], ["单位：万元"], ["县区", "低保对象人数", "权重", "分配金额"], *([a, b, 0.6, c] for a, b, c, _ in _BLOCK)],
        {a: [c] for a, _, c, _ in _BLOCK}, told=("column-skipped",), counted_in=("万元",),
    ),
    "growth against a year": Case(
        [_TASK, ["县区", "新增就业（人）", "新增就业较2022年增长"], *([a, b, Shown(c / 100, "0%")] for a, b, c, _ in _BLOCK)],
        {a: [b] for a, b, *_ in _BLOCK}, told=("column-skipped",),
    ),
    "what is striven for of each": Case(
        [_TASK, ["县区", "就业目标值（人）", "就业挑战值（人）"], *_BLOCK_TWO], {a: [b] for a, b, *_ in _BLOCK}, told=("column-skipped",),
    ),
    "several units stated, and words that name them": Case(
        [["2023年任务（单位：人、户、件）"], ["县区", "救助人数", "改造户数", "适配件数"], *_BLOCK], _units(_BLOCK),
        counted_in=("人", "户", "件"),
    ),
    "several units stated, and nothing that tells which": Case(
        [["2023年任务（单位：人、户、件）"], ["县区", "康复救助", "无障碍改造", "辅具适配"], *_BLOCK], _units(_BLOCK),
        counted_in=("", "", ""),
    ),
    "money stated, and people": Case(
        [_TASK, ["单位：万元"], ["县区", "补助人数", "补助资金"], *_BLOCK_TWO], _units(_BLOCK_TWO), counted_in=("人", "万元"),
    ),
    "people stated, and a rate": Case(
        [_TASK, ["单位：人"], ["县区", "签约", "签约率"], *_BLOCK_TWO], _units(_BLOCK_TWO), told=("like-a-rate",), counted_in=("人", ""),
    ),
    "thousands stated, and sessions": Case(
        [_TASK, ["单位：万人"], ["县区", "服务人数", "培训人次"], *_BLOCK_TWO], _units(_BLOCK_TWO), counted_in=("万人", ""),
    ),
    "a unit with a remark": Case(
        [_TASK, ["县区", "辅具适配（人，含儿童）", "康复救助（名，0-14岁）"], *_BLOCK_TWO], _units(_BLOCK_TWO), counted_in=("人", "名"),
    ),
    "rates in words are no sums": Case(
        [_TASK, ["县区", "服务率", "满意度", "覆盖率"], *([a, "≥90%", "95％", "100%"] for a, *_ in _BLOCK)],
        {a: [90, 95, 100] for a, *_ in _BLOCK}, told=("read-as-number", "read-as-rate"), counted_in=("%", "%", "%"),
    ),
    "what a task table provides": Case(
        [_TASK, ["县区", "残疾人托养（人）", "辅具（件）", "公厕（座）"], *_BLOCK], _units(_BLOCK),
    ),
    "whom a task table is for": Case(
        [_TASK, ["县区", "残疾人（人）", "走访（次）"], *_BLOCK_TWO], _units(_BLOCK_TWO), told=_STOCK,
    ),
    "of one thing, all and those to be mended": Case(
        [_TASK, ["县区", "公厕（座）", "改造提升（座）"], *([a, 9 * d + b, d] for a, b, _, d in _BLOCK)],
        {a: [9 * d + b, d] for a, b, _, d in _BLOCK}, told=_STOCK,
    ),
    "businesses beside a training": Case(
        [_TASK, ["县区", "民宿（家）", "监测户（户）", "培训（人次）"], *_BLOCK], _units(_BLOCK), told=_STOCK,
    ),
    "things that are inspected": Case(
        [_TASK, ["县区", "路灯（盏）", "检查（次）"], *_BLOCK_TWO], _units(_BLOCK_TWO), told=_STOCK,
    ),
    "parts called after a region": Case(
        [_TASK, ["县区", "就业", None, "托养（人）"], [None, "城镇（人）", "牧区（人）", None], *_BLOCK], _units(_BLOCK),
        merged=("A2:A3", "B2:C2", "D2:D3"),
    ),
    "a rate of what was done": Case(
        [_TASK, ["县区", "目标任务（户）", "已完工（户）", "完工率"], *([*row[:3], Shown(row[3] / 100, "0%")] for row in _BLOCK)],
        {a: [b] for a, b, *_ in _BLOCK}, told=("column-skipped",),
    ),
    "a part of a whole group": Case(
        [_TASK, ["县区", "建设任务（亩）", None, None, "其中：节水灌溉（亩）"], [None, "合计", "新建", "改造", None],
         *([a, b + c, b, c, b + d] for a, b, c, d in _BLOCK)],
        {a: [b + c, b, c, b + d] for a, b, c, d in _BLOCK}, told=_TWICE, merged=("A2:A3", "B2:D2", "E2:E3"),
        indicators=("建设任务 > 合计", "建设任务 > 新建", "建设任务 > 改造", "建设任务 > 合计 > 其中：节水灌溉"),
    ),
    "a stated unit in two words": Case(
        [_TASK, ["单位：套（间）"], ["县区", "筹集"], *(row[:2] for row in _BLOCK)], {a: [b] for a, b, *_ in _BLOCK},
        counted_in=("套（间）",),
    ),
    "last year's total below": Case(
        [_TASK, _TWO, *_COUNTIES, ["合计", 230, 50], ["2022年任务数", 200, 40]], _READ, told=("row-skipped",),
    ),
    "a unit as the last of two levels": Case(
        [_TASK, ["县区", "新增就业", None, "培训"], [None, "城镇", "农村", "人次"], [None, "人", "人", None], *_BLOCK], _units(_BLOCK),
        merged=("A2:A4", "B2:C2"), counted_in=("人", "人", "人次"),
    ),
    "years of two digits": Case(
        [_TASK, ["县区", "22年完成（户）", "23年任务（户）"], *_BLOCK_TWO], {a: [c] for a, _, c, _ in _BLOCK}, told=_OTHER,
    ),
    "years in characters": Case(
        [_TASK, ["县区", "二〇二二年完成（户）", "二〇二三年任务（户）"], *_BLOCK_TWO], {a: [c] for a, _, c, _ in _BLOCK}, told=_OTHER,
    ),
    "years of service are none": Case(
        [_TASK, ["县区", "满30年教龄慰问（人）", "20年以上楼房改造（栋）"], *_BLOCK_TWO], _units(_BLOCK_TWO),
    ),
    "a total without a name, again": Case(
        [_TASK, _TWO, *_COUNTIES, [None, 230, 50]], _READ, told=("looks-like-total",),
    ),
    "numbers without a name": Case(
        [_TASK, _TWO, *_COUNTIES, [None, 230, 51]], None, ("row-without-name",),
    ),
    "a date and a page below": Case(
        [_TASK, _TWO, *_COUNTIES, ["合计", 230, 50], [], [None, None, "2023.3.1"], ["打印日期", 45000], ["页码", 1]], _READ,
        told=("number-skipped",),
    ),
    "a draft and what was decided": Case(
        {"任务（初稿）": [_TASK, _TWO, ["红星县", 9, 9]], "任务（定稿）": [_TASK, _TWO, *_COUNTIES]}, _READ, told=("other-table",),
    ),
    "days of work": Case(
        [_TASK, ["县区", "以工代赈用工（人·天）"], *(row[:2] for row in _BLOCK)], {a: [b] for a, b, *_ in _BLOCK},
        counted_in=("人·天",),
    ),
    **{
        f"a row about the columns, {name}": Case([_TASK, _TWO, [name, 300, 40], *_COUNTIES], _READ, told=("row-skipped",))
        for name in ("基数", "单价（元）", "补助标准", "占比")
    },
    "a row of the whole target": Case([_TASK, _TWO, ["目标值", 300, 40], *_COUNTIES], _READ, told=("total-mismatch",)),
    "so many counties": Case([_TASK, _TWO, *_COUNTIES, ["3个县", 230, 50]], _READ),
    "parts of a province": Case(
        [_TASK, _TWO, ["东部地区", 180.1, 43], *_COUNTIES[:2], ["西部地区", 50.1, 7], *_COUNTIES[2:]], None, ("row-in-doubt",) * 2,
    ),
    "a name unlike the others": Case(
        [_TASK, _TWO, *_COUNTIES, ["胜利县", 3, 4], ["大小凉山", 9, 5]], _READ | {"胜利县": [3, 4], "大小凉山": [9, 5]}, told=("row-unlike",),
    ),
    "the same, borne out by a total": Case(
        [_TASK, _TWO, *_COUNTIES, ["胜利县", 3, 4], ["森工集团", 9, 5], ["合计", 242, 59]], _READ | {"胜利县": [3, 4], "森工集团": [9, 5]},
    ),
    "money and rates below a unit": Case(
        [_TASK, ["县区", "职业培训（人）", None, None], [None, "任务数", "补助资金", "合格率"], *([*row[:3], "90%"] for row in _BLOCK)],
        {a: [b, c, 90] for a, b, c, _ in _BLOCK}, told=("column-unnamed", "read-as-rate", "read-as-number"), merged=("A2:A3", "B2:D2"),
        counted_in=("人", "", "%"),
    ),
    "numbers that only tell one from another": Case(
        [_TASK, ["县区", "银行账号", "海拔（米）", "改造（户）"], *([a, 83000 + b, 500 + c, d] for a, b, c, d in _BLOCK)],
        {a: [d] for a, *_, d in _BLOCK}, told=_OTHER,
    ),
    "a date among the names": Case(
        [_TASK, _TWO, *_COUNTIES, ["2023-03-01", 7, 3]], _READ | {"2023-03-01": [7, 3]}, told=("row-unlike",),
    ),
    "what is beyond the plan, or only expected": Case(
        [_TASK, ["县区", "计划外（户）", "预计完成（户）", "任务数（户）"], *_BLOCK], _units(_BLOCK), told=_UNNAMED,
    ),
    "projects that go on": Case(
        [_TASK, ["县区", "续建项目（个）", "新建项目（个）", "在建项目（个）"], *_BLOCK], _units(_BLOCK), told=_UNNAMED,
    ),
    # What may stand the other way round, or be no units at all.
    "classes across without a corner": Case(
        [[None, "一班", "二班", "三班"], ["读书", 9, 7, 5], ["植树", 3, 4, 6]], None, ("transposed",),
    ),
    "the same, kept as they stand": Case(
        [[None, "一班", "二班", "三班"], ["读书", 9, 7, 5], ["植树", 3, 4, 6]], {"读书": [9, 7, 5], "植树": [3, 4, 6]},
        told=_STOCK, options={"keep-row": "2-3"},
    ),
    "the same, turned": Case(
        [[None, "一班", "二班", "三班"], ["读书", 9, 7, 5], ["植树", 3, 4, 6]],
        {"一班": [9, 3], "二班": [7, 4], "三班": [5, 6]}, told=_STOCK, options={"units-across": "yes"},
    ),
    "persons on one side or the other": Case(
        [[None, "赵一鸣", "钱多多"], ["拜访", 9, 7], ["成单", 3, 4]], {"拜访": [9, 7], "成单": [3, 4]}, told=("transposed",),
    ),
    "classes down": Case(
        [["班级", "图书借阅", "植树", "义卖"], ["一班", 9, 7, 5], ["二班", 3, 4, 6], ["三班", 8, 1, 2]],
        {"一班": [9, 7, 5], "二班": [3, 4, 6], "三班": [8, 1, 2]}, told=_STOCK,
    ),
    "townships over two columns each": Case(
        [[_TASK[0]], ["项目", "青山镇", None, "白沙镇", None], [None, "面积（亩）", "株数（株）", "面积（亩）", "株数（株）"],
         ["造林", 9, 7, 5, 3], ["育苗", 3, 4, 6, 8]], None, ("task-list",), merged=("A2:A3", "B2:C2", "D2:E2"),
    ),
    "goods under a heading that may be anything's": Case(
        [_TASK, ["名称", "数量（台）", "采购（万元）"], ["电脑", 9, 7], ["轮椅", 3, 4], ["助听器", 8, 1]],
        {"电脑": [9, 7], "轮椅": [3, 4], "助听器": [8, 1]}, told=("task-list", "like-a-stock"),
    ),
    "goods under a heading that may be anything's, kept": Case(
        [_TASK, ["名称", "配送（台）", "采购（万元）"], ["电脑", 9, 7], ["轮椅", 3, 4], ["助听器", 8, 1]],
        {"电脑": [9, 7], "轮椅": [3, 4], "助听器": [8, 1]}, options={"keep-row": "3-5"},
    ),
    "projects under 单位": Case(
        [_TASK, ["单位", "投资（万元）"], ["滨河大道工程", 9], ["污水厂二期", 3], ["体育馆改造", 8]], None, ("task-list",),
    ),
    "persons with their age": Case(
        [_TASK, ["姓名", "年龄", "补贴（元）"], ["张三", 41, 700], ["李四", 35, 400], ["王五", 52, 900]], None, ("task-list",),
    ),
    "a task each for some counties": Case(
        [_TASK, ["项目", "区县", "数量"], ["培训（人）", "红星县", 9], ["培训（人）", "光明县", 3], ["改厕（户）", "东风县", 8],
         ["改厕（户）", "胜利县", 5]], None, ("task-list",),
    ),
    "quarters left of the units": Case(
        [_TASK, ["季度", "区县", "培训（人）"], ["一季度", "红星县", 9], ["一季度", "光明县", 3], ["二季度", "东风县", 8],
         ["二季度", "胜利县", 5]], None, ("task-list",),
    ),
    # What the title says.
    **{
        f"a title, {title}": Case([[title], _TWO, *_COUNTIES], None, ("title-in-doubt",))
        for title in (
            "2023年上半年任务分解表", "2023年3月份工作任务", "2023年1-11月任务进度统计表", "2023年任务完成情况表", "2023年考核得分表",
            "2023—2025年任务分解表", "三年行动任务表", "2023年培训人员花名册", "第一季度工作目标",
            "（截至10月底完成数）", "2023年各街道综合考核情况", "2023年衔接推进乡村振兴补助资金安排表", "2023年专项经费分配明细表", "2023年第一批任务分解表", "2023年新增（追加）任务分解表",
        )
    },
    **{
        f"a title, {title}": Case([[title], _TWO, *_COUNTIES], _READ)
        for title in (
            "2023年1-12月任务分解表", "2023年任务及资金安排表", "三年行动2023年任务分解表", "2023年任务进度安排表", "2023年5月8日印发的任务表",
            "说明：1-11月完成情况见附件2。", "2023年劳务输出任务清单",
        )
    },
    "a sheet of results": Case({"完成情况": [_TASK, _TWO, *_COUNTIES]}, None, ("title-in-doubt",)),
    "a sheet of a month": Case({"3月": [_TASK, _TWO, *_COUNTIES]}, None, ("title-in-doubt",)),
    "a title of half a year, kept": Case(
        [["2023年上半年任务分解表"], _TWO, *_COUNTIES], _READ, options={"keep-column": "B-C"},
    ),
    "half a year's results in the title beside tasks": Case(
        [["2023年上半年任务完成情况表"], ["地区", "任务（人）", "完成（人）"], *_COUNTIES], {a: [b] for a, (b, _) in _READ.items()}, told=_OTHER,
    ),
    "results in the title beside tasks": Case(
        [["2023年任务及完成情况表"], ["地区", "任务（人）", "完成（人）"], *_COUNTIES], {a: [b] for a, (b, _) in _READ.items()}, told=_OTHER,
    ),
    "money for tasks": Case(
        [["2023年补助资金分配表"], ["县区", "提前下达（万元）", "巩固成果任务方向（万元）"], *_COUNTIES], None, ("title-in-doubt",),
    ),
    "two words for what is held back": Case(
        [_TASK, _TWO, *_COUNTIES, ["预留机动", 270, 9], ["合计", 500, 59]], _READ, told=("row-skipped",),
    ),
    "what 其中 names goes on as far in": Case(
        [_TASK, _TWO, ["红星县", 100, 12], ["　　其中：红星经开区", 30, 5], ["　　安和镇", 20, 4], ["光明县", 80, 31], ["东风县", 50, 7]],
        _READ, told=("subtotal-skipped",),
    ),
    "what 其中 names goes on as far in, kept": Case(
        [_TASK, _TWO, ["红星县", 100, 12], ["　　其中：红星经开区", 30, 5], ["　　安和镇", 20, 4], ["光明县", 80, 31], ["东风县", 50, 7]],
        _READ | {"安和镇": [20, 4]}, told=("subtotal-skipped",), options={"keep-row": "5"},
    ),
    # Sums and levels.
    "one region by a name of its own, one by a county's": Case(
        [_HEAD, ["甲区", 1201, 112], ["乙区", 809, 331], ["城区", 2010, 443], ["丙区", 507, 77], ["丁区", 918, 64], ["远郊", 1425, 141]],
        {"甲区": [1201, 112], "乙区": [809, 331], "丙区": [507, 77], "丁区": [918, 64]}, told=("looks-like-total",),
    ),
    "counties with some of their towns": Case(
        [_HEAD, ["红星县", 90, 80], ["长安镇", 20, 10], ["光明县", 70, 66], ["板榄镇", 8, 9], ["东风区", 44, 31]], None, ("row-in-doubt",) * 2,
    ),
    "a sum of the first that the total leaves out": Case(
        [_HEAD, *_COUNTIES, ["城三区", 180, 43], ["合计", 230, 50]], None, ("row-in-doubt",),
    ),
    "a sum of the first that the total leaves out, kept": Case(
        [_HEAD, *_COUNTIES, ["城三区", 180, 43], ["合计", 230, 50]], _READ | {"城三区": [180, 43]}, told=("total-mismatch",),
        options={"keep-row": "5"},
    ),
    "a total in words": Case([_HEAD, *_COUNTIES, ["合计", "见附件", "见附件"]], _READ, told=("total-unchecked",)),
    "who is to be asked": Case([_HEAD, *_COUNTIES, ["合计", 230, 50], ["联系电话", 88886666]], _READ, told=("number-skipped",)),
    "shops are no rows about columns": Case(
        [_TASK, ["检查对象名称", "户次（次）"], ["超市", 9], ["药店", 3], ["饭店", 8]], {"超市": [9], "药店": [3], "饭店": [8]},
    ),
    # Columns.
    "where a month is to end": Case(
        [_TASK, ["县区", "年度目标（人）", "6月底进度目标（人）"], *_BLOCK_TWO], {a: [b] for a, b, *_ in _BLOCK}, told=_OTHER,
    ),
    "what was reached by now": Case(
        [_TASK, ["县区", "培训任务（人）", "截至目前（人）"], *_BLOCK_TWO], {a: [b] for a, b, *_ in _BLOCK}, told=_OTHER,
    ),
    "tasks for whom": Case(
        [_TASK, ["县区", "重点人群", None], [None, "老年人体检（人）", "慢性病随访（人次）"], *_BLOCK_TWO], _units(_BLOCK_TWO),
        merged=("A2:A3", "B2:C2"),
    ),
    "rewards counted in persons": Case(
        [_TASK, ["县区", "家庭扶助（户）", "独生子女奖励（人）"], *_BLOCK_TWO], _units(_BLOCK_TWO), counted_in=("户", "人"),
    ),
    "units behind a slash": Case(
        [_TASK, ["县区", "场地建设/处", "指导员培训/人", "补助标准元/人"], *([*row[:3], 1500] for row in _BLOCK)], _units(_BLOCK_TWO),
        told=("column-skipped",), counted_in=("处", "人"),
    ),
    "a bare noun before what is to be done": Case(
        [_TASK, ["县区", "古村落（个）", "修缮（处）"], *_BLOCK_TWO], _units(_BLOCK_TWO), told=_STOCK,
    ),
}  # fmt: skip


_ASK_COLUMN, _ASK_ROW, _ASK_TITLE = ("column-in-doubt",), ("row-in-doubt",), ("title-in-doubt",)
_TOLD = ("column-skipped",)
_SPLIT = ("A2:A3", "B2:C2", "D2:E2")
_FIVE = (
    ["红星县", 310, 12],
    ["光明县", 420, 31],
    ["东风县", 285, 9],
    ["胜利县", 560, 22],
    ["前进县", 190, 17],
)
_FIVE_READ = _units(_FIVE)
_ALL = ["合计", 1765, 91]
_MONTH_ENDS = (6.3, 9.3, 10.31, 11.3, 12.31)


def _aspects(one: str, other: str) -> Rows:
    """Two indicators, each told by two numbers of which the second is a little more."""
    head = [
        _TASK,
        ["县区", "新增就业（人）", None, "创业培训（人）", None],
        [None, one, other, one, other],
    ]
    return [*head, *([a, b, b + 20, c, c + 1] for a, b, c in _FIVE)]


def _noted(*notes: str) -> Rows:
    return [_TASK, _TWO, *_FIVE, _ALL, *([note] for note in notes)]


_TITLES = {
    "how far it is": "2023年培训目标任务推进情况表（截至9月30日）", "an evaluation": "2023年营商环境评价结果",
    "who comes": "2023年饮水任务部署会参会人员回执汇总", "who is on duty": "2023年防汛值班安排表",
    "what is wanted": "2023年冷库建设任务需求摸底表", "what they say themselves": "2023年各县自报培训计划汇总表",
    "statistics": "2023年残疾人服务统计表", "a state": "2023年残疾人服务基本情况表",
    "a draft": "2023年培训任务表（送审稿）", "a pattern": "2023年培训任务表（样表）",
    "a draft for comment": "2023年培训任务表征求意见汇总", "for the time being": "2023年培训任务表（暂定）",
    "what came of it": "2023年残疾人服务成效一览", "what was carried out": "各县救助落实一览表（2023年）",
    "at the end of last year": "2022年底各县服务数", "up to last year": "各县服务数（截至2022年12月31日）",
    "a part issued before": "提前下达2023年培训任务表", "a first part": "2023年提前批培训任务表",
}  # fmt: skip
CASES |= {
    f"title, {name}": Case([[title], _TWO, *_FIVE, _ALL], None, _ASK_TITLE)
    for name, title in _TITLES.items()
} | {
    f"title, {name}, kept": Case(
        [[title], _TWO, *_FIVE, _ALL], _FIVE_READ, options={"keep-column": "B,C"}
    )
    for name, title in _TITLES.items()
}
_NOTES = {
    "one column for reference": ("注：就业数仅供参考。", _ASK_COLUMN), "one column of last year": ("注：就业一列为上年完成数，培训为本年任务。", _ASK_COLUMN),
    "one column rules": ("说明：年度考核以培训数为准。", _ASK_COLUMN), "one column asks nothing": ("注：就业不作硬性要求。", _ASK_COLUMN),
    "a county joined another": ("注：东风县已并入光明县。", _ASK_ROW * 2), "a county is not examined": ("注：2023年起前进县不再单独考核。", _ASK_ROW),
    "the rest follows": ("注：下半年任务另行下达。", _ASK_TITLE), "a first part": ("说明：表内为第一批任务，第二批视情追加。", _ASK_TITLE),
    "statistics": ("资料来源：市统计局。", _ASK_TITLE), "void": ("注：本表已废止，以新表为准。", _ASK_TITLE),
    "two settle it": ("说明：红星县一部分任务划给光明县，具体数额由两县另行商定。", _ASK_TITLE), "not deducted": ("注：上表未扣除省属企业承担的部分。", _ASK_TITLE),
    "a meeting decides": ("拟于近期常务会议研究后下达。", _ASK_TITLE), "for the time being": ("注：以上任务为暂定数。", _ASK_TITLE),
    "for comment": ("请各县于3月5日前反馈意见。", _ASK_TITLE), "the last paper counts": ("注：以最终下达文件为准。", _ASK_TITLE),
    "decided after comment": ("注：本表经征求各县意见并报市政府研究确定，具体名单另行通知。", ()),
    "once it is set it changes": ("本任务安排待省下达后相应调整。", _ASK_TITLE), "estimates": ("注：以上为暂估，最终数以省厅批复为准。", _ASK_TITLE),
    "a price is still open": ("注：补助标准待省厅明确后下达。", ()),
    "told apart and agreed": ("说明：各县要将任务分解到乡镇，经研究确定后报市局备案。", ()),
    "nothing": ("注：1.以上任务不含省属企业；2.培训以发放证书为准；3.不得低于下达任务。", ()),
    "what is made sure of": ("备注：就业人数以人社系统实名数据为准，红星县含高新区。", ()),
    "when it is to be done": ("填表说明：1.各县每季度末报送进度；2.须于11月底前完成。", ()),
}  # fmt: skip
for _name, (_note, _codes) in _NOTES.items():
    CASES[f"note, {_name}"] = Case(_noted(_note), None if _codes else _FIVE_READ, _codes)
CASES |= {
    "note, marked counties": Case(
        [_TASK, _TWO, ["红星县", 310, 12], ["光明县*", 420, 31], ["东风县", 285, 9], ["胜利县*", 560, 22], ["合计", 595, 21], ["注：带*的县为2022年数，不计入合计。"]],
        None, _ASK_ROW * 4,
    ),
    "note, marked counties left out": Case(
        [_TASK, _TWO, ["红星县", 310, 12], ["光明县*", 420, 31], ["东风县", 285, 9], ["胜利县*", 560, 22], ["合计", 595, 21], ["注：带*的县为2022年数，不计入合计。"]],
        {"红星县": [310, 12], "东风县": [285, 9]}, options={"skip-row": "4,6"},
    ),
    "note, a remark in the row": Case(
        [_TASK, [*_TWO, "备注"], *([*row, "任务已并入光明县" if row[0] == "东风县" else None] for row in _FIVE)], None, _ASK_ROW,
    ),
    "note, a remark of what it has none of": Case(
        [_TASK, [*_TWO, "备注"], ["红星县", 310, None, "城区不安排就业"], *_FIVE[1:]],
        _FIVE_READ | {"红星县": [310, None]}, told=("blank", "column-skipped"),
    ),
    "aspects, two levels": Case(_aspects("省下达", "市下达"), None, _ASK_COLUMN * 2, merged=_SPLIT),
    "aspects, two demands": Case(_aspects("国家要求", "市级要求"), None, _ASK_COLUMN * 2, merged=_SPLIT),
    "aspects, words that nobody knows": Case(_aspects("甲方案", "乙方案"), None, _ASK_COLUMN, merged=_SPLIT),
    "aspects, confirmed": Case(_aspects("测报数", "确认数"), None, _ASK_COLUMN, merged=_SPLIT),
    "aspects, one left out": Case(
        _aspects("甲方案", "乙方案"), {a: [b + 20, c + 1] for a, b, c in _FIVE}, merged=_SPLIT, options={"skip-column": "B,D"},
    ),
    "aspects, kinds of grain": Case(
        [_TASK, ["县区", "播种面积（亩）", None, "产量（吨）", None], [None, "水稻", "玉米", "水稻", "玉米"], *([a, b, c, d * 9, b] for a, b, c, d in _BLOCK)],
        {a: [b, c, d * 9, b] for a, b, c, d in _BLOCK}, merged=_SPLIT,
    ),
    "aspects, men and women": Case(
        [_TASK, ["县区", "孕前检查", None, "健康检查", None], [None, "男（人）", "女（人）", "男（人）", "女（人）"], *([a, b, b + 20, b + 30, b + 44] for a, b, _ in _FIVE)],
        {a: [b, b + 20, b + 30, b + 44] for a, b, _ in _FIVE}, merged=_SPLIT,
    ),
    "two levels side by side": Case([_TASK, ["县区", "省级任务（户）", "市级任务（户）"], *_FIVE], None, _ASK_COLUMN),
    "two levels side by side, the upper left out": Case(
        [_TASK, ["县区", "省级任务（户）", "市级任务（户）"], *_FIVE], {a: [c] for a, _, c in _FIVE}, options={"skip-column": "B"},
    ),
    "aspects, a fixed part": Case(
        [_TASK, ["县区", "技能培训", None], [None, "总人数（人）", "骨干（人）"], *([a, b * 10, b * 3] for a, b, _ in _FIVE)], None, _ASK_COLUMN, merged=_SPLIT[:2],
    ),
    "aspects, a fixed part of another": Case(
        [_TASK, ["县区", "残疾人就业", None], [None, "安置（人）", "跟踪（人）"], *([a, b * 5, b * 4] for a, b, _ in _FIVE)], None, _ASK_COLUMN, merged=_SPLIT[:2],
    ),
    "a price and what it makes": Case(
        [_TASK, ["县区", "户厕改造（户）", "奖补（万元/户）", "奖补金额（万元）"], *([a, b, 1.5, b * 1.5] for a, b, _ in _FIVE)],
        None, _ASK_COLUMN,
    ),
    "a price a head and what it makes": Case(
        [_TASK, ["县区", "托养服务（人）", "补贴（元/人）", "补贴资金（元）"], *([a, b, 1200, b * 1200] for a, b, _ in _FIVE)],
        None, _ASK_COLUMN,
    ),
    "a price in yuan and money in ten thousands": Case(
        [_TASK, ["县区", "托养服务（人）", "补贴（元/人）", "补贴资金（万元）"], *([a, b, 1200, b * 0.12] for a, b, _ in _FIVE)],
        None, _ASK_COLUMN,
    ),
    "a plan and a task": Case([_TASK, ["县区", "改造计划（户）", "改造任务（户）"], *_FIVE], None, _ASK_COLUMN),
    "a target and a task": Case([_TASK, ["县区", "培训目标（人）", "培训任务（人）"], *_FIVE], None, _ASK_COLUMN),
    "the year of the heads is not that of the title": Case(
        [["2023年托育任务表"], ["县区", "2022年目标", None], [None, "培训（人）", "就业（人）"], *_FIVE], None, _ASK_COLUMN * 2, merged=_SPLIT[:2],
    ),
    "the heads have another year and no title": Case(
        [["县区", "2024年培训（人）", "2024年就业（人）"], *_FIVE], None, _ASK_COLUMN * 2,
    ),
    "points under the most there are": Case(
        [_TASK, ["县区", "产业发展（30分）", "党的建设（50分）"], *([a, 30 - c, 50 - c] for a, _, c in _BLOCK_TWO)], None, _ASK_COLUMN * 2,
    ),
    "points of tasks": Case(
        [_TASK, ["县区", "新增就业（10分）", "培训（人）"], *([a, b * 10, c] for a, b, c in _FIVE)],
        {a: [b * 10, c] for a, b, c in _FIVE},
    ),
    "who is there": Case(
        [_TASK, ["乡镇", "编制人数（人）", "工作专班人数（人）", "房屋改造（户）"], *_BLOCK], {a: [d] for a, _, _, d in _BLOCK}, told=_TOLD,
    ),
    "who is there, postcodes": Case(
        [_TASK, ["乡镇", "邮编", "在岗人数（人）", "房屋改造（户）"], *([a, 528300 + b, c, d] for a, b, c, d in _BLOCK)],
        {a: [d] for a, _, _, d in _BLOCK}, told=_TOLD,
    ),
    "ends of parts of the year": Case(
        [_TASK, ["县区", "新增就业（人）", None, None], [None, "全年任务", "上半年末", "三季度末"], *([a, b * 4, b * 2, b * 3] for a, b, _ in _FIVE)],
        {a: [b * 4] for a, b, _ in _FIVE}, told=_TOLD, merged=("A2:A3", "B2:D2"),
    ),
    "parts that are issued before and now": Case(
        [_TASK, ["县区", "户厕改造（户）", None, None], [None, "合计", "提前下达", "此次下达"], *([a, b + c, b, c] for a, b, c in _FIVE)],
        {a: [b + c] for a, b, c in _FIVE}, told=_TOLD, merged=("A2:A3", "B2:D2"),
    ),
    "what was planned and done": Case(
        [_TASK, ["县区", "计划投资（万元）", "完成投资（万元）"], *_FIVE], None, _ASK_COLUMN,
    ),
    "what was planned and done, floor space": Case(
        [_TASK, ["县区", "计划面积（亩）", "实际面积（亩）"], *_FIVE], None, _ASK_COLUMN,
    ),
    "the task before it was adjusted": Case(
        [_TASK, ["县区", "年初任务（人）", "调整任务（人）"], *_FIVE], {a: [c] for a, _, c in _FIVE}, told=_TOLD,
    ),
    "the task at first": Case(
        [_TASK, ["县区", "培训（人）", None], [None, "初步任务", "确定任务"], *_FIVE], None, _ASK_COLUMN, merged=_SPLIT[:2],
    ),
    "what is striven for beside what is sure": Case(
        [_TASK, ["县区", "新增就业（人）", None], [None, "基本", "力争"], *([a, b, b + c] for a, b, c in _FIVE)],
        {a: [b] for a, b, _ in _FIVE}, told=_TOLD, merged=_SPLIT[:2],
    ),
    "what there is at the year's end and what is new": Case(
        [_TASK, ["县区", "到2023年底累计建成（亩）", "2023年新建（亩）"], *_FIVE], {a: [c] for a, _, c in _FIVE}, told=_TOLD,
    ),
    "what there was and will be": Case(
        [_TASK, ["县区", "服务站（个）", None, None], [None, "到上年末建成", "到今年末应达", "年内增建"], *([a, b, b + c, c] for a, b, c in _FIVE)],
        None, _ASK_COLUMN, merged=("A2:A3", "B2:D2"),
    ),
    "no task by title or heads": Case(
        [["2023年各县主要指标"], ["县区", "常住人口（万人）", "城镇人员（万人）", "学校（所）"], *_BLOCK], None, _ASK_TITLE,
    ),
    "goods that are handed out": Case([["2023年救灾物资分配表"], ["县区", "棉被（床）", "帐篷（顶）"], *_FIVE], None, _ASK_TITLE),
    "seats of deputies": Case([["2023年代表名额分配表"], ["县区", "代表名额（名）", "妇女代表（名）"], *_FIVE], None, _ASK_TITLE),
    "all is meant to be": Case([["关于报送2023年培训计划的附表"], ["县区", "拟培训（人）", "拟投入（万元）"], *_FIVE], None, _ASK_TITLE),
    "all was asked for": Case([_TASK, ["县区", "申报数量（人）", "摸底户数（户）"], *_FIVE], None, _ASK_TITLE),
    "money whatever task it is for": Case(
        [["2023年养老保险工作任务补助资金下达表"], ["单位：万元"], ["县区", "中央", "省级"], *_FIVE], None, _ASK_TITLE,
    ),
    "villages called like sums": Case(
        [_TASK, ["村", "改厕（户）", "清淤（处）"], ["总口村", 10, 7], ["小计湾村", 45, 10], ["合计坪村", 40, 4], ["全家村", 75, 12], ["全乡", 170, 33]],
        {"总口村": [10, 7], "小计湾村": [45, 10], "合计坪村": [40, 4], "全家村": [75, 12]},
    ),
    "names of fields below the header": Case(
        [_TASK, _TWO, ["QXMC", "PXRS", "JYRS"], *_FIVE, _ALL], _FIVE_READ,
    ),
    "names of fields with lines": Case(
        [_TASK, _TWO, ["unit_name", "train_num", "job_num"], *_FIVE], _FIVE_READ,
    ),
    "其中 of a kind of counties": Case(
        [_TASK, _TWO, _ALL, ["其中：国家乡村振兴重点帮扶县", 730, 43], *_FIVE], _FIVE_READ, told=("looks-like-total",),
    ),
    "其中 of hill counties": Case(
        [_TASK, _TWO, _ALL, ["其中：山区县", 730, 43], *_FIVE], _FIVE_READ, told=("looks-like-total",),
    ),
    "含 of a county": Case(
        [_TASK, _TWO, ["红星县", 310, 12], ["含：江口工业园", 25, 4], *_FIVE[1:], _ALL], _FIVE_READ, told=("subtotal-skipped",),
    ),
    "含 among regions and a total of any name": Case(
        [_TASK, ["镇街", *_TWO[1:]], ["城中板块", 310, 52], ["朝阳街道", 180, 30], ["劳动街道", 130, 22], ["沿江三镇", 260, 41], ["江口镇", 90, 14],
         ["含：江口工业园", 25, 4], ["渡口镇", 100, 16], ["沙洲镇", 70, 11], ["西部打捆", 150, 20], ["云岭乡", 80, 11], ["雾山乡", 70, 9], ["全区一盘棋", 720, 113]],
        {"朝阳街道": [180, 30], "劳动街道": [130, 22], "江口镇": [90, 14], "渡口镇": [100, 16], "沙洲镇": [70, 11], "云岭乡": [80, 11], "雾山乡": [70, 9]},
        told=("looks-like-total", "subtotal-skipped"),
    ),
    "regions by any name below a total by any": Case(
        [_TASK, _TWO, ["全域", 1765, 91], ["沿江一线", 730, 43], *_FIVE[:2], ["川西高原", 1035, 48], *_FIVE[2:]],
        _FIVE_READ, told=("looks-like-total",),
    ),
    "offices that are the units": Case(
        [_TASK, ["序号", "责任单位", "招商目标", None], [None, None, "资金（亿元）", "项目签约（个）"], *([n, *row] for n, row in enumerate(_FIVE, 1))],
        _FIVE_READ, merged=("A2:A3", "B2:B3", "C2:D2"),
    ),
    "offices that carry it out": Case(
        [_TASK, ["承担单位", "招商目标", None], [None, "资金（亿元）", "项目签约（个）"], *_FIVE], _FIVE_READ, merged=_SPLIT[:2],
    ),
    "what the total leaves out": Case([_TASK, _TWO, *_FIVE, ["开发区", 577, 68], _ALL], None, _ASK_ROW),
    "two that the total leaves out": Case([_TASK, _TWO, ["甲区", 812, 45], *_FIVE, ["乙区", 377, 68], _ALL], None, _ASK_ROW * 2),
    "weights in a row of any name": Case([_TASK, [*_TWO, "宣传（场）"], ["所占", 45, 30, 25], *([*row, 7] for row in _FIVE)], None, _ASK_ROW),
    "weights in the last row": Case([_TASK, _TWO, *_FIVE, ["分量", 60, 40]], None, _ASK_ROW),
    "near the sum of all": Case([_TASK, _TWO, *_FIVE, ["大盘子", 1800, 95]], None, _ASK_ROW),
    "near the sum of all, above": Case([_TASK, _TWO, ["一盘棋", 1700, 90], *_FIVE], None, _ASK_ROW),
    "near the sum of all, kept": Case(
        [_TASK, _TWO, *_FIVE, ["大盘子", 1800, 95]], _FIVE_READ | {"大盘子": [1800, 95]}, options={"keep-row": "8"},
    ),
    "last year's figures of the same counties below": Case(
        [_TASK, _TWO, *_FIVE, _ALL, ["附：上年数（供参照）"], _TWO, *([a, b - 9, c - 1] for a, b, c in _FIVE)], None, ("second-table",),
    ),
    "last year's below, left out": Case(
        [_TASK, _TWO, *_FIVE, _ALL, ["附：上年数（供参照）"], _TWO, *([a, b - 9, c - 1] for a, b, c in _FIVE)], _FIVE_READ, options={"skip-row": "9-15"},
    ),
    "last year's below without its header": Case([_TASK, _TWO, *_FIVE, ["2022年同口径数"], *_FIVE], None, ("second-table",)),
    "the same counties again below a blank row": Case([_TASK, _TWO, *_FIVE, [], *_FIVE], None, ("second-table",)),
    "another table below, left out": Case(
        [_TASK, _TWO, *_FIVE, ["二、2022年宣传"], ["县区", "宣传（场）", "走访（户）"], *_FIVE], _FIVE_READ, options={"skip-row": "9-14"}, told=("row-skipped",),
    ),
    "sections right below the header": Case(
        [_TASK, ["参保片", "参保（人）", "参保率（%）"], ["一、城区片"], *_BLOCK_TWO[:2], ["二、郊县片"], *_BLOCK_TWO[2:]], _units(_BLOCK_TWO),
        told=("read-as-rate", "row-skipped"),
    ),
    "sections in brackets right below the header": Case(
        [_TASK, [None, *_TWO[1:]], ["（一）北线"], *_FIVE[:2], ["（二）南线"], *_FIVE[2:], _ALL], _FIVE_READ, told=("row-skipped",),
    ),
    "days in words, in figures and as months' ends": Case(
        [_TASK, [*_TWO, "办结", "收口", "交账", "验收日期"], *([*row, 20230930, end, "6月底前", Date(45100)] for row, end in zip(_FIVE, _MONTH_ENDS, strict=True))],
        _FIVE_READ, told=_TOLD,
    ),
    "days called what they end": Case([_TASK, [*_TWO, "截止"], *([*row, 11.3 + n / 100] for n, row in enumerate(_FIVE))], _FIVE_READ, told=_TOLD),
    "money that looks like months' ends": Case(
        [_TASK, ["县区", "培训（人）", "投资（亿元）"], *([a, b, end] for (a, b, _), end in zip(_FIVE, _MONTH_ENDS, strict=True))],
        {a: [b, end] for (a, b, _), end in zip(_FIVE, _MONTH_ENDS, strict=True)},
    ),
    "people of any kind": Case([_TASK, ["县区", "库区人口（万人）", "培训（人）"], *_FIVE], {a: [c] for a, _, c in _FIVE}, told=_TOLD),
    "people of another kind": Case([_TASK, ["县区", "血防疫区人口（人）", "查螺（亩）"], *_FIVE], {a: [c] for a, _, c in _FIVE}, told=_TOLD),
    "people for whom it is": Case([_TASK, ["县区", "供水工程（处）", "受益人口（人）"], *_FIVE], _FIVE_READ, told=("like-a-stock",)),
    "people whom it is counted by": Case(
        [_TASK, ["县区", "职业培训（人次）", None], [None, "脱贫人口", "农村转移人口"], *_FIVE], _FIVE_READ, merged=_SPLIT[:2],
    ),
    "marks beside what is counted": Case(
        [_TASK, ["县区", "示范点创建", None, "纠纷化解", None], [None, "个", "分", "件", "分"], *([a, c, 15, b, 10] for a, b, c in _FIVE)],
        {a: [c, b] for a, b, c in _FIVE}, told=_TOLD, merged=_SPLIT,
    ),
    "marks beside what is counted, in brackets": Case(
        [_TASK, ["县区", "纠纷化解", None], [None, "任务（件）", "计分（分）"], *([a, b, 10 + c % 3] for a, b, c in _FIVE)],
        {a: [b] for a, b, _ in _FIVE}, told=_TOLD, merged=_SPLIT[:2],
    ),
    "at least so many, said behind": Case(
        [_TASK, ["县区", "培训（人）", "合格率"], *([a, f"{b}人以上", end] for (a, b, _), end in zip(_FIVE, ("90%以上", "≥92%", "95%及以上", "不低于92%", "至少90%"), strict=True))],
        {a: [b, end] for (a, b, _), end in zip(_FIVE, (90, 92, 95, 92, 90), strict=True)}, told=("read-as-number", "read-as-rate"),
    ),
    "a hidden column of a draft": Case(
        [_TASK, ["县区", "培训（初稿）（人）", "培训（人）"], *_FIVE], {a: [c] for a, _, c in _FIVE}, told=("column-skipped", "hidden-column"),
        more={"hidden_columns": ["B:B"]},
    ),
    "a column that is void": Case([_TASK, ["县区", "培训（已废止）（人）", "培训（人）"], *_FIVE], {a: [c] for a, _, c in _FIVE}, told=_TOLD),
    "proposals of two parties": Case([_TASK, ["县区", "省厅建议（人）", "各县反馈数（人）"], *_FIVE], None, _ASK_TITLE),
    "proposals of two others": Case([_TASK, ["县区", "培训（人）", None], [None, "市局测算", "乡镇自报"], *_FIVE], None, _ASK_TITLE, merged=_SPLIT[:2]),
    "proposals of two parties beside a task": Case(
        [_TASK, ["县区", "改造（户）", None, "宣传（场）"], [None, "市局测算", "县级自报", None], *_BLOCK], None, _ASK_COLUMN, merged=("A2:A3", "B2:C2", "D2:D3"),
    ),
    "proposals of two plans": Case([_TASK, ["县区", "方案一（人）", "方案二（人）"], *_FIVE], None, _ASK_TITLE),
    "headings that are written downwards, and a bracket of the names'": Case(
        [["2023年任务表"], ["乡镇\n（场）", "培\n训\n︵\n人\n︶", "贷\n款\n︵\n万\n元\n︶"], *_PAIRS], _units(_PAIRS), counted_in=("人", "万元"),
    ),
    "places above the numbers, whatever heads what stands left": Case(
        [["2023年任务表"], ["类别", "项目名称", "计量单位", "城区", None, "县"], [None, None, None, "东河镇", "西河镇", "南山乡"], ["就业", "新增就业", "人", 5, 6, 7], [None, "培训", "人次", 8, 9, 4]],
        None, ("transposed",), merged=("A2:A3", "B2:B3", "C2:C3", "D2:E2", "A4:A5"),
    ),
    "a sheet for comment": Case({"征求意见": [_TASK, _TWO, *_FIVE]}, None, _ASK_TITLE),
    "a sheet of a draft": Case({"任务（送审）": [_TASK, _TWO, *_FIVE]}, None, _ASK_TITLE),
    "a mean row": Case([_TASK, _TWO, *_FIVE, ["县均", 353, 18.2], _ALL], _FIVE_READ, told=("row-skipped",)),
    "a mean row by another name": Case([_TASK, _TWO, *_FIVE, ["五县平均", 353, 18.2]], _FIVE_READ, told=("row-skipped",)),
    "a mean row, so much each": Case([_TASK, _TWO, *_FIVE, ["平均每县", 353, 18.2], _ALL], _FIVE_READ, told=("row-skipped",)),
    "a mean column": Case(
        [_TASK, ["县区", "修路（公里）", "建桥（座）", "两项均值"], *([a, b, c, (b + c) / 2] for a, b, c in _FIVE)], _FIVE_READ, told=_TOLD,
    ),
    "a mean column across": Case(
        [_TASK, ["事项", "单位", *(a for a, *_ in _FIVE), "县均值"], ["修路", "公里", *(b for _, b, _ in _FIVE), 353], ["建桥", "座", *(c for *_, c in _FIVE), 18.2]],
        _FIVE_READ, told=("row-skipped",), options={"units-across": ""},
    ),
    "a project of years in two units": Case(
        [_TASK, ["县区", "新建机构（个）", None, "新增托位（个）", None], [None, "三年总任务", "2023年", "三年总任务", "2023年"], *([a, c + 9, c, b + 90, b] for a, b, c in _FIVE)],
        {a: [c, b] for a, b, c in _FIVE}, told=_TOLD, merged=_SPLIT,
    ),
}  # fmt: skip


def main() -> None:
    """Write every case as a workbook."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, case) in enumerate(CASES.items(), 1):
        (folder / f"{number:03d} {name.replace('/', '-').replace(':', '')}.xlsx").write_bytes(
            case.data()
        )


_BESIDE = ["序号", "县区", "培训（人）", "就业（人）"]
_LEFT_HALF = ([1, "红星县", 20, 2], [2, "光明县", 40, 4])
_RIGHT_HALF = ([3, "东风县", 30, 3], [4, "胜利县", 70, 5])
_FOUR = {"红星县": [20, 2], "光明县": [40, 4], "东风县": [30, 3], "胜利县": [70, 5]}
_ACROSS = [[*one, *other] for one, other in zip(_LEFT_HALF, _RIGHT_HALF, strict=True)]


def _beside(*rows: Any, head: Rows = (_BESIDE * 2,), **more: Any) -> Case:
    """A table that goes on beside itself, below a title and ``head``."""
    units = more.pop("units", None if more.get("refused") else _FOUR)
    told = more.pop("told", () if more.get("refused") else ("side-by-side",))
    return Case([["2023年任务分解表"], *head, *rows], units, told=told, **more)


CASES |= {
    "halves, the total over both": _beside(*_ACROSS, ["合计", None, 160, 14], merged=("A5:B5",)),
    "halves, the total's figures over several cells": _beside(
        *[[n, v, m, w] for (_, n, v, _), (_, m, w, _) in zip(_LEFT_HALF, _RIGHT_HALF, strict=True)],
        ["合计", 160],
        head=(["县区", "培训（人）"] * 2,),
        units={name: values[:1] for name, values in _FOUR.items()},
        merged=("B5:D5",),
    ),
    "halves, who made it stands over the last": _beside(
        *_ACROSS, head=([*[None] * 5, "红旗市医疗保障局  2023年1月"], _BESIDE * 2)
    ),
    "halves, the total in the last": _beside(
        *_ACROSS, [5, "前进县", 10, 1, None, "合计", 170, 15], units={**_FOUR, "前进县": [10, 1]}
    ),
    "halves, the total at the far right": _beside(
        *_ACROSS, ["合计", *[None] * 5, 160, 14], merged=("A5:F5",)
    ),
    "halves, one longer": _beside(
        *_ACROSS, [5, "前进县", 10, 1], ["合计", None, 170, 15], units={**_FOUR, "前进县": [10, 1]}
    ),
    "halves, a note and signatures": _beside(
        *_ACROSS,
        ["注：培训含线上。"],
        ["填表人：王某", *[None] * 3, "联系电话：8312"],
        merged=("A5:H5",),
    ),
    "halves, a blank column between, a head of two rows": _beside(
        *[
            [*left[1:], None, *right[1:]]
            for left, right in zip(_LEFT_HALF, _RIGHT_HALF, strict=True)
        ],
        head=(
            ["县区", "培训（人）", None, None, "县区", "培训（人）", None],
            [None, "城镇", "农村", None, None, "城镇", "农村"],
        ),
        merged=("A2:A3", "B2:C2", "E2:E3", "F2:G2"),
    ),
    "halves, the head once more": _beside(_ACROSS[0], _BESIDE * 2, _ACROSS[1]),
    "halves, a row in doubt in the second": _beside(
        *_ACROSS[:1],
        [2, "光明县", 40, 4, 4, "西部片区", 70, 5],
        [5, "前进县", 10, 1, 6, "跃进县", 9, 9],
        refused=("row-in-doubt",),
    ),
    "halves, the same skipped": _beside(
        *_ACROSS[:1],
        [2, "光明县", 40, 4, 4, "西部片区", 70, 5],
        [5, "前进县", 10, 1, 6, "跃进县", 9, 9],
        units={
            "红星县": [20, 2],
            "光明县": [40, 4],
            "前进县": [10, 1],
            "东风县": [30, 3],
            "跃进县": [9, 9],
        },
        options={"skip-row": "E4"},
    ),
    "halves, a column skipped": _beside(
        *_ACROSS,
        units={name: values[1:] for name, values in _FOUR.items()},
        options={"skip-column": "C"},
    ),
    "halves with one district in both": _beside(
        _ACROSS[0], [2, "光明县", 40, 4, 4, "红星县", 70, 5], refused=("second-names",)
    ),
    "halves under years of their own": _beside(
        *_ACROSS,
        head=([*[None] * 4, "2022年完成"], _BESIDE * 2),
        refused=("second-names",),
        merged=("E2:H2",),
    ),
    "halves, one hidden": _beside(
        *_ACROSS, refused=("second-names",), more={"hidden_columns": ["E:H"]}
    ),
    "halves, the hidden one skipped": _beside(
        *_ACROSS,
        units={"红星县": [20, 2], "光明县": [40, 4]},
        told=(),
        options={"skip-column": "E-H"},
        more={"hidden_columns": ["E:H"]},
    ),
    "halves across a section": _beside(
        ["一、城区"], *_ACROSS, refused=("second-names",), merged=("A3:H3",)
    ),
    "items beside items": Case(
        [
            ["2023年任务分解表"],
            ["项目", "数量", "项目", "数量"],
            ["培训", 3, "宣传", 5],
            ["慰问", 4, "走访", 6],
        ],
        None,
        ("second-names",),
    ),
}

_SEVEN = ("东河镇", "西坪镇", "南坝镇", "北川镇", "中和镇", "上寨乡", "下湾乡")
_WORK = (120, 300, 450, 80, 230, 610, 90)
_FEW_OF_IT = (31, 45, 60, 12, 40, 77, 20)


def _table(
    heads: Any, *columns: Any, title: str = "2023年任务分解表", notes: Any = (), **more: Any
) -> Case:
    """Seven towns under a title, with what their columns hold."""
    rows = [[name, *values] for name, *values in zip(_SEVEN, *columns, strict=True)]
    units = more.pop("units", None if more.get("refused") else _units(rows))
    return Case([[title], ["乡镇", *heads], *rows, *([note] for note in notes)], units, **more)


_TWO_YEARS: Rows = [
    ["近海养殖对照"],
    ["类别", "乡镇", "培训（人）"],
    *(
        [("往年" if k == 0 else None), n, a]
        for k, (n, a) in enumerate(zip(_SEVEN, _WORK, strict=True))
    ),
    *(
        [("今年" if k == 0 else None), n, a]
        for k, (n, a) in enumerate(zip(_SEVEN, _FEW_OF_IT, strict=True))
    ),
]
CASES |= {
    "a task told by departments": _table(
        ["教育局", "人社局", "培训任务（人）"],
        _WORK,
        _FEW_OF_IT,
        [a + b for a, b in zip(_WORK, _FEW_OF_IT, strict=True)],
        told=("column-is-sum",),
    ),
    "districts across in two blocks": Case(
        [
            ["2023年任务分解表"],
            ["指标", "红星县", "光明县"],
            ["培训（人）", 20, 40],
            ["就业（人）", 2, 4],
            ["指标", "东风县", "胜利县"],
            ["培训（人）", 30, 70],
            ["就业（人）", 3, 5],
        ],
        None,
        ("second-table",),
        options={"units-across": ""},
    ),
    "the same, the second left out": Case(
        [
            ["2023年任务分解表"],
            ["指标", "红星县", "光明县"],
            ["培训（人）", 20, 40],
            ["就业（人）", 2, 4],
            ["指标", "东风县", "胜利县"],
            ["培训（人）", 30, 70],
            ["就业（人）", 3, 5],
        ],
        {"红星县": [20, 2], "光明县": [40, 4]},
        options={"units-across": "", "skip-row": "5-7"},
    ),
    "departments without a task": _table(
        ["教育局", "人社局", "残联"], _WORK, _FEW_OF_IT, _WORK[::-1], refused=("column-in-doubt",)
    ),
    "the same, kept": _table(
        ["教育局", "人社局", "残联"],
        _WORK,
        _FEW_OF_IT,
        _WORK[::-1],
        options={"keep-column": "B,C,D"},
    ),
    "departments, the task in the title": _table(
        ["教育局", "人社局", "残联"],
        _WORK,
        _FEW_OF_IT,
        _WORK[::-1],
        title="2023年培训任务分解表（单位：人）",
        told=("column-unnamed",),
    ),
    "departments that head their tasks": Case(
        [
            ["2023年任务分解表"],
            ["乡镇", "教育局", "人社局", "残联"],
            [None, "家长培训（人）", "招聘会（场）", "辅具适配（件）"],
            *([name, a, b, a] for name, a, b in zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)),
        ],
        {name: [a, b, a] for name, a, b in zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)},
        merged=("A2:A3",),
    ),
    "a quotient": _table(
        ["改厕（户）", "常住户（百户）", "户均任务强度"],
        _WORK,
        _FEW_OF_IT,
        [round(a / b, 2) for a, b in zip(_WORK, _FEW_OF_IT, strict=True)],
        refused=("column-in-doubt",),
    ),
    "a share under a word of its own": _table(
        ["改厕（户）", "摊派"],
        _WORK,
        [round(a / sum(_WORK), 3) for a in _WORK],
        refused=("column-in-doubt",),
    ),
    "a rank under a word of its own": _table(
        ["改厕（户）", "座次"], _WORK, [4, 3, 2, 7, 5, 1, 6], refused=("column-in-doubt",)
    ),
    "the same rank skipped": _table(
        ["改厕（户）", "座次"],
        _WORK,
        [4, 3, 2, 7, 5, 1, 6],
        units={n: [v] for n, v in zip(_SEVEN, _WORK, strict=True)},
        options={"skip-column": "C"},
    ),
    "a note in another unit": _table(
        ["培训（人）"], _WORK, notes=["说明：表中培训数以百人计。"], refused=("title-in-doubt",)
    ),
    "a note in two units": _table(
        ["结对"], _WORK, notes=["注：镇按户计，乡按人计。"], refused=("title-in-doubt",)
    ),
    "a note in the same unit": _table(
        ["补助资金（万元）"], _WORK, notes=["注：补助资金按万元计。"]
    ),
    "a note of colours": _table(
        ["改厕（户）"],
        _WORK,
        notes=["说明：标黄的为机动数，暂不下达。"],
        refused=("title-in-doubt",),
    ),
    "a note of colours, settled": _table(
        ["改厕（户）"],
        _WORK,
        notes=["说明：标黄的为机动数，暂不下达。"],
        options={"keep-column": "B"},
    ),
    "a note to multiply by": _table(
        ["改厕（户）"], _WORK, notes=["注：表内数字需乘以10。"], refused=("title-in-doubt",)
    ),
    "green land in a note": _table(["绿化（亩）"], _WORK, notes=["注：绿化含四旁植树。"]),
    "a unit for all but money": Case(
        [
            ["2023年培训任务"],
            ["单位：人（资金为万元）"],
            ["乡镇", "参训任务", "补助资金"],
            *([n, a, b] for n, a, b in zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)),
        ],
        _units(zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)),
        counted_in=("人", "万元"),
        told=("column-unnamed",),
    ),
    "sums of unlike units": _table(
        ["培训（人）", "宣传（场）", "合计"],
        _WORK,
        _FEW_OF_IT,
        [a + b for a, b in zip(_WORK, _FEW_OF_IT, strict=True)],
        units=_units(zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)),
        told=("column-skipped",),
    ),
    "growth in percent under people": Case(
        [
            ["2023年任务分解表"],
            ["乡镇", "就业（人）", None, "参保（人）", None],
            [None, "任务", "增速", "任务", "增速"],
            *([n, a, 0.05, b, 0.031] for n, a, b in zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)),
        ],
        {n: [a, b] for n, a, b in zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)},
        told=("column-skipped",),
        merged=("A2:A3", "B2:C2", "D2:E2"),
    ),
    "growth that is the task": Case(
        [
            ["2023年任务分解表"],
            ["乡镇", "增长目标（%）", None],
            [None, "工业投资", "地方税收"],
            *([n, a / 10, 6.5] for n, a in zip(_SEVEN, _FEW_OF_IT, strict=True)),
        ],
        {n: [a / 10, 6.5] for n, a in zip(_SEVEN, _FEW_OF_IT, strict=True)},
        told=("read-as-rate",),
        merged=("A2:A3", "B2:C2"),
        counted_in=("%", "%"),
    ),
    "units in a row with a bracket": Case(
        [
            ["2023年任务分解表"],
            ["乡镇", "培训", "宣传"],
            ["（单位）", "人", "场"],
            *([n, a, b] for n, a, b in zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)),
        ],
        _units(zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)),
        counted_in=("人", "场"),
    ),
    "a head one column beside its figures": Case(
        [
            ["2023年任务分解表"],
            ["序号", "乡镇", "培训（人）", "宣传（场）"],
            *([n, a, b] for n, a, b in zip(_SEVEN, _WORK, _FEW_OF_IT, strict=True)),
        ],
        None,
        ("no-header",),
    ),
    "a share among percents": Case(
        [
            _TASK,
            ["县区", "参与率"],
            *([n, v] for n, v in zip(_SEVEN, (92, 0.95, 88, 90, 91, 96, 85), strict=True)),
        ],
        None,
        ("percent-unclear",),
    ),
    "sections below a header of places": Case(
        [
            ["2023年目标责任状"],
            ["序号", "考核指标", "单位", "目标任务", None],
            [None, None, None, "东河街道", "西河街道"],
            ["一、经济"],
            [1, "引进企业", "家", 4, 6],
            ["二、民生"],
            [2, "新增就业", "人", 90, 70],
        ],
        {"东河街道": [4, 90], "西河街道": [6, 70]},
        merged=("A2:A3", "B2:B3", "C2:C3", "D2:E2", "A4:E4", "A6:E6"),
        options={"units-across": ""},
        counted_in=("家", "人"),
    ),
    "of several years together": Case(
        [_TASK, _TWO, *_FIVE, ["注：表中数据为2021—2023年三年累计应完成数。"]], None, _ASK_TITLE
    ),
    "a budget": Case(
        [["2023年卫生健康专项资金预算表"], ["县区", "公卫补助（万元）", "奖扶（万元）"], *_FIVE],
        None,
        _ASK_TITLE,
    ),
    "another scale above than in the headings": Case(
        [_TASK, [None, "单位：亿元"], ["县区", "投资（万元）", "其中：政府投资（万元）"], *_FIVE],
        None,
        ("unit-twice",),
    ),
    "a bound beside the unit": Case(
        [_TASK, ["县区", "PM2.5（≤，微克/立方米）", "优良天数（≥，天）"], *_FIVE],
        _FIVE_READ,
        told=("like-an-average",),
        counted_in=("微克/立方米", "天"),
    ),
    "so many to ten thousand of them": Case(
        [_TASK, ["县区", "每万人口", None], [None, "医生（人）", "护士（人）"], *_FIVE],
        _FIVE_READ,
        told=("like-an-average",),
        merged=("A2:A3", "B2:C2"),
    ),
    "years as groups": Case(_TWO_YEARS, None, ("second-table",), merged=("A3:A9", "A10:A16")),
    "the same, one year skipped": Case(
        _TWO_YEARS,
        _units(zip(_SEVEN, _FEW_OF_IT, strict=True)),
        options={"skip-row": "3-9"},
        merged=("A3:A9", "A10:A16"),
    ),
    "what there is at the end beside what is added": _table(
        ["净增床位（张）", "年末应达到（张）"], _FEW_OF_IT, _WORK, refused=("column-in-doubt",)
    ),
    "what people say they want": _table(
        ["愿意培训（人）", "暂无打算（人）"],
        _WORK,
        _FEW_OF_IT,
        title="农民工培训意愿走访汇总",
        refused=("title-in-doubt",) * 2,
    ),
    "what is awarded": _table(
        ["村庄清洁（个）", "示范户（户）", "美丽庭院（户）"], _WORK, _FEW_OF_IT, _WORK[::-1]
    ),
    "how much of a work": Case(
        [
            ["2023年任务分解表"],
            ["乡镇", "旧房改造", None],
            [None, "户数（户）", "建筑面积（平方米）"],
            *([n, a, b] for n, a, b in zip(_SEVEN, _FEW_OF_IT, _WORK, strict=True)),
        ],
        _units(zip(_SEVEN, _FEW_OF_IT, _WORK, strict=True)),
        merged=("A2:A3", "B2:C2"),
    ),
    "beds in a table of tasks": _table(
        ["适老化改造（户）", "家庭养老床位（张）"], _WORK, _FEW_OF_IT
    ),
}

for _heads in (
    ("老年助餐点（个）", "养老护理员（人）", "探访关爱（人次）"),
    ("公租房（套）", "老旧小区（个）", "货币化安置（户）"),
    ("中小河流治理（公里）", "病险水库（座）", "水土流失治理（亩）"),
    ("科技型中小企业（家）", "技术合同成交额（万元）", "专利授权（件）"),
    ("法律援助（件）", "调解室（个）", "法治宣传（场）"),
    ("充电桩建设（个）", "公交车（辆）", "停车场（个）"),
):
    CASES[f"things in a table of tasks: {_heads[0]}"] = _table(
        _heads, _WORK, _WORK[::-1], _FEW_OF_IT
    )
CASES |= {
    "all of a thing beside those to be mended, of one name": _table(
        ["农村公厕（座）", "公厕改建（座）"], _WORK, _FEW_OF_IT, told=("like-a-stock",)
    ),
    "whom a work without an object is for": _table(
        ["困难群众（户）", "走访慰问（户）"], _WORK, _FEW_OF_IT, told=("like-a-stock",)
    ),
}

for _note in (
    "注：年度考核数为表中数的90%。",
    "说明：本表任务数为两年任务数。",
    "注：今年新增数为表中数减去结转数。",
):
    CASES[f"a note, {_note}"] = _table(
        ["改厕（户）"], _WORK, notes=[_note], refused=("title-in-doubt",)
    )
CASES |= {
    "a note, one for another": _table(
        ["改厕（户）"],
        _WORK,
        notes=["注：南坝镇的任务由东河镇代为完成。"],
        refused=("row-in-doubt",) * 2,
    ),
    "a note, one for another, kept": _table(
        ["改厕（户）"],
        _WORK,
        notes=["注：南坝镇的任务由东河镇代为完成。"],
        options={"keep-row": "3,5"},
    ),
    "a note, how much is to be reached": _table(
        ["改厕（户）"], _WORK, notes=["注：6月底前完成任务数的60%，年底全面完成。"]
    ),
    "what is kept in reserve beside": _table(
        ["改厕（户）", "备选（户）"], _WORK, _FEW_OF_IT, told=("column-unnamed",)
    ),
}


if __name__ == "__main__":
    main()
