"""The verbs: one function each, twins on the command line and on the ribbon.

A verb's module is imported when it is used, so that a click pays for its own verb only.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, cast

from xl_addin.desk import Desk, Wish
from xl_addin.report import Report


class Verb(NamedTuple):
    """``label`` is what people call it, on a button and in the journal."""

    name: str
    label: str
    help: str

    @property
    def run(self) -> Callable[[Desk, Wish], Report]:
        """The function ``(desk, wish) -> Report`` of the verb's own module."""
        module = import_module(f"xl_addin.verbs.{self.name}")
        return cast("Callable[[Desk, Wish], Report]", module.run)


VERBS = (
    Verb("new", "新建", "由一张任务表建立年度任务：文件夹、主表和底账"),
    Verb("check", "检查任务表", "检查主表里的任务表和各项设置"),
    Verb("distribute", "生成填报表", "为每个区县生成一个月的填报表"),
    Verb("collect", "导入文件夹", "收集交回的文件：存档、识别、读取、审核、记入底账"),
    Verb("recompute", "重算", "重算本月完成、累计完成、汇总、完成率、差异、逐月"),
    Verb("status", "回收情况", "谁报了、谁没报、是否按时"),
    Verb("demo", "演示", "用 2023 年任务表和样例数据把整个流程走一遍"),
)
