"""The ribbon: macros/customUI14.xml without the buttons whose verb does not exist."""

from __future__ import annotations

from xl_addin.system import resources
from xl_addin.xlsx.package import Part
from xl_addin.xlsx.parts import add_relationship, put_part, relationships_of

PART = "customUI/customUI14.xml"
# The relationship type goes with the namespace: 2007 with 2009/07. The older pair would hide
# nothing from Excel 2010 on, but openpyxl and others drop this one, so it is looked for at each write.
RELATION = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
SHEET_BUTTON = "sheet_"


def ribbon_xml() -> bytes:
    """The XML of the ribbon as it goes into a master."""
    from xml.etree import ElementTree as ET

    from xl_addin.model.commands import BUTTONS

    ET.register_namespace("", NAMESPACE)
    root = ET.fromstring(resources.macro_path(resources.RIBBON).read_bytes())  # noqa: S314 - our own file
    for group in root.findall(f".//{{{NAMESPACE}}}group"):
        for button in list(group):
            name = button.attrib["id"]
            if name not in BUTTONS and not name.startswith(SHEET_BUTTON):
                group.remove(button)
    ET.indent(root)
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return head + ET.tostring(root, encoding="unicode").encode() + b"\n"


def install_ribbon(parts: dict[str, Part]) -> None:
    """Put the ribbon into a package, in the place of the one that is there."""
    name = next((r.target for r in relationships_of(parts) if r.type == RELATION), PART)
    name = next((part for part in parts if part.lower() == name.lower()), PART)
    put_part(parts, name, ribbon_xml())
    add_relationship(parts, "", RELATION, name)
