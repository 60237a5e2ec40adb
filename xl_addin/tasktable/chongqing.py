"""The districts and counties of Chongqing, so that a task table need not carry codes.

Codes are GB/T 2260. The three development areas report like districts but have no such code; theirs
end in letters, which a GB code never does.
"""

from __future__ import annotations

from xl_addin.model.names import fold
from xl_addin.model.records import District
from xl_addin.system.light import pattern

_CITY = "重庆市"
_DISTRICTS = (
    "500101 万州区",
    "500102 涪陵区",
    "500103 渝中区",
    "500104 大渡口区",
    "500105 江北区",
    "500106 沙坪坝区",
    "500107 九龙坡区",
    "500108 南岸区",
    "500109 北碚区",
    "500110 綦江区 綦江县",
    "500111 大足区 大足县",
    "500112 渝北区",
    "500113 巴南区",
    "500114 黔江区",
    "500115 长寿区",
    "500116 江津区",
    "500117 合川区",
    "500118 永川区",
    "500119 南川区",
    "500120 璧山区 璧山县",
    "500151 铜梁区 铜梁县",
    "500152 潼南区 潼南县",
    "500153 荣昌区 荣昌县",
    "500154 开州区 开县",
    "500155 梁平区 梁平县",
    "500156 武隆区 武隆县",
    "500229 城口县",
    "500230 丰都县",
    "500231 垫江县",
    "500233 忠县",
    "500235 云阳县",
    "500236 奉节县",
    "500237 巫山县",
    "500238 巫溪县",
    "500240 石柱土家族自治县",
    "500241 秀山土家族苗族自治县",
    "500242 酉阳土家族苗族自治县",
    "500243 彭水苗族土家族自治县",
    "5001LJ 两江新区 两江 重庆两江新区",
    "5001GX 重庆高新区 高新区 重庆高新 重庆高新技术产业开发区 西部科学城重庆高新区 西部(重庆)科学城",
    "5001WS 万盛经开区 万盛 万盛区 万盛经开 万盛经济技术开发区 重庆万盛经开区 重庆万盛经济技术开发区",
)
_PEOPLES = pattern(r"(土家族|苗族)+自治县\Z")
_OFFICE = pattern(r"(残疾人联合会|残联|人民政府|政府|管委会|办事处)+\Z")
_NUMBERED = pattern(r"\A\(?\d{1,3}[).、]")


def _entry(line: str) -> District:
    code, name, *usual = line.split(" ")
    if _PEOPLES.search(name):
        short = _PEOPLES.sub("", name)
        usual += [f"{short}县", f"{short}自治县", short]
    elif code.isdigit() and len(name) > 2:
        usual.append(name[:-1])
    return District(code, name, tuple(usual))


DISTRICTS = tuple(_entry(line) for line in _DISTRICTS)
_BY_NAME = {
    fold(known): district for district in DISTRICTS for known in (district.name, *district.aliases)
}


def find_district(name: str) -> District | None:
    """The district of this name or alias, with or without 1. or 重庆市 before it, 残联 behind it."""
    wanted = _NUMBERED.sub("", fold(name), count=1)
    without_office = _OFFICE.sub("", wanted)
    for spelling in (wanted, without_office):
        found = _BY_NAME.get(spelling) or _BY_NAME.get(spelling.removeprefix(_CITY))
        if found is not None:
            return found
    return None
