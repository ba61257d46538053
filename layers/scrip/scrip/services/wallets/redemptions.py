"""Redemptions of promotions, as customers ask for them: the grant, the count and the claims are one transaction.

The count is one item for all who redeem a promotion, changed on a condition that holds under any concurrency. A claim
is an item that can be put once. Does not own promotions (``services.catalogue.promotions``), nor their rules
(``domain.payments.promotion``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import AlreadyClaimed, PromotionExhausted, Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.payments.identities import identity_hash
from scrip.domain.payments.promotion import Promotion
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment, Result
from scrip.services.engine.requests import Attempt, Command, WalletRequest, execute
from scrip.services.wallets.grants import LotTerms, note_of, on_terms
from scrip.store import promotions
from scrip.store.tables import Item

ACCOUNT: Final = "account"
"""The identity that everybody has."""


@dataclass(frozen=True, slots=True)
class Redemption:
    """What somebody redeems.

    Attributes:
        identities: by kind, in canonical form. They are kept, and written into the ledger, as keyed hashes alone.
        unit: must be the promotion's, where it is given.
    """

    code: str
    identities: Mapping[str, str]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class RedeemPromotion(Command):
    """Grants what a promotion gives. ``hashes``: by kind, of the identities that it asks for."""

    operation: ClassVar[str] = "redemption"
    promotion: Promotion
    hashes: Mapping[str, str]

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the promotion's code, and the hashes."""
        return {"code": self.promotion.code, "identities": self.hashes}

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision, which raises as ``domain.wallets.grants.grant``; the count and the claims."""
        promotion, tables, precision = self.promotion, executor.tables, context.unit.precision
        steps, budget = promotion.steps(precision), promotion.budget_steps(precision)
        claims = {ACCOUNT: context.snapshot.wallet.account, **self.hashes}

        def decide(draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
            promotion.check_window(now)
            terms = LotTerms(kind=promotion.kind, expires_in=promotion.expires_in)
            note = {**note_of(cause), "source": ["promotion", promotion.code]}
            order = on_terms(steps, terms, context.unit.policy, now, note)
            return grants.grant(draft, order, context.unit.policy, now, cause)[0]

        def writes() -> list[Item]:
            counted = promotions.count(tables, promotion.code, steps, promotion.max_redemptions, budget)
            return [counted, *(promotions.claim(tables, promotion.code, *one) for one in claims.items())]

        return Attempt(decide, writes)

    def stale(self, index: int) -> Refusal | None:
        """Returns why the promotion gives no more: its count is the first document, the claims follow."""
        if index == 0:
            return PromotionExhausted("it was redeemed as often, or for as much, as it may be")
        return AlreadyClaimed("it was claimed by this account, or by somebody with the same identity")


def redeem(
    executor: Executor, wanted: Redemption, secret: Callable[[], bytes], request: WalletRequest
) -> tuple[Result, Unit]:
    """Grants what the promotion gives, once to an account and once to each identity it asks for.

    Args:
        secret: gives the key of the hashes; it is asked for where there is something to hash.
        request: its unit is not read. It is the promotion's.

    Raises:
        NotFound: there is no such promotion.
        InvalidRequest: an identity that it asks for is missing, or the unit is another one.
        PolicyViolation: it has not begun, or is over.
        PromotionExhausted, AlreadyClaimed.
        AmountOutOfRange, WalletClosed, KeyReused, Contended.
    """
    promotion = promotions.get(executor.tables, wanted.code)
    chosen = promotion.choose_identities(wanted.identities)
    promotion.check_unit(wanted.unit)
    hashes = {kind: identity_hash(secret(), kind, value) for kind, value in chosen.items()}
    return execute(executor, RedeemPromotion(promotion, hashes), replace(request, unit=promotion.unit))
