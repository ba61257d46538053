"""The lease over HTTP: never overspent, settled once, and gone on with whatever becomes of it."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import pytest

from scrip_client import (
    AsyncLease,
    BudgetExceeded,
    InsufficientCredits,
    JournalInUse,
    NotReached,
    Refused,
    Unauthenticated,
    Unsendable,
    WalletFrozen,
)
from tests.clients.python.wallet import Fate, Wallet

PLACED, OVER = "2030-01-01T00:00:00.000Z", "2030-01-01T00:15:30.000Z"
"""An instant, and when a lease of then is over: 15 minutes, and 30 seconds of grace."""


def lease(wallet: Wallet, scrip: Any, renew: str, **more: Any) -> AsyncLease:
    """A lease that settles when it has to, and not from time to time."""
    made: AsyncLease = scrip.lease(wallet.account, renew=renew, **{"every": 1000.0, **more})
    return made


async def until(what: Any) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(10):
        while not what():
            await asyncio.sleep(0.001)


def test_it_spends_in_memory_and_settles_at_its_end(wallet: Wallet) -> None:
    """Of 1 000, 500 are set aside and 30 spent: one request to settle them, and the rest is given back."""
    wallet.grant(1000)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "500") as held:
            assert (held.left, wallet.available) == ("500", "500")
            for _ in range(10):
                await held.burn("3")
            assert scrip.line.sent == []
            metrics = held.metrics()
            assert (metrics.left, metrics.unsettled, metrics.unsettled_amount) == ("470", 10, "30")
            assert metrics.oldest > 0
        assert len(scrip.line.sent) == 1
        metrics = held.metrics()
        assert (metrics.settled, metrics.unsettled, metrics.left) == (10, 0, "0")
        with pytest.raises(RuntimeError, match="closed"):
            await held.burn("1")
        await held.close()

    asyncio.run(main())
    assert wallet.available == "970"
    assert [one["amount"] for one in wallet.entries("capture")] == ["-30"]


def test_it_is_never_overspent_by_many_tasks(wallet: Wallet) -> None:
    """1 000 tasks want one each of a wallet of 700, through a lease of 50: 700 are spent, and 300 are refused."""
    wallet.grant(700)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "50") as held:

            async def spend() -> None:
                await held.burn("1")
                assert float(held.left) >= 0
                await asyncio.sleep(0)

            outcomes = await asyncio.gather(*(spend() for _ in range(1000)), return_exceptions=True)
        refused = [one for one in outcomes if one is not None]
        assert all(isinstance(one, InsufficientCredits) for one in refused)
        assert len(refused) == 300
        assert held.metrics().refused == 0

    asyncio.run(main())
    assert wallet.available == "0"


def test_it_is_filled_up_before_it_runs_dry(wallet: Wallet) -> None:
    """Nobody waits for that where credits are spent one by one: no burn finds it empty."""
    wallet.grant(10_000)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "100") as held:
            for _ in range(20):
                await held.burn("20")
                await until(lambda: float(held.left) >= 20)
            assert held.metrics().renewals >= 4

    asyncio.run(main())
    assert wallet.available == "9600"


def test_an_amount_that_is_larger_than_the_lease_is_spent_too(wallet: Wallet) -> None:
    """And what is more than all there is, is refused with what there is; the small are not kept waiting for it."""
    wallet.grant(1000)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "10") as held:
            await held.burn("600")
            outcomes = tuple(
                await asyncio.gather(
                    held.burn("401"), held.burn("1"), held.burn("300"), return_exceptions=True
                )
            )
            assert isinstance(outcomes[0], InsufficientCredits)
            assert (outcomes[0].required, outcomes[0].unit) == ("401", "credits")
            assert outcomes[1:] == (None, None)

    asyncio.run(main())
    assert wallet.available == "99"


def test_what_nobody_can_have_keeps_nobody_waiting(wallet: Wallet) -> None:
    """An amount that is more than any wallet holds is refused to who asked for it, and to no other who waits."""
    wallet.grant(100)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "10") as held:
            outcomes = await asyncio.gather(
                held.burn("9" * 40), *(held.burn("6") for _ in range(5)), return_exceptions=True
            )
            assert isinstance(outcomes[0], Refused)
            assert outcomes[1:] == [None] * 5

    asyncio.run(main())
    assert wallet.available == "70"


@pytest.mark.parametrize("said", ["1.0", "007", "0.500000000"])
def test_an_amount_is_the_same_however_it_is_written(wallet: Wallet, said: str) -> None:
    """With zeros that Scrip would refuse, too: what is spent must be settled."""
    wallet.grant(100)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "10") as held:
            await held.burn(said)
        assert (held.metrics().settled, held.metrics().refused) == (1, 0)

    asyncio.run(main())


def test_where_the_clock_stands_its_deadline_is_asked_for_once(wallet: Wallet) -> None:
    """Under the test clock Scrip's deadline does not move, and the process's own does: it asks no sooner for that."""
    wallet.grant(100)

    async def main() -> None:
        async with wallet.client() as scrip:
            scrip._settings.test_clock = PLACED
            async with lease(wallet, scrip, "10") as held:
                held._funds.half = 0
                held._wanted.set()
                await until(lambda: scrip.line.sent)
                await asyncio.sleep(0.1)
                assert len(scrip.line.sent) == 1

    asyncio.run(main())


def test_a_lease_of_a_wallet_with_less_is_of_that(wallet: Wallet) -> None:
    """And credits that come later are found by the burn that needs them."""
    wallet.grant(8)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "500") as held:
            assert held.left == "8"
            await held.burn("5")
            with pytest.raises(InsufficientCredits) as caught:
                await held.burn("4")
            assert (caught.value.required, caught.value.available) == ("4", "3")
            wallet.grant(100)
            await held.burn("4")

    asyncio.run(main())
    assert wallet.available == "99"


def test_a_lease_of_a_wallet_with_a_budget_is_of_what_that_leaves_and_says_so(wallet: Wallet) -> None:
    """Of 100 a budget leaves 8: 5 are spent and 4 more refused; another lease has nothing to be of."""
    wallet.grant(100)
    wallet.put("budgets/day", {"limit": "8", "every": "P1D"})

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "50") as held:
            assert held.left == "8"
            await held.burn("5")
            with pytest.raises(BudgetExceeded):
                await held.burn("4")
            with pytest.raises(BudgetExceeded) as caught:
                await lease(wallet, scrip, "50").__aenter__()
            assert (caught.value.budget_id, caught.value.limit) == ("day", "8")
            await held.burn("3")

    asyncio.run(main())
    assert wallet.available == "92"


def test_a_wallet_without_credits_has_no_lease(wallet: Wallet) -> None:
    async def main() -> None:
        async with wallet.client() as scrip:
            with pytest.raises(InsufficientCredits):
                await lease(wallet, scrip, "500").__aenter__()

    asyncio.run(main())


@pytest.mark.parametrize("fate", ["lost answer", "lost request", "refused connection"])
def test_a_settlement_is_repeated_until_its_answer_is_known(wallet: Wallet, fate: Fate) -> None:
    """What was filled up twice is there once; what is spent meanwhile is settled after it."""
    wallet.grant(2**20)

    async def main() -> None:
        async with wallet.client(fate, fate, "arrives", fate) as scrip:
            async with lease(wallet, scrip, "64") as held:
                for exponent in (0, 1, 2, 3, 4, 5):  # 63 of 64
                    await held.burn(str(2**exponent))
                await held.burn("64")
                await held.burn("128")
            assert held.metrics().settled == 8
            assert scrip.line.sent[0] == scrip.line.sent[1]

    asyncio.run(main())
    assert wallet.spent() == list(range(8))
    assert wallet.available == str(2**20 - 255)


@pytest.mark.parametrize("holders", [8, pytest.param(32, marks=pytest.mark.long)])
def test_many_of_one_wallet_are_exact(wallet: Wallet, holders: int) -> None:
    """All together, each of 40 credits: 32 take 1 280 of a wallet of 2 000, and the rest is given back."""
    wallet.grant(2000)

    async def holder(scrip: Any) -> None:
        async with lease(wallet, scrip, "15", every=0.05) as held:
            for _ in range(40):
                await held.burn("1")
                await asyncio.sleep(0.001)

    async def main() -> None:
        async with wallet.client() as scrip:
            await asyncio.gather(*(holder(scrip) for _ in range(holders)))

    asyncio.run(main())
    assert wallet.available == str(2000 - 40 * holders)


def test_it_settles_from_time_to_time_and_is_idle_otherwise(wallet: Wallet) -> None:
    wallet.grant(1000)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "500", every=0.01) as held:
            await held.burn("1")
            await until(lambda: held.metrics().unsettled == 0)
            sent = len(scrip.line.sent)
            await asyncio.sleep(0.1)
            assert len(scrip.line.sent) == sent == 1

    asyncio.run(main())


def test_its_deadline_is_moved_while_it_lives(wallet: Wallet) -> None:
    """Of one second: after two it is the same hold, and spends."""
    wallet.grant(1000)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "500", expires_in="PT1S") as held:
            end = time.monotonic() + 2
            while time.monotonic() < end:
                await held.burn("1")
                await asyncio.sleep(0.1)
            assert held.metrics().replaced == 0

    asyncio.run(main())
    assert {one["kind"] for one in wallet.entries("extend")} == {"extend"}


@pytest.mark.parametrize("how", ["release", "capture"])
@pytest.mark.parametrize("fate", ["arrives", "lost answer", "lost request"])
def test_what_was_spent_of_a_lease_that_is_over_is_paid_once(wallet: Wallet, how: str, fate: Fate) -> None:
    """The process slept past its deadline. Where the rest was given back, 3 are paid from another lease; where it was
    captured, all 20 are gone already. An answer was lost before it slept."""
    unit = {"precision": 6, "policy": {"lease_timeout": how}}
    answer = wallet.deployment.put("/v1/units/credits", unit)
    assert answer.status in (200, 201), answer.text
    wallet.grant(100)

    async def main() -> None:
        async with wallet.client(fate, "lost request") as scrip:
            scrip._settings.test_clock = PLACED
            async with lease(wallet, scrip, "20") as held:
                await held.burn("1")
                if fate != "arrives":
                    settling = asyncio.create_task(held._settle(renew=False))
                    await until(lambda: held.metrics().repeated)
                    settling.cancel()
                    await asyncio.wait([settling])
                await held.burn("2")
                scrip._settings.test_clock = OVER
                held._funds.deadline = held._funds.half = 0  # as long has it slept
                await held.burn("4")
                assert held.metrics().replaced == 1

    asyncio.run(main())
    assert wallet.available == ("93" if how == "release" else "76")


def test_a_key_that_may_only_burn_is_enough(wallet: Wallet) -> None:
    """Also where the lease is over: who may not read the unit is refused a decimal too much when it is settled."""
    wallet.grant(100)
    made = wallet.deployment.post("/v1/keys", {"scopes": ["burn"]})
    assert made.status == 201, made.text

    async def main() -> None:
        async with wallet.client() as scrip:
            scrip._settings.key = made.body["key"]
            async with lease(wallet, scrip, "20") as held:
                await held.burn("3")
                wallet.change(f"holds/{held._stream.name}/release", reason="a mistake")
                await held.burn("18")
                assert held.metrics().replaced == 1

    asyncio.run(main())
    assert wallet.available == "79"


def test_a_frozen_wallet_fills_no_lease_up(wallet: Wallet) -> None:
    """What it has is spent; what it has not is refused, since the wallet is frozen."""
    wallet.grant(100)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "20") as held:
            wallet.change("freeze", reason="asked")
            await held.burn("18")
            with pytest.raises(WalletFrozen):
                await held.burn("3")
            await held.burn("2")
            wallet.change("unfreeze", reason="asked")
            await held.burn("3")

    asyncio.run(main())
    assert sorted(one["amount"] for one in wallet.entries("capture")) == ["-18", "-2", "-3"]


def test_a_lease_that_cannot_be_settled_spends_no_more(wallet: Wallet, tmp_path: Path) -> None:
    """Its key was deleted. The burn is told so, and so is the end; with the key that came after, the journal is
    settled."""
    wallet.grant(2**20)

    path = tmp_path / "j"

    async def main() -> None:
        async with wallet.client() as scrip:
            held = await lease(wallet, scrip, "32", journal=path).__aenter__()
            await held.burn("32")
            scrip._settings.key = "nobody-knows-me"
            with pytest.raises(Unauthenticated):
                await held.burn("1")
            with pytest.raises(Unauthenticated):
                await held.close()
        async with wallet.client() as scrip, lease(wallet, scrip, "32", journal=path):
            pass

    asyncio.run(main())
    assert wallet.spent() == [5]


def test_closing_ends_though_nobody_answers(wallet: Wallet, tmp_path: Path) -> None:
    """What was spent is in the journal, and the next start settles it."""
    wallet.grant(2**20)
    path = tmp_path / "j"
    lost: list[Fate] = ["lost request"] * 1000

    async def main() -> None:
        async with wallet.client(*lost) as scrip:
            held = await lease(wallet, scrip, "100", journal=path, patience=0.05).__aenter__()
            await held.burn("4")
            with pytest.raises(NotReached):
                await held.close()
        assert wallet.spent() == []
        async with wallet.client() as scrip, lease(wallet, scrip, "100", journal=path) as held:
            assert wallet.spent() == [2]
            await held.burn("8")
            with pytest.raises(JournalInUse):
                await lease(wallet, scrip, "100", journal=path).__aenter__()
        async with wallet.client() as scrip, lease(wallet, scrip, "100", journal=path, fsync=True) as held:
            await held.burn("16")

    asyncio.run(main())
    assert wallet.spent() == [2, 3, 4]
    assert wallet.available == str(2**20 - 28)


def test_a_journal_that_lost_its_end_with_the_machines_power_repeats_no_place(
    wallet: Wallet, tmp_path: Path
) -> None:
    """Without ``fsync`` its last lines may be gone, though their records were settled: what is spent then is of
    another lease, and what a copy of it says again is known."""
    wallet.grant(2**20)
    path = tmp_path / "j"

    async def main() -> None:
        async with wallet.client() as scrip:
            held = await lease(wallet, scrip, "1000", journal=path).__aenter__()
            await held.burn("1")
            kept = path.read_bytes()
            await held.burn("2")
            async with held._lock:
                await held._settle(renew=True)
            held._keeper.cancel()  # type: ignore[union-attr]
            held._close_journal()
            path.write_bytes(kept)
            async with lease(wallet, scrip, "1000", journal=path) as again:
                assert again.left == "1000"
                await again.burn("4")
            path.write_bytes(kept)
            async with lease(wallet, scrip, "1000", journal=path):
                assert wallet.spent() == [0, 1, 2]

    asyncio.run(main())
    assert wallet.spent() == [0, 1, 2]


def test_an_event_loop_that_is_cancelled_settles_at_its_end(wallet: Wallet) -> None:
    """All tasks are cancelled at once, one that settles too."""
    wallet.grant(1000)

    async def main() -> None:
        async with wallet.client() as scrip:
            held = await lease(wallet, scrip, "10").__aenter__()
            await held.burn("10")
            tasks = [asyncio.create_task(held.burn("5")) for _ in range(3)]
            while not scrip.line.sent:
                await asyncio.sleep(0)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.wait(tasks)
            assert all(task.cancelled() for task in tasks)
            await held.close()

    asyncio.run(main())
    assert wallet.available == "990"


@pytest.mark.parametrize("wrong", ["0", "-1", "", "1e3"])
def test_what_is_no_amount_is_not_spent(wallet: Wallet, wrong: str) -> None:
    wallet.grant(1000)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "10") as held:
            with pytest.raises(Unsendable):
                await held.burn(wrong)
            with pytest.raises(Unsendable):
                await lease(wallet, scrip, wrong).__aenter__()
            assert held.left == "10"

    asyncio.run(main())


def test_an_amount_of_more_decimals_than_the_unit_has_is_not_spent(wallet: Wallet) -> None:
    """Such a record would be refused when it is settled. Where the key may not read the unit, it is, alone."""
    wallet.grant(1000)

    async def main() -> None:
        async with wallet.client() as scrip, lease(wallet, scrip, "10") as held:
            with pytest.raises(Unsendable):
                await held.burn("0.0000000001")
            await held.burn("0.5")
            held._step = 1
            await held.burn("0.0000000001")
            await held.burn("0.5")
        assert held.metrics().refused == 1

    asyncio.run(main())
    assert wallet.available == "999"


@pytest.mark.parametrize(
    "seed", [*range(2), *(pytest.param(n, marks=pytest.mark.long) for n in range(2, 100))]
)
def test_whatever_becomes_of_the_line_what_was_spent_is_burned_once(
    wallet: Wallet, tmp_path: Path, seed: int
) -> None:
    """Requests and answers are lost, somebody gives the lease back while it is spent, tasks give up, and the program is
    ended and starts again with its journal: every burn that returned is burned once, and none that was refused."""
    chance = random.Random(seed)
    wallet.grant(2**34)
    spent: set[int] = set()
    unknown: set[int] = set()

    async def burn(held: AsyncLease, exponent: int) -> None:
        await asyncio.sleep(chance.random() / 50)
        unknown.add(exponent)
        try:
            await held.burn(str(2**exponent))
            spent.add(exponent)
            unknown.discard(exponent)
        except InsufficientCredits:
            unknown.discard(exponent)

    async def run(exponents: range) -> None:
        fates: list[Fate] = ["arrives", "lost request", "lost answer", "refused connection"]
        lost = chance.choices(fates, (6, 2, 3, 1), k=40)
        client = wallet.client(*lost)
        made: list[AsyncLease] = []

        async def give_back() -> None:
            name = made[0]._stream.name
            wallet.deployment.move(wallet.account, f"holds/{name}/release", reason="a mistake")

        client.line._between.update({chance.randrange(1, 9): give_back for _ in range(chance.randrange(3))})
        async with (
            client as scrip,
            lease(
                wallet, scrip, str(2 ** chance.randrange(1, 20)), every=0.01, journal=tmp_path / "j"
            ) as held,
        ):
            made.append(held)
            tasks = [asyncio.create_task(burn(held, one)) for one in exponents]
            for task in chance.sample(tasks, 3):
                await asyncio.sleep(chance.random() / 50)
                task.cancel()
            await asyncio.wait(tasks)

    for first in (0, 18):  # the last two cannot be paid
        asyncio.run(run(range(first, first + 18)))
    there = set(wallet.spent())
    assert spent <= there <= spent | unknown - {34, 35}
