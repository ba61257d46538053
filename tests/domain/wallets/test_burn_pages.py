"""Laws 1, 3, 7 and 8 of pages: a page does what its records would do as single burns, one after the other."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import InsufficientCredits
from scrip.domain.credits.ids import page_entry_id
from scrip.domain.credits.records import numbered
from scrip.domain.credits.units import Policy, Stacking
from scrip.domain.wallets import burn_pages, streams
from scrip.domain.wallets.burn_pages import BurnPage
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.record_sums import RecordCost
from tests.domain.builders import steady
from tests.domain.memory import Vault, hoard

LOTS = "5; 7 cost=700USD exp=+1d; 3 scope=api; 9 prio=1 cost=100USD; 4 scope=api,gpu cost=33USD exp=+2d"


def book(
    vault: Vault,
    records: list[RecordCost | None],
    stream: str = "s",
    first: int | None = None,
    since: int | None = None,
) -> list[Entry]:
    """Books the records that the stream goes on with, in as many entries as it takes."""
    made: list[Entry] = []
    done = 0

    def act(draft: Draft, now: int) -> Entry:
        page = BurnPage(stream, first or streams.next_offset(draft, stream), records[done:], since)
        entry_id = page_entry_id(vault.account, vault.unit, stream, page.first)
        cause = replace(vault.cause("page"), entry_id=entry_id)
        return burn_pages.burn(draft, page, vault.policy, now, cause)

    while done < len(records):
        made.append(vault.carry_out(act))
        facts = made[-1].extra["page"]
        done += facts["next"] - facts["first"]
    return made


def told(entries: list[Entry]) -> list[int | None]:
    """What each record burned; None of one that was refused."""
    found = [one.record for entry in entries for one in numbered(entry)]
    return [one.steps if one and one.paid else None for one in found]


asked = st.builds(
    lambda exact, meter: RecordCost(exact, "r", meter, Fraction(1), {}, 1),
    st.one_of(st.integers(0, 12), st.fractions(min_value=0, max_value=6, max_denominator=7)),
    st.sampled_from(["api", "gpu"]),
) | st.builds(lambda steps: RecordCost(steps, "r"), st.integers(1, 12))


@settings(steady, max_examples=150)
@given(
    st.lists(asked, min_size=1, max_size=12),
    st.sampled_from(["free", "promotional_first", "paid_first"]),
    st.sampled_from([0, 10]),
)
def test_a_page_burns_of_every_record_what_a_burn_of_its_own_would(
    records: list[RecordCost], stacking: Stacking, overdraft: int
) -> None:
    """Where all can be paid they are paid as one sum: which may even pay one that would have been refused by itself,
    since credits that only one meter can use are kept for it."""
    policy = Policy(stacking=stacking, overdraft_limit=overdraft)
    single, paged = Vault(policy), Vault(policy)
    single.grant(LOTS)
    paged.grant(LOTS)
    burned: list[int | None] = []
    for one in records:
        try:
            if one.meter is None:
                burned.append(-single.burn(int(one.exact)).amount)
            else:
                burned.append(-single.use(Fraction(one.exact), one.meter).amount)
        except InsufficientCredits:
            burned.append(None)
    entries = book(paged, list(records))
    found = told(entries)
    assert found == burned or None not in found
    assert sum(-one.amount for one in entries) == sum(one or 0 for one in found)
    if found == burned:
        assert paged.wallet.totals.total == single.wallet.totals.total
    paged.check()


def test_four_of_ten_then_seven_then_six() -> None:
    vault = Vault()
    vault.grant("10")
    entries = book(vault, [RecordCost(steps, f"r-{steps}") for steps in (4, 7, 6)])
    assert told(entries) == [4, None, 6]
    assert entries[0].extra["page"] | {"records": ""} == {
        "stream": "s",
        "first": 0,
        "next": 3,
        "records": "",
        "refused": 1,
    }


def test_the_draws_of_a_page_are_those_of_the_sum() -> None:
    """30 of the first lot and 15 of the second, whose 15 of 45 credits are worth 100 of 300 cents (law 8)."""
    vault = Vault()
    vault.grant("30 prio=1; 45 cost=300USD")
    (entry,) = book(vault, [RecordCost(15, f"r-{number}") for number in range(3)])
    assert [(one.lot, one.amount, one.value and one.value.amount) for one in entry.draws] == [
        (1, 30, None),
        (2, 15, 100),
    ]


def test_two_streams_count_for_themselves() -> None:
    vault = Vault()
    vault.grant("10")
    book(vault, [RecordCost(1, "a"), None], "one")
    (entry,) = book(vault, [RecordCost(1, "b")], "two")
    assert entry.extra["page"]["first"] == 0
    assert [vault.sidecars[streams.KIND, name] for name in ("one", "two")] == [{"next": 2}, {"next": 1}]


def test_a_page_over_more_lots_than_fit_is_several_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 lots in ten pages of 20, where a commit has 12 items: each entry goes on where the one before ended."""
    vault = Vault(checked=False)
    vault.grant("; ".join(f"1 prio={number % 90}" for number in range(200)))
    monkeypatch.setattr(limits, "COMMIT_ITEMS", 14)
    entries = book(vault, [RecordCost(2, f"r-{number}") for number in range(100)])
    assert len(entries) > 1
    assert told(entries) == [2] * 100
    assert [entry.extra["page"]["first"] for entry in entries[1:]] == [
        entry.extra["page"]["next"] for entry in entries[:-1]
    ]
    vault.check()


def test_a_record_of_more_lots_than_a_commit_can_hold_is_refused_alone() -> None:
    """2 500 lots of 1, 20 to an item: nobody could burn 2 400 of them at once. What comes after it goes on."""
    made = book(hoard(2500), [RecordCost(3, "a"), RecordCost(2400, "b"), RecordCost(5, "c")])
    assert told(made) == [3, None, 5]


@pytest.mark.parametrize(
    ("steps", "kinds"),
    [
        ([20, 5], ["expiry", "burn"]),
        ([1, 20, 5], ["expiry", "burn", "burn"]),
        ([1, 60, 5], ["expiry", "burn", "burn"]),
    ],
    ids=["the first record", "a later one", "one that fits nowhere"],
)
def test_what_does_not_fit_beside_what_is_due_waits_for_the_next_commit(
    monkeypatch: pytest.MonkeyPatch, steps: list[int], kinds: list[str]
) -> None:
    """A lot ends first, and a commit has 14 items: of 200 lots of 1 in pages 20 fit alone, and 60 do not at all."""
    made = Vault(checked=False)
    made.grant("; ".join(f"1 prio={number % 90}" for number in range(200)))
    made.grant("5 exp=+1h prio=95")
    made.wait("2h")
    monkeypatch.setattr(limits, "COMMIT_ITEMS", 14)
    entries = book(made, [RecordCost(one, f"r-{one}") for one in steps])
    assert told(entries) == [None if one == 60 else one for one in steps]
    assert [one.kind for one in made.entries[201:]] == kinds
    assert made.look().available == 200 - sum(one for one in steps if one != 60)
    made.check()
