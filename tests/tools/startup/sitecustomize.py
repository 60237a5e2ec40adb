"""For a process that a test starts as Excel would: xlwings gets the tests' engine when it is imported.

Python imports this module by itself when its folder is on PYTHONPATH.
"""

from __future__ import annotations

import atexit
import importlib.util
import sys
from contextlib import ExitStack
from types import ModuleType
from typing import Any

for_good = ExitStack()
atexit.register(for_good.close)  # while there are modules still


class _Hook:
    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        del path, target
        if name != "xlwings":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("xlwings")
        assert spec is not None
        assert spec.loader is not None
        load = spec.loader.exec_module

        def load_and_install(module: ModuleType) -> None:
            load(module)
            from tests.tools.excel import Excel
            from tests.tools.pywin32 import connected

            running = Excel.running()
            for_good.enter_context(connected(running, running.calls))

        spec.loader.exec_module = load_and_install  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _Hook())
