"""What a buyer agrees to, in plain language, where a pack has no terms of its own: made from it and its unit's policy.

It says what no price list does: that a balance is bought and not a product, when it ends, what a refund gives and what
becomes of credits that are spent by then, when tax is due, and how often one is charged.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from scrip.domain.credits.currencies import DECIMALS
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy, Shortfall

REFUND: Final = "A refund takes back credits of this purchase, in proportion to the money refunded."
SPENT: Final[Mapping[Shortfall, str]] = {
    "owe": "If too few of them are left, the rest is owed.",
    "write_off": "If too few of them are left, only those are taken back.",
    "other_lots": "If too few of them are left, the rest is taken from your other credits; what these lack is owed.",
}
REPAID: Final = "What is owed comes off the next credits you get."
TAX: Final[Mapping[str, str]] = {
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


def terms(
    credits: str,
    name: str,
    price: Money,
    expires_in: str | None,
    policy: Policy,
    tax_point: str,
    every: str | None,
) -> str:
    """The terms of an order.

    Args:
        credits, name: what one payment gives, and what its unit is called.
        price: of the whole order, without tax.
        expires_in: how long credits live, by the pack or else by the unit; None: for ever.
        policy: the unit's, which says what becomes of credits that are spent by the time of a refund.
        every: the period of a subscription; None for a single payment.
    """
    said = [f"You buy a balance of {credits} {name} for {money(price)} plus any tax, not a product."]
    if every is not None:
        said.append(
            f"You are charged {again(every)} until you cancel, and each payment gives the same credits again."
        )
    if expires_in is None:
        said.append("The credits do not expire.")
    else:
        start = "each payment" if every else "the payment"
        said.append(f"The credits expire {in_words(expires_in)} after {start}; what is unspent then is lost.")
    said += [REFUND, SPENT[policy.refund_shortfall]]
    if policy.refund_shortfall != "write_off" and policy.repay_first:
        said.append(REPAID)
    return " ".join([*said, TAX[tax_point]])


def version(text: str) -> str:
    """What tells one text of terms from another: they have the same version if they are the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def money(price: Money) -> str:
    """As people write it: ``USD 1000.00``, ``JPY 1000``, ``KWD 1.000``."""
    decimals = DECIMALS.get(price.currency, 2)
    whole, part = divmod(price.amount, 10**decimals)
    return f"{price.currency} {whole}" + (f".{part:0{decimals}d}" if decimals else "")


def in_words(duration: str) -> str:
    """``P1Y6M`` is ``1 year and 6 months``."""
    dates, _, times = duration.removeprefix("P").partition("T")
    found = [*_parts(dates, ""), *_parts(times, "T")]
    return " and ".join(", ".join(found).rsplit(", ", 1))


def again(every: str) -> str:
    """``P1M`` is ``every month``, ``P3M`` is ``every 3 months``."""
    words = in_words(every)
    return "every " + words.removeprefix("1 ")


def _parts(text: str, prefix: str) -> list[str]:
    named = [
        (int(number), _UNITS[prefix + letter]) for number, letter in re.findall(r"([0-9]+)([A-Z])", text)
    ]
    return [f"{number} {name}" + ("" if number == 1 else "s") for number, name in named if number]
