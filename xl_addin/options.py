"""Options of the command line, from one small table.

Not argparse: its messages are English, and importing and filling it costs a click as much as reading
twenty returns.
"""

from __future__ import annotations

from collections.abc import Sequence

from xl_addin.model.commands import COMMON_OPTIONS, PROGRAM, VERBS, Option, Verb
from xl_addin.system.errors import Misused
from xl_addin.system.light import NamedTuple


class ParsedCommand(NamedTuple):
    """What was typed: ``options`` by name.

    A switch that was given maps to an empty text, what was given several times to its lines.
    """

    verb: Verb
    paths: tuple[str, ...]
    options: dict[str, str]


def options_of(verb: Verb) -> tuple[Option, ...]:
    """All options that a verb takes."""
    return (*verb.options, *COMMON_OPTIONS)


def usage(verb: Verb | None = None) -> str:
    """How to call one verb, or which verbs there are."""
    if verb is None:
        lines = [f"用法：{PROGRAM} 操作 [选项]", "", "任务表的分发、回收与汇总", "", "操作："]
        wide = max(len(each.name) for each in VERBS) + 2
        lines += [f"  {each.name:<{wide}}{each.label}：{each.help}" for each in VERBS]
        return "\n".join((*lines, "", f"每个操作的用法：{PROGRAM} 操作 --help"))
    word, most, meaning = verb.paths
    positional = f" [{word}...]" if most > 1 else f" {word}" if word else ""
    lines = [f"用法：{PROGRAM} {verb.name}{positional} [选项]", "", f"{verb.label}：{verb.help}"]
    if word:
        lines += ["", "参数：", f"  {word:<22}{meaning}"]
    lines += ["", "选项："]
    lines += [f"  {o.name + ' ' + o.value:<22}{o.help}" for o in options_of(verb)]
    return "\n".join(lines)


def parse_arguments(arguments: Sequence[str]) -> ParsedCommand:
    """What was typed. Raises Misused with what is wrong and how to see the usage."""
    verb = next((verb for verb in VERBS if arguments and verb.name == arguments[0]), None)
    if verb is None:
        names = "、".join(each.name for each in VERBS)
        said = f"没有“{arguments[0]}”这个操作" if arguments else "没有写要做什么操作"
        raise _misuse(f"{said}；可用的有：{names}", "")
    known = {option.name: option for option in options_of(verb)}
    options: dict[str, str] = {}
    paths: list[str] = []
    rest = list(arguments[1:])
    while rest:
        word = rest.pop(0)
        if word == "--":
            paths += rest
            break
        name, mark, value = word.partition("=")
        name = "--help" if name == "-h" else name
        if not word.startswith("-") or word == "-":
            paths.append(word)
        elif name not in known:
            raise _misuse(f"不认识的选项 {name}", verb.name)
        elif known[name].value:
            if not mark and (not rest or rest[0].startswith("--")):
                raise _misuse(f"{name} 后面要跟一个值（{known[name].value}）", verb.name)
            given = value if mark else rest.pop(0)
            more = known[name].many and name in options
            options[name] = f"{options[name]}\n{given}" if more else given
        elif mark:
            raise _misuse(f"{name} 后面不能跟值", verb.name)
        else:
            options[name] = ""
    if len(paths) > verb.paths.most:
        raise _misuse(f"不认识的参数“{paths[-1]}”", verb.name)
    return ParsedCommand(verb, tuple(paths), options)


def _misuse(says: str, verb: str) -> Misused:
    return Misused(
        f"用法不对：{says}\n查看用法：{' '.join(part for part in (PROGRAM, verb) if part)} --help"
    )
