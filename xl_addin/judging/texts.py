"""The checks on what a district wrote beside its figures: a number there is not counted, and is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xl_addin.form.read import Reading
from xl_addin.form.texts import head_entries
from xl_addin.model.problems import make, place
from xl_addin.model.records import (
    COMMENT,
    FILLED_BY,
    NUMBER,
    REMARK,
    REVIEWED_BY,
    TEXT_LABELS,
    Figure,
    Problem,
    Text,
)
from xl_addin.model.rules import RULES
from xl_addin.model.settings import Rule
from xl_addin.system.light import pattern
from xl_addin.xlsx.a1 import cell_name
from xl_addin.xlsx.values import clip, number_text

_CODES = {COMMENT: "number-in-comment", REMARK: "correction-in-remark"}
_NAMELESS = {FILLED_BY: "no-filler", REVIEWED_BY: "no-reviewer"}
_SPECS = {rule.code: rule for rule in RULES}
# Days, months, documents, telephones and the numbers of a list count nothing.
_NO_COUNT = pattern(
    r"\d{4}[-./]\d{1,2}(?:[-./]\d{1,2})?(?!\d)|\d+\s*(?:年|月|日|号|季度|时|点)|[〔\[(（【]\d+[〕\])）】]"
    r"|(?<!\d)1\d{10}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)|(?:^|\s)\d{1,2}[.、．](?!\d)"
)
_DIGIT = pattern(r"\d")
# Most numbers in 说明 explain the figure; with one of these they ask for another.
_CORRECTION = pattern(
    "[多少漏错误虚重]报|[核扣冲调][减增]|减[去掉少]|补[报记计录]|更正|订正|纠正|改[为成正]|应[为是该]|实[为际]|有误|[填写报]错"
    "|[请再需]加|[请再需]减|加上"
)


def says_number(text: str) -> bool:
    """Whether a text holds a number that might be a figure."""
    return bool(_DIGIT.search(text)) and bool(_DIGIT.search(_NO_COUNT.sub("", text)))


def _is_told(text: Text) -> bool:
    if text.field == REMARK and not _CORRECTION.search(text.text):
        return False
    return text.field in _CODES and says_number(text.text)


def _is_followed(text: Text, figure: Figure) -> bool:
    """Whether a remark gives the reason of a cumulative that was typed and counts."""
    return text.field == REMARK and figure.stated is not None


def check_texts(
    reading: Reading, texts: Sequence[Text], figures: Sequence[Figure], rules: Mapping[str, Rule]
) -> Iterator[Problem]:
    """What is to be told of the texts of a return; who filled in an empty one is nobody's business."""
    by_code = {figure.indicator: figure for figure in figures}
    for text in texts:
        figure = by_code.get(text.indicator)
        if figure is not None and _is_told(text) and not _is_followed(text, figure):
            yield from _number_told(text, figure, rules)
    if reading.comments is None:
        sheet = reading.sheet.name
        says = f"{sheet}：批注读不出来，没有读取；数字照收，请打开原件看看批注里写了什么"
        yield make("comments-unread", says, sheet)
    if any(figure.state == NUMBER for figure in figures):
        yield from _names_missing(reading, texts, rules)


def _number_told(text: Text, figure: Figure, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    counted = "没有读到数" if figure.value is None else f"按 {number_text(figure.value)} 计"
    words = {"text": clip(text.text), "entry": figure.cell, "counted": counted}
    code = _CODES[text.field]
    says = _SPECS[code].message.format_map(words)
    yield from _problem(code, text.sheet, text.cell, clip(text.text), says, rules)


def _names_missing(
    reading: Reading, texts: Sequence[Text], rules: Mapping[str, Rule]
) -> Iterator[Problem]:
    given = {text.field for text in texts}
    wanted = [field for field in _NAMELESS if field not in given]
    entries = head_entries(reading) if any(_severity(_NAMELESS[f], rules) for f in wanted) else {}
    for field in wanted:
        at = cell_name(*entries[field].where) if field in entries else ""
        label = TEXT_LABELS[field]
        says = _SPECS[_NAMELESS[field]].message.format_map({"label": label})
        yield from _problem(_NAMELESS[field], reading.sheet.name, at, "", says, rules)


def _severity(code: str, rules: Mapping[str, Rule]) -> str:
    rule = rules.get(code)
    return _SPECS[code].severity if rule is None else rule.severity


def _problem(
    code: str, sheet: str, at: str, found: str, says: str, rules: Mapping[str, Rule]
) -> Iterator[Problem]:
    severity = _severity(code, rules)
    if severity:
        yield make(code, f"{place(sheet, at)}：{says}", sheet, at, found, "", severity)
