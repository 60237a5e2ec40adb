"""What can be said of a formula's text without computing it: for ``tests.tools.lint``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass

from pyopenvba.formula import FormulaError, parse
from pyopenvba.formula._arity import takes
from pyopenvba.formula._parse import Call, NameNode

MAX_LENGTH = 8192
MAX_DEPTH = 64

# In Excel 2010 and in LibreOffice 7.4 alike, spelt the same in the file.
_PLAIN = """
ABS ACCRINT ACOS ACOSH ADDRESS AND AREAS ASIN ASINH ATAN ATAN2 ATANH AVEDEV AVERAGE AVERAGEA
AVERAGEIF AVERAGEIFS CEILING CELL CHAR CHOOSE CLEAN CODE COLUMN COLUMNS COMBIN CONCATENATE CORREL
COS COSH COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS COVAR DATE DATEDIF DATEVALUE DAVERAGE DAY DAYS360
DCOUNT DCOUNTA DEGREES DEVSQ DGET DMAX DMIN DOLLAR DPRODUCT DSTDEV DSUM DVAR EDATE EOMONTH
ERROR.TYPE EVEN EXACT EXP FACT FALSE FIND FINDB FIXED FLOOR FORECAST FREQUENCY FV GCD GEOMEAN
GROWTH HARMEAN HLOOKUP HOUR HYPERLINK IF IFERROR INDEX INDIRECT INT INTERCEPT IRR ISBLANK ISERR
ISERROR ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER ISODD ISREF ISTEXT KURT LARGE LCM LEFT LEFTB LEN
LENB LINEST LN LOG LOG10 LOOKUP LOWER MATCH MAX MAXA MDETERM MEDIAN MID MIDB MIN MINA MINUTE
MINVERSE MMULT MOD MODE MONTH MROUND N NA NETWORKDAYS NOT NOW NPV ODD OFFSET OR PEARSON PERCENTILE
PERCENTRANK PERMUT PI PMT POWER PRODUCT PROPER QUARTILE QUOTIENT RADIANS RAND RANDBETWEEN RANK RATE
REPLACE REPLACEB REPT RIGHT RIGHTB ROMAN ROUND ROUNDDOWN ROUNDUP ROW ROWS RSQ SEARCH SEARCHB SECOND
SIGN SIN SINH SKEW SLOPE SMALL SQRT STANDARDIZE STDEV STDEVA STDEVP STDEVPA STEYX SUBSTITUTE
SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SUMSQ SUMX2MY2 SUMX2PY2 SUMXMY2 T TAN TANH TEXT TIME TIMEVALUE
TODAY TRANSPOSE TREND TRIM TRIMMEAN TRUE TRUNC TYPE UPPER VALUE VAR VARA VARP VARPA VLOOKUP WEEKDAY
WEEKNUM WORKDAY YEAR YEARFRAC
"""
# New in Excel 2010: in the file they must carry _xlfn., or Excel shows #NAME?.
_PREFIXED = """
AGGREGATE COVARIANCE.P COVARIANCE.S MODE.MULT MODE.SNGL PERCENTILE.EXC PERCENTILE.INC
PERCENTRANK.EXC PERCENTRANK.INC QUARTILE.EXC QUARTILE.INC RANK.AVG RANK.EQ STDEV.P STDEV.S VAR.P
VAR.S
"""
ALLOWED = frozenset(_PLAIN.split()) | {f"_XLFN.{name}" for name in _PREFIXED.split()}

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_QUOTED_SHEET = re.compile(r"'((?:[^']|'')+)'!")
_PLAIN_SHEET = re.compile(r"([^\s!'\"(),;:+\-*/^&=<>{}\[\]$%#][^\s!'\"(),;+\-*/^&=<>{}\[\]$%#]*)!")
_FUNCTION = re.compile(r"([A-Za-z_][\w.]*)\s*\(")
_EXTERNAL = re.compile(r"\[\d+\]|\[[^\]]+\.xl\w+\]", re.IGNORECASE)
_FULL_WIDTH = re.compile("[，；：（）“”‘’！＝＋－＊／＜＞]")
_PAIRS = {")": "(", "}": "{", "]": "["}


def faults(
    formula: str, sheet_names: Collection[str], names: Collection[str] | None = None
) -> list[str]:
    """Everything that is wrong with a formula as it stands in a file, one "code: text" each.

    ``sheet_names`` and ``names`` (defined names and tables) are the workbook's own, in lower case;
    without ``names`` any name will do.
    """
    found = [*_text_faults(formula), *_part_faults(formula, sheet_names)]
    # What cannot be taken apart was told above in plainer words, unless nothing was.
    # The first sheet of a span of sheets is taken apart as a name.
    known = None if names is None else {*names, *sheet_names}
    return found or list(_tree_faults(formula, known))


def _text_faults(formula: str) -> Iterator[str]:
    if len(formula) > MAX_LENGTH:
        yield f"formula-length: {len(formula)} characters, at most {MAX_LENGTH}"
    if formula.startswith("="):
        yield "formula-equals: begins with '='"
    if not formula.strip():
        yield "formula-empty: has no text"
    if "#REF!" in formula:
        yield "formula-ref: contains #REF!"


def _part_faults(formula: str, sheet_names: Collection[str]) -> Iterator[str]:
    bare = _TEXT.sub('""', formula)
    if _EXTERNAL.search(bare):
        yield "external-link: refers to another workbook"
    yield from _unknown_sheets(bare, sheet_names)
    bare = _QUOTED_SHEET.sub("", bare)
    yield from _balance_faults(bare.replace('""', ""))
    for name in {match.upper() for match in _FUNCTION.findall(bare)} - ALLOWED:
        yield f"formula-function: {name} is not in Excel 2010 and LibreOffice 7.4 alike"


def _tree_faults(formula: str, names: Collection[str] | None) -> Iterator[str]:
    try:
        tree = parse(formula)
    except FormulaError as error:
        yield f"formula-syntax: {error}"
        return
    for node in _nodes(tree):
        if isinstance(node, Call):
            name = node.name.upper().removeprefix("_XLFN.")
            if not takes(name, len(node.args)):
                yield f"formula-arguments: {name} does not take {len(node.args)}"
        elif isinstance(node, NameNode) and not _is_known(node.name.lower(), names):
            yield f"formula-name: there is no name {node.name!r}"


def _is_known(name: str, names: Collection[str] | None) -> bool:
    return names is None or name in names or name in ("true", "false")


def _nodes(node: object) -> Iterator[object]:
    if isinstance(node, list):
        for each in node:
            yield from _nodes(each)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from _nodes(getattr(node, field.name))


def _unknown_sheets(bare: str, sheet_names: Collection[str]) -> Iterator[str]:
    quoted = [name.replace("''", "'") for name in _QUOTED_SHEET.findall(bare)]
    plain = _PLAIN_SHEET.findall(_QUOTED_SHEET.sub("", bare).replace("#REF!", ""))
    for name in (part for span in [*quoted, *plain] for part in span.split(":")):
        if name.lower() not in sheet_names:
            yield f"formula-sheet: there is no sheet {name!r}"


def _balance_faults(bare: str) -> Iterator[str]:
    """Faults of brackets, quotes and separators; ``bare`` has neither texts nor quoted sheets."""
    if '"' in bare or "'" in bare:
        yield "formula-quote: a quote is not closed"
        return
    if _FULL_WIDTH.search(bare):
        yield "formula-full-width: full-width punctuation outside a text"
    opened: list[str] = []
    for sign in bare:
        if sign in _PAIRS.values():
            opened.append(sign)
        elif sign in _PAIRS and (not opened or opened.pop() != _PAIRS[sign]):
            yield f"formula-bracket: {sign!r} closes nothing"
            return
        elif sign == ";" and "{" not in opened:
            yield "formula-separator: ';' outside an array"
        if len(opened) > MAX_DEPTH:
            yield f"formula-depth: nested deeper than {MAX_DEPTH}"
            return
    if opened:
        yield f"formula-bracket: {opened[-1]!r} is not closed"
