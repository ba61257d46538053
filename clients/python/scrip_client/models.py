"""What requests and answers are made of. Written by ``make openapi`` from docs/openapi.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from scrip_client.bases import Answer, Instant, Request

WalletStatus = Literal["active", "frozen", "closed"]
"""`frozen`: no credits leave the wallet until it is unfrozen. `closed`: for ever."""

EntryKind = Literal[
    "grant",
    "activation",
    "burn",
    "hold",
    "extend",
    "capture",
    "release",
    "expiry",
    "void",
    "reversal",
    "freeze",
    "thaw",
    "clawback",
    "reinstatement",
    "write_off",
    "rollover",
    "transfer_in",
    "transfer_out",
    "adjustment",
    "status",
    "expiry_change",
]
"""What an entry says that happened."""

UsageCard = Literal["account"]
"""Whose card a version is of: the account's own."""

SettledOverage = Literal["forgive", "invoice"]
"""What becomes of what is written off as a period ends."""

RunawayAction = Literal["freeze", "notify"]
"""What a runaway does: the wallet is frozen, and that is told; or it is told alone."""

UnusedOrigin = Literal["expiry", "void", "debit", "mistake"]
"""What ended credits that nobody spent."""

LotKind = Literal["paid", "promotional", "refund", "compensation", "allowance", "rollover", "transfer"]
"""How a lot came into its wallet."""

LotStatus = Literal["pending", "open", "depleted", "expired", "voided"]
"""What has become of a lot; `pending`: it has not begun."""

AdjustmentDirection = Literal["credit", "debit"]
"""Whether an adjustment adds credits or takes them."""

EndOf = Literal["day", "month"]
"""What credits live to the end of, by the clocks of a zone."""

Overage = Literal["forgive", "carry", "carry_auto_repay", "invoice"]
"""What becomes of what is owed at a period's end: it is forgiven; the allowance's grants do not repay it, or do; it is billed elsewhere."""

MaxOf = Literal["carried", "living"]
"""What a rollover's `max` is a bound of: what one period's end carries, or all that was carried and still lives."""

KeyScope = Literal["read", "burn", "grant", "admin"]
"""What an API key may do; each scope is wider than the one before."""

KeyScopeWord = Literal["read", "burn", "top_up", "grant", "admin"]
"""One of several things that an API key may do."""

TaxMode = Literal["before", "after"]
"""Whether credits are taken off before the tax is computed, and so pay no tax, or pay amount and tax together."""

AuditAction = Literal[
    "unit.put",
    "pack.put",
    "rate.put",
    "promotion.put",
    "key.create",
    "key.rotate",
    "key.delete",
    "portal_session.create",
    "payment.resolve",
    "profile.put",
    "profile.delete",
    "alerts.put",
    "alerts.delete",
    "webhook_endpoint.put",
    "webhook_endpoint.rotate",
    "webhook_endpoint.delete",
    "dunning.put",
    "auto_topup.put",
    "auto_topup.delete",
    "budget.put",
    "budget.delete",
    "chart_of_accounts.put",
]
"""What was done: the type of what was changed, and how."""

AuditTargetType = Literal[
    "unit",
    "pack",
    "rate",
    "promotion",
    "key",
    "portal_session",
    "payment",
    "profile",
    "alerts",
    "webhook_endpoint",
    "dunning",
    "auto_topup",
    "budget",
    "chart_of_accounts",
]
"""What a change is of."""

AutoTopupReason = Literal[
    "declined",
    "authentication_required",
    "method_missing",
    "method_expired",
    "cap_reached",
    "provider_unavailable",
    "wallet_closed",
    "suspended_after_failures",
]
"""Why an automatic top-up is in its state."""

AutoTopupState = Literal["ready", "in_flight", "backing_off", "needs_action", "suspended", "off"]
"""What an automatic top-up is doing. `ready`: it waits for its threshold. `in_flight`: a charge is under way, or nobody knows yet what became of it. `backing_off`: it waits for `next_attempt_at`. `needs_action`: it waits for the buyer. `suspended`: it has given up. `off`: it is not enabled."""

Provider = Literal["dodo", "paddle", "standard", "stripe"]
"""The name of a payment provider, one of those whose webhooks are understood."""

BurnMode = Literal["exact", "up_to"]
"""What a burn does where there is too little: `exact` is refused, `up_to` takes what is there."""

RecordStatus = Literal["burned", "refused", "skipped", "known"]
"""What became of a record: `known`, it was burned before; `refused`, it was not, now or before, and will not be."""

RefusedReason = Literal["insufficient_credits", "budget_exceeded", "policy_violation"]
"""Why a record is refused: the code of the refusal of a burn of its own; `policy_violation` of one of too many lots."""

ReportName = Literal[
    "trial-balance", "roll-forward", "revenue", "breakage", "liability", "cash", "tax", "promotions"
]
"""What a report says."""

BudgetAction = Literal["refuse", "notify"]
"""What becomes of a burn past a budget: it is refused; it is taken, and only told of."""

BurnOrder = Literal["priority_expiry_cost", "stripe", "openmeter", "lago", "flexprice"]
"""In which order a wallet's lots are taken: by which of their members, and which member comes first."""

Gap = Literal["refuse", "skip"]
"""What becomes of offsets between the stream's next one and `first`: the page is refused, or they are given up."""

CallError = Literal[
    "address_refused", "not_resolved", "no_connection", "tls", "timeout", "bad_answer", "disabled"
]
"""Why a call has no answer, or was not made."""

CancelAt = Literal["period_end", "now"]
"""When a subscription ends: once what was paid for is over, or at once."""

CloseStatus = Literal["booking", "checking", "archiving", "freezing", "refused", "closed"]
"""How far a close is: what was due is booked; what is missing is looked for; the archive's days are made; reports are frozen; something was missing; the month is closed."""

DeliveryStatus = Literal["pending", "delivered", "failed"]
"""How a dispatch stands: on its way, answered with a 2xx, or given up."""

DisputeStatus = Literal["open", "lost", "won", "contradicted"]
"""How a dispute stands; `contradicted`: the provider has told of two ends, and is asked."""

DunningReason = Literal["renewal_failed", "auto_topup_failed"]
"""What failed."""

DunningStatus = Literal["open", "paid", "ended"]
"""How a run stands. `paid`: a top-up of the wallet was paid since; `ended`: no prompt is to come, and nothing was."""

StopReason = Literal["gone", "failing"]
"""Why an endpoint was disabled: it answered 410, or nothing could be delivered for five days."""

ExpiryBoundary = Literal["exclusive", "inclusive"]
"""Whether a lot still lives at the instant `expires_at` itself."""

OrderCriterion = Literal[
    "priority",
    "expires_at",
    "has_cost_basis",
    "cost_basis",
    "granted",
    "kind",
    "effective_at",
    "grant_sequence",
    "has_scope",
]
"""A property of lots that a burn order compares."""

ExportStatus = Literal["queued", "running", "done", "expired"]
"""`expired`: its files are deleted."""

KeptFormat = Literal["csv", "parquet", "jsonl", "beancount", "json"]
"""How an export's files are written; `json`: of reports alone."""

KeptKind = Literal["entries", "journal", "lots", "usage", "focus", "report"]
"""What an export has: what one may ask for, or `report`: a report that is too big for an answer, or takes too long."""

ExportFormat = Literal["csv", "parquet", "jsonl", "beancount"]
"""How its files are written; `beancount`: of the journal alone."""

ExportKind = Literal["entries", "journal", "lots", "usage", "focus"]
"""What an export is of: entries of the ledger; the books' journal; lots with cost basis; what was used; rows of FOCUS 1.2."""

ExtensionStatus = Literal["running", "done"]
"""Whether an extension has come to all accounts."""

StoredRecordStatus = Literal["burned", "refused", "skipped"]
"""What became of a record: it was paid for; it was refused; its sender gave it up."""

GrantKind = Literal["paid", "promotional", "refund", "compensation"]
"""The kinds of lot that a caller may grant."""

HoldStatus = Literal["open", "captured", "released", "expired"]
"""What became of a hold; `expired`: its deadline came first."""

OverCapture = Literal["refuse", "burn_extra"]
"""What a capture of more than is held does."""

IdentityKind = Literal["email", "card_fingerprint", "device"]
"""What of a customer a promotion may ask for, to tell one from another."""

InvoiceStatus = Literal["open", "void"]
"""Whether credits are applied to an invoice, or all of them were given back."""

LeaseTimeout = Literal["release", "capture"]
"""Whose the credits of a lease are that it holds at its deadline: the account's again, or spent."""

TaxPoint = Literal["purchase", "redemption"]
"""When tax is due: at the payment, or when the credits are burned."""

PackageRounding = Literal["up", "down", "half_up"]
"""How a part of a package is counted."""

PaidType = Literal["invoice", "payment"]
"""What a refund gives back money of."""

RefundStatus = Literal["pending", "succeeded", "failed"]
"""How far a refund is."""

RefundAs = Literal["money", "credit"]
"""What a refund gives back: money through the provider, or credit, for which the money is kept."""

PaymentStatus = Literal["unpaid", "paid", "partially_refunded", "refunded", "disputed"]
"""How a payment stands by what its provider said. Money lost in a dispute counts as refunded."""

ResolutionAction = Literal["accept", "dismiss", "state", "settle"]
"""What a person does about a payment that waits: say which order it pays, that it was looked at, an amount, an end."""

RefundShortfall = Literal["owe", "write_off", "other_lots"]
"""What becomes of the part of a clawback that was burned already: it is owed, written off, or taken from other lots."""

Stacking = Literal["free", "promotional_first", "paid_first"]
"""Whether promotional and paid credits are taken in one order, or one kind before the other."""

UnpaidUsage = Literal["owe", "reject"]
"""What becomes of an event of usage that credits do not pay for: it is owed, whatever the overdraft, or rejected."""

UpTo = Literal["available", "overdraft"]
"""What a burn in mode `up_to` takes at most: what is available, or that and the debt that the policy allows."""

SessionScope = Literal["read", "top_up", "auto_top_up"]
"""One of several things that a customer may do in a portal."""

PromotionKind = Literal["promotional", "compensation"]
"""The kind of the lots that a promotion makes."""

QuotedOperation = Literal["burn", "hold", "capture"]
"""What is asked about."""

SettlementType = Literal[
    "payment",
    "refund",
    "refund_failed",
    "dispute",
    "dispute_reversed",
    "fee",
    "tax",
    "payout",
    "payout_failed",
    "topup",
    "conversion",
    "reserve",
    "adjustment",
]
"""What moved the balance.

`refund_failed` and `dispute_reversed` gave back what a refund or a dispute took, `payout_failed` what a payout did; `topup` is what we paid into the balance. `tax` is what the provider pays to a state in our place, `conversion` an exchange between two of its balances, `reserve` what it sets aside and releases, and is ours all the time. `adjustment` is anything else.
"""

ResolutionStatus = Literal["won", "lost", "succeeded", "failed"]
"""The first two of a dispute, the others of a refund."""

ShortReason = Literal["insufficient_credits", "budget_exceeded", "wallet_frozen"]
"""Why a lease is not filled up: the code of the refusal of a hold of its own."""

SignatureAlgorithm = Literal["Ed25519"]
"""How statements are signed."""

StatementStatus = Literal["final", "provisional"]
"""Whether anything can come to the month."""

SubscriptionState = Literal["active", "past_due", "paused", "cancelling", "cancelled"]
"""How a subscription stands. `past_due`: its last renewal is not paid; `cancelling`: it goes on to the end of what was paid for, and is not renewed then; `cancelled`: it is over."""

TopupStatus = Literal[
    "pending", "paid", "failed", "refunded", "partially_refunded", "disputed", "expired", "cancelled"
]
"""What became of an order. `expired` follows from the clock, and is stored where its provider ended the checkout."""


class Account(Answer):
    """A customer that has a wallet or an order, or has or had a profile."""

    account: str
    """The customer, by your own id for them."""


class AccountPage(Answer):
    """Accounts, in the order of their ids."""

    items: list[Account]
    """The accounts."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class ByCategory(Answer):
    """`available`, split."""

    paid: str
    """Of lots with cost basis."""
    free: str
    """Of lots without."""


class BalanceAfter(Answer):
    """A wallet right after an entry. `total` = available + held + frozen + pending - owed."""

    account: str
    """Whose wallet it is."""
    unit: str
    """What its credits are counted in."""
    as_of: Instant
    """The instant it is of."""
    total: str
    """All there is, less what is owed."""
    available: str
    """What can be spent now."""
    held: str
    """Set aside by open holds."""
    frozen: str
    """Under open dispute or pending refund."""
    pending: str
    """In lots that have not begun."""
    owed: str
    """Debt: taken back, or burned by allowed overdraft, beyond what there was."""
    by_category: ByCategory
    """`available` by how it was come by."""
    status: WalletStatus | str
    """`frozen`: no credits leave it until it is unfrozen. `closed`: for ever."""
    version: int
    """`seq` of the last entry; 0 for a wallet never seen."""


class CountedBudget(Answer):
    """What an entry counted in a budget."""

    from_: Instant = Field(validation_alias="from", serialization_alias="from")
    """The first instant of the budget's period."""
    budget_id: str
    """The budget that it counted in."""
    member: str | None = None
    """Whose counter it is; of a budget that each member has for itself."""
    counted: str
    """The change of its counter: below zero where something is given back."""


class Counterpart(Answer):
    """The other side of a transfer."""

    account: str
    """Whose wallet it is, in the same unit."""
    entry_id: str
    """Its entry; of a sender the receiver's last, `entry_ids` has all."""
    entry_ids: list[str] | None = None
    """Of a sender: the receiver's entries, one for each draw."""


class Money(Answer):
    """An amount of money."""

    amount: int
    """Minor units (cents)."""
    currency: str
    """ISO 4217."""


class Draw(Answer):
    """How much came from, or went back to, which lot."""

    lot_id: str
    """Where they came from, or went back to."""
    amount: str
    """How many credits, without a sign."""
    value: Money | None = None
    """The money that went with them; only of a lot with cost basis."""
    tax: Money | None = None
    """The tax that went with them; of a lot whose tax is due as its credits are spent, and where credits with cost basis become another lot's."""
    item: int | None = None
    """Which of the `usage` it paid for, from 0; where that is a list."""


class EntryMoney(Answer):
    """What a clawback does to the money of its lot, beside its draws. Minor units of the lot's currency; negative in a reinstatement."""

    refunded: int
    """Money that went back, without tax."""
    recognised: int
    """Change of what is earned: negative where more went back than was still deferred."""
    gross: int | None = None
    """Money that went back, with tax."""
    tax: int | None = None
    """Tax that went back."""
    tax_due: int | None = None
    """Change of the tax that was due; where it is due as credits are spent, and more went back than was still to be."""
    bad_debt: int | None = None
    """Money that went back though its credits are another lot's: neither deferred here nor earned."""
    facts: list[str] | None = None
    """What of the payment it stands for: `refund:<id>`, `dispute:<id>`. Of money that was kept, our own request."""


class CountedUsage(Answer):
    """What was added to what was used of a meter in a period."""

    from_: Instant = Field(validation_alias="from", serialization_alias="from")
    """When the period begins."""
    to: Instant
    """When the period ends."""
    dimensions: dict[str, str]
    """What chose the price: with other values something else is counted."""
    before: str
    """How much was used in the period before."""
    quantity: str
    """How much was added."""


class Usage(Answer):
    """What was counted."""

    meter: str
    """What was counted."""
    quantity: str | None
    """How much of it; null where an amount was held or captured for the meter."""
    dimensions: dict[str, str]
    """What chose the price."""
    rate_version: int | None
    """The version of the rate card that priced it; null of an amount."""
    card: UsageCard | str | None = None
    """`account` where the version is of the account's own card; left out where it is of the meter's."""
    amount: str | None = None
    """What this item cost; where there are several."""
    counted: list[CountedUsage] | None = None
    """What it added to what was used in a period; where its price goes by that."""
    time: Instant | None = None
    """When it was used: its price is of then. Left out where that is when it was booked."""


class Expiry(Answer):
    """The end of a lot, before and after its change. Null: it has none."""

    before: Instant | None
    """When it would have ended."""
    after: Instant | None
    """When it ends now."""


class OverageFacts(Answer):
    """What was owed as a period of an allowance ended, and is owed no more."""

    allowance_id: str
    """The allowance whose period ended."""
    overage: SettledOverage | str
    """What becomes of it: `forgive`, or `invoice`: bill it."""
    value: Money | None
    """What it is worth, rounded down to the minor unit, by the unit's `value` when the allowance was put; null: it had none. Of what is forgiven null too."""


class OwnRateFacts(Answer):
    """Which version of which of an account's own rate cards."""

    meter: str
    """What is counted."""
    version: int
    """Counts the versions."""


class Reference(Answer):
    """What in the caller's world something is about."""

    type: str
    """What kind of thing it is."""
    id: str
    """Which one of its kind."""


class Window(Answer):
    """A while, its first instant excluded."""

    from_: Instant = Field(validation_alias="from", serialization_alias="from")
    """The instant after which it begins."""
    to: Instant
    """Its last instant."""


class RunawayFacts(Answer):
    """A wallet that spent faster than its unit's breaker allows."""

    burned: str
    """How much it had spent within the while."""
    window: Window
    """The while, as it was then."""
    amount: str
    """How much it may spend within it."""
    within: str
    """How long that is, ISO 8601."""
    action: RunawayAction | str
    """Whether the wallet was frozen, or it was told alone."""


class Source(Answer):
    """What something came from."""

    type: str
    """What kind of thing it is."""
    id: str
    """Which one of its kind."""
    href: str | None = None
    """Where it is read; of a payment that is named by its provider and the provider's id, such as `dodo:pay_1`."""


class Unused(Answer):
    """Money of credits that left their lots and that nobody spent."""

    origin: UnusedOrigin | str
    """What ended them. Of a `mistake` nothing is earned: its money was never paid."""
    value: list[Money]
    """The money, by currency."""


class UsedEvent(Answer):
    """Names an event of usage, for ever."""

    source: str
    """Who saw it used."""
    id: str
    """Which one of that one's it is."""


class Entry(Answer):
    """One immutable row of a wallet's ledger."""

    seq: int
    """Its place in the wallet, from 1, without a gap."""
    kind: EntryKind | str
    """What happened."""
    amount: str
    """Signed change of the total. A hold's is `0`: its draws say what was set aside."""
    balance_before: str
    """The total before it; negative where more is owed than there is."""
    balance_after: str
    """The total after it."""
    available_after: str
    """What could be spent after it."""
    held_after: str
    """What was set aside by holds after it."""
    frozen_after: str
    """What was under a dispute or a pending refund after it."""
    owed_after: str
    """What was owed after it."""
    draws: list[Draw]
    """The lots it took from or gave to, in the order taken."""
    reference: Reference | None
    """What it is about, as the caller said."""
    reason: str | None = None
    """Why, as the caller said. Not for a key of one account."""
    actor: str | None = None
    """Who asked: `key:<key id>`, a provider, or `time`; `system` of an end that was moved because nobody was told of it, of the delivery of a notice, and of a wallet that ran away. Not for a key of one account."""
    actor_name: str | None = None
    """What that key was called then; null of what has no name, and of entries of before it was kept. Not for a key of one account."""
    member: str | None = None
    """Who of the account used the credits; where that was said."""
    tags: dict[str, str] | None = None
    """What they were used for; where that was said."""
    metadata: dict[str, str]
    """As the caller gave it. A key of one account is not shown members that begin with `internal.`."""
    at: Instant
    """When it holds. What was due has the due instant, never one before the entry that precedes it."""
    recorded_at: Instant | None
    """When it was committed: never before `at`, nor before that of the entry that precedes it. Under the test clock its instant. Null while it is not booked, and of entries of before it was kept."""
    alert_base: str | None = None
    """The wallet's base after it: what was available right after its last grant, activation, transfer_in, rollover or reinstatement. Where an alert of the wallet is a percentage, it is one of this."""
    lot_id: str | None = None
    """The lot that it made or changed as a whole."""
    hold_id: str | None = None
    """The hold; of hold, extend, capture and release."""
    usage: EntryUsage | None = None
    """Of a burn, hold or capture by meter: a list where the request had `items`."""
    quoted: bool | None = None
    """True where a `quote` said what it costs; else it is left out."""
    event: UsedEvent | None = None
    """The event of usage that it burned; of what `POST /v1/usage` or the bus brought."""
    of_entry_id: str | None = None
    """The burn that a reversal undoes; the clawback that a write-off belongs to."""
    money: EntryMoney | None = None
    """Of a clawback or a reinstatement."""
    counterpart: Counterpart | None = None
    """The other side; of a transfer."""
    incident: str | None = None
    """What is made good; of a compensation, or of an extension."""
    promotion: str | None = None
    """The code; of a redemption."""
    source: Source | None = None
    """What it came from; of what a payment or a refund as credit made."""
    notice_id: str | None = None
    """The notice that was delivered; of the status entry that says so, which names its lot."""
    expiry: Expiry | None = None
    """The lot's end; of an expiry change."""
    stream: str | None = None
    """Who numbered its records; of an entry that booked several together."""
    first: int | None = None
    """The offset of the first of its records."""
    records: int | None = None
    """How many records it booked, refused and skipped ones included: `GET …/entries/{entry_id}/records` lists them."""
    budgets: list[CountedBudget] | None = None
    """The budgets whose counters it changed, and those in which a hold had counted what it spends."""
    offset: int | None = None
    """The one record that it undoes; of a reversal."""
    rate: OwnRateFacts | None = None
    """The version that it gives the account's own rate card; one that ends it, too."""
    runaway: RunawayFacts | None = None
    """That the wallet spent too fast; of the status entry that says so, right after what passed the amount."""
    overage: OverageFacts | None = None
    """Of a write-off of what was owed as a period of an allowance ended."""
    unused: Unused | None = None
    """Of an expiry, a void or a debit that took credits with cost basis."""
    entry_id: str
    """Its id; no other entry has it."""
    hash: str
    """SHA-256 over the previous hash and the entry's canonical JSON."""
    previous_hash: str
    """`hash` of the entry before it; zeros for the first."""


class Lot(Answer):
    """What a grant added, and what is left of it."""

    lot_id: str
    """Its id; no other lot has it."""
    kind: LotKind | str
    """How it came."""
    granted: str
    """What it began with."""
    remaining: str
    """What of it can be spent (once it has begun)."""
    held: str
    """What of it is set aside by open holds."""
    frozen: str
    """What of it is under open dispute or pending refund."""
    priority: int
    """Lower is taken first."""
    effective_at: Instant
    """From when on it can be spent."""
    expires_at: Instant | None
    """Until when; null: for ever."""
    cost_basis: Money | None
    """Money paid for the whole lot."""
    scope: list[str]
    """The meters it may pay for; none: everything."""
    status: LotStatus | str
    """What has become of it."""
    source: Source | None
    """What it came from."""
    metadata: dict[str, str]
    """As the grant gave it. A key of one account is not shown members that begin with `internal.`."""
    counterpart: Counterpart | None = None
    """The sender and its entry; of a lot that a transfer made."""


class Adjusted(Answer):
    """The entry, and the balance right after it."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    lot: Lot | None = None
    """The lot that a credit made."""


class ReferenceBody(Request):
    """What in the caller's world a movement is about."""

    type: str
    """What kind of thing it is, e.g. `invoice`, `job`."""
    id: str
    """Which one."""


class AdjustmentBody(Request):
    """What sets a balance right. What a lot may have goes with a `credit`."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str
    """Why the balance was wrong. An adjustment must say."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    expires_in: str | None = None
    """How long the credits live, from `effective_at` on; a calendar duration, ISO 8601. Null: for ever; left out, and `expires_at` too: as the unit's policy says."""
    time_zone: str | None = None
    """The zone whose calendar `expires_in` keeps, of the IANA database. Default: `UTC`."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` in `time_zone` that `expires_in` ends in."""
    priority: int | None = None
    """Lower is taken first. Default: `50`."""
    effective_at: Instant | None = None
    """From when on the credits can be spent; not before now, which it is where left out."""
    expires_at: Instant | None = None
    """Until when; later than now and than `effective_at`. Null: for ever. Not together with `expires_in`."""
    scope: list[str] | None = None
    """The meters that these credits may pay for; none: everything."""
    direction: AdjustmentDirection
    """`credit` makes a lot, `debit` takes in burn order."""
    amount: str
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has."""


class CountingAlerts(Answer):
    """The alerts that count for an account: its own, and for the rest its unit's."""

    low_balance: list[str]
    """Available amounts, largest first, then percentages of what was available after the last credits came."""
    run_out_days: list[int]
    """How many days before credits are forecast to run out."""
    expiry_notices: list[str]
    """How long before a lot ends, ISO 8601, longest first."""
    expiry_requires_notice: bool
    """Whether a paid lot ends only if its last notice was delivered in time."""


class Alerts(Answer):
    """An account's own alerts in a unit. What is null is the unit's."""

    unit: str
    """What its credits are counted in."""
    low_balance: list[str] | None
    """Available amounts, largest first, then percentages of what was available after the last credits came."""
    run_out_days: list[int] | None
    """How many days before credits are forecast to run out."""
    expiry_notices: list[str] | None
    """How long before a lot ends, ISO 8601, longest first."""
    expiry_requires_notice: bool | None
    """Whether a paid lot ends only if its last notice was delivered in time."""
    counting: CountingAlerts
    """The alerts that count: these, and for the rest the unit's."""


class AlertsBody(Request):
    """An account's own alerts in a unit: what is left out, or null, is the unit's."""

    low_balance: list[str] | None = None
    """Available amounts, or percentages of what was available after the last credits came, at which `scrip.balance.low` is told; each once."""
    run_out_days: list[int] | None = None
    """How many days before credits are forecast to run out `scrip.balance.run_out_soon` is told; each once."""
    expiry_notices: list[str] | None = None
    """How long before a lot ends `scrip.lot.expiring` is told, ISO 8601; each length once."""
    expiry_requires_notice: bool | None = None
    """Whether a paid lot ends only if its last notice was delivered in time."""


class Rollover(Answer):
    """What is carried into a new lot when a lot ends."""

    fraction: str
    """The part of what is left, 0 to 1."""
    min: str
    """Carry at least so much, if it is there."""
    max: str | None
    """Carry at most so much; null: no bound."""
    max_of: MaxOf | str
    """What `max` is a bound of."""
    max_times: int | None
    """How often credits may be carried on; null: for ever."""
    expires_in: str | None
    """How long what is carried lives, ISO 8601; null: as the lots themselves, or (`never_expires`) for ever."""
    never_expires: bool
    """Whether what is carried lives for ever."""


class Allowance(Answer):
    """A recurring grant, its defaults filled in."""

    allowance_id: str
    """Its id, the caller's."""
    unit: str
    """What its credits are counted in."""
    amount: str
    """What each period grants."""
    every: str
    """The period, ISO 8601."""
    anchor: Instant
    """An instant at which a period begins."""
    time_zone: str
    """The zone whose calendar and clocks it keeps, of the IANA database."""
    expires: str
    """`period_end`, `never`, or an ISO 8601 duration from the grant."""
    rollover: Rollover | None
    """What becomes of what is left; null: it expires."""
    starts_at: Instant
    """The first instant at which it may grant."""
    ends_at: Instant | None
    """From when on it grants no more."""
    paused: bool
    """Whether it grants nothing for now."""
    priority: int
    """The priority of its lots."""
    catch_up: bool
    """Whether it also grants what it missed before it was first put."""
    overage: Overage | str | None
    """What becomes of what the wallet owes when a period ends; null: its grants repay it as the unit says."""
    next_at: Instant | None
    """When it is to grant next; null: never, as it is."""
    version: int
    """Counts changes."""


class RolloverBody(Request):
    """What is carried into a new lot when a lot ends."""

    fraction: str | None = None
    """The part of what is left that is carried, 0 to 1. Default: `1`."""
    min: str | None = None
    """Carry at least so much, if it is there. Default: `0`."""
    max: str | None = None
    """Carry at most so much; null: no bound."""
    max_of: MaxOf | None = None
    """What `max` is a bound of: `carried`: what one period's end carries; `living`: all that was carried, then and before, and still lives, as at Autumn. Default: `carried`."""
    max_times: int | None = None
    """How often credits may be carried on; null: for ever. Default: `1`."""
    expires_in: str | None = None
    """How long what is carried lives, ISO 8601. Null: for ever; left out: as the lots themselves do."""


class AllowanceBody(Request):
    """An allowance: credits that are granted again in each period."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Say it where the account has an allowance with this id in another unit alone. Default: `credits`."""
    amount: str
    """What each period grants."""
    every: str
    """The period: a number of days, weeks, months or years, ISO 8601."""
    anchor: Instant | None = None
    """An instant at which a period begins. Left out: as it was, or the start."""
    time_zone: str | None = None
    """The zone whose calendar and clocks it keeps, of the IANA database. Default: `UTC`."""
    expires: str | None = None
    """When a period's credits expire: `period_end`, `never`, or an ISO 8601 duration from the grant. Default: `period_end`."""
    rollover: RolloverBody | None = None
    """What becomes of what is left; null: it expires. Not with `expires` `never`."""
    starts_at: Instant | None = None
    """The first instant at which it may grant. Left out: as it was, or now."""
    ends_at: Instant | None = None
    """From when on it grants no more; later than `starts_at`. Null: never."""
    paused: bool | None = None
    """Whether it grants nothing for now. Default: `false`."""
    priority: int | None = None
    """The priority of its lots: lower is taken first. Default: `50`."""
    catch_up: bool | None = None
    """Whether it also grants, each with its own end, the periods from `starts_at` on that were over, or had begun, before it was first put. Default: `false`."""
    overage: Overage | None = None
    """What becomes of what the wallet owes when a period ends. `forgive`: it is written off; `invoice`: it is written off and listed for billing; `carry`: it stays owed, and this allowance's grants do not repay it; `carry_auto_repay`: they do. Null: it stays owed, and they repay it as the unit's `repay_first` says."""


class AllowancePage(Answer):
    """Allowances of a wallet, by their ids. A page may be short, or empty, and yet have a `next_cursor`."""

    items: list[Allowance]
    """The allowances."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class AlreadyReversedProblem(Answer):
    """All of the burn was reversed."""

    type: Literal["urn:scrip:problem:already_reversed"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["already_reversed"]
    """What to branch on."""
    entry_id: str
    """The burn's entry."""


class AmountOutOfRangeProblem(Answer):
    """The amount is out of range."""

    type: Literal["urn:scrip:problem:amount_out_of_range"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[422]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["amount_out_of_range"]
    """What to branch on."""
    field: str | None = None
    """Where the amount is; not there where the wallet's total would be too large."""
    largest: str
    """The most it may be."""
    unit: str | None = None
    """The unit that the amounts are in."""
    account: str | None = None
    """Whose wallet it is, where two take part."""


class ApiKey(Answer):
    """An API key with the key itself, for whoever made or rotated it."""

    key_id: str
    """Its id, to rotate or delete it by; `actor` of what it does is `key:` and this."""
    scope: KeyScope | str | None
    """What it may do, where that is one of these; null: see `scopes`."""
    scopes: list[KeyScopeWord | str]
    """All that it may do, each with what it includes."""
    account: str | None
    """The one account that it may see; null: all."""
    name: str | None
    """What people call it."""
    created_by: str
    """Who made it: `key:<key id>`; or `operator`, from a shell."""
    created_at: Instant
    """When."""
    expires_at: Instant | None
    """From when on it opens nothing; null: never."""
    rate_limit: int | None
    """Requests a second; null: as many as the API takes."""
    last_used_at: Instant | None
    """When it was used last, but for a day; null: not yet."""
    key: str | None
    """The key itself. It is stored nowhere. Null where this is a replay, and another key asked the first time."""
    previous_ends_at: Instant | None
    """Until when the key of before works too; null where it was not rotated."""


class AppliedLine(Answer):
    """What one application paid of a line, and with which credits."""

    applied: Money
    """What credits paid."""
    paid_part: Money
    """The part that credits with cost basis paid: customers' own money, paid before."""
    free_part: Money
    """The part that credits without cost basis paid: a discount. Both parts together are what was applied."""
    line_id: str
    """The line that was paid, by its name within the invoice."""
    draws: list[Draw]
    """The credits that paid for it, by lot. A credit that pays for two lines stands with the first of them."""


class Application(Answer):
    """One application, as its entry says it."""

    applied: Money
    """What credits paid."""
    paid_part: Money
    """The part that credits with cost basis paid: customers' own money, paid before."""
    free_part: Money
    """The part that credits without cost basis paid: a discount. Both parts together are what was applied."""
    entry_id: str
    """The burn: `/v1/accounts/{account}/entries/{entry_id}`."""
    seq: int
    """Its place in the wallet."""
    at: Instant
    """When it was made."""
    credits: str
    """How many credits it took."""
    lines: list[AppliedLine]
    """What each line got."""


class InvoiceLineBody(Request):
    """One line of an invoice."""

    line_id: str
    """Names the line within the invoice."""
    description: str | None = None
    """What is billed, for people; shown with the invoice. It must name nobody."""
    amount: int
    """What is billed without tax, in minor units. Of a discount, a smaller amount of the line that it belongs to."""
    tax: int | None = None
    """The tax of that, before any credits, in minor units. Default: `0`."""


class ApplicationBody(Request):
    """Lines of an invoice that credits are to pay, as far as there are any."""

    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry."""
    account: str
    """Whose credits pay. All applications to one invoice are of one account and unit."""
    unit: str | None = None
    """Which credits pay: its policy's `value` says what they are worth. Default: `credits`."""
    currency: str
    """The currency of the lines: that of the unit's `value`."""
    lines: list[InvoiceLineBody]
    """The lines, paid in this order, each up to what it has left. A line that was said before says the same again."""
    max: str | None = None
    """Most credits to take. Null or left out: as many as pay the lines."""
    tax: TaxMode
    """`before`: credits are taken off the lines' amounts, and you compute the tax of what is left. `after`: they pay amount and tax."""


class Applied(Answer):
    """Credits applied to an invoice: the money that they paid, the burn's entry, and the balance right after it."""

    applied: Money
    """What credits paid."""
    paid_part: Money
    """The part that credits with cost basis paid: customers' own money, paid before."""
    free_part: Money
    """The part that credits without cost basis paid: a discount. Both parts together are what was applied."""
    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    invoice_id: str
    """Whose lines were paid. The entry has it as its reference, of type `invoice`."""
    credits: str
    """How many credits that took."""
    lines: list[AppliedLine]
    """What each line got, in the request's order."""


class AuditTarget(Answer):
    """What was changed."""

    type: AuditTargetType | str
    """Its kind: each is changed by routes of its own."""
    id: str
    """Its id, as its own route has it; of a payment, `<provider>:<id>`."""


class AuditedChange(Answer):
    """A change, who made it, and when."""

    at: Instant
    """When."""
    actor: str
    """Who: `key:<id>`, or `operator` for what was done from a shell."""
    actor_name: str | None
    """The name of that key at the time."""
    action: AuditAction | str
    """What was done."""
    target: AuditTarget
    """What was changed."""
    before: dict[str, Any] | None
    """What there was, as its own route shows it; of a rate card the version before, of a profile the names of its members alone. Null where there was nothing."""
    after: dict[str, Any] | None
    """What there is since; of a payment the decision. Null where it was deleted."""
    request_id: str | None
    """`Request-Id` of the answer to the change, which is in the logs too."""


class AuditPage(Answer):
    """Changes, newest first. A page with a filter may be short, or empty, and yet have a `next_cursor`."""

    items: list[AuditedChange]
    """The changes."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class Cap(Answer):
    """How much may be charged in each period."""

    every: str
    """The period, ISO 8601."""
    time_zone: str
    """The zone whose calendar it keeps."""
    anchor: Instant
    """An instant at which a period begins."""
    count: int | None
    """At most so many charges; null: any number."""
    money: Money | None
    """At most so much, without tax; null: any amount."""


class Spent(Answer):
    """What was charged in a period: charges that the provider says are paid."""

    from_: Instant = Field(validation_alias="from", serialization_alias="from")
    """The period's first instant."""
    to: Instant
    """The first instant after the period."""
    count: int
    """How many charges."""
    money: Money | None
    """How much, without tax, in the currency of the cap, or of the last charge; null where there was none."""


class AutoTopup(Answer):
    """A wallet's automatic top-up, and how it is."""

    unit: str
    """The wallet's unit."""
    threshold: str
    """With so many credits available, or fewer, it tops up."""
    pack: str
    """The pack that is ordered."""
    quantity: int | None
    """How many packs; null: as many as `target` takes."""
    target: str | None
    """What is available after it; null: whatever `quantity` packs bring."""
    provider: Provider | str
    """Where the payment method is kept that is charged."""
    cap: Cap | None
    """What is charged at most; null: whatever the threshold asks for."""
    enabled: bool
    """Whether it tops up."""
    state: AutoTopupState | str
    """What it is doing."""
    reason: AutoTopupReason | str | None
    """Why; null where it needs none."""
    spent: Spent
    """What was charged in the cap's present period; without a cap, in this calendar month."""
    next_attempt_at: Instant | None
    """When it tries again, while it is `backing_off`; null otherwise."""


class MoneyBody(Request):
    """Minor units of an ISO 4217 currency."""

    amount: int
    """Minor units (cents). Currencies have 0, 2 or 3 decimals."""
    currency: str
    """ISO 4217, capital letters."""


class CapBody(Request):
    """How much may be charged in each period: `count`, `money`, or both."""

    every: str | None = None
    """The period: a number of days, weeks, months or years, ISO 8601. Default: `P1M`."""
    time_zone: str | None = None
    """The zone whose calendar the period keeps, of the IANA database. Default: `UTC`."""
    anchor: Instant | None = None
    """An instant at which a period begins. Left out: as it was, or the first day of this month there."""
    count: int | None = None
    """At most so many charges; null: any number."""
    money: MoneyBody | None = None
    """At most so much, without tax, in the pack's currency; null: any amount."""


class AutoTopupBody(Request):
    """When a wallet is topped up by itself, with what, and how often at most."""

    threshold: str
    """With so many credits available, or fewer, it tops up."""
    pack: str
    """The pack that is ordered, of the wallet's unit; it is paid once, and renews by itself no more."""
    quantity: int | None = None
    """How many packs. Left out: one, or as many as `target` takes."""
    target: str | None = None
    """Order the fewest packs with which so many credits are available, instead of `quantity`; more than `threshold`."""
    provider: Provider | None = None
    """Where the payment method is kept that is charged. Default: `dodo`."""
    cap: CapBody | None = None
    """What is charged at most; null: whatever the threshold asks for."""
    enabled: bool | None = None
    """Whether it tops up. To put it so also forgets failures. Default: `true`."""


class Funds(Answer):
    """What became of the money of a wallet's credits, in minor units of one currency. `paid` + `bad_debt` = `recognised` + `deferred` + `refunded` + `breakage` + `moved`."""

    currency: str
    """ISO 4217."""
    paid: int
    """For credits granted here, without what was a mistake. Money kept as credit counts again."""
    recognised: int
    """Earned, as credits were spent, less what was given back of it."""
    deferred: int
    """Not earned yet: of credits that are still there."""
    refunded: int
    """Given back, or kept as credit."""
    breakage: int
    """Earned without being spent: of credits that expired, were voided or debited."""
    moved: int
    """Of credits that went to other wallets, less those that came from them."""
    bad_debt: int
    """Given back of credits whose money was another lot's by then."""


class NextExpiry(Answer):
    """The next time that available credits expire."""

    at: Instant
    """When."""
    amount: str
    """How many."""


class Balance(Answer):
    """A wallet as if all that is due were booked. A wallet never seen has zeros. `spendable`, `overdraft_left`, `money` and `next_expiry` are not there for an instant before the last entry: the ledger's totals do not say them."""

    account: str
    """Whose wallet it is."""
    unit: str
    """What its credits are counted in."""
    as_of: Instant
    """The instant it is of."""
    total: str
    """All there is, less what is owed."""
    available: str
    """What can be spent now."""
    held: str
    """Set aside by open holds."""
    frozen: str
    """Under open dispute or pending refund."""
    pending: str
    """In lots that have not begun."""
    owed: str
    """Debt: taken back, or burned by allowed overdraft, beyond what there was."""
    by_category: ByCategory
    """`available` by how it was come by."""
    status: WalletStatus | str
    """`frozen`: no credits leave it until it is unfrozen. `closed`: for ever."""
    version: int
    """`seq` of the last entry; 0 for a wallet never seen."""
    spendable: str | None = None
    """What a burn could take now: 0 where the wallet is not active; overdraft and the share of promotional credits count, and lots with a scope where `meter` names one of theirs."""
    overdraft_left: str | None = None
    """The debt that burns may still make."""
    money: list[Funds] | None = None
    """What became of the money, by currency. Null where it was not counted from the wallet's beginning."""
    next_expiry: NextExpiry | None = None
    """Null where nothing will expire."""


class BodyTooLargeProblem(Answer):
    """The body is too large."""

    type: Literal["urn:scrip:problem:body_too_large"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[413]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["body_too_large"]
    """What to branch on."""
    limit: int
    """The most bytes that it may have."""


class BudgetExceededProblem(Answer):
    """That is more than a budget has left."""

    type: Literal["urn:scrip:problem:budget_exceeded"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[402]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["budget_exceeded"]
    """What to branch on."""
    budget_id: str
    """The budget."""
    limit: str
    """What may be spent in a period."""
    spent: str
    """What was spent, or is held, in the present one."""
    resets_at: Instant
    """When the next period begins."""
    member: str | None = None
    """Whose budget it is; not there where it is the whole wallet's."""
    unit: str
    """The unit that the amounts are in."""


class ClockBackwardsProblem(Answer):
    """The wallet's time does not run backwards."""

    type: Literal["urn:scrip:problem:clock_backwards"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[422]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["clock_backwards"]
    """What to branch on."""
    last_entry_at: Instant
    """The instant of the wallet's last entry."""
    account: str | None = None
    """Whose wallet it is, where two take part."""


class ContendedProblem(Answer):
    """Too many writers at once."""

    type: Literal["urn:scrip:problem:contended"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["contended"]
    """What to branch on."""


class ForbiddenProblem(Answer):
    """The key does not allow this."""

    type: Literal["urn:scrip:problem:forbidden"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[403]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["forbidden"]
    """What to branch on."""
    scope: str | None = None
    """The scope that the key would need."""


class HoldNotOpenProblem(Answer):
    """The hold is not open."""

    type: Literal["urn:scrip:problem:hold_not_open"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["hold_not_open"]
    """What to branch on."""
    hold_status: Literal["captured", "released", "expired"]
    """What became of it."""


class IdempotencyKeyMissingProblem(Answer):
    """The Idempotency-Key header is missing."""

    type: Literal["urn:scrip:problem:idempotency_key_missing"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[400]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["idempotency_key_missing"]
    """What to branch on."""


class IdempotencyKeyReusedProblem(Answer):
    """The Idempotency-Key was used for another request."""

    type: Literal["urn:scrip:problem:idempotency_key_reused"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[422]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["idempotency_key_reused"]
    """What to branch on."""
    entry_id: str | None = None
    """The entry that the key made."""
    kind: str | None = None
    """The kind of that entry."""
    topup_id: str | None = None
    """The order that the key made."""
    request_id: str | None = None
    """The refund that the key asked for."""


class InsufficientCreditsProblem(Answer):
    """There are not enough credits."""

    type: Literal["urn:scrip:problem:insufficient_credits"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[402]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["insufficient_credits"]
    """What to branch on."""
    required: str
    """The credits that were needed."""
    available: str
    """The credits that could have been taken for this."""
    out_of_scope: str | None = None
    """Credits that are there besides, but may not pay for this meter."""
    withheld: str | None = None
    """Promotional credits that are there besides, over the share that the unit's policy allows."""
    unit: str
    """The unit that the amounts are in."""


class Mistake(Answer):
    """Something that is wrong with a request."""

    field: str
    """Where it is, e.g. `cost_basis.amount`."""
    message: str
    """What is wrong, for people."""


class InvalidRequestProblem(Answer):
    """The request is not valid."""

    type: Literal["urn:scrip:problem:invalid_request"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[400]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["invalid_request"]
    """What to branch on."""
    errors: list[Mistake]
    """Each mistake that was found, twenty at the most."""


class InvoiceVoidProblem(Answer):
    """The invoice is void."""

    type: Literal["urn:scrip:problem:invoice_void"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["invoice_void"]
    """What to branch on."""
    voided_at: Instant
    """When it became void."""


class LotNotOpenProblem(Answer):
    """Nothing is left of the lot."""

    type: Literal["urn:scrip:problem:lot_not_open"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["lot_not_open"]
    """What to branch on."""
    lot_id: str
    """The lot."""


class Missing(Answer):
    """Why a month cannot be closed yet."""

    what: str
    """What is missing: `wallets`, `deliveries`, `dead_letters` or `editions`."""
    detail: str
    """What of it is missing, for people."""
    items: list[str]
    """The first hundred of it."""


class NotCompleteProblem(Answer):
    """Something of the month is missing."""

    type: Literal["urn:scrip:problem:not_complete"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["not_complete"]
    """What to branch on."""
    period: str
    """The month."""
    reasons: list[Missing]
    """Why it cannot be closed yet."""


class NotFoundProblem(Answer):
    """There is no such thing."""

    type: Literal["urn:scrip:problem:not_found"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[404]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["not_found"]
    """What to branch on."""
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


class OffsetGapProblem(Answer):
    """Offsets are missing in between."""

    type: Literal["urn:scrip:problem:offset_gap"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["offset_gap"]
    """What to branch on."""
    next: int
    """The offset that the stream goes on with."""


class PeriodNotOverProblem(Answer):
    """The month is not over."""

    type: Literal["urn:scrip:problem:period_not_over"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["period_not_over"]
    """What to branch on."""
    period: str
    """The month."""
    closes_at: Instant
    """From when on it can be closed."""


class PolicyViolationProblem(Answer):
    """A policy does not allow this."""

    type: Literal["urn:scrip:problem:policy_violation"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[422]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["policy_violation"]
    """What to branch on."""
    policy: str
    """The rule or limit, by name, e.g. `max_lots_per_burn`."""
    field: str | None = None
    """Where it is in the body."""
    account: str | None = None
    """Whose wallet it is, where two take part."""
    held: str | None = None
    """Credits that the hold still holds (`over_capture`)."""
    total: str | None = None
    """What is in the wallet (`zero_balance`)."""
    refunded: Money | None = None
    """Money refunded of this source so far (`refund_total`)."""
    paid: Money | None = None
    """Money paid for this source (`refund_total`)."""
    unspent: str | None = None
    """What is left of the payment's lot (`refund_unspent`)."""
    credits: str | None = None
    """Credits that the refund would take (`refund_unspent`)."""
    refundable: Money | None = None
    """The most that can be refunded without force (`refund_unspent`)."""
    left: Money | None = None
    """The most that is left of the payment (`refund_unspent`, `refund_left`)."""
    provider_status: int | None = None
    """The status that the provider answered with (`refund_refused`)."""
    provider_reason: str | None = None
    """What the provider said (`refund_refused`)."""
    price: Money | None = None
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


class PrecisionExceededProblem(Answer):
    """The amount has more decimals than its unit."""

    type: Literal["urn:scrip:problem:precision_exceeded"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[422]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["precision_exceeded"]
    """What to branch on."""
    field: str
    """Where the amount is."""
    precision: int
    """The decimals that the unit has."""


class PromotionAlreadyClaimedProblem(Answer):
    """The promotion was claimed already."""

    type: Literal["urn:scrip:problem:promotion_already_claimed"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["promotion_already_claimed"]
    """What to branch on."""


class PromotionExhaustedProblem(Answer):
    """The promotion has nothing left to give."""

    type: Literal["urn:scrip:problem:promotion_exhausted"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["promotion_exhausted"]
    """What to branch on."""


class QuoteExpiredProblem(Answer):
    """The quote has expired."""

    type: Literal["urn:scrip:problem:quote_expired"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["quote_expired"]
    """What to branch on."""
    expired_at: Instant
    """Since when."""


class QuoteMismatchProblem(Answer):
    """The quote is for another request."""

    type: Literal["urn:scrip:problem:quote_mismatch"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[422]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["quote_mismatch"]
    """What to branch on."""


class TermsChangedProblem(Answer):
    """The terms are others by now."""

    type: Literal["urn:scrip:problem:terms_changed"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["terms_changed"]
    """What to branch on."""
    terms_version: str
    """The version of the terms that the order would have now."""


class ThrottledProblem(Answer):
    """Too many requests."""

    type: Literal["urn:scrip:problem:throttled"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[429]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["throttled"]
    """What to branch on."""
    rate_limit: int | None = None
    """Requests a second that the key may send."""


class TopupNotOpenProblem(Answer):
    """The order is not open."""

    type: Literal["urn:scrip:problem:topup_not_open"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["topup_not_open"]
    """What to branch on."""
    topup_id: str
    """The order."""
    topup_status: Literal["paid", "refunded", "partially_refunded", "disputed", "expired", "cancelled"]
    """What became of it."""


class UnauthenticatedProblem(Answer):
    """The caller is not known."""

    type: Literal["urn:scrip:problem:unauthenticated"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[401]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["unauthenticated"]
    """What to branch on."""


class UnavailableProblem(Answer):
    """Temporarily unavailable."""

    type: Literal["urn:scrip:problem:unavailable"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[503]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["unavailable"]
    """What to branch on."""


class UnsupportedMediaTypeProblem(Answer):
    """The body's content type is not one that is taken here."""

    type: Literal["urn:scrip:problem:unsupported_media_type"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[415]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["unsupported_media_type"]
    """What to branch on."""


class WalletClosedProblem(Answer):
    """The wallet is closed."""

    type: Literal["urn:scrip:problem:wallet_closed"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["wallet_closed"]
    """What to branch on."""
    account: str | None = None
    """Whose wallet it is, where two take part."""


class WalletFrozenProblem(Answer):
    """The wallet is frozen."""

    type: Literal["urn:scrip:problem:wallet_frozen"]
    """Names the problem, for ever (RFC 9457)."""
    title: str
    """What it is, for people."""
    status: Literal[409]
    """The answer's status."""
    detail: str
    """What it is this time, for people. Never branch on it."""
    code: Literal["wallet_frozen"]
    """What to branch on."""
    account: str | None = None
    """Whose wallet it is, where two take part."""


class BatchItem(Answer):
    """What became of one burn."""

    status: int
    """The status that it would have been answered with by itself."""
    replayed: bool | None = None
    """Whether it was carried out before; where there is an entry."""
    entry: Entry | None = None
    """What happened; where it was carried out."""
    problem: Problem | None = None
    """Why it was refused; where it was."""
    key: str
    """The idempotency key that the request gave it."""


class Batch(Answer):
    """What became of each burn, and the balance then."""

    items: list[BatchItem]
    """In the order of the request."""
    balance: Balance
    """What is there after all of them."""


class ItemBody(Request):
    """So much of a meter, as one of several items."""

    meter: str
    """What is counted: its rate card says the price."""
    quantity: str | int
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: dict[str, str] | None = None
    """What chooses among the prices of a rate card that is a table."""


class BatchedBurnBody(Request):
    """One burn of a batch."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    member: str | None = None
    """Who of the account uses them: a person, a team, a key of yours."""
    tags: dict[str, str] | None = None
    """What they are used for, as `{"team": "search"}`: usage can be shown by each."""
    amount: str | None = None
    """How many credits: a decimal string, more than zero. This, or `meter` and `quantity`, or `items`."""
    meter: str | None = None
    """What is counted: its rate card says the price."""
    quantity: str | int | None = None
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: dict[str, str] | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: list[ItemBody] | None = None
    """Usage of several meters, paid in one entry, all or nothing; `up_to` takes what is there, item by item."""
    quote: str | None = None
    """What a quote of just this with `lock_for` gave: it costs what was quoted, to the step, as often as it is sent until then."""
    mode: BurnMode | None = None
    """`exact`: all or nothing. `up_to`: what is there, and the answer says what is missing. Default: `exact`."""
    key: str
    """The burn's own idempotency key."""


class BatchBody(Request):
    """Burns of one wallet, carried out in order."""

    burns: list[BatchedBurnBody]
    """Burns of one wallet, each with a key of its own; a key comes once."""


class BilledOverage(Answer):
    """What an account owed as a period of an allowance ended, and is to be billed. The entry itself is at `/v1/accounts/{account}/entries/{entry_id}`."""

    account: str
    """Whom to bill."""
    unit: str
    """What was owed."""
    allowance_id: str
    """The allowance whose period ended."""
    amount: str
    """How much was owed."""
    value: Money | None
    """What that is worth, rounded down to the minor unit; null: the unit had no `value` when the allowance was put."""
    at: Instant
    """When the period ended."""
    entry_id: str
    """The entry that wrote it off: bill it once."""
    seq: int
    """Its place in the wallet."""


class BilledOveragePage(Answer):
    """Overages, newest first. A page may be short, or empty, and yet have a `next_cursor`."""

    items: list[BilledOverage]
    """The overages."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    complete_through: Instant | None
    """None that was committed before this instant is missing. Null: that is not known yet, so ask again."""


class Bonus(Answer):
    """Credits on top, from a quantity up."""

    from_quantity: int
    """From how many packs on."""
    credits: str | None
    """So many; or null."""
    percent: str | None
    """So many percent of the packs' own; or null."""


class BonusBody(Request):
    """Credits on top, from a quantity up: so many, or so many percent of the packs' own."""

    from_quantity: int
    """From how many packs on."""
    credits: str | None = None
    """So many credits. This or `percent`."""
    percent: str | None = None
    """So many percent of the packs' own credits, rounded down to the unit's step."""


class Booked(Answer):
    """What became of one record."""

    offset: int
    """Its place in the stream."""
    status: RecordStatus | str
    """What became of it."""
    amount: str
    """What it cost; `0` of one that was refused or skipped."""
    reason: RefusedReason | str | None = None
    """Why it is refused; where it is."""


class BookedPage(Answer):
    """What became of the records, and the balance then."""

    entry: Entry | None
    """The entry that booked the last of them; null where none ever was."""
    balance: BalanceAfter
    """What is there then."""
    burned: str
    """What this request burned; what was known is not counted again."""
    records: list[Booked]
    """In the order of the request."""
    next: int
    """The offset that the stream goes on with."""


class ReportBeside(Answer):
    """A further figure, which is no part of the sum."""

    line: str
    """What the figure tells, such as `tax_deferred.DE`."""
    amount: int
    """Minor units (cents)."""


class ReportRow(Answer):
    """A row of a report. Which members it has depends on the report; `amount` is always there."""

    account: str | None = None
    """Of the trial balance: the account of the books, by its key in the chart. By account: the customer's."""
    line: str | None = None
    """Which line of the report it is."""
    day: str | None = None
    """The day (UTC). What came late for a closed month is of the first day of the month that it is booked in."""
    meter: str | None = None
    """What the credits were spent for; null: no meter counted it."""
    pack: str | None = None
    """The pack that the credits came of; null: of none."""
    kind: str | None = None
    """The kind of the entries by which the credits ended."""
    bucket: str | None = None
    """How long after the instant the credits end: `ended` (what is held or frozen past its end), `0-30d`, `31-90d`, `91-365d`, `over-365d`, `never`."""
    provider: str | None = None
    """The payment provider."""
    country: str | None = None
    """That of the payment that bought the credits; where it told none, the one that the account was of when the entry was recorded; `unknown`: none was said."""
    tax_point: str | None = None
    """When the tax is due: `purchase` or `redemption`."""
    opening: int | None = None
    """What the account had at the month's beginning."""
    movement: int | None = None
    """What was booked to it in the month."""
    taxable: int | None = None
    """What the tax is of, without it."""
    amount: int
    """Minor units (cents)."""


class ReportCurrency(Answer):
    """What a report says in one currency. Currencies are never added up."""

    currency: str
    """ISO 4217."""
    rows: list[ReportRow]
    """What it says of each account, day, provider and so on."""
    beside: list[ReportBeside]
    """Further figures."""


class ReportPromotion(Answer):
    """What a promotion gave: opening + issued − burned − expired − taken_back + moved = closing."""

    promotion: str
    """Its code."""
    redemptions: int
    """How often it gave something in the month."""
    opening: str
    """What was left at the month's beginning of all that it had given."""
    issued: str
    """What it gave in the month."""
    burned: str
    """What was spent of what it ever gave, less what came back."""
    expired: str
    """What ended unspent."""
    taken_back: str
    """What was taken back otherwise: voids and debits."""
    moved: str
    """What came from other lots of it, by transfers and rollovers, less what went: 0 where both are in the month."""
    closing: str
    """What is left at the month's end."""


class ReportUnit(Answer):
    """What promotions gave in one unit."""

    unit: str
    """Which unit the credits are of."""
    rows: list[ReportPromotion]
    """By code."""


class BooksReport(Answer):
    """A report of the books. Amounts are minor units; debit is positive where accounts of the books are meant."""

    report: ReportName | str
    """The name that it was asked for by."""
    period: str | None
    """The month (UTC) that it is of; null: it is of an instant."""
    at: Instant | None = None
    """The instant that it is of, where it is of one: what holds at it is in the report."""
    as_of: Instant
    """When the books were so; of a closed month, when it was closed."""
    complete_through: Instant | None
    """Every entry that was recorded before this instant is in it. Null: that is not proved yet."""
    currencies: list[ReportCurrency]
    """What it says, by currency. One in which there is nothing is left out; of `promotions` all are."""
    units: list[ReportUnit] | None = None
    """Of `promotions` alone: what is given away costs nothing, so that it is credits of a unit and no money."""


class Budget(Answer):
    """A budget, and what is spent of it in its present period."""

    from_: Instant = Field(validation_alias="from", serialization_alias="from")
    """The first instant of its present period."""
    budget_id: str
    """Its id, the caller's."""
    unit: str
    """What its credits are counted in."""
    limit: str
    """What may be spent in a period."""
    every: str
    """The period, ISO 8601."""
    anchor: Instant
    """An instant at which a period begins."""
    time_zone: str
    """The zone whose calendar and clocks it keeps, of the IANA database."""
    member: str | None
    """Whose spending counts; `*`: of each member for itself. Null: all of the wallet's."""
    meter: str | None
    """Only what is spent for this meter; null: whatever it is spent for."""
    warn_at: list[str]
    """Percentages of the limit that are told of, smallest first."""
    action: BudgetAction | str
    """What becomes of what would be spent beyond the limit."""
    spent: str | None
    """What was spent, or is held, in the present period. Null where each member has a counter of its own, and the request names no `member`."""
    resets_at: Instant
    """When the next period begins, with nothing spent."""
    version: int
    """Counts changes."""


class BudgetBody(Request):
    """How much may be spent of a wallet in each period."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Say it where the account has a budget with this id in another unit alone. Default: `credits`."""
    limit: str
    """What may be spent in a period; `0`: nothing."""
    every: str
    """The period: a number of days, weeks, months or years, ISO 8601."""
    anchor: Instant | None = None
    """An instant at which a period begins. Left out: as it was, or the calendar's: a midnight, of a Monday, of the first of a month or of a year; several of them are counted from 1 January 1973."""
    time_zone: str | None = None
    """The zone whose calendar and clocks it keeps, of the IANA database. Default: `UTC`."""
    member: str | None = None
    """Whose spending counts: that of one member, or `*`: of each member for itself. Null: all of the wallet's."""
    meter: str | None = None
    """Only what is spent for this meter; null: whatever it is spent for."""
    warn_at: list[str] | None = None
    """Percentages of the limit, such as `80%`: what passes one is told as `scrip.budget.warning`."""
    action: BudgetAction | None = None
    """What becomes of what would be spent beyond the limit: `refuse`: 402 `budget_exceeded`; `notify`: it is taken, and only told. Default: `refuse`."""


class BudgetPage(Answer):
    """Budgets of a wallet, by their ids."""

    items: list[Budget]
    """The budgets."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class BurnBody(Request):
    """Credits to spend: an amount, so much of a meter, or several items."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    member: str | None = None
    """Who of the account uses them: a person, a team, a key of yours."""
    tags: dict[str, str] | None = None
    """What they are used for, as `{"team": "search"}`: usage can be shown by each."""
    amount: str | None = None
    """How many credits: a decimal string, more than zero. This, or `meter` and `quantity`, or `items`."""
    meter: str | None = None
    """What is counted: its rate card says the price."""
    quantity: str | int | None = None
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: dict[str, str] | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: list[ItemBody] | None = None
    """Usage of several meters, paid in one entry, all or nothing; `up_to` takes what is there, item by item."""
    quote: str | None = None
    """What a quote of just this with `lock_for` gave: it costs what was quoted, to the step, as often as it is sent until then."""
    mode: BurnMode | None = None
    """`exact`: all or nothing. `up_to`: what is there, and the answer says what is missing. Default: `exact`."""


class BurnPageBody(Request):
    """Records of one stream, each burned once for ever."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    stream: str
    """Who numbers the records: a partition of yours, a process. It goes on where its last page ended."""
    first: int
    """The offset of the first record; those of the others follow without gaps."""
    records: list[list[Any] | None]
    """1 to 1 000: `["2", "req-1"]` is an amount and a reference, `["meter", "3", "req-2", {"model": "x"}]` so much of a meter, null an offset that is given up."""
    member: str | None = None
    """Who of the account used them: of all records of the page."""
    tags: dict[str, str] | None = None
    """What they were used for, as `{"team": "search"}`: of all records of the page."""
    gap: Gap | None = None
    """`skip` uses up the offsets between the stream's next one and `first`; by itself such a page is refused. Default: `refuse`."""


class BurnRate(Answer):
    """How fast credits are used: burned and captured."""

    per_day: str
    """How many in a day, rounded down."""
    days: int
    """In how many days they were used, rounded up: 28 at most, and fewer where the first use is not so long ago."""


class Burned(Answer):
    """The entry, the balance right after it, and how much was burned."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    burned: str
    """How many credits were spent."""
    missing: str
    """How many there were too few; `0` but for `up_to`."""


class CancelBody(Request):
    """Nothing is said: the path names the order."""


class CancelSubscriptionBody(Request):
    """When it ends."""

    at: CancelAt | None = None
    """`period_end`: once what was paid for is over; `now`: at once. No money goes back, and no credit is taken. Default: `period_end`."""


class CaptureBody(Request):
    """What is spent of the credits that a hold set aside."""

    unit: str | None = None
    """The unit that the id in the path is of; may be left out."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    amount: str | None = None
    """How many of the held credits to spend. Left out, and no quantity or items either: all of them."""
    quantity: str | int | None = None
    """How much of the hold's meter was used, priced as when the hold was placed, together with what was captured of it before."""
    dimensions: dict[str, str] | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: list[ItemBody] | None = None
    """Usage of the meters that the hold is for, priced in the same way."""
    quote: str | None = None
    """What a quote of just this with `lock_for` gave: it costs what was quoted."""
    final: bool | None = None
    """Whether the rest is given back. Default: `true`."""


class ChartOfAccounts(Answer):
    """What the accounts of the books, and rates, are called: a member for each."""

    version: int
    """Counts changes; 0: nobody named any account yet."""
    deferred_revenue: str
    """The money, without tax, of credits that are still there."""
    tax_deferred: str
    """The tax of such credits, where it is due as they are spent."""
    tax_payable: str
    """The tax that is due."""
    revenue: str
    """The money of credits that were spent."""
    breakage: str
    """The money of credits that nobody spent."""
    breakage_tax: str
    """The tax of such credits that was due as they were spent, and so never was. What becomes of it depends on the country."""
    refunds: str
    """What was paid back of money that had been earned."""
    bad_debt: str
    """The same of a dispute that was lost."""
    funding_manual: str = Field(validation_alias="funding.manual", serialization_alias="funding.manual")
    """What was paid elsewhere for credits that were granted by hand."""
    funding_credit: str = Field(validation_alias="funding.credit", serialization_alias="funding.credit")
    """What was paid elsewhere and became credits in the place of a refund."""
    bank: str
    """What providers paid out."""
    fees: str
    """What providers kept for their work."""
    conversion: str
    """What providers exchanged into another currency, and out of one."""
    adjustments: str
    """What providers moved and nobody has explained yet: to be booked on to where it belongs."""
    receivable: str
    """What customers owe on invoices."""
    promotional_expense: str | None
    """What credits that were given away stand for, as a memo. Without a name nothing is booked to it."""
    cash_dodo: str = Field(validation_alias="cash.dodo", serialization_alias="cash.dodo")
    """What dodo took in and has not paid out yet."""
    cash_paddle: str = Field(validation_alias="cash.paddle", serialization_alias="cash.paddle")
    """What paddle took in and has not paid out yet."""
    cash_standard: str = Field(validation_alias="cash.standard", serialization_alias="cash.standard")
    """What standard took in and has not paid out yet."""
    cash_stripe: str = Field(validation_alias="cash.stripe", serialization_alias="cash.stripe")
    """What stripe took in and has not paid out yet."""
    xero_tax_rate: str = Field(validation_alias="xero.tax_rate", serialization_alias="xero.tax_rate")
    """What Xero calls the rate of lines that have no tax: all of them here."""


class ChartOfAccountsBody(Request):
    """What accounts of the books, and rates, are called. It replaces all that was said before: an account that is left out, or null, has its own name again."""

    deferred_revenue: str | None = None
    """The money, without tax, of credits that are still there."""
    tax_deferred: str | None = None
    """The tax of such credits, where it is due as they are spent."""
    tax_payable: str | None = None
    """The tax that is due."""
    revenue: str | None = None
    """The money of credits that were spent."""
    breakage: str | None = None
    """The money of credits that nobody spent."""
    breakage_tax: str | None = None
    """The tax of such credits that was due as they were spent, and so never was. What becomes of it depends on the country."""
    refunds: str | None = None
    """What was paid back of money that had been earned."""
    bad_debt: str | None = None
    """The same of a dispute that was lost."""
    funding_manual: str | None = Field(
        default=None, validation_alias="funding.manual", serialization_alias="funding.manual"
    )
    """What was paid elsewhere for credits that were granted by hand."""
    funding_credit: str | None = Field(
        default=None, validation_alias="funding.credit", serialization_alias="funding.credit"
    )
    """What was paid elsewhere and became credits in the place of a refund."""
    bank: str | None = None
    """What providers paid out."""
    fees: str | None = None
    """What providers kept for their work."""
    conversion: str | None = None
    """What providers exchanged into another currency, and out of one."""
    adjustments: str | None = None
    """What providers moved and nobody has explained yet: to be booked on to where it belongs."""
    receivable: str | None = None
    """What customers owe on invoices."""
    promotional_expense: str | None = None
    """What credits that were given away stand for, as a memo. Without a name nothing is booked to it."""
    cash_dodo: str | None = Field(default=None, validation_alias="cash.dodo", serialization_alias="cash.dodo")
    """What dodo took in and has not paid out yet."""
    cash_paddle: str | None = Field(
        default=None, validation_alias="cash.paddle", serialization_alias="cash.paddle"
    )
    """What paddle took in and has not paid out yet."""
    cash_standard: str | None = Field(
        default=None, validation_alias="cash.standard", serialization_alias="cash.standard"
    )
    """What standard took in and has not paid out yet."""
    cash_stripe: str | None = Field(
        default=None, validation_alias="cash.stripe", serialization_alias="cash.stripe"
    )
    """What stripe took in and has not paid out yet."""
    xero_tax_rate: str | None = Field(
        default=None, validation_alias="xero.tax_rate", serialization_alias="xero.tax_rate"
    )
    """What Xero calls the rate of lines that have no tax: all of them here."""


class DayVersion(Answer):
    """A day of the archive."""

    day: str
    """On which entries were recorded."""
    version: int
    """How often entries of it were added: more than once where some came after the day was made."""


class FrozenReport(Answer):
    """A report as the close has frozen it."""

    report: str
    """Its name among the reports."""
    by: str | None
    """What it is by; null where it is by one thing alone."""
    sha256: str
    """Of the object's bytes."""
    bytes: int
    """The object's."""
    object: str
    """Its key in the archive's bucket."""
    currencies: list[dict[str, Any]] | None
    """Its rows by currency, as the report itself has them; null where they are too many to be shown here, and of the journal and of promotions."""


class Heads(Answer):
    """The object that has the sequence and the hash of every wallet's last entry that the close has seen."""

    object: str
    """Its key in the archive's bucket."""
    sha256: str
    """Of its bytes."""


class ParkedAtClose(Answer):
    """A payment that waited for a person as the month was closed."""

    payment: str
    """The provider and its id of the payment."""
    since: Instant
    """Since when it waits."""


class Close(Answer):
    """What the close of a month has frozen. It never changes."""

    as_of: Instant
    """When it was closed."""
    complete_through: Instant
    """Every entry that was recorded before this instant is in it."""
    edition: int
    """The edition of the archive that the close has seen. An entry that is not in it is booked in a later month."""
    edition_sha256: str
    """Of the edition's manifest, which has the SHA-256 of each of its objects."""
    heads: Heads
    """How far every wallet had come."""
    chart_of_accounts: dict[str, Any]
    """What the accounts of the books were called: those that somebody had named, and the version."""
    reports: list[FrozenReport]
    """What the books said, each by its hash."""
    days: list[DayVersion]
    """The days of the month, in the versions that the close has seen; those without entries are left out."""
    parked: list[ParkedAtClose]
    """The first hundred payments that waited for a person: nothing of them is in the books."""
    parked_count: int
    """How many such payments there were; 100 stands for that many or more."""
    closed_by: str
    """The key that asked for it."""
    closed_by_name: str | None
    """What people call that key."""
    sha256: str
    """Of all of this that the close has stored, and so of the reports, by their own: docs/periods.md says how it is made."""


class CloseBody(Request):
    """A close. It has no members."""


class Compensated(Answer):
    """What became of one account."""

    status: int
    """The status that it would have been answered with by itself."""
    replayed: bool | None = None
    """Whether it was carried out before; where there is an entry."""
    entry: Entry | None = None
    """What happened; where it was carried out."""
    problem: Problem | None = None
    """Why it was refused; where it was."""
    account: str
    """Who is to be compensated."""


class CompensatedBody(Request):
    """One account of an incident, and what it gets."""

    account: str
    """The customer, by your own id for them."""
    amount: str | None = None
    """What this account gets."""


class Compensation(Answer):
    """What became of each account of an incident."""

    incident: str
    """What is made good, as the request named it."""
    unit: str
    """What its credits are counted in."""
    items: list[Compensated]
    """In the order of the request."""
    compensated: int
    """How many accounts have their credits, now or from before."""
    left: int
    """How many have not: send the same request again."""


class CompensationBody(Request):
    """An incident, and what its accounts get."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    expires_in: str | None = None
    """How long the credits live, from `effective_at` on; a calendar duration, ISO 8601. Null: for ever; left out, and `expires_at` too: as the unit's policy says."""
    time_zone: str | None = None
    """The zone whose calendar `expires_in` keeps, of the IANA database. Default: `UTC`."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` in `time_zone` that `expires_in` ends in."""
    priority: int | None = None
    """Lower is taken first. Default: `50`."""
    effective_at: Instant | None = None
    """From when on the credits can be spent; not before now, which it is where left out."""
    expires_at: Instant | None = None
    """Until when; later than now and than `effective_at`. Null: for ever. Not together with `expires_in`."""
    scope: list[str] | None = None
    """The meters that these credits may pay for; none: everything."""
    incident: str
    """What went wrong: an account is compensated for it once, for ever."""
    amount: str | None = None
    """What an account gets that names no amount of its own."""
    accounts: list[CompensatedBody]
    """Who is compensated; each account once."""


class Contract(Answer):
    """An OpenAPI 3.1 document, with all that belongs to one."""

    openapi: str
    """The version of OpenAPI."""
    info: Any
    """What it is of, and in which version."""
    servers: Any
    """Where it is answered; here it stands for a deployment."""
    tags: Any
    """How its operations are grouped."""
    paths: Any
    """Its operations, by path and method."""
    components: Any
    """What its operations are made of."""


class Counted(Answer):
    """What was captured of a meter so far: further captures count on from it."""

    meter: str
    """What was counted."""
    dimensions: dict[str, str]
    """What chooses the price."""
    quantity: str
    """How much of it."""


class DeliveryAttempt(Answer):
    """One try to deliver an event."""

    at: Instant
    """When."""
    status_code: int | None
    """What was answered; null: nothing, `error` says why."""
    error: CallError | str | None
    """Why there is no answer: the endpoint's address is refused, its name is not resolved, there is no connection, TLS failed, it took longer than 15 s, it was no HTTP, or the endpoint was disabled by then. Null: there is one."""
    duration_ms: int
    """How long it took, in milliseconds."""


class Dismissed(Answer):
    """How many events are in the list no more."""

    dismissed: int
    """How many there were."""
    more: bool
    """Whether there may be more of them: then send the same request again."""


class Grace(Answer):
    """Credits to go on with."""

    amount: str
    """How many, in the unit of the wallet."""
    expires_in: str
    """How long they live; ISO 8601."""


class Dunning(Answer):
    """What follows a renewal or an automatic top-up that failed."""

    prompts: list[str]
    """When there are prompts, each so long after the failure; ISO 8601."""
    grace: Grace | None
    """What is granted once for each failure; null: nothing."""


class GraceBody(Request):
    """Credits to go on with."""

    amount: str
    """How many, in the unit of the wallet; a unit with fewer decimals has none."""
    expires_in: str
    """How long they live; ISO 8601, ten years at most."""


class DunningBody(Request):
    """What follows a renewal or an automatic top-up that failed. Runs that have begun keep what they began with."""

    prompts: list[str] | None = None
    """When there are prompts, each so long after the failure; none: an empty list."""
    grace: GraceBody | None = None
    """What is granted once for each failure; null: nothing."""


class Prompt(Answer):
    """A prompt that was made."""

    at: Instant
    """When."""
    topup_id: str
    """Its order: the same sale once more. That of an earlier prompt is cancelled; if it is paid, that counts."""
    checkout_url: str | None
    """Where to pay it; null where your app opens the checkout, or where the provider took no order."""


class DunningRun(Answer):
    """What follows one failure."""

    dunning_id: str
    """What tells it from any other, for ever: the same failure has the same."""
    account: str
    """Whose renewal or top-up failed."""
    unit: str
    """The unit of the wallet."""
    reason: DunningReason | str
    """What failed."""
    topup_id: str
    """The order whose renewal, or which itself, was not paid."""
    since: Instant
    """When Scrip heard of it."""
    prompts: list[Prompt]
    """The prompts that were made, the first first."""
    next_prompt_at: Instant | None
    """When there is one next; null: never."""
    grace_entry_id: str | None
    """The entry that granted credits to go on with; null: there is none."""
    status: DunningStatus | str
    """How it stands: `open`; `paid`: a top-up of the wallet was paid since; `ended`: all prompts were made and nothing was paid yet."""


class DunningPage(Answer):
    """What followed an account's failures, newest first."""

    items: list[DunningRun]
    """The runs."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class EndpointRotationBody(Request):
    """Nothing is said: the path names the endpoint."""


class EndpointStop(Answer):
    """Why an endpoint was disabled, though nobody asked for it."""

    reason: StopReason | str
    """`gone`: it answered 410. `failing`: it was tried for five days and nothing was delivered."""
    at: Instant
    """When."""
    last_status_code: int | None
    """What it answered last; null: nothing."""


class EndpointTest(Answer):
    """A test that is on its way."""

    event_id: str
    """The id of its event: the deliveries say what becomes of it."""


class EndpointTestBody(Request):
    """Nothing is said: the path names the endpoint."""


class ListedEntry(Answer):
    """An entry of a list: a row of the ledger, or what is due and will be one."""

    seq: int
    """Its place in the wallet, from 1, without a gap."""
    kind: EntryKind | str
    """What happened."""
    amount: str
    """Signed change of the total. A hold's is `0`: its draws say what was set aside."""
    balance_before: str
    """The total before it; negative where more is owed than there is."""
    balance_after: str
    """The total after it."""
    available_after: str
    """What could be spent after it."""
    held_after: str
    """What was set aside by holds after it."""
    frozen_after: str
    """What was under a dispute or a pending refund after it."""
    owed_after: str
    """What was owed after it."""
    draws: list[Draw]
    """The lots it took from or gave to, in the order taken."""
    reference: Reference | None
    """What it is about, as the caller said."""
    reason: str | None = None
    """Why, as the caller said. Not for a key of one account."""
    actor: str | None = None
    """Who asked: `key:<key id>`, a provider, or `time`; `system` of an end that was moved because nobody was told of it, of the delivery of a notice, and of a wallet that ran away. Not for a key of one account."""
    actor_name: str | None = None
    """What that key was called then; null of what has no name, and of entries of before it was kept. Not for a key of one account."""
    member: str | None = None
    """Who of the account used the credits; where that was said."""
    tags: dict[str, str] | None = None
    """What they were used for; where that was said."""
    metadata: dict[str, str]
    """As the caller gave it. A key of one account is not shown members that begin with `internal.`."""
    at: Instant
    """When it holds. What was due has the due instant, never one before the entry that precedes it."""
    recorded_at: Instant | None
    """When it was committed: never before `at`, nor before that of the entry that precedes it. Under the test clock its instant. Null while it is not booked, and of entries of before it was kept."""
    alert_base: str | None = None
    """The wallet's base after it: what was available right after its last grant, activation, transfer_in, rollover or reinstatement. Where an alert of the wallet is a percentage, it is one of this."""
    lot_id: str | None = None
    """The lot that it made or changed as a whole."""
    hold_id: str | None = None
    """The hold; of hold, extend, capture and release."""
    usage: EntryUsage | None = None
    """Of a burn, hold or capture by meter: a list where the request had `items`."""
    quoted: bool | None = None
    """True where a `quote` said what it costs; else it is left out."""
    event: UsedEvent | None = None
    """The event of usage that it burned; of what `POST /v1/usage` or the bus brought."""
    of_entry_id: str | None = None
    """The burn that a reversal undoes; the clawback that a write-off belongs to."""
    money: EntryMoney | None = None
    """Of a clawback or a reinstatement."""
    counterpart: Counterpart | None = None
    """The other side; of a transfer."""
    incident: str | None = None
    """What is made good; of a compensation, or of an extension."""
    promotion: str | None = None
    """The code; of a redemption."""
    source: Source | None = None
    """What it came from; of what a payment or a refund as credit made."""
    notice_id: str | None = None
    """The notice that was delivered; of the status entry that says so, which names its lot."""
    expiry: Expiry | None = None
    """The lot's end; of an expiry change."""
    stream: str | None = None
    """Who numbered its records; of an entry that booked several together."""
    first: int | None = None
    """The offset of the first of its records."""
    records: int | None = None
    """How many records it booked, refused and skipped ones included: `GET …/entries/{entry_id}/records` lists them."""
    budgets: list[CountedBudget] | None = None
    """The budgets whose counters it changed, and those in which a hold had counted what it spends."""
    offset: int | None = None
    """The one record that it undoes; of a reversal."""
    rate: OwnRateFacts | None = None
    """The version that it gives the account's own rate card; one that ends it, too."""
    runaway: RunawayFacts | None = None
    """That the wallet spent too fast; of the status entry that says so, right after what passed the amount."""
    overage: OverageFacts | None = None
    """Of a write-off of what was owed as a period of an allowance ended."""
    unused: Unused | None = None
    """Of an expiry, a void or a debit that took credits with cost basis."""
    entry_id: str | None
    """Its id; no other entry has it. Null while it is not booked."""
    hash: str | None
    """SHA-256 over the previous hash and the entry's canonical JSON; null while it is not booked."""
    previous_hash: str | None
    """`hash` of the entry before it, zeros for the first; null while it is not booked."""
    booked: bool | None = None
    """False of what is due and not yet in the ledger, which is shown as if it were: its `seq` and its numbers may yet be others. Of all that is, it is left out."""


class EntryPage(Answer):
    """Entries, newest first, what is due before all others. A page looks at 1 000 entries, and for a second, at most: with a filter it may be short, or empty, and yet have a `next_cursor`."""

    items: list[ListedEntry]
    """The entries."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    through_seq: int
    """The list is complete up to this entry: it may lag the last commits by moments."""


class ExpiryBody(Request):
    """When a lot is to end: exactly one of `expires_at`, `expires_in` and `never`."""

    unit: str | None = None
    """The unit that the id in the path is of; may be left out."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    expires_at: Instant | None = None
    """The instant at which it ends. Null: never."""
    expires_in: str | None = None
    """How long it lives from now on, or from its beginning where that has not come; ISO 8601, UTC. Null: for ever."""
    never: Literal[True] | None = None
    """It never ends."""
    force: bool | None = None
    """It may end earlier than before though it was paid for. Default: `false`."""


class ExpiryChanged(Answer):
    """The entry, the balance right after it, and the lot with its new end."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    lot: Lot
    """The lot, as it was right after the entry."""


class ExplainedEntry(Answer):
    """An entry, in short."""

    entry_id: str
    """Its id; no other entry has it."""
    seq: int
    """Its place in the wallet."""
    kind: EntryKind | str
    """What happened."""
    amount: str
    """Signed change of the total."""
    balance_after: str
    """The total after it."""
    at: Instant
    """When."""
    booked: bool
    """False: time has done it, and it is not in the ledger yet."""


class Reason(Answer):
    """One reason for a lot's place in the burn order."""

    by: OrderCriterion | str
    """The property that the order compares."""
    value: OrderValue
    """The lot's value of that property."""


class ExplainedLot(Answer):
    """A lot with something left, and why it comes where it does."""

    lot_id: str
    """Its id; no other lot has it."""
    kind: LotKind | str
    """How it came."""
    granted: str
    """What it began with."""
    remaining: str
    """What of it can be spent (once it has begun)."""
    held: str
    """What of it is set aside by open holds."""
    frozen: str
    """What of it is under open dispute or pending refund."""
    priority: int
    """Lower is taken first."""
    effective_at: Instant
    """From when on it can be spent."""
    expires_at: Instant | None
    """Until when; null: for ever."""
    cost_basis: Money | None
    """Money paid for the whole lot."""
    scope: list[str]
    """The meters it may pay for; none: everything."""
    status: LotStatus | str
    """What has become of it."""
    source: Source | None
    """What it came from."""
    metadata: dict[str, str]
    """As the grant gave it. A key of one account is not shown members that begin with `internal.`."""
    counterpart: Counterpart | None = None
    """The sender and its entry; of a lot that a transfer made."""
    place: int
    """Its place in the burn order."""
    why: list[Reason]
    """The reasons for that place, the most significant first."""
    entries: list[str]
    """The entries that made its number."""


class LotChange(Answer):
    """What the entries of a page changed of one lot."""

    lot_id: str
    """Its id within the wallet."""
    change: str
    """How much more, or less, is left of it; what holds have set aside counts as left."""
    held_change: str
    """How much more, or less, of it is set aside by holds."""
    entries: list[str]
    """The entries of the page that did it."""


class Proof(Answer):
    """The balance, computed again from the ledger. Sums go on over pages: the last page's are of all entries."""

    entries: int
    """How many entries there are so far, from the wallet's first to the last of this page."""
    sum_of_amounts: str
    """Of all these entries."""
    sum_of_lots_less_owed: str
    """Of what they leave in the lots, less what is owed."""
    head: str | None
    """Hash of the last of them; null where there is none."""
    agrees: bool
    """Whether what was read for this page agrees with itself, and on the last page with what is stored."""
    findings: list[str]
    """What does not agree, for people."""


class Explanation(Answer):
    """Why a balance is what it is."""

    balance: BalanceAfter
    """What is explained."""
    order: BurnOrder | str
    """The wallet's burn order."""
    lots: list[ExplainedLot]
    """The lots with something left, in burn order. Empty where the entries take several pages: add up `changes` of all of them, or list the lots."""
    changes: list[LotChange]
    """What the entries of this page changed, by lot. Over all pages they add up to what is left of each lot."""
    entries: list[ExplainedEntry]
    """The entries that made the number, in their order."""
    proof: Proof
    """The balance, computed again from the ledger, and whether it agrees."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class ExportFile(Answer):
    """A file of an export."""

    url: str
    """Where it is, for 15 minutes: ask for the export again for another address."""
    name: str
    """What it is called."""
    bytes: int
    """How long it is."""
    sha256: str
    """Of its bytes."""
    rows: int
    """How many rows it has; of a ledger of Beancount entries."""


class ExportProgress(Answer):
    """How far an export is."""

    done: int
    """Files that are written."""
    of: int
    """Files that there will be; 0: that is not known yet."""


class Export(Answer):
    """An export, and how far it is."""

    export_id: str
    """Names it: ask for it by this."""
    status: ExportStatus | str
    """`running`: its first files are written; `expired`: its files are deleted."""
    kind: KeptKind | str
    """Entries, the journal, lots, usage, or rows of FOCUS; or a report that was too big or too slow for an answer."""
    format: KeptFormat | str
    """How its files are written."""
    account: str | None
    """The only customer; null: all of them."""
    progress: ExportProgress
    """How far it is."""
    complete_through: Instant | None
    """Every entry that was recorded before this instant is in it; null: that is not known yet, or was not proved."""
    edition: int | None
    """The edition of the archive that it has; null: that is not known yet."""
    files: list[ExportFile]
    """Its files, once all are written."""
    expires_at: Instant | None
    """When its files are deleted; null: they are not written yet."""


class FocusIssuerBody(Request):
    """Who sells the credits, as customers know it: rows of FOCUS 1.2 say it."""

    provider: str
    """Whose platform it is."""
    publisher: str
    """Whose service credits are spent on."""
    invoice_issuer: str
    """Who bills."""
    service: str
    """What credits are spent on."""
    category: str | None = None
    """The kind of that: one of the service categories of FOCUS 1.2. Default: `Other`."""


class ExportBody(Request):
    """What an export is to have."""

    kind: ExportKind
    """What it is of."""
    from_: Instant = Field(validation_alias="from", serialization_alias="from")
    """From this instant on, that instant included: of entries and what was used when they hold, of the journal its date, of lots when they were made."""
    to: Instant
    """Before this instant, at most 366 days after `from`."""
    format: ExportFormat
    """How its files are written."""
    account: str | None = None
    """The only customer. Left out: all of them."""
    issuer: FocusIssuerBody | None = None
    """Of kind `focus`, and only of it: who sells the credits."""


class ExtendBody(Request):
    """A hold's new deadline."""

    unit: str | None = None
    """The unit that the id in the path is of; may be left out."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    expires_in: str | None = None
    """How long they stay set aside, from now on; seven days at most, ISO 8601. Default: `PT15M`."""


class Extended(Answer):
    """What became of one account."""

    account: str
    """Whose lots end later."""
    status: int
    """The status that it would have been answered with by itself."""
    moved: int
    """How many of its lots end later for this incident, now or from before."""
    problem: Problem | None = None
    """Why it was refused; where it was."""


class Extension(Answer):
    """How far an extension is."""

    incident: str
    """What is made good, as the request named it."""
    unit: str
    """The unit of the lots."""
    by: str
    """How much later they end."""
    status: ExtensionStatus | str
    """`running`: of all accounts, it goes on by itself, and the same request again says how far it is; of some accounts, the same request again goes on with those that are left."""
    moved: int
    """How many lots end later, now or from before."""
    accounts: int
    """How many accounts have such lots."""
    seen: int
    """How many accounts were seen to."""
    failed: int
    """How many accounts could not be."""
    items: list[Extended] | None = None
    """What became of each account, in the order of the request; where it named them."""


class ExtensionBody(Request):
    """By how much lots end later, and whose: exactly one of `accounts` and `all`."""

    incident: str
    """What went wrong: a lot is moved for it once, for ever."""
    by: str
    """How much later each lot ends; a calendar duration, ISO 8601, in UTC. An incident has one."""
    accounts: list[str | dict[str, Any]] | None = None
    """Whose lots end later: ids, or objects with an `account`."""
    all: Literal[True] | None = None
    """Everybody's lots end later."""
    unit: str | None = None
    """The unit of the lots. Default: `credits`."""
    reason: str | None = None
    """Why, for people; in the entries for ever."""


class FailedRenewal(Answer):
    """A renewal that was not paid."""

    payment_id: str | None
    """The provider's payment, invoice or transaction; null where the provider names none."""
    at: Instant
    """When it failed, by the provider's clock."""


class Finding(Answer):
    """Something that is not the same on both sides. Amounts are minor units of the payment's currency."""

    payment_id: str
    """The payment, as the provider names it."""
    about: str
    """The payment, one of its refunds or disputes (`refund:re_1`), or `position`: what is posted for it."""
    reasons: list[str]
    """What differs, or why."""
    theirs: int | None
    """The amount at the provider; null where it is not there, or none is known."""
    ours: int | None
    """The amount here; null in the same cases."""
    currency: str | None
    """ISO 4217."""
    topup_id: str | None
    """The order, where it is known."""
    account: str | None
    """Whose it is, where that is known."""


class Findings(Answer):
    """Findings of one kind."""

    count: int
    """How many there are."""
    items: list[Finding]
    """The first 100 of them."""


class ForecastEnd(Answer):
    """Credits that end at an instant."""

    at: Instant
    """When they end."""
    amount: str
    """How many of them there are now, that no hold has set aside."""
    expected_unburned: str
    """How many of them will be left then, if credits are burned at the rate, in burn order."""


class Forecast(Answer):
    """What is to be expected if credits are used as they were, and none come."""

    burn_rate: BurnRate
    """How fast they were used: in the last 28 days, or since the first use, and at least in one day."""
    run_out_at: Instant | None
    """When nothing is left; null where nothing was used."""
    expiring: list[ForecastEnd]
    """The 100 next ends of credits, the soonest first."""


class FoundEntry(Answer):
    """Where an entry is. The entry itself is at `/v1/accounts/{account}/entries/{entry_id}`."""

    account: str
    """The account that the entry is of."""
    unit: str
    """In which of its wallets."""
    entry_id: str
    """The entry's id; no other entry has it."""
    seq: int
    """Its place in the wallet."""
    kind: EntryKind | str
    """What happened."""
    at: Instant
    """When it happened."""


class FoundPage(Answer):
    """Entries that were found, newest first. A page may be short, or empty, and yet have a `next_cursor`: by `lot`, by `topup` of a subscription, and with a key of one account, it passes over 1 000 entries at most."""

    items: list[FoundEntry]
    """Where the entries are."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    complete_through: Instant | None
    """No entry that was committed before this instant is missing. Null: that is not known yet, so ask again."""
    topup_id: str | None = None
    """The order of the payment, or the one made under the key; where there is one."""


class StreamRecord(Answer):
    """One use of credits that was booked with others."""

    offset: int
    """Its place in the stream."""
    status: StoredRecordStatus | str
    """What became of it."""
    amount: str
    """What it cost; `0` of one that was refused or skipped."""
    reference: str | None
    """As its sender gave it; null of one that was skipped."""
    meter: str | None
    """What was counted; null of an amount."""
    quantity: str | None
    """How much of it; null of an amount."""
    dimensions: dict[str, str]
    """What chose the price."""
    reason: RefusedReason | str | None = None
    """Why it was refused; where it was."""
    reversed: str | None = None
    """How much of it was reversed; where something was."""


class FoundRecord(Answer):
    """One record of a stream, and the entry that booked it."""

    entry_id: str
    """The entry that booked it."""
    record: StreamRecord
    """What it is, and what became of it."""


class GrantBody(Request):
    """Credits to add, as one lot."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    expires_in: str | None = None
    """How long the credits live, from `effective_at` on; a calendar duration, ISO 8601. Null: for ever; left out, and `expires_at` too: as the unit's policy says."""
    time_zone: str | None = None
    """The zone whose calendar `expires_in` keeps, of the IANA database. Default: `UTC`."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` in `time_zone` that `expires_in` ends in."""
    priority: int | None = None
    """Lower is taken first. Default: `50`."""
    effective_at: Instant | None = None
    """From when on the credits can be spent; not before now, which it is where left out."""
    expires_at: Instant | None = None
    """Until when; later than now and than `effective_at`. Null: for ever. Not together with `expires_in`."""
    scope: list[str] | None = None
    """The meters that these credits may pay for; none: everything."""
    amount: str
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has."""
    kind: GrantKind | None = None
    """How the credits come. Default: `promotional`."""
    cost_basis: MoneyBody | None = None
    """Money paid for the whole lot. Only with kind `paid` or `refund`."""


class Warning(Answer):
    """What was done as it was asked for, and is perhaps not what was meant."""

    field: str
    """The member of the request that it is about."""
    message: str
    """What may be wrong, and what to do then."""


class GrantMade(Answer):
    """The entry, the balance right after it, and the lot it made."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    lot: Lot
    """The lot, as it was right after the entry."""
    warnings: list[Warning] | None = None
    """What is perhaps not as it was meant; left out where there is nothing."""


class Granted(Answer):
    """The entry, the balance right after it, and the lot it made."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    lot: Lot
    """The lot, as it was right after the entry."""


class Health(Answer):
    """That requests are answered."""

    status: str
    """`ok`."""


class HeldDraw(Answer):
    """How much of a hold lies in which lot."""

    lot_id: str
    """Where they were set aside."""
    amount: str
    """How many credits."""


class Hold(Answer):
    """Credits set aside. They stay capturable until its deadline, even if their lot expires."""

    hold_id: str
    """Its id; no other hold has it."""
    amount: str
    """What was set aside."""
    captured: str
    """What was spent of it so far, and beyond it."""
    released: str
    """What was given back of it so far."""
    status: HoldStatus | str
    """What became of it; `expired`: timed out."""
    expires_at: Instant
    """Its deadline: from then on it can be captured no more."""
    over_capture: OverCapture | str
    """What a capture of more than is held does."""
    meter: str | None
    """The meter it is for; null without one, and where it is for several."""
    draws: list[HeldDraw]
    """The lots that it was set aside from."""
    meters: list[str] | None = None
    """The meters it is for, where there are several."""
    counted: list[Counted] | None = None
    """What was captured by quantity so far; where something was."""
    lease: bool | None = None
    """True of a lease: its `amount` is all that was ever set aside for it, its `draws` what it still holds."""
    member: str | None = None
    """Who of the account it is for; where that was said."""
    tags: dict[str, str] | None = None
    """What it is for; where that was said."""
    left: str | None = None
    """What it still holds; of a lease."""
    next: int | None = None
    """The offset that its records go on with; of a lease."""


class Held(Answer):
    """The entry, the balance right after it, and the hold."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    hold: Hold
    """The hold, as it was right after the entry."""


class HoldBody(Request):
    """Credits to set aside until a deadline."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    member: str | None = None
    """Who of the account uses them: a person, a team, a key of yours."""
    tags: dict[str, str] | None = None
    """What they are used for, as `{"team": "search"}`: usage can be shown by each."""
    amount: str | None = None
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has. This, or `meter` and `quantity`, or `items`."""
    expires_in: str | None = None
    """How long the credits are set aside, from now on; seven days at most, ISO 8601. Default: `PT15M`."""
    over_capture: OverCapture | None = None
    """What a capture of more than is held does. Left out: as the unit's policy says."""
    meter: str | None = None
    """What the hold is for: lots bound to it may pay, and its rate card prices a quantity."""
    quantity: str | int | None = None
    """How much of the meter to set credits aside for: a decimal string or a whole number, more than zero."""
    dimensions: dict[str, str] | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: list[ItemBody] | None = None
    """Usage of several meters to set credits aside for, in one hold."""
    quote: str | None = None
    """What a quote of just this with `lock_for` gave: as much is set aside as was quoted."""
    lease: bool | None = None
    """Whether one process spends it in memory, and settles it from time to time. A lease is of an amount, perhaps for a `meter`, and its holder never spends more than it has. Default: `false`."""


class HoldPage(Answer):
    """Holds. Open ones by their deadline, the next first; others by their ids, which is no order of time. With a `status` a page looks at 1 000 of them at most: it may be short, or empty, and yet have a `next_cursor`."""

    items: list[Hold]
    """The holds."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class IdentitiesBody(Request):
    """Who redeems. Kept as keyed hashes alone."""

    email: str | None = None
    """An e-mail address. Spellings that reach the same mailbox are one."""
    card_fingerprint: str | None = None
    """The payment provider's fingerprint of a card."""
    device: str | None = None
    """An id of the device."""


class Incident(Answer):
    """An incident that accounts are compensated for."""

    incident: str
    """What went wrong."""
    unit: str
    """What its credits are counted in."""
    reason: str | None
    """Why, as the first request said."""
    actor: str
    """Who asked first: `key:<key id>`."""
    actor_name: str | None = None
    """What that key was called then; null where it had no name."""
    at: Instant
    """When that was. Whom it made good is told by the entries that have it as `incident`."""


class IncidentPage(Answer):
    """Incidents, by name and unit."""

    items: list[Incident]
    """The incidents."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class InvoiceLine(Answer):
    """One line, and what credits have paid of it so far."""

    line_id: str
    """Names it within the invoice."""
    description: str | None
    """What is billed."""
    amount: int
    """What is billed without tax, in minor units of the invoice's currency."""
    tax: int
    """The tax of that, before any credits."""
    applied: int
    """What credits have paid of it."""
    left: int
    """What credits may still pay of it."""


class Invoice(Answer):
    """An invoice: what its lines say, and which credits paid which line."""

    invoice_id: str
    """The invoice. Its entries have it as their reference, of type `invoice`."""
    account: str
    """Whose credits pay."""
    unit: str
    """Which credits."""
    currency: str
    """The currency of its lines, ISO 4217."""
    tax: TaxMode | str
    """Whether credits are taken off before the tax is computed, or pay amount and tax."""
    status: InvoiceStatus | str
    """Whether credits are applied to it, or all of them were given back."""
    applied: Money
    """What credits have paid of all lines; nothing once it is void."""
    lines: list[InvoiceLine]
    """Its lines, in the order in which they were first said."""
    applications: list[Application]
    """Each application, the first first; of a void invoice too."""
    voided_at: Instant | None
    """When it became void; null: it is not."""
    reversal_entry_ids: list[str]
    """The entries that gave the credits back, one for each application."""


class InvoiceVoidBody(Request):
    """Why an invoice is voided."""

    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry."""


class JournalLine(Answer):
    """A line of the journal."""

    account: str
    """The account of the books, by its key in the chart of accounts."""
    amount: int
    """Minor units: positive is debited, negative credited."""


class JournalItem(Answer):
    """What an entry of the ledger, or a movement at a provider, posts in one currency. Its lines add up to nothing."""

    entry_id: str | None
    """Which entry of the ledger posts it; null: what moved at a payment provider does."""
    settlement: str | None
    """What moved at a payment provider, by the provider and its id for it: `stripe:txn_1`; null of an entry."""
    account: str | None
    """Whose wallet it is of; null of a settlement."""
    unit: str | None
    """The wallet's unit; null of a settlement."""
    seq: int | None
    """Its place in the wallet; null of a settlement."""
    at: Instant
    """When it holds."""
    recorded_at: Instant
    """When it was committed, or recorded."""
    kind: str
    """What the entry did: `grant`, `burn` and so on; of a settlement `fee`, `payout` and so on."""
    currency: str
    """ISO 4217."""
    late_for: str | None
    """The month that it is of, where that was closed without it; null: it is of the month that it is booked in."""
    lines: list[JournalLine]
    """Debits first. Both sides of what moves within an account are there."""


class JournalPage(Answer):
    """A page of a month's journal: all that was there when the first page was asked for, each once."""

    period: str
    """The month (UTC)."""
    as_of: Instant
    """When the books were so; of a closed month, when it was closed."""
    complete_through: Instant | None
    """Every entry that was recorded before this instant is there. Null: that is not proved yet."""
    items: list[JournalItem]
    """What is booked in it."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class Key(Answer):
    """An API key, without the key itself."""

    key_id: str
    """Its id, to rotate or delete it by; `actor` of what it does is `key:` and this."""
    scope: KeyScope | str | None
    """What it may do, where that is one of these; null: see `scopes`."""
    scopes: list[KeyScopeWord | str]
    """All that it may do, each with what it includes."""
    account: str | None
    """The one account that it may see; null: all."""
    name: str | None
    """What people call it."""
    created_by: str
    """Who made it: `key:<key id>`; or `operator`, from a shell."""
    created_at: Instant
    """When."""
    expires_at: Instant | None
    """From when on it opens nothing; null: never."""
    rate_limit: int | None
    """Requests a second; null: as many as the API takes."""
    last_used_at: Instant | None
    """When it was used last, but for a day; null: not yet."""


class KeyBody(Request):
    """What an API key may do, for how long, and how often: `scope`, or else `scopes`."""

    scope: KeyScope | None = None
    """What the key may do; each wider than the one before. Or else send `scopes`."""
    scopes: list[KeyScopeWord] | None = None
    """All that the key may do, each with what it includes; `top_up`: order packs. Or else send `scope`."""
    account: str | None = None
    """The one account that the key sees; only with `read`, `burn` and `top_up`."""
    name: str | None = None
    """What people call it."""
    expires_at: Instant | None = None
    """From when on it opens nothing; null: never."""
    rate_limit: int | None = None
    """Requests a second; null: as many as the API takes."""


class KeyPage(Answer):
    """API keys, newest first."""

    items: list[Key]
    """The keys."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class LastPass(Answer):
    """The last comparison with this provider, over several days."""

    begun_at: Instant | None
    """When it began."""
    ended_at: Instant | None
    """When it ended; null: it goes on."""
    error: str | None
    """Why its last run could not go on; the next one tries again."""


class ListedLot(Answer):
    """A lot, with what became of its money, and what was agreed when it was bought."""

    lot_id: str
    """Its id; no other lot has it."""
    kind: LotKind | str
    """How it came."""
    granted: str
    """What it began with."""
    remaining: str
    """What of it can be spent (once it has begun)."""
    held: str
    """What of it is set aside by open holds."""
    frozen: str
    """What of it is under open dispute or pending refund."""
    priority: int
    """Lower is taken first."""
    effective_at: Instant
    """From when on it can be spent."""
    expires_at: Instant | None
    """Until when; null: for ever."""
    cost_basis: Money | None
    """Money paid for the whole lot."""
    scope: list[str]
    """The meters it may pay for; none: everything."""
    status: LotStatus | str
    """What has become of it."""
    source: Source | None
    """What it came from."""
    metadata: dict[str, str]
    """As the grant gave it. A key of one account is not shown members that begin with `internal.`."""
    counterpart: Counterpart | None = None
    """The sender and its entry; of a lot that a transfer made."""
    terms: str | None = None
    """The terms that the buyer accepted; of a lot that was bought."""
    terms_version: str | None = None
    """What tells one text of terms from another; of a lot that was bought."""
    accepted_at: Instant | None = None
    """When the buyer accepted; of a lot that was bought."""
    pack_version: int | None = None
    """The pack as it was then; of a lot that was bought."""
    tax: Money | None = None
    """Tax paid on top, without that of credits which are another lot's by now; of a lot that was bought."""
    tax_point: TaxPoint | str | None = None
    """When the tax is due; of a lot that was bought."""
    topup_id: str | None = None
    """The order; of a lot that was bought."""
    money: Funds | None
    """What became of its money; `moved` is another lot's by now. Null for a lot that cost nothing, or whose money was not counted from its wallet's beginning."""


class LotPage(Answer):
    """Lots in burn order. Of a wallet with hundreds of lots that are pending, used up or ended, the open ones come first, in burn order, then the pending ones by their beginning, then the others by their grant; there a page may be short, or empty, and yet have a `next_cursor`."""

    items: list[ListedLot]
    """The lots."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class Moved(Answer):
    """The entry, and the balance right after it."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""


class NewWebhookEndpoint(Answer):
    """A new endpoint, with its secret."""

    endpoint_id: str
    """What you call it."""
    url: str
    """Where they are sent."""
    types: list[str]
    """Types of events, and patterns of them."""
    accounts: list[str] | None
    """The accounts whose events are sent; null: all, and what is about no account."""
    enabled: bool
    """Whether anything is sent."""
    created_at: Instant
    """When it was made."""
    disabled: EndpointStop | None
    """Why it was disabled, though nobody asked for it; null: it was not. `PUT` with `enabled` starts it anew."""
    failing_since: Instant | None
    """Since when nothing was delivered, though it was tried; null: the last try succeeded, or there was none."""
    previous_secret_ends_at: Instant | None
    """Until when the secret before the last rotation signs too; null: there is only one."""
    secret: str
    """What events are signed with (Standard Webhooks). It is shown this once."""


class NoticeDelivery(Answer):
    """Where a notice has arrived."""

    channel: str
    """`webhook` or `email`."""
    to: str
    """The endpoint's id; `profile` where it went to the account's address."""
    status: str
    """`delivered`: the endpoint answered 2xx, or the mail was accepted."""
    delivered_at: Instant
    """When."""


class Notice(Answer):
    """A notice that a lot is to end."""

    notice_id: str
    """Its id. Ids sort as the notices were due."""
    unit: str
    """What the lot's credits are counted in."""
    lot_id: str
    """Which lot is to end."""
    notice: str
    """How long before the lot's end it was due, ISO 8601."""
    expires_at: Instant
    """The end that it tells of; the lot may have another one since."""
    remaining: str
    """What was left of the lot then, without what holds had set aside."""
    booked_at: Instant
    """When it was given."""
    deliveries: list[NoticeDelivery]
    """Where it has arrived, earliest first."""


class NoticePage(Answer):
    """Notices, unit by unit, in each those that were due last first."""

    items: list[Notice]
    """The notices."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class OwnAccount(Answer):
    """Which of the provider's accounts is ours, by the first delivery that said one. Those of others are parked."""

    account: str
    """Such as `livemode true`, or `business_id bus_...`."""
    since: Instant
    """When that delivery came."""


class PackageBody(Answer):
    """So much for each package of a size; a part of one is rounded."""

    model: Literal["package"]
    """Each package costs so much."""
    size: int
    """How much of the meter one package is."""
    credits: str
    """What each package costs."""
    rounding: PackageRounding | str | None = None
    """What becomes of a package that is begun. Default: `up`."""


class PerUnitBody(Answer):
    """So much for each one."""

    model: Literal["per_unit"]
    """Each one costs so much."""
    credits: str
    """What each one costs."""


class TableBody(Answer):
    """Prices by what an event says of its dimensions: keys are their values, joined by slashes."""

    model: Literal["table"]
    """Dimensions choose the price."""
    by: list[str]
    """The dimensions that choose."""
    prices: dict[str, Price]
    """Prices by the values of these dimensions, joined by slashes."""


class TierBody(Answer):
    """From where the tier before ends to `up_to`, that included; null is without an end."""

    up_to: int | str | None
    """The most of the quantity that it covers, that included: a whole number or a decimal string; null in the last, and only there."""
    credits: str
    """What each one costs."""


class TieredBody(Answer):
    """Each slice of a quantity by its own tier, or (`volume`) all of it by the tier that it falls into."""

    model: Literal["graduated", "volume"]
    """`graduated`: each slice of the quantity at its own tier. `volume`: all of it at the tier it reaches."""
    over: str | None = None
    """A period of the calendar, such as `P1M`: the tiers go on from what the account has used in it before. Null: each event begins anew. Months begin with the 1st, weeks with Monday; of several, the first began on 1 January 1973."""
    time_zone: str | None = None
    """By whose clocks that period begins: an IANA name. Left out: UTC. Only together with `over`."""
    tiers: list[TierBody]
    """In order of `up_to`."""


class OwnRateBody(Request):
    """The price of a meter for one account, from an instant on."""

    effective_at: Instant | None = None
    """From when on this version is in force. Left out: as soon as that can be. A meter's own price begins a minute from now or later, when all can know it, and its first version since ever; an account's own at once."""
    minimum: str | None = None
    """What an event costs at least, in credits. Default: `0`."""
    price: Price
    """What an event costs."""
    unit: str | None = None
    """The unit that it is priced in: the meter's, which may be left out."""


class OwnRateVersion(Answer):
    """What an event of a meter costs an account, from an instant on."""

    effective_at: Instant
    """From when on it is in force, until another is."""
    minimum: str
    """What an event costs at least."""
    price: Price | None
    """What an event costs; null: as the meter's own card says, for this one ended."""
    version: int
    """Counts the versions."""


class OwnRateCard(Answer):
    """An account's own rate card: its newest version, and all that are kept."""

    account: str
    """The account whose events it prices, before the meter's own card."""
    meter: str
    """What is counted."""
    unit: str
    """The unit that it is priced in."""
    effective_at: Instant
    """From when on the newest version is in force."""
    minimum: str
    """What an event costs at least."""
    price: Price
    """What an event costs."""
    version: int
    """Counts the versions."""
    versions: list[OwnRateVersion]
    """The versions that are kept, oldest first."""


class OwnRateCardPage(Answer):
    """An account's own rate cards, by their meters."""

    items: list[OwnRateCard]
    """The rate cards."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class ProviderRefs(Answer):
    """The pack's product at each provider."""

    dodo: str | None
    """Its product at Dodo Payments; null: the pack's id."""
    dodo_on_demand: str | None
    """Its subscription product at Dodo Payments, in the pack's currency, under which what a buyer pays with is kept (`save_payment_method`); null: it is kept under none."""
    paddle: str | None
    """Its price at Paddle, for your own checkout."""
    standard: str | None
    """Its product at your own gateway, for your own checkout."""
    stripe: str | None
    """Its product at Stripe; null: one that is made for each session, named by its credits."""


class Recurring(Answer):
    """A subscription of the provider's: each payment of it grants."""

    every: str
    """How often it is paid: a number of days, weeks, months or years, ISO 8601."""


class Pack(Answer):
    """Something sold."""

    pack: str
    """Its id."""
    unit: str
    """What its credits are counted in."""
    credits: str
    """What one pack gives, without bonus."""
    price: Money
    """What one costs, without tax."""
    prices: list[Money]
    """What one costs in further currencies."""
    recurring: Recurring | None
    """How often it is paid; null: once."""
    bonus: list[Bonus]
    """What more of them give on top; the highest that is reached counts."""
    expires_in: str | None
    """How long its credits live from the payment on, ISO 8601; null: as the unit's policy says, or (`never_expires`) for ever."""
    time_zone: str
    """The zone whose calendar `expires_in` keeps, of the IANA database."""
    end_of: EndOf | str | None
    """Until the end of the day or month there that `expires_in` ends in."""
    never_expires: bool
    """Whether its credits live for ever, whatever the unit's policy says."""
    priority: int
    """The priority of its lots."""
    tax_point: TaxPoint | str
    """When tax is due."""
    terms: str | None
    """What a buyer agrees to beside what Scrip says itself; null: nothing more."""
    order_expires_in: str
    """How long an order of it is open; ISO 8601."""
    provider_refs: ProviderRefs
    """Its product at each provider."""
    rollover: Rollover | None = None
    """What becomes of what is left of a period's credits at their end; left out where it expires."""
    breakage_rate: str | None = None
    """The share of its credits that nobody is expected to spend; left out where none is said."""
    version: int
    """Counts changes."""
    warnings: list[Warning] | None = None
    """Prices that a provider named in `provider_refs` does not charge, or may not; left out where there are none."""


class ProviderRefsBody(Request):
    """The pack's product at each provider."""

    dodo: str | None = None
    """Its product at Dodo Payments; null: the pack's id."""
    dodo_on_demand: str | None = None
    """Its subscription product at Dodo Payments, in the pack's currency, under which what a buyer pays with is kept (`save_payment_method`); null: it is kept under none."""
    paddle: str | None = None
    """Its price at Paddle, for your own checkout."""
    standard: str | None = None
    """Its product at your own gateway, for your own checkout."""
    stripe: str | None = None
    """Its product at Stripe; null: one that is made for each session, named by its credits."""


class RecurringBody(Request):
    """How often a buyer is charged, and granted."""

    every: str
    """Days, weeks, months or years after which it is paid again: three years at most."""


class PackBody(Request):
    """What is sold: credits, their price, and the terms of the lots that they become."""

    expires_in: str | None = None
    """How long the credits live; a calendar duration, ISO 8601. Null: for ever; left out: as the unit's policy says."""
    time_zone: str | None = None
    """The zone whose calendar `expires_in` keeps, of the IANA database. Default: `UTC`."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` in `time_zone` that `expires_in` ends in."""
    unit: str | None = None
    """The unit of its credits. Default: `credits`."""
    credits: str
    """What one pack gives: a decimal string, more than zero."""
    price: MoneyBody
    """What one pack costs, without tax."""
    prices: list[MoneyBody] | None = None
    """What it costs in further currencies, each once."""
    recurring: RecurringBody | None = None
    """Where it is sold as a subscription of the provider's: how often; null: it is paid once."""
    bonus: list[BonusBody] | None = None
    """What several packs give on top; the highest that is reached counts."""
    priority: int | None = None
    """The priority of its lots: lower is taken first. Default: `50`."""
    tax_point: TaxPoint | None = None
    """When tax is due: `purchase`: at the payment; `redemption`: when the credits are burned. Default: `purchase`."""
    terms: str | None = None
    """What a buyer agrees to beside what Scrip says itself; null: nothing more."""
    order_expires_in: str | None = None
    """How long an order of it is open; ISO 8601. A payment that comes later counts all the same. Default: `P1D`."""
    provider_refs: ProviderRefsBody | None = None
    """Its product at each payment provider."""
    rollover: RolloverBody | None = None
    """With `recurring`: what becomes of what is left of a period's credits at their end; null: it expires. `min` and `max` are of one pack."""
    breakage_rate: str | None = None
    """The share of its credits that nobody is expected to spend, such as `0.2`: for the proportional breakage report alone, of all its lots from now on. Null: none is expected."""


class PackPage(Answer):
    """Packs as they are now, by their ids."""

    items: list[Pack]
    """The packs."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class PaidMoney(Answer):
    """What was paid."""

    amount: int
    """Minor units, tax included."""
    tax: int | None
    """The part of it that is tax; null where the provider does not say."""
    currency: str
    """ISO 4217."""
    at: Instant
    """When."""
    country: str | None
    """The country of the buyer's address, of ISO 3166-1: the tax is reported by it. Null where the provider does not say: then the account's profile counts."""


class PaymentDispute(Answer):
    """A dispute."""

    id: str
    """The provider's id of it. A refund that was asked for, and that the provider has not told of, is `request:` and the request's id."""
    amount: int | None
    """Minor units, tax included; null where the provider does not say."""
    currency: str | None
    """ISO 4217; null where it is not known."""
    at: Instant
    """When."""
    stage: str
    """Its stage, in the provider's words."""
    status: DisputeStatus | str
    """How it stands; `contradicted`: the provider has told of two ends, and is asked."""


class PaymentPosition(Answer):
    """Where a payment's credits stand: what is posted in the wallet for it, and nothing that is only to be."""

    granted: str
    """What its lot began with."""
    clawed: str
    """What was taken back."""
    frozen: str
    """What open disputes and pending refunds have frozen."""
    credited: str
    """What became a lot of its own, because its money was kept."""
    refunded: Money
    """The part of the price that went back, without tax."""


class PaymentRefund(Answer):
    """A refund."""

    id: str
    """The provider's id of it. A refund that was asked for, and that the provider has not told of, is `request:` and the request's id."""
    amount: int | None
    """Minor units, tax included; null where the provider does not say."""
    currency: str | None
    """ISO 4217; null where it is not known."""
    at: Instant
    """When."""
    status: RefundStatus | str
    """How far it is."""
    request_id: str | None
    """The request of ours that it answers; null: it was made elsewhere."""


class PaymentRequest(Answer):
    """A refund that was asked for here."""

    as_: RefundAs | str = Field(validation_alias="as", serialization_alias="as")
    """What it gives back."""
    request_id: str
    """Its id; the provider knows the refund by it too."""
    amount: Money
    """How much of the payment, tax included."""
    force: bool
    """Whether it might take credits that were spent."""
    reason: str | None = None
    """Why, as the caller said. Not for a key of one account."""
    actor: str | None = None
    """Who asked. Not for a key of one account."""
    actor_name: str | None = None
    """What that key was called then; null where it had no name. Not for a key of one account."""
    at: Instant
    """When."""


class Resolution(Answer):
    """What a person decided of a payment."""

    action: ResolutionAction | str
    """What was done."""
    topup_id: str | None = None
    """Of `accept`: the order that it pays."""
    about: str | None = None
    """Of `state` and `settle`: the refund or dispute."""
    amount: int | None = None
    """Of `state`: its amount, minor units of the payment's currency."""
    status: str | None = None
    """Of `settle`: how it ended."""
    credits: str | None = None
    """Of `accept`: what it gives, where that was said."""
    reason: str | None = None
    """Why. Not for a key of one account."""
    actor: str | None = None
    """Who. Not for a key of one account."""
    actor_name: str | None = None
    """What that key was called then; null where it had no name. Not for a key of one account."""
    at: Instant
    """When."""


class Waiting(Answer):
    """Why a payment waits for a person."""

    reason: str | None = None
    """In a sentence: what is wrong, which event of which delivery said so, of which order, and what to do. Not for a key of one account."""
    about: str
    """`payment`, or the refund or dispute that it is about (`refund:re_1`), as a resolution names it."""
    event: str | None
    """The provider's type of the event; null where no event is known."""
    delivery_id: str | None
    """The delivery that said it, by which its body is looked up; null where none is known."""
    api_version: str | None
    """The version of the provider's API in which it is said; null where the provider does not say."""
    account: str | None
    """Whose order it is of; null where it names none of ours."""
    topup_id: str | None
    """That order, as the resolution `accept` names it; null where none is named."""


class Payment(Answer):
    """A payment: what its provider said, and what was done about it."""

    provider: str
    """Where it was paid."""
    payment_id: str
    """The provider's id of it."""
    status: PaymentStatus | str
    """How it stands by what its provider said, parked or not. Money lost in a dispute counts as refunded."""
    account: str | None
    """Whose it is; null before its order is known."""
    unit: str | None
    """The unit of its credits."""
    topup_id: str | None
    """Its order."""
    lot_id: str | None
    """The lot that it made."""
    part_of: str | None
    """The payment that it is only a part of (an intent that pays an invoice)."""
    paid: PaidMoney | None
    """Null while it is not paid."""
    refunds: list[PaymentRefund]
    """What was given back of it, or is to be."""
    disputes: list[PaymentDispute]
    """What its payer contests, or has contested."""
    position: PaymentPosition | None
    """Where its credits stand; null while it has made none."""
    parked: list[Waiting]
    """Why it waits for a person; empty where it does not."""
    parked_at: Instant | None
    """Since when it waits."""
    heard_at: Instant | None
    """When Scrip heard of it first; null where that was before it was noted."""
    requests: list[PaymentRequest]
    """Refunds that were asked for here."""
    resolutions: list[Resolution]
    """What people decided of it."""


class PaymentName(Answer):
    """Which payment."""

    provider: str
    """Where it was paid."""
    payment_id: str
    """The provider's id of it."""


class PaymentPage(Answer):
    """Payments: those that Scrip heard of last first; of those that are parked, those that wait longest. With a `status` or a `topup` a page looks at 1 000 of them at most: it may be short, or empty, and yet have a `next_cursor`."""

    items: list[Payment]
    """The payments."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class PaymentRefundBody(Request):
    """A refund of a payment, as money or as credit."""

    expires_in: str | None = None
    """How long the credits live; a calendar duration, ISO 8601. Null: for ever; left out: as the unit's policy says."""
    time_zone: str | None = None
    """The zone whose calendar `expires_in` keeps, of the IANA database. Default: `UTC`."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` in `time_zone` that `expires_in` ends in."""
    as_: RefundAs = Field(validation_alias="as", serialization_alias="as")
    """`money`: through the provider. `credit`: the money is kept, and as many credits come back as a new lot."""
    amount: int | None = None
    """How much, in minor units of the payment's currency, tax included. Left out: all that can be refunded without taking credits that were spent."""
    reason: str | None = None
    """Why, for people; in the entries for ever."""
    force: bool | None = None
    """Even where it takes credits that were spent: the unit's policy says what becomes of what is missing. Needs scope `admin`, and a reason. Default: `false`."""


class RefundOfPayment(Answer):
    """A refund that was asked for."""

    as_: RefundAs | str = Field(validation_alias="as", serialization_alias="as")
    """What it gives back."""
    request_id: str
    """Its id here; the provider knows it too. A webhook of `standard` names it."""
    refund_id: str | None
    """The provider's id; null where it has not told of it, and for credit."""
    status: RefundStatus | str
    """`pending`: its credits are frozen until the provider's webhook."""
    amount: Money
    """How much of the payment, tax included."""
    credits: str
    """How many credits it takes."""


class PaymentRefunded(Answer):
    """The refund, the payment as it is with it, and what it did to the wallet: a freeze, a clawback, or the grant of a new lot; nothing where a forced refund found nothing to freeze."""

    entry: Entry | None = None
    """The last entry that it made."""
    balance: BalanceAfter | None = None
    """The balance right after that entry."""
    lot: Lot | None = None
    """The lot that the entry made."""
    refund: RefundOfPayment
    """What was asked for, and how far it is."""
    payment: Payment
    """The payment as it is with the refund."""


class Period(Answer):
    """A month of the books, and how far its close is."""

    period: str
    """The month (UTC), such as `2026-11`."""
    status: CloseStatus | str
    """How far the close is."""
    asked_at: Instant
    """As of when it is closed."""
    frozen: int
    """How many months of those that are closed together have all of their reports frozen."""
    months: int
    """How many are closed together: this one, and the open ones right before it. 0: that is not known yet."""
    reasons: list[Missing]
    """Why it was refused, where it was; close it again once that is seen to."""
    close: Close | None
    """What it came to; null: the month is not closed."""


class PeriodSummary(Answer):
    """A closed month."""

    period: str
    """The month (UTC)."""
    as_of: Instant
    """When it was closed."""
    edition: int
    """The edition of the archive that the close has seen."""
    sha256: str
    """Of all that the close has frozen."""
    closed_by: str
    """The key that asked for it."""


class PeriodPage(Answer):
    """Closed months, the latest first."""

    items: list[PeriodSummary]
    """The months."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class Runaway(Answer):
    """What happens where a wallet spends too fast."""

    amount: str
    """How much it may spend within the while."""
    within: str
    """The while."""
    action: RunawayAction | str
    """Whether the wallet is frozen then, or it is told alone."""


class Value(Answer):
    """What credits are worth where they are billed."""

    amount: int
    """Minor units (cents)."""
    currency: str
    """ISO 4217."""
    per: str
    """For how many credits."""


class Policy(Answer):
    """What a unit's wallets allow."""

    order: BurnOrder | str
    """In which order lots are taken. Fixed once the unit is used."""
    scoped_first: bool
    """Whether, of the lots of one priority, those with a scope are taken first."""
    expiry_boundary: ExpiryBoundary | str
    """Whether a lot still lives at the instant `expires_at` itself."""
    overdraft_limit: str
    """Debt that a burn may run up."""
    up_to: UpTo | str
    """What a burn in mode `up_to` takes at most: what is available, or that and the debt that is allowed."""
    repay_first: bool
    """Whether a grant repays debt before it can be spent."""
    refund_shortfall: RefundShortfall | str
    """What becomes of the part of a clawback that was burned already."""
    default_expires_in: str | None
    """How long a grant that names no expiry lives, ISO 8601; null: for ever."""
    time_zone: str
    """The zone whose calendar `default_expires_in` keeps, of the IANA database."""
    end_of: EndOf | str | None
    """Until the end of the day or month there that `default_expires_in` ends in."""
    transferable: bool
    """Whether credits may move to another account."""
    stacking: Stacking | str
    """Whether promotional and paid credits are taken in one order, or one kind first."""
    promotional_share_max: str
    """The most of one burn that promotional credits pay, a decimal from 0 to 1."""
    over_capture: OverCapture | str
    """What a capture of more than was held does, where the hold does not say."""
    lease_timeout: LeaseTimeout | str
    """Whose the credits are that a lease holds at its deadline."""
    lease_grace: str
    """How long after it they are held yet."""
    unpaid_usage: UnpaidUsage | str
    """What becomes of an event of usage that credits do not pay for."""
    usage_window: str
    """How late an event of usage may come after its time."""
    value: Value | None
    """What its credits are worth where they are billed; null: that is not known."""
    runaway: Runaway | None
    """When a wallet spends so fast that it is stopped; null: never."""
    low_balance: list[str]
    """Available amounts, largest first, then percentages of what was available after the last credits came."""
    run_out_days: list[int]
    """How many days before credits are forecast to run out."""
    expiry_notices: list[str]
    """How long before a lot ends, ISO 8601, longest first. Fixed on the lot."""
    expiry_requires_notice: bool
    """Whether a paid lot ends only if its last notice was delivered in time. Fixed on the lot."""


class RunawayBody(Request):
    """The breaker: what happens where a wallet spends too fast."""

    amount: str
    """How much it may spend within the while. What passes it is taken, and then it acts."""
    within: str
    """The while, ISO 8601; 31 days at most. It slides."""
    action: RunawayAction | None = None
    """`freeze`: the wallet is frozen in the commit of what passes it, until somebody unfreezes it, and that is told; `notify`: it is told alone, once for each crossing. Default: `freeze`."""


class ValueBody(Request):
    """What credits are worth where they are billed."""

    amount: int
    """Minor units (cents)."""
    currency: str
    """ISO 4217, capital letters."""
    per: str | None = None
    """For how many credits. Default: `1`."""


class PolicyBody(Request):
    """A unit's policy: what is left out has its default."""

    order: BurnOrder | None = None
    """In which order lots are taken; four follow other systems. Fixed once the unit is used. Default: `priority_expiry_cost`."""
    scoped_first: bool | None = None
    """Whether, of the lots of one priority, those with a `scope` are taken first: what fewer things can use. Fixed once the unit is used. Default: `false`."""
    expiry_boundary: ExpiryBoundary | None = None
    """Whether a lot still lives at the instant `expires_at` itself. Fixed on the lot. Default: `exclusive`."""
    overdraft_limit: str | None = None
    """Debt that a burn may run up. Default: `0`."""
    up_to: UpTo | None = None
    """What a burn in mode `up_to` takes at most: what is available, or that and the debt that is allowed. Default: `available`."""
    repay_first: bool | None = None
    """Whether a grant repays debt before it can be spent. Default: `true`."""
    refund_shortfall: RefundShortfall | None = None
    """What becomes of the part of a clawback that was burned already. Default: `owe`."""
    default_expires_in: str | None = None
    """How long a grant that names no expiry lives, ISO 8601; null: for ever."""
    time_zone: str | None = None
    """The zone whose calendar `default_expires_in` keeps, of the IANA database. Default: `UTC`."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` there that `default_expires_in` ends in."""
    transferable: bool | None = None
    """Whether credits may move to another account. Default: `false`."""
    stacking: Stacking | None = None
    """Whether promotional and paid credits are taken in one order, or one kind before the other. Default: `free`."""
    promotional_share_max: str | None = None
    """The most of one burn that promotional credits pay, a decimal from 0 to 1. 0: they pay for nothing, and all is paid with credits that have a cost basis. Default: `1`."""
    over_capture: OverCapture | None = None
    """What a capture of more than was held does, where the hold does not say. Default: `refuse`."""
    lease_timeout: LeaseTimeout | None = None
    """Whose the credits are that a lease holds at its deadline: `release`, the account's again; `capture`, spent. Fixed on the lease. Default: `release`."""
    lease_grace: str | None = None
    """How long after its deadline they are held yet, for a settlement that comes late, ISO 8601; an hour at most. Fixed on the lease. Default: `PT30S`."""
    unpaid_usage: UnpaidUsage | None = None
    """What becomes of an event of usage (`POST /v1/usage`) that credits do not pay for: `owe`, it is recorded as owed, whatever `overdraft_limit` says; `reject`, it is rejected. Default: `owe`."""
    usage_window: str | None = None
    """How late an event of usage may come after its `time`, ISO 8601; 34 days at most. What comes later is rejected. Default: `P34D`."""
    value: ValueBody | None = None
    """What its credits are worth where they are billed; null: that is not known. Fixed on the allowance that bills."""
    runaway: RunawayBody | None = None
    """When a wallet spends so fast that it is stopped; null: never."""
    low_balance: list[str] | None = None
    """Available amounts, or percentages of what was available after the last credits came, at which `scrip.balance.low` is told; each once."""
    run_out_days: list[int] | None = None
    """How many days before credits are forecast to run out `scrip.balance.run_out_soon` is told; each once."""
    expiry_notices: list[str] | None = None
    """How long before a lot ends `scrip.lot.expiring` is told, ISO 8601; each length once. Fixed on the lot."""
    expiry_requires_notice: bool | None = None
    """Whether a paid lot ends only if its last notice was delivered in time. Fixed on the lot. Default: `false`."""


class PortalSession(Answer):
    """A session of one customer."""

    token: str | None
    """The key of the session, as in `Authorization: Bearer <token>`. It is stored nowhere. Null where this is a replay, and another key asked the first time."""
    url: str | None
    """Where the portal is; null while there is none."""
    expires_at: Instant
    """From when on the token opens nothing."""


class PortalSessionBody(Request):
    """Which customer may do what, for how long."""

    account: str
    """The customer, by your own id for them."""
    expires_in: str | None = None
    """How long the session lives; at most a day. Default: `PT1H`."""
    may: list[SessionScope] | None = None
    """What the customer may do: see the account, order packs, set automatic top-ups."""
    return_url: str | None = None
    """Where the customer goes back to: https, or this machine."""


class Profile(Answer):
    """A customer's profile. Members that are null are not known."""

    account: str
    """The customer, by your own id for them."""
    name: str | None
    """What the customer is called."""
    email: str | None
    """The customer's e-mail address."""
    country: str | None
    """The customer's country, of ISO 3166-1."""
    time_zone: str | None
    """The customer's time zone, of the IANA database."""
    locale: str | None
    """The language that the customer is written to in: a tag of BCP 47."""
    currency: str | None
    """The currency that the customer pays in, of ISO 4217."""
    updated_at: Instant
    """When it was changed last."""


class ProfileBody(Request):
    """A customer's profile. It replaces all of the one before: what is left out is not known any more."""

    name: str | None = None
    """What the customer is called."""
    email: str | None = None
    """The customer's e-mail address, by which the account is found."""
    country: str | None = None
    """The customer's country, of ISO 3166-1. Since when it is so is kept for reports, and outlives the profile."""
    time_zone: str | None = None
    """The customer's time zone, of the IANA database."""
    locale: str | None = None
    """The language that the customer is written to in: a tag of BCP 47."""
    currency: str | None = None
    """The currency that the customer pays in, of ISO 4217."""


class Promotion(Answer):
    """Credits for whoever has the code."""

    code: str
    """What a customer redeems it by."""
    unit: str
    """What its credits are counted in."""
    amount: str
    """What each redemption gives."""
    kind: PromotionKind | str
    """Kind of the lot."""
    starts_at: Instant | None
    """From when on it can be redeemed; null: from the beginning."""
    ends_at: Instant | None
    """From when on it cannot any more; null: never."""
    expires_in: str | None
    """How long its credits live, ISO 8601; null: as the unit's policy says, or (`never_expires`) for ever."""
    time_zone: str
    """The zone whose calendar `expires_in` keeps, of the IANA database."""
    end_of: EndOf | str | None
    """Until the end of the day or month there that `expires_in` ends in."""
    never_expires: bool
    """Whether its credits live for ever, whatever the unit's policy says."""
    max_redemptions: int | None
    """How often it can be redeemed in all; null: no bound."""
    budget: str | None
    """How many credits it gives in all; null: no bound."""
    identities: list[IdentityKind | str]
    """What a redemption must name, and may be used once each."""
    redeemed: int
    """How often it was redeemed."""
    granted: str
    """How many credits it gave in all."""
    version: int
    """Counts changes."""


class PromotionBody(Request):
    """Credits that an account may claim once, within a window and a budget."""

    expires_in: str | None = None
    """How long the credits live; a calendar duration, ISO 8601. Null: for ever; left out: as the unit's policy says."""
    time_zone: str | None = None
    """The zone whose calendar `expires_in` keeps, of the IANA database. Default: `UTC`."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` in `time_zone` that `expires_in` ends in."""
    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    amount: str
    """What each redemption gives."""
    kind: PromotionKind | None = None
    """Kind of the lot. Default: `promotional`."""
    starts_at: Instant | None = None
    """From when on it can be redeemed; null: from the beginning."""
    ends_at: Instant | None = None
    """From when on it cannot any more; later than `starts_at`. Null: never."""
    max_redemptions: int | None = None
    """How often it can be redeemed in all; null: no bound."""
    budget: str | None = None
    """How many credits it gives in all, `amount` at least; null: no bound."""
    identities: list[IdentityKind] | None = None
    """What a redemption must name, and may be used once each."""


class PromotionPage(Answer):
    """Promotions as they are now, by their codes."""

    items: list[Promotion]
    """The promotions."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class Quote(Answer):
    """What would be done, were it asked for now."""

    amount: str
    """What it would cost, or what would be set aside: `burned`, `held` and `missing` together."""
    burned: str
    """What would be spent."""
    held: str
    """What would be set aside."""
    missing: str
    """What would be neither: of `up_to` what is not there, and all of it where it would be refused."""
    draws: list[Draw]
    """What it would take, in this order; nothing where it would be refused."""
    available_after: str
    """What could be spent after it."""
    rate_version: int | None
    """The version of the rate card that priced it; null of an amount, and of several items."""
    allowed: bool
    """Whether it would be carried out."""
    refusal: str | None
    """The code of the refusal that it would meet."""
    budget_id: str | None = None
    """The budget that would refuse it; where one does."""
    usage: EntryUsage | None = None
    """What would be counted, as the entry would say it; by meter alone."""
    quote: str | None = None
    """What locks this price; where `lock_for` asked for it."""
    quote_expires_at: Instant | None = None
    """From when on the price holds no more."""


class QuoteBody(Request):
    """What is asked about: a burn, as a burn's body says it; or, by `for`, a hold, or a capture of `hold_id`."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    member: str | None = None
    """Who of the account uses them: a person, a team, a key of yours."""
    tags: dict[str, str] | None = None
    """What they are used for, as `{"team": "search"}`: usage can be shown by each."""
    amount: str | None = None
    """How many credits: a decimal string, more than zero. This, or `meter` and `quantity`, or `items`; of a capture all three may be left out."""
    meter: str | None = None
    """What is counted: its rate card says the price. A capture has its hold's."""
    quantity: str | int | None = None
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: dict[str, str] | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: list[ItemBody] | None = None
    """Usage of several meters, in one entry."""
    mode: BurnMode | None = None
    """Of a burn. `exact`: all or nothing. `up_to`: what is there. Default: `exact`."""
    for_: QuotedOperation | None = Field(default=None, validation_alias="for", serialization_alias="for")
    """Whether a burn, a hold or a capture is asked about. Default: `burn`."""
    hold_id: str | None = None
    """The hold that would be captured; its id says the unit."""
    final: bool | None = None
    """Of a capture: whether the rest is given back. Default: `true`."""
    lock_for: str | None = None
    """How long the price is to hold, from now on; seven days at most, ISO 8601. The answer has a `quote` then, to be sent with the burn, hold or capture."""


class RateBody(Request):
    """The price of a meter, from an instant on."""

    effective_at: Instant | None = None
    """From when on this version is in force. Left out: as soon as that can be. A meter's own price begins a minute from now or later, when all can know it, and its first version since ever; an account's own at once."""
    minimum: str | None = None
    """What an event costs at least, in credits. Default: `0`."""
    price: Price
    """What an event costs."""
    unit: str | None = None
    """The unit that it is priced in; the same for all versions. Default: `credits`."""


class RateVersion(Answer):
    """What an event of a meter costs, from an instant on."""

    effective_at: Instant
    """From when on it is in force, until another is."""
    minimum: str
    """What an event costs at least."""
    price: Price
    """What an event costs."""
    version: int
    """Counts the versions."""


class RateCard(Answer):
    """A meter's rate card: one version of it, and all that are kept."""

    effective_at: Instant
    """From when on it is in force, until another is."""
    minimum: str
    """What an event costs at least."""
    price: Price
    """What an event costs."""
    version: int
    """Counts the versions."""
    meter: str
    """What is counted."""
    unit: str
    """The unit that it is priced in."""
    versions: list[RateVersion]
    """The versions that are kept, oldest first."""


class RateCardPage(Answer):
    """Rate cards as they are now, by their meters."""

    items: list[RateCard]
    """The rate cards."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class Received(Answer):
    """It is stored, and will be applied in order."""

    received: Literal[True]
    """Always true."""


class SettledMovement(Answer):
    """What moved the provider's balance for one reason."""

    type: SettlementType | str
    """Why it moved. `tax` is what the provider pays in your place, `reserve` what it sets aside and releases."""
    amount: int
    """Minor units: positive is more for you."""


class SettledCurrency(Answer):
    """One currency on that day, in minor units."""

    currency: str
    """ISO 4217."""
    charged: int
    """Payments less refunds, as the provider has them in the customers' currency."""
    booked: int
    """The same as it is here."""
    moved: list[SettledMovement]
    """What moved the provider's balance in this currency: payments as they arrived there, fees, payouts."""
    net: int
    """By how much the balance changed."""


class SettledDifference(Answer):
    """A movement of the provider's balance that is not as it is here."""

    settlement_id: str
    """The movement, as the provider names it."""
    type: SettlementType | str
    """Why it moved."""
    about: str | None
    """What it is of (`payment:pi_1`, `refund:re_1`, `dispute:dp_1`); null: the provider does not say."""
    reason: str
    """What differs."""
    theirs: int
    """The amount at the provider, in the customer's currency."""
    ours: int | None
    """The amount here; null: nothing is known of it."""
    currency: str
    """ISO 4217."""
    payment_id: str | None
    """The payment, where it is of one."""
    topup_id: str | None
    """The order, where it is known."""
    account: str | None
    """Whose it is, where that is known."""


class SettledMoney(Answer):
    """What moved the provider's balances on that day, against what is here."""

    through: Instant | None
    """Up to which instant the provider's list was taken by the last walk that came to its end."""
    error: str | None
    """Why the last run could not go on; the next one tries again."""
    currencies: list[SettledCurrency]
    """By currency. None is mixed with another."""
    differences: int
    """How many movements are not as they are here."""
    items: list[SettledDifference]
    """The first 100 of them."""


class Reconciliation(Answer):
    """What a provider lists for one day (UTC) against what is here."""

    provider: str
    """The payment provider."""
    date: str
    """The day on which payments, refunds and disputes were made there."""
    checked_at: Instant | None
    """When both sides were last compared; null: what was missed has been passed on, and no more yet."""
    listed: int
    """Payments, refunds and disputes that the provider lists, failed attempts included."""
    findings: int
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
    own_account: OwnAccount | None
    """Null where a parameter says whose deliveries are ours, and before the first of them."""
    money: SettledMoney
    """What moved the provider's balances on that day: payments, fees, payouts."""


class RecordPage(Answer):
    """Records of one entry, in the order of their offsets."""

    items: list[StreamRecord]
    """The records."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class RedemptionBody(Request):
    """A promotion to redeem, and who redeems it. The unit is the promotion's."""

    unit: str | None = None
    """The promotion's unit; may be left out."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    code: str
    """The promotion's code."""
    identities: IdentitiesBody | None = None
    """Who redeems, as far as the promotion asks. Kept as keyed hashes alone."""


class RedriveBody(Request):
    """Which rejected events are meant: by their ids, or all of them."""

    ids: list[str] | None = None
    """`rejected_id` of each, 1 to 100. This, or `all`."""
    all: bool | None = None
    """All of them, or all that `account` and `reason` say. Default: `false`."""
    account: str | None = None
    """With `all`: only those of this account."""
    reason: str | None = None
    """With `all`: only those that were rejected for this reason."""


class Redriven(Answer):
    """How many events are on their way again."""

    redriven: int
    """How many there are."""
    more: bool
    """Whether there may be more of them: then send the same request again."""


class SourceBody(Request):
    """What was paid."""

    type: PaidType
    """An invoice or a payment."""
    id: str
    """Which one."""


class RefundBody(Request):
    """Money that was paid, is kept, and becomes credits."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    expires_in: str | None = None
    """How long the credits live; a calendar duration, ISO 8601. Null: for ever; left out: as the unit's policy says."""
    time_zone: str | None = None
    """The zone whose calendar `expires_in` keeps, of the IANA database. Default: `UTC`."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` in `time_zone` that `expires_in` ends in."""
    source: SourceBody
    """What was paid. All refunds of one source together are never above what was paid for it."""
    value: MoneyBody
    """The money that is kept and becomes credit; not more than was paid. It is the lot's cost basis."""
    paid: MoneyBody
    """The money that was paid for the source; the same each time."""
    amount: str | None = None
    """How many credits that is. Left out: one for each major unit of `value`."""


class RefundedAlready(Answer):
    """What of a payment was given back already."""

    refunded: Money
    """Money that went back, by refund or lost dispute, tax included."""
    pending: Money
    """Money that pending refunds and open disputes may take."""
    credited: Money
    """Money that was kept and became credit."""


class RefundQuote(Answer):
    """What a refund would come to now. Nothing is moved."""

    payment: PaymentName
    """What would be refunded."""
    unit: str
    """The unit of its credits."""
    unspent: str
    """What is left of its lot: not burned, expired, held or frozen."""
    credits: str
    """What the refund would take."""
    amount: Money
    """What would go back, tax included."""
    tax: Money
    """The part of it that is tax."""
    net: Money
    """The rest: the price of the credits."""
    worth: Money
    """What these credits are in the books: the deferred part of their cost basis."""
    refundable: Money
    """The most that can go back without taking credits that are spent, held or frozen, tax included."""
    left: Money
    """The most that is left of the payment: what can be forced."""
    already: RefundedAlready
    """What was given back before."""
    allowed: bool
    """Whether a refund of this amount needs no force."""


class RejectionFacts(Answer):
    """What a refusal says in numbers and names, as its problem document would."""

    budget_id: str | None = None
    """The budget that had not so much left."""
    member: str | None = None
    """Whose budget it is; of a member's."""
    limit: str | None = None
    """What may be spent of it in a period."""
    spent: str | None = None
    """What was spent, or was held, in that period."""
    resets_at: Instant | None = None
    """When the next period begins."""
    required: str | None = None
    """The credits that were needed."""
    available: str | None = None
    """The credits that could have been taken for this."""
    out_of_scope: str | None = None
    """Credits that were there besides, but may not pay for this meter."""
    withheld: str | None = None
    """Promotional credits that were there besides, over the share that the unit's policy allows."""
    unit: str | None = None
    """The unit that the amounts are in."""


class UsageData(Answer):
    """What was used."""

    quantity: str
    """How much of the meter."""
    dimensions: dict[str, str] | None = None
    """What chooses among its prices; where there are some."""
    unit: str | None = None
    """The unit; where the event said it."""
    member: str | None = None
    """Who used it; where that was said."""
    tags: dict[str, str] | None = None
    """What it was used for; where that was said."""


class UsageEvent(Answer):
    """An event of usage: a CloudEvent that can be sent again as it is."""

    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    id: str
    """Which of its source's events it is."""
    source: str
    """Who saw it used."""
    type: str
    """The meter."""
    subject: str
    """The account."""
    time: Instant
    """When it was used; where its sender did not say, when it came."""
    data: UsageData
    """What was used."""


class RejectedUsage(Answer):
    """An event of usage that was accepted, and could not be burned."""

    rejected_id: str
    """Names it here."""
    event: UsageEvent
    """As it came; it can be sent again as it is."""
    received_at: Instant
    """When it came."""
    reason: str
    """The code of the refusal, as in docs/errors.md."""
    policy: str | None
    """Of a `policy_violation`, which policy."""
    detail: str
    """What it is this time, for people."""
    facts: RejectionFacts | None = None
    """The numbers of it; of a budget, and of credits that were too few."""


class RejectedUsagePage(Answer):
    """Events of usage that were rejected, those that came last first. A page with a filter may be short, or empty, and yet have a `next_cursor`."""

    items: list[RejectedUsage]
    """The events."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class ReleaseBody(Request):
    """Why the credits of a hold are given back."""

    unit: str | None = None
    """The unit that the id in the path is of; may be left out."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""


class Replay(Answer):
    """A replay that has begun."""

    replay_id: str
    """What it is called in the log."""


class ReplayBody(Request):
    """What is sent again: a span of time, or one event."""

    from_: Instant | None = Field(default=None, validation_alias="from", serialization_alias="from")
    """Events from this instant on, that instant included: an event's `time`. Send it with `to`."""
    to: Instant | None = None
    """Events before this instant, at most 31 days after `from`."""
    event_id: str | None = None
    """The only event that is sent again, of the last 31 days. Or else send `from` and `to`."""


class ResolutionBody(Request):
    """What a person decides of a payment that waits."""

    action: ResolutionAction
    """What is decided."""
    topup_id: str | None = None
    """Of `accept`: the order that it pays."""
    about: str | None = None
    """Of `state` and `settle`: which refund or dispute, as `refund:` or `dispute:` and its id."""
    amount: int | None = None
    """Of `state`: its amount, minor units of the payment's currency, tax included."""
    status: ResolutionStatus | None = None
    """Of `settle`: how it ended, `won` or `lost` of a dispute, `succeeded` or `failed` of a refund."""
    credits: str | None = None
    """Of `accept`: how much of the order's credits it gives; left out: in proportion to what was paid of its price, without tax. What was paid is their cost basis."""
    reason: str
    """Why, for people; kept with the payment."""


class Resolved(Answer):
    """The payment, and what the decision did to the wallet."""

    entry: Entry | None = None
    """The last entry that it made."""
    balance: BalanceAfter | None = None
    """The balance right after that entry."""
    lot: Lot | None = None
    """The lot that the entry made."""
    payment: Payment
    """The payment as it is now."""


class ResumeSubscriptionBody(Request):
    """Nothing is said: the path names the subscription."""


class ReversalBody(Request):
    """What is undone of a burn: a part, or all that is left; of an entry with records, all of them or one."""

    unit: str | None = None
    """The unit that the id in the path is of; may be left out."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    amount: str | None = None
    """How many credits. Left out: all that is left."""
    offset: int | None = None
    """One record of a page of burns, or of a lease's settlement. An `amount` is a part of that record; left out, all that is left of it. Without an offset all that is left of all records is undone."""


class Reversed(Answer):
    """The entry, and the balance right after it."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    lot: Lot | None = None
    """Only of reversals made before version 0.4: a lot of what was repaid meanwhile."""


class RotatedWebhookEndpoint(Answer):
    """An endpoint with a new secret."""

    endpoint_id: str
    """What you call it."""
    url: str
    """Where they are sent."""
    types: list[str]
    """Types of events, and patterns of them."""
    accounts: list[str] | None
    """The accounts whose events are sent; null: all, and what is about no account."""
    enabled: bool
    """Whether anything is sent."""
    created_at: Instant
    """When it was made."""
    disabled: EndpointStop | None
    """Why it was disabled, though nobody asked for it; null: it was not. `PUT` with `enabled` starts it anew."""
    failing_since: Instant | None
    """Since when nothing was delivered, though it was tried; null: the last try succeeded, or there was none."""
    previous_secret_ends_at: Instant | None
    """Until when the secret before the last rotation signs too; null: there is only one."""
    secret: str | None
    """What events are signed with from now on. It is shown this once. Null where this is a replay, and another key asked the first time."""


class RotationBody(Request):
    """Nothing is said: the path names the key."""


class SettleBody(Request):
    """What the holder of a lease has spent, and how it goes on."""

    unit: str | None = None
    """The unit that the id in the path is of; may be left out."""
    first: int | None = None
    """The offset of the first record: a lease begins with 0, and `next` says how it goes on. Default: `0`."""
    records: list[list[Any] | None] | None = None
    """Up to 1 000: `["2", "req-1"]` is an amount and a reference, `["meter", "3", "req-2", {"model": "x"}]` so much of a meter, null an offset that is given up."""
    renew: str | None = None
    """What the lease is to hold then: it is filled up as far as there is something. Null: it is not."""
    expires_in: str | None = None
    """How long it lasts, from now on; seven days at most, ISO 8601. Null: its deadline stays."""


class Settled(Answer):
    """What became of the records, the balance, and the lease then."""

    entry: Entry | None
    """The entry that booked the last of them; null where none ever was."""
    balance: BalanceAfter
    """What is there then."""
    burned: str
    """What this request burned; what was known is not counted again."""
    records: list[Booked]
    """In the order of the request."""
    next: int
    """The offset that the stream goes on with."""
    hold: Hold
    """The lease, as it is then."""
    short: ShortReason | str | None
    """Why it has less than `renew`; null where it has that."""


class StatementBalance(Answer):
    """A wallet as a month begins, or ends. `total` = available + held + frozen + pending - owed."""

    seq: int
    """Its last entry; 0 before its first."""
    head: str
    """That entry's hash, on which the next one is chained; 64 zeros before the first."""
    total: str
    """All there is, less what is owed."""
    available: str
    """What can be spent."""
    held: str
    """Set aside by open holds."""
    frozen: str
    """Under open dispute or pending refund."""
    pending: str
    """In lots that have not begun."""
    owed: str
    """Debt: taken back, or burned by allowed overdraft, beyond what there was."""
    money: list[Funds] | None
    """What became of the money of all its credits until then, by currency. Null where it was not counted from the wallet's beginning."""


class StatementEntry(Answer):
    """An entry of the month. All but `text` and `hash` is in the text too, for whoever does not compute."""

    seq: int
    """Its place in the wallet, from 1, without a gap."""
    entry_id: str
    """Names it."""
    kind: EntryKind | str
    """What happened."""
    at: Instant
    """When it holds."""
    late_for: str | None
    """The month in which it holds, where that is before this one: it came after that month had been closed, or told."""
    amount: str
    """Signed change of the total."""
    balance_after: str
    """The total after it."""
    reference: Reference | None
    """What it is about, as the caller said."""
    hash: str
    """SHA-256 over the hash before it and the text: 32 bytes, and the text in UTF-8."""
    text: str
    """The entry's canonical JSON, as it was hashed: all that it says, who asked and why too."""


class StatementSignature(Answer):
    """Proves who made a statement, to whoever has the public key from elsewhere."""

    algorithm: SignatureAlgorithm | str
    """RFC 8032, over the bytes of `line` themselves."""
    key_id: str
    """Which of the keys at `/v1/statement-keys`. It follows from the key."""
    line: str
    """What is signed: `scrip-statement-1`, account, unit, month, `head` and the SHA-256 of the canonical statement, with spaces between them. Canonical: sorted members, no white space, UTF-8, without `entries`, `next_cursor`, `signature`."""
    value: str
    """The signature: 64 bytes in base64."""


class Statement(Answer):
    """A month of a wallet: opening + entries = closing, in credits and in money. A month that is over is signed, and told alike for ever."""

    from_: Instant = Field(validation_alias="from", serialization_alias="from")
    """The month's first instant."""
    version: int
    """Of this form."""
    account: str
    """Whose wallet it is."""
    unit: str
    """What its credits are counted in."""
    precision: int
    """Decimals of the unit."""
    month: str
    """In UTC."""
    to: Instant
    """The first instant of the next month."""
    as_of: Instant
    """Up to when it goes: `to`, or while the month runs, when it was read."""
    status: StatementStatus | str
    """`provisional` while something can still come to the month: it is not signed, and another one follows."""
    opening: StatementBalance
    """What the month before ended with."""
    closing: StatementBalance
    """What the opening and the entries come to."""
    head: str
    """That of the closing: the chain's end."""
    entries_count: int
    """How many entries the month has, on all pages."""
    entries_digest: str | None
    """Of their hashes: from 32 zero bytes on, SHA-256 over the digest so far and the next hash. Null while provisional."""
    entries: list[StatementEntry]
    """The entries, oldest first: up to 1 000 on a page."""
    next_cursor: str | None
    """`cursor` of the next page of entries; null on the last."""
    signature: StatementSignature | None
    """Null while provisional."""


class StatementKey(Answer):
    """A public key that statements were signed with."""

    key_id: str
    """Its name, which follows from it."""
    algorithm: SignatureAlgorithm | str
    """What it is a key of."""
    public_key: str
    """32 bytes in base64."""
    since: Instant
    """When it began to sign."""
    until: Instant | None
    """When another one took its place. Null: it signs now. What it signed stays valid."""


class StatementKeyList(Answer):
    """All keys that statements were ever signed with, the oldest first."""

    items: list[StatementKey]
    """The keys."""


class StatusBody(Request):
    """Why a wallet is frozen, unfrozen or closed."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""


class Subscription(Answer):
    """What renews."""

    subscription_id: str
    """The provider's id of it."""
    provider: Provider | str
    """Where it is paid."""
    account: str
    """Who buys."""
    unit: str
    """What its credits are counted in."""
    pack: str
    """What is bought with each period."""
    quantity: int
    """How many."""
    topup_id: str
    """Its order."""
    every: str
    """How often it is paid; ISO 8601."""
    state: SubscriptionState | str
    """How it stands: `past_due`: its last renewal is not paid; `cancelling`: it ends at `ends_at`."""
    next_renewal_at: Instant | None
    """When it is renewed next, as far as that is known; null where it is not renewed."""
    ends_at: Instant | None
    """When it ends, where it was cancelled and has not ended yet."""
    last_failure: FailedRenewal | None
    """The renewal that failed last, paid since or not; null: none did."""


class SubscriptionPage(Answer):
    """Subscriptions of an account, by provider."""

    items: list[Subscription]
    """The subscriptions."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class Terms(Answer):
    """What an order would give, cost and agree to now."""

    pack: str
    """What is bought."""
    pack_version: int
    """The pack as it is now."""
    quantity: int
    """How many."""
    unit: str
    """What its credits are counted in."""
    credits: str
    """What it gives, bonus included."""
    price: Money
    """The total, without tax."""
    terms: str
    """What the buyer agrees to: to be shown before the order."""
    terms_version: str
    """What the order sends as `accept_terms`."""


class WaitingPayment(Answer):
    """A payment that names the order and waits for a person: nothing was granted for it, or not all is clear."""

    payment_id: str
    """The provider's id of it; `/v1/payments/{provider}/{payment_id}` shows the rest."""
    parked: list[Waiting]
    """Why it waits."""
    parked_at: Instant
    """Since when."""


class Topup(Answer):
    """An order for packs."""

    topup_id: str
    """Its id, to ask what became of it."""
    status: TopupStatus | str
    """What became of it."""
    account: str
    """Who buys."""
    pack: str
    """What is bought."""
    pack_version: int
    """The pack as it was then."""
    quantity: int
    """How many."""
    provider: Provider | str
    """Where it is paid."""
    unit: str
    """What its credits are counted in."""
    credits: str
    """What it gives, bonus included."""
    price: Money
    """The total, without tax."""
    recurring: Recurring | None
    """How often it is paid; null: once."""
    terms: str
    """What the buyer agreed to."""
    terms_version: str
    """What tells one text of terms from another."""
    accepted_at: Instant
    """When the buyer agreed."""
    expires_at: Instant
    """From when on it is over, if nobody paid; a payment that comes later counts all the same."""
    checkout_url: str | None
    """Where to send the buyer; null where your app opens the checkout, and while the provider does not answer."""
    checkout_session_id: str | None
    """The provider's checkout session; null where there is none."""
    payment_id: str | None
    """The provider's payment, once it is paid; of a subscription the last one."""
    failed_renewal: FailedRenewal | None
    """Of a subscription's: the renewal that was not paid; null once one is."""
    waiting: list[WaitingPayment]
    """Its payments that wait for a person, up to 20 of them."""
    save_payment_method: bool
    """Whether what it is paid with is kept, to be charged while the buyer is away."""
    automatic: bool
    """Whether an automatic top-up made it: it is paid with what was kept, and has no checkout."""


class TopupBody(Request):
    """An order for packs."""

    account: str
    """The customer, by your own id for them."""
    pack: str
    """The pack's id."""
    quantity: int | None = None
    """How many packs. Default: `1`."""
    provider: Provider | None = None
    """Where it is paid. At `standard` and `paddle` your app opens the checkout, and names `topup_id`. Default: `dodo`."""
    currency: str | None = None
    """One that the pack has a price in; null: that of its `price`."""
    return_url: str
    """Where the buyer comes back to: https, or this machine."""
    accept_terms: Literal[True] | str
    """The `terms_version` of the terms that the buyer was shown and agreed to; or true: to those that the order has."""
    save_payment_method: bool | None = None
    """Whether the buyer lets what they pay with be charged again while they are away, as automatic top-ups do. Default: `false`."""


class TopupPage(Answer):
    """Orders, newest first. With a `status` a page looks at 1 000 of them at most: it may be short, or empty, and yet have a `next_cursor`."""

    items: list[Topup]
    """The orders."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class TransferBody(Request):
    """Credits for another account."""

    unit: str | None = None
    """The unit: with the account it names the wallet. Default: `credits`."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    to_account: str
    """Who receives them; another account."""
    amount: str
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has."""


class Transferred(Answer):
    """The sender's entry and balance, and the receiver's entries."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    to_entry: Entry
    """The receiver's last entry."""
    to_entries: list[Entry]
    """All of them, one for each lot that arrived."""


class Unit(Answer):
    """What is counted, how finely, and the policy of its wallets."""

    unit: str
    """Its id."""
    precision: int
    """Decimals. Fixed once the unit is used."""
    name: str
    """Its name, for people."""
    policy: Policy
    """The policy, defaults filled in."""
    version: int
    """Counts changes; 0 for the default unit before it was ever put."""


class UnitBody(Request):
    """A kind of credits: its decimals, and what its wallets allow."""

    precision: int
    """Decimals. Fixed once the unit is used."""
    name: str | None = None
    """Its name, for people. Default: `""`."""
    policy: PolicyBody | None = None
    """What its wallets allow."""


class UnitPage(Answer):
    """Units, by their ids: the one that there always is among them."""

    items: list[Unit]
    """The units."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class UsageMistake(Answer):
    """A member of an event that is wrong."""

    field: str
    """The member, with a point between it and what it is in."""
    message: str
    """What is wrong with it."""


class UsageRejection(Answer):
    """An event that was not accepted."""

    index: int
    """Its place in the request, from 0."""
    errors: list[UsageMistake]
    """What is wrong with it."""


class UsageAccepted(Answer):
    """What is on its way to be burned. What cannot be burned then is told by the event `scrip.usage.rejected`."""

    accepted: int
    """How many events are."""
    rejected: list[UsageRejection]
    """Those that are not, and why."""


class UsageDataBody(Request):
    """What was used."""

    quantity: str | int
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: dict[str, str] | None = None
    """What chooses among the prices of a rate card that is a table."""
    unit: str | None = None
    """The unit of the wallet that pays. Left out: the meter's."""
    member: str | None = None
    """Who of the account used it: a person, a team, a key of yours."""
    tags: dict[str, str] | None = None
    """What it was used for, as `{"team": "search"}`."""


class UsageEventBody(Request):
    """So much of a meter, used by an account: a CloudEvent. Other attributes are extensions: not looked at."""

    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    id: str
    """Which of its source's events it is. With `source` it is burned once for ever, however often it is sent."""
    source: str
    """Who saw it used: a service of yours, as `/api/eu-1`."""
    type: str
    """The meter: its rate card says the price."""
    subject: str
    """The account whose credits pay."""
    time: Instant | None = None
    """When it was used: its price is of then. Left out: when it came."""
    datacontenttype: str | None = None
    """What `data` is: JSON."""
    dataschema: str | None = None
    """Of no meaning here."""
    data: UsageDataBody
    """What was used."""


class UsageBody(Request):
    """Events of usage, in any order."""

    events: list[UsageEventBody]
    """CloudEvents 1.0, 1 to 1 000."""


class UsedMoney(Answer):
    """The money of credits that were used."""

    amount: int
    """Minor units (cents). Below zero only where a step came back that fractions of other events had completed."""
    currency: str
    """ISO 4217."""


class Used(Answer):
    """What was used in a period. What was undone is given back in the period in which it was used."""

    from_: Instant = Field(validation_alias="from", serialization_alias="from")
    """When the period begins."""
    to: Instant
    """When the period ends; that instant is not in it."""
    by: str | None
    """Which meter, member, or value of the tag or dimension; `(other)`: of the hours that have more different ones than are told apart. Null of what says none, and of all where the request has no `by`."""
    quantity: str | None
    """How much was counted. Null where nothing was, and where quantities of several meters come together: ask by meter, or for one `meter`."""
    credits: str
    """What was burned and captured for it."""
    value: UsedMoney | None
    """The money of these credits. Null of free ones, and where there are several currencies: then `values` has them."""
    values: list[UsedMoney] | None = None
    """The money, by currency; where there are several."""


class UsedPage(Answer):
    """What was used, the oldest period first, and in each the values in their order. Periods in which nothing was used are left out."""

    items: list[Used]
    """What was used."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    through_seq: int
    """All entries of the wallet up to this one are counted: its last one when the request came, but where more was new than can be read in time. Then the next request goes on from there."""


class Version(Answer):
    """What is deployed."""

    version: str
    """The version of Scrip, and of its contract."""
    commit: str | None
    """The commit that it was deployed from; null where the deployment was not told."""
    test_clock: bool
    """Whether an admin key may say what time it is."""


class VoidBody(Request):
    """What is taken back of a lot: a part, or all that is left."""

    unit: str | None = None
    """The unit that the id in the path is of; may be left out."""
    reference: ReferenceBody | None = None
    """What in your world this is about; in the entry for ever."""
    reason: str | None = None
    """Why, for people; in the entry for ever."""
    metadata: dict[str, str] | None = None
    """Anything else to keep with the entry, and with the lot it makes."""
    amount: str | None = None
    """How many credits. Left out: all that is left."""
    as_: Literal["mistake"] | None = Field(default=None, validation_alias="as", serialization_alias="as")
    """`mistake`: the lot should never have been there, so its cost basis was never paid and none of it is earned. Only while nothing has left it, and not of a lot that a payment made. Left out: its money is earned, as breakage."""


class Voided(Answer):
    """The entry, the balance right after it, and the lot."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    lot: Lot
    """The lot, as it was right after the entry."""


class VoidedInvoice(Answer):
    """A void invoice: what was given back, the last entry that did, and the balance right after it."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""
    invoice_id: str
    """What is void now, and for ever."""
    voided: Money
    """The money that credits had paid of it, and pay no more."""
    credits: str
    """How many credits went back to their lots. What has ended ended at once."""
    entries: list[Entry]
    """The entries that gave back, one for each application, the last one too."""


class WalletPage(Answer):
    """The wallets of an account, in the order of their units, each as if all that is due were booked."""

    items: list[Balance]
    """The balance of each."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class WebhookDelivery(Answer):
    """An event, and how far it is on its way to an endpoint."""

    event_id: str
    """The event's id: the header `webhook-id` of each try."""
    type: str
    """The event's type."""
    status: DeliveryStatus | str
    """`pending`: it is tried, or tried again. `delivered`: it was answered with a 2xx. `failed`: it was given up."""
    attempts: list[DeliveryAttempt]
    """Each try, the first first; of many, the last thirty."""
    next_attempt_at: Instant | None
    """When it is tried again; null: it is not."""


class WebhookDeliveryPage(Answer):
    """Events on their way to an endpoint, newest first. A page with a filter may be short, or empty, and yet have a `next_cursor`."""

    items: list[WebhookDelivery]
    """The events."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class WebhookEndpoint(Answer):
    """Where events are sent, and which."""

    endpoint_id: str
    """What you call it."""
    url: str
    """Where they are sent."""
    types: list[str]
    """Types of events, and patterns of them."""
    accounts: list[str] | None
    """The accounts whose events are sent; null: all, and what is about no account."""
    enabled: bool
    """Whether anything is sent."""
    created_at: Instant
    """When it was made."""
    disabled: EndpointStop | None
    """Why it was disabled, though nobody asked for it; null: it was not. `PUT` with `enabled` starts it anew."""
    failing_since: Instant | None
    """Since when nothing was delivered, though it was tried; null: the last try succeeded, or there was none."""
    previous_secret_ends_at: Instant | None
    """Until when the secret before the last rotation signs too; null: there is only one."""


class WebhookEndpointBody(Request):
    """Where events are sent, and which."""

    url: str
    """Where they are sent: https, without user info or fragment, its host on the public internet. In dev this machine, too, such as `http://localhost:3000/hooks`."""
    types: list[str]
    """Types of events, such as `scrip.balance.low`; `*` stands for whole segments at the end: `scrip.balance.*`."""
    accounts: list[str] | None = None
    """The accounts whose events are sent. Null: all, and what is about no account."""
    enabled: bool | None = None
    """Whether anything is sent. Default: `true`."""


class WebhookEndpointPage(Answer):
    """Webhook endpoints, by id."""

    items: list[WebhookEndpoint]
    """The endpoints."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


EntryUsage = Usage | list[Usage]
"""What was counted: an object where the request named one meter, a list where it had `items`."""


class OtherProblem(Answer):
    """A `Problem` that this client does not know yet."""

    type: str
    title: str
    status: int
    detail: str
    code: str


Problem = Annotated[
    UnauthenticatedProblem
    | ForbiddenProblem
    | BodyTooLargeProblem
    | UnsupportedMediaTypeProblem
    | InvalidRequestProblem
    | IdempotencyKeyMissingProblem
    | NotFoundProblem
    | PrecisionExceededProblem
    | AmountOutOfRangeProblem
    | IdempotencyKeyReusedProblem
    | ClockBackwardsProblem
    | WalletClosedProblem
    | WalletFrozenProblem
    | HoldNotOpenProblem
    | QuoteExpiredProblem
    | QuoteMismatchProblem
    | OffsetGapProblem
    | LotNotOpenProblem
    | TermsChangedProblem
    | TopupNotOpenProblem
    | InvoiceVoidProblem
    | PeriodNotOverProblem
    | NotCompleteProblem
    | AlreadyReversedProblem
    | PromotionExhaustedProblem
    | PromotionAlreadyClaimedProblem
    | BudgetExceededProblem
    | InsufficientCreditsProblem
    | PolicyViolationProblem
    | ContendedProblem
    | ThrottledProblem
    | UnavailableProblem
    | OtherProblem,
    Field(union_mode="left_to_right"),
]
"""A refusal. Nothing has changed."""

OrderValue = int | bool | str | Money | None
"""A lot's value of a property that its order compares: a number, an instant, credits, money, its kind, or yes or no."""


class OtherPrice(Answer):
    """A `Price` that this client does not know yet."""

    model: str


Price = Annotated[
    PerUnitBody | PackageBody | TieredBody | TableBody | OtherPrice, Field(union_mode="left_to_right")
]
"""What an event costs."""
