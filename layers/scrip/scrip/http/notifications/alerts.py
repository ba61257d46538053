"""Alerts, as a unit's policy has them and as an account has its own: the bodies and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from scrip.domain.credits.amounts import AMOUNT_PATTERN, parse_amount
from scrip.domain.credits.calendar import check_duration
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Threshold, Unit
from scrip.domain.events import alerts
from scrip.domain.events.alerts import OwnAlerts
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import LONGER_THAN_NOTHING, Body
from scrip.http.edge.mistakes import matching, no_number
from scrip.services.notifications.alerts import KnownAlerts

if TYPE_CHECKING:
    from scrip.http.edge.forms import Name

THRESHOLD_PATTERN: Final = AMOUNT_PATTERN + r"|^(0|[1-9][0-9]?)(\.[0-9]{1,4})?%$"
THRESHOLD_FORM: Final = "must be an amount such as 100, or a percentage below 100% such as 20%"
MORE_THAN_NOTHING: Final = r"^(?!0(\.0+)?%?$)(?:" + THRESHOLD_PATTERN + ")"
LONGEST_DAYS: Final = 365
NO_THRESHOLD: Final = "must be more than zero: that nothing is left is told always, as scrip.balance.depleted"
TOO_LONG: Final = "must be at most 366 days, or P1Y"
TOO_SHORT: Final = "must be at least PT1M: notices are looked for once a minute"
ONCE: Final = "name each one once"
NOTICE_NEEDED: Final = "name at least one of expiry_notices: without one nothing can be delivered"


def _notice(text: str) -> str:
    check_duration(text)
    try:
        long = alerts.notice_ms(text) > alerts.LONGEST_NOTICE_MS
    except InvalidRequest:
        long = True
    if long:
        raise ValueError(TOO_LONG)
    if alerts.notice_ms(text) < alerts.SHORTEST_NOTICE_MS:
        raise ValueError(TOO_SHORT)
    return text


LowBalance = Annotated[
    str,
    matching(THRESHOLD_PATTERN, THRESHOLD_FORM),
    BeforeValidator(no_number),
    Field(json_schema_extra={"pattern": MORE_THAN_NOTHING}),
]
"""An amount, or a percentage. Zero is refused later, by its index."""
Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
Notice = Annotated[
    str,
    AfterValidator(_notice),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]
LowBalances = Annotated[list[LowBalance], Field(max_length=alerts.MOST)]
RunOutDays = Annotated[list[Days], Field(max_length=alerts.MOST)]
ExpiryNotices = Annotated[list[Notice], Field(max_length=alerts.MOST)]


def thresholds(said: Sequence[str], precision: int, field: str) -> tuple[Threshold, ...]:
    """Returns thresholds of low balances in their order, amounts in steps of a unit of this precision.

    Raises:
        InvalidRequest: one is zero, or comes twice; ``field`` names it, with its index.
        PrecisionExceeded, AmountOutOfRange: an amount is not one of the unit.
    """
    found: list[Threshold] = []
    for number, text in enumerate(said):
        name = f"{field}.{number}"
        threshold = _share(text) if text.endswith("%") else parse_amount(text, precision, name, zero=True)
        if threshold in (0, "0%"):
            raise InvalidRequest([(name, NO_THRESHOLD)])
        if threshold in found:
            raise InvalidRequest([(name, ONCE)])
        found.append(threshold)
    return alerts.in_order(found)


def days(said: Sequence[int], field: str) -> tuple[int, ...]:
    """Returns numbers of days, largest first. Raises ``InvalidRequest`` where one comes twice."""
    for number, one in enumerate(said):
        if one in said[:number]:
            raise InvalidRequest([(f"{field}.{number}", ONCE)])
    return tuple(sorted(said, reverse=True))


def notices(said: Sequence[str], field: str) -> tuple[str, ...]:
    """Returns notices, longest first. Raises ``InvalidRequest`` where one is as long as another."""
    lengths: list[int] = []
    for number, one in enumerate(said):
        length = alerts.notice_ms(one)
        if length in lengths:
            raise InvalidRequest([(f"{field}.{number}", ONCE)])
        lengths.append(length)
    return tuple(sorted(said, key=alerts.notice_ms, reverse=True))


def shown(low_balance: Sequence[Threshold], precision: int) -> list[str]:
    """Shows thresholds, amounts as decimals."""
    return [shown_threshold(one, precision) for one in low_balance]


def shown_threshold(threshold: Threshold, precision: int) -> str:
    """Shows a threshold: an amount as a decimal, or a percentage."""
    return format_amount(threshold, precision) if isinstance(threshold, int) else threshold


def _share(text: str) -> str:
    """Returns a percentage without zeros at its end: ``20%``, never ``20.0%``."""
    number = text.rstrip("%")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number}%"


class AlertsBody(Body):
    """An account's own alerts in a unit: what is left out, or null, is the unit's."""

    low_balance: LowBalances | None = None
    """Available amounts, or percentages of what was available after the last credits came, at which
    `scrip.balance.low` is told; each once."""
    run_out_days: RunOutDays | None = None
    """How many days before credits are forecast to run out `scrip.balance.run_out_soon` is told; each once."""
    expiry_notices: ExpiryNotices | None = None
    """How long before a lot ends `scrip.lot.expiring` is told, ISO 8601; each length once."""
    expiry_requires_notice: bool | None = None
    """Whether a paid lot ends only if its last notice was delivered in time."""

    def definition(self, unit: Unit) -> OwnAlerts:
        """Returns the alerts of an account in this unit.

        Raises:
            InvalidRequest, PrecisionExceeded, AmountOutOfRange: as ``thresholds``, ``days`` and ``notices``; or a
                notice is required, and there is none.
        """
        said: dict[str, Any] = {"expiry_requires_notice": self.expiry_requires_notice}
        if self.low_balance is not None:
            said["low_balance"] = thresholds(self.low_balance, unit.precision, "low_balance")
        if self.run_out_days is not None:
            said["run_out_days"] = days(self.run_out_days, "run_out_days")
        if self.expiry_notices is not None:
            said["expiry_notices"] = notices(self.expiry_notices, "expiry_notices")
        own = OwnAlerts(**said)
        here = unit.policy.expiry_notices if own.expiry_notices is None else own.expiry_notices
        if own.expiry_requires_notice and not here:
            raise InvalidRequest([("expiry_requires_notice", NOTICE_NEEDED)])
        return own


class CountingAlertsView(TypedDict):
    """The alerts that count for an account: its own, and for the rest its unit's."""

    low_balance: list[str]
    """Available amounts, largest first, then percentages of what was available after the last credits came."""
    run_out_days: list[int]
    """How many days before credits are forecast to run out."""
    expiry_notices: list[str]
    """How long before a lot ends, ISO 8601, longest first."""
    expiry_requires_notice: bool
    """Whether a paid lot ends only if its last notice was delivered in time."""


class AlertsView(TypedDict):
    """An account's own alerts in a unit. What is null is the unit's."""

    unit: Name
    """What its credits are counted in."""
    low_balance: list[str] | None
    """Available amounts, largest first, then percentages of what was available after the last credits came."""
    run_out_days: list[int] | None
    """How many days before credits are forecast to run out."""
    expiry_notices: list[str] | None
    """How long before a lot ends, ISO 8601, longest first."""
    expiry_requires_notice: bool | None
    """Whether a paid lot ends only if its last notice was delivered in time."""
    counting: CountingAlertsView
    """The alerts that count: these, and for the rest the unit's."""


def alerts_view(known: KnownAlerts) -> AlertsView:
    """Shows an account's own alerts, and those that count."""
    own, counting, precision = known.own, known.counting, known.unit.precision
    return {
        "unit": known.unit.unit,
        "low_balance": None if own.low_balance is None else shown(own.low_balance, precision),
        "run_out_days": None if own.run_out_days is None else list(own.run_out_days),
        "expiry_notices": None if own.expiry_notices is None else list(own.expiry_notices),
        "expiry_requires_notice": own.expiry_requires_notice,
        "counting": {
            "low_balance": shown(counting.low_balance, precision),
            "run_out_days": list(counting.run_out_days),
            "expiry_notices": list(counting.expiry_notices),
            "expiry_requires_notice": counting.expiry_requires_notice,
        },
    }
