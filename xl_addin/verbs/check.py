"""``check``: is the task table in the master sound, and are the settings."""

from __future__ import annotations

from xl_addin.master.migrate.lacks import layout_problems
from xl_addin.master.read.account_rows import read_account
from xl_addin.master.read.config import read_config
from xl_addin.master.read.letters_rows import read_letters
from xl_addin.model.calendar import month_of
from xl_addin.model.result import Report
from xl_addin.services.programme import Desk, Wish


def run(desk: Desk, wish: Wish) -> Report:
    """Everything that is wrong, in one list; nothing is changed."""
    config = read_config(desk.host)
    if wish.month:
        month_of(wish.month, config.settings.year)
    problems = (
        *layout_problems(desk.host),
        *config.problems,
        *read_account(desk.host)[1],
        *read_letters(desk.host)[1],
    )
    said = f"有 {len(problems)} 处需要处理" if problems else "没有发现问题"
    return Report(
        {
            "verb": "check",
            "districts": len(config.districts),
            "indicators": len(config.indicators),
            "problems": [problem.as_json() for problem in problems],
        },
        f"任务表和设置：{len(config.districts)} 个区县、{len(config.indicators)} 项指标，{said}",
        clean=not problems,
        lines=tuple(problem.message for problem in problems),
    )
