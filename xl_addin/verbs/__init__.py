"""The verbs: one function each, twins on the command line and on the ribbon.

A verb's module is imported when it is used, so that a click pays for its own verb only.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from keyword import iskeyword

from xl_addin.model.result import Report
from xl_addin.services.programme import Desk, Wish
from xl_addin.system.light import NamedTuple


class Verb(NamedTuple):
    """``label`` is what people call it, on a button and in the journal.

    ``group`` is the ribbon group its button stands in, empty for what only the command line does.
    """

    name: str
    label: str
    help: str
    group: str = ""

    @property
    def run(self) -> Callable[[Desk, Wish], Report]:
        """The function ``(desk, wish) -> Report`` of the verb's own module."""
        # ``return`` is a word of Python's own: its module is return_.
        name = f"{self.name}_" if iskeyword(self.name) else self.name
        module = import_module(f"xl_addin.verbs.{name}")
        run: Callable[[Desk, Wish], Report] = module.run
        return run


TASKS, MAIL, TOTALS, TOOLS = "任务", "收发", "汇总", "工具"
GROUPS = (TASKS, MAIL, TOTALS, TOOLS)
VERBS = (
    Verb("new", "新建", "由一张任务表建立年度任务：文件夹、主表和底账"),
    Verb("check", "检查任务表", "检查主表里的任务表和各项设置", TASKS),
    Verb("distribute", "生成填报表", "为每个区县生成一个月的填报表", TASKS),
    Verb("send", "发送", "把这个月的填报表发到区县的邮箱，每个区县一封", MAIL),
    Verb("fetch", "收取邮件", "从邮箱取新邮件，找出交回的填报表，审核、记入底账", MAIL),
    Verb("collect", "导入文件夹", "收集交回的文件：存档、识别、读取、审核、记入底账", MAIL),
    Verb("settle", "处理待定", "对待定的回收件作决定：接受、退回或归属到某个区县", MAIL),
    Verb("remind", "催报", "给还没报齐的区县写信，写明缺哪几个月、逾期几天", MAIL),
    Verb(
        "return", "退回修改", "把有错的填报表标好问题发回区县；开了回执信的，也给通过的发回执", MAIL
    ),
    Verb("password", "保存密码", "把发信、收信的密码（授权码）存进系统的密码库"),
    Verb("recompute", "重算", "重算本月完成、累计完成、汇总、完成率、差异、逐月", TOTALS),
    Verb("status", "回收情况", "谁报了、谁没报、是否按时", TOTALS),
    Verb("close", "结账", "一个月结账：以后再收到的先待定，直到重新打开", TOTALS),
    Verb("doctor", "体检", "检查这台电脑和任务文件夹：程序、Excel、权限、底账、邮件", TOOLS),
    Verb(
        "undo", "撤销", "撤销最近一次生成填报表、收取邮件、导入文件夹、处理待定、重算或结账", TOOLS
    ),
    Verb("verify", "核对", "核对归档、底账和主表是不是一个数也不差"),
    Verb("rebuild", "重建底账", "只用归档重新做出底账，原来的底账放进备份"),
    Verb("attach", "绑定本机", "把主表绑定到这台电脑的 Python，按钮和宏换成这个版本的"),
    Verb("demo", "演示", "用 2023 年任务表和样例数据把整个流程走一遍"),
)
