"""What each operation costs, beside the floor and the usual way."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from bench.dollars import Measured, idle, parts
from bench.meter import Bill, Contestant, billed, item_size, processor_ms
from bench.rivals import Floor, Lean, Usual
from bench.row_sizes import OVERHEAD
from bench.stage import Answer, Event, Stage, median, request, sample, with_lots, write
from scrip import runtime
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.rate_cards import RateDefinition
from scrip.services.audit.changes import OPERATOR, Author
from scrip.services.catalogue.rates import put_rate
from scrip.services.engine.executor import Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.usage.budgets import BudgetRequest, WantedBudget
from scrip.services.usage.budgets import put as put_budget
from scrip.services.wallets import own_rates
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.own_rates import OwnRateRequest
from scrip.store import keys
from scrip.store.tables import Item

ROUNDS: Final = 7
CALLS: Final = 16
HEADER_BYTES: Final = 400
"""Headers of an answer, as the gateway sends them."""
METERS: Final = ("bench-in", "bench-out")
MONTHLY: Final = "bench-monthly"
"""A meter whose tiers go by the use of a month."""
STORED: Final = {"burn, warm": 1, "burn, replayed": 0, "hold and capture": 2, "grant": 1, "batch of 90": 90}
"""Entries that an operation leaves in the ledger."""
LOTS: Final = 3
"""Lots of the wallet that is burned from: a usual one, all of it in the window."""
RATE_LIMIT: Final = 1_000
"""Requests a second of a limited key: it takes them in blocks of 100."""
REFERENCE: Final = {"type": "job", "id": "j-118"}


class Operations:
    """The operations on wallets of a few lots, each through its function's handler."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        for meter in METERS:
            price = {"model": "per_unit", "credits": "0.1"}
            wanted = RateDefinition("credits", None, "0", price)
            put_rate(stage.executor(), meter, wanted, Moment(runtime.now()), Author(OPERATOR, runtime.now()))
        tiers = [{"up_to": 100, "credits": "0"}, {"up_to": None, "credits": "0.1"}]
        monthly = {"model": "graduated", "over": "P1M", "time_zone": "UTC", "tiers": tiers}
        wanted, author = RateDefinition("credits", None, "0", monthly), Author(OPERATOR, runtime.now())
        put_rate(stage.executor(), MONTHLY, wanted, Moment(runtime.now()), author)
        names = ("burn", "burn_batch", "hold", "capture", "grant")
        self._samples = {name: sample(f"post_{name}") for name in names}
        self._balance = sample("get_balance")
        self._burns, self._grants = stage.function("burns"), stage.function("grants")
        self._wallets = stage.function("wallets")

    def wallet(self, lots: int = LOTS) -> str:
        account = self.stage.name()
        write(self.stage.tables, with_lots(account, lots, runtime.now() - 1000))
        return account

    def burn(self, account: str, amount: str = "1", key: str | None = None) -> Answer:
        body = {"amount": amount, "reference": REFERENCE}
        sent = request(self._samples["burn"], account, body, key or self.stage.name("burn"))
        return self._burns(sent, None)

    def burn_limited(self, account: str) -> Answer:
        """A burn with a key that may send ``RATE_LIMIT`` requests a second: one of a block of a tenth of that."""
        body = {"amount": "1", "reference": REFERENCE}
        sent = request(self._samples["burn"], account, body, self.stage.name("burn"))
        sent["requestContext"]["authorizer"]["lambda"] |= {"key_id": "limited", "rate_limit": str(RATE_LIMIT)}
        return self._burns(sent, None)

    def burn_items(self, account: str) -> Answer:
        """A burn of two meters, neither of which leaves a fraction."""
        body = {"items": [{"meter": meter, "quantity": 3} for meter in METERS], "reference": REFERENCE}
        sent = request(self._samples["burn"], account, body, self.stage.name("burn"))
        return self._burns(sent, None)

    def burn_monthly(self, account: str) -> Answer:
        """A burn of a meter whose tiers go by the use of a month."""
        body = {"meter": MONTHLY, "quantity": 3, "reference": REFERENCE}
        return self._burns(request(self._samples["burn"], account, body, self.stage.name("burn")), None)

    def priced(self) -> str:
        """A wallet whose account has a rate card of its own."""
        account, moment = self.wallet(), Moment(runtime.now())
        wanted = RateDefinition("credits", None, "0", {"model": "per_unit", "credits": "0.2"})
        for meter in METERS:
            own_rates.put(
                self.stage.executor(), wanted, OwnRateRequest(account, meter, OPERATOR, moment), None
            )
        return account

    def budgeted(self, each: int, together: int) -> str:
        """A wallet with so many budgets that each member has for itself, and so many of all of it."""
        account, moment = self.wallet(), Moment(runtime.now())
        author = Author(OPERATOR, runtime.now())
        terms = WantedBudget("1000000", "P1M", "UTC", None, None, None, (), "refuse")
        for number in range(each + together):
            wanted = replace(terms, member="*" if number < each else None)
            asked = BudgetRequest(account, "credits", f"budget-{number}", moment, author)
            put_budget(self.stage.executor(), wanted, asked)
        return account

    def burn_of_member(self, account: str) -> Answer:
        """A burn that says who uses the credits."""
        body = {"amount": "1", "reference": REFERENCE, "member": "ann"}
        return self._burns(request(self._samples["burn"], account, body, self.stage.name("burn")), None)

    def batch(self, account: str) -> Answer:
        burns = [{"amount": "0.1", "key": self.stage.name("burn")} for _ in range(90)]
        return self._burns(request(self._samples["burn_batch"], account, {"burns": burns}), None)

    def grant(self, account: str) -> Answer:
        body = {"amount": "10", "kind": "paid", "cost_basis": {"amount": 100, "currency": "USD"}}
        sent = request(self._samples["grant"], account, body, self.stage.name("grant"))
        return self._grants(sent, None)

    def hold(self, account: str, amount: str) -> str:
        """A hold; its id."""
        sent = request(self._samples["hold"], account, {"amount": amount}, self.stage.name("hold"))
        held: str = json.loads(self._burns(sent, None)["body"])["hold"]["hold_id"]
        return held

    def capture(self, account: str, held: str, body: Mapping[str, Any]) -> Answer:
        key = self.stage.name("capture")
        return self._burns(request(self._samples["capture"], account, body, key, hold_id=held), None)

    def hold_and_capture(self, account: str) -> Answer:
        return self.capture(account, self.hold(account, "5"), {"amount": "5"})

    def balance(self, account: str) -> Answer:
        return self._wallets(request(self._balance, account), None)

    def elsewhere(self, account: str) -> None:
        """A burn by another environment of the function."""
        key, moment = self.stage.name("burn"), Moment(runtime.now())
        request = WalletRequest(account, "credits", key, "key:other", moment, REFERENCE_PAIR)
        execute(self.stage.executor(), BurnCredits("1"), request)


REFERENCE_PAIR: Final = ("job", "j-118")


def bills(at: Operations) -> dict[str, Bill]:
    """What is asked of DynamoDB, and printed, for one of each."""
    client = at.stage.tables.client

    def of(run: Callable[[], Answer], status: int = 201) -> Bill:
        with billed(client) as bill:
            answer = run()
        bill.answer_bytes = len(answer["body"].encode()) + HEADER_BYTES
        if answer["statusCode"] != status:
            raise RuntimeError(f"{answer['statusCode']} instead of {status}: {answer['body'][:300]}")
        return bill

    found: dict[str, Bill] = {}
    quiet = contextlib.redirect_stdout(io.StringIO())
    account = at.wallet()
    with quiet:
        at.burn(account)
    at.stage.cold()
    found["burn, cold"] = of(lambda: at.burn(account))
    found["burn, warm"] = of(lambda: at.burn(account, key="twice"))
    found["burn, replayed"] = of(lambda: at.burn(account, key="twice"))
    with quiet:
        at.burn_items(account)
    found["burn of 2 items, warm"] = of(lambda: at.burn_items(account))
    with quiet:
        at.burn_monthly(account)
    found["burn of tiers over a month, warm"] = of(lambda: at.burn_monthly(account))
    priced = at.priced()
    with quiet:
        at.burn_items(priced)
    found["burn of 2 items at own prices, warm"] = of(lambda: at.burn_items(priced))
    found["burn, limited key, takes a block"] = of(lambda: at.burn_limited(account))
    found["burn, limited key"] = of(lambda: at.burn_limited(account))
    found["burn, refused"] = of(lambda: at.burn(account, "99999999"), 402)
    at.stage.cold()
    with quiet:
        at.burn(account)
    at.elsewhere(account)
    found["burn, contended once"] = of(lambda: at.burn(account))
    for name, budgets in (("1 budget", (0, 1)), ("8 budgets", (4, 4))):
        account = at.budgeted(*budgets)
        with quiet:
            at.burn_of_member(account)
        found[f"burn in {name}, warm"] = of(partial(at.burn_of_member, account))
    account = at.wallet()
    with quiet:
        at.burn(account)
    found["hold and capture"] = of(lambda: at.hold_and_capture(account))
    found["grant"] = of(lambda: at.grant(account))
    found["batch of 90"] = of(lambda: at.batch(account), 200)
    found["balance"] = of(lambda: at.balance(account), 200)
    return found


def run(stage: Stage, *, rounds: int = ROUNDS, calls: int = CALLS) -> dict[str, Any]:
    """Every operation, counted once and timed in turns with the floor."""
    at = Operations(stage)
    counted = bills(at)
    stored, spender = _items(at), stage.name()
    floor, usual = Floor(stage.tables, stage.name(), *stored), Usual(stage.tables)
    tuned = Floor(stage.tables, stage.name(), *stored, client=stage.tables.client)
    lean = Floor(stage.tables, stage.name(), *stored, client=Lean())
    for one in (floor, tuned, lean):
        one.prepare()
    usual.prepare(spender, 10**9)
    with billed(floor.client) as counted["floor"]:
        floor.burn()
    with billed(usual.client) as counted["the usual way"]:
        usual.handle(_usually(stage, spender))
    times = _times(
        at,
        {"floor": floor, "floor, Scrip's client settings": tuned, "floor, signed by hand": lean},
        lambda: usual.handle(_usually(stage, spender)),
        rounds,
        calls,
    )
    for name in ("floor, Scrip's client settings", "floor, signed by hand"):
        counted[name] = counted["floor"]
    rows = [_row(name, bill, times) for name, bill in counted.items()]
    entry = item_size(stored[1]) + listed_size(stored[1]) + 2 * OVERHEAD
    dollars = [
        {"operation": row["operation"], **parts(_measured(row, counted[row["operation"]], entry))}
        for row in rows
        if row["operation"] in STORED
    ]
    return {
        "wallet_item_bytes": item_size(stored[0]),
        "entry_bytes": entry,
        "rows": rows,
        "dollars": dollars,
        "idle": idle(),
    }


def listed_size(item: Item) -> int:
    """Returns the bytes of an entry's row in the index ``timeline``."""
    return item_size({name: item[name] for name in ("pk", "sk", "tl", "kind")})


def _measured(row: Mapping[str, Any], bill: Bill, entry_bytes: int) -> Measured:
    requests = 2 if row["operation"] == "hold and capture" else 1
    stored = STORED[row["operation"]] * entry_bytes
    return Measured(bill, row["cpu_ms"], bill.answer_bytes, stored, requests)


def _usually(stage: Stage, account: str) -> Event:
    body = {"amount": "1", "reference": REFERENCE}
    return request(sample("post_burn"), account, body, stage.name("burn"))


def _items(at: Operations) -> tuple[Item, Item]:
    """The two items of a burn in a usual wallet, as they are stored."""
    account, key = at.wallet(), at.stage.name("burn")
    with billed(at.stage.tables.client):
        at.burn(account, key=key)
    tables, pk = at.stage.tables, keys.wallet(account, "credits")
    wallet, entry = (
        tables.get(table, pk, sk)
        for table, sk in (
            (tables.wallets, keys.WALLET),
            (tables.ledger, key_entry_id(account, "credits", key)),
        )
    )
    assert wallet
    assert entry
    return wallet, entry


def _times(
    at: Operations, floors: Mapping[str, Floor], usual: Callable[[], object], rounds: int, calls: int
) -> dict[str, list[float]]:
    """By operation, how many times the floor each round took; under ``floor`` its own milliseconds."""
    warm, other, cold = at.wallet(), at.wallet(), at.stage.cold

    def beaten() -> None:
        cold()
        at.burn(other)
        at.elsewhere(other)

    budgeted = {"1 budget": at.budgeted(0, 1), "8 budgets": at.budgeted(4, 4)}
    priced = at.priced()
    with billed(at.stage.tables.client):
        at.burn(warm, key="known")
    many = {
        **{name: Contestant(floor.burn) for name, floor in floors.items()},
        "burn, warm": Contestant(lambda: at.burn(warm)),
        "the usual way": Contestant(usual),
        "burn, replayed": Contestant(lambda: at.burn(warm, key="known")),
        "burn of 2 items, warm": Contestant(lambda: at.burn_items(warm)),
        "burn of tiers over a month, warm": Contestant(lambda: at.burn_monthly(warm)),
        "burn of 2 items at own prices, warm": Contestant(lambda: at.burn_items(priced)),
        "burn, limited key": Contestant(lambda: at.burn_limited(warm)),
        "burn, refused": Contestant(lambda: at.burn(warm, "99999999")),
        "balance": Contestant(lambda: at.balance(warm)),
    }
    few = {
        "floor": Contestant(floors["floor"].burn),
        "burn, limited key, takes a block": Contestant(
            lambda: at.burn_limited(warm), before=runtime.rate_limits.cache_clear
        ),
        **{
            f"burn in {name}, warm": Contestant(partial(at.burn_of_member, account))
            for name, account in budgeted.items()
        },
        "burn, cold": Contestant(lambda: at.burn(warm), before=cold),
        "burn, contended once": Contestant(lambda: at.burn(other), before=beaten),
        "hold and capture": Contestant(lambda: at.hold_and_capture(warm)),
        "grant": Contestant(lambda: at.grant(other)),
        "batch of 90": Contestant(lambda: at.batch(warm)),
    }
    found = _to_floor(processor_ms(few, rounds, max(1, calls // 10)))
    timed = processor_ms(many, rounds, calls)
    return {**found, **_to_floor(timed), "floor": timed["floor"]}


def _to_floor(times: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """How many times the floor of the same round each took."""
    return {
        name: [one / floor for one, floor in zip(ms, times["floor"], strict=True)]
        for name, ms in times.items()
    }


def _row(name: str, bill: Bill, times: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    to_floor = 1.0 if name == "floor" else median(times[name])
    return {
        "operation": name,
        "calls": bill.calls,
        "read_units": bill.read_units,
        "write_units": bill.billed_write_units,
        "bytes_written": bill.bytes_written,
        "log_bytes": bill.log_bytes,
        "dollars_per_million": round(bill.dollars_per_million(2 if name == "hold and capture" else 1), 2),
        "cpu_to_floor": round(to_floor, 2),
        "cpu_ms": round(to_floor * median(times["floor"]), 3),
    }
