"""Two ways to play a year: on the command line with the master closed, and by buttons with it open."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

import pytest

from tests.tools import year_story as story
from tests.tools.excel import Excel
from tests.tools.year_oracle import FLOW, Year
from xl_addin import ribbon
from xl_addin.cli import main
from xl_addin.master.host.excel import ExcelHost
from xl_addin.master.host.excelapp import import_xlwings
from xl_addin.master.read.blocks import find_columns
from xl_addin.model.folder import MASTER, RETURNS
from xl_addin.model.settings import TURN_DOWN
from xl_addin.model.sheets import (
    ADJUSTMENTS_BLOCK,
    DISTRICTS_BLOCK,
    INDICATORS_BLOCK,
    PENDING_BLOCK,
    SETTINGS_BLOCK,
)


def when(month: int) -> str:
    """A month as the program writes it."""
    return f"2023-{month:02d}"


class CommandLine:
    """Verbs with options, what they say as JSON."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def run(self, verb: str, *args: str) -> dict[str, Any]:
        """A verb of the command line, whichever way the year is played."""
        self._capsys.readouterr()
        code = main([verb, *args, "--folder", str(self.folder), "--json"])
        out = self._capsys.readouterr().out
        assert code in (0, 1), out[-2000:]
        return dict(json.loads(out))

    def do(self, verb: str, month: int, files: Iterable[Path] = ()) -> dict[str, Any]:
        """What is done every month."""
        return self.run(verb, "--month", when(month), *map(str, files))

    def inbox(self, month: int) -> Path:
        """Where returns of a month come to lie."""
        return self.folder.parent / "来" / f"{month:02d}"

    def turn_down(self, number: int, month: int) -> None:
        """Settle a return that waits."""
        self.run("settle", str(number), "--reject", "--month", when(month))

    def verify(self) -> list[Any]:
        """What ``verify`` finds to differ."""
        return list(self.run("verify")["differences"])

    def change(self, order: tuple[object, ...], _year: Year) -> None:
        """Make a change of the year."""
        self.run(*self._words(order))

    @singledispatchmethod
    def _words(self, order: object) -> tuple[str, ...]:
        raise TypeError(order)

    @_words.register
    def _(self, order: story.Adjustment) -> tuple[str, ...]:
        return (
            *("adjust", "--month", when(order.month), "--district", order.district),
            *("--indicator", order.item, "--by", str(order.by), "--document", story.NOTICE),
        )

    @_words.register
    def _(self, order: story.Merger) -> tuple[str, ...]:
        return (
            *("change-district", "--district", order.gone, "--into", order.into),
            *("--month", when(order.month), "--document", story.NOTICE),
        )

    @_words.register
    def _(self, order: story.NewDistrict) -> tuple[str, ...]:
        return (
            *("add-district", "--code", order.code, "--name", order.name),
            *("--since", str(order.month), "--from", order.source, "--document", story.NOTICE),
            *_targets(order.targets),
        )

    @_words.register
    def _(self, order: story.NewIndicator) -> tuple[str, ...]:
        return (
            *("add-indicator", "--code", order.code, "--path", order.label, "--unit", order.unit),
            *("--since", str(order.month), *_targets(order.targets)),
        )


def _targets(targets: dict[str, int]) -> list[str]:
    return [word for code, amount in targets.items() for word in ("--target", f"{code}={amount}")]


class Buttons(CommandLine):
    """Cells that somebody types in the open master, and buttons; only what has none is run beside it."""

    def __init__(
        self,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
        excel: Excel,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        super().__init__(folder, capsys)
        self._excel, self._results, self._month = excel, [], 0
        self.book = import_xlwings().Book(str(folder / MASTER))
        argv = ["-c", f"--wb={self.book.name}", "--from_xl=1", r"--app=C:\Excel", "--hwnd=1001"]
        monkeypatch.setattr(sys, "argv", argv)
        show = ribbon._show

        def seen(host: ExcelHost, title: str, result: Any) -> Any:
            self._results.append(result)
            return show(host, title, result)

        monkeypatch.setattr(ribbon, "_show", seen)

    def press(self, verb: str) -> dict[str, Any]:
        """Press a button; what its verb found."""
        before = len(self._excel.notes_on("alert"))
        ribbon.press(verb)
        [message] = self._excel.notes_on("alert")[before:]
        assert hasattr(self._results[-1], "data"), message["text"]
        return dict(json.loads(json.dumps(self._results[-1].data, default=list)))

    def do(self, verb: str, month: int, files: Iterable[Path] = ()) -> dict[str, Any]:
        """By the month on 设置 and what lies in 回收."""
        assert all(file.parent == self.inbox(month) for file in files)
        if month != self._month:
            self._type(SETTINGS_BLOCK, "项目", "本次月份", {"值": when(month)})
        self._month = month
        return self.press(verb)

    def inbox(self, month: int) -> Path:
        return self.folder / RETURNS / when(month)

    def turn_down(self, number: int, month: int) -> None:
        del month
        self._type(PENDING_BLOCK, "编号", number, {"决定": TURN_DOWN})
        self.press("settle")

    def verify(self) -> list[Any]:
        """Of the master as its user saves it."""
        self.book.save()
        return super().verify()

    def change(self, order: tuple[object, ...], year: Year) -> None:
        names = {each.code: each.name for each in year.units}
        labels = {each.code: each.label for each in year.items}
        verb, moved = "amend", []
        match order:
            case story.Adjustment():
                verb, moved = "adjust", [(order.district, order.item, order.by)]
            case story.Merger():
                cells = {"截止月": order.month - 1, "备注": f"并入{names[order.into]}"}
                self._type(DISTRICTS_BLOCK, "代码", order.gone, cells)
            case story.NewDistrict():
                verb, names[order.code] = "add-district", order.name
                cells = {"代码": order.code, "区县": order.name, "起始月": order.month}
                self.type_row(DISTRICTS_BLOCK, cells)
                for item, by in order.targets.items():
                    moved += [(order.source, item, -by), (order.code, item, by)]
            case story.NewIndicator():
                verb, labels[order.code] = "add-indicator", order.label
                cells = {"代码": order.code, "指标": order.label, "计量单位": order.unit}
                cells |= {"口径": FLOW, "取整": "是", "起始月": order.month}
                self.type_row(INDICATORS_BLOCK, cells)
                moved = [(code, order.code, by) for code, by in order.targets.items()]
        for district, item, by in moved:
            cells = {"起始月": order[0], "区县": names[district], "指标": labels[item]}
            self.type_row(ADJUSTMENTS_BLOCK, {**cells, "调整数": by, "依据": story.NOTICE})
        assert self.press(verb)["changes"]

    def type_row(self, area: str, values: dict[str, Any]) -> None:
        """What somebody types in the first row of a list that is free."""
        type_row(self.book, area, values)

    def _type(self, area: str, heading: str, key: object, values: dict[str, Any]) -> None:
        """What somebody types beside a key of a list."""
        block = ExcelHost(self.book).block(area)
        columns = find_columns(block, (heading, *values))
        row = next(
            row
            for (row, column), cell in sorted(block.cells.items())
            if column == columns[heading] and cell.value == key
        )
        for name, value in values.items():
            self.book.sheets[block.sheet].range((row, columns[name])).raw_value = value


def type_row(book: Any, area: str, values: dict[str, Any]) -> None:
    """What somebody types in the first row of a list that is free, within or right below it."""
    host = ExcelHost(book)
    block = host.block(area)
    top, left, _, right = block.area
    below = host.cells(block.sheet, (top, left, 10_000, right))
    row = max((row for row, _ in below), default=top) + 1
    for heading, column in find_columns(block, list(values)).items():
        book.sheets[block.sheet].range((row, column)).raw_value = values[heading]
