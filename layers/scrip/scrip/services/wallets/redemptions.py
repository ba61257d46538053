"""Redemptions of promotions, as customers ask for them: the grant, the count and the claims are one transaction.

The count lies in shares, each changed on conditions that hold under any concurrency; an account counts in its own. A
claim is an item that can be put once. Does not own promotions (``services.catalogue.promotions``), nor their rules
(``domain.payments.promotion``), nor how bounds are divided (``domain.payments.promotion_shares``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import AlreadyClaimed, Contended, PromotionExhausted, Refusal
from scrip.domain.credits.units import Unit
from scrip.domain.payments.identities import identity_hash
from scrip.domain.payments.promotion import Promotion
from scrip.domain.payments.promotion_shares import Bounds, SharePlan, plan_from_all, plan_from_share
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment, Result
from scrip.services.engine.requests import Attempt, Command, WalletRequest, execute
from scrip.services.wallets.grants import LotTerms, note_of, on_terms
from scrip.store import promotions
from scrip.store.tables import Item, Tables

ACCOUNT: Final = "account"
"""The identity that everybody has."""


RENEWALS: Final = 4
"""How often a promotion is looked at again where it gets another version meanwhile."""


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
        """Returns the decision, which raises as ``domain.wallets.grants.grant``; the claims and the count.

        Whether there is room is looked up here, and refused by the decision: a replay is answered before it.
        """
        tables, precision = executor.tables, context.unit.precision
        account = context.snapshot.wallet.account
        promotion, bounds, plan = self._room(tables, account, precision)
        steps = promotion.steps(precision)

        def decide(draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
            if not plan:
                raise PromotionExhausted("it was redeemed as often, or for as much, as it may be")
            promotion.check_window(now)
            terms = LotTerms(
                kind=promotion.kind,
                expires_in=promotion.expires_in,
                time_zone=promotion.time_zone,
                end_of=promotion.end_of,
                never_expires=promotion.never_expires,
            )
            note = {**note_of(cause), "source": ["promotion", promotion.code]}
            order = on_terms(steps, terms, context.unit.policy, now, note)
            return grants.grant(draft, order, context.unit.policy, now, cause)[0]

        def writes() -> list[Item]:
            assert plan
            claims = {ACCOUNT: account, **self.hashes}
            made = [promotions.claim(tables, promotion.code, *one) for one in claims.items()]
            return made + promotions.count(tables, promotion.code, plan, bounds, steps)

        return Attempt(decide, writes)

    def _room(
        self, tables: Tables, account: str, precision: int
    ) -> tuple[Promotion, Bounds, SharePlan | None]:
        """Returns the promotion that holds, its bounds, and where a redemption of it finds room; None: nowhere.

        Raises:
            Contended: the promotion was changed as often as it was looked at.
        """
        promotion, own = self.promotion, promotions.share_of(account)
        code, share = promotion.code, promotions.share(tables, promotion.code, own)
        for _ in range(RENEWALS):
            if share.version > promotion.version:
                promotion = promotions.get(tables, code)
            steps, budget = promotion.steps(precision), promotion.budget_steps(precision)
            bounds = Bounds(promotion.version, promotion.max_redemptions, budget)
            plan = plan_from_share(bounds, own, share, steps)
            if plan:
                return promotion, bounds, plan
            pool = promotions.pool(tables, code)
            shares = promotions.shares(tables, code)
            if {pool.version, *(one.version for one in shares)} == {promotion.version}:
                return promotion, bounds, plan_from_all(bounds, own, pool, shares, steps)
            # The first redemption of this version, or of a later one than was read.
            promotion = promotions.get(tables, code)
            promotions.renew(tables, code, promotion.version)
            share = promotions.share(tables, code, own)
        raise Contended("the promotion is being changed at this moment: send it again")

    def stale(self, index: int) -> Refusal | None:
        """Returns that it was claimed, where one of the claims failed: these come first. Room is looked for again."""
        said = "it was claimed by this account, or by somebody with the same identity"
        return AlreadyClaimed(said) if index <= len(self.hashes) else None


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
