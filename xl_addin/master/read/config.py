"""What staff set in the master: read at every run, every wrong cell named, nothing guessed.

设置, 区县名录, 指标, 校验规则 and 任务表 become one record. Full-width digits and numbers typed as
text are understood on 设置 and 校验规则; in 任务表, whose sums are Excel's, they are refused.
"""

from __future__ import annotations

from xl_addin.master.read.blocks import Block, filled_rows, find_columns, key_text, row_advice
from xl_addin.master.read.registers import read_district_register, read_indicator_register
from xl_addin.master.read.settings_rows import SettingRows, number_in
from xl_addin.model.names import fold
from xl_addin.model.problems import SEVERITY_LABELS
from xl_addin.model.records import District, Number, Problem
from xl_addin.model.rules import RULES, RuleSpec
from xl_addin.model.settings import (
    BY_COLLECTING,
    BY_FILE,
    BY_SCORE,
    BY_STANDING,
    CLOSE,
    IN_FULL,
    NO,
    PRO_RATA,
    REOPEN,
    UNRANKED,
    YES,
    Config,
    Rule,
    Settings,
)
from xl_addin.model.sheets import (
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    PAPERS_BLOCK,
    RULE_HEADINGS,
    RULES_BLOCK,
    SETTINGS_BLOCK,
    TARGETS_BLOCK,
)
from xl_addin.system.errors import Outdated
from xl_addin.system.light import TYPE_CHECKING
from xl_addin.xlsx.cells import NUM
from xl_addin.xlsx.values import quote

if TYPE_CHECKING:
    from xl_addin.master.host.base import BlockReader
    from xl_addin.model.papers import Paper


def read_config(host: BlockReader) -> Config:
    """Everything staff set, with everything that is wrong in it. Raises Refused for a lost block."""
    return with_targets(read_basics(host), host)


def read_basics(host: BlockReader) -> Config:
    """All but 任务表, which collecting has no use for: a form carries its own targets, sealed."""
    problems: list[Problem] = []
    settings = _settings(host.block(SETTINGS_BLOCK), problems)
    districts = read_district_register(host.block(DISTRICTS_BLOCK), problems)
    indicators = read_indicator_register(host.block(INDICATORS_BLOCK), problems)
    rules = _rules(host.block(RULES_BLOCK), problems)
    papers = _papers(host, settings.year, districts, problems)
    whole = Config(settings, districts, indicators, rules, {}, {}, tuple(problems))
    return whole._replace(papers=papers) if papers else whole


def _papers(
    host: BlockReader, year: int, districts: tuple[District, ...], problems: list[Problem]
) -> tuple[Paper, ...]:
    """The rows of 材料; whoever asks for none pays for none."""
    try:
        block = host.block(PAPERS_BLOCK)
    except Outdated:
        return ()
    if not any(row > block.area[0] for row, _ in block.cells):
        return ()
    from xl_addin.master.read.paper_rows import read_papers

    return read_papers(block, year, districts, problems)


def with_targets(basics: Config, host: BlockReader) -> Config:
    """The settings with what the year's plan is made of: targets, adjustments, shares, openings."""
    from xl_addin.master.read.last_year import read_last_year
    from xl_addin.master.read.targets import read_targets_block
    from xl_addin.master.read.year_plan import read_adjustments, read_openings, with_shares

    problems = list(basics.problems)
    block = host.block(TARGETS_BLOCK)
    targets, published = read_targets_block(block, basics.districts, basics.indicators, problems)
    indicators = with_shares(host, basics.indicators, problems)
    return basics._replace(
        indicators=indicators,
        targets=targets,
        published=published,
        adjustments=read_adjustments(host, basics._replace(targets=targets), problems),
        openings=read_openings(host, basics, problems),
        last_year=read_last_year(host, basics, problems),
        problems=tuple(problems),
    )


def _settings(block: Block, problems: list[Problem]) -> Settings:
    read = SettingRows(block, problems)
    year = int(
        read.number(
            "year", lambda n: isinstance(n, int) and 2000 <= n <= 2100, "四位年份，例如 2023"
        )
    )
    return Settings(
        read.words("title"),
        year,
        read.month(year),
        int(
            read.number(
                "deadline_day", lambda n: isinstance(n, int) and 1 <= n <= 28, "1 到 28 的整数"
            )
        ),
        read.choice("received_by", (BY_FILE, BY_COLLECTING)),
        _behind(read),
        read.words("contact"),
        read.words("phone"),
        read.choice("closing", (CLOSE, REOPEN)),
        read.words("passwords"),
        int(
            read.number(
                "first_month", lambda n: isinstance(n, int) and 1 <= n <= 12, "1 到 12 的整数"
            )
        ),
        read.number("near", lambda n: 0 <= n <= 100, "0 到 100 的数字"),
        read.choice("missing_months", (PRO_RATA, IN_FULL, UNRANKED)),
        read.choice("explain_warnings", (YES, NO)),
        read.number("cap", lambda n: n == 0 or n >= 100, "不小于 100 的数字，不封顶填 0"),
        read.words("person"),
        read.words("office"),
        _whole(read, "red_months", 12),
        _whole(read, "silent_months", 12),
        _whole(read, "term_days", 90),
        read.number("tolerance", lambda n: n >= 0, "不小于 0 的数字"),
        read.number("tolerance_percent", lambda n: 0 <= n <= 100, "0 到 100 的数字"),
        read.choice("rank_by", (BY_STANDING, BY_SCORE)),
        read.words("receive_folder"),
    )


def _whole(read: SettingRows, key: str, most: int) -> int:
    """A setting that counts months or days, 0 for off."""
    return int(
        read.number(key, lambda n: isinstance(n, int) and 0 <= n <= most, f"0 到 {most} 的整数")
    )


def _behind(read: SettingRows) -> Number:
    """A true number or nothing: the colour rules of 差异 use this very cell."""
    spec, where, cell = read.cell("behind")
    value = read.number("behind", lambda n: 0 <= n <= 100, "0 到 100 的数字")
    if cell is not None and cell.kind != NUM and number_in(cell) is not None:
        read.report("bad-behind", where, spec.label, "数字格式（现在是文字，颜色规则用不上）")
    return value


def _rules(block: Block, problems: list[Problem]) -> dict[str, Rule]:
    columns = find_columns(block, RULE_HEADINGS[:4])
    code_at, _, severity_at, parameter_at = (columns[h] for h in RULE_HEADINGS[:4])
    specs = {spec.code: spec for spec in RULES}
    rules = {spec.code: Rule(spec.severity, spec.parameter) for spec in RULES}
    seen: set[str] = set()
    for row in filled_rows(block):
        code = key_text(block.cells.get((row, code_at)))
        spec = specs.get(fold(code))
        if spec is None:
            if code:
                says = f"没有“{code}”这条规则；规则只能改级别和参数，请改回原来的代码或删去这一行"
                problems.append(block.problem("rule-unknown", (row, code_at), says))
        elif spec.code in seen:
            says = f"规则“{spec.label}”出现了两行；请删去多余的一行"
            problems.append(block.problem("code-twice", (row, code_at), says))
        else:
            seen.add(spec.code)
            severity = _severity(block, (row, severity_at), spec, problems)
            rules[spec.code] = Rule(
                severity, _parameter(block, (row, parameter_at), spec, problems)
            )
    for code in rules.keys() - seen:
        advice = row_advice(specs[code].since)
        says = f"找不到规则“{specs[code].label}”（{code}），按原来的级别处理；{advice}"
        problems.append(block.problem("rule-missing", block.area[:2], says))
    return rules


def _severity(block: Block, where: tuple[int, int], spec: RuleSpec, problems: list[Problem]) -> str:
    text = key_text(block.cells.get(where))
    for severity, label in SEVERITY_LABELS.items():
        if fold(text) == label:
            return severity
    allowed = "、".join(SEVERITY_LABELS.values())
    says = f"规则“{spec.label}”的级别现在是“{text or '空'}”，只能填：{allowed}；请改正"
    problems.append(block.problem("bad-severity", where, says, allowed))
    return spec.severity


def _parameter(
    block: Block, where: tuple[int, int], spec: RuleSpec, problems: list[Problem]
) -> Number | None:
    cell = block.cells.get(where)
    if spec.parameter is None or cell is None:
        return spec.parameter
    value = number_in(cell)
    if value is not None and value > 0:
        return value
    says = f"规则“{spec.label}”的参数现在是“{quote(cell)}”，应当是大于 0 的数字；请改正"
    problems.append(block.problem("bad-parameter", where, says, "大于 0 的数字"))
    return spec.parameter
