"""What the records say of sheets, blocks and headings."""

import pytest

from xl_addin.model.sheets import (
    AREAS,
    COUNTED_KEY,
    CUMULATIVE_BLOCK,
    DUE_GAP_SUFFIX,
    SUMMARY_BLOCK,
    VARIANCE_BLOCK,
    due_gap_key,
)


@pytest.mark.parametrize(
    ("block", "key", "later"),
    [
        (SUMMARY_BLOCK, "应完成数", True),
        (SUMMARY_BLOCK, "本月缺数区县", True),
        (SUMMARY_BLOCK, "未报区县数", False),
        (SUMMARY_BLOCK, "任务数", False),
        (CUMULATIVE_BLOCK, COUNTED_KEY, True),
        (CUMULATIVE_BLOCK, "I01", False),
        (VARIANCE_BLOCK, "I01", False),
        (VARIANCE_BLOCK, due_gap_key("I01"), True),
        (VARIANCE_BLOCK, DUE_GAP_SUFFIX, False),
        (CUMULATIVE_BLOCK, due_gap_key("I01"), False),
    ],
)
def test_a_column_came_later_if_its_heading_or_its_kind_did(block, key, later):
    assert AREAS[block].came_later(key) is later
