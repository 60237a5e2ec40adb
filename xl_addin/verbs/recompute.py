"""``recompute``: totals and variances of a month, twice: pandas here, formulas in the master."""

from __future__ import annotations

from collections.abc import Iterator

from xl_addin.desk import Desk, Wish
from xl_addin.ledger import FigureRow
from xl_addin.lists import list_changes
from xl_addin.records import FLOW
from xl_addin.report import Report, Table
