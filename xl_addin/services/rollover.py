"""Last year's programme as the next year takes it over. Nothing in its folder is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from xl_addin.master.host.file import FileHost
from xl_addin.master.read.carried import read_carried
from xl_addin.master.read.config import read_config
from xl_addin.model.calendar import move_years
from xl_addin.model.folder import LEDGER, MASTER
from xl_addin.model.names import fold
from xl_addin.model.papers import KINDS
from xl_addin.model.records import CUSTOM, ERROR, EVEN, District, Indicator, Number
from xl_addin.model.settings import CLOSE, Carried, Config
from xl_addin.services.last_year import Cumulatives, cumulatives_by_month
from xl_addin.store.ledger import open_copy
from xl_addin.store.place import ledger_path
from xl_addin.system.errors import Refused
from xl_addin.system.light import NamedTuple, pattern

_YEAR = pattern(r"((?:19|20|２０)\d{2})\s*年(?:度(?!假))?(?![底初末终])")
_MADE_UP = pattern(r"D\d{3}\Z")
_NAMED = 8


class OldProgramme(NamedTuple):
    """What was read of last year's programme; ``cumulatives`` are in its own codes, None without a ledger."""

    folder: Path
    config: Config
    carried: Carried
    cumulatives: Cumulatives | None


class Rollover(NamedTuple):
    """A new programme as it follows from the one before.

    ``config`` is the new year's, ``lines`` what people are told, ``counts`` the same for programs.
    """

    config: Config
    carried: Carried
    lines: tuple[str, ...]
    counts: Mapping[str, object]


def open_old(given: Path, year: int) -> OldProgramme:
    """Last year's programme with what it came to, see ``read_old``."""
    old = read_old(given, year)
    return old._replace(cumulatives=_cumulatives(ledger_path(old.folder), old.config))


def read_old(given: Path, year: int) -> OldProgramme:
    """Last year's programme in a folder (or the folder of a master), read only, without its figures.

    Refused where it is none, or not of an earlier year.
    """
    old = given.parent if given.name.lower() == MASTER else given
    if not (old / MASTER).is_file():
        raise Refused(f"{given}：这里没有 {MASTER}，不是年度任务的文件夹；请检查上年任务的路径")
    try:
        host = FileHost(old / MASTER)
        config, carried = read_config(host), read_carried(host)
    except Refused as error:
        says = error.message.removeprefix(f"{old / MASTER}：")
        raise Refused(f"{old / MASTER}：上年的主表读不了：{says}", error.problems) from error
    before = config.settings.year
    if not before or before >= year:
        said = f"是 {before} 年度的" if before else "没有写年度"
        raise Refused(
            f"{old}：里面的任务{said}，不在 {year} 年以前，不能带到 {year} 年；请核对年度和文件夹"
        )
    return OldProgramme(old, config, carried, None)


def _cumulatives(path: Path, config: Config) -> Cumulatives | None:
    if not path.is_file():
        return None
    with open_copy(path) as ledger:
        return cumulatives_by_month(ledger, config)


def roll_over(old: OldProgramme, config: Config) -> Rollover:
    """The settings of a new year with what the old one had; ``config`` is what the task table alone says."""
    year = config.settings.year
    districts = _Districts(config.districts, old.config.districts)
    links, unlinked = link_indicators(config, old.config)
    targets = {(districts.codes[d], i): v for (d, i), v in config.targets.items()}
    broken = {code for (_, code), v in config.targets.items() if isinstance(v, float)}
    indicators = tuple(
        _carry_indicator(item, links, old.config, broken=item.code in broken)
        for item in _without_year(config.indicators, year)
    )
    cumulatives, told = _last_year(old, year, districts, links)
    settings = old.config.settings._replace(
        year=year,
        month=config.settings.month,
        first_month=config.settings.first_month,
        title=config.settings.title or next_title(old.config, year),
        closing=CLOSE,
    )
    whole = config._replace(
        settings=settings,
        districts=districts.carried(),
        indicators=indicators,
        rules=old.config.rules,
        targets=targets,
        last_year=cumulatives,
    )
    papers, owed = _papers(old.config, year, districts)
    carried = old.carried._replace(
        papers=papers,
        contacts={new: old.carried.contacts[d.code] for new, d in districts.pairs.items()},
        notes={new: old.carried.notes[item.code] for new, item in links.items()},
    )
    lines = (*_wrong(old.config), *districts.told(), *unlinked, *told, *owed)
    counts = {
        "folder": str(old.folder),
        "year": old.config.settings.year,
        "districts": len(districts.pairs),
        "districts_added": [d.code for d in whole.districts if d.code not in districts.pairs],
        "districts_gone": [d.code for d in districts.gone],
        "indicators": {new: item.code for new, item in links.items()},
        "last_year": len(cumulatives),
        "papers": [row[0] for row in papers],
    }
    return Rollover(whole, carried, lines, counts)


def next_title(old: Config, year: int) -> str:
    """What last year's programme is called in the next; a year in its name becomes that."""
    return old.settings.title.replace(str(old.settings.year), str(year))


_PaperRow = tuple[Number | str | None, ...]


def _papers(
    old: Config, year: int, districts: _Districts
) -> tuple[tuple[_PaperRow, ...], tuple[str, ...]]:
    """The rows of 材料 with terms as many years on as the programme is, and what people are told of them."""
    before, everybody = old.settings.year, {each.code for each in old.districts}
    rows: list[_PaperRow] = []
    said, gone = list[str](), list[str]()
    for paper in old.papers:
        owing = [
            each.name
            for each in districts.carried()
            if each.code in districts.pairs and districts.pairs[each.code].code in paper.districts
        ]
        if not owing:
            gone.append(paper.name)
            continue
        due = move_years(paper.due[:10], year - before)
        name = paper.name.replace(str(before), str(year))
        kinds = "" if paper.kinds == KINDS else "、".join(paper.kinds)
        whom = "" if everybody <= set(paper.districts) else "、".join(owing)
        request = paper.request.replace(str(before), str(year))
        numbers = (paper.least or None, paper.most or None, paper.copies)
        rows.append((paper.code, name, request, due, kinds or None, *numbers, whom or None))
        said.append(f"{name} {due}")
    told = [
        f"材料：带过来 {len(rows)} 份，截止日期改到了 {year} 年，请核对：{_names(said)}"
    ] * bool(rows)
    told += [f"要交的区县都没有了、没有带过来的材料：{_names(gone)}"] * bool(gone)
    return tuple(rows), tuple(told)


def _wrong(old: Config) -> Iterator[str]:
    for problem in old.problems:
        wrong = (
            problem.severity == ERROR or problem.code == "bad-mail"
        )  # it stops a letter, not a verb
        if wrong and not problem.code.endswith("-missing"):
            yield f"上年的主表 {problem.message}（新主表里也请核对）"


class _Districts:
    """The new table's districts beside last year's."""

    def __init__(self, new: Sequence[District], old: Sequence[District]) -> None:
        self._new = new
        by_table_code = pair_districts(new, old)
        self.codes = _final_codes(new, by_table_code, {district.code for district in old})
        self.pairs = {self.codes[code]: district for code, district in by_table_code.items()}
        used = {district.code for district in self.pairs.values()}
        self.gone = [district for district in old if district.code not in used]

    def carried(self) -> tuple[District, ...]:
        """The districts with addresses and aliases, under the codes that they have from now on."""
        taken = {fold(name): d.code for d in self._new for name in (d.name, *d.aliases)}
        found: list[District] = []
        for district in self._new:
            old = self.pairs.get(self.codes[district.code])
            more = [
                name
                for name in ((old.name, *old.aliases) if old else ())
                if taken.setdefault(fold(name), district.code) == district.code
            ]
            names = {fold(name): name for name in reversed((*district.aliases, *more))}
            names.pop(fold(district.name), None)
            found.append(
                district._replace(
                    code=self.codes[district.code],
                    aliases=tuple(reversed(names.values())),
                    to=old.to if old else "",
                    cc=old.cc if old else "",
                )
            )
        return tuple(found)

    def told(self) -> Iterator[str]:
        added = [d.name for d in self._new if self.codes[d.code] not in self.pairs]
        if added:
            yield f"上年没有的区县：{_names(added)}；邮箱等请在“区县名录”里补上"
        if self.gone:
            yield f"新任务表里没有、没有带过来的区县：{_names([_gone_name(d) for d in self.gone])}"
        renamed = [
            f"{d.name}（上年叫{old.name}）"
            for d in self._new
            if (old := self.pairs.get(self.codes[d.code])) and fold(d.name) != fold(old.name)
        ]
        if renamed:
            yield f"名称和上年不同的区县：{_names(renamed)}；上年的名称留作别名，请核对是不是同一个"


def _gone_name(district: District) -> str:
    return (
        f"{district.name}（上年报到 {district.until} 月）" if district.until < 12 else district.name
    )


def _names(names: Sequence[str]) -> str:
    more = f"等 {len(names)} 个" if len(names) > _NAMED else ""
    return "、".join(names[:_NAMED]) + more


def pair_districts(new: Sequence[District], old: Sequence[District]) -> dict[str, District]:
    """By the new table's codes the same district of last year: by code, else by name or alias.

    A code that was only made up from a row's number says nothing.
    """
    by_code = {district.code: district for district in old}
    by_name = {fold(name): d for d in old for name in (d.name, *d.aliases)}
    found = {d.code: by_code[d.code] for d in new if d.code in by_code and not _made_up(d)}
    taken = {district.code for district in found.values()}
    for district in new:
        names = (fold(name) for name in (district.name, *district.aliases))
        same = next((by_name[name] for name in names if name in by_name), None)
        if district.code not in found and same is not None and same.code not in taken:
            found[district.code] = same
            taken.add(same.code)
    return found


def _made_up(district: District) -> bool:
    return _MADE_UP.match(district.code) is not None


def _final_codes(
    new: Sequence[District], pairs: Mapping[str, District], old: Collection[str]
) -> dict[str, str]:
    """By the table's codes those of the new programme: a made-up one keeps what it was last year.

    A new district never gets the code that another had.
    """
    codes = {
        d.code: pairs[d.code].code if _made_up(d) and d.code in pairs else d.code
        for d in new
        if not _made_up(d) or d.code in pairs
    }
    taken = {*old, *codes.values()}
    free = (code for n in range(1, 10_000) if (code := f"D{n:03d}") not in taken)
    return {d.code: codes[d.code] if d.code in codes else next(free) for d in new}


def link_indicators(new: Config, old: Config) -> tuple[dict[str, Indicator], tuple[str, ...]]:
    """By new code last year's indicator of the same label and unit; and what could not be linked.

    A year in a label counts from the programme's own: 2023年任务数 of 2023 is 2024年任务数 of 2024.
    """
    before = _by_key(old)
    after = _by_key(new)
    links: dict[str, Indicator] = {}
    lines: list[str] = []
    gone = {key: item for key, item in before.items() if key not in after}
    for key, item in after.items():
        same = before.get(key)
        stale = None if same else _same_but_for_years(item, gone)
        if stale is not None:
            was = gone.pop(stale).label
            lines.append(
                f"指标“{item.label}”和上年的“{was}”只差年份，不能确定是不是同一项，没有同期数；"
                f"是同一项的，请把任务表里的年份改成 {new.settings.year} 年（或者不写年份）再新建，"
                "或者把上年的数填到“上年同期”里"
            )
        elif same is None:
            lines.append(
                f"指标“{item.label}”上年没有，没有同期数；如果只是改了名称，请把上年的数填到“上年同期”里"
            )
        elif fold(same.unit) != fold(item.unit):
            lines.append(
                f"指标“{item.label}”的单位是“{item.unit}”，上年是“{same.unit}”，不能比，没有同期数"
            )
        else:
            links[item.code] = same
    if gone:
        left = [item.label for item in gone.values()]
        lines.append(f"新任务表里没有、没有带过来的指标：{_names(left)}")
    return links, tuple(lines)


def _same_but_for_years(item: Indicator, among: Mapping[str, Indicator]) -> str | None:
    """The key of what is called the same but for the years: a table that was not brought up to date."""

    def bare(label: str) -> str:
        return fold(_YEAR.sub("", label))

    return next(
        (
            key
            for key, each in among.items()
            if bare(each.label) == bare(item.label)
            and (_YEAR.search(each.label) or _YEAR.search(item.label))
        ),
        None,
    )


def _by_key(config: Config) -> dict[str, Indicator]:
    year = config.settings.year
    keys = [_relative_label(item, year) for item in config.indicators]
    count = Counter(keys)
    pairs = zip(keys, config.indicators, strict=True)
    return {key if count[key] == 1 else f"{key} {item.code}": item for key, item in pairs}


def _relative_label(item: Indicator, year: int) -> str:
    named = (_YEAR.sub(lambda m: _years_apart(int(fold(m[1])), year), step) for step in item.path)
    return fold(">".join(step for step in named if step.strip()))


def _years_apart(named: int, year: int) -> str:
    return "" if named == year else f"{named - year:+}年"


def _without_year(items: Sequence[Indicator], year: int) -> Iterator[Indicator]:
    """The indicators without the year in their labels, as far as they stay apart."""
    paths = [_plain_path(item.path, year) for item in items]
    count = Counter(paths)
    for item, path in zip(items, paths, strict=True):
        yield item._replace(path=path) if path and count[path] == 1 else item


def _plain_path(path: tuple[str, ...], year: int) -> tuple[str, ...]:
    steps = (
        _YEAR.sub(lambda m: "" if int(fold(m[1])) == year else m[0], step).strip() for step in path
    )
    return tuple(step for step in steps if step)


def _carry_indicator(
    item: Indicator, links: Mapping[str, Indicator], old: Config, *, broken: bool
) -> Indicator:
    """An indicator with what was set for it last year; its months and its goal are the new year's.

    ``broken`` says that one of its new targets is no whole number.
    """
    same = links.get(item.code)
    if same is None:
        return item
    now = {before.code: code for code, before in links.items()}
    known = {each.code for each in old.indicators}
    return item._replace(
        measure=same.measure,
        schedule=EVEN if same.schedule == CUSTOM and not same.shares else same.schedule,
        shares=same.shares,
        parent=now.get(same.parent, "" if same.parent not in known else item.parent),
        whole=same.whole and not broken,
        weight=now.get(same.weight, ""),
        last_year=same.code,
        short=same.short,
        importance=same.importance,
    )


def _last_year(
    old: OldProgramme, year: int, districts: _Districts, links: Mapping[str, Indicator]
) -> tuple[Cumulatives, tuple[str, ...]]:
    """上年同期 in the new codes, and what of it is not there."""
    before = old.config.settings.year
    if old.cumulatives is None:
        return {}, (f"{old.folder}：没有 {LEDGER}，没有带上年的完成数，今年没有同期和同比",)
    if before != year - 1:
        return {}, (f"{old.folder} 是 {before} 年的，不是上年，没有带完成数，今年没有同期和同比",)
    found = {
        (new, code): months
        for new in districts.codes.values()
        if (district := districts.pairs.get(new))
        for code, item in links.items()
        if (months := old.cumulatives.get((district.code, item.code)))
    }
    told: list[str] = []
    known = sum(value is not None for months in found.values() for value in months)
    short = [pair for pair, months in found.items() if None in months]
    told.append(f"上年同期：带过来 {len(found)} 行、{known} 个累计数")
    if short:
        told.append(
            f"其中 {len(short)} 行有的月份没有数（上年还没有报，或者有缺月、累计不全，没有带）；"
            "知道的可以在“上年同期”里补上"
        )
    left = {d for d, _ in old.cumulatives} & {district.code for district in districts.gone}
    if left:
        names = [_gone_name(d) for d in districts.gone if d.code in left]
        told.append(
            f"没有带过来的上年完成数：{_names(names)}；并入了别的区县的，请在“上年同期”里加到接收区县的数上"
        )
    return found, tuple(told)
