"""The ribbon: macros/customUI14.xml without the buttons whose verb does not exist, and its pictures."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from xl_addin.system import held, resources
from xl_addin.xlsx.package import Part, relationships_part
from xl_addin.xlsx.parts import (
    EMPTY_RELATIONSHIPS,
    add_relationship,
    declare_extension,
    insert_last,
    put_part,
    relationships_of,
)

PART = "customUI/customUI14.xml"
# The relationship type goes with the namespace: 2007 with 2009/07. The older pair would hide
# nothing from Excel 2010 on, but openpyxl and others drop this one, so it is looked for at each write.
RELATION = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
WPS_NAMESPACE = "http://schemas.microsoft.com/office/2006/01/customui"
IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
SHEET_BUTTON = "sheet_"
_FOLDER = "images"
_XML_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# One picture a button; Excel draws it in 16, 20, 24 or 32 pixels, a large button's in twice as many, by the
# screen's scaling. What is made smaller stays sharp, what is made larger does not.
_PIXELS = {"large": 64, "normal": 32}


def ribbon_xml() -> bytes:
    """The XML of the ribbon as it goes into a master."""
    from xml.etree import ElementTree as ET

    from xl_addin.model.commands import BUTTONS

    ET.register_namespace("", NAMESPACE)
    root = ET.fromstring(held.read_bytes(resources.macro_path(resources.RIBBON)))  # noqa: S314 - our own file
    for group in root.findall(f".//{{{NAMESPACE}}}group"):
        for button in list(group):
            name = button.attrib["id"]
            if name not in BUTTONS and not name.startswith(SHEET_BUTTON):
                group.remove(button)
            else:
                button.set("image", name)
    ET.indent(root)
    return _XML_HEAD + ET.tostring(root, encoding="unicode").encode() + b"\n"


def wps_ribbon() -> bytes:
    """The same ribbon as WPS takes it: the older namespace, pictures told by a callback, callbacks of its page."""
    from xml.etree import ElementTree as ET

    root = ET.fromstring(ribbon_xml())  # noqa: S314 - our own
    for element in root.iter():
        element.tag = element.tag.replace(NAMESPACE, WPS_NAMESPACE)
        element.attrib.pop("insertAfterMso", None)  # tabs of WPS have names of their own
        if element.tag.endswith("}button"):
            del element.attrib["image"]
            element.attrib.pop("tag", None)  # the page knows it
            element.attrib |= {"onAction": "OnAction", "getImage": "GetImage"}
    root.set("onLoad", "OnAddinLoad")
    ET.register_namespace("", WPS_NAMESPACE)
    return _XML_HEAD + ET.tostring(root, encoding="unicode").encode() + b"\n"


def pictures(ribbon: bytes) -> dict[str, bytes]:
    """The picture of each button of a ribbon, by its id, as PNG."""
    from xml.etree import ElementTree as ET

    buttons = ET.fromstring(ribbon).iter(f"{{{NAMESPACE}}}button")  # noqa: S314 - our own
    return {
        (name := button.attrib["id"]): held.read_bytes(
            resources.macro_path(f"icons/{name}-{_PIXELS[button.get('size', 'normal')]}.png")
        )
        for button in buttons
    }


def install_ribbon(parts: dict[str, Part]) -> None:
    """Put the ribbon into a package, in the place of the one that is there."""
    name = next((r.target for r in relationships_of(parts) if r.type == RELATION), PART)
    name = next((part for part in parts if part.lower() == name.lower()), PART)
    ribbon = ribbon_xml()
    put_part(parts, name, ribbon)
    add_relationship(parts, "", RELATION, name)
    _put_pictures(parts, name, pictures(ribbon))


def _put_pictures(parts: dict[str, Part], ribbon: str, drawn: Mapping[str, bytes]) -> None:
    """The pictures beside the ribbon, each under the relationship that its button names."""
    links, folder = relationships_part(ribbon)
    for part in [each for each in parts if each.startswith(f"{folder}{_FOLDER}/")]:
        if posixpath.basename(part).removesuffix(".png") not in drawn:
            del parts[part]
    said = EMPTY_RELATIONSHIPS
    for name, data in drawn.items():
        put_part(parts, f"{folder}{_FOLDER}/{name}.png", data)
        line = f'<Relationship Id="{name}" Type="{IMAGE}" Target="{_FOLDER}/{name}.png"/>'
        said = insert_last(said, "Relationships", line)
    put_part(parts, links, said.encode())
    declare_extension(parts, "png", "image/png")
