"""The laws as a check that anybody can run: each kind of tampering is found and named (laws 1, 2, 4, 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Draw, Entry, Totals
from scrip.domain.credits.lots import Lot, Money
from scrip.domain.verification.checks import StoredLots, check_base, check_links, check_wallet
from scrip.domain.wallets import repayments
from scrip.domain.wallets.funds import Funds
from scrip.domain.wallets.wallet import Wallet
from tests.domain.memory import Vault, vault


@pytest.fixture
def made() -> Vault:
    """Seven entries: two grants and a pending one, a burn, an expiry, a clawback, a burn."""
    made = vault("100 cost=1000USD prio=60; 50 exp=+1h; 20 from=+9d")
    made.burn(30)
    made.wait("2h")
    made.burn(10)
    made.pay("p", "40 cost=80USD")
    made.pay("p", "40 cost=80USD", clawed=20, refunded=40)
    return made


def said(made: Vault) -> list[str]:
    return [finding.what for finding in made.findings()]


def test_an_honest_wallet_has_no_findings(made: Vault) -> None:
    assert [entry.kind for entry in made.entries] == [
        "grant", "grant", "grant", "burn", "expiry", "burn", "grant", "clawback",
    ]  # fmt: skip
    assert said(made) == []


def test_an_empty_wallet_has_no_findings() -> None:
    assert list(check_wallet(Wallet("acme", "credits", "lago"), {}, StoredLots(), {})) == []


def tamper(made: Vault, seq: int, **changes: Any) -> list[str]:
    """What an audit says after entry ``seq`` was changed so."""
    made.entries[seq - 1] = replace(made.entries[seq - 1], **changes)
    return said(made)


def burned(entry: Entry, amount: int, value: int) -> tuple[Draw, ...]:
    return (entry.draws[0]._replace(amount=amount, value=Money(value, "USD")), *entry.draws[1:])


def test_a_changed_byte_is_found_by_the_entry_that_follows(made: Vault) -> None:
    """Its own row has its hash beside it, and the store compares the two."""
    assert tamper(made, 4, status="actiwe") == ["entry 5 does not follow the hash of the entry before it"]


def test_a_changed_last_entry_is_found_by_the_wallets_head(made: Vault) -> None:
    assert tamper(made, 8, status="actiwe") == ["the wallet's head is not the hash of its last entry"]


def test_a_missing_entry_is_named_and_those_after_it_are_still_checked(made: Vault) -> None:
    entries = {entry.seq: entry for entry in made.entries if entry.seq != 4}
    findings = list(check_wallet(made.wallet, entries, made.stored_lots(), made.sidecars))
    assert (findings[0].what, findings[0].seq) == ("entry 4 is missing", 4)
    assert "entry 5 does not follow the hash of the entry before it" not in [found.what for found in findings]
    assert "lot 2 has 0 left, its entries say 30" in [found.what for found in findings]


def test_a_missing_last_entry_is_named(made: Vault) -> None:
    entries = {entry.seq: entry for entry in made.entries[:-1]}
    findings = [found.what for found in check_wallet(made.wallet, entries, made.stored_lots(), made.sidecars)]
    assert findings[0] == "entry 8 is missing"
    assert "the wallet's head is not the hash of its last entry" in findings


def test_two_entries_that_changed_places_are_found(made: Vault) -> None:
    first, second = made.entries[0], made.entries[1]
    made.entries[:2] = [replace(second, seq=1), replace(first, seq=2)]
    assert "entry 1 does not begin with the totals of the entry before it" in said(made)


def test_totals_that_do_not_continue_are_found(made: Vault) -> None:
    assert "entry 4 does not begin with the totals of the entry before it" in tamper(
        made, 4, before=Totals(available=151, pending=20, paid=100)
    )


def test_an_amount_that_is_not_the_change_is_found(made: Vault) -> None:
    assert "entry 4 has an amount that is not the change of the total" in tamper(made, 4, amount=-29)


def test_an_entry_before_its_time_is_found(made: Vault) -> None:
    assert "entry 6 is earlier than the entry before it" in tamper(made, 6, at=made.entries[4].at - 1)


def recorded(made: Vault, *instants: int | None) -> list[str]:
    """What an audit says of the last entries, recorded so many milliseconds after the last one's instant."""
    last = made.entries[-1].at
    for seq, instant in enumerate(instants, len(made.entries) - len(instants)):
        entry = replace(made.entries[seq], recorded_at=None if instant is None else last + instant)
        if seq:
            entry = replace(entry, previous_hash=made.entries[seq - 1].hash())
        made.entries[seq] = entry
    kept = None if instants[-1] is None else last + instants[-1]
    made.wallet = replace(made.wallet, head=made.entries[-1].hash(), recorded_at=kept or last)
    return said(made)


def test_an_entry_that_was_recorded_before_its_predecessor_is_found(made: Vault) -> None:
    """Law 4, of the last three of eight."""
    assert recorded(made, 3, 3, 5) == []
    assert recorded(made, 3, 9, 8) == ["entry 8 was recorded before the entry before it"]


def test_an_entry_that_was_recorded_before_it_happened_is_found(made: Vault) -> None:
    assert recorded(made, 0, -1)[0] == "entry 8 was recorded before it happened"


def test_entries_of_before_do_not_say_when_they_were_recorded_and_none_after_one_that_does(
    made: Vault,
) -> None:
    assert recorded(made, *[None] * 8) == []
    assert recorded(made, *[None] * 6, 0, 2) == []
    assert recorded(made, *[None] * 6, 0, None) == [
        "entry 8 does not say when it was recorded, as the entry before it does"
    ]


def test_a_wallet_that_was_not_recorded_with_its_last_entry_is_found(made: Vault) -> None:
    made.wallet = replace(made.wallet, recorded_at=made.wallet.recorded_at + 1)
    assert said(made) == ["the wallet was not recorded when its last entry was"]


def test_something_below_zero_is_found(made: Vault) -> None:
    """Law 2."""
    after = made.entries[3].after
    wrong = tamper(made, 4, after=after._replace(available=-1, held=after.available + 1))
    assert "entry 4 leaves something below zero" in wrong


def test_totals_of_the_wallet_that_are_not_the_last_entrys_are_found(made: Vault) -> None:
    made.wallet = replace(made.wallet, totals=made.wallet.totals._replace(available=10**6))
    assert "the wallet's totals are not those of its last entry" in said(made)
    assert any(what.startswith("the lots add up to") for what in said(made))


@pytest.mark.parametrize("name", Funds._fields[1:])
def test_a_sum_of_money_that_is_not_what_the_entries_say_is_found(made: Vault, name: str) -> None:
    """Law 8: USD 10.80 paid, 1.00 earned of it, 0.40 given back."""
    assert made.wallet.funds == (Funds("USD", 1080, recognised=100, refunded=40),)
    (honest,) = made.wallet.funds
    made.wallet = replace(made.wallet, funds=(honest._replace(**{name: getattr(honest, name) + 1}),))
    assert any(what.startswith("the wallet's sums of USD are") for what in said(made))


def test_sums_of_a_currency_that_nobody_paid_in_are_found(made: Vault) -> None:
    made.wallet = replace(made.wallet, funds=(Funds("EUR", 1), *(made.wallet.funds or ())))
    assert any(what.startswith("the wallet's sums of EUR are") for what in said(made))


def test_a_wallet_whose_money_was_not_counted_has_no_findings_of_it(made: Vault) -> None:
    made.wallet = replace(made.wallet, funds=None)
    assert said(made) == []


Change = Callable[[Lot], Lot]
LOTS: list[tuple[str, Change, str]] = [
    (
        "a step more",
        lambda lot: lot._replace(remaining=lot.remaining + 1),
        "lot 1 has 91 left, its entries say 90",
    ),
    (
        "a step less",
        lambda lot: lot._replace(remaining=lot.remaining - 1),
        "lot 1 has 89 left, its entries say 90",
    ),
    (
        "more than was granted",
        lambda lot: lot._replace(remaining=101),
        "lot 1 has 101 left, its entries say 90",
    ),
    ("below zero", lambda lot: lot._replace(remaining=-1), "lot 1 is out of bounds"),
    ("frozen beyond", lambda lot: lot._replace(frozen=91), "lot 1 is out of bounds"),
    ("basis", lambda lot: lot._replace(basis=1001), "the money of lot 1 adds up to 1001 of 1000"),
    (
        "breakage",
        lambda lot: lot._replace(breakage=1),
        "lot 1 says that 1 of its money ended unspent, its entries say 0",
    ),
    (
        "money that went back",
        lambda lot: lot._replace(returned=1),
        "lot 1 says that 1 of its money went back, its entries say 0",
    ),
    (
        "money that was lost",
        lambda lot: lot._replace(lost=1),
        "lot 1 says that 1 of its money was lost, its entries say 0",
    ),
    (
        "money that was never paid",
        lambda lot: lot._replace(unpaid=1),
        "lot 1 says that 1 of its money was never paid, its entries say 0",
    ),
    (
        "deferred money",
        lambda lot: lot._replace(basis=1001),
        "the lots have 941 of USD deferred, the wallet's sums leave 940",
    ),
    ("another lot's number", lambda lot: lot._replace(seq=2), "lot 2 is stored 2 times"),
    ("no cost any more", lambda lot: lot._replace(cost=None), "the lots add up to"),
]


@pytest.mark.parametrize(("name", "change", "what"), LOTS, ids=[name for name, _, _ in LOTS])
def test_a_lot_that_was_tampered_with_is_found(made: Vault, name: str, change: Change, what: str) -> None:
    window = tuple(change(lot) if lot.seq == 1 else lot for lot in made.wallet.window)
    made.wallet = replace(made.wallet, window=window)
    assert any(found.startswith(what) for found in said(made)), said(made)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda lot: lot._replace(tax=lot.tax + 1), "the tax of lot 1 adds up to 201 of 200"),
        (
            lambda lot: lot._replace(moved_money=3, moved_tax=2),
            "lot 1 says that 3 and 2 of tax are another lot's, its entries say 0 and 0",
        ),
        (
            lambda lot: lot._replace(moved_tax=2),
            "lot 1 says that 0 and 2 of tax are another lot's, its entries say 0 and 0",
        ),
    ],
    ids=["tax", "money of another lot", "tax of another lot"],
)
def test_the_tax_of_a_lot_adds_up_and_so_does_what_is_another_lots(change: Change, what: str) -> None:
    """Law 8: 100 credits for 10.00 USD and 2.00 of tax, which is due as they are spent. Of 30 it was 0.60."""
    made = vault("100 cost=1000USD tax=200 due=redemption")
    made.burn(30)
    assert said(made) == []
    (lot,) = made.wallet.window
    made.wallet = replace(made.wallet, window=(change(lot),))
    assert any(found.startswith(what) for found in said(made)), said(made)


def test_a_lot_that_vanished_is_found(made: Vault) -> None:
    made.wallet = replace(made.wallet, window=made.wallet.window[1:])
    assert any(what.endswith("is not stored") for what in said(made))


def test_a_lot_from_nowhere_is_found(made: Vault) -> None:
    (stray,) = vault("5").wallet.window
    made.blocks[1] = {33: stray._replace(seq=33)}
    assert said(made)[-1] == "lot 33 has 5 left, its entries say 0"
    assert "lot 33 is among the exhausted lots with something to spend" in said(made)


def test_a_draw_from_another_lot_is_found(made: Vault) -> None:
    draws = [made.entries[3].draws[0]._replace(lot=1)]
    assert "lot 1 has 90 left, its entries say 60" in tamper(made, 4, draws=draws)


def test_money_that_left_twice_is_found(made: Vault) -> None:
    """Law 8: the burn of 10 credits of lot 1 earned 1.00."""
    assert "the money of lot 1 adds up to 1001 of 1000" in tamper(
        made, 6, draws=burned(made.entries[5], 10, 101)
    )


def test_a_refund_that_says_another_amount_is_found(made: Vault) -> None:
    extra = {**made.entries[7].extra, "refunded": 41}
    assert "the money of lot 7 adds up to 81 of 80" in tamper(made, 8, extra=extra)


def test_findings_name_the_entry(made: Vault) -> None:
    made.entries[3] = replace(made.entries[3], amount=0)
    first = made.findings()[0]
    assert (first.seq, first.entry_id) == (4, made.entries[3].id)


def test_debts_that_are_not_as_the_entries_say_are_found() -> None:
    """Law 1: what is stored of them, what an entry says of them, and what they add up to."""
    for change, what in (
        ({"debts": None}, "what is stored of the wallet's debts is not what its entries say"),
        ({"owes": ["0", "19", 0, "api"]}, "the debts after entry 1 add up to 19, it says 20"),
        (
            {"owes": ["5", "20", 0, "api"]},
            "entry 1 speaks of a debt that there was not: nothing could be owed at 5",
        ),
    ):
        made = vault(overdraft_limit=50)
        made.burn(20, meter="api")
        if "owes" in change:
            assert what in tamper(made, 1, extra={**made.entries[0].extra, **change})
        else:
            made.sidecars.clear()
            assert said(made) == [what]


def test_a_lot_that_repaid_what_it_may_not_pay_for_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 7."""
    made = vault(overdraft_limit=50)
    made.checked = False
    made.burn(20, meter="api")
    monkeypatch.setattr(repayments, "may_repay", lambda *_: True)
    made.grant("5 scope=images")
    assert said(made) == ["in entry 2 lot 2 repays what was not owed for its meters"]


def test_a_lot_that_may_be_spent_though_its_clawback_lacks_credits_is_found() -> None:
    """Law 5: they pay for that first."""
    made = vault()
    made.pay("p", "10 cost=80USD")
    burned = made.burn(10)
    made.pay("p", "10 cost=80USD", clawed=10, refunded=80)
    made.checked = False
    forgotten = made.lot(1)._replace(lacking=False, repays=False)
    made.blocks[0] = {1: forgotten}
    made.reverse(burned)
    assert "lot 1 has credits, and its clawback still lacks some" in said(made)


def waiting() -> Vault:
    """A paid lot that must not end unannounced."""
    made = vault("1", notices=1, expiry_notices=("P1D",), expiry_requires_notice=True)
    made.sidecars["spans", "1"] = {"spans": ["P1D"]}
    made.grant("100 exp=+9d cost=1000USD")
    return made


def test_a_lot_that_may_end_though_nobody_was_told_is_found() -> None:
    made = waiting()
    assert said(made) == []
    (first, lot) = made.wallet.window if made.wallet.window[0].seq == 1 else made.wallet.window[::-1]
    for changes in ({"waits": False}, {"notices": 2}, {"notices": 5}):
        made.wallet = replace(made.wallet, window=(first, lot._replace(**changes)))
        assert said(made) == [
            "lot 2 has other terms of notice than its entries say, by which nobody was told of its end"
        ]


def test_an_end_that_was_booked_though_nobody_was_told_is_found() -> None:
    """By the entries alone: somebody had a lot end that had to be announced."""
    made = waiting()
    (first, lot) = sorted(made.wallet.window)
    made.wallet = replace(made.wallet, window=(first, lot._replace(waits=False)))
    made.checked = False
    made.until("+9d")
    made.sweep()
    assert made.entries[-1].kind == "expiry"
    assert "lot 2 ended, and nobody had been told in time" in said(made)


# The base, of which alerts may be percentages


@pytest.fixture
def based() -> list[Entry]:
    """A grant of 100, a burn of 30, a pending grant, its activation and a burn; each shows the base before it."""
    made = vault("100; 20 from=+1h")
    made.burn(30)
    made.wait("2h")
    made.burn(10)
    assert [entry.kind for entry in made.entries] == ["grant", "grant", "burn", "activation", "burn"]
    return [
        replace(entry, base=base) for entry, base in zip(made.entries, (0, 100, 100, 100, 90), strict=True)
    ]


def of_base(entries: list[Entry], **wallet: Any) -> list[str]:
    there = replace(Wallet("acme", "credits", "lago", version=5, base=90), **wallet)
    return [finding.what for finding in check_base(there, entries)]


def test_a_base_is_what_was_available_after_credits_last_came(based: list[Entry]) -> None:
    """Pending ones change it as they begin: 70 and 20."""
    assert of_base(based) == []
    assert of_base([replace(entry, base=None) for entry in based]) == [], "an entry need not show it"
    assert of_base(based, base=None) == [], "a wallet of before it was kept has none"


def test_a_base_that_is_another_is_found_in_the_wallet_and_in_an_entry(based: list[Entry]) -> None:
    assert of_base(based, base=100) == ["the wallet's base is 100, by its entries 90"]
    changed = [*based[:4], replace(based[4], base=70)]
    assert of_base(changed) == ["entry 5 shows the base 70, and it is 90"]


def test_whether_entries_show_the_base_follows_from_them(based: list[Entry]) -> None:
    wrong = ["the wallet's entries show its base, or not, other than they say"]
    said = [
        replace(based[4], seq=6 + number, kind="status", extra={"shows_base": shown}, base=90)
        for number, shown in enumerate((True, False))
    ]
    assert of_base(based, shows_base=True) == wrong
    assert (of_base([*based, said[0]], shows_base=True), of_base([*based, said[0]])) == ([], wrong)
    assert of_base([*based, *said]) == []


def test_entries_from_the_middle_of_a_history_are_held_to_one_another(made: Vault) -> None:
    """Nothing says what the first of them follows; the second follows it."""
    told = {one.seq: one for one in made.entries}
    assert [one.what for one in check_links(told, 2, 4, begins=False)] == []
    told[2] = replace(told[2], id=f"{told[2].id}0")
    (wrong,) = check_links(told, 2, 4, begins=False)
    assert wrong.seq == 3
    assert [one.seq for one in check_links({one: told[one] for one in (3, 4)}, 2, 4, begins=False)] == [2]
