"""What clients ask for: made by a step's dice from what there is, and asked of the real operations."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.credits.lots import Money
from scrip.domain.credits.rate_cards import RateDefinition
from scrip.domain.credits.records import facts_of
from scrip.domain.credits.terms import RolloverTerms
from scrip.domain.credits.units import CreditValue, Policy, Runaway, Threshold, Unit
from scrip.domain.credits.usage import Usage
from scrip.domain.payments.promotion import Promotion
from scrip.domain.wallets.allowances import Overage
from scrip.services.audit.changes import Author
from scrip.services.catalogue import promotions, rates, units
from scrip.services.engine.executor import Executor, Moment, Result
from scrip.services.engine.requests import Command, WalletRequest, execute
from scrip.services.finance import invoices
from scrip.services.finance.invoices import ApplyToInvoice
from scrip.services.wallets import (
    allowances,
    compensations,
    extensions,
    redemptions,
    transfers,
)
from scrip.services.wallets.allowances import AllowanceRequest, PlanTerms
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.compensations import Incident
from scrip.services.wallets.corrections import AdjustBalance, ReverseBurn, VoidLot
from scrip.services.wallets.credit_refunds import RefundAsCredit, Source
from scrip.services.wallets.expiry_changes import ChangeExpiry
from scrip.services.wallets.extensions import Extension
from scrip.services.wallets.grants import GrantCredits, LotTerms
from scrip.services.wallets.holds import CaptureHold, ExtendHold, PlaceHold, ReleaseHold
from scrip.services.wallets.redemptions import Redemption
from scrip.services.wallets.status import SetStatus
from scrip.services.wallets.transfers import TransferCredits
from simulation.books import REDEMPTIONS, LawBroken, WalletBook
from simulation.budgets import member_of
from simulation.cards import over
from simulation.invoices import ENTRIES, invoice_of, lines_of
from simulation.notices import SPANS

ACTOR: Final = "simulation"
PLAN: Final = (
    *(
        "amount",
        "every",
        "zone",
        "anchor",
        "expires",
        "starts_at",
        "ends_at",
        "paused",
        "priority",
        "catch_up",
        "overage",
    ),
)
"""Members of an allowance's terms, beside its rollover."""
DAY: Final = 86_400_000
UNITS: Final = (
    Unit("exact", 2, policy=Policy(transferable=True, low_balance=(5_000, "30%"))),
    Unit(
        "loose",
        0,
        policy=Policy(
            order="stripe",
            expiry_boundary="inclusive",
            low_balance=("50%", "12.5%"),
            overdraft_limit=20,
            refund_shortfall="write_off",
            over_capture="burn_extra",
            transferable=True,
            lease_timeout="capture",
            lease_grace="PT5S",
            runaway=Runaway(60, "PT6H", "notify"),
            value=CreditValue(3, "USD", 2),
        ),
    ),
    Unit(
        "shared",
        1,
        policy=Policy(
            order="openmeter",
            refund_shortfall="other_lots",
            low_balance=(300, 100),
            default_expires_in="P2D",
            transferable=True,
            stacking="promotional_first",
            promotional_share_max="0.5",
            runaway=Runaway(120, "PT12H"),
        ),
    ),
    Unit(
        "narrow",
        1,
        policy=Policy(order="stripe", scoped_first=True, transferable=True, lease_grace="PT0S"),
    ),
    Unit(
        "announced",
        1,
        policy=Policy(
            expiry_boundary="inclusive",
            transferable=True,
            expiry_notices=tuple(SPANS),
            expiry_requires_notice=True,
        ),
    ),
)
"""One of each kind: what their policies do differently is in the tests of the domain."""
OVERAGES: Final[tuple[Overage | None, ...]] = (None, "forgive", "carry", None, "invoice", "carry_auto_repay")
"""What becomes of what is owed as a period of an allowance ends."""
OTHER_BREAKERS: Final = (Runaway(80, "P1D", "notify"), Runaway(60, "PT2H"), None)
"""What becomes of the breaker of a unit that has one."""
PRICES: Final = {"exact": "0.013", "loose": "0.3", "shared": "0.25", "narrow": "0.15", "announced": "0.05"}
"""Credits for one of the unit's meters: not whole steps, so that wallets carry fractions."""
METERS: Final = ("gpu", "llm")
"""Of each unit, after its name: one costs the same each time, of the other some are free."""
FREE: Final = 20

AUTHOR: Final = Author("simulation", 0)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for, the same however often it asks. ``number`` is in its entry's reason; ``entry_id``: of the
    entry that will answer it, empty where none has an id that is known before."""

    number: int
    kind: str
    account: str
    unit: str
    key: str
    args: Mapping[str, Any] = field(default_factory=dict)
    entry_id: str = ""

    def __str__(self) -> str:
        said = " ".join(f"{name}={value}" for name, value in self.args.items())
        return f"{self.kind} {self.account}/{self.unit} {said} (key {self.key})"


def stock(executor: Executor, now: int) -> None:
    """Units, meters and promotions, before anybody comes."""
    for unit in UNITS:
        units.put_unit(executor, unit, Moment(now), AUTHOR)
        for meter in METERS:
            _put_price(executor, unit.unit, meter, PRICES[unit.unit], now)


def _put_price(executor: Executor, unit_id: str, meter: str, credits: str, now: int) -> None:
    """A price comes into force as soon as it may."""
    price: dict[str, Any] = {"model": "per_unit", "credits": credits}
    if meter == "llm":
        tiers = [{"up_to": FREE, "credits": "0"}, {"up_to": None, "credits": credits}]
        price = {"model": "graduated", **over(unit_id), "tiers": tiers}
    wanted = RateDefinition(unit_id, None, "0", price)
    rates.put_rate(executor, f"{unit_id}-{meter}", wanted, Moment(now), AUTHOR)


def change_terms(executor: Executor, unit_id: str, dice: random.Random, now: int) -> None:
    """A unit's policy becomes another, as far as it may while the unit is used, or its meter's price."""
    unit = next(unit for unit in UNITS if unit.unit == unit_id)
    if dice.random() < 0.6:
        changed = replace(
            unit.policy,
            overdraft_limit=dice.choice((0, unit.policy.overdraft_limit)),
            refund_shortfall=dice.choice(("owe", "write_off", "other_lots")),
            over_capture=dice.choice(("refuse", "burn_extra")),
            default_expires_in=dice.choice((None, unit.policy.default_expires_in)),
            repay_first=dice.random() < 0.5,
            expiry_requires_notice=unit.policy.expiry_requires_notice and now % 3 > 0,
            low_balance=_thresholds(unit.policy.low_balance, now),
            runaway=(unit.policy.runaway, *OTHER_BREAKERS)[now % 4] if unit.policy.runaway else None,
        )
        units.put_unit(executor, replace(unit, policy=changed), Moment(now), AUTHOR)
        return
    _put_price(executor, unit_id, dice.choice(METERS), dice.choice((PRICES[unit_id], "0.02")), now)


def _thresholds(usual: tuple[Threshold, ...], now: int) -> tuple[Threshold, ...]:
    """Which alerts a unit has from now on: its own, other amounts and shares, or a part of them."""
    others = tuple("40%" if isinstance(one, str) else 2 * one for one in usual[:1])
    return (usual, others, usual[:1], (*usual, *others) if others and others[0] not in usual else usual)[
        now % 4
    ]


def put_promotion(executor: Executor, code: str, unit: str) -> None:
    """A promotion that a few may have."""
    wanted = Promotion(
        code=code,
        unit=unit,
        amount="5",
        kind="promotional",
        starts_at=None,
        ends_at=None,
        expires_in="P1D",
        max_redemptions=REDEMPTIONS,
        budget="30",
        identities=("email",),
    )
    promotions.put_promotion(executor, wanted, AUTHOR)


Make = Callable[[random.Random, WalletBook, "Around"], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Around:
    """What a request may be about besides its wallet: the time, other accounts of the unit, this step's number."""

    now: int
    others: tuple[str, ...]
    number: int


def amount_of(dice: random.Random, draft: WalletBook) -> str:
    """Mostly little, at times about all there is; in the unit's decimals."""
    precision = next(unit.precision for unit in UNITS if unit.unit == draft.unit)
    available = draft.totals.available
    chance = dice.random()
    if chance < 0.15 and available:
        steps = available + dice.choice((0, 0, 1, -1))
    elif chance < 0.4:
        steps = dice.randint(1, max(1, available // 3))
    else:
        steps = dice.randint(1, 4 * 10**precision)
    steps = max(1, steps)
    whole, decimals = divmod(steps, 10**precision)
    return f"{whole}.{decimals:0{precision}d}" if precision else str(whole)


def _grant(dice: random.Random, draft: WalletBook, around: Around) -> dict[str, Any]:
    paid = dice.random() < 0.5
    args: dict[str, Any] = {
        "amount": str(dice.randint(1, 40)),
        "kind": "paid" if paid else "promotional",
        "priority": dice.choice((50, 50, 50, 10)),
        "cost": dice.randint(0, 3000) if paid else None,
        "expires_at": None,
        "effective_at": None,
        "scope": dice.choice(_scopes(draft.unit)) if dice.random() < 0.25 else (),
    }
    chance = dice.random()
    if chance < 0.6:
        args["expires_at"] = around.now + dice.choice((2_000, 60_000, DAY // 24, DAY, 7 * DAY))
    elif chance < 0.7:
        args["effective_at"] = around.now + dice.choice((10_000, DAY // 24, DAY))
    return args


def _scopes(unit: str) -> tuple[tuple[str, ...], ...]:
    """Of one meter, and of all."""
    names = tuple(f"{unit}-{meter}" for meter in METERS)
    return (*((name,) for name in names), names)


def _usage(dice: random.Random, meters: Sequence[str], most: int = 300) -> dict[str, Any]:
    """So much of a meter, or of several."""
    if len(meters) > 1 and dice.random() < 0.5:
        named = [dice.choice(meters) for _ in range(dice.randint(1, 3))]
        return {"items": [(meter, dice.randint(1, most)) for meter in named]}
    return {"meter": dice.choice(meters), "quantity": dice.randint(1, most)}


def meters_of(unit: str) -> list[str]:
    return [f"{unit}-{meter}" for meter in METERS]


def _burn(dice: random.Random, draft: WalletBook, _: Around) -> dict[str, Any]:
    if dice.random() < 0.4:
        return {**_usage(dice, meters_of(draft.unit)), "mode": dice.choice(("exact", "up_to"))}
    return {"amount": amount_of(dice, draft), "mode": dice.choice(("exact", "exact", "up_to"))}


def _hold(dice: random.Random, draft: WalletBook, _: Around) -> dict[str, Any]:
    args = {"expires_in": dice.choice(("PT30S", "PT15M", "PT12H", "P3D"))}
    if dice.random() < 0.5:
        return {**args, **_usage(dice, meters_of(draft.unit))}
    meter = dice.choice((None, None, *meters_of(draft.unit)))
    return {**args, "amount": amount_of(dice, draft), "meter": meter}


def _of_hold(dice: random.Random, draft: WalletBook) -> int | None:
    holds = [seq for seq, hold in list(draft.holds.items())[-8:] if hold["status"] == "open"]
    return dice.choice(holds) if holds else None


def _capture(dice: random.Random, draft: WalletBook, _: Around) -> dict[str, Any] | None:
    seq = _of_hold(dice, draft)
    if seq is None:
        return None
    hold, args = draft.holds[seq], {"hold": seq, "final": dice.random() < 0.5}
    meters = [meter for meter, _ in hold.get("split") or ()] or [hold["meter"]]
    if meters != [None] and dice.random() < 0.75:
        used = _usage(dice, meters, 60)
        if "items" in used or len(meters) == 1:
            used.pop("meter", None)
            return {**args, **used}
        return {**args, "items": [(used["meter"], used["quantity"])]}
    return {**args, "amount": None if dice.random() < 0.4 else amount_of(dice, draft)}


def _release(dice: random.Random, draft: WalletBook, _: Around) -> dict[str, Any] | None:
    seq = _of_hold(dice, draft)
    return None if seq is None else {"hold": seq}


def _extend(dice: random.Random, draft: WalletBook, _: Around) -> dict[str, Any] | None:
    seq = _of_hold(dice, draft)
    return None if seq is None else {"hold": seq, "expires_in": dice.choice(("PT1M", "PT6H", "P2D"))}


def _void(dice: random.Random, draft: WalletBook, _: Around) -> dict[str, Any] | None:
    if not draft.told:
        return None
    lot = dice.choice(list(draft.told)[-10:])
    amount = amount_of(dice, draft) if dice.random() < 0.5 else None
    return {"lot": lot, "amount": amount, "mistake": amount is None and lot % 3 == 0}


def _expiry(dice: random.Random, draft: WalletBook, around: Around) -> dict[str, Any] | None:
    if not draft.told:
        return None
    at = dice.choice((None, around.now + dice.choice((1_000, 30_000, DAY // 24, DAY, 3 * DAY))))
    in_ = None if at or dice.random() < 0.3 else dice.choice(("PT1S", "PT20M", "P2D"))
    return {"lot": dice.choice(list(draft.told)[-10:]), "at": at, "in": in_, "force": dice.random() < 0.5}


def _reversal(dice: random.Random, draft: WalletBook, around: Around) -> dict[str, Any] | None:
    if not draft.burns:
        return None
    burn = dice.choice(draft.burns[-6:])
    amount = amount_of(dice, draft) if dice.random() < 0.5 else None
    said: dict[str, Any] = {"burn": burn, "amount": amount}
    facts = facts_of(draft.rows[burn].entry)
    if facts is None or facts.next % 4 == 0:
        return said
    # Mostly a record as a whole, and the last ones again and again.
    last = facts.next - facts.first
    offset = facts.next - 1 - min(last - 1, around.number % 7)
    return {**said, "offset": offset, "amount": amount if around.number % 3 == 0 else None}


def _transfer(dice: random.Random, draft: WalletBook, around: Around) -> dict[str, Any] | None:
    if not around.others:
        return None
    return {"to": dice.choice(around.others), "amount": amount_of(dice, draft)}


def _adjustment(dice: random.Random, draft: WalletBook, _: Around) -> dict[str, Any]:
    return {"direction": dice.choice(("credit", "debit")), "amount": amount_of(dice, draft)}


def _refund(dice: random.Random, draft: WalletBook, _: Around) -> dict[str, Any]:
    return {"source": f"{draft.account}-{dice.randint(1, 3)}", "value": dice.randint(1, 900)}


def _redemption(dice: random.Random, _: WalletBook, around: Around) -> dict[str, Any]:
    code = dice.choice(around.others) if around.others and dice.random() < 0.7 else ""
    return {"code": code, "email": f"{dice.randint(1, 30)}@example.test"}


def _compensation(dice: random.Random, _: WalletBook, around: Around) -> dict[str, Any]:
    return {"incident": f"i{around.number}", "others": around.others[: dice.randint(0, 2)]}


def _extension(dice: random.Random, _: WalletBook, around: Around) -> dict[str, Any]:
    others = around.others[: dice.randint(0, 2)]
    return {"incident": f"o{around.number - around.number % 7}", "by": "PT6H", "others": others}


def _allowance(dice: random.Random, draft: WalletBook, around: Around) -> dict[str, Any]:
    """Mostly what changes from one time to the next. What the step's chance does not say comes from chance of its own,
    so that nothing else happens otherwise for it."""
    own = random.Random(f"{around.number} {draft.account}")
    hour = DAY // 24
    said: dict[str, Any] = {
        "name": dice.choice(("a", "b")),
        "delete": dice.random() < 0.2,
        "amount": str(dice.choice((3, 10, 10, 24))),
        "every": dice.choice(("P1D", "P1W")),
        "zone": dice.choice(("UTC", "Europe/Berlin")),
        "rollover": dice.choice((None, "0.5")),
        "paused": dice.random() < 0.15,
    }
    if said["rollover"]:
        said["rollover"] = {
            "fraction": own.choice(("1", "0.5", "0.3")),
            "least": own.choice(("0", "0", "2")),
            "most": own.choice((None, "2", "4", "12")),
            "max_times": own.choice((1, 1, 2, None)),
            "expires_in": own.choice((None, None, "P3D")),
            "living": own.random() < 0.5,
        }
    late = own.random() < 0.3
    start = around.now + hour * (-own.randint(1, 120) if late else own.randint(-20, 40))
    return {
        **said,
        "anchor": around.now - hour * own.randint(0, 50) if own.random() < 0.3 else None,
        "expires": own.choice(("period_end", "period_end", "period_end", "never", "P2D")),
        "starts_at": start if late or own.random() < 0.2 else None,
        "ends_at": around.now + hour * own.randint(1, 100) if own.random() < 0.25 else None,
        "priority": own.choice((50, 50, 10)),
        "catch_up": late,
        # By a number, not by chance: all else is as it was before there were any.
        "overage": OVERAGES[around.number % len(OVERAGES)],
    }


def _standing(_: random.Random, draft: WalletBook, __: Around) -> dict[str, Any]:
    return {"status": "active" if draft.status == "frozen" else "frozen"}


def _application(_: random.Random, draft: WalletBook, around: Around) -> dict[str, Any]:
    most = (None, "1", "5", "20", None)[around.number % 5]
    return {"invoice": invoice_of(draft.account, draft.version), "most": most}


def _invoice_void(_: random.Random, draft: WalletBook, around: Around) -> dict[str, Any]:
    """Of the present invoice, or the one before it."""
    before = ENTRIES if around.number % 3 else 0
    return {"invoice": invoice_of(draft.account, max(0, draft.version - before))}


MAKE: Final[dict[str, tuple[float, Make]]] = {
    "grant": (13, _grant),
    "burn": (40, _burn),
    "hold": (7, _hold),
    "capture": (7, _capture),
    "release": (2, _release),
    "extend": (1.5, _extend),
    "void": (1.5, _void),
    "expiry": (2, _expiry),
    "reversal": (3, _reversal),
    "transfer": (2.5, _transfer),
    "adjustment": (1, _adjustment),
    "refund": (1, _refund),
    "redemption": (1.5, _redemption),
    "compensation": (0.4, _compensation),
    "extension": (0.5, _extension),
    "allowance": (0.6, _allowance),
    "standing": (0.5, _standing),
    "application": (0, _application),
    "invoice_void": (0, _invoice_void),
}
"""How often each comes, and how it is made; None where there is nothing it could be about. What comes by the step's
number has no weight."""


COMMANDS: Final[dict[str, Callable[[Mapping[str, Any]], Command]]] = {
    "grant": lambda args: GrantCredits(args["amount"], _terms(args)),
    "hold": lambda args: PlaceHold(
        args.get("amount"),
        args["expires_in"],
        meter=args.get("meter"),
        quantity=_quantity(args),
        items=_items(args),
        lease=args.get("lease", False),
    ),
    "capture": lambda args: CaptureHold(
        args["hold"], args.get("amount"), args["final"], quantity=_quantity(args), items=_items(args)
    ),
    "release": lambda args: ReleaseHold(args["hold"]),
    "extend": lambda args: ExtendHold(args["hold"], args["expires_in"]),
    "void": lambda args: VoidLot(args["lot"], args["amount"], args.get("mistake", False)),
    "expiry": lambda args: ChangeExpiry(
        args["lot"], args["at"], args["in"], args["force"], shortens=args["lot"] % 4 > 0
    ),
    "reversal": lambda args: ReverseBurn(args["burn"], args["amount"], args.get("offset")),
    "adjustment": lambda args: AdjustBalance(args["direction"], args["amount"], LotTerms()),
    "refund": lambda args: RefundAsCredit(
        Source("invoice", args["source"], Money(2000, "EUR")), Money(args["value"], "EUR")
    ),
    "standing": lambda args: SetStatus(args["status"]),
    "application": lambda args: _applied(args["invoice"], args["most"]),
}
"""The command of each kind of request, made of its arguments."""


def perform(executor: Executor, request: Request, moment: Moment) -> Result | None:
    """Asks the operations. The entry that answers; None where the operation answers with something else.

    Raises:
        Refusal: as they do.
    """
    args = request.args
    asked = wallet_request(request, moment)
    if request.kind in COMMANDS:
        return execute(executor, COMMANDS[request.kind](args), asked)[0]
    match request.kind:
        case "burn":
            return execute(executor, burn_of(args), asked)[0]
        case "transfer":
            return transfers.transfer(executor, TransferCredits(args["to"], args["amount"]), asked)[0]
        case "redemption":
            wanted = Redemption(args["code"], {"email": args["email"]}, request.unit)
            return redemptions.redeem(executor, wanted, lambda: b"k" * 32, asked)[0]
        case "invoice_void":
            _, entry, replayed = invoices.void(executor, args["invoice"], asked)
            return Result(entry, replayed)
        case "compensation":
            return _compensate(executor, request, asked)
        case "extension":
            _extend_lots(executor, request, moment)
            return None
    assert request.kind == "allowance"
    _allow(executor, request, moment)
    return None


def wallet_request(request: Request, moment: Moment) -> WalletRequest:
    """The request as Scrip knows it."""
    reason, number = f"r{request.number}", request.number
    # Of every third request; many have one reference, and some are as long as one may be.
    name = f"j{number % 31}" if number % 5 else "🂡" * 200
    return WalletRequest(
        request.account,
        request.unit,
        request.key,
        ACTOR,
        moment,
        reason=reason,
        reference=None if number % 3 else ("job", name),
        member=member_of(request.account, number) if request.kind in ("burn", "hold") else None,
    )


def expected_id(kind: str, account: str, unit: str, key: str, args: Mapping[str, Any]) -> str:
    """The id of the entry that answers; empty for allowances and extensions, whose entries have keys of their own."""
    if kind in ("allowance", "extension"):
        return ""
    if kind == "compensation":
        key = business_key("compensation", args["incident"])
    return key_entry_id(account, unit, key)


def _terms(args: Mapping[str, Any]) -> LotTerms:
    cost = args["cost"]
    return LotTerms(
        kind=args["kind"],
        priority=args["priority"],
        effective_at=args["effective_at"],
        expires_at=args["expires_at"],
        cost=None if cost is None else Money(cost, "USD"),
        scope=args["scope"],
    )


def _applied(invoice_id: str, most: str | None) -> ApplyToInvoice:
    """The command that pays the lines of an invoice, up to so many credits."""
    lines, tax = lines_of(invoice_id)
    return ApplyToInvoice(invoice_id, "USD", tax, lines, most)


def burn_of(args: Mapping[str, Any]) -> BurnCredits:
    """The command of a burn with these arguments."""
    if "amount" in args:
        return BurnCredits(amount=args["amount"], mode=args["mode"])
    if "items" in args:
        return BurnCredits(items=_items(args), mode=args["mode"])
    return BurnCredits(meter=args["meter"], quantity=Fraction(args["quantity"]), mode=args["mode"])


def _quantity(args: Mapping[str, Any]) -> Fraction | None:
    return Fraction(args["quantity"]) if "quantity" in args else None


def _items(args: Mapping[str, Any]) -> list[Usage] | None:
    return [Usage(meter, Fraction(many)) for meter, many in args["items"]] if "items" in args else None


def _compensate(executor: Executor, request: Request, asked: WalletRequest) -> Result | None:
    """The answer is what became of the request's own account: raised where it was refused."""
    accounts = [request.account, *request.args["others"]]
    incident = Incident(request.args["incident"], request.unit, LotTerms(kind="compensation"))
    amounts = [(replace(asked, key=incident.key, account=account), "2") for account in accounts]
    outcomes, _ = compensations.compensate(executor, incident, amounts, lambda: True)
    outcome = outcomes[0].outcome
    if outcome.refusal:
        raise outcome.refusal
    return outcome.result


def _extend_lots(executor: Executor, request: Request, moment: Moment) -> None:
    """Extends the lots of some accounts. Raises ``Refusal`` as the request's own account is refused."""
    extension = Extension(request.args["incident"], request.args["by"], request.unit, ACTOR)
    accounts = [request.account, *request.args["others"]]
    found = extensions.extend(executor, extension, accounts, moment, lambda: True)
    if found[0].refusal:
        raise found[0].refusal


def _allow(executor: Executor, request: Request, moment: Moment) -> None:
    args = request.args
    asked = AllowanceRequest(request.account, request.unit, args["name"], ACTOR, moment)
    if args["delete"]:
        allowances.delete(executor, asked)
        return
    terms = PlanTerms(**{name: args[name] for name in PLAN})
    if args["rollover"]:
        terms = replace(terms, rollover=RolloverTerms(**args["rollover"]))
    found, _, unit = allowances.put(executor, terms, asked)
    plan = found.plan
    said = {name: getattr(plan, name) for name in PLAN}
    wanted = {name: args[name] for name in PLAN}
    wanted |= {name: said[name] for name in ("anchor", "starts_at") if wanted[name] is None}
    if said != {**wanted, "amount": int(args["amount"]) * 10**unit.precision}:
        raise LawBroken(10, f"{request} was answered with {plan}")
