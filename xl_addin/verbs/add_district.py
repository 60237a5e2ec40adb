"""``add-district``: a district more, on every sheet, with its targets or its part of another's."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.master.mend.lists import NewRow
from xl_addin.model.addresses import split_mail_addresses
from xl_addin.model.names import fold
from xl_addin.model.records import District, Number
from xl_addin.model.result import Result
from xl_addin.model.settings import Adjustment, Config
from xl_addin.model.sheets import DISTRICTS_BLOCK
from xl_addin.services.amending import Amendment, amend_master
from xl_addin.services.change_words import (
    amounts_of_file,
    find_district,
    find_indicator,
    month_number,
    named_amounts,
)
from xl_addin.services.list_places import where_to_type
from xl_addin.services.programme import Programme, Request
from xl_addin.services.typed_changes import waits_to_be_registered
from xl_addin.system.errors import Misused, Refused
from xl_addin.verbs import amend


def run(programme: Programme, request: Request) -> Result:
    """Add the district of the options; without any, what was typed below 区县名录."""
    given = request.options
    if not given.get("code") and not given.get("name"):
        if waits_to_be_registered(programme):
            return amend.run(programme, request)
        if programme.live:
            return where_to_type(programme.host, "add-district", DISTRICTS_BLOCK)
    if not given.get("code") or not given.get("name"):
        raise Misused("用法不对：缺少 --code 或 --name\n查看用法：xl-addin add-district --help")
    config = programme.config
    since = month_number(given.get("since", "1"), config.settings.year, "--since")
    code, name = given["code"].strip(), given["name"].strip()
    aliases = tuple(part.strip() for part in given.get("aliases", "").split("、") if part.strip())
    for address in (
        each for key in ("to", "cc") for each in split_mail_addresses(given.get(key, ""))[1]
    ):
        raise Refused(
            f"“{address}”不是邮箱地址（应当像 name@example.com，多个用；隔开），没有增加区县；请改正再试"
        )
    new = District(code, name, aliases, given.get("to", ""), given.get("cc", ""), since)
    there = _known(config, new)
    targets = dict(_targets(config, given))
    source = find_district(config, given["from"]) if given.get("from") else None
    amendment = Amendment(
        rows=() if there else (_row(new),),
        targets={(code, item): n for item, n in targets.items() if since == 1 and not source},
        adjustments=tuple(_adjustments(config, new, targets, source, given.get("document", ""))),
    )
    whence = f"，从“{source.name}”分出" if source else ""
    said = f"“{name}”（{code}）{whence}，从 {since} 月起报"
    return amend_master(programme, request, "add-district", amendment, said)


def _known(config: Config, new: District) -> bool:
    """Whether this very district is listed already: a run that was cut off is made again."""
    for each in config.districts:
        if each.code == new.code:
            if fold(each.name) == fold(new.name) and each.since == new.since:
                return True
            raise Refused(f"代码 {new.code} 已经是“{each.name}”；请换一个代码")
    return False


def _row(new: District) -> NewRow:
    return NewRow(
        DISTRICTS_BLOCK,
        {
            "代码": new.code,
            "区县": new.name,
            "别名": "、".join(new.aliases),
            "收件人": new.to,
            "抄送": new.cc,
            "起始月": new.since if new.since > 1 else None,
        },
    )


def _targets(config: Config, given: dict[str, str] | object) -> Iterator[tuple[str, Number]]:
    options = dict(given) if isinstance(given, dict) else {}
    pairs = [*named_amounts(options.get("target", ""), "--target")]
    if options.get("targets"):
        pairs += amounts_of_file(options["targets"])
    for name, amount in pairs:
        yield find_indicator(config, name).code, amount


def _adjustments(
    config: Config,
    new: District,
    targets: dict[str, Number],
    source: District | None,
    document: str,
) -> Iterator[Adjustment]:
    """A target that comes in the year stands in 任务调整; one split off is taken from the other."""
    if new.since == 1 and source is None:
        return
    now = config.targets_in_force(new.since)
    for item, amount in targets.items():
        if source is not None:
            left = now.get((source.code, item), 0) - amount
            if left < 0:
                raise Refused(
                    f"“{source.name}”这项指标（{item}）从 {new.since} 月起的任务数是 "
                    f"{now.get((source.code, item), 0)}，分不出 {amount}；请核对"
                )
            yield Adjustment(new.since, source.code, item, -amount, document)
        yield Adjustment(new.since, new.code, item, amount, document)
