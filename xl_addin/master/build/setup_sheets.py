"""The sheets of the master on which staff set up the programme."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.master.build.sheet_writer import TOP, Column, MasterPlan, SheetWriter
from xl_addin.model import mail_settings
from xl_addin.model.calendar import months_of
from xl_addin.model.letters import DEFAULTS, FIELDS, LABELS
from xl_addin.model.problems import SEVERITY_LABELS
from xl_addin.model.records import (
    BOTH,
    FLOW_LABEL,
    MEASURE_LABELS,
    RATE,
    SCHEDULE_LABELS,
    STOCK_LABEL,
    Indicator,
    Number,
)
from xl_addin.model.rules import RULES
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
    SETTINGS,
    UNRANKED,
    YES,
    Config,
)
from xl_addin.model.sheets import (
    ADJUSTMENT_HEADINGS,
    ADJUSTMENTS_BLOCK,
    ADJUSTMENTS_SHEET,
    BEHIND_CELL,
    CODE_KEY,
    DISTRICT_HEADINGS,
    DISTRICTS_BLOCK,
    DISTRICTS_SHEET,
    INDICATOR_HEADINGS,
    INDICATORS_BLOCK,
    INDICATORS_SHEET,
    LAST_YEAR_BLOCK,
    LAST_YEAR_HEADINGS,
    LAST_YEAR_SHEET,
    LETTER_HEADINGS,
    LETTERS_BLOCK,
    LETTERS_SHEET,
    NAME_KEY,
    RULES_BLOCK,
    RULES_SHEET,
    SCHEDULE_BLOCK,
    SCHEDULE_HEADINGS,
    SCHEDULE_SHEET,
    SETTINGS_BLOCK,
    SETTINGS_SHEET,
)
from xl_addin.xlsx.textsize import row_height


def settings_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """设置: one row per setting; the cell of the red line has a name, the colour rules use it."""
    config = plan.config
    columns = (
        Column("项目", 18, "name"),
        Column("值", 36, "input_left"),
        Column("说明", 70, "text"),
    )
    writer.write_header(
        "设置", "浅黄色的格子可以改。程序每次运行都会读这里，填得不对会指出单元格。", columns
    )
    given = config.settings._asdict()
    rows: list[tuple[str, object, str]] = [
        (spec.label, given[spec.key], spec.hint) for spec in SETTINGS
    ]
    mail = {s.key: plan.carried.mail.get(s.key, s.default) for s in mail_settings.MAIL_SETTINGS}
    at = {spec.key: TOP + 1 + number for number, spec in enumerate(SETTINGS)}
    titles: list[int] = []
    for title, specs in mail_settings.MAIL_SECTIONS:
        rows.append((title, "", ""))
        titles.append(TOP + len(rows))
        at |= {spec.key: TOP + len(rows) + number for number, spec in enumerate(specs, 1)}
        rows += [(spec.label, mail[spec.key], spec.hint) for spec in specs]
    area = writer.rows(columns, rows)
    for row in titles:
        writer.sheet.set_row(row - 1, 26)
        for column, text in enumerate((rows[row - TOP - 1][0], None, None), 1):
            writer.write(row, column, text, "section")
    for key in ("title", "month", "contact", "phone", "person", "office"):
        writer.write(at[key], 2, given[key], "input_text")
    for spec in mail_settings.MAIL_SETTINGS:
        if isinstance(spec.default, str):
            writer.write(at[spec.key], 2, mail[spec.key], "input_text")
    _limit_settings(writer, at, config.settings.year)
    writer.name_area(BEHIND_CELL, (at["behind"], 2, at["behind"], 2))
    writer.finish(SETTINGS_BLOCK, area, 0)


_ADJUSTMENT_ROWS = 60
_SETTING_CHOICES = {
    "received_by": (BY_FILE, BY_COLLECTING),
    "closing": (CLOSE, REOPEN),
    "missing_months": (PRO_RATA, IN_FULL, UNRANKED),
    "explain_warnings": (YES, NO),
    "rank_by": (BY_STANDING, BY_SCORE),
    **mail_settings.CHOICES,
}
_SETTING_LIMITS: dict[str, tuple[str, int, int]] = {
    "year": ("integer", 2000, 2100),
    "deadline_day": ("integer", 1, 28),
    "behind": ("decimal", 0, 100),
    "near": ("decimal", 0, 100),
    "first_month": ("integer", 1, 12),
    "mail_pace": ("integer", 1, 600),
    **dict.fromkeys(mail_settings.PORTS, ("integer", 1, 65_535)),
}


def _limit_settings(writer: SheetWriter, at: Mapping[str, int], year: int) -> None:
    """What can be typed in the rows of 设置; ``at`` is each setting's row."""
    row = at["month"]
    writer.suggest((row, 2, row, 2), months_of(year), "请写本年度的一个月，例如 6月")
    for key, words in _SETTING_CHOICES.items():
        writer.choose((at[key], 2, at[key], 2), words)
    for key, (kind, least, most) in _SETTING_LIMITS.items():
        writer.sheet.data_validation(
            f"B{at[key]}",
            {
                "validate": kind,
                "criteria": "between",
                "minimum": least,
                "maximum": most,
                "error_title": "填得不对",
                "error_message": f"请填 {least} 到 {most} 的数字。",
            },
        )


def districts_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """区县名录: one row per district; the mail columns are staff's to fill."""
    config = plan.config
    widths = (11, 18, 30, 30, 24, 12, 16, 24, 9, 9)
    used = ("input_code", *(["input_text"] * 7), "input_word", "input_word")
    columns = [Column(*parts) for parts in zip(DISTRICT_HEADINGS, widths, used, strict=True)]
    note = (
        "别名之间用“、”隔开；邮箱可以填几个，用“；”隔开。增加区县：在最后一行的下面填代码和名称，再点“增加区县”，"
        "各张表都加上它的行。改名、截止月改好后点“登记变动”；并入别的区县的，在备注里写“并入某区县”。"
    )
    writer.write_header("区县名录", note, columns)
    rows = [
        (
            d.code,
            d.name,
            "、".join(d.aliases),
            d.to,
            d.cc,
            *plan.carried.contacts.get(d.code, ("",) * 3),
            d.since if d.since > 1 else None,
            d.until if d.until < 12 else None,
        )
        for d in config.districts
    ]
    writer.finish(DISTRICTS_BLOCK, writer.rows(columns, rows))


def indicators_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """指标: one row per indicator, children indented under their parent."""
    config = plan.config
    widths = (9, 44, 11, 12, 12, 9, 14, 34, 10, 9, 9, 12, 12, 14, 8)
    used = (
        "input_code",
        "input_text",
        "input_word",
        "input_word",
        "input_code",
        "input_word",
        "input_number",
        "input_text",
        "input_word",
        "input_word",
        "input_word",
        "input_code",
        "input_code",
        "input_text",
        "input_number",
    )
    columns = [Column(*parts) for parts in zip(INDICATOR_HEADINGS, widths, used, strict=True)]
    note = (
        f"口径：“{FLOW_LABEL}”每月报当月新增；“{STOCK_LABEL}”每月报截至月末的数；"
        f"“{MEASURE_LABELS[BOTH]}”报当月新增，也报本年累计；“{MEASURE_LABELS[RATE]}”每月报截至月末的率，"
        "从不相加，“合计按”填了加权用的指标代码才有合计。上级指标填代码，"
        "表示本项是它的“其中”。全市目标可与任务表合计不同，没有就留空。简称用在图表和窄列里；"
        "权重是在综合完成率里占的份量，不填算 1，“其中”项不填算 0。"
        "增加指标：在最后一行的下面填好，再点“增加指标”。"
    )
    writer.write_header("指标", note, columns)
    notes = plan.carried.notes
    rows = [_indicator_row(item, notes.get(item.code, "")) for item in config.indicators]
    area = writer.rows(columns, rows)
    top, bottom = area[0], area[2]
    for row, item in enumerate(config.indicators, top + 1):
        writer.write(row, 2, item.label, "input_part" if item.parent else "input_text")
    writer.choose((top + 1, 4, bottom, 4), tuple(MEASURE_LABELS.values()))
    writer.choose((top + 1, 9, bottom, 9), tuple(SCHEDULE_LABELS.values()))
    writer.choose((top + 1, 6, bottom, 6), (YES, NO))
    writer.finish(INDICATORS_BLOCK, area)


def _indicator_row(item: Indicator, note: str) -> tuple[object, ...]:
    return (
        item.code,
        item.label,
        item.unit,
        MEASURE_LABELS[item.measure],
        item.parent,
        YES if item.whole else NO,
        item.goal,
        note,
        SCHEDULE_LABELS[item.schedule],
        item.since if item.since > 1 else None,
        item.until if item.until < 12 else None,
        item.weight,
        item.last_year,
        item.short,
        item.importance,
    )


def schedule_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """序时: the twelve shares of each indicator whose target falls due in a way of its own."""
    columns = (
        Column(CODE_KEY, 9, "input_code"),
        Column("指标", 44, "input_text"),
        *(Column(heading, 9, "input_share") for heading in SCHEDULE_HEADINGS[2:]),
    )
    note = (
        "只对“指标”表里序时填“自定义”的指标有用：每个月底累计应完成全年任务的百分之几，"
        "逐月不减少，12月是 100%。"
    )
    writer.write_header("序时", note, columns)
    rows = [(i.code, i.label, *(i.shares or [None] * 12)) for i in plan.config.indicators]
    writer.finish(SCHEDULE_BLOCK, writer.rows(columns, rows))


def adjustments_sheet(writer: SheetWriter, _plan: MasterPlan) -> None:
    """任务调整: one row per target that a notice changed."""
    widths = (9, 18, 44, 12, 12, 12, 44, 14, 20)
    used = (
        "input_word",
        "input_text",
        "input_text",
        "number",
        "input_number",
        "number",
        "input_text",
        "input_text",
        "center",
    )
    columns = [Column(*parts) for parts in zip(ADJUSTMENT_HEADINGS, widths, used, strict=True)]
    note = (
        "年中按文件调整任务数：从起始月起，任务数＝年初任务＋调整数（减少填负数）。点“调整任务数”登记；"
        "也可以直接在这里填起始月、区县、指标、调整数和依据。"
    )
    writer.write_header("任务调整", note, columns)
    area = writer.rows(columns, [(None,) * len(columns)] * _ADJUSTMENT_ROWS)
    writer.finish(ADJUSTMENTS_BLOCK, area, 3)


def last_year_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """上年同期: last year's cumulatives by district, indicator and month, with room for all of them."""
    config = plan.config
    columns = (
        Column(LAST_YEAR_HEADINGS[0], 11, "input_code"),
        Column(LAST_YEAR_HEADINGS[1], 11, "input_code"),
        Column(NAME_KEY, 16, "name"),
        Column("指标", 36, "name"),
        *(Column(heading, 11, "input_number") for heading in LAST_YEAR_HEADINGS[2:]),
    )
    note = (
        "上年各月底的累计完成数，代码用今年的。建立新年度时由上年的任务带过来；不知道的留空，"
        "上年确实没有的填 0。同期和同比只算两年都有数的区县。"
    )
    writer.write_header("上年同期", note, columns)
    rows = [
        (district.code, item.code, district.name, item.label, *months)
        for district in (config.districts if config.last_year else ())
        for item in config.indicators
        if (months := _last_years_months(config, (district.code, item.code)))
    ]
    area = writer.rows(columns, rows or [(None,) * len(columns)])
    writer.finish(LAST_YEAR_BLOCK, area, 4, room=len(config.districts) * len(config.indicators))


def _last_years_months(config: Config, pair: tuple[str, str]) -> tuple[Number | None, ...]:
    """A row's twelve months: blanks to be filled in for what has a target and no figures of last year."""
    return config.last_year.get(pair, (None,) * 12 if pair in config.targets else ())


def rules_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """校验规则: staff change severity and parameter, the rest says what a rule is."""
    columns = (
        Column("代码", 22, "code"),
        Column("规则", 18, "name"),
        Column("级别", 10, "input_word"),
        Column("参数", 10, "input_number"),
        Column("说明", 66, "text"),
    )
    note = "级别：错误＝退回重报；警告＝照常计入，提醒核对；停用＝不查。浅黄色的格子可以改。"
    writer.write_header("校验规则", note, columns)
    given = {rule.code: plan.config.rules[rule.code] for rule in RULES}
    rows = [
        (code, rule.label, SEVERITY_LABELS[given[code].severity], given[code].parameter, rule.hint)
        for rule in RULES
        for code in (rule.code,)
    ]
    top, _, bottom, _ = area = writer.rows(columns, rows)
    writer.choose((top + 1, 3, bottom, 3), tuple(SEVERITY_LABELS.values()))
    writer.finish(RULES_BLOCK, area)


def letters_sheet(writer: SheetWriter, plan: MasterPlan) -> None:
    """信件: one row per letter; staff word them, the fields are listed beside."""
    columns = (
        Column(LETTER_HEADINGS[0], 9, "name"),
        Column(LETTER_HEADINGS[1], 36, "input_text"),
        Column(LETTER_HEADINGS[2], 92, "input_text"),
        Column(LETTER_HEADINGS[3], 34, "text"),
    )
    note = (
        "发给区县的信。浅黄色的格子可以改，大括号里的字段发信时换成各区县自己的内容；"
        "字段都是空的那一行不会出现。清空一格就恢复原来的文字。"
    )
    writer.write_header("信件", note, columns)
    rows = []
    for kind, label in LABELS.items():
        fields = "、".join(f"{{{name}}}" for name in FIELDS[kind])
        rows.append((label, *plan.carried.letters.get(kind, DEFAULTS[kind]), fields))
    area = writer.rows(columns, rows)
    for number, (_, _, text, _) in enumerate(rows):
        writer.sheet.set_row(TOP + number, row_height([(f"{text}\n", columns[2].width)]))
    writer.finish(LETTERS_BLOCK, area, 1)


BUILDERS = {
    SETTINGS_SHEET: settings_sheet,
    DISTRICTS_SHEET: districts_sheet,
    INDICATORS_SHEET: indicators_sheet,
    SCHEDULE_SHEET: schedule_sheet,
    ADJUSTMENTS_SHEET: adjustments_sheet,
    LAST_YEAR_SHEET: last_year_sheet,
    RULES_SHEET: rules_sheet,
    LETTERS_SHEET: letters_sheet,
}
