"""Files that are parts of one: a saved web page with its folder, a workbook's parts lying unzipped.

Told by their paths alone; of each bundle one file stays, which says what it is when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable

from xl_addin.model.filetypes import OF_PAGES, PAGES

# What programs call the folder beside a page, in this and some other languages.
_PAGE_FOLDERS = (".files", "_files", ".fld", "_文件", "-dateien", "_fichiers", "_archivos")
# Of a package its list of contents stays, of an OpenDocument the part that its sheets are read from.
_OF_PACKAGES = ("_rels/", "docprops/", "xl/", "word/", "ppt/", "customxml/", "customui/")
_OF_ODF = (
    "meta-inf/",
    "thumbnails/",
    "configurations2/",
    "pictures/",
    "mimetype",
    "meta.xml",
    "settings.xml",
    "styles.xml",
    "manifest.rdf",
)
_BUNDLES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("[content_types].xml", ("_rels/.rels",), _OF_PACKAGES),
    ("content.xml", ("meta-inf/manifest.xml",), _OF_ODF),
)
_APPLE = "._"


def parts_of_others(paths: Iterable[str]) -> frozenset[str]:
    """Those of these paths that are parts of another of them, or what macOS keeps beside another."""
    plain = {path: path.replace("\\", "/").lower() for path in paths}
    there = frozenset(plain.values())
    pages = {path.rpartition(".")[0] for path in there if path.endswith(PAGES)}
    roots = {
        (path.removesuffix(leader), parts)
        for path in there
        for leader, beside, parts in _BUNDLES
        if f"/{path}".endswith(f"/{leader}")
        and all(path.removesuffix(leader) + other in there for other in beside)
    }
    return frozenset(
        path
        for path, lower in plain.items()
        if _is_of_page(lower, pages) or _is_of_root(lower, roots) or _is_apples(lower, there)
    )


def _is_of_page(path: str, pages: set[str]) -> bool:
    if not pages or f".{path.rpartition('.')[2]}" not in OF_PAGES:
        return False
    *folders, _ = path.split("/")
    above = ("/".join(folders[: depth + 1]) for depth in range(len(folders)))
    return any(
        folder.endswith(ending) and folder.removesuffix(ending) in pages
        for folder in above
        for ending in _PAGE_FOLDERS
    )


def _is_of_root(path: str, roots: set[tuple[str, tuple[str, ...]]]) -> bool:
    return any(path.startswith(root) and path[len(root) :].startswith(of) for root, of in roots)


def _is_apples(path: str, there: frozenset[str]) -> bool:
    folder, slash, leaf = path.rpartition("/")
    return leaf.startswith(_APPLE) and folder + slash + leaf.removeprefix(_APPLE) in there
