"""The command line: the verbs with their options, in Chinese."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from xl_addin import __version__
from xl_addin.boundary import REFUSED, run
from xl_addin.desk import Desk, Wish
from xl_addin.progress import watched
from xl_addin.report import Report
from xl_addin.verbs import VERBS, Verb

_SAID = (
    (r"the following arguments are required: (.*)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.*)", r"不认识的参数：\1"),
    (
        r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)",
        r"没有 \2 这个操作，可用的有：\3",
    ),
    (r"argument (.*?): expected one argument", r"\1 后面要跟一个值"),
    (r"argument (.*?): expected at least one argument", r"\1 后面至少要有一个值"),
    (r"argument (.*?): invalid int value: (.*)", r"\1 要填整数，现在是 \2"),
    (r"ambiguous option: (.*?) could match (.*)", r"\1 不明确，可能是 \2"),
)


class _Parser(argparse.ArgumentParser):
    """argparse in Chinese."""

    def error(self, message: str) -> NoReturn:
        for pattern, chinese in _SAID:
            said = re.sub(f"{pattern}\\Z", chinese, message)
            if said != message:
                message = said
                break
        sys.stderr.write(f"用法不对：{message}\n查看用法：{self.prog} --help\n")
        sys.exit(REFUSED)

    def format_usage(self) -> str:
        return super().format_usage().replace("usage: ", "用法：", 1)

    def format_help(self) -> str:
        text = super().format_help().replace("usage: ", "用法：", 1)
        for english, chinese in (("positional arguments:", "参数："), ("options:", "选项：")):
            text = text.replace(f"\n{english}", f"\n{chinese}", 1)
        return text


def _parser() -> _Parser:
    parser = _Parser(prog="xl-addin", description="任务表的分发、回收与汇总", add_help=False)
    _common_help(parser)
    parser.add_argument("--version", action="version", version=__version__, help="显示版本")
    commands = parser.add_subparsers(
        dest="verb", metavar="操作", required=True, parser_class=_Parser
    )
    for verb in VERBS:
        command = commands.add_parser(verb.name, help=f"{verb.label}：{verb.help}", add_help=False)
        command.description = verb.help
        _options(command, verb)
    return parser


def _common_help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-h", "--help", action="help", help="显示用法")


def _options(command: argparse.ArgumentParser, verb: Verb) -> None:
    if verb.paths:
        many = "?" if verb.founds else "*"
        meaning = (
            "任务文件夹"
            if verb.founds
            else "文件或文件夹，可以有几个；不写就是任务文件夹里的“回收”"
        )
        command.add_argument("paths", metavar=verb.paths, nargs=many, help=meaning)
    if verb.name == "new":
        command.add_argument(
            "--task-table", metavar="FILE", required=True, help="任务表（.xlsx .xls .ods .et）"
        )
        command.add_argument("--year", type=int, required=True, help="年度，例如 2023")
        command.add_argument("--title", default="", help="任务名称，不写就用任务表的标题")
    command.add_argument(
        "--folder", metavar="DIR", default="", help="任务文件夹，不写就是当前文件夹"
    )
    command.add_argument("--month", metavar="YYYY-MM", default="", help="月份，不写就用“设置”里的")
    command.add_argument("--rehearse", action="store_true", help="只说会做什么，不写任何文件")
    command.add_argument("--json", action="store_true", help="结果以一个 JSON 对象输出")
    _common_help(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    verb = next(verb for verb in VERBS if verb.name == options.verb)
    given = getattr(options, "paths", None)
    paths = [given] if isinstance(given, str) else list(given or [])
    if verb.name == "new" and paths:
        options.folder = paths.pop()
    folder = Path(options.folder or ".").absolute()
    wish = Wish(
        tuple(paths), options.month, options.rehearse, getattr(options, "task_table", ""),
        getattr(options, "year", 0), getattr(options, "title", ""),
    )  # fmt: skip

    def work() -> Report:
        with watched(options.json) as progress:
            desk = Desk(folder, progress)
            try:
                return verb.run(desk, wish)
            finally:
                desk.close()

    return run(verb.name, folder, options.json, work)
