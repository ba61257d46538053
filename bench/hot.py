"""One wallet that everybody writes: singles and batches, beside the usual way, with 1, 8 and 32 environments of the
function, each with a memory of its own."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from bench import operations
from bench.meter import PRICES, Contestant, processor_ms
from bench.model import Clock, Table
from bench.rivals import Usual, UsualConflict, account_key, read_and_burn
from bench.stage import CREDIT, Stage, median, request, sample, with_lots, write
from scrip import runtime
from scrip.domain.credits.errors import Contended, PromotionExhausted, Throttled
from scrip.domain.payments.promotion import Promotion
from scrip.services.audit.changes import OPERATOR, Author
from scrip.services.catalogue import promotions as catalogue
from scrip.services.engine.attempts import ATTEMPTS, FIRST_PAUSE, LONGEST_PAUSE
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.verification import wallets
from scrip.services.wallets import redemptions
from scrip.services.wallets.batches import BatchedBurn, execute_batch
from scrip.services.wallets.burns import BurnCredits
from scrip.store import promotions
from scrip.store.tables import Tables

SECONDS: Final = 1.6
SECONDS_FULL: Final = 10.0
"""Virtual seconds of a run."""
SHARE: Final = PRICES["lambda_gb"] * 1024 / PRICES["lambda_vcpu_mb"]
"""Of a processor, what a function of 512 MB has."""
ROUNDS, CALLS = 3, 6
"""Of the handlers whose processor time is measured before the runs."""
BATCH: Final = 90
WRITERS: Final = (1, 8, 32)
BESIDE: Final = 64
REDEEMERS: Final = 32
REDEEMING: Final = 1.2
"""Virtual seconds in which one code is redeemed."""
BEGIN_MS: Final = 1_000


@dataclass
class Race:
    """What came of one run."""

    seconds: float
    burned: int
    refused: int
    latencies: list[float]
    table: Table
    exact: bool

    def row(self, name: str, writers: int) -> dict[str, Any]:
        spread = sorted(self.latencies) or [0.0]
        return {
            "who": name,
            "writers": writers,
            "burns_a_second": round(self.burned / self.seconds, 1),
            "given_up": self.refused,
            "transactions_a_burn": round(self.table.transactions / max(1, self.burned), 3),
            "conflicts": self.table.conflicts,
            "lost": self.table.lost,
            "throttled": self.table.throttled,
            "p50_ms": round(median(spread) * 1000, 1),
            "p99_ms": round(spread[min(len(spread) - 1, len(spread) * 99 // 100)] * 1000, 1),
            "write_units_a_burn": round(self.table.write_units / max(1, self.burned), 2),
            "exact": self.exact,
        }


@dataclass(frozen=True, slots=True)
class Work:
    """Seconds that a function of 512 MB works on a request beside its waits, as this machine's processor measured it.

    Attributes:
        single, batch: of a burn, and of a batch of 90; ``usual``: of the usual way.
    """

    single: float
    batch: float
    usual: float


def work(stage: Stage) -> Work:
    """Measures the handlers' processor time, at the share that a function has of a processor."""
    at, usual, spender = operations.Operations(stage), Usual(stage.tables), stage.name()
    usual.prepare(spender, 10**9)
    account = at.wallet()
    body = {"amount": "1", "reference": operations.REFERENCE}
    found = processor_ms(
        {
            "single": Contestant(lambda: at.burn(account)),
            "batch": Contestant(lambda: at.batch(account)),
            "usual": Contestant(
                lambda: usual.handle(request(sample("post_burn"), spender, body, stage.name("burn")))
            ),
        },
        ROUNDS,
        CALLS,
    )
    return Work(**{name: min(ms) / 1000 / SHARE for name, ms in found.items()})


Burn = Callable[[str], int]
"""Burns under keys that begin so; how many burns that were."""


class Arena:
    """A virtual clock and a table on it, and writers of wallets."""

    def __init__(self, stage: Stage, seconds: float, taken: Work) -> None:
        self.stage, self.seconds, self.work = stage, seconds, taken
        self.clock = Clock()
        self.table = Table(stage.tables.client, self.clock)
        self.began_ms = runtime.now()
        self.writers: list[Callable[[], None]] = []

    def now_ms(self) -> int:
        return self.began_ms + int(self.clock.now * 1000)

    def wallet(self) -> str:
        account = self.stage.name("hot")
        write(self.stage.tables, with_lots(account, 1, self.began_ms - BEGIN_MS))
        return account

    def tables(self, table: Table | None = None) -> Tables:
        return Tables(table or self.table, self.stage.tables.wallets, self.stage.tables.ledger)  # type: ignore[arg-type]

    def add(self, burn: Burn, counts: list[int], latencies: list[float], refused: list[int]) -> None:
        """A writer that burns again and again until the time is up."""
        name = self.stage.name("w")

        def writer() -> None:
            number = 0
            while self.clock.now < self.seconds:
                number += 1
                began = self.clock.now
                try:
                    counts.append(burn(f"{name}-{number}"))
                    latencies.append(self.clock.now - began)
                except (Contended, PromotionExhausted, Throttled, UsualConflict):
                    refused.append(1)

        self.writers.append(writer)

    def request(self, account: str, key: str) -> WalletRequest:
        return WalletRequest(account, "credits", key, "key:bench", Moment(self.now_ms()))

    def singles(self, account: str, table: Table | None = None) -> Burn:
        executor = Executor(self.tables(table), self.clock.sleep, lambda: self.clock.now)

        def burn(key: str) -> int:
            self.clock.sleep(self.work.single)
            execute(executor, BurnCredits("1"), self.request(account, key))
            return 1

        return burn

    def batches(self, account: str) -> Burn:
        executor = Executor(self.tables(), self.clock.sleep, lambda: self.clock.now)

        def burn(key: str) -> int:
            self.clock.sleep(self.work.batch)
            first = self.request(account, key)
            keys = [f"{key}.{number}" for number in range(BATCH)]
            burns = [BatchedBurn(BurnCredits("1"), replace(first, key=one)) for one in keys]
            execute_batch(executor, burns)
            return BATCH

        return burn

    def usually(self, account: str) -> Burn:
        """The usual way, with the same patience as Scrip has."""

        def burn(key: str) -> int:
            self.clock.sleep(self.work.usual)
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    read_and_burn(self.table, self.stage.tables, account, 1, key)
                    return 1
                except UsualConflict:
                    if attempt == ATTEMPTS:
                        raise
                    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
                    self.clock.sleep(random.uniform(0, longest))
            raise AssertionError

        return burn

    def redemptions(self, code: str) -> Burn:
        """Redemptions of one promotion, each by an account of its own."""
        executor = Executor(self.tables(), self.clock.sleep, lambda: self.clock.now)

        def redeem(key: str) -> int:
            self.clock.sleep(self.work.single)
            wanted = redemptions.Redemption(code, {})
            redemptions.redeem(executor, wanted, bytes, self.request(f"{code}-{key}", key))
            return 1

        return redeem

    def balance(self, account: str) -> int:
        found = self.stage.tables.get(self.stage.tables.wallets, account_key(account)["pk"]["S"], "balance")
        assert found
        return int(found["balance"]["N"])


def redeemed(stage: Stage, writers: int, seconds: float, taken: Work, budget: str = "1000000") -> Race:
    """``writers`` who redeem one code, each time for another account."""
    random.seed(1)
    arena, code = Arena(stage, seconds, taken), stage.name("code")
    promotion = Promotion(code, "credits", "10", "promotional", None, None, None, None, budget, ())
    catalogue.put_promotion(stage.executor(), promotion, Author(OPERATOR, runtime.now()))
    # The first redemption of a unit marks it as used, and the first of a version makes the shares its own.
    first = WalletRequest(stage.name(), "credits", "first", "key:bench", Moment(arena.now_ms()))
    redemptions.redeem(stage.executor(), redemptions.Redemption(code, {}), bytes, first)
    counts: list[int] = []
    latencies: list[float] = []
    refused: list[int] = []
    for _ in range(writers):
        arena.add(arena.redemptions(code), counts, latencies, refused)
    arena.clock.run(arena.writers)
    done = sum(counts) + 1
    exact = promotions.counted(stage.tables, code) == (done, done * 10 * CREDIT)
    return Race(arena.clock.now, sum(counts), len(refused), latencies, arena.table, exact)


def race(
    stage: Stage,
    kind: str,
    writers: int,
    seconds: float,
    beside: int = 0,
    seed: int = 1,
    taken: Work | None = None,
) -> tuple[Race, Race | None]:
    """``writers`` of one wallet, and as many wallets ``beside`` it with a writer each."""
    random.seed(seed)
    arena = Arena(stage, seconds, taken or work(stage))
    counts: list[int] = []
    latencies: list[float] = []
    refused: list[int] = []
    account = stage.name("hot") if kind == "usual" else arena.wallet()
    if kind == "usual":
        item = {**account_key(account), "version": {"N": "0"}, "balance": {"N": str(10**9)}}
        stage.tables.client.put_item(TableName=stage.tables.wallets, Item=item)
    make = {"singles": arena.singles, "batches": arena.batches, "usual": arena.usually}[kind]
    for _ in range(writers):
        arena.add(make(account), counts, latencies, refused)
    other_latencies: list[float] = []
    others = [arena.wallet() for _ in range(beside)]
    beside_counts: list[list[int]] = [[] for _ in others]
    apart = Table(
        arena.table.client, arena.clock
    )  # the same clock; no item or partition of one is the other's
    for other, mine in zip(others, beside_counts, strict=True):
        arena.add(arena.singles(other, apart), mine, other_latencies, [])
    arena.clock.run(arena.writers)
    burned = sum(counts)
    if kind == "usual":
        exact = 10**9 - arena.balance(account) == burned
    else:
        executor = stage.executor()
        left = executor.context(account, "credits", fresh=True).snapshot.wallet.totals.available
        findings = wallets.verify(executor, account, "credits")[1]
        exact = not findings and left == (1_000_000 - burned) * CREDIT
    first = Race(arena.clock.now, burned, len(refused), latencies, arena.table, exact)
    if not beside:
        return first, None
    exact = all(
        stage.executor().context(other, "credits", fresh=True).snapshot.wallet.version == sum(mine) + 1
        for other, mine in zip(others, beside_counts, strict=True)
    )
    return first, Race(arena.clock.now, sum(map(sum, beside_counts)), 0, other_latencies, apart, exact)


def run(stage: Stage, *, full: bool = False) -> dict[str, Any]:
    rows = []
    taken = work(stage)
    seconds = SECONDS_FULL if full else SECONDS
    for writers in WRITERS:
        for kind in ("usual", "singles", "batches"):
            # Batches of 32 writers spend most of a run deciding in vain, which takes real time: a short run is enough.
            short = kind == "batches" and writers > 8 and not full
            wanted = seconds / 2 if short else seconds
            rows.append(race(stage, kind, writers, wanted, taken=taken)[0].row(kind, writers))
    crowd, beside = race(stage, "singles", 8, 0.5, beside=BESIDE, taken=taken)
    assert beside
    rows.append(crowd.row("singles, 64 wallets beside", 8))
    rows.append(beside.row("the 64 wallets beside it", BESIDE))
    rows.append(redeemed(stage, REDEEMERS, REDEEMING, taken).row("redemptions of one code", REDEEMERS))
    rates = {(row["who"], row["writers"]): row["burns_a_second"] for row in rows}
    gains = {
        str(writers): round(rates["batches", writers] / rates["singles", writers], 1) for writers in WRITERS
    }
    worked = {name: round(seconds * 1000, 1) for name, seconds in asdict(taken).items()}
    return {"rows": rows, "batches_to_singles": gains, "function_ms": worked}
