"""The layouts of CSV that there are, by the name that they are asked for with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from scrip.domain.finance.formats import netsuite, quickbooks, xero
from scrip.domain.finance.formats.layout import JournalLayout

LayoutName = Literal["quickbooks", "xero", "netsuite"]
"""The program that a file is for."""
LAYOUTS: Final[Mapping[LayoutName, JournalLayout]] = {
    "quickbooks": quickbooks.LAYOUT,
    "xero": xero.LAYOUT,
    "netsuite": netsuite.LAYOUT,
}
"""Each by its name."""
