"""Laws 1, 3, 6 and 8 of leases, over wallets of many lots: what was settled, what is held and what is left add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import InvalidRequest, PolicyViolation, Refusal
from scrip.domain.credits.ids import hold_id, page_entry_id
from scrip.domain.credits.records import numbered
from scrip.domain.credits.units import LeaseTimeout, Policy
from scrip.domain.wallets import holds, leases
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold
from scrip.domain.wallets.leases import Settlement
from scrip.domain.wallets.record_sums import RecordCost
from tests.domain.builders import START, steady
from tests.domain.memory import Vault, hoard

HOUR, GRACE = 3_600_000, 30_000


def placed(vault: Vault, amount: int, meter: str | None = None) -> Hold:
    """A lease of an hour."""
    terms = leases.terms(GRACE, vault.policy)
    wanted = Hold(0, amount, vault.now + HOUR, "refuse", (), meter, lease=terms)
    entry = vault.carry_out(
        lambda draft, now: holds.place(draft, wanted, vault.policy, now, vault.cause("hold"))
    )
    return Hold.from_json(entry.extra["hold"])


def settled(vault: Vault, hold: Hold, first: int, steps: list[int], **more: Any) -> Entry | None:
    records = [RecordCost(one, f"r-{one}") for one in steps]

    def act(draft: Draft, now: int) -> Entry | None:
        command = Settlement(hold.seq, first, records, vault.policy, **more)
        return leases.settle(draft, command, now, cause).entry

    def cause(offset: int) -> Cause:
        stream = hold_id(vault.account, vault.unit, hold.seq)
        entry_id = page_entry_id(vault.account, vault.unit, stream, offset)
        return replace(vault.cause("settle"), entry_id=entry_id)

    return vault.carry_out_if_any(act)


def present(vault: Vault, hold: Hold) -> Hold:
    return Hold.from_json(vault.sidecars[holds.KIND, hold.name])


def test_a_lease_keeps_no_more_draws_than_it_holds() -> None:
    """40 from two lots; 12 and 10 are settled and filled up: it has taken 62 in all and holds 40, of the later lots."""
    vault = Vault()
    vault.grant("20 prio=1; 30 prio=2 cost=300USD; 50 prio=3")
    hold = placed(vault, 40)
    entry = settled(vault, hold, 0, [12, 10], renew=40)
    assert entry
    assert [(one.lot, one.amount) for one in entry.draws] == [(1, 20), (2, 2)]
    after = present(vault, hold)
    assert (after.amount, after.captured, after.held) == (62, 22, 40)
    assert after.draws == [(2, 28), (3, 12)]
    assert vault.wallet.totals.held == 40
    vault.check()


def test_a_lease_of_which_a_part_went_back_is_filled_up_from_where_it_stands() -> None:
    """40 of two lots, 15 given back by a release that died half-way, and burned: 20 and 5 are held, 15 of the third."""
    vault = Vault()
    vault.grant("20 prio=1; 30 prio=2 cost=300USD; 50 prio=3")
    hold = placed(vault, 40)

    def half(draft: Draft, now: int) -> Entry:
        holds.give_back(draft, holds.find(draft, hold.seq), 15, now, vault.cause("release"), {})
        return draft.entries[-1]

    vault.carry_out(half)
    vault.burn(25)
    assert settled(vault, hold, 0, [], renew=40)
    after = present(vault, hold)
    assert after.left == [(None, 1, 20), (None, 2, 5), (None, 3, 15)]
    assert [vault.lot(seq).held for seq in (1, 2, 3)] == [20, 5, 15]
    entry = settled(vault, hold, 0, [30, 10])
    assert entry
    assert [(one.lot, one.amount) for one in entry.draws] == [(1, 20), (2, 5), (3, 15)]
    vault.check()


moves = st.one_of(
    st.tuples(st.just("settle"), st.lists(st.integers(1, 9), max_size=5), st.sampled_from([None, 0, 15, 30])),
    st.tuples(st.just("burn"), st.integers(1, 12), st.none()),
    st.tuples(st.just("grant"), st.integers(1, 20), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 40), st.none()),
    st.tuples(st.just("release"), st.none(), st.none()),
)


@settings(steady, max_examples=120)
@given(st.lists(moves, max_size=15), st.sampled_from(["release", "capture"]))
def test_whatever_happens_a_lease_spends_no_more_than_was_set_aside_for_it(
    history: list[tuple[str, Any, Any]], timeout: LeaseTimeout
) -> None:
    vault = Vault(Policy(lease_timeout=timeout))
    vault.grant("20 exp=+1h; 30 cost=300USD exp=+3h; 50 cost=99USD")
    hold, booked = placed(vault, 25), 0
    for what, one, more in history:
        before = present(vault, hold)
        try:
            if what == "settle":
                entry = settled(vault, hold, before.lease["next"] if before.lease else 0, one, renew=more)
                if entry and entry.records:
                    told = [each.record for each in numbered(entry)]
                    spent = sum(each.steps for each in told if each and each.paid)
                    assert spent == -entry.amount <= before.held
                    booked += spent
            elif what == "burn":
                vault.burn(one)
            elif what == "grant":
                vault.grant(f"{one} cost={one * 7}USD")
            elif what == "release":
                vault.release(hold.seq)
            else:
                vault.now += one * 300_000
                vault.sweep()
        except Refusal:
            continue
        vault.check()
        after = present(vault, hold)
        assert after.held == vault.wallet.totals.held
        assert sum(steps for _, _, steps in after.left) == after.held
        assert after.captured == booked or (timeout == "capture" and after.status == "captured")
    vault.now = START + 20 * HOUR
    vault.sweep()
    assert present(vault, hold).held == vault.wallet.totals.held == 0
    vault.check()


@pytest.mark.parametrize(
    ("until", "fits"), [(0, False), (1, True), (7 * 24 * HOUR, True), (7 * 24 * HOUR + 1, False)]
)
def test_a_lease_lasts_seven_days_from_now_at_most(until: int, fits: bool) -> None:
    vault = Vault()
    vault.grant("20")
    hold = placed(vault, 10)
    if fits:
        assert settled(vault, hold, 0, [], expires_at=vault.now + until)
        assert present(vault, hold).expires_at == vault.now + until
        return
    with pytest.raises(InvalidRequest) as refused:
        settled(vault, hold, 0, [3], expires_at=vault.now + until)
    assert [one["field"] for one in refused.value.facts["errors"]] == ["expires_in"]
    assert present(vault, hold).held == 10


def test_a_record_of_more_lots_than_a_commit_can_hold_is_refused_alone() -> None:
    """2 500 lots of 1, 20 to an item: no commit spends 2 300 of them at once. What comes after it goes on."""
    vault = hoard(2500)
    hold = placed(vault, 100)
    while present(vault, hold).held < 2400:
        assert settled(vault, hold, 0, [], renew=2400)
    entries = [settled(vault, hold, first, [3, 2300, 5][first:]) for first in (0, 1)]
    found = [one.record for entry in entries if entry for one in numbered(entry)]
    assert [(one.steps, one.paid) for one in found if one] == [(3, True), (2300, False), (5, True)]


def test_a_lease_of_hundreds_of_lots_that_is_captured_when_its_time_is_over_is_so_a_part_at_a_time() -> None:
    """2 400 lots of 1: each of them is burned once, whatever the number of commits, and 100 are left."""
    vault = hoard(2500, lease_timeout="capture")
    hold = placed(vault, 100)
    while present(vault, hold).held < 2400:
        assert settled(vault, hold, 0, [], renew=2400)
    before = len(vault.entries)
    vault.now += 2 * HOUR
    vault.sweep()
    captures = [one for one in vault.entries[before:] if one.kind == "capture"]
    assert len(captures) > 1
    assert sum(-one.amount for one in captures) == 2400
    assert len({draw.lot for one in captures for draw in one.draws}) == 2400
    after = present(vault, hold)
    assert (after.status, after.captured, after.held) == ("captured", 2400, 0)
    assert (vault.wallet.totals.available, vault.wallet.totals.held) == (100, 0)


def test_a_lease_of_one_meter_settles_no_record_of_another() -> None:
    vault = Vault()
    vault.grant("20")
    hold = placed(vault, 10, "api")
    wanted = Settlement(hold.seq, 0, [RecordCost(3, "r-1", "gpu")], vault.policy)
    with pytest.raises(PolicyViolation, match="for api alone") as refused:
        vault.carry_out_if_any(
            lambda draft, now: leases.settle(draft, wanted, now, lambda _: vault.cause("settle")).entry
        )
    assert refused.value.facts["policy"] == "hold_meter"
    assert present(vault, hold).held == 10


def test_a_lease_that_cannot_be_filled_up_beside_what_it_settles_keeps_what_it_has() -> None:
    """Of 100 lots of 1 it settles 3; 2 303 more fit into no commit. It is asked again, and then takes what fits."""
    vault = hoard(2500)
    hold = placed(vault, 100)
    entry = settled(vault, hold, 0, [3], renew=2400)
    assert entry
    assert (entry.kind, vault.wallet.version) == ("capture", entry.seq)
    assert present(vault, hold).held == vault.wallet.totals.held == 97
    assert vault.wallet.totals.available == 2400
    assert settled(vault, hold, 1, [], renew=2400)
    assert present(vault, hold).held > 97
    vault.check()
