"""The answer that reports a reconciliation, as a model (see ``answers``)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from openapi.answers import Answer, At, Count, Currency
from scrip.http.edge.parameters import DATE_PATTERN


class Finding(Answer):
    """Something that is not the same on both sides. Amounts are minor units of the payment's currency."""

    payment_id: str
    """The payment, as the provider names it."""
    about: str
    """The payment, one of its refunds or disputes (`refund:re_1`), or `position`: what is posted for it."""
    reasons: list[str]
    """What differs, or why."""
    theirs: Count | None
    """The amount at the provider; null where it is not there, or none is known."""
    ours: Count | None
    """The amount here; null in the same cases."""
    currency: Currency | None
    """ISO 4217."""
    topup_id: str | None
    """The order, where it is known."""
    account: str | None
    """Whose it is, where that is known."""


class Findings(Answer):
    """Findings of one kind."""

    count: Count
    """How many there are."""
    items: Annotated[list[Finding], Field(max_length=100)]
    """The first 100 of them."""


class LastPass(Answer):
    """The last comparison with this provider, over several days."""

    begun_at: At | None
    """When it began."""
    ended_at: At | None
    """When it ended; null: it goes on."""
    error: str | None
    """Why its last run could not go on; the next one tries again."""


class Reconciliation(Answer):
    """What a provider lists for one day (UTC) against what is here."""

    provider: str
    """The payment provider."""
    date: Annotated[str, Field(pattern=DATE_PATTERN)]
    """The day on which payments, refunds and disputes were made there."""
    checked_at: At | None
    """When both sides were last compared; null: what was missed has been passed on, and no more yet."""
    listed: Count
    """Payments, refunds and disputes that the provider lists, failed attempts included."""
    findings: Count
    """How much there is to look at: all but what was missed."""
    missed: Findings
    """What no webhook had told. It was applied as if one had."""
    paid_without_grant: Findings
    """Paid at the provider, and nothing granted here."""
    grant_without_payment: Findings
    """Granted here for a payment that the provider does not have, or does not call paid."""
    amounts_differ: Findings
    """Granted, but a total, a refund or a dispute is not the same there, or is not posted."""
    last_pass: LastPass
    """How the last comparison stands."""
