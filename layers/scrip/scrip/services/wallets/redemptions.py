"""Promotions, as customers redeem them: the grant, the count and the claims are one transaction.

The count is one item for all who redeem a promotion, changed on a condition that holds under any concurrency; a claim
is an item that can be put once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import AlreadyClaimed, PromotionExhausted
from scrip.domain.credits.units import Unit
from scrip.domain.payments.identities import identity_hash
from scrip.domain.wallets import grants
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Result, StaleDocument
from scrip.services.engine.requests import About, Caller, cause_of, execute_for
from scrip.services.wallets.grants import LotTerms, on_terms
from scrip.store import promotions
from scrip.store.tables import Item

ACCOUNT: Final = "account"
"""The identity that everybody has."""


def redeem(
    executor: Executor,
    account: str,
    unit_id: str | None,
    code: str,
    identities: Mapping[str, str],
    secret: Callable[[], bytes],
    about: About,
    caller: Caller,
) -> tuple[Result, Unit]:
    """Grants what the promotion gives, once to an account and once to each identity it asks for.

    Args:
        unit_id: must be the promotion's, where it is given.
        identities: by kind, in canonical form. They are kept, and written into the ledger, as keyed hashes alone.
        secret: gives the key of the hashes; asked for where there is something to hash.

    Raises:
        NotFound: there is no such promotion.
        InvalidRequest: an identity that it asks for is missing, or the unit is another one.
        PolicyViolation: it has not begun, or is over.
        PromotionExhausted, AlreadyClaimed.
        AmountOutOfRange, WalletClosed, KeyReused, Contended.
    """
    promotion = promotions.get(executor.tables, code)
    chosen = promotion.choose_identities(identities)
    promotion.check_unit(unit_id)
    context = executor.context(account, promotion.unit)
    steps = promotion.steps(context.unit.precision)
    budget = promotion.budget_steps(context.unit.precision)
    hashes = {kind: identity_hash(secret(), kind, value) for kind, value in chosen.items()}
    command = {"code": code, "identities": hashes}
    cause = cause_of("redemption", account, promotion.unit, caller, about, command)
    terms = LotTerms(kind=promotion.kind, expires_in=promotion.expires_in)
    note = {**(about.note() or {}), "source": ["promotion", code]}

    def act(draft: Draft, now: int) -> Entry:
        promotion.check_window(now)
        order = on_terms(steps, terms, context.unit.policy, now, note)
        return grants.grant(draft, order, context.unit.policy, now, cause)[0]

    def beside() -> list[Item]:
        counted = promotions.count(executor.tables, code, steps, promotion.max_redemptions, budget)
        claims = {ACCOUNT: account, **hashes}
        return [counted, *(promotions.claim(executor.tables, code, *one) for one in claims.items())]

    try:
        return execute_for(executor, context, caller, cause, act, beside)
    except StaleDocument as stale:
        if stale.index == 0:
            raise PromotionExhausted("it was redeemed as often, or for as much, as it may be") from stale
        raise AlreadyClaimed(
            "it was claimed by this account, or by somebody with the same identity"
        ) from stale
