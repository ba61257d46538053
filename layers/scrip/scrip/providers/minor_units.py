"""Which currencies a provider charges in, and what one of its minor units is: a table for each (``money``).

Scrip's own minor unit of a currency is that of ISO 4217 (``domain.credits.currencies``), and the price in an order's
terms is in it. A provider's may be another: at Stripe 500 is five Icelandic crowns, which have no decimals, and an
ariary of Madagascar, which has, is 1. So amounts are converted where a provider is called and where it is read, both
ways, and what cannot be said to a provider, or by it, is refused there: nothing is ever rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import cast

from scrip.domain.credits.currencies import DECIMALS, major
from scrip.providers import having


class NotChargeable(Exception):
    """An amount that a provider cannot charge or give back. Its text says so to a person, with currency and amount."""


@dataclass(frozen=True, slots=True)
class MinorUnits:
    """The minor units of one provider.

    Attributes:
        provider: as a person reads it.
        decimals: how many decimals an amount has in the provider's API, for each currency that it charges in.
        multiples: of currencies where only multiples of a number of its minor units are taken, that number.
        smallest: what is charged at the least, of currencies where its documentation says so, in its minor units. It
            may be another where the merchant is paid out in another currency.
        digits: how many an amount may have in its API, for each currency; those without an entry have that of ``""``.
    """

    provider: str
    decimals: Mapping[str, int]
    multiples: Mapping[str, int] = field(default_factory=dict)
    smallest: Mapping[str, int] = field(default_factory=dict)
    digits: Mapping[str, int] = field(default_factory=dict)

    def theirs(self, amount: int, currency: str) -> int:
        """Converts minor units of ISO 4217 into the provider's.

        Raises:
            NotChargeable: the provider does not charge in the currency, or not that amount.
        """
        least = self.least(currency)
        if amount % least:
            raise NotChargeable(f"{self.provider} takes {currency} in multiples of {major(least, currency)}")
        numerator, denominator = self._ratio(currency)
        return amount * numerator // denominator

    def ours(self, amount: int, currency: str) -> int:
        """Converts the provider's minor units into those of ISO 4217.

        Raises:
            NotChargeable: the provider is not known to charge in the currency, or it is a part of a minor unit.
        """
        self._require(currency)
        numerator, denominator = self._ratio(currency)
        if amount * denominator % numerator:
            raise NotChargeable(
                f"{amount} of {self.provider}'s units of {currency} is no whole minor unit of it"
            )
        return amount * denominator // numerator

    def doubt(self, amount: int, currency: str) -> str | None:
        """Says why the provider may refuse an amount that it can be told; None: no reason is known.

        Raises:
            NotChargeable: it cannot be told.
        """
        theirs, least = self.theirs(amount, currency), self.smallest.get(currency, 0)
        digits = self.digits.get(currency, self.digits.get("", 0))
        if theirs < least:
            said = major(self.ours(least, currency), currency)
            return f"{self.provider} charges {currency} {said} at the least, unless it pays out in another currency"
        if digits and theirs >= 10**digits:
            said = f"{self.provider} takes amounts of at most {digits} digits in {currency}"
            return f"{said}, as far as its documentation says"
        return None

    def floor(self, amount: int, currency: str) -> int:
        """Returns the most of these minor units of ISO 4217 that the provider can move; all, where it is not known."""
        return amount - amount % self.least(currency) if currency in self.decimals else amount

    def least(self, currency: str) -> int:
        """Returns the minor units of ISO 4217 of which the provider takes multiples alone.

        Raises:
            NotChargeable: the provider does not charge in the currency.
        """
        self._require(currency)
        numerator, denominator = self._ratio(currency)
        return max(1, self.multiples.get(currency, 1) * denominator // numerator)

    def _ratio(self, currency: str) -> tuple[int, int]:
        """Returns how many of the provider's minor units how many of ISO 4217 are; one of both is 1."""
        beyond = self.decimals[currency] - DECIMALS[currency]
        return 10 ** max(0, beyond), 10 ** max(0, -beyond)

    def _require(self, currency: str) -> None:
        if currency not in self.decimals:
            raise NotChargeable(
                f"{self.provider} does not charge in {currency}, as far as its documentation says"
            )


def iso(codes: str) -> dict[str, int]:
    """Returns these currencies, separated by blanks, with the decimals that ISO 4217 gives them."""
    return {code: DECIMALS[code] for code in codes.split()}


@cache
def minor_units(provider: str) -> MinorUnits:
    """Returns the table of a provider. A provider without one of its own counts as ISO 4217 does."""
    if provider not in having("money"):
        return MinorUnits(provider, DECIMALS)
    return cast(MinorUnits, import_module(f"scrip.providers.{provider}.money").MINOR_UNITS)
