"""Numbers and dates of a workbook as the text that an export to CSV would hold."""

from __future__ import annotations

import math
import re
from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache

from openpyxl.utils.datetime import from_excel

SIGNIFICANT_DIGITS = 15
"""All that a spreadsheet keeps of a number; what a file holds beyond them is noise of binary fractions."""

DECIMALS_SHOWN_MAX = 2

_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PLAIN = re.compile(r"0|[1-9][0-9]{0,14}")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MIDNIGHT = re.compile(r"T00:00:00(?:\.0+)?Z?\Z")


@lru_cache(maxsize=1 << 15)
def number_text(raw: str, decimals: int) -> str:
    """``71.59999999999999`` → ``71.6``, with ``decimals`` 2 ``71.60``.

    Never fewer digits than the number has, and no more zeros than a cell of that format shows (at most two).
    A number of sixteen digits or more has lost some of them: it is shown as a spreadsheet does, as 6.22E+18.
    What is no number stays as it is.
    """
    if _PLAIN.fullmatch(raw) and not decimals:
        return raw
    value = float(raw) if _NUMBER.fullmatch(raw) else math.nan
    if not math.isfinite(value):
        return raw
    if abs(value) >= 10**SIGNIFICANT_DIGITS:
        mantissa, _, exponent = f"{value:.5E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    text = format(Decimal(format(value, f".{SIGNIFICANT_DIGITS}g")), "f")
    whole, _, fraction = ("0" if text == "-0" else text).partition(".")
    fraction = fraction.ljust(min(decimals, DECIMALS_SHOWN_MAX), "0")
    return f"{whole}.{fraction}" if fraction else whole


@lru_cache(maxsize=1 << 14)
def date_text(raw: str, epoch: datetime) -> str:
    """The day count of a date cell → ``2009-10-22``, or ``2009-10-22 13:30:00`` where it holds a time of day.

    What is not a day of the calendar stays the number that it is.
    """
    try:
        value = from_excel(float(raw), epoch)
    except (ValueError, OverflowError):
        return number_text(raw, 0)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "seconds")
    return str(value)


def iso_date_text(raw: str) -> str:
    """The same for a cell that holds its date as text: ``2009-10-22T00:00:00`` → ``2009-10-22``."""
    return _MIDNIGHT.sub("", raw).replace("T", " ", 1)


def unescaped(text: str) -> str:
    """``_x000D_`` → the character that it stands for (ECMA-376, ST_Xstring)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
