"""What each member of a request means, for readers of the document: by the model that has it, and for the models that
derive from that. Form and bounds are the models' own, and are not said again."""

from __future__ import annotations

from typing import Final

MEANINGS: Final[dict[str, dict[str, str]]] = {
    "Body": {
        "unit": "The unit: with the account it names the wallet.",
        "account": "The customer, by your own id for them.",
        "amount": "How many credits: a decimal string, more than zero, with no more decimals than the unit has.",
    },
    "MovementBody": {
        "reference": "What in your world this is about; in the entry for ever.",
        "reason": "Why, for people; in the entry for ever.",
        "metadata": "Anything else to keep with the entry, and with the lot it makes.",
    },
    "ReferenceBody": {"type": "What kind of thing it is, e.g. `invoice`, `job`.", "id": "Which one."},
    "MoneyBody": {
        "amount": "Minor units (cents). Currencies have 0, 2 or 3 decimals.",
        "currency": "ISO 4217, capital letters.",
    },
    # Credits in
    "LotBody": {
        "priority": "Lower is taken first.",
        "effective_at": "From when on the credits can be spent; not before now, which it is where left out.",
        "expires_at": "Until when; later than now and than `effective_at`. Not together with `expires_in`.",
        "expires_in": "How long the credits live, from `effective_at` on; a calendar duration, ISO 8601.",
        "scope": "The meters that these credits may pay for; none: everything.",
    },
    "GrantBody": {
        "kind": "How the credits come.",
        "cost_basis": "Money paid for the whole lot. Only with kind `paid` or `refund`.",
    },
    "AdjustmentBody": {
        "direction": "`credit` makes a lot, `debit` takes in burn order.",
        "reason": "Why the balance was wrong. An adjustment must say.",
    },
    "TransferBody": {"to_account": "Who receives them; another account."},
    "RefundBody": {
        "source": "What was paid. All refunds of one source together are never above what was paid for it.",
        "value": "The money that is kept and becomes credit; not more than was paid. It is the lot's cost basis.",
        "paid": "The money that was paid for the source; the same each time.",
        "amount": "How many credits that is. Left out: one for each major unit of `value`.",
    },
    "SourceBody": {"type": "An invoice or a payment.", "id": "Which one."},
    "RedemptionBody": {
        "unit": "The promotion's unit; may be left out.",
        "code": "The promotion's code.",
        "identities": "Who redeems, as far as the promotion asks. Kept as keyed hashes alone.",
    },
    "IdentitiesBody": {
        "email": "An e-mail address. Spellings that reach the same mailbox are one.",
        "card_fingerprint": "The payment provider's fingerprint of a card.",
        "device": "An id of the device.",
    },
    "CompensationBody": {
        "incident": "What went wrong: an account is compensated for it once, for ever.",
        "amount": "What an account gets that names no amount of its own.",
        "accounts": "Who is compensated; each account once.",
    },
    "CompensatedBody": {"amount": "What this account gets."},
    "AllowanceBody": {
        "amount": "What each period grants.",
        "every": "The period: a number of days, weeks, months or years, ISO 8601.",
        "anchor": "An instant at which a period begins. Left out: as it was, or the start.",
        "time_zone": "The zone whose calendar and clocks it keeps, of the IANA database.",
        "expires": "When a period's credits expire: `period_end`, `never`, or an ISO 8601 duration from the grant.",
        "rollover": "What becomes of what is left; null: it expires. Not with `expires` `never`.",
        "starts_at": "The first instant at which it may grant. Left out: as it was, or now.",
        "ends_at": "From when on it grants no more; later than `starts_at`. Null: never.",
        "paused": "Whether it grants nothing for now.",
    },
    "RolloverBody": {
        "fraction": "The part of what is left that is carried, 0 to 1.",
        "min": "Carry at least so much, if it is there.",
        "max": "Carry at most so much; null: no bound.",
        "max_times": "How often credits may be carried on; null: for ever.",
        "expires_in": "How long what is carried lives, ISO 8601; null: as the allowance says.",
    },
    # Credits out
    "BurnBody": {
        "amount": "How many credits: a decimal string, more than zero. This, or `meter` and `quantity`.",
        "meter": "What is counted: its rate card says the price.",
        "quantity": "How much of the meter: a decimal string or a whole number, more than zero.",
        "dimensions": "What chooses among the prices of a rate card that is a table.",
        "mode": "`exact`: all or nothing. `up_to`: what is there, and the answer says what is missing.",
    },
    "BatchedBurnBody": {"key": "The burn's own idempotency key."},
    "BatchBody": {"burns": "Burns of one wallet, each with a key of its own; a key comes once."},
    "HoldBody": {
        "expires_in": "How long the credits are set aside, from now on; seven days at most, ISO 8601.",
        "over_capture": "What a capture of more than is held does. Left out: as the unit's policy says.",
        "meter": "What the hold is for, where lots are bound to meters.",
    },
    "CaptureBody": {
        "amount": "How many of the held credits to spend. Left out: all of them.",
        "final": "Whether the rest is given back.",
    },
    "ExtendBody": {"expires_in": "How long they stay set aside, from now on; seven days at most, ISO 8601."},
    "PartBody": {"amount": "How many credits. Left out: all that is left."},
    # The catalogue
    "UnitBody": {
        "precision": "Decimals. Fixed once the unit is used.",
        "name": "Its name, for people.",
        "policy": "What its wallets allow.",
    },
    "PolicyBody": {
        "order": "In which order lots are taken; four follow other systems. Fixed once the unit is used.",
        "expiry_boundary": "Whether a lot still lives at the instant `expires_at` itself. Fixed on the lot.",
        "overdraft_limit": "Debt that a burn may run up.",
        "repay_first": "Whether a grant repays debt before it can be spent.",
        "refund_shortfall": "What becomes of the part of a clawback that was burned already.",
        "default_expires_in": "How long a grant that names no expiry lives, ISO 8601; null: for ever.",
        "transferable": "Whether credits may move to another account.",
        "stacking": "Whether promotional and paid credits are taken in one order, or one kind before the other.",
        "promotional_share_max": "The most of one burn that promotional credits pay, a decimal above 0, up to 1.",
        "over_capture": "What a capture of more than was held does, where the hold does not say.",
        "low_balance": "Available amounts at which somebody wants to hear of it; each once.",
    },
    "PackBody": {
        "unit": "The unit of its credits.",
        "credits": "What one pack gives: a decimal string, more than zero.",
        "price": "What one pack costs, without tax.",
        "prices": "What it costs in further currencies, each once.",
        "recurring": "Where it is sold as a subscription of the provider's: how often; null: it is paid once.",
        "bonus": "What several packs give on top; the highest that is reached counts.",
        "expires_in": "How long its credits live from the payment on, ISO 8601; null: as the unit's policy says.",
        "priority": "The priority of its lots: lower is taken first.",
        "tax_point": "When tax is due: at the purchase, or when credits are redeemed.",
        "terms": "What a buyer agrees to; null: a text of Scrip's own.",
        "provider_refs": "Its product at each payment provider.",
    },
    "BonusBody": {
        "from_quantity": "From how many packs on.",
        "credits": "So many credits. This or `percent`.",
        "percent": "So many percent of the packs' own credits, rounded down to the unit's step.",
    },
    "RecurringBody": {
        "every": "Days, weeks, months or years after which it is paid again: three years at most."
    },
    "ProviderRefsBody": {
        "dodo": "Its product at Dodo Payments; null: the pack's id.",
        "paddle": "Its price at Paddle, for your own checkout.",
        "standard": "Its product at your own gateway, for your own checkout.",
        "stripe": "Its product at Stripe; null: one that is made for each session, named by its credits.",
    },
    "RateBody": {
        "unit": "The unit that it is priced in; the same for all versions.",
        "effective_at": "From when on this version is in force. Left out: from now on; the first one since ever.",
        "minimum": "What an event costs at least, in credits.",
        "price": "What an event costs.",
    },
    "PerUnitBody": {"model": "Each one costs so much.", "credits": "What each one costs."},
    "PackageBody": {
        "model": "Each package costs so much.",
        "size": "How much of the meter one package is.",
        "credits": "What each package costs.",
        "rounding": "What becomes of a package that is begun.",
    },
    "TieredBody": {
        "model": "`graduated`: each slice of the quantity at its own tier. `volume`: all of it at the tier it reaches.",
        "tiers": "In order of `up_to`.",
    },
    "TierBody": {
        "up_to": "The most of the quantity that it covers, that included; null in the last, and only there.",
        "credits": "What each one costs.",
    },
    "TableBody": {
        "model": "Dimensions choose the price.",
        "by": "The dimensions that choose.",
        "prices": "Prices by the values of these dimensions, joined by slashes.",
    },
    "PromotionBody": {
        "amount": "What each redemption gives.",
        "kind": "Kind of the lot.",
        "starts_at": "From when on it can be redeemed; null: from the beginning.",
        "ends_at": "From when on it cannot any more; later than `starts_at`. Null: never.",
        "expires_in": "How long its credits live, ISO 8601; null: as the unit's policy says.",
        "max_redemptions": "How often it can be redeemed in all; null: no bound.",
        "budget": "How many credits it gives in all, `amount` at least; null: no bound.",
        "identities": "What a redemption must name, and may be used once each.",
    },
    # Keys and orders
    "KeyBody": {
        "scope": "What the key may do; each wider than the one before.",
        "account": "The one account that the key sees; only with scope `read`.",
    },
    "TopupBody": {
        "pack": "The pack's id.",
        "quantity": "How many packs.",
        "provider": "Where it is paid. At `standard` and `paddle` your app opens the checkout, and names `topup_id`.",
        "currency": "One that the pack has a price in; null: that of its `price`.",
        "return_url": "Where the buyer comes back to: https, or this machine.",
        "accept_terms": "The buyer agreed to the pack's terms.",
    },
    # Payments
    "PaymentRefundBody": {
        "as": "`money`: through the provider. `credit`: the money is kept, and as many credits come back as a new lot.",
        "amount": "How much, in minor units of the payment's currency, tax included. Left out: all that can be "
        "refunded without taking credits that were spent.",
        "reason": "Why, for people; in the entries for ever.",
        "force": "Even where it takes credits that were spent: the unit's policy says what becomes of what is missing. "
        "Needs scope `admin`, and a reason.",
        "expires_in": "How long the credits that come back live, ISO 8601. Left out: for ever.",
    },
    "ResolutionBody": {
        "action": "What is decided.",
        "topup_id": "Of `accept`: the order that it pays.",
        "about": "Of `state` and `settle`: which refund or dispute, as `refund:` or `dispute:` and its id.",
        "amount": "Of `state`: its amount, minor units of the payment's currency, tax included.",
        "status": "Of `settle`: how it ended, `won` or `lost` of a dispute, `succeeded` or `failed` of a refund.",
        "reason": "Why, for people; kept with the payment.",
    },
}
