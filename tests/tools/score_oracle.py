"""考核 as its rules read, in plain code: what an item is worth, exactly, from facts as plain tuples.

Written from the rules' text on the sheet and from nothing of the program's: points are fractions and are never
rounded here.
"""

from __future__ import annotations

from fractions import Fraction


def worth(rule, facts, others):
    """The exact points of an item, None where it cannot be judged.

    ``rule`` is (way, full, first, second, averaged); ``facts`` a dict with ``months`` as (state, days, errors),
    ``done`` as (weight, done, due), ``papers`` as days, ``works`` as booleans, ``rank``; ``others`` are the
    ways of all the rules.
    """
    way, full, first, second, averaged = rule
    full, first = Fraction(full), Fraction(first or 0)
    if way == "完成率":
        judged = [each for each in facts["done"] if each[0] > 0 and each[2] > 0]
        if not judged:
            return None
        share = Fraction(0)
        for weight, done, due in judged:
            part = Fraction(done) / Fraction(due)
            share += Fraction(weight) * (0 if part < 0 else min(part, 1))
        return full * share / sum(Fraction(each[0]) for each in judged)
    if way == "每迟一天扣":
        states = ("in",) if "每缺一次扣" in others else ("in", "out")
        return _by_unit(
            [d for s, d, _ in facts["months"] if s in states], full, first, second, averaged
        )
    if way == "每处错误扣":
        counts = [errors for _, _, errors in facts["months"] if errors is not None]
        return _by_unit(counts, full, first, second, averaged)
    if way == "材料按时":
        return _by_unit(facts["papers"], full, first, second, averaged)
    if way in ("每缺一次扣", "台账滞后每项扣"):
        here = facts["works"]
        if way == "每缺一次扣":
            here = [state == "out" for state, _, _ in facts["months"] if state != "held"]
        if not here:
            return None
        count = sum(here)
        if second and count >= second:
            return Fraction(0)
        return max(full - first * count, Fraction(0))
    if way == "排名加分":
        if facts["rank"] is None:
            return None
        return min(first, full) if facts["rank"] <= second else Fraction(0)
    raise AssertionError(way)


def _by_unit(counts, full, first, second, averaged):
    if not counts:
        return None
    lost = [full if second and n >= second else min(first * n, full) for n in counts]
    whole = sum(lost) / len(counts) if averaged else min(sum(lost), full)
    return full - whole


def shown(exact):
    """Two decimals, half up, in cents."""
    cents = exact * 100
    low = cents.numerator // cents.denominator
    return low + (1 if (cents - low) * 2 >= 1 else 0)


def total(items):
    """The exact total of ``(points or None, full, is_bonus)``, as shown points; None where nothing is judged."""
    plain = [each for each in items if not each[2]]
    judged = [each for each in plain if each[0] is not None]
    if not judged:
        return None
    reached, possible = sum(each[0] for each in judged), sum(each[1] for each in judged)
    bonus = sum(each[0] for each in items if each[2] and each[0] is not None)
    return reached * sum(each[1] for each in plain) / possible + bonus
