"""The command as a process: from its first import to its end."""

from __future__ import annotations

import gc
import os
import sys

from xl_addin.system.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn


def program() -> NoReturn:
    """``cli.main``, and out.

    Nothing that an import leaves behind is garbage, so nobody looks for it until the work begins.
    Everything that lasts is closed and on the disk when it ends; taking the interpreter apart object
    by object would cost a tenth of a click.
    """
    gc.disable()
    from xl_addin.cli import main

    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # whoever read our output has gone
        pass
    os._exit(code)
