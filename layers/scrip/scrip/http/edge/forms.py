"""Forms of what answers hold: each is a type, and in JSON Schema's keywords what else is true of it.

Owns no form of a request (``bodies`` does). Modules import it for types alone, under ``TYPE_CHECKING``: nothing that is
deployed runs it. ``make openapi`` does.
"""

from __future__ import annotations

from typing import Annotated, Final

from scrip.domain.credits.calendar import DURATION_PATTERN
from scrip.domain.credits.ids import PATTERNS
from scrip.domain.events.lots import NOTICE_PATTERN
from scrip.domain.finance.periods import MONTH_PATTERN
from scrip.http.edge.parameters import DATE_PATTERN, ID_PATTERN

_DECIMAL: Final = r"(0|[1-9][0-9]{0,27})(\.[0-9]{0,8}[1-9])?"
_NEGATIVE: Final = r"-(0\.[0-9]{0,8}[1-9]|[1-9][0-9]{0,27}(\.[0-9]{0,8}[1-9])?)"
_MANY_DECIMALS: Final = r"^(0|[1-9][0-9]{0,27})(\.[0-9]{0,17}[1-9])?$"

Credits = Annotated[str, {"pattern": f"^{_DECIMAL}$"}]
"""Canonical: no zeros at the end, no sign."""
SignedCredits = Annotated[str, {"pattern": f"^({_DECIMAL}|{_NEGATIVE})$"}]
"""As ``Credits``, with a minus where it is below zero."""
UnroundedCredits = Annotated[str, {"pattern": _MANY_DECIMALS}]
"""Credits, perhaps with more decimals than their unit has."""
Quantity = Annotated[str, {"pattern": _MANY_DECIMALS}]
"""How much of a meter."""
Name = Annotated[str, {"pattern": ID_PATTERN}]
"""An id of the caller's own."""
EntryId = Annotated[str, {"pattern": r"^[A-Za-z0-9._~-]+$"}]
"""An entry of before ids carried the wallet has a shorter one than ``ids.PATTERNS`` says."""
LotId = Annotated[str, {"pattern": PATTERNS["lot"]}]
NoticeId = Annotated[str, {"pattern": NOTICE_PATTERN}]
Span = Annotated[str, {"pattern": DURATION_PATTERN, "format": "duration"}]
"""How long, ISO 8601."""
HoldId = Annotated[str, {"pattern": PATTERNS["hold"]}]
At = Annotated[
    str,
    {
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
        "format": "date-time",
    },
]
"""An instant, as ``parameters.format_instant`` writes it."""
Date = Annotated[str, {"pattern": DATE_PATTERN}]
Month = Annotated[str, {"pattern": MONTH_PATTERN}]
Hash = Annotated[str, {"pattern": r"^[0-9a-f]{64}$"}]
TermsVersion = Annotated[str, {"pattern": r"^[0-9a-f]{16}$"}]
Currency = Annotated[str, {"pattern": r"^[A-Z]{3}$"}]
Count = Annotated[int, {"minimum": 0}]
Ordinal = Annotated[int, {"minimum": 1}]
"""A number that is counted from one: a place, a version."""
LotPriority = Annotated[int, {"minimum": 0, "maximum": 100}]
Precision = Annotated[int, {"minimum": 0, "maximum": 9}]
PackCount = Annotated[int, {"minimum": 1, "maximum": 1000}]
