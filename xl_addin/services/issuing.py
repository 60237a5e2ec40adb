"""Which form each district gets for a month: pure, from settings and what was accepted so far."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from xl_addin import __version__
from xl_addin.form import identity
from xl_addin.form.layout import Terms
from xl_addin.form.stamp import FormTemplate, FormTemplates, Issue
from xl_addin.model.records import ADDED_UP, District, Identity, Indicator, Number
from xl_addin.model.settings import Config
from xl_addin.store.issued_forms import keep_blank_form, kept_blank_form
from xl_addin.store.ledger import Ledger
from xl_addin.store.standings import Standing
from xl_addin.system.filenames import plain_name
from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from xl_addin.model.work_items import PageItem

    PageMaker = Callable[[District], tuple[PageItem, ...]]
    """Which rows a district's page 重点工作 has."""

_NOTHING = Standing({}, {}, ())


def terms(config: Config) -> Terms:
    """What the form says besides figures."""
    settings = config.settings
    words = (settings.title, settings.deadline_day, settings.contact, settings.phone)
    return Terms(*words, bool(config.last_year))


def severities(config: Config) -> dict[str, str]:
    """Rule code to severity."""
    return {code: rule.severity for code, rule in config.rules.items()}


def blank_form(ledger: Ledger, config: Config, *, paged: bool = False) -> bytes:
    """The blank form of these settings, laid out only when they changed. Call while writing.

    ``paged`` gives it the page 重点工作.
    """
    facts = (
        identity.FORM_LAYOUT,
        __version__,
        terms(config),
        sorted(severities(config).items()),
        [item._replace(goal=None) for item in config.indicators],
        *(("重点工作",) if paged else ()),
    )
    digest = hashlib.sha256(repr(facts).encode()).hexdigest()
    blank = kept_blank_form(ledger, digest)
    if blank is None:
        from xl_addin.form.blank import build_form

        blank = build_form(config.indicators, severities(config), terms(config), page=paged)
        keep_blank_form(ledger, digest, blank)
    return blank


def form_template(ledger: Ledger, config: Config, *, paged: bool) -> FormTemplate | FormTemplates:
    """What forms of these settings are stamped from, those with a page and those without."""
    indicators, grave, title = config.indicators, severities(config), config.settings.title
    plain = FormTemplate(blank_form(ledger, config), indicators, grave, title)
    if not paged:
        return plain
    blank = blank_form(ledger, config, paged=True)
    return FormTemplates(plain, FormTemplate(blank, indicators, grave, title))


def issuer(
    config: Config,
    month: str,
    ledger: Ledger,
    standings: Mapping[str, Standing],
    page: PageMaker | None = None,
) -> Callable[[District], Issue]:
    """What a district's form for a month says; the ledger is not looked into for that.

    ``config`` is the month's own, see ``Config.in_month``; ``page`` gives the rows of 重点工作.
    """
    codes = [item.code for item in config.indicators]
    programme, key = ledger.programme, ledger.key
    first = config.settings.first_month

    def issue(district: District) -> Issue:
        standing = standings.get(district.code, _empty_standing(month, first, district))
        targets = {code: config.targets.get((district.code, code)) for code in codes}
        previous = {
            item.code: _previous_value(config, item, district, month, standing)
            for item in config.indicators
        }
        works = page(district) if page else ()
        layout = identity.PAGED_LAYOUT if works else identity.FORM_LAYOUT
        unsealed = Identity(programme, district.code, month, 1, layout, "")
        sealed_works = _sealed(works) if works else ()
        content = identity.canonical_text(targets, previous, config.indicators, sealed_works)
        sealed = identity.seal(key, unsealed, content)
        opened = any((district.code, code) in config.openings for code in codes)
        note = _previous_note(month, max(first, district.since), previous, standing, opened=opened)
        last_year = {code: _last_year(config, (district.code, code), month) for code in codes}
        return Issue(sealed, district.name, targets, previous, content, note, last_year, works)

    return issue


def _sealed(works: Sequence[PageItem]) -> Sequence[Sequence[str]]:
    from xl_addin.form.page_layout import sealed_items

    return sealed_items(works)


def _last_year(config: Config, pair: tuple[str, str], month: str) -> Number | None:
    months = config.last_year.get(pair)
    return months[int(month[5:]) - 1] if months else None


def issues(
    config: Config, month: str, ledger: Ledger, standings: Mapping[str, Standing]
) -> Iterator[tuple[District, Issue]]:
    """Each district's form for a month, in the table's order."""
    of_month = config.in_month(month)
    issue = issuer(of_month, month, ledger, standings)
    return ((district, issue(district)) for district in of_month.districts)


def _empty_standing(month: str, first: int, district: District) -> Standing:
    return _NOTHING._replace(gaps=tuple(range(max(first, district.since), int(month[5:]))))


def _previous_value(
    config: Config, item: Indicator, district: District, month: str, standing: Standing
) -> Number | None:
    """Last month's cumulative; nothing, where what is added up only begins now.

    What had been reached before a programme began later in the year is not known unless it was typed.
    """
    known = standing.previous.get(item.code)
    first = config.settings.first_month
    begins = max(first, district.since, item.since)
    if known is None and item.measure in ADDED_UP and int(month[5:]) == begins:
        return 0 if begins > first or first == 1 else None
    return known


def _previous_note(
    month: str,
    first: int,
    previous: Mapping[str, Number | None],
    standing: Standing,
    *,
    opened: bool,
) -> str:
    """The line under the form's head that says what 上月累计 stands on."""
    number = int(month[5:])
    if number == first:
        if first == 1:
            return "上月累计是年初累计，由市里填好。" if opened else "上月累计：年初为 0。"
        known = [value for value in previous.values() if value is not None]
        says = f"从 {first} 月开始按月报送"
        if opened or any(known):
            says += "；上月累计是年初累计，即以前的完成数，由市里填好"
        elif known:
            says += "；上月累计为 0"
        if len(known) < len(previous):
            says += "；空着的，" if known else "；"
            says += "以前的完成数市里不知道，请直接在“本月累计”里填全年累计数"
        return f"{says}。"
    says = f"上月累计按{'年初累计和' if opened else ''}已审核通过的数据计算"
    missing = [each for each in standing.gaps if each not in standing.filled]
    partly = [each for each in standing.filled if each in standing.gaps]
    wholly = [each for each in standing.filled if each not in standing.gaps]
    if missing:
        says += f"；{_month_words(missing)}没有通过审核的数据，未计入"
    if wholly:
        says += f"；{_month_words(wholly)}没有通过审核的数据，按区县后来填的累计补上"
    if partly:
        says += f"；{_month_words(partly)}没有通过审核的数据，一部分指标按区县后来填的累计补上，其余未计入"
    if standing.unfilled:
        says += f"；{_month_words(standing.unfilled)}的填报表有没填的数，未计入"
    return f"{says}。"


def _month_words(months: Sequence[int]) -> str:
    return "、".join(f"{month}月" for month in months)


def form_file_name(district: District, month: str) -> str:
    """``填报表_2023-06_500101_万州区.xlsx``, with nothing in it that a file system refuses."""
    return plain_name(f"填报表_{month}_{district.code}_{district.name}.xlsx")
