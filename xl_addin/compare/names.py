"""Which district a text names, however another office writes it."""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.model.names import fold
from xl_addin.model.records import District
from xl_addin.system.light import pattern
from xl_addin.tasktable import chongqing

_NUMBERED = pattern(r"\A[※★☆*▲△●]?\(?\d{1,3}[).、]")
_OFFICE = pattern(
    r"(残疾人联合会|残联|人民政府|政府|管委会|人力资源和社会保障局|人社局|民政局|卫生健康委(员会)?|卫健委|教育局|教委|医保局)\Z"
)
_BRACKETED = pattern(r"\(\d{4,12}\)\Z")
_CODED = pattern(r"(\d{6,12})[-_.、]?(\D.*)")
_KINDS = ("区", "县", "市")


class DistrictNames:
    """Every spelling of the districts of a programme."""

    def __init__(self, districts: Iterable[District]) -> None:
        self._codes: dict[str, set[str]] = {}
        self._exact: dict[str, set[str]] = {}
        listed = tuple(districts)
        for each in listed:
            for spelling in (each.code, each.name, *each.aliases):
                self._exact.setdefault(fold(spelling), set()).add(each.code)
        codes = {each.code: each for each in listed}
        for each in chongqing.DISTRICTS:
            if each.code in codes and self._is_known(each, codes[each.code]):
                for spelling in (each.name, *each.aliases):
                    self._codes.setdefault(fold(spelling), set()).add(each.code)
        for each in listed:
            for spelling in (each.name, *each.aliases):
                key = fold(spelling)
                if len(key) > 2 and key.endswith(_KINDS):
                    self._codes.setdefault(key[:-1], set()).add(each.code)

    @staticmethod
    def _is_known(official: District, ours: District) -> bool:
        spellings = {fold(each) for each in (official.name, *official.aliases)}
        return any(fold(each) in spellings for each in (ours.name, *ours.aliases))

    def find(self, text: str) -> frozenset[str]:
        """The codes of the districts that a text may name: none, one, or several where it is not clear."""
        key = fold(text)
        both = _CODED.match(key)
        if both is not None:
            code, name = self._find(both[1]), self._find(both[2])
            return code | name if code and name else frozenset()
        return self._find(key)

    def _find(self, key: str) -> frozenset[str]:
        plain = _BRACKETED.sub("", _NUMBERED.sub("", key, count=1))
        for spelling in (key, plain, _OFFICE.sub("", plain)):
            for short in (spelling, spelling.removeprefix("重庆市"), spelling.removeprefix("重庆")):
                found = self._exact.get(short) or self._codes.get(short)
                if found:
                    return frozenset(found)
        return frozenset()
