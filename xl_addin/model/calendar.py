"""Months of the year, terms, and what is on time."""

from __future__ import annotations

ON_TIME, LATE = "按时", "逾期"
