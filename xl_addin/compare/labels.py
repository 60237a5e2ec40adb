"""Whether a heading of another office names an indicator of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xl_addin.compare.periods import BARE_MONTH, Period, read_period, years_in
from xl_addin.model.names import plain
from xl_addin.model.records import Indicator
from xl_addin.system.light import NamedTuple, pattern

_SIGNS = pattern(r"[\s“”\"'‘’《》<>:：、，,.。;；()（）\[\]【】\-—–_/·～~]+")
_MARKS = pattern(r"[①-⒇*＊※★☆▲△●]")  # of footnotes
_PURE = pattern(
    r"(本期|当期)?(累计|实际|已|总)*(完成|达成|落实|实现)?(数|量|值|额|情况|人数|数量)?|实绩|合计|小计|总计|共计|总?计|总数|总?人数|现状|数量"
)
_DONE_BEHIND = pattern(r"(累计|实际|已)*(完成|达成)(数|量|值|额|情况|人数)?\Z")
_DONE_BEFORE = pattern(r"\A(累计|实际|已|共)*(完成|开展)")
_COUNTED = pattern(r"(人次数?|人数|户数|场次数?|个数|数量|情况|数)\Z")
_COUNTED_UNITS = {
    "人次": "人次",
    "人次数": "人次",
    "人数": "人",
    "户数": "户",
    "场次": "场次",
    "场次数": "场次",
}
_OURS_EMPTY = pattern(r"(年度|全年|本年)?(任务|目标|计划)(数|量|值)?")
_NO_RESULT = pattern(
    r"任务|目标|计划|应完成|上年|去年|往年|上期|同期|同比|环比|增长|增幅|增减|[比较]上|完成率|完成比|完成进度|进度|占比|比例|"
    r"比重|百分比|百分点|%|排名|名次|位次|差额|差距|缺口|剩余|未完成|权重|得分|分值|预计|拟|人均|率\Z"
)
_GENERAL = pattern(
    r"(全市|全县|全区|本市)?(?!.*(女|男|岁|农村|城镇|脱贫|贫困|重度|儿童|少年|老年|户籍|低保|精神|智力|视力|听力|肢体))"
    r"(残疾人.*|.*(情况|工作|业务|方面|项目|指标|内容|数据|统计|任务))"
)
_TELLING = 4
NONE, ALIKE, FITS, EXACT = 0, 1, 2, 3


class Step(NamedTuple):
    """One level of a heading without its time: as it is, and without what only says that it is a count."""

    text: str
    base: str


class Label(NamedTuple):
    """A heading as it is compared.

    ``unit`` is the one that its words imply; ``no_result`` says that it is of targets, shares, another year;
    ``years`` are those that it names.
    """

    steps: tuple[Step, ...]
    period: Period
    unit: str
    no_result: bool
    years: frozenset[int]


def bare(text: str) -> str:
    """A name without its signs."""
    return _SIGNS.sub("", plain(text).casefold()).removeprefix("其中")


def _base(text: str) -> tuple[str, str]:
    """A name without the words that it is a count of what was done, and the unit that they imply."""
    done = _DONE_BEFORE.sub("", _DONE_BEHIND.sub("", text)) or text
    match = _COUNTED.search(done)
    if match is None or match.start() < 2:
        return done, ""
    return done[: match.start()], _COUNTED_UNITS.get(match[1], "")


def read_label(path: Sequence[str]) -> Label:
    """What a path of headings says, outermost first."""
    steps: list[Step] = []
    period, unit, no_result = Period("", 0, ""), "", False
    years: set[int] = set()
    for level in path:
        said = read_period(_MARKS.sub("", level))
        years |= years_in(level)
        if said.kind and (not period.kind or period.kind == BARE_MONTH):
            period = said._replace(month=said.month or period.month)
        text = bare(said.rest)
        if _NO_RESULT.search(text):
            no_result = True
        if not text or _PURE.fullmatch(text):
            continue
        base, implied = _base(text)
        unit = implied or unit
        steps.append(Step(text, base))
    return Label(tuple(steps), period, unit, no_result, frozenset(years))


def our_steps(item: Indicator, by_code: Mapping[str, Indicator]) -> tuple[Step, ...]:
    """An indicator of ours as a heading of theirs is compared with it."""
    path = item.path
    if len(path) == 1 and item.parent in by_code:
        path = (by_code[item.parent].path[-1], *path)
    texts = [bare(read_period(level).rest) for level in path]
    kept = [text for text in texts if text and not _OURS_EMPTY.fullmatch(text)] or texts[:1]
    return tuple(Step(text, _base(text)[0]) for text in kept)


def is_our_word(label: Label, ours: Sequence[Step]) -> bool:
    """Whether what sounds like a target or a share is our own name for it."""
    texts = {step.text for step in ours}
    return all(step.text in texts for step in label.steps if _NO_RESULT.search(step.text)) and any(
        _NO_RESULT.search(step.text) for step in label.steps
    )


def fit(label: Label, ours: Sequence[Step], short: str, code: str) -> int:
    """How well a heading names an indicator: NONE, ALIKE (to be told, not used), FITS or EXACT."""
    theirs = label.steps
    if not theirs or not ours:
        return NONE
    leaf = theirs[-1]
    if leaf.text == code.casefold() or (short and leaf.text == bare(short) and len(theirs) == 1):
        return EXACT
    if "".join(s.base for s in theirs) == "".join(s.base for s in ours):
        return EXACT
    same = leaf.text == ours[-1].text or leaf.base == ours[-1].base
    if not same:
        return _alike(leaf, ours[-1])
    # 女性 may be that of anything; 新增城镇就业 is what it is wherever it stands.
    telling = len(leaf.base) >= _TELLING
    if len(theirs) == 1:
        return FITS if telling or len(ours) == 1 else ALIKE
    above = theirs[:-1]
    if any(a.base == b.base or (telling and _kin(a, b)) for a in above for b in ours[:-1]):
        return FITS
    if not telling and len(ours) > 1:
        return ALIKE
    return FITS if all(_GENERAL.fullmatch(step.text) for step in above) else ALIKE


def _kin(one: Step, other: Step) -> bool:
    return one.base in other.base or other.base in one.base


def _alike(leaf: Step, ours: Step) -> int:
    short, long = sorted((leaf.base, ours.base), key=len)
    return ALIKE if len(short) >= 3 and short in long else NONE
