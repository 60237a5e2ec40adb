"""What makes a workbook a master in Excel: ribbon, macros and the binding to a computer."""

from __future__ import annotations

from collections.abc import Mapping

from xl_addin.master.macros import binding, ribbonxml, vbaproject
from xl_addin.model.sheets import LAYOUT
from xl_addin.xlsx.package import Part


def install_macros(
    parts: Mapping[str, Part], computer: Mapping[str, str], layout: int = LAYOUT
) -> dict[str, Part]:
    """The package with everything that is missing or of another version put right.

    What is right already, and all that is not ours, comes out as it went in. ``computer`` is what
    ``binding.this_computer`` gives; empty binds to none. ``layout`` is
    the version of the layout that the master has, 0 for an older one. Raises Refused.
    """
    given = dict(parts)
    binding.install_binding(given, computer, layout)
    given = vbaproject.install_modules(given)
    ribbonxml.install_ribbon(given)
    return given
