"""The books of a wallet against its lots (law 8). That sound wallets have no findings is checked after every commit of
every test in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.finance import postings
from scrip.domain.verification import posting_checks
from scrip.domain.verification.posting_checks import check_postings
from scrip.domain.wallets.position import GivenBack
from tests.domain.memory import Vault, vault

TAXED = "10 cost=1000USD tax=200 due=redemption"


def refunded() -> Vault:
    """10 credits for 1 000 and 200 of tax at redemption, of which 6 were burned; all of it went back."""
    made = vault()
    made.pay("p", TAXED)
    made.burn(6)
    back = GivenBack(200, {"refund:1": 1200})
    made.pay("p", TAXED, clawed=10, refunded=1000, given=back)
    return made


def found(made: Vault, entries: list[Entry] | None = None) -> list[str]:
    return [one.what for one in check_postings(made.wallet, entries or made.entries, made.all_lots())]


def changed(made: Vault, seq: int, **extra: Any) -> list[Entry]:
    """The wallet's entries, of which one says something else."""
    entry = made.entries[seq - 1]
    return [
        *made.entries[: seq - 1],
        replace(entry, extra={**entry.extra, **extra}),
        *made.entries[seq:],
    ]


def test_a_sound_wallet_has_no_findings() -> None:
    assert found(refunded()) == []


@pytest.mark.parametrize(
    ("extra", "wrong"),
    [
        (
            {"recognised": -500},
            [
                "by the books -100 of USD is deferred, by the wallet's sums 0",
                "by the books 100 of USD is earned, by the wallet's sums 0",
                "the lots have 0 of USD as deferred_revenue, the books -100",
            ],
        ),
        ({"tax_due": -100}, ["the lots have 0 of USD as tax_deferred, the books -20"]),
        (
            {"refunded": "all"},
            ["entry 3 cannot be booked: TypeError"],
        ),
    ],
    ids=["more deferred", "more tax not due", "no number"],
)
def test_a_refund_that_says_another_split_is_found(extra: dict[str, Any], wrong: list[str]) -> None:
    """600 of the 1 000 had been earned, 120 of the 200 were due."""
    made = refunded()
    assert found(made, changed(made, 3, **extra)) == wrong


def test_books_that_are_right_in_the_end_alone_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a burn posts is booked with the next one: both of 400 of the 1 000, so 400 too much is deferred."""
    made = vault("10 cost=1000USD")
    made.burn(4)
    made.burn(4)
    made.burn(2)
    late = {3: made.entries[1], 4: made.entries[2]}

    def postings_late(entry: Entry) -> list[postings.Posting]:
        if entry.seq == 2:
            return []
        both = [late[entry.seq], *([entry] if entry.seq == 4 else [])] if entry.seq in late else [entry]
        return [one for booked in both for one in postings.postings(booked)]

    monkeypatch.setattr(posting_checks, "postings", postings_late)
    assert found(made) == [
        "entry 2 changes what is deferred_revenue by 0 of USD in the books, and by -400 in its lots",
        "entry 4 changes what is deferred_revenue by -600 of USD in the books, and by -200 in its lots",
    ]


def test_breakage_that_no_sum_has_is_found() -> None:
    made = vault("10 cost=1000USD")
    made.debit(4)
    entries = [made.entries[0], replace(made.entries[1], kind="burn")]
    assert found(made, entries) == [
        "by the books 0 of USD is ended unspent, by the wallet's sums 400",
        "by the books 400 of USD is earned, by the wallet's sums 0",
    ]


def test_a_wallet_whose_money_was_not_counted_from_its_beginning_is_not_booked() -> None:
    made = vault("10 cost=1000USD")
    made.wallet = replace(made.wallet, funds=None)
    assert found(made, []) == []


def test_a_wallet_with_a_clawback_of_before_currencies_were_said_is_not_booked() -> None:
    made = refunded()
    extra = {name: value for name, value in made.entries[2].extra.items() if name != "currency"}
    before = [*made.entries[:2], replace(made.entries[2], extra=extra)]
    assert found(made, before) == []
    assert (
        found(made, [*made.entries[:2], replace(made.entries[2], extra={**extra, "currency": "JPY"})]) != []
    )


def test_a_lot_that_says_nothing_of_where_it_came_from_is_found() -> None:
    made = refunded()
    lot = {name: fact for name, fact in made.entries[0].extra["lot"].items() if name != "kind"}
    assert found(made, changed(made, 1, lot=lot)) == ["entry 1 cannot be booked: KeyError"]
