"""The command line: one verb, its options, an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from xl_addin import __version__, options
from xl_addin.error_handler import run
from xl_addin.model.commands import PROGRAM, Verb
from xl_addin.model.result import Result
from xl_addin.services.programme import Programme, Request, hold_programme
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.progress import show_progress
from xl_addin.verbs import function_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] in (["-h"], ["--help"]) or words == ["--version"]:
        print(__version__ if words == ["--version"] else options.usage())  # noqa: T201
        return 0
    verb = words[0] if words else ""
    return run(verb, _folder(words), "--json" in words, lambda: _work(words))


def _folder(words: Sequence[str]) -> Path | None:
    """Where a log would go; None for the system's own place.

    ``new`` makes a folder and does not work in the one that it was started in.
    """
    said = ""
    with suppress(Refused):  # which is told when the work begins
        given = options.parse_arguments(words)
        said = given.options.get("--folder") or "".join(
            given.paths[:1] if words[0] == "new" else ()
        )
    return None if words[:1] == ["new"] and not said else Path(said or ".").absolute()


def _work(words: Sequence[str]) -> Result:
    given = options.parse_arguments(words)
    if "--help" in given.options:
        return Result({"verb": given.verb.name}, options.usage(given.verb))
    folder = Path(given.options.get("--folder") or ".").absolute()
    paths = given.paths
    if words == ["new"] and sys.stdin.isatty() and sys.stdout.isatty():
        from xl_addin.dialogue import ask_new

        return carry_out(given.verb, *ask_new(), as_json=False)
    for option in given.verb.options:
        if option.required and option.name not in given.options:
            says = f"用法不对：缺少 {option.name}"
            raise Misused(f"{says}\n查看用法：{PROGRAM} {given.verb.name} --help")
    if given.verb.name == "new":
        if not paths and "--folder" not in given.options:
            raise Misused(f"用法不对：没有写新任务的文件夹\n查看用法：{PROGRAM} new --help")
        folder = Path(paths[0]).absolute() if paths else folder
    request = Request(
        paths,
        given.options.get("--month", ""),
        "--rehearse" in given.options,
        given.options.get("--task-table", ""),
        _year(given.options.get("--year", "0")),
        given.options.get("--title", ""),
        {name.removeprefix("--"): value for name, value in given.options.items()},
    )
    return carry_out(given.verb, folder, request, as_json="--json" in given.options)


def carry_out(verb: Verb, folder: Path, request: Request, *, as_json: bool) -> Result:
    """Do what a verb does in a folder, which is held meanwhile. Raises Refused."""
    # A rehearsal leaves nothing behind, not even the lock's file.
    held = nullcontext() if request.rehearse else hold_programme(folder, verb.label)
    with show_progress(as_json) as progress, held:
        programme = Programme(folder, progress)
        programme.doing = verb.label
        try:
            return function_of(verb.name)(programme, request)
        finally:
            programme.close()


def _year(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Misused(f"用法不对：--year 要填四位年份，现在是“{text}”")
    return int(text)
