"""Random task tables of known truth: right or refused, never wrong, and few sound ones refused.

By hand: ``python -m tests.tools.random_tables --count 20000``.
"""

from collections import Counter

from tests.tools.random_tables import REFUSED, RIGHT, WRONG, build, judge
from xl_addin.tasktable.choices import Choices

BUDGET = 240


def test_random_tables_are_read_right_or_refused():
    outcomes: Counter[tuple[str, bool]] = Counter()
    for seed in range(BUDGET):
        table = build(seed)
        outcome, why = judge(table)
        assert outcome != WRONG, (seed, table.kind, why)
        assert table.sound or outcome == REFUSED, (seed, table.kind)
        outcomes[outcome, table.sound] += 1
        if table.kind.startswith("across"):
            outcome, why = judge(table, Choices(units_across=True))
            assert outcome != WRONG, (seed, table.kind, why)
    assert outcomes[REFUSED, True] <= 0.03 * outcomes[RIGHT, True]
