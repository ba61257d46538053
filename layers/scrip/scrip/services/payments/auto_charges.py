"""Looks at automatic top-ups: whether a wallet asks for an order, its charge, and what became of charges before.

It is a level that is looked at, and no crossing: a look that comes twice, late or never does no harm, as another one
comes. Before anything is charged the document of the top-up says so; what was charged is found out before anything is
charged again; and what the provider says of it becomes credits as any payment's facts do, by whoever applies them.

Does not own the rules of one top-up (``domain.payments.auto_topup``), nor how it is stored (``auto_topups``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from scrip.domain.credits.errors import AmountOutOfRange, Contended, InvalidRequest, NotFound, PolicyViolation
from scrip.domain.events.auto_topups import AutoTopupTold
from scrip.domain.payments.auto_topup import (
    SETTLED_MS,
    AutoTopup,
    AutoTopupState,
    AutoTopupTerms,
    ChargeAttempt,
    PastCharge,
    packs_needed,
)
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.order import Order, OrderRequest, agree
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.providers.clients import Charge, Charged, Client, ProviderRefused, ProviderUnavailable
from scrip.services.catalogue import packs
from scrip.services.engine import sweeps
from scrip.services.engine.executor import Executor, Moment
from scrip.services.payments import auto_topups, lookups, orders, payment_methods
from scrip.services.payments.auto_topups import StoredAutoTopup
from scrip.services.payments.charges import require_chargeable, require_keepable
from scrip.services.payments.payment import load_payment
from scrip.services.wallets import balances
from scrip.services.wallets.balances import Balance
from scrip.store import documents, keys, lists

STEPS: Final = 12
"""Changes that one look makes at most: more are somebody else's, who is looking too."""
WORKERS: Final = 8
"""Wallets that a schedule looks at side by side: the time goes into waiting for providers."""
MOST_PACKS: Final = 1_000
"""Packs of one order."""
GRANTED: Final = ("paid", "refunded", "partially_refunded", "disputed")
"""What an order is whose payment was applied."""
NOT_SOLD: Final = (InvalidRequest, AmountOutOfRange, NotFound, PolicyViolation)
"""Refusals that say that the pack cannot be sold by now as it was."""
ACTOR: Final = "auto_topup"
PASSING: Final = (Contended,)


@dataclass(frozen=True, slots=True)
class ChargeDesk:
    """What a look has around it.

    Attributes:
        provider: returns the client of a provider's API; None where there is no key for it.
        pass_on: puts what a provider said into the queue of payments, at an instant of the test clock or None.
        tell: publishes what happened.
        refused: hears of an account and unit that a provider takes no charges of.
        unsold: hears of an account and unit whose pack cannot be sold any more, and why.
    """

    executor: Executor
    provider: Callable[[str], Client | None]
    pass_on: Callable[[Delivery, str, int | None], None]
    tell: Callable[[Sequence[AutoTopupTold]], None]
    refused: Callable[[str, str], None]
    unsold: Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class TopupPaid:
    """A payment that topped up the wallet: its order, and the instant of its grant, epoch milliseconds."""

    topup_id: str
    at: int


@dataclass(slots=True)
class LookedAtTopups:
    """What one run of the schedule did: ``failed`` could not be looked at; ``done``: all that were due had a turn."""

    looked: int = 0
    failed: int = 0
    done: bool = True


def look(
    desk: ChargeDesk, account: str, unit: str, moment: Moment, paid: TopupPaid | None = None
) -> AutoTopupState:
    """Looks at a wallet's automatic top-up, and does what there is to do. Returns the state that it is left in.

    Args:
        paid: a payment that topped up the wallet, where one makes somebody look.

    Raises:
        Contended, Throttled, Unavailable: not now; whoever asked asks again, or the schedule does.
    """
    tables = desk.executor.tables
    if paid:
        auto_topups.change(tables, account, unit, partial(_topped_up, desk, paid))
    for _ in range(STEPS):
        known = auto_topups.load(tables, account, unit)
        body = known.body
        if body.tell:
            _tell(desk, known)
        elif not (_followed if body.attempt else _begun)(desk, known, moment):
            if body.sure_at is not None and moment.at >= body.sure_at:
                auto_topups.store(tables, known, replace(body, sure_at=None))
            return body.state
    raise Contended("others are looking at this automatic top-up at this moment")


def sweep(
    desk: ChargeDesk,
    moment: Moment,
    time_left: Callable[[], bool],
    failed: Callable[[tuple[str, str], Exception], None],
) -> LookedAtTopups:
    """Looks at all that are to be looked at by ``moment``, several at a time, while there is time.

    One that fails is passed to ``failed`` and left for the next run; the others go on.
    """
    swept = LookedAtTopups()

    def one(wallet: tuple[str, str]) -> object:
        return look(desk, *wallet, moment)

    def work(wallet: tuple[str, str]) -> sweeps.Ended:
        return sweeps.sweep([wallet], one, time_left, failed, PASSING)

    with ThreadPoolExecutor(WORKERS) as pool:
        for page in auto_topups.listed(desk.executor.tables, moment.at):
            ended = list(pool.map(work, page))
            swept.looked += len(page)
            swept.failed += sum(each.failed for each in ended)
            swept.done = all(each.done for each in ended)
            if not swept.done:
                break
    return swept


def _topped_up(desk: ChargeDesk, paid: TopupPaid, known: AutoTopup) -> AutoTopup:
    """Returns it after a payment: that may be one of its own which had been given up."""
    own = known.attempt is not None and known.attempt.topup_id == paid.topup_id
    if known.terms is None or own:
        return known
    found = orders.load(desk.executor.tables, paid.topup_id)
    if found and found.body.automatic and found.body.account == known.account:
        known = known.came_late(PastCharge(paid.topup_id, found.body.accepted_at, found.body.price))
    return known.paid(paid.at)


def _tell(desk: ChargeDesk, known: StoredAutoTopup) -> None:
    """Tells what there is to tell, and then that it is told: so each thing is told once or more, and nothing else."""
    desk.tell(known.body.tell)
    auto_topups.store(desk.executor.tables, known, known.body.having_told())


# What is in flight


def _followed(desk: ChargeDesk, known: StoredAutoTopup, moment: Moment) -> bool:
    """Finds out what became of a charge. Returns whether there may be more to do at once."""
    body, tables, at = known.body, desk.executor.tables, moment.at
    attempt = body.attempt
    assert attempt
    found = orders.load(tables, attempt.topup_id)
    if found and found.body.status in GRANTED:
        auto_topups.store(tables, known, body.succeeded(at))
        return True
    provider = found.body.provider if found else ""
    if attempt.payment_id and _dismissed(desk, provider, attempt.payment_id):
        auto_topups.store(tables, known, body.resolved())
        return True
    if body.next_at is not None and at < body.next_at:
        return False
    # From here on the attempt is ours, until the lease is over: whoever else looks leaves it alone.
    mine = auto_topups.store(tables, known, body.asking(at, again=False))
    if mine is None:
        return True
    client = _client(desk, provider)
    if client is None:
        _land(desk, mine, None, moment)
    else:
        _land(desk, mine, _asked_again(desk, mine, client, moment), moment)
    return True


def _dismissed(desk: ChargeDesk, provider: str, payment_id: str) -> bool:
    """Tells whether a person has decided that a payment buys nothing here."""
    payment = load_payment(desk.executor.tables, provider, payment_id).payment
    return bool(payment.dismissed) and not payment.parked and not payment.posted.lot


def _asked_again(desk: ChargeDesk, mine: StoredAutoTopup, client: Client, moment: Moment) -> Charged | None:
    """Asks what became of a charge: by the same key, while the provider has it, or else by its lists.

    Where the provider is certain to know of none, it is charged, under another key. None: nobody knows yet.
    """
    attempt = mine.body.attempt
    assert attempt
    since = moment.at - attempt.asked_at
    try:
        if attempt.payment_id is None and 0 <= since < client.key_ms:
            return _charged(client, mine.body)
        found = client.find_charge(_wanted(attempt), attempt.payment_id)
    except (ProviderUnavailable, ProviderRefused):
        return None
    if found or attempt.payment_id or since < max(SETTLED_MS, client.key_ms):
        return found
    again = auto_topups.store(desk.executor.tables, mine, mine.body.asking(moment.at, again=True))
    if again is None:
        return None
    _land(desk, again, _charged(client, again.body), moment)
    return None


def _charged(client: Client, body: AutoTopup) -> Charged | None:
    """Charges what is in flight. None: nobody knows whether it was."""
    assert body.attempt
    try:
        return client.charge(_wanted(body.attempt))
    except ProviderUnavailable:
        return None
    except ProviderRefused:
        return Charged("refused")


def _land(desk: ChargeDesk, mine: StoredAutoTopup, said: Charged | None, moment: Moment) -> None:
    """Passes on what a provider said of a charge, and then keeps what follows from it.

    Raises:
        Contended, Throttled, Unavailable: not now: it is found out once more.
    """
    asked = mine.body.attempt
    assert asked
    if said and said.outcome == "refused":
        desk.refused(mine.body.account, mine.body.unit)
    if said and said.delivery:
        delivery = replace(said.delivery, said_at=moment.at)
        desk.pass_on(delivery, lookups.delivery_id(delivery), moment.at if moment.pinned else None)

    def edit(known: AutoTopup) -> AutoTopup:
        now = known.attempt
        if now is None or (now.topup_id, now.number, now.keys) != (asked.topup_id, asked.number, asked.keys):
            # Somebody else has found out meanwhile: that the credits are there, for one.
            return known
        if said is None or said.outcome == "processing":
            return known.unknown(moment.at, said.payment_id if said else None)
        if said.outcome == "paid":
            return known.charged(said.payment_id or "", moment.at)
        if said.outcome == "refused":
            return known.refused(moment.at)
        return known.failed(said.outcome, moment.at)

    auto_topups.change(desk.executor.tables, mine.body.account, mine.body.unit, edit)


def _client(desk: ChargeDesk, provider: str) -> Client | None:
    """Returns the client of a provider's API; None where none can be made."""
    try:
        return desk.provider(provider)
    except ProviderUnavailable:
        return None


def _wanted(attempt: ChargeAttempt) -> Charge:
    """Returns what the provider is to charge: the same, whenever it is asked."""
    return Charge(
        topup_id=attempt.topup_id,
        attempt=attempt.number,
        key=attempt.key,
        method=attempt.method,
        amount=attempt.price.amount,
        currency=attempt.price.currency,
        name=attempt.name,
    )


# What is begun


def _begun(desk: ChargeDesk, known: StoredAutoTopup, moment: Moment) -> bool:
    """Makes an order and charges it, where the wallet asks for one. Returns whether there may be more to do at once."""
    body, tables, at = known.body, desk.executor.tables, moment.at
    terms = body.terms
    if terms is None or not body.enabled:
        return False
    method = payment_methods.kept(tables, body.account, terms.provider)
    if not body.ready(at, method):
        return False
    if body.standing in ("needs_action", "suspended"):
        # With another method than failed it begins anew.
        body = body.forgetting()
    found, _ = balances.balance(desk.executor, body.account, body.unit, moment)
    # A message that was late asks for a look at an instant of before: nothing follows earlier than what was booked.
    moment = replace(moment, at=found.as_of)
    at = moment.at
    if found.status == "closed":
        return _kept(desk, known, body.stopped("suspended", "wallet_closed", at))
    if found.status == "frozen" or found.totals.available > terms.threshold:
        return _kept(desk, known, body.content())
    if method is None:
        return _kept(desk, known, body.stopped("needs_action", "method_missing", at))
    return _ordered(desk, known, body, method, found, moment)


def _ordered(
    desk: ChargeDesk,
    known: StoredAutoTopup,
    body: AutoTopup,
    method: PaymentMethod,
    found: Balance,
    moment: Moment,
) -> bool:
    """Begins an attempt at the order that was tried before, or at a new one, and charges it. Returns as ``_begun``."""
    tables, at, terms = desk.executor.tables, moment.at, body.terms
    assert terms
    client = _client(desk, terms.provider)
    if client is None:
        return _kept(desk, known, body.waiting(at))
    before = orders.load(tables, body.topup_id) if body.topup_id else None
    order = before.body if before and before.body.status != "cancelled" else None
    writes = []
    if order is None:
        try:
            order = _agreed(desk.executor, body, terms, found, at)
        except NOT_SOLD as refusal:
            desk.unsold(body.account, body.unit, refusal.detail)
            return _kept(desk, known, body.waiting(at))
        writes = [
            documents.write(tables, keys.topup(order.topup_id), documents.NEW, order.to_json()),
            *lists.of_order(tables, order.account, order.accepted_at, order.topup_id),
        ]
    if not body.fits(order.price, at):
        return _kept(desk, known, body.met(at))
    attempt = ChargeAttempt(
        topup_id=order.topup_id,
        number=body.attempts + 1,
        price=order.price,
        credits=order.credits,
        name=order.name,
        method=method,
        begun_at=at,
        asked_at=at,
    )
    mine = auto_topups.store(tables, known, body.begun(attempt), writes)
    if mine:
        _land(desk, mine, _charged(client, mine.body), moment)
    return True


def _agreed(executor: Executor, body: AutoTopup, terms: AutoTopupTerms, found: Balance, at: int) -> Order:
    """Agrees to an order, with the pack as it is now. Raises one of ``NOT_SOLD`` where it cannot be sold so."""
    pack, unit = packs.get_pack(executor.tables, terms.pack), executor.unit(body.unit)
    require_keepable(terms.provider, pack)
    if pack.unit != unit.unit:
        raise InvalidRequest([("pack", f"is of the unit {pack.unit} by now")])
    quantity = terms.quantity or 1
    if terms.target is not None:
        missing = terms.target - found.totals.available + found.totals.owed
        quantity = packs_needed(lambda number: pack.steps(number, unit.precision), missing, MOST_PACKS)
    wanted = OrderRequest(
        account=body.account,
        pack=terms.pack,
        quantity=quantity,
        provider=terms.provider,
        return_url="",
        automatic=True,
    )
    # No caller's key has such a letter, so that no order of a caller's is taken for it.
    key = f"{ACTOR}\x00{body.unit}\x00{body.orders + 1}"
    order = agree(wanted, pack, unit, key, ACTOR, at)
    require_chargeable(terms.provider, order.price, "pack")
    return order


def _kept(desk: ChargeDesk, known: StoredAutoTopup, body: AutoTopup) -> bool:
    """Stores what a look came to; whatever became of that, there may be something to tell, or to look at again."""
    if body == known.body:
        return False
    auto_topups.store(desk.executor.tables, known, body)
    return True
