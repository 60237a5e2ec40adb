"""Templates and what they are filled with, for tests."""

from __future__ import annotations

from xl_addin.docx.charts import ChartData
from xl_addin.docx.fill import Contents, Placed
from xl_addin.docx.package import Document
from xl_addin.system.resources import BULLETIN_TEMPLATE, workbook_path
from xl_addin.xlsx.package import deflate, pack

_NAMES = [
    "期号",
    "标题",
    "主送",
    "月份",
    "任务名称",
    "总体情况",
    "区县进展",
    "滞后情况",
    "数据不全情况",
    "报送情况",
    "更正情况",
    "指标说明",
    "排名说明",
]
COLUMNS = {
    "指标": ["序号", "名称", "单位", "任务数", "累计", "完成率", "应完成", "灯"],
    "排名": ["名次", "区县", "综合完成率", "序时完成比", "灯", "已计月数", "滞后名单", "本月报送"],
}
CHART = "各项任务完成率"
CHART_DATA = ChartData(
    ["一", "二", "三", "四 & <五>"],
    {
        "达到序时": [1.25, None, None, 0.5],
        "低于序时": [None, 0.4, None, None],
        "严重滞后": [None, None, 0, None],
        "应完成": [0.5, 0.5, 1 / 3, None],
    },
)
CONTENTS = Contents(
    {
        **{name: f"{name}的话" for name in _NAMES},
        "台账情况": "",
        "署名": Placed("某某市残疾人联合会", 2),
        "成文日期": Placed("2023年7月8日", 4),
    },
    {
        "指标": [dict.fromkeys(COLUMNS["指标"], "值") for _ in range(3)],
        "排名": [
            {**dict.fromkeys(COLUMNS["排名"], "值"), "区县": name, "灯": light}
            for name, light in (("甲、乙县", "●绿"), ("丙<县>&", "▼红"))
        ],
    },
    COLUMNS,
    {CHART: CHART_DATA},
    {"●绿": "E8F5E3", "▼红": "F4A6A6"},
)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{_W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:wpsCustomData="http://www.wps.cn/officeDocument/2013/wpsCustomData"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" mc:Ignorable="w14 wpsCustomData"'
)


def shipped_template() -> bytes:
    return workbook_path(BULLETIN_TEMPLATE).read_bytes()


def with_parts(data: bytes, **changed: str) -> bytes:
    """A document with other parts; ``word_document`` is word/document.xml."""
    parts = dict(Document.open(data).parts)
    for key, xml in changed.items():
        name = f"{key.replace('_', '/', 1)}.xml"
        parts[name] = deflate(name, xml.encode())
    return pack(parts.values())


def document(body: str, section: str = "") -> bytes:
    """The shipped template with another text."""
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f"<w:document {NAMESPACES}><w:body>{body}<w:sectPr>{section}</w:sectPr></w:body></w:document>"
    )
    return with_parts(shipped_template(), word_document=xml)


def para(*runs: str) -> str:
    """A paragraph of runs, a text or XML each."""
    inside = "".join(run if run.startswith("<") else f"<w:r><w:t>{run}</w:t></w:r>" for run in runs)
    return f"<w:p>{inside}</w:p>"


def text_of(data: bytes, part: str = "word/document.xml") -> str:
    return Document.open(data).part(part).decode()


def lines_of(data: bytes, part: str = "word/document.xml") -> list[str]:
    """The paragraphs of a part as they are read."""
    from xl_addin.docx.scan import scan_part

    return [each.text for each in scan_part(Document.open(data).part(part)).paragraphs]
