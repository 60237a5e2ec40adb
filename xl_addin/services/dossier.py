"""What an auditor is given: the chain of every figure, and copies of everything that it runs through.

All of it is gathered first, as rows and as files with what their hash has to be; nothing is written here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from xl_addin.model.calendar import months_of
from xl_addin.model.commands import label_of
from xl_addin.model.comparison import PERIOD_LABELS, RESULT_LABELS
from xl_addin.model.folder import (
    COMPARISONS,
    FORMS,
    LEDGER,
    MAILS,
    PAPERS,
    RETURNED,
    RETURNS,
    RUN_LOGS,
    SLIPS,
)
from xl_addin.model.records import VERDICT_LABELS, District
from xl_addin.model.schedule import without_noise
from xl_addin.model.scoring import NOT_JUDGED
from xl_addin.model.settings import Config
from xl_addin.model.slips import ANSWERED, ISSUED, Slip, SlipState
from xl_addin.model.slips import STATE_LABELS as SLIP_STATES
from xl_addin.model.work_items import STATE_LABELS
from xl_addin.services.archived import archived_path
from xl_addin.services.comparison_words import trail_text
from xl_addin.services.programme import Programme
from xl_addin.services.scoring import month_figures
from xl_addin.services.trail import TARGET, YEAR, Question, Sources, Trail, find_trail
from xl_addin.services.trail_copies import copy_name
from xl_addin.services.trail_words import COUNTED, how_of, month_text, words_of
from xl_addin.store.comparisons import compared_pairs, comparisons, notes_about
from xl_addin.store.corrections import corrections_of
from xl_addin.store.deliveries import LABELS, letters_to
from xl_addin.store.inbox import mail_path
from xl_addin.store.issued_forms import forms_of
from xl_addin.store.papers import handed_in, paper_problems
from xl_addin.store.publications import publications, published_figures
from xl_addin.store.runlog import Page, RunLog, folder_beside
from xl_addin.store.slips import slips
from xl_addin.store.trails import TracedReturn, kept_target_history, traced_returns
from xl_addin.store.work_reports import reported_by
from xl_addin.store.year_figures import read_years
from xl_addin.system import held
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import NamedTuple
from xl_addin.xlsx.cells import Value

YES, NO = "是", "否"
CHAIN_SHEET, FIGURES_SHEET = "数的来历", "各数"
_LETTERS = {
    "send": "发放",
    "remind": "催报",
    "return": "退回修改",
    "receipt": "回执",
    "slip": "督办",
    "ask": "请核对",
}


class Copy(NamedTuple):
    """A file of the dossier: where it lies there, where its bytes come from, what their hash has to be."""

    name: str
    source: Path | None
    sha256: str

    def read(self) -> bytes | None:
        """Its bytes; None where they are gone, or are not what was received."""
        data = (
            None
            if self.source is None or not self.source.is_file()
            else held.read_bytes(self.source)
        )
        whole = data is not None and hashlib.sha256(data).hexdigest() == self.sha256
        return data if whole else None


class Table(NamedTuple):
    """One sheet of the index: its headings with their widths, and its rows."""

    name: str
    headings: Mapping[str, float]
    rows: Sequence[Sequence[Value]]


class Dossier(NamedTuple):
    """What goes in. ``left_out`` says of what is not copied why."""

    districts: tuple[District, ...]
    months: tuple[str, ...]
    tables: tuple[Table, ...]
    copies: tuple[Copy, ...]
    left_out: tuple[str, ...]


def gather(programme: Programme, districts: Sequence[District], months: Sequence[str]) -> Dossier:
    """Everything about these districts from the year's begin to the last of the months."""
    return _Gathering(programme, districts, months).dossier()


class _Gathering:
    def __init__(
        self, programme: Programme, districts: Sequence[District], months: Sequence[str]
    ) -> None:
        self._programme, self._config, self._ledger = programme, programme.config, programme.ledger
        self._districts, self._months = tuple(districts), tuple(months)
        year = self._config.settings.year
        self._span = (months_of(year)[0], max(months))
        self._names = {each.code: each.name for each in self._config.districts}
        self._returns = {
            each.code: traced_returns(self._ledger, each.code, *self._span) for each in districts
        }
        self._copies: dict[str, Copy] = {}
        self._receipts: dict[int, str] = {}
        self._left_out: list[str] = []

    def dossier(self) -> Dossier:
        """All tables, and the copies that they speak of."""
        returns, mails = self._return_table(), self._mail_table()
        chain, figures = self._chains()
        tables = (
            figures,
            chain,
            returns,
            mails,
            self._decision_table(),
            self._form_table(),
            self._paper_table(),
            self._letter_table(),
            self._target_table(),
            self._published_table(),
            *self._slip_tables(),
            self._comparison_table(),
            *self._score_tables(),
            *self._work_tables(),
            self._journal_table(),
            self._page_table(),
        )
        return Dossier(
            self._districts,
            self._months,
            tables,
            tuple(self._copies.values()),
            tuple(self._left_out),
        )

    def _copy(self, name: str, source: Path | None, sha256: str, says: str) -> str:
        """Where a copy lies in the dossier; "" and a line about it where it cannot be given."""
        copy = Copy(name, source, sha256)
        if copy.read() is None:
            self._left_out.append(f"{says}：找不到原件，或者和记录的校验码不一样（{sha256[:12]}…）")
            return ""
        self._copies[name] = copy
        return name

    def _chains(self) -> tuple[Table, Table]:
        years = read_years(self._ledger, self._span[1])
        printed = [
            (each, published_figures(self._ledger, each.id)) for each in publications(self._ledger)
        ]
        chain: list[Sequence[Value]] = []
        totals: list[Sequence[Value]] = []
        for month in self._months:
            number = int(month[5:])
            for district in self._districts:
                for item in self._config.indicators:
                    sources = Sources(years, self._returns[district.code], printed)
                    asked = Question(YEAR, district.code, item.code, number, number)
                    trail = find_trail(asked, sources, self._config)
                    chain += self._chain_rows(trail, month, district, item.label)
                    counted = sum(row.counts for row in trail.rows)
                    facts = (month, district.code, district.name, item.code, item.label)
                    totals.append((*facts, item.unit, counted, trail.value, trail.target))
        return (
            Table(CHAIN_SHEET, _CHAIN_HEADINGS, chain),
            Table(FIGURES_SHEET, _FIGURE_HEADINGS, totals),
        )

    def _chain_rows(
        self, trail: Trail, month: str, district: District, label: str
    ) -> Iterator[Sequence[Value]]:
        for row in trail.rows:
            words, back = words_of(row, self._config, self._names), row.returned
            yield (
                month,
                district.code,
                district.name,
                trail.question.indicator,
                label,
                words.month,
                YES if words.mark == COUNTED else NO,
                None if row.value is None else without_noise(row.value),
                row.sheet,
                row.cell,
                self._receipts.get(back.id, "") if back else "",
                back.sha256 if back else "",
                words.verdict,
                words.received_at,
                words.how,
                words.said,
            )

    def _each_return(self) -> Iterator[tuple[District, TracedReturn]]:
        for district in self._districts:
            yield from ((district, each) for each in self._returns[district.code])

    def _return_table(self) -> Table:
        rows: list[Sequence[Value]] = []
        for district, back in self._each_return():
            place = ""
            if back.sha256:
                source = archived_path(self._programme.folder, back.sha256)
                suffix = source.suffix if source else ""
                name = copy_name(back, self._names, district.code, suffix)
                says = f"回收件 {back.id}（{district.name} {back.month} {back.file}）"
                place = self._copy(f"{RETURNS}件/{name}", source, back.sha256, says)
            self._receipts[back.id] = place
            verdict = VERDICT_LABELS[back.verdict]
            counts = YES if back.counts else NO
            facts = (back.id, district.code, district.name, back.month, verdict, counts)
            came = (back.received_at, back.round, back.file, place, back.sha256, how_of(back))
            rows.append((*facts, *came, "\n".join(each.message for each in back.problems)))
        return Table("回收件", _RETURN_HEADINGS, rows)

    def _mail_table(self) -> Table:
        rows: list[Sequence[Value]] = []
        known: dict[str, str] = {}
        for district, back in self._each_return():
            for mail in back.mails:
                if mail.sha256 not in known:
                    name = f"{MAILS}/{back.month}_{district.name}_{mail.sha256[:12]}.eml"
                    source = mail_path(self._programme.folder, mail.sha256)
                    says = f"邮件“{mail.subject}”（{mail.sender}）"
                    known[mail.sha256] = self._copy(name, source, mail.sha256, says)
                facts = (back.id, district.name, back.month, mail.sender, mail.subject)
                rows.append((*facts, mail.received_at, known[mail.sha256], mail.sha256))
        return Table("邮件", _MAIL_HEADINGS, rows)

    def _decision_table(self) -> Table:
        rows = [
            (
                back.id,
                district.name,
                back.month,
                back.file,
                VERDICT_LABELS[back.decision.decision],
                back.decision.note,
                back.decision.by,
                back.decision.at,
            )
            for district, back in self._each_return()
            if back.decision is not None
        ]
        return Table("决定", _DECISION_HEADINGS, rows)

    def _form_table(self) -> Table:
        """The forms that went out and those that went back marked."""
        rows: list[Sequence[Value]] = []
        folder = self._programme.folder
        for district in self._districts:
            backs = corrections_of(self._ledger, district.code, *self._span)
            marked = {back.sha256 for back in backs}
            for form in forms_of(self._ledger, district.code, *self._span):
                if form.sha256 in marked:
                    continue
                lies = folder / FORMS / form.month / form.file
                source = (
                    lies
                    if Copy("", lies, form.sha256).read()
                    else archived_path(folder, form.sha256)
                )
                name = f"{FORMS}/{form.month}/{form.sha256[:12]}_{form.file}"
                says = f"填报表 {form.file}（{form.issued_at} 生成）"
                place = self._copy(name, source, form.sha256, says)
                facts = (district.name, form.month, "填报表", form.round, form.issued_at)
                rows.append((*facts, form.file, place, form.sha256))
            for back in backs:
                name = f"{RETURNED}/{back.month}/{back.sha256[:12]}_{back.file}"
                says = f"退回修改的填报表 {back.file}"
                place = self._copy(
                    name, folder / RETURNED / back.month / back.file, back.sha256, says
                )
                facts = (district.name, back.month, "退回修改", back.round, "")
                rows.append((*facts, back.file, place, back.sha256))
        return Table("填报表", _FORM_HEADINGS, rows)

    def _paper_table(self) -> Table:
        """Every paper that came of the districts, with what was found and decided."""
        problems = paper_problems(self._ledger)
        papers = {each.code: each.name for each in self._config.papers}
        mine = {each.code for each in self._districts}
        rows: list[Sequence[Value]] = []
        for each in handed_in(self._ledger):
            if each.district not in mine:
                continue
            source = archived_path(self._programme.folder, each.sha256)
            kind, whose = papers.get(each.paper, each.paper), self._names[each.district]
            suffix = Path(each.file).suffix.lower()
            name = f"{PAPERS}/{plain_name(f'{each.paper}_{kind}_{whose}_M{each.id}{suffix}')}"
            says = f"材料 M{each.id}（{whose} {kind} {each.file}）"
            place = self._copy(name, source, each.sha256, says)
            told = "\n".join(problem.message for problem in problems.get(each.id, ()))
            decided = YES if each.decision else NO
            facts = (f"M{each.id}", whose, kind, VERDICT_LABELS[each.verdict], each.received_at)
            more = (each.characters, each.file, place, each.sha256, each.sender, decided, told)
            rows.append((*facts, *more))
        return Table("材料", _PAPER_HEADINGS, rows)

    def _letter_table(self) -> Table:
        rows = [
            (
                district.name,
                each.month,
                _LETTERS.get(each.letter, each.letter),
                each.recipients,
                LABELS.get(each.state, each.state),
                each.at,
                each.message_id,
                each.about,
                each.detail,
            )
            for district in self._districts
            for each in letters_to(self._ledger, district.code, *self._span)
        ]
        return Table("发出的信", _LETTER_HEADINGS, rows)

    def _target_table(self) -> Table:
        rows: list[Sequence[Value]] = []
        config, number = self._config, int(self._span[1][5:])
        for district in self._districts:
            for item in config.indicators:
                whose = (district.code, district.name, item.code, item.label)
                asked = Question(TARGET, district.code, item.code, number, number)
                trail = find_trail(asked, Sources({}), config)
                for row in trail.rows:
                    month = month_text(row.month, config) if row.month else ""
                    rows.append((*whose, month, row.value, row.note, "", ""))
                for kept in kept_target_history(self._ledger, district.code, item.code):
                    said = "程序看到的年初任务数"
                    rows.append((*whose, "", kept.value, said, kept.at, kept.by))
        return Table("任务数", _TARGET_HEADINGS, rows)

    def _published_table(self) -> Table:
        mine = {"", *(each.code for each in self._districts)}
        rows = [
            (
                each.month,
                each.number,
                each.at,
                each.file,
                each.sha256,
                self._names.get(figure.district, "全市"),
                figure.indicator,
                figure.kind,
                figure.value,
            )
            for each in publications(self._ledger)
            for figure in published_figures(self._ledger, each.id)
            if figure.district in mine
        ]
        return Table("通报", _PUBLISHED_HEADINGS, rows)

    def _slip_tables(self) -> Iterator[Table]:
        """What was demanded, how it was answered and closed, where anything was; the papers as they went out."""
        rows: list[Sequence[Value]] = []
        mine = {each.code: each.name for each in self._districts}
        for slip in slips(self._ledger):
            if slip.district not in mine or slip.month > self._span[1]:
                continue
            labels = {each.position: each.label for each in slip.items}
            reasons = {each.position: each.reason for each in slip.items}
            for state in slip.states:
                place = self._slip_copy(slip, state, mine[slip.district])
                about = labels.get(state.position) or "；".join(labels.values())
                why = reasons.get(state.position) or "；".join(reasons.values())
                facts = (slip.name, mine[slip.district], slip.month, about, why)
                happened = (SLIP_STATES[state.state], state.at, state.level, state.term)
                rows.append((*facts, *happened, state.text, place, state.sha256))
        if rows:
            yield Table("督办", _SLIP_HEADINGS, rows)

    def _slip_copy(self, slip: Slip, state: SlipState, district: str) -> str:
        """Where the paper that went out, or the mail that answered it, lies in the dossier."""
        folder, short = self._programme.folder, state.sha256[:12]
        if state.state == ISSUED:
            source = folder / state.file
            name, says = f"{SLIPS}/{short}_{source.name}", f"督办单{slip.name}"
        elif state.state == ANSWERED and state.sha256:
            mail = mail_path(folder, state.sha256)
            back = None if mail.is_file() else archived_path(folder, state.sha256)
            source = back or mail
            name = f"{SLIPS}/反馈_{district}_{short}{source.suffix}"
            says = f"督办单{slip.name}的反馈"
        else:
            return ""
        return self._copy(name, source, state.sha256, says)

    def _comparison_table(self) -> Table:
        """What other offices' tables came to beside ours, and copies of those that were kept."""
        rows: list[Sequence[Value]] = []
        mine = {each.code for each in self._districts}
        folder = self._programme.folder
        for each in comparisons(self._ledger):
            place = ""
            if each.kept:
                source = archived_path(folder, each.sha256)
                name = plain_name(f"{each.month}_{each.id}_{each.file}")
                says = f"比对的文件“{each.file}”（{each.at}）"
                place = self._copy(f"{COMPARISONS}/{name}", source, each.sha256, says)
            typed = notes_about(self._ledger, each.file)
            facts = (each.id, each.month, each.at, each.file, place, each.sha256)
            rows += (
                (
                    *facts,
                    self._names.get(pair.district, pair.district),
                    pair.indicator,
                    f"{PERIOD_LABELS[pair.period]}{pair.as_of}月",
                    pair.ours,
                    pair.theirs if pair.theirs is not None else pair.found,
                    pair.difference,
                    RESULT_LABELS[pair.result],
                    pair.cell,
                    trail_text(pair.trail),
                    pair.note,
                    typed.get((pair.district, pair.indicator), ""),
                )
                for pair in compared_pairs(self._ledger, each.id)
                if pair.district in mine
            )
        return Table(COMPARISONS, _COMPARISON_HEADINGS, rows)

    def _score_tables(self) -> Iterator[Table]:
        """The scores of the last month with every lost point; nothing where nobody is scored."""
        figures = month_figures(self._programme, self._span[1])
        mine = {each.code for each in self._districts}
        book = figures.book
        book = book._replace(scores=[each for each in book.scores if each.district in mine])
        if not book.scores:
            return
        from xl_addin.master.score_sheets import loss_rows

        totals = [
            (
                book.month,
                book.names[score.district],
                each.rule.item,
                float(each.rule.full),
                NOT_JUDGED if each.points is None else float(each.points),
                None if score.total is None else float(score.total),
                score.rank,
            )
            for score in book.scores
            for each in score.items
        ]
        yield Table("考核得分", _SCORE_HEADINGS, totals)
        yield Table("考核扣分", _LOSS_HEADINGS, [tuple(row.values()) for row in loss_rows(book)])

    def _work_tables(self) -> Iterator[Table]:
        """What was reported of key works, where anything was."""
        rows: list[Sequence[Value]] = []
        for district in self._districts:
            for kept, counts in reported_by(self._ledger, district.code, *self._span):
                _, state, *texts, cell = kept.report
                facts = (kept.receipt, district.name, kept.month, VERDICT_LABELS[kept.verdict])
                said = (kept.report.item, STATE_LABELS.get(state, ""), *texts)
                place = (kept.received_at, kept.sheet, cell)
                rows.append((*facts, YES if counts else NO, *said, *place))
        if rows:
            yield Table("重点工作", _WORK_HEADINGS, rows)

    def _journal_table(self) -> Table:
        rows = [
            (each.at, label_of(each.verb), each.month, each.outcome, each.by)
            for each in reversed(self._ledger.events())
        ]
        return Table("操作日志", _JOURNAL_HEADINGS, rows)

    def _page_table(self) -> Table:
        """The pages of the run log; one that holds passwords of returned files is only named."""
        log = RunLog(folder_beside(self._programme.folder / LEDGER))
        rows: list[Sequence[Value]] = []
        for page in log.pages():
            path = log.path(page.number)
            place, note = "", ""
            if _has_passwords(page):
                note = "这一页里记着打开密码，没有放进来；请到任务文件夹的归档里核对"
                self._left_out.append(f"记录第 {page.number} 页：{note}")
            elif path.exists():
                says = f"记录第 {page.number} 页"
                place = self._copy(f"{RUN_LOGS}/{path.name}", path, page.sha256, says)
            rows.append((page.number, page.sha256, page.before, place, note))
        return Table("记录", _PAGE_HEADINGS, rows)


def _has_passwords(page: Page) -> bool:
    return any(json.loads(text)[3] for text in page.reading_settings())


def named_districts(config: Config, districts: Iterable[District]) -> str:
    """How a dossier is called after its districts."""
    chosen = list(districts)
    if len(chosen) == len(config.districts):
        return "全部"
    return chosen[0].name if len(chosen) == 1 else f"{len(chosen)}个区县"


_CHAIN_HEADINGS = {
    "截至": 9,
    "区县代码": 10,
    "区县": 12,
    "指标代码": 9,
    "指标": 26,
    "哪一部分": 18,
    "计入": 6,
    "数": 11,
    "工作表": 12,
    "单元格": 8,
    "副本": 34,
    "原件 SHA-256": 22,
    "结论": 9,
    "收到时间": 19,
    "怎样收的": 36,
    "问题、决定和说明": 60,
}
_FIGURE_HEADINGS = {
    "截至": 9,
    "区县代码": 10,
    "区县": 12,
    "指标代码": 9,
    "指标": 30,
    "计量单位": 9,
    "计入几行": 9,
    "累计完成": 12,
    "任务数": 12,
}
_RETURN_HEADINGS = {
    "回执号": 8,
    "区县代码": 10,
    "区县": 12,
    "月份": 9,
    "结论": 9,
    "计入": 6,
    "收到时间": 19,
    "轮次": 6,
    "收到时的文件名": 40,
    "副本": 34,
    "SHA-256": 66,
    "怎样收的": 40,
    "问题": 60,
}
_MAIL_HEADINGS = {
    "回执号": 8,
    "区县": 12,
    "月份": 9,
    "发件人": 28,
    "主题": 40,
    "收到时间": 19,
    "副本": 44,
    "SHA-256": 66,
}
_DECISION_HEADINGS = {
    "回执号": 8,
    "区县": 12,
    "月份": 9,
    "文件": 40,
    "决定": 9,
    "理由": 40,
    "谁": 18,
    "时间": 19,
}
_FORM_HEADINGS = {
    "区县": 12,
    "月份": 9,
    "种类": 10,
    "轮次": 6,
    "生成时间": 19,
    "文件名": 40,
    "副本": 60,
    "SHA-256": 66,
}
_PAPER_HEADINGS = {
    "编号": 8,
    "区县": 12,
    "材料": 18,
    "结论": 9,
    "收到时间": 19,
    "字数": 8,
    "收到时的文件名": 40,
    "副本": 44,
    "SHA-256": 66,
    "发件人": 28,
    "人工决定": 10,
    "问题": 60,
}
_LETTER_HEADINGS = {
    "区县": 12,
    "月份": 9,
    "信件": 10,
    "收件人": 40,
    "结果": 10,
    "时间": 19,
    "Message-ID": 40,
    "关于（SHA-256 或日期）": 66,
    "说明": 40,
}
_TARGET_HEADINGS = {
    "区县代码": 10,
    "区县": 12,
    "指标代码": 9,
    "指标": 30,
    "从哪月起": 10,
    "任务数或增减": 13,
    "依据": 50,
    "登记时间": 19,
    "经办人": 16,
}
_PUBLISHED_HEADINGS = {
    "月份": 9,
    "期号": 8,
    "时间": 19,
    "文件": 40,
    "SHA-256": 66,
    "区县": 12,
    "指标代码": 9,
    "什么数": 14,
    "印的数": 12,
}
_SLIP_HEADINGS = {
    "编号": 12,
    "区县": 12,
    "月份": 9,
    "事项": 30,
    "依据": 60,
    "办到哪一步": 11,
    "时间": 19,
    "级别": 7,
    "期限": 12,
    "反馈或结果": 60,
    "副本": 44,
    "SHA-256（督办单或邮件）": 66,
}
_COMPARISON_HEADINGS = {
    "第几次": 8,
    "月份": 9,
    "时间": 19,
    "对方的文件": 40,
    "副本": 40,
    "SHA-256": 66,
    "区县": 12,
    "指标代码": 9,
    "口径": 10,
    "我方": 12,
    "他方": 12,
    "差": 10,
    "结果": 10,
    "他方单元格": 12,
    "我方由哪几格加成": 60,
    "说明": 50,
    "处理": 40,
}
_SCORE_HEADINGS = {"截至": 9, "区县": 12, "项目": 18, "满分": 8, "得分": 9, "总分": 9, "名次": 7}
_LOSS_HEADINGS = {"区县": 12, "项目": 18, "月份": 9, "依据": 70, "扣分": 9, "回执": 60}
_JOURNAL_HEADINGS = {"时间": 19, "操作": 14, "月份": 9, "结果": 90, "操作人": 20}
_WORK_HEADINGS = {
    "回执号": 8,
    "区县": 14,
    "月份": 10,
    "页的结论": 10,
    "计入": 7,
    "编号": 8,
    "状态": 9,
    "进展情况": 50,
    "存在问题": 30,
    "下一步措施": 30,
    "预计完成": 12,
    "收到时间": 20,
    "表": 12,
    "单元格": 9,
}
_PAGE_HEADINGS = {"页": 6, "SHA-256": 66, "上一页的 SHA-256": 66, "副本": 24, "说明": 60}
