"""The errors that Scrip raises on purpose. A refusal is known by its class and its stable code, never by its text.

    ScripError
    ├── Refusal               the request is answered with a problem document; nothing changed
    │   ├── …                 a class for each code, below
    │   └── Unavailable
    │       └── CatchingUp    so much time has passed that it is booked in several requests
    └── Crowded               internal: what time has done must be committed first

The order of the classes below is the order of precedence: of several refusals that fit, the first is given.

A class says all that is said of its code: the status of the answer, the title, and, in its docstring, when it is given
and what to do. Its members are facts, which the problem document has beside its own members; a fact with a default is
not always there. The API document and the table of docs/errors.md are made from this module (``make openapi``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from scrip.domain.credits.steps import format_amount


class Steps(int):
    """Credit steps among the facts of a refusal."""


Credits = Steps | str
"""Credit steps, and from when the unit is known an amount of it."""
Instant = int
"""Epoch milliseconds; in the answer an RFC 3339 text. The name of such a fact ends in ``_at``."""
MoneyFact = Mapping[str, Any]
"""An amount in minor units and its currency."""
Mistake = Mapping[str, str]
"""A ``field`` of the request, and a ``message`` that says what is wrong with it."""
Missing = Mapping[str, Any]
"""``what`` something is missing of, a ``detail`` for people, and ``items``: names of the first hundred of it."""


class ScripError(Exception):
    """Everything that Scrip raises on purpose."""


class Crowded(ScripError):
    """The command does not fit into one transaction beside the entries that time made."""


class Refusal(ScripError):
    """A request that is not carried out. Nothing has changed and nothing is remembered of it.

    Attributes:
        code: the stable name that a client may branch on.
        status: the HTTP status of the answer.
        passing: whether the same request may succeed a moment later: the answer then says when to try again.
        wait_ms: after how many milliseconds it may; None: that is not known.
        detail: what it is this time, for people.
        facts: members added to the problem document. Each is an attribute of the refusal too.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "The request was refused"
    passing: ClassVar[bool] = False
    wait_ms: int | None = None

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self._state(facts)

    def in_unit(self, unit: str, precision: int) -> None:
        """Turns the facts that are credit steps into decimal amounts of the unit, now that the unit is known."""
        if any(isinstance(fact, Steps) for fact in self.facts.values()):
            told = {
                name: format_amount(fact, precision) if isinstance(fact, Steps) else fact
                for name, fact in self.facts.items()
            }
            self._state({**told, "unit": unit})

    def _state(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        vars(self).update(facts)


class Unauthenticated(Refusal):
    """The API key in `Authorization` is nobody's: unknown, misspelt, deleted or over. Or a webhook's signature is not
    the provider's.

    What to do: Check the key, `Bearer` before it; or the webhook's secret.
    """

    code = "unauthenticated"
    status = 401
    title = "The caller is not known"


class Forbidden(Refusal):
    """The API key's scope is too narrow, it sees another account only, or it is not `admin` and sets the test clock or
    ends a lot earlier than it would.

    What to do: Use another key.
    """

    code = "forbidden"
    status = 403
    title = "The key does not allow this"

    scope: str | None = None
    """The scope that the key would need."""


class BodyTooLarge(Refusal):
    """The body is over 256 KiB (a page of burns, usage events: 1 MiB), or the row of a page would be over 300 KiB.

    What to do: Send less at a time.
    """

    code = "body_too_large"
    status = 413
    title = "The body is too large"

    limit: int
    """The most bytes that it may have."""


class UnsupportedMediaType(Refusal):
    """The body's content type is not `application/json`, nor (usage events) one of CloudEvents.

    What to do: Send JSON, and say so in `Content-Type`.
    """

    code = "unsupported_media_type"
    status = 415
    title = "The body's content type is not one that is taken here"


class InvalidRequest(Refusal):
    """One or more fields are missing, malformed, unknown or contradict each other.

    What to do: Correct the fields that are named.
    """

    code = "invalid_request"
    status = 400
    title = "The request is not valid"

    errors: Sequence[Mistake]
    """Each mistake that was found, twenty at the most."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        detail = "; ".join(f"{field}: {message}" for field, message in errors)
        super().__init__(detail, errors=[{"field": field, "message": message} for field, message in errors])


class KeyMissing(Refusal):
    """A POST that moves credits, or orders, has no `Idempotency-Key`.

    What to do: Send one, and the same one when you try again.
    """

    code = "idempotency_key_missing"
    status = 400
    title = "The Idempotency-Key header is missing"


class NotFound(Refusal):
    """There is no such route, unit, meter, pack, promotion, entry, lot, hold, allowance, budget, top-up,
    payment, subscription, API key, webhook endpoint or payment provider, or the entry to reverse is no burn. An account
    never seen is not an error: it has zeros.

    What to do: Check the id.
    """

    code = "not_found"
    status = 404
    title = "There is no such thing"

    unit: str | None = None
    """The id that names no unit."""
    pack: str | None = None
    """The id that names no pack."""
    meter: str | None = None
    """The id that names no meter."""
    promotion: str | None = None
    """The id that names no promotion."""
    allowance: str | None = None
    """The id that names no allowance."""
    budget: str | None = None
    """The id that names no budget."""
    entry_id: str | None = None
    """The id that names no entry (or none of the kind that is needed)."""
    lot_id: str | None = None
    """The id that names no lot."""
    hold_id: str | None = None
    """The id that names no hold."""
    topup_id: str | None = None
    """The id that names no order."""
    key_id: str | None = None
    """The id that names no API key."""
    invoice_id: str | None = None
    """The id that names no invoice."""
    endpoint_id: str | None = None
    """The id that names no webhook endpoint."""
    event_id: str | None = None
    """The id that names no event that the endpoint hears of."""
    provider: str | None = None
    """The id that names no payment provider."""
    payment_id: str | None = None
    """The id that names no payment."""
    about: str | None = None
    """The id that names no refund or dispute of the payment."""
    subscription_id: str | None = None
    """The id that names no subscription of the account."""
    period: str | None = None
    """The month of the books."""
    export_id: str | None = None
    """The export."""


class PrecisionExceeded(Refusal):
    """The amount has more decimals than its unit.

    What to do: Round it your way, then send it.
    """

    code = "precision_exceeded"
    status = 422
    title = "The amount has more decimals than its unit"

    field: str
    """Where the amount is."""
    precision: int
    """The decimals that the unit has."""


class AmountOutOfRange(Refusal):
    """The amount, what an event costs, or the wallet's total after it, is over 10^27 steps; or a void or reversal is
    of more than is left.

    What to do: Send less.
    """

    code = "amount_out_of_range"
    status = 422
    title = "The amount is out of range"

    field: str | None = None
    """Where the amount is; not there where the wallet's total would be too large."""
    largest: str
    """The most it may be."""
    unit: str | None = None
    """The unit that the amounts are in."""
    account: str | None = None
    """Whose wallet it is, where two take part."""


class KeyReused(Refusal):
    """The key was used for another request of this wallet (a top-up's, and a payment's refund's: of this account; an
    API key's: of the deployment).

    What to do: Take a new key for a new request.
    """

    code = "idempotency_key_reused"
    status = 422
    title = "The Idempotency-Key was used for another request"

    entry_id: str | None = None
    """The entry that the key made."""
    kind: str | None = None
    """The kind of that entry."""
    topup_id: str | None = None
    """The order that the key made."""
    request_id: str | None = None
    """The refund that the key asked for."""


class ClockBackwards(Refusal):
    """The test clock is before the wallet's last entry.

    What to do: Set it later.
    """

    code = "clock_backwards"
    status = 422
    title = "The wallet's time does not run backwards"

    last_entry_at: Instant
    """The instant of the wallet's last entry."""
    account: str | None = None
    """Whose wallet it is, where two take part."""


class WalletClosed(Refusal):
    """The wallet is closed, for ever.

    What to do: Use another account.
    """

    code = "wallet_closed"
    status = 409
    title = "The wallet is closed"

    account: str | None = None
    """Whose wallet it is, where two take part."""


class WalletFrozen(Refusal):
    """The wallet is frozen: no burn, hold, capture beyond a hold, debit or transfer, in or out.

    What to do: Unfreeze it.
    """

    code = "wallet_frozen"
    status = 409
    title = "The wallet is frozen"

    account: str | None = None
    """Whose wallet it is, where two take part."""


class HoldNotOpen(Refusal):
    """The hold is over; `hold_status` says how.

    What to do: Burn, or hold anew.
    """

    code = "hold_not_open"
    status = 409
    title = "The hold is not open"

    hold_status: Literal["captured", "released", "expired"]
    """What became of it."""


class QuoteExpired(Refusal):
    """The quote's time is over.

    What to do: Quote anew, and ask your customer again where the price is another.
    """

    code = "quote_expired"
    status = 409
    title = "The quote has expired"

    expired_at: Instant
    """Since when."""


class QuoteMismatch(Refusal):
    """The quote is for another request, or was not made here.

    What to do: Send what was quoted, of the same account and unit; or quote anew.
    """

    code = "quote_mismatch"
    status = 422
    title = "The quote is for another request"


class OffsetGap(Refusal):
    """The first offset is beyond the next one of the stream; `next` is that.

    What to do: Send what lies between, or `"gap": "skip"` if there is nothing.
    """

    code = "offset_gap"
    status = 409
    title = "Offsets are missing in between"

    next: int
    """The offset that the stream goes on with."""


class LotNotOpen(Refusal):
    """Nothing is left of the lot that could be voided: what is held or frozen cannot. Or it is to end at another
    instant, and has ended already, or nothing is left of it.

    What to do: Wait for its holds, or leave it. Instead of a lot that has ended, grant a new one.
    """

    code = "lot_not_open"
    status = 409
    title = "Nothing is left of the lot"

    lot_id: str
    """The lot."""


class TermsChanged(Refusal):
    """The terms that the buyer agreed to are not those of this order any more: the pack or its unit's policy changed.

    What to do: Show the present ones (`GET /v1/packs/{pack}/terms`), and order with their `terms_version`.
    """

    code = "terms_changed"
    status = 409
    title = "The terms are others by now"

    terms_version: str
    """The version of the terms that the order would have now."""


class TopupNotOpen(Refusal):
    """The order was paid, or (where a checkout is to be opened) it was cancelled or has expired.

    What to do: Refund the payment, or order anew under another key.
    """

    code = "topup_not_open"
    status = 409
    title = "The order is not open"

    topup_id: str
    """The order."""
    topup_status: Literal["paid", "refunded", "partially_refunded", "disputed", "expired", "cancelled"]
    """What became of it."""


class InvoiceVoid(Refusal):
    """The invoice is void: all credits that were applied to it were given back, under another key.

    What to do: Nothing is left to give back. Apply credits to another invoice.
    """

    code = "invoice_void"
    status = 409
    title = "The invoice is void"

    voided_at: Instant
    """When it became void."""


class PeriodNotOver(Refusal):
    """The month is not over yet, or not for ten minutes: some clock may be behind.

    What to do: Close it later.
    """

    code = "period_not_over"
    status = 409
    title = "The month is not over"

    period: str
    """The month."""
    closes_at: Instant
    """From when on it can be closed."""


class NotComplete(Refusal):
    """The month cannot be closed, since something of it is missing. `reasons` name all of it: `wallets` of which what
    was due could not be booked, or entries are not in the archive; `deliveries` that came before the month's end and
    are not applied yet; `dead_letters`, messages that failed and wait for an answer; `editions`, days of the archive
    that are not done.

    What to do: See to what is named, then close it again.
    """

    code = "not_complete"
    status = 409
    title = "Something of the month is missing"

    period: str
    """The month."""
    reasons: Sequence[Missing]
    """Why it cannot be closed yet."""


class AlreadyReversed(Refusal):
    """All of the burn, or of its record, was reversed; or nothing of the record was burned, since it was refused or
    skipped.

    What to do: Nothing is left to do.
    """

    code = "already_reversed"
    status = 409
    title = "All of the burn was reversed"

    entry_id: str
    """The burn's entry."""


class PromotionExhausted(Refusal):
    """The promotion was redeemed as often, or for as many credits, as it may be.

    What to do: Raise its limit, or tell your customer.
    """

    code = "promotion_exhausted"
    status = 409
    title = "The promotion has nothing left to give"


class AlreadyClaimed(Refusal):
    """An account claims a promotion once, and so does each identity that the promotion asks for: this one has.

    What to do: Tell your customer.
    """

    code = "promotion_already_claimed"
    status = 409
    title = "The promotion was claimed already"


class BudgetExceeded(Refusal):
    """A budget has not so much left in its present period. Of several it is that with the least.

    What to do: Wait for `resets_at`, raise its limit, or burn `up_to`.
    """

    code = "budget_exceeded"
    status = 402
    title = "That is more than a budget has left"

    budget_id: str
    """The budget."""
    limit: Credits
    """What may be spent in a period."""
    spent: Credits
    """What was spent, or is held, in the present one."""
    resets_at: Instant
    """When the next period begins."""
    member: str | None = None
    """Whose budget it is; not there where it is the whole wallet's."""
    unit: str
    """The unit that the amounts are in."""

    def __init__(self, name: str, limit: int, spent: int, resets_at: int, member: str | None = None) -> None:
        super().__init__(
            f"the budget {name} has less than that left until it begins anew",
            budget_id=name,
            limit=Steps(limit),
            spent=Steps(spent),
            resets_at=resets_at,
            **({} if member is None else {"member": member}),
        )


class InsufficientCredits(Refusal):
    """An `exact` burn, a hold, a transfer or a debit is over what is there for it, a burn's overdraft included; or what
    is there is not worth the smallest unit of an invoice's money.

    What to do: Sell more, burn less, or burn `up_to`.
    """

    code = "insufficient_credits"
    status = 402
    title = "There are not enough credits"

    required: Credits
    """The credits that were needed."""
    available: Credits
    """The credits that could have been taken for this."""
    out_of_scope: Credits | None = None
    """Credits that are there besides, but may not pay for this meter."""
    withheld: Credits | None = None
    """Promotional credits that are there besides, over the share that the unit's policy allows."""
    unit: str
    """The unit that the amounts are in."""

    def __init__(self, required: int, available: int, out_of_scope: int = 0, withheld: int = 0) -> None:
        besides = {"out_of_scope": out_of_scope, "withheld": withheld}
        super().__init__(
            "the wallet has fewer credits available than required",
            required=Steps(required),
            available=Steps(available),
            **{name: Steps(steps) for name, steps in besides.items() if steps},
        )


class PolicyViolation(Refusal):
    """A rule of the unit, or a limit, [named by `policy`](#what-policy-says), does not allow it.

    What to do: See what that policy says.
    """

    code = "policy_violation"
    status = 422
    title = "A policy does not allow this"

    policy: str
    """The rule or limit, by name, e.g. `max_lots_per_burn`."""
    field: str | None = None
    """Where it is in the body."""
    account: str | None = None
    """Whose wallet it is, where two take part."""
    held: Credits | None = None
    """Credits that the hold still holds (`over_capture`)."""
    total: Credits | None = None
    """What is in the wallet (`zero_balance`)."""
    refunded: MoneyFact | None = None
    """Money refunded of this source so far (`refund_total`)."""
    paid: MoneyFact | None = None
    """Money paid for this source (`refund_total`)."""
    unspent: Credits | None = None
    """What is left of the payment's lot (`refund_unspent`)."""
    credits: Credits | None = None
    """Credits that the refund would take (`refund_unspent`)."""
    refundable: MoneyFact | None = None
    """The most that can be refunded without force (`refund_unspent`)."""
    left: MoneyFact | None = None
    """The most that is left of the payment (`refund_unspent`, `refund_left`)."""
    provider_status: int | None = None
    """The status that the provider answered with (`refund_refused`)."""
    provider_reason: str | None = None
    """What the provider said (`refund_refused`)."""
    price: MoneyFact | None = None
    """The money that the provider cannot charge or give back (`provider_amount`)."""
    payment: str | None = None
    """The payment that the source is: provider and id (`refund_source`)."""
    topup_id: str | None = None
    """The order that the source is, or is a checkout session of (`refund_source`)."""
    path: str | None = None
    """Where to refund it instead (`refund_source`)."""
    earliest_at: Instant | None = None
    """The earliest instant at which the version could begin (`rate_effective_at`)."""
    unit: str | None = None
    """The unit that the amounts are in."""

    def __init__(self, detail: str, policy: str, **facts: Any) -> None:
        super().__init__(detail, policy=policy, **facts)


class Contended(Refusal):
    """Other writers were faster, 14 times in a row; or a unit's precision was changed at that moment.

    What to do: Send it again after `Retry-After`, with the same key.
    """

    code = "contended"
    status = 409
    title = "Too many writers at once"
    passing = True


class Throttled(Refusal):
    """The API key has had its requests of this second, or the tables could not take more just then.

    What to do: Send it again after `Retry-After`, with the same key.
    """

    code = "throttled"
    status = 429
    title = "Too many requests"
    passing = True

    rate_limit: int | None = None
    """Requests a second that the key may send."""


class Unavailable(Refusal):
    """A table or a provider did not do its part.

    What to do: Send it again after `Retry-After`, with the same key.
    """

    code = "unavailable"
    status = 503
    title = "Temporarily unavailable"
    passing = True


class CatchingUp(Unavailable):
    """Time has done more to a wallet than one request books, or looks at: the next one goes on where this one ended."""
