"""年初累计 from a workbook shaped like the task table: whose and which each number is, or refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.model.names import fold
from xl_addin.model.problems import make, place
from xl_addin.model.records import District, Indicator, Number, Problem, TaskTable
from xl_addin.system.errors import Misused, Refused
from xl_addin.system.light import pattern
from xl_addin.tasktable.choices import CHOICE_OPTIONS, Choices, read_choices

Pair = tuple[str, str]
_OPTION = pattern(
    r"--(units-across|(?:sheet|(?:skip|keep)-(?:row|column)|total-row|measure)(?:( )(?!写明))?)"
)


def read_opening_choices(text: str) -> Choices:
    """What ``--openings-read skip-row=5``, a line each, settles in the workbook of the openings."""
    options: dict[str, str] = {}
    for name, _, value in (line.strip().partition("=") for line in text.splitlines()):
        between = "\n" if name == "measure" else ","
        options[name] = between.join(filter(None, (options.get(name, ""), value)))
    unknown = options.keys() - {*CHOICE_OPTIONS}
    if unknown:
        raise Misused(
            f"用法不对：--openings-read 要填{'、'.join(CHOICE_OPTIONS)}里的一个，例如 skip-row=5，"
            f"现在是“{unknown.pop()}”"
        )
    return read_choices(options)


def name_opening_options(message: str) -> str:
    """What is said of the openings, with the options that settle it there and not in the task table."""
    return _OPTION.sub(
        lambda found: f"--openings-read {found[1].strip()}{'=' if found[2] else ''}", message
    )


def match_openings(
    openings: TaskTable, districts: Sequence[District], indicators: Sequence[Indicator], file: str
) -> dict[Pair, Number]:
    """What had been reached by (district, indicator), in the programme's codes; a blank stays unknown.

    Refused, with every cell, where a number is of a district or an indicator that the programme has not.
    """
    whose = _codes(openings.districts, districts)
    which = {item.code: _indicator(item, indicators) for item in openings.indicators}
    names = {district.code: district.name for district in openings.districts}
    items = {item.code: item for item in openings.indicators}
    found: dict[Pair, Number] = {}
    wrong: dict[tuple[str, str], Problem] = {}
    for (district, code), value in openings.targets.items():
        at = openings.cells[district, code]
        same = which[code]
        if district not in whose:
            says = f"“{names[district]}”不在任务表里，不知道这一行是哪个区县的；请改成任务表里的写法，或删去这一行"
            wrong.setdefault(("", district), _problem(openings, file, at, names[district], says))
        elif same is None or fold(same.unit) != fold(items[code].unit):
            label = items[code].label
            wrong.setdefault(
                (code, ""), _problem(openings, file, at, label, _why(items[code], same))
            )
        else:
            found[whose[district], same.code] = value
    if wrong:
        says = f"{file}：年初累计有 {len(wrong)} 处对不上任务表，请按下面所列改好后再试"
        raise Refused(says, list(wrong.values()))
    return found


def _why(item: Indicator, same: Indicator | None) -> str:
    if same is None:
        return f"“{item.label}”不是任务表里的指标；请把表头改成任务表里的写法，或删去这一列"
    return f"“{item.label}”的单位是“{item.unit}”，任务表里是“{same.unit}”；请换算后改成一样的单位"


def _problem(openings: TaskTable, file: str, at: str, found: str, says: str) -> Problem:
    message = f"{file} {place(openings.sheet, at)}：{says}"
    return make("opening-unmatched", message, openings.sheet, at, found)


def _codes(given: Sequence[District], listed: Sequence[District]) -> Mapping[str, str]:
    by_name = {fold(name): d.code for d in listed for name in (d.name, *d.aliases)}
    return dict(_pairs(given, by_name))


def _pairs(given: Sequence[District], by_name: Mapping[str, str]) -> Iterator[Pair]:
    for district in given:
        names = (fold(name) for name in (district.name, *district.aliases))
        code = next((by_name[name] for name in names if name in by_name), None)
        if code is not None:
            yield district.code, code


def _indicator(item: Indicator, listed: Sequence[Indicator]) -> Indicator | None:
    return next((each for each in listed if fold(each.label) == fold(item.label)), None)
