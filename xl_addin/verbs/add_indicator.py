"""``add-indicator``: an indicator more, on every sheet, with the districts' targets."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.master.mend.lists import NewRow
from xl_addin.model.names import fold
from xl_addin.model.records import MEASURE_LABELS, SCHEDULE_LABELS, Indicator, Number
from xl_addin.model.result import Result
from xl_addin.model.settings import NO, YES, Adjustment, Config
from xl_addin.model.sheets import INDICATORS_BLOCK
from xl_addin.services.amending import Amendment, amend_master
from xl_addin.services.change_words import (
    amount_of,
    amounts_of_file,
    find_district,
    find_indicator,
    month_number,
    named_amounts,
)
from xl_addin.services.list_places import row_of, where_to_type
from xl_addin.services.programme import Programme, Request
from xl_addin.services.typed_changes import waits_to_be_registered
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import amend


def run(programme: Programme, request: Request) -> Result:
    """Add the indicator of the options; without any, what was typed below 指标."""
    given = request.options
    if not given.get("code") and not given.get("path"):
        if waits_to_be_registered(programme):
            return amend.run(programme, request)
        if programme.live:
            return where_to_type(programme.host, "add-indicator", INDICATORS_BLOCK)
    lacking = [f"--{name}" for name in ("code", "path", "unit") if not given.get(name)]
    if lacking:
        says = f"用法不对：缺少 {'、'.join(lacking)}"
        raise Misused(f"{says}\n查看用法：xl-addin add-indicator --help")
    config = programme.config
    new = _indicator(config, given)
    there = _known(config, new)
    targets = _targets(config, given)
    adjusted = (
        Adjustment(new.since, district, new.code, amount, given.get("document", ""))
        for district, amount in targets.items()
        if new.since > 1
    )
    amendment = Amendment(
        rows=() if there else (_row(programme, config, new),),
        targets={(d, new.code): amount for d, amount in targets.items() if new.since == 1},
        adjustments=tuple(adjusted),
    )
    said = f"“{new.label}”（{new.code}），从 {new.since} 月起报"
    return amend_master(programme, request, "add-indicator", amendment, said)


def _indicator(config: Config, given: Mapping[str, str]) -> Indicator:
    path = tuple(step.strip() for step in given["path"].replace("＞", ">").split(">"))
    parent = find_indicator(config, given["parent"]).code if given.get("parent") else ""
    return Indicator(
        given["code"].strip(),
        tuple(step for step in path if step),
        given["unit"].strip(),
        _chosen(MEASURE_LABELS, given.get("measure", "flow"), "--measure"),
        parent,
        given.get("whole", YES) not in (NO, "no"),
        None,
        _chosen(SCHEDULE_LABELS, given.get("schedule", "even"), "--schedule"),
        month_number(given.get("since", "1"), config.settings.year, "--since"),
        short=given.get("short", "").strip(),
        importance=_importance(given.get("weight", "")),
    )


def _importance(text: str) -> Number | None:
    if not text:
        return None
    value = amount_of(text, "--weight")
    if value < 0:
        raise Misused(f"用法不对：--weight 应当是不小于 0 的数字，现在是“{text}”")
    return value


def _chosen(labels: Mapping[str, str], text: str, option: str) -> str:
    """A word of the program's or of the sheet's. Raises Misused."""
    for word, label in labels.items():
        if fold(text) in (word, fold(label)):
            return word
    raise Misused(f"用法不对：{option} 只能填 {'、'.join(labels.values())}，现在是“{text}”")


def _known(config: Config, new: Indicator) -> bool:
    """Whether this very indicator is listed already: a run that was cut off is made again."""
    for each in config.indicators:
        if each.code == new.code:
            if each.label == new.label and each.unit == new.unit and each.since == new.since:
                return True
            raise Refused(f"代码 {new.code} 已经是“{each.label}”；请换一个代码")
        if each.label == new.label:
            raise Refused(f"指标“{new.label}”已经有了，代码是 {each.code}；请换一个名称")
    return False


def _row(programme: Programme, config: Config, new: Indicator) -> NewRow:
    """Below the last indicator that stands under the same headings, else below all."""
    beside = [
        item
        for item in config.indicators
        if (new.parent and new.parent in (item.parent, item.code))
        or (len(new.path) > 1 and item.path[: len(new.path) - 1] == new.path[:-1])
    ]
    after = row_of(programme.host, INDICATORS_BLOCK, beside[-1].code) if beside else 0
    block = programme.host.block(INDICATORS_BLOCK)
    return NewRow(
        INDICATORS_BLOCK,
        {
            "代码": new.code,
            "指标": new.label,
            "计量单位": new.unit,
            "口径": MEASURE_LABELS[new.measure],
            "上级指标": new.parent,
            "取整": YES if new.whole else NO,
            "序时": SCHEDULE_LABELS[new.schedule],
            "起始月": new.since if new.since > 1 else None,
            "简称": new.short,
            "权重": new.importance,
        },
        0 if after == block.area[2] else after,
    )


def _targets(config: Config, given: Mapping[str, str]) -> dict[str, Number]:
    pairs = [*named_amounts(given.get("target", ""), "--target")]
    if given.get("targets"):
        pairs += amounts_of_file(given["targets"])
    return {find_district(config, name).code: amount for name, amount in pairs}
