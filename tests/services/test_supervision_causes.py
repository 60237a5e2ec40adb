"""Who was red or silent for so many months running: rows of months, gaps, what slips said before."""

from types import SimpleNamespace

from xl_addin.model.lights import GREEN, RED
from xl_addin.model.records import District, Indicator
from xl_addin.model.slips import BEHIND, RED_LIGHT, SILENT
from xl_addin.services.supervision.causes import Cause, Memory, find_causes, judged_by_gaps

MONTHS = ("2023-01", "2023-02", "2023-03", "2023-04")
NOTHING = Memory(frozenset(), {})


def pair(light, whole=True, expected=(1, 2, 3, 4), district="A"):
    return SimpleNamespace(
        light=light, has_whole_year=whole, months_expected=expected, district=district
    )


def config(red=2, silent=2):
    return SimpleNamespace(
        settings=SimpleNamespace(red_months=red, silent_months=silent),
        districts=(District("A", "甲"), District("B", "乙")),
        indicators=(Indicator("I01", ("一",), "人"), Indicator("I02", ("二",), "人")),
    )


def causes(lights, quiet=(), memory=NOTHING, due=MONTHS, asked=None, works=(), **settings):
    """``lights`` by (district, indicator) a word of four: r red, g green, x red with a gap."""

    def pairs_of(month):
        if asked is not None:
            asked.append(month)
        number = int(month[5:]) - 1
        return {
            key: pair(GREEN if word[number] == "g" else RED, word[number] != "x", district=key[0])
            for key, word in lights.items()
        }

    months_of = dict(quiet)
    return find_causes(
        config(**settings),
        MONTHS,
        due,
        pairs_of,
        lambda month: {code for code, months in months_of.items() if month in months},
        lambda month: {pair for pair, months in dict(works).items() if month in months},
        memory,
    )


def test_a_row_of_months_reaches_back_as_far_as_it_goes():
    asked = []
    found = causes({("A", "I01"): "grrr", ("B", "I02"): "rgrr"}, asked=asked)
    assert found == [
        Cause("A", RED_LIGHT, "I01", MONTHS[1:]),
        Cause("B", RED_LIGHT, "I02", MONTHS[2:]),
    ]
    assert asked == list(reversed(MONTHS))


def test_what_is_not_red_now_or_not_long_enough_is_no_cause():
    assert causes({("A", "I01"): "rrrg", ("B", "I01"): "gggr"}) == []
    assert causes({("A", "I01"): "ggrr"}, red=3) == []
    asked = []
    assert causes({("A", "I01"): "rrrr"}, red=0, asked=asked) == []
    assert asked == []  # off costs nothing


def test_a_light_over_missing_months_calls_nobody_slow():
    assert causes({("A", "I01"): "rrrx"}) == []
    assert causes({("A", "I01"): "xxrr"}) == [Cause("A", RED_LIGHT, "I01", MONTHS[2:])]
    pairs = {("A", "I01"): pair(RED, whole=False), ("B", "I01"): pair(RED, district="B")}
    assert judged_by_gaps(pairs) == ["A"]


def test_silence_goes_first_and_ends_with_the_last_month_that_is_due():
    silent = {"A": MONTHS[1:], "B": MONTHS[3:]}
    assert causes({("A", "I01"): "gggg"}, silent) == [Cause("A", SILENT, "", MONTHS[1:])]
    assert causes({}, {"A": MONTHS[:3]}, due=MONTHS[:3]) == [Cause("A", SILENT, "", MONTHS[:3])]
    assert causes({}, {"A": MONTHS[3:]}, due=MONTHS[:3]) == []
    assert causes({}, silent, silent=0) == []


def test_a_key_work_that_is_behind_comes_last_and_by_its_number():
    works = {("A", "3"): MONTHS[2:], ("A", "2"): MONTHS[1:], ("B", "2"): MONTHS[3:]}
    assert causes({("A", "I01"): "rrrr"}, works=works) == [
        Cause("A", RED_LIGHT, "I01", MONTHS),
        Cause("A", BEHIND, "2", MONTHS[1:]),
        Cause("A", BEHIND, "3", MONTHS[2:]),
    ]
    assert causes({}, works=works, red=0) == []


def test_what_is_demanded_already_and_months_that_were_named_do_not_count_again():
    lights = {("A", "I01"): "rrrr", ("A", "I02"): "rrrr"}
    subject = ("A", RED_LIGHT, "I01")
    assert causes(lights, memory=Memory({subject}, {})) == [Cause("A", RED_LIGHT, "I02", MONTHS)]
    closed = Memory(frozenset(), {subject: {"2023-01", "2023-02"}})
    assert causes(lights, memory=closed)[0] == Cause("A", RED_LIGHT, "I01", MONTHS[2:])
    used = Memory(frozenset(), {subject: set(MONTHS[:3])})
    assert [each.subject for each in causes(lights, memory=used)] == ["I02"]
