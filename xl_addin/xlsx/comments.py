"""What is written on a sheet beside its cells: notes, threads of comments, and text boxes.

ECMA-376 part 1, sections 18.7 and 20.5.2.38 (a shape's text), and [MS-XLSX] 2.6.203. Excel writes a
thread twice, the second time as a note for programs that know no threads: the thread counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from xml.etree.ElementTree import Element

from xl_addin.system.light import pattern
from xl_addin.xlsx import a1
from xl_addin.xlsx.a1 import Where
from xl_addin.xlsx.strings import text_of
from xl_addin.xlsx.xmlreader import local_name, namespace_of, read_branches, read_tree, whole_number

NOTES, THREADS = "comments", "threadedComment"
"""The last words of the types of relationships that lead to them."""
MAX_COMMENTS = 200
# What Excel says of a thread to programs that know none ends with this, whatever its language.
_ABOUT_THREADS = "linkid=870924"
_CAPTION = pattern(r"\A\s*[^\n:：]{1,20}[:：]\s*")
MAX_COMMENT_PART = 4 * 2**20


def read_notes(data: bytes) -> dict[Where, str]:
    """The notes of a comments part by cell, ``MAX_COMMENTS`` at most. Raises Unreadable."""
    root, items = read_branches(data, 2)
    space = namespace_of(root)
    authors: list[str] = []
    notes: dict[Where, str] = {}
    for _, item in items:
        if item.tag == f"{space}author":
            authors.append(item.text or "")
        elif item.tag == f"{space}comment" and (at := _place(item.get("ref", ""))):
            text = next((text_of(part, space) for part in item if part.tag == f"{space}text"), "")
            number = whole_number(item.get("authorId", ""), len(authors))
            author = authors[number] if number < len(authors) else ""
            notes[at] = _own_words(text, author)
            if len(notes) >= MAX_COMMENTS:
                break
    return notes


def read_threads(data: bytes) -> dict[Where, str]:
    """The threads of a part of theirs by cell, what was answered below. Raises Unreadable."""
    _, items = read_branches(data, 1)
    threads: dict[Where, str] = {}
    for at, text in islice(_said(items), 5 * MAX_COMMENTS):
        if at in threads or len(threads) < MAX_COMMENTS:
            threads[at] = f"{threads[at]}\n{text}" if at in threads else text
    return threads


def read_boxes(data: bytes) -> tuple[str, ...]:
    """The words of each shape of a drawings part that has some, ``MAX_COMMENTS`` at most. Raises Unreadable."""
    shapes = (part for part in read_tree(data).iter() if local_name(part.tag) == "txBody")
    texts = (
        "\n".join(
            "".join(run.text or "" for run in paragraph.iter() if local_name(run.tag) == "t")
            for paragraph in shape
            if local_name(paragraph.tag) == "p"
        ).strip()
        for shape in shapes
    )
    return tuple(islice(filter(None, texts), MAX_COMMENTS))


def _said(items: Iterator[tuple[Element, Element]]) -> Iterator[tuple[Where, str]]:
    for _, item in items:
        if local_name(item.tag) == "threadedComment" and (at := _place(item.get("ref", ""))):
            words = (part.text or "" for part in item if local_name(part.tag) == "text")
            yield at, "".join(words)


def _own_words(text: str, author: str) -> str:
    """A note without what Excel puts before it."""
    _, link, thread = text.partition(_ABOUT_THREADS)
    if link:
        return _CAPTION.sub("", thread).strip()
    return without_author(text, author)


def without_author(text: str, author: str) -> str:
    """A note without its author's name, which Excel puts in its first line."""
    name, colon, rest = text.partition(":")
    return rest.lstrip("\n") if colon and author and name.strip() == author.strip() else text


def _place(ref: str) -> Where | None:
    try:
        return a1.position(ref)
    except ValueError:
        return None
