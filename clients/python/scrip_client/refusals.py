"""Refusals, each with its facts. Written by ``make openapi`` from docs/openapi.json."""

from __future__ import annotations

from typing import Any, Final, Literal

from scrip_client import models
from scrip_client.bases import Instant
from scrip_client.errors import Refused

__all__ = [
    "AlreadyReversed",
    "AmountOutOfRange",
    "BodyTooLarge",
    "BudgetExceeded",
    "ClockBackwards",
    "Contended",
    "Forbidden",
    "HoldNotOpen",
    "IdempotencyKeyMissing",
    "IdempotencyKeyReused",
    "InsufficientCredits",
    "InvalidRequest",
    "InvoiceVoid",
    "LotNotOpen",
    "NotComplete",
    "NotFound",
    "OffsetGap",
    "PeriodNotOver",
    "PolicyViolation",
    "PrecisionExceeded",
    "PromotionAlreadyClaimed",
    "PromotionExhausted",
    "QuoteExpired",
    "QuoteMismatch",
    "TermsChanged",
    "Throttled",
    "TopupNotOpen",
    "Unauthenticated",
    "Unavailable",
    "UnsupportedMediaType",
    "WalletClosed",
    "WalletFrozen",
]


class Unauthenticated(Refused):
    """The caller is not known (`unauthenticated`)."""

    problem: models.UnauthenticatedProblem


class Forbidden(Refused):
    """The key does not allow this (`forbidden`)."""

    problem: models.ForbiddenProblem

    @property
    def scope(self) -> str | None:
        """The scope that the key would need."""
        return self.problem.scope


class BodyTooLarge(Refused):
    """The body is too large (`body_too_large`)."""

    problem: models.BodyTooLargeProblem

    @property
    def limit(self) -> int:
        """The most bytes that it may have."""
        return self.problem.limit


class UnsupportedMediaType(Refused):
    """The body's content type is not one that is taken here (`unsupported_media_type`)."""

    problem: models.UnsupportedMediaTypeProblem


class InvalidRequest(Refused):
    """The request is not valid (`invalid_request`)."""

    problem: models.InvalidRequestProblem

    @property
    def errors(self) -> list[models.Mistake]:
        """Each mistake that was found, twenty at the most."""
        return self.problem.errors


class IdempotencyKeyMissing(Refused):
    """The Idempotency-Key header is missing (`idempotency_key_missing`)."""

    problem: models.IdempotencyKeyMissingProblem


class NotFound(Refused):
    """There is no such thing (`not_found`)."""

    problem: models.NotFoundProblem

    @property
    def unit(self) -> str | None:
        """The id that names no unit."""
        return self.problem.unit

    @property
    def pack(self) -> str | None:
        """The id that names no pack."""
        return self.problem.pack

    @property
    def meter(self) -> str | None:
        """The id that names no meter."""
        return self.problem.meter

    @property
    def promotion(self) -> str | None:
        """The id that names no promotion."""
        return self.problem.promotion

    @property
    def allowance(self) -> str | None:
        """The id that names no allowance."""
        return self.problem.allowance

    @property
    def budget(self) -> str | None:
        """The id that names no budget."""
        return self.problem.budget

    @property
    def entry_id(self) -> str | None:
        """The id that names no entry (or none of the kind that is needed)."""
        return self.problem.entry_id

    @property
    def lot_id(self) -> str | None:
        """The id that names no lot."""
        return self.problem.lot_id

    @property
    def hold_id(self) -> str | None:
        """The id that names no hold."""
        return self.problem.hold_id

    @property
    def topup_id(self) -> str | None:
        """The id that names no order."""
        return self.problem.topup_id

    @property
    def key_id(self) -> str | None:
        """The id that names no API key."""
        return self.problem.key_id

    @property
    def invoice_id(self) -> str | None:
        """The id that names no invoice."""
        return self.problem.invoice_id

    @property
    def endpoint_id(self) -> str | None:
        """The id that names no webhook endpoint."""
        return self.problem.endpoint_id

    @property
    def event_id(self) -> str | None:
        """The id that names no event that the endpoint hears of."""
        return self.problem.event_id

    @property
    def provider(self) -> str | None:
        """The id that names no payment provider."""
        return self.problem.provider

    @property
    def payment_id(self) -> str | None:
        """The id that names no payment."""
        return self.problem.payment_id

    @property
    def about(self) -> str | None:
        """The id that names no refund or dispute of the payment."""
        return self.problem.about

    @property
    def subscription_id(self) -> str | None:
        """The id that names no subscription of the account."""
        return self.problem.subscription_id

    @property
    def period(self) -> str | None:
        """The month of the books."""
        return self.problem.period

    @property
    def export_id(self) -> str | None:
        """The export."""
        return self.problem.export_id


class PrecisionExceeded(Refused):
    """The amount has more decimals than its unit (`precision_exceeded`)."""

    problem: models.PrecisionExceededProblem

    @property
    def field(self) -> str:
        """Where the amount is."""
        return self.problem.field

    @property
    def precision(self) -> int:
        """The decimals that the unit has."""
        return self.problem.precision


class AmountOutOfRange(Refused):
    """The amount is out of range (`amount_out_of_range`)."""

    problem: models.AmountOutOfRangeProblem

    @property
    def field(self) -> str | None:
        """Where the amount is; not there where the wallet's total would be too large."""
        return self.problem.field

    @property
    def largest(self) -> str:
        """The most it may be."""
        return self.problem.largest

    @property
    def unit(self) -> str | None:
        """The unit that the amounts are in."""
        return self.problem.unit

    @property
    def account(self) -> str | None:
        """Whose wallet it is, where two take part."""
        return self.problem.account


class IdempotencyKeyReused(Refused):
    """The Idempotency-Key was used for another request (`idempotency_key_reused`)."""

    problem: models.IdempotencyKeyReusedProblem

    @property
    def entry_id(self) -> str | None:
        """The entry that the key made."""
        return self.problem.entry_id

    @property
    def kind(self) -> str | None:
        """The kind of that entry."""
        return self.problem.kind

    @property
    def topup_id(self) -> str | None:
        """The order that the key made."""
        return self.problem.topup_id


class ClockBackwards(Refused):
    """The wallet's time does not run backwards (`clock_backwards`)."""

    problem: models.ClockBackwardsProblem

    @property
    def last_entry_at(self) -> Instant:
        """The instant of the wallet's last entry."""
        return self.problem.last_entry_at

    @property
    def account(self) -> str | None:
        """Whose wallet it is, where two take part."""
        return self.problem.account


class WalletClosed(Refused):
    """The wallet is closed (`wallet_closed`)."""

    problem: models.WalletClosedProblem

    @property
    def account(self) -> str | None:
        """Whose wallet it is, where two take part."""
        return self.problem.account


class WalletFrozen(Refused):
    """The wallet is frozen (`wallet_frozen`)."""

    problem: models.WalletFrozenProblem

    @property
    def account(self) -> str | None:
        """Whose wallet it is, where two take part."""
        return self.problem.account


class HoldNotOpen(Refused):
    """The hold is not open (`hold_not_open`)."""

    problem: models.HoldNotOpenProblem

    @property
    def hold_status(self) -> Literal["captured", "released", "expired"]:
        """What became of it."""
        return self.problem.hold_status


class QuoteExpired(Refused):
    """The quote has expired (`quote_expired`)."""

    problem: models.QuoteExpiredProblem

    @property
    def expired_at(self) -> Instant:
        """Since when."""
        return self.problem.expired_at


class QuoteMismatch(Refused):
    """The quote is for another request (`quote_mismatch`)."""

    problem: models.QuoteMismatchProblem


class OffsetGap(Refused):
    """Offsets are missing in between (`offset_gap`)."""

    problem: models.OffsetGapProblem

    @property
    def next(self) -> int:
        """The offset that the stream goes on with."""
        return self.problem.next


class LotNotOpen(Refused):
    """Nothing is left of the lot (`lot_not_open`)."""

    problem: models.LotNotOpenProblem

    @property
    def lot_id(self) -> str:
        """The lot."""
        return self.problem.lot_id


class TermsChanged(Refused):
    """The terms are others by now (`terms_changed`)."""

    problem: models.TermsChangedProblem

    @property
    def terms_version(self) -> str:
        """The version of the terms that the order would have now."""
        return self.problem.terms_version


class TopupNotOpen(Refused):
    """The order is not open (`topup_not_open`)."""

    problem: models.TopupNotOpenProblem

    @property
    def topup_id(self) -> str:
        """The order."""
        return self.problem.topup_id

    @property
    def topup_status(
        self,
    ) -> Literal["paid", "refunded", "partially_refunded", "disputed", "expired", "cancelled"]:
        """What became of it."""
        return self.problem.topup_status


class InvoiceVoid(Refused):
    """The invoice is void (`invoice_void`)."""

    problem: models.InvoiceVoidProblem

    @property
    def voided_at(self) -> Instant:
        """When it became void."""
        return self.problem.voided_at


class PeriodNotOver(Refused):
    """The month is not over (`period_not_over`)."""

    problem: models.PeriodNotOverProblem

    @property
    def period(self) -> str:
        """The month."""
        return self.problem.period

    @property
    def closes_at(self) -> Instant:
        """From when on it can be closed."""
        return self.problem.closes_at


class NotComplete(Refused):
    """Something of the month is missing (`not_complete`)."""

    problem: models.NotCompleteProblem

    @property
    def period(self) -> str:
        """The month."""
        return self.problem.period

    @property
    def reasons(self) -> list[models.Missing]:
        """Why it cannot be closed yet."""
        return self.problem.reasons


class AlreadyReversed(Refused):
    """All of the burn was reversed (`already_reversed`)."""

    problem: models.AlreadyReversedProblem

    @property
    def entry_id(self) -> str:
        """The burn's entry."""
        return self.problem.entry_id


class PromotionExhausted(Refused):
    """The promotion has nothing left to give (`promotion_exhausted`)."""

    problem: models.PromotionExhaustedProblem


class PromotionAlreadyClaimed(Refused):
    """The promotion was claimed already (`promotion_already_claimed`)."""

    problem: models.PromotionAlreadyClaimedProblem


class BudgetExceeded(Refused):
    """That is more than a budget has left (`budget_exceeded`)."""

    problem: models.BudgetExceededProblem

    @property
    def budget_id(self) -> str:
        """The budget."""
        return self.problem.budget_id

    @property
    def limit(self) -> str:
        """What may be spent in a period."""
        return self.problem.limit

    @property
    def spent(self) -> str:
        """What was spent, or is held, in the present one."""
        return self.problem.spent

    @property
    def resets_at(self) -> Instant:
        """When the next period begins."""
        return self.problem.resets_at

    @property
    def member(self) -> str | None:
        """Whose budget it is; not there where it is the whole wallet's."""
        return self.problem.member

    @property
    def unit(self) -> str:
        """The unit that the amounts are in."""
        return self.problem.unit


class InsufficientCredits(Refused):
    """There are not enough credits (`insufficient_credits`)."""

    problem: models.InsufficientCreditsProblem

    @property
    def required(self) -> str:
        """The credits that were needed."""
        return self.problem.required

    @property
    def available(self) -> str:
        """The credits that could have been taken for this."""
        return self.problem.available

    @property
    def out_of_scope(self) -> str | None:
        """Credits that are there besides, but may not pay for this meter."""
        return self.problem.out_of_scope

    @property
    def withheld(self) -> str | None:
        """Promotional credits that are there besides, over the share that the unit's policy allows."""
        return self.problem.withheld

    @property
    def unit(self) -> str:
        """The unit that the amounts are in."""
        return self.problem.unit


class PolicyViolation(Refused):
    """A policy does not allow this (`policy_violation`)."""

    problem: models.PolicyViolationProblem

    @property
    def policy(self) -> str:
        """The rule or limit, by name, e.g. `max_lots_per_burn`."""
        return self.problem.policy

    @property
    def field(self) -> str | None:
        """Where it is in the body."""
        return self.problem.field

    @property
    def account(self) -> str | None:
        """Whose wallet it is, where two take part."""
        return self.problem.account

    @property
    def held(self) -> str | None:
        """Credits that the hold still holds (`over_capture`)."""
        return self.problem.held

    @property
    def total(self) -> str | None:
        """What is in the wallet (`zero_balance`)."""
        return self.problem.total

    @property
    def refunded(self) -> models.Money | None:
        """Money refunded of this source so far (`refund_total`)."""
        return self.problem.refunded

    @property
    def paid(self) -> models.Money | None:
        """Money paid for this source (`refund_total`)."""
        return self.problem.paid

    @property
    def unspent(self) -> str | None:
        """What is left of the payment's lot (`refund_unspent`)."""
        return self.problem.unspent

    @property
    def credits(self) -> str | None:
        """Credits that the refund would take (`refund_unspent`)."""
        return self.problem.credits

    @property
    def refundable(self) -> models.Money | None:
        """The most that can be refunded without force (`refund_unspent`)."""
        return self.problem.refundable

    @property
    def left(self) -> models.Money | None:
        """The most that is left of the payment (`refund_unspent`, `refund_left`)."""
        return self.problem.left

    @property
    def provider_status(self) -> int | None:
        """The status that the provider answered with (`refund_refused`)."""
        return self.problem.provider_status

    @property
    def provider_reason(self) -> str | None:
        """What the provider said (`refund_refused`)."""
        return self.problem.provider_reason

    @property
    def price(self) -> models.Money | None:
        """The money that the provider cannot charge or give back (`provider_amount`)."""
        return self.problem.price

    @property
    def payment(self) -> str | None:
        """The payment that the source is: provider and id (`refund_source`)."""
        return self.problem.payment

    @property
    def topup_id(self) -> str | None:
        """The order that the source is, or is a checkout session of (`refund_source`)."""
        return self.problem.topup_id

    @property
    def path(self) -> str | None:
        """Where to refund it instead (`refund_source`)."""
        return self.problem.path

    @property
    def earliest_at(self) -> Instant | None:
        """The earliest instant at which the version could begin (`rate_effective_at`)."""
        return self.problem.earliest_at

    @property
    def unit(self) -> str | None:
        """The unit that the amounts are in."""
        return self.problem.unit


class Contended(Refused):
    """Too many writers at once (`contended`)."""

    problem: models.ContendedProblem


class Throttled(Refused):
    """Too many requests (`throttled`)."""

    problem: models.ThrottledProblem

    @property
    def rate_limit(self) -> int | None:
        """Requests a second that the key may send."""
        return self.problem.rate_limit


class Unavailable(Refused):
    """Temporarily unavailable (`unavailable`)."""

    problem: models.UnavailableProblem


REFUSALS: Final[dict[str, type[Refused]]] = {
    "unauthenticated": Unauthenticated,
    "forbidden": Forbidden,
    "body_too_large": BodyTooLarge,
    "unsupported_media_type": UnsupportedMediaType,
    "invalid_request": InvalidRequest,
    "idempotency_key_missing": IdempotencyKeyMissing,
    "not_found": NotFound,
    "precision_exceeded": PrecisionExceeded,
    "amount_out_of_range": AmountOutOfRange,
    "idempotency_key_reused": IdempotencyKeyReused,
    "clock_backwards": ClockBackwards,
    "wallet_closed": WalletClosed,
    "wallet_frozen": WalletFrozen,
    "hold_not_open": HoldNotOpen,
    "quote_expired": QuoteExpired,
    "quote_mismatch": QuoteMismatch,
    "offset_gap": OffsetGap,
    "lot_not_open": LotNotOpen,
    "terms_changed": TermsChanged,
    "topup_not_open": TopupNotOpen,
    "invoice_void": InvoiceVoid,
    "period_not_over": PeriodNotOver,
    "not_complete": NotComplete,
    "already_reversed": AlreadyReversed,
    "promotion_exhausted": PromotionExhausted,
    "promotion_already_claimed": PromotionAlreadyClaimed,
    "budget_exceeded": BudgetExceeded,
    "insufficient_credits": InsufficientCredits,
    "policy_violation": PolicyViolation,
    "contended": Contended,
    "throttled": Throttled,
    "unavailable": Unavailable,
}
"""By `code`."""
