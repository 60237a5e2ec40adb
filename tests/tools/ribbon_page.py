"""The ribbon's tab as a picture, to be looked at: ``python -m tests.tools.ribbon_page OUT.png [SCALE]``.

A page that lays groups and buttons out as Excel does (three small ones beside each other's feet make a
column as high as a large one), drawn by headless Chromium. It is no proof of Excel's own drawing.
"""

from __future__ import annotations

import html
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from xl_addin.master.macros.ribbonxml import NAMESPACE, pictures, ribbon_xml

_STYLE = """
body { margin: 0; background: #f3f3f3; font: 12px "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
.tab { display: inline-flex; background: #fff; padding: 4px 2px 0; border: 1px solid #d0d0d0; }
.group { display: flex; flex-direction: column; border-right: 1px solid #d8d8d8; padding: 0 4px; }
.buttons { display: flex; height: 70px; }
.name { text-align: center; color: #666; font-size: 11px; padding: 1px 0 3px; }
.large { width: 56px; text-align: center; padding-top: 3px; line-height: 1.15; }
.large img { width: 32px; height: 32px; display: block; margin: 0 auto 2px; }
.column { display: flex; flex-direction: column; }
.small { height: 22px; display: flex; align-items: center; padding: 0 5px 0 3px; white-space: nowrap; }
.small img { width: 16px; height: 16px; margin-right: 4px; }
"""


def page(root: ET.Element) -> str:
    """The page; its pictures lie beside it."""
    tab = next(root.iter(f"{{{NAMESPACE}}}tab"))
    groups = "".join(_group(group) for group in tab)
    return (
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><div class=tab>{groups}</div>"
    )


def _group(group: ET.Element) -> str:
    body = "".join(_columns(group))
    name = html.escape(group.attrib["label"])
    return f"<div class=group><div class=buttons>{body}</div><div class=name>{name}</div></div>"


def _columns(buttons: Iterable[ET.Element]) -> Iterator[str]:
    small: list[str] = []
    for button in buttons:
        text = f"{_picture(button)}<span>{html.escape(button.attrib['label'])}</span>"
        if button.get("size") == "large":
            yield from _column(small)
            small = []
            yield f"<div class=large>{text}</div>"
            continue
        small.append(f"<div class=small>{text}</div>")
        if len(small) == 3:
            yield from _column(small)
            small = []
    yield from _column(small)


def _column(small: list[str]) -> Iterator[str]:
    if small:
        yield f"<div class=column>{''.join(small)}</div>"


def _picture(button: ET.Element) -> str:
    name = button.attrib["image"]
    return f'<img src="{name}.png">'


def draw(target: Path, scale: float = 1) -> None:
    """The picture of the tab as it is built into a master."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / "ribbon.html"
        ribbon = ribbon_xml()
        for name, data in pictures(ribbon).items():
            (folder / f"{name}.png").write_bytes(data)
        file.write_text(page(ET.fromstring(ribbon)), encoding="utf-8")  # noqa: S314 - our own
        subprocess.run(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--hide-scrollbars",
                f"--force-device-scale-factor={scale}",
                "--window-size=1500,110",
                f"--screenshot={target.absolute()}",
                file.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    draw(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 1)
