"""The coalescer over HTTP: every burn once, whatever is lost on the way, and whoever else writes to its stream."""

from __future__ import annotations

import asyncio
import json
import random
import string
from pathlib import Path
from typing import Any

import pytest

from scrip_client import (
    AsyncCoalescer,
    BudgetExceeded,
    InsufficientCredits,
    InvalidRequest,
    JournalInUse,
    NotFound,
    NotReached,
    PrecisionExceeded,
    Recorded,
    Refused,
    ScripError,
    Unsendable,
    WalletFrozen,
)
from tests.clients.python.wallet import Client, Fate, Wallet

LOST: list[Fate] = ["lost request"] * 1000


async def burn_powers(pages: AsyncCoalescer, exponents: range) -> list[Recorded]:
    """Burns two to each of these, all at once."""
    return await asyncio.gather(*(pages.burn(str(2**one)) for one in exponents))


async def lose(wallet: Wallet, journal: Path, amount: str, fate: Fate) -> None:
    """Burns, and hears nothing of it any more."""
    async with wallet.client(*([fate] * 1000)) as scrip:
        pages = await scrip.coalescer(wallet.account, journal=journal, patience=0.1).__aenter__()
        task = asyncio.create_task(pages.burn(amount))
        with pytest.raises(NotReached):
            await asyncio.gather(asyncio.sleep(0), pages.close())
        with pytest.raises(NotReached):
            await task


def test_what_waits_goes_in_one_page(wallet: Wallet) -> None:
    """40 burns at once: the first page has what came while it lingered; each has its own place."""
    wallet.grant(2**40)

    async def main() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account) as pages:
            made = await burn_powers(pages, range(39))
            later = await pages.burn("1", reference="again")
            metrics = pages.metrics()
        assert [one.offset for one in made] == list(range(39))
        assert (later.offset, later.amount, later.known) == (39, "1", False)
        assert (metrics.pages, metrics.burned, metrics.refused, metrics.waiting) == (2, 40, 0, 0)
        assert metrics.oldest == 0

    asyncio.run(main())
    assert len(wallet.entries("burn")) == 2
    assert wallet.available == str(2**40 - (2**39 - 1) - 1)


def test_entries_say_who_used_the_credits_and_what_for(wallet: Wallet, tmp_path: Path) -> None:
    """Of pages, and of what a lease spent. A journal is of them, too: another's records are not burned as theirs. Each
    record is found by its place."""
    wallet.grant(100)
    who: dict[str, Any] = {"member": "ada", "tags": {"team": "search"}}

    async def main() -> None:
        async with wallet.client() as scrip:
            async with scrip.coalescer(wallet.account, journal=tmp_path / "j", **who) as pages:
                made = await pages.burn("1", reference="job-1")
                found = await scrip.find_record(wallet.account, stream=made.stream, offset=made.offset)
                assert (found.record.reference, found.record.amount) == ("job-1", "1")
            async with scrip.lease(wallet.account, renew="10", **who) as lease:
                await lease.burn("2")
            with pytest.raises(ValueError, match="not of"):
                await scrip.coalescer(wallet.account, journal=tmp_path / "j").__aenter__()

    asyncio.run(main())
    (page,), (capture,) = wallet.entries("burn"), wallet.entries("capture")
    assert (page["member"], page["tags"], capture["member"], capture["tags"]) == (
        ("ada", {"team": "search"}) * 2
    )


def test_who_cannot_be_paid_is_told_alone(wallet: Wallet) -> None:
    """Of 10: 4, then 7 cannot be paid, then 6."""
    wallet.grant(10)

    async def main() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account) as pages:
            first, second, third = await asyncio.gather(
                *(pages.burn(amount) for amount in ("4", "7", "6")), return_exceptions=True
            )
            assert pages.metrics().refused == 1
        assert isinstance(first, Recorded)
        assert isinstance(third, Recorded)
        assert isinstance(second, InsufficientCredits)
        assert (second.code, second.status, second.required, second.available) == (
            "insufficient_credits", 402, "7", "0",
        )  # fmt: skip

    asyncio.run(main())
    assert wallet.available == "0"


def test_who_is_past_a_budget_is_told_so_though_the_answer_is_lost(wallet: Wallet) -> None:
    """Of a budget of 5 a day: 4, then 2 are past it, then 1."""
    wallet.grant(10)
    wallet.put("budgets/day", {"limit": "5", "every": "P1D"})

    async def main() -> None:
        async with wallet.client("lost answer") as scrip, scrip.coalescer(wallet.account) as pages:
            found = await asyncio.gather(*map(pages.burn, ("4", "2", "1")), return_exceptions=True)
            assert pages.metrics().repeated == 1
        assert isinstance(found[1], BudgetExceeded)
        assert (found[1].status, found[1].unit) == (402, "credits")
        assert [one.amount for one in found if isinstance(one, Recorded)] == ["4", "1"]

    asyncio.run(main())
    assert wallet.available == "5"


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"amount": "0.1234567"}, PrecisionExceeded),
        ({"meter": "nothing", "quantity": 1}, NotFound),
        ({"meter": "tokens", "quantity": "-1"}, InvalidRequest),
        ({"amount": "1" + "0" * 39}, Refused),
    ],
)
def test_a_record_that_cannot_be_read_is_told_alone(
    wallet: Wallet, wrong: dict[str, Any], kind: type[ScripError]
) -> None:
    """Scrip refuses its page before any offset is used; the others of it are burned at their places."""
    wallet.grant(1000)
    answer = wallet.deployment.put("/v1/rates/tokens", {"price": {"model": "per_unit", "credits": "2"}})
    assert answer.status in (200, 201), answer.text

    async def main() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account) as pages:
            before, bad, after = await asyncio.gather(
                pages.burn("1"),
                pages.burn(**wrong),
                pages.burn(meter="tokens", quantity=3),
                return_exceptions=True,
            )
            assert isinstance(bad, kind)
            assert isinstance(before, Recorded)
            assert isinstance(after, Recorded)
            assert (before.offset, after.offset, after.amount) == (0, 2, "6")

    asyncio.run(main())
    assert wallet.available == "993"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"amount": 2},
        {"amount": "0"},
        {"amount": "2", "meter": "tokens", "quantity": 1},
        {"meter": "tokens"},
        {"quantity": 1},
        {"amount": "2", "dimensions": {"model": "x"}},
        {"amount": "2", "reference": ""},
        {"amount": "2", "reference": "x" * 65},
        {"amount": "2", "reference": 7},
        {"amount": "2", "reference": "half of \ud83d"},
        {"meter": "tokens", "quantity": 1, "dimensions": {"model": object()}},
        {"meter": "tokens", "quantity": 1, "dimensions": {"model": float("nan")}},
    ],
)
def test_what_is_no_record_is_not_sent(wallet: Wallet, wrong: dict[str, Any]) -> None:
    async def main() -> list[bytes]:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account) as pages:
            with pytest.raises(Unsendable):
                await pages.burn(**wrong)
            return scrip.line.sent

    assert asyncio.run(main()) == []


@pytest.mark.parametrize("fate", ["lost answer", "lost request", "refused connection"])
def test_a_page_is_repeated_until_its_answer_is_known(wallet: Wallet, fate: Fate) -> None:
    """The very page, three times: it is burned once, and every caller is told."""
    wallet.grant(2**40)

    async def main() -> None:
        async with wallet.client(fate, fate) as scrip, scrip.coalescer(wallet.account) as pages:
            made = await burn_powers(pages, range(20))
            assert scrip.line.sent[0] == scrip.line.sent[1] == scrip.line.sent[2]
            assert all(one.known == (fate == "lost answer") for one in made)
            assert [one.amount for one in made] == [str(2**n) for n in range(20)]
            assert pages.metrics().repeated == 2

    asyncio.run(main())
    assert wallet.spent() == list(range(20))


def test_two_of_one_stream_lose_nothing_and_burn_nothing_twice(wallet: Wallet) -> None:
    """As where a process is copied while it runs. Whoever finds that its places are taken goes on with a stream of its
    own; what was refused to the other is none of its own refusals."""
    wallet.grant(2**60)

    async def sender(scrip: Client, exponents: range) -> int:
        async with scrip, scrip.coalescer(wallet.account, page=3) as pages:
            pages._stream.name = "both"
            refused = asyncio.create_task(pages.burn(str(2**62)))
            for first in range(exponents.start, exponents.stop, 4):
                await burn_powers(pages, range(first, min(first + 4, exponents.stop)))
            with pytest.raises(InsufficientCredits):
                await refused
            return pages.metrics().moved

    async def main() -> tuple[int, int]:
        return await asyncio.gather(
            sender(wallet.client(), range(20)),
            sender(wallet.client("arrives", "lost request"), range(20, 40)),
        )

    assert sum(asyncio.run(main())) > 0
    assert wallet.spent() == list(range(40))


def test_two_copies_of_a_journal_send_its_records_once(wallet: Wallet, tmp_path: Path) -> None:
    """And what each burns then has a stream of its own."""
    wallet.grant(2**20)

    async def burn(name: str, exponent: int) -> None:
        async with (
            wallet.client() as scrip,
            scrip.coalescer(wallet.account, journal=tmp_path / name) as pages,
        ):
            await pages.burn(str(2**exponent))

    asyncio.run(lose(wallet, tmp_path / "one", "1", "lost answer"))
    (tmp_path / "two").write_bytes((tmp_path / "one").read_bytes())
    asyncio.run(burn("one", 1))
    asyncio.run(burn("two", 2))
    assert wallet.spent() == [0, 1, 2]


def test_a_page_as_a_whole_is_refused_to_all_of_it_and_its_places_stay_empty(wallet: Wallet) -> None:
    wallet.grant(2**10)

    async def main() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account) as pages:
            await pages.burn("1")
            wallet.change("freeze", reason="asked")
            for outcome in await asyncio.gather(pages.burn("2"), pages.burn("4"), return_exceptions=True):
                assert isinstance(outcome, WalletFrozen)
            wallet.change("unfreeze", reason="asked")
            assert (await pages.burn("8")).offset == 3
            assert pages.metrics().refused == 2

    asyncio.run(main())
    assert wallet.spent() == [0, 3]


def test_a_page_that_was_burned_is_not_refused_by_what_came_later(wallet: Wallet) -> None:
    """Its answer is lost, the wallet is frozen, and the next attempt is refused: it was burned."""
    wallet.grant(2**10)

    async def freeze() -> None:
        wallet.change("freeze", reason="asked")

    async def main() -> None:
        async with (
            wallet.client("lost answer", between={2: freeze}) as scrip,
            scrip.coalescer(wallet.account) as pages,
        ):
            made = await burn_powers(pages, range(3))
            assert [one.amount for one in made] == ["1", "2", "4"]
            assert all(one.known for one in made)

    asyncio.run(main())
    assert wallet.spent() == [0, 1, 2]


def test_a_page_that_is_too_large_is_halved(wallet: Wallet) -> None:
    """Its row would have more than 300 KB: 1 000 records of 550 characters of anything."""
    wallet.grant(10**6)
    answer = wallet.deployment.put("/v1/rates/tokens", {"price": {"model": "per_unit", "credits": "1"}})
    assert answer.status in (200, 201), answer.text
    letters = string.ascii_letters + string.digits
    chance = random.Random(1)

    async def main() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account, page=1000) as pages:
            much = [{str(n): "".join(chance.choices(letters, k=100)) for n in range(5)} for _ in range(1000)]
            made = await asyncio.gather(
                *(pages.burn(meter="tokens", quantity=1, dimensions=one) for one in much)
            )
            assert [one.offset for one in made] == list(range(1000))
            assert any(len(json.loads(one)["records"]) > 500 for one in scrip.line.sent)

    asyncio.run(main())
    assert wallet.available == str(10**6 - 1000)


def test_who_gives_up_before_it_was_sent_is_not_burned(wallet: Wallet) -> None:
    """One that is under way is: whoever gave up cannot know."""
    wallet.grant(2**10)

    async def main() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account, linger=0) as pages:
            under_way = asyncio.create_task(pages.burn("1"))
            while not scrip.line.sent:
                await asyncio.sleep(0)
            waiting = [asyncio.create_task(pages.burn(amount)) for amount in ("2", "4", "8")]
            await asyncio.sleep(0)
            for task in (under_way, waiting[0], waiting[1]):
                task.cancel()
            assert (await waiting[2]).offset == 3

    asyncio.run(main())
    assert wallet.spent() == [0, 3]


def test_no_more_wait_than_there_is_room_for(wallet: Wallet) -> None:
    wallet.grant(2**20)

    async def main() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account, room=3) as pages:
            tasks = [asyncio.create_task(pages.burn(str(2**n))) for n in range(12)]
            most = 0
            while not all(task.done() for task in tasks):
                most = max(most, pages.metrics().waiting)
                await asyncio.sleep(0)
            assert most == 3

    asyncio.run(main())
    assert wallet.spent() == list(range(12))


def test_closing_sends_what_waits(wallet: Wallet) -> None:
    """And takes no more."""
    wallet.grant(2**20)

    async def main() -> None:
        async with wallet.client("lost answer") as scrip:
            pages = await scrip.coalescer(wallet.account, page=4).__aenter__()
            tasks = [asyncio.create_task(pages.burn(str(2**n))) for n in range(10)]
            await asyncio.sleep(0)
            await pages.close()
            assert [task.result().offset for task in tasks] == list(range(10))
            with pytest.raises(RuntimeError, match="closed"):
                await pages.burn("1")
            await pages.close()

    asyncio.run(main())
    assert wallet.spent() == list(range(10))


@pytest.mark.parametrize("how", ["patience", "cancelled"])
def test_closing_ends_though_nobody_answers(wallet: Wallet, how: str) -> None:
    """Who waits is told so; nothing was burned here, since nothing arrived."""
    wallet.grant(10)

    async def main() -> None:
        async with wallet.client(*LOST) as scrip:
            patience = 0.1 if how == "patience" else 30
            pages = await scrip.coalescer(wallet.account, patience=patience).__aenter__()
            task = asyncio.create_task(pages.burn("1"))
            await asyncio.sleep(0)
            if how == "patience":
                with pytest.raises(NotReached) as caught:
                    await pages.close()
                assert caught.value.sent
            else:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(pages.close(), 0.1)
            with pytest.raises(NotReached):
                await task

    asyncio.run(main())
    assert wallet.spent() == []


def test_an_event_loop_that_is_cancelled_loses_nothing_that_was_sent(wallet: Wallet) -> None:
    """All tasks are cancelled at once, the sender's own too, while a page is under way: what was sent is known in the
    end, what was not is not burned."""
    wallet.grant(2**10)

    async def main() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account, linger=0) as pages:
            await pages.burn("16")
            tasks = [asyncio.create_task(pages.burn("1")), asyncio.create_task(pages.burn("2"))]
            while len(scrip.line.sent) < 2:
                await asyncio.sleep(0)
            tasks.append(asyncio.create_task(pages.burn("4")))
            await asyncio.sleep(0)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.wait(tasks)
            assert (await pages.burn("8")).amount == "8"

    asyncio.run(main())
    assert wallet.spent() == [0, 1, 3, 4]


def test_a_journal_has_nothing_to_send_where_all_is_answered(wallet: Wallet, tmp_path: Path) -> None:
    """One process has it at a time, and it is of one wallet."""
    wallet.grant(2**20)

    async def main(exponents: range) -> None:
        async with (
            wallet.client() as scrip,
            scrip.coalescer(wallet.account, journal=tmp_path / "j", fsync=True) as pages,
        ):
            assert scrip.line.sent == []
            await burn_powers(pages, exponents)
            with pytest.raises(JournalInUse):
                await scrip.coalescer(wallet.account, journal=tmp_path / "j").__aenter__()
            with pytest.raises(ValueError, match="not of"):
                await scrip.coalescer("else", journal=other).__aenter__()

    other = tmp_path / "other"
    other.write_bytes(b"")

    async def make() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account, journal=other):
            pass

    asyncio.run(make())
    asyncio.run(main(range(5)))
    asyncio.run(main(range(5, 9)))
    assert wallet.spent() == list(range(9))


def test_a_journal_that_lost_its_end_with_the_machines_power_repeats_no_place(
    wallet: Wallet, tmp_path: Path
) -> None:
    """Without ``fsync`` its last lines may be gone, though their records were burned: whoever goes on comes behind."""
    wallet.grant(2**20)
    path = tmp_path / "j"

    async def main(exponents: range) -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account, journal=path) as pages:
            await burn_powers(pages, exponents)

    asyncio.run(main(range(2)))
    kept = path.read_bytes()
    asyncio.run(main(range(2, 5)))
    path.write_bytes(kept)
    asyncio.run(main(range(5, 9)))
    assert wallet.spent() == list(range(9))


def test_a_journal_whose_records_are_refused_stays_as_it_is(wallet: Wallet, tmp_path: Path) -> None:
    """A person decides: here the wallet is frozen when the program starts again, and later it is not."""
    wallet.grant(2**20)
    path = tmp_path / "j"

    async def again() -> None:
        async with wallet.client() as scrip, scrip.coalescer(wallet.account, journal=path):
            pass

    asyncio.run(lose(wallet, path, "4", "lost request"))
    wallet.change("freeze", reason="asked")
    with pytest.raises(WalletFrozen):
        asyncio.run(again())
    wallet.change("unfreeze", reason="asked")
    asyncio.run(again())
    asyncio.run(again())
    assert wallet.spent() == [2]


@pytest.mark.parametrize(
    "seed", [*range(2), *(pytest.param(n, marks=pytest.mark.long) for n in range(2, 100))]
)
def test_whatever_becomes_of_the_line_everybody_is_told_the_truth(
    wallet: Wallet, tmp_path: Path, seed: int
) -> None:
    """Requests and answers are lost, the wallet is frozen and thawed between attempts, callers give up, and the program
    is ended and starts again with its journal: who was told that it burned has, who was told otherwise has not, and
    nothing is burned twice."""
    chance = random.Random(seed)
    wallet.grant(2**34)
    told: dict[int, str] = {}
    frozen = False

    async def freeze_or_thaw() -> None:
        nonlocal frozen
        wallet.change("unfreeze" if frozen else "freeze", reason="asked")
        frozen = not frozen

    async def burn(pages: AsyncCoalescer, exponent: int) -> None:
        await asyncio.sleep(chance.random() / 100)
        told[exponent] = "nothing"
        try:
            await pages.burn(str(2**exponent))
            told[exponent] = "burned"
        except (WalletFrozen, InsufficientCredits):
            told[exponent] = "refused"

    async def run(exponents: range) -> None:
        fates: list[Fate] = ["arrives", "lost request", "lost answer", "refused connection"]
        lost = chance.choices(fates, (6, 2, 3, 1), k=30)
        changes = {chance.randrange(1, 12): freeze_or_thaw for _ in range(chance.randrange(3))}
        async with (
            wallet.client(*lost, between=changes) as scrip,
            scrip.coalescer(wallet.account, journal=tmp_path / "j", page=chance.randrange(1, 9)) as pages,
        ):
            tasks = [asyncio.create_task(burn(pages, one)) for one in exponents]
            for task in chance.sample(tasks, 3):
                await asyncio.sleep(chance.random() / 100)
                task.cancel()
            await asyncio.wait(tasks)

    for first in (0, 18):  # the last two cannot be paid
        if frozen:
            asyncio.run(freeze_or_thaw())
        asyncio.run(run(range(first, first + 18)))
    spent = set(wallet.spent())
    assert {one for one, what in told.items() if what == "burned"} <= spent
    assert not {one for one, what in told.items() if what == "refused"} & spent
    assert spent <= told.keys() - {34, 35}
