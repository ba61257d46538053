"""The terms that a buyer agrees to, in plain language; a seller's own are added to them.

They are made from the pack and its unit's policy. They say what a price list does not: that a balance is bought and not
a product, when it ends, what a refund gives, what becomes of credits that are spent by then, when tax is due, and how
often the buyer is charged.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from scrip.domain.credits.currencies import DECIMALS
from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.terms import Rollover
from scrip.domain.credits.units import Shortfall, Unit
from scrip.domain.payments.pack import Pack, TaxPoint

REFUND: Final = "A refund takes back credits of this purchase, in proportion to the money refunded."
SHORTFALL: Final[Mapping[Shortfall, str]] = {
    "owe": "If too few of them are left, the rest is owed.",
    "write_off": "If too few of them are left, only those are taken back.",
    "other_lots": "If too few of them are left, the rest is taken from your other credits; what these lack is owed.",
}
REPAYMENT: Final = "What is owed comes off the next credits you get."
TAX: Final[Mapping[TaxPoint, str]] = {
    "purchase": "Tax is due when you pay.",
    "redemption": "Tax is due when you spend the credits, not when you pay.",
}
_UNITS: Final = {
    "Y": "year",
    "M": "month",
    "W": "week",
    "D": "day",
    "TH": "hour",
    "TM": "minute",
    "TS": "second",
}


def make_terms(pack: Pack, unit: Unit, credits: int, price: Money) -> str:
    """Makes the terms of an order of this pack, as its unit's policy is now. The seller's own are their last paragraph.

    Args:
        credits: credit steps that one payment gives.
        price: of the whole order, without tax.
    """
    policy, lifetime = unit.policy, pack.lifetime or unit.policy.lifetime
    bought_unit = unit.name or unit.unit
    bought = f"{format_amount(credits, unit.precision)} {bought_unit}"
    said = [f"You buy a balance of {bought} for {format_money(price)} plus any tax, not a product."]
    if pack.every is not None:
        period = recurrence_in_words(pack.every)
        said.append(
            f"You are charged {period} until you cancel, and each payment gives the same credits again."
        )
    if lifetime.expires_in is None:
        said.append("The credits do not expire.")
    else:
        start = "each payment" if pack.every else "the payment"
        end = f"{duration_in_words(lifetime.expires_in)} after {start}"
        if lifetime.end_of is not None:
            end = f"at the end of the {lifetime.end_of} ({lifetime.time_zone}) that is {end}"
        carried = pack.carries(1, unit.precision, lifetime)
        if carried is None:
            said.append(f"The credits expire {end}; what is unspent then is lost.")
        else:
            said.append(f"The credits expire {end}. {carried_in_words(carried, bought_unit, unit.precision)}")
    said += [REFUND, SHORTFALL[policy.refund_shortfall]]
    if policy.refund_shortfall != "write_off" and policy.repay_first:
        said.append(REPAYMENT)
    made = " ".join([*said, TAX[pack.tax_point]])
    return f"{made}\n\n{pack.terms}" if pack.terms else made


def terms_version(text: str) -> str:
    """Returns the version of a text of terms: 64 bits of its SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def format_money(price: Money) -> str:
    """Writes a price as people do: ``USD 1000.00``, ``JPY 1000``, ``KWD 1.000``."""
    decimals = DECIMALS.get(price.currency, 2)
    whole, part = divmod(price.amount, 10**decimals)
    return f"{price.currency} {whole}" + (f".{part:0{decimals}d}" if decimals else "")


def duration_in_words(duration: str) -> str:
    """Writes an ISO 8601 duration in words: ``P1Y6M`` becomes ``1 year and 6 months``."""
    dates, _, times = duration.removeprefix("P").partition("T")
    found = [*_parts(dates, ""), *_parts(times, "T")]
    return " and ".join(", ".join(found).rsplit(", ", 1))


def carried_in_words(rule: Rollover, unit: str, precision: int) -> str:
    """Says what is carried on of what is unspent at the end, as a rule for one pack has it."""
    whole = Fraction(rule.fraction) == 1
    share = format_amount(int(Fraction(rule.fraction) * 10**6), 4)
    part = "What is unspent then" if whole else f"Of what is unspent then {share} %"
    bounds = (
        [] if rule.most is None else [f"at most {format_amount(rule.most, precision)} {unit} of each pack"]
    )
    bounds += (
        [f"at least {format_amount(rule.least, precision)} {unit}, if they are there"] if rule.least else []
    )
    bound = f" ({', '.join(bounds)})" if bounds else ""
    times = {None: "each time", 1: "once"}.get(rule.times, f"{rule.times} times at most")
    lives = "for ever" if rule.expires_in is None else f"for {duration_in_words(rule.expires_in)}"
    return f"{part} is carried on{bound}, {times}, {lives}; the rest is lost."


def recurrence_in_words(every: str) -> str:
    """Writes a period in words: ``P1M`` becomes ``every month``, ``P3M`` becomes ``every 3 months``."""
    return "every " + duration_in_words(every).removeprefix("1 ")


def _parts(text: str, prefix: str) -> list[str]:
    """Returns each number with its unit. ``prefix`` tells units of time (``T``) from those of dates."""
    named = [
        (int(number), _UNITS[prefix + letter]) for number, letter in re.findall(r"([0-9]+)([A-Z])", text)
    ]
    return [f"{number} {name}" + ("" if number == 1 else "s") for number, name in named if number]
