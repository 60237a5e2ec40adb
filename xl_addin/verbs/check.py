"""``check``: is the task table in the master sound, and are the settings."""

from __future__ import annotations

from xl_addin.master.mend.gaps import find_gaps
from xl_addin.master.migrate.lacks import layout_problems
from xl_addin.master.read.account_rows import read_account
from xl_addin.master.read.config import read_config
from xl_addin.master.read.correspondences import read_correspondences
from xl_addin.master.read.letters_rows import read_letters
from xl_addin.master.read.score_rules import read_scheme
from xl_addin.master.read.works import read_works
from xl_addin.model.calendar import check_month
from xl_addin.model.records import Problem
from xl_addin.model.result import Result
from xl_addin.services.programme import Programme, Request
from xl_addin.services.target_history import unregistered
from xl_addin.system.errors import Misused, list_messages


def run(programme: Programme, request: Request) -> Result:
    """Everything that is wrong, in one list; nothing is changed but with --mend."""
    if "take" in request.options and not programme.shared:
        raise Misused("用法不对：--take 用于几个人合用的底账，这本底账只有这一张主表")
    if "mend" in request.options:
        from xl_addin.verbs import amend

        return amend.run(programme, request)
    config = read_config(programme.host)
    if request.month:
        check_month(request.month, config.settings.year)
    works: list[Problem] = []
    read_works(programme.host, config, works)
    problems = (
        *layout_problems(programme.host),
        *config.problems,
        *works,
        *find_gaps(programme.host, config),
        *unregistered(programme.ledger, programme.host, config),
        *read_account(programme.host)[1],
        *read_letters(programme.host)[1],
        *read_correspondences(programme.host, config.indicators, config.settings.year)[1],
        *read_scheme(programme.host, config).problems,
    )
    said = f"有 {len(problems)} 处需要处理" if problems else "没有发现问题"
    return Result(
        {
            "verb": "check",
            "districts": len(config.districts),
            "indicators": len(config.indicators),
            "problems": [problem.as_json() for problem in problems],
        },
        f"任务表和设置：{len(config.districts)} 个区县、{len(config.indicators)} 项指标，{said}",
        clean=not problems,
        lines=list_messages(problems),
    )
