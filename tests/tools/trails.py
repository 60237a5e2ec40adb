"""Every figure that a trail can be asked for, with what the totals say it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xl_addin.master.totals import Totals
from xl_addin.model.records import ACCEPTED, ADDED_UP, RATE, Figure, Number
from xl_addin.model.settings import Config
from xl_addin.services.trail import MONTH, TARGET, YEAR, Question
from xl_addin.store.ledger import FigureRow
from xl_addin.store.trails import TracedReturn


def figures_of(totals: Totals, config: Config) -> Iterator[tuple[Question, Number | None]]:
    """Of a month's totals: every district's figures, those of the whole, and the course of the year."""
    number = int(totals.month[5:])

    def ask(what: str, district: str, code: str, month: int = number) -> Question:
        return Question(what, district, code, month, number)

    def known(value: Number | str | None) -> Number | None:
        return None if isinstance(value, str) else value

    for pair, each in totals.pairs.items():
        yield ask(YEAR, *pair), each.cumulative
        yield ask(MONTH, *pair), known(totals.this_month.get(pair))
        yield ask(TARGET, *pair), each.target
    for line, item in zip(totals.indicators, config.indicators, strict=True):
        yield ask(YEAR, "", line.code), line.cumulative
        yield ask(MONTH, "", line.code), line.this_month
        if item.measure != RATE:
            yield ask(TARGET, "", line.code), line.target
        for month, value in enumerate(line.trend[:number], 1):
            yield ask(MONTH if item.measure in ADDED_UP else YEAR, "", line.code, month), value


def returned(row: FigureRow, number: int = 1, **other: Any) -> TracedReturn:
    """The return that a counting figure would stand in, in cell F7."""
    figure = Figure(row.indicator, row.state, row.value, "F7", row.measure, row.stated, "G7")
    facts: dict[str, Any] = {
        "id": number,
        "sha256": f"{number:064x}",
        "file": f"{row.month}月.xlsx",
        "received_at": f"2023-{row.month:02d}-28 09:00:00",
        "month": f"2023-{row.month:02d}",
        "round": 1,
        "verdict": ACCEPTED,
        "counts": True,
        "sheet": "任务进度",
        "run": number,
        "verb": "collect",
        "at": "2023-12-31 09:00:00",
        "by": "王芳（yw01）",
        "figures": {row.indicator: figure},
        "problems": (),
        "texts": (),
        "mails": (),
        "decision": None,
    }
    return TracedReturn(**{**facts, **other})
