"""What each member of a request means, and rules over several of them, for readers of the document. Form and bounds are
the models' own; what a later check adds to them is here.

Keys are a member's name, or ``Model.member`` where it means something else there. A model's own meaning, and its rules,
hold for the models that derive from it.
"""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.amounts import AMOUNT_PATTERN

Json = dict[str, Any]

MEMBERS: Final[dict[str, str]] = {
    # Every movement
    "unit": "The unit: with the account it names the wallet.",
    "reference": "What in your world this is about; in the entry for ever.",
    "reason": "Why, for people; in the entry for ever.",
    "metadata": "Anything else to keep with the entry, and with the lot it makes.",
    "ReferenceBody.type": "What kind of thing it is, e.g. `invoice`, `job`.",
    "ReferenceBody.id": "Which one.",
    "MoneyBody.amount": "Minor units (cents). Currencies have 0, 2 or 3 decimals.",
    "MoneyBody.currency": "ISO 4217, capital letters.",
    "amount": "How many credits: a decimal string, more than zero, with no more decimals than the unit has.",
    "account": "The customer, by your own id for them.",
    # Lots
    "priority": "Lower is taken first.",
    "effective_at": "From when on the credits can be spent; not before now, which it is where left out.",
    "expires_at": "Until when; later than now and than `effective_at`. Not together with `expires_in`.",
    "expires_in": "How long the credits live, from `effective_at` on; a calendar duration, ISO 8601.",
    "scope": "The meters that these credits may pay for; none: everything.",
    "GrantBody.kind": "How the credits come.",
    "cost_basis": "Money paid for the whole lot. Only with kind `paid` or `refund`.",
    "direction": "`credit` makes a lot, `debit` takes in burn order.",
    "AdjustmentBody.reason": "Why the balance was wrong. An adjustment must say.",
    # Burns and holds
    "BurnBody.amount": "How many credits: a decimal string, more than zero. This, or `meter` and `quantity`.",
    "meter": "What is counted: its rate card says the price.",
    "HoldBody.meter": "What the hold is for, where lots are bound to meters.",
    "quantity": "How much of the meter: a decimal string or a whole number, more than zero.",
    "dimensions": "What chooses among the prices of a rate card that is a table.",
    "mode": "`exact`: all or nothing. `up_to`: what is there, and the answer says what is missing.",
    "BatchedBurnBody.key": "The burn's own idempotency key.",
    "burns": "Burns of one wallet, each with a key of its own; a key comes once.",
    "HoldBody.expires_in": "How long the credits are set aside, from now on; seven days at most, ISO 8601.",
    "ExtendBody.expires_in": "How long they stay set aside, from now on; seven days at most, ISO 8601.",
    "over_capture": "What a capture of more than is held does. Left out: as the unit's policy says.",
    "CaptureBody.amount": "How many of the held credits to spend. Left out: all of them.",
    "final": "Whether the rest is given back.",
    "PartBody.amount": "How many credits. Left out: all that is left.",
    # Others' credits
    "to_account": "Who receives them; another account.",
    "RefundBody.source": "What was paid. All refunds of one source together are never above what was paid for it.",
    "SourceBody.type": "An invoice or a payment.",
    "SourceBody.id": "Which one.",
    "value": "The money that is kept and becomes credit; not more than was paid. It is the lot's cost basis.",
    "RefundBody.paid": "The money that was paid for the source; the same each time.",
    "RefundBody.amount": "How many credits that is. Left out: one for each major unit of `value`.",
    "RedemptionBody.unit": "The promotion's unit; may be left out.",
    "code": "The promotion's code.",
    "RedemptionBody.identities": "Who redeems, as far as the promotion asks. Kept as keyed hashes alone.",
    "email": "An e-mail address. Spellings that reach the same mailbox are one.",
    "card_fingerprint": "The payment provider's fingerprint of a card.",
    "device": "An id of the device.",
    "incident": "What went wrong: an account is compensated for it once, for ever.",
    "CompensationBody.amount": "What an account gets that names no amount of its own.",
    "accounts": "Who is compensated; each account once.",
    "CompensatedBody.amount": "What this account gets.",
    # Allowances
    "AllowanceBody.amount": "What each period grants.",
    "every": "The period: a number of days, weeks, months or years, ISO 8601.",
    "anchor": "An instant at which a period begins. Left out: as it was, or the start.",
    "time_zone": "The zone whose calendar and clocks it keeps, of the IANA database.",
    "expires": "When the credits of a period expire: `period_end`, `never`, or an ISO 8601 duration from the grant.",
    "rollover": "What becomes of what is left; null: it expires. Not with `expires` `never`.",
    "fraction": "The part of what is left that is carried, 0 to 1.",
    "min": "Carry at least so much, if it is there.",
    "max": "Carry at most so much; null: no bound.",
    "max_times": "How often credits may be carried on; null: for ever.",
    "RolloverBody.expires_in": "How long what is carried lives, ISO 8601; null: as the allowance says.",
    "starts_at": "The first instant at which it may be used. Left out: now.",
    "AllowanceBody.starts_at": "The first instant at which it may grant. Left out: as it was, or now.",
    "ends_at": "From when on not any more; later than `starts_at`. Null: never.",
    "paused": "Whether it grants nothing for now.",
    # Catalogue
    "precision": "Decimals. Fixed once the unit is used.",
    "name": "Its name, for people.",
    "policy": "What its wallets allow.",
    "order": "In which order lots are taken; four follow other systems. Fixed once the unit is used.",
    "expiry_boundary": "Whether a lot still lives at the instant `expires_at` itself. Fixed on the lot.",
    "overdraft_limit": "Debt that a burn may run up.",
    "repay_first": "Whether a grant repays debt before it can be spent.",
    "refund_shortfall": "What becomes of the part of a clawback that was burned already.",
    "default_expires_in": "How long a grant that names no expiry lives, ISO 8601; null: for ever.",
    "transferable": "Whether credits may move to another account.",
    "stacking": "Whether promotional and paid credits are taken in one order, or one kind before the other.",
    "promotional_share_max": "The most of one burn that promotional credits pay, a decimal above 0, up to 1.",
    "PolicyBody.over_capture": "What a capture of more than was held does, where the hold does not say.",
    "low_balance": "Available amounts at which somebody wants to hear of it; each once.",
    "credits": "How many credits: a decimal string.",
    "PackBody.credits": "What one pack gives: a decimal string, more than zero.",
    "PackBody.price": "What one pack costs, without tax.",
    "prices": "The same in further currencies, each once.",
    "recurring": "For a subscription: how often it is paid.",
    "bonus": "What several packs give on top; the highest that is reached counts.",
    "from_quantity": "From how many packs on.",
    "BonusBody.credits": "So many credits. This or `percent`.",
    "percent": "So many percent of the packs' own credits, rounded down to the unit's step.",
    "PackBody.expires_in": "How long its credits live from the payment on, ISO 8601; null: as the unit's policy says.",
    "tax_point": "When tax is due: at the purchase, or when credits are redeemed.",
    "terms": "What a buyer agrees to; null: a text of Scrip's own.",
    "provider_refs": "Its product at each payment provider.",
    "dodo": "Its product at Dodo Payments; null: the pack's id.",
    "stripe": "Its product at Stripe; null: the pack's id.",
    "minimum": "What an event costs at least, in credits.",
    "price": "What an event costs.",
    "RateBody.effective_at": "From when on this version is in force. Left out: now.",
    "model": "How the quantity is counted.",
    "size": "How much of the meter one package is.",
    "rounding": "What becomes of a package that is begun.",
    "tiers": "Prices by quantity, in order; the last has no end.",
    "up_to": "The most of the quantity that this tier covers; null in the last.",
    "by": "The dimensions that choose.",
    "PromotionBody.kind": "Kind of the lot.",
    "max_redemptions": "How often it can be redeemed in all; null: no bound.",
    "budget": "How many credits it gives in all; null: no bound.",
    "identities": "What a redemption must name, and may be used once each.",
    # Keys and orders
    "KeyBody.scope": "What the key may do; each wider than the one before.",
    "KeyBody.account": "The one account that the key sees; only with scope `read`.",
    "pack": "The pack's id.",
    "TopupBody.quantity": "How many packs.",
    "provider": "Where it is paid.",
    "return_url": "Where the buyer comes back to: https, or this machine.",
    "accept_terms": "The buyer agreed to the pack's terms.",
}

MORE_THAN_ZERO: Final = AMOUNT_PATTERN.replace("^", r"^(?!0(\.0+)?$)", 1)
FORMS: Final[dict[str, Json]] = {
    "amount": {"pattern": MORE_THAN_ZERO},
    "PackBody.credits": {"pattern": MORE_THAN_ZERO},
    "quantity": {"pattern": MORE_THAN_ZERO, "minimum": 1, "maximum": 10**28 - 1},
    "MoneyBody.amount": {},
    "TopupBody.quantity": {},
}
"""What a check behind the model adds: merged into the member's schema where that has such a keyword, or is of the
type."""


def _not_both(one: str, other: str, kind: str = "string") -> Json:
    given = {one: {"type": kind}, other: {"type": kind}}
    return {"not": {"required": [one, other], "properties": given}}


RULES: Final[dict[str, Json]] = {
    "LotBody": _not_both("expires_at", "expires_in"),
    "GrantBody": {
        "if": {"required": ["cost_basis"], "properties": {"cost_basis": {"type": "object"}}},
        "then": {"required": ["kind"], "properties": {"kind": {"enum": ["paid", "refund"]}}},
    },
    "AdjustmentBody": {
        "if": {"properties": {"direction": {"const": "debit"}}},
        "then": {
            "properties": dict.fromkeys(
                ("priority", "effective_at", "expires_at", "expires_in", "scope"), False
            )
        },
    },
    "RefundBody": {"properties": {"value": {"properties": {"amount": {"minimum": 1}}}}},
    "CompensationBody": {
        "anyOf": [
            {"required": ["amount"], "properties": {"amount": {"type": "string"}}},
            {
                "properties": {
                    "accounts": {
                        "items": {"required": ["amount"], "properties": {"amount": {"type": "string"}}}
                    }
                }
            },
        ]
    },
    "BurnBody": {
        "oneOf": [
            {
                "required": ["amount"],
                "properties": {
                    "amount": {"type": "string"},
                    **{name: {"type": "null"} for name in ("meter", "quantity", "dimensions")},
                },
            },
            {
                "required": ["meter", "quantity"],
                "properties": {
                    "amount": {"type": "null"},
                    "meter": {"type": "string"},
                    "quantity": {"type": ["string", "integer"]},
                },
            },
        ]
    },
    "AllowanceBody": {
        "not": {
            "required": ["rollover", "expires"],
            "properties": {"rollover": {"type": "object"}, "expires": {"const": "never"}},
        }
    },
    "BonusBody": {
        "oneOf": [
            {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}
            for one, other in (("credits", "percent"), ("percent", "credits"))
        ]
    },
    "KeyBody": {
        "if": {"required": ["account"], "properties": {"account": {"type": "string"}}},
        "then": {"properties": {"scope": {"const": "read"}}},
    },
}
"""Rules over several members that a model's validators check: each is one more condition of the schema."""
