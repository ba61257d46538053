"""Every kind of damage to a wallet is found and named by the first broken entry (laws 1, 2, 4, 5 and 8)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from scrip.domain.credits.lot_codec import pack, unpack
from scrip.domain.wallets.funds import Funds
from scrip.domain.wallets.funds_codec import pack_funds
from scrip.store import ledger
from tests.aws import NEW_YEAR, Deployment, listening
from tests.services.verification.damage import (
    Damage,
    Tables,
    delete_entry,
    delete_items,
    flip,
    history,
    hold_forgotten,
)
from tests.services.verification.surveys import Verify

pytestmark = pytest.mark.usefixtures("small_in_memory")


def garbage(tables: Tables) -> None:
    tables.put("ledger", {**tables.entry(4), "body": {"S": "{"}})


def more_in_the_page(tables: Tables) -> None:
    (page,) = tables.of("wallets", "page#")
    (lot,) = unpack(bytes(page["lots"]["B"]))

    tables.change("page#", lots={"B": pack((lot._replace(remaining=lot.remaining + 1),))})


def page_forgotten(tables: Tables) -> None:
    (due,) = [item for item in tables.of("wallets", "due#") if "hold" not in item["sk"]["S"]]
    tables.delete("wallets", due)


def unlisted(tables: Tables) -> None:
    """A row without its place is in no index."""
    row = tables.entry(5)
    del row["tl"]
    tables.put("ledger", row)


def changed(prefix: str = "wallet", **attributes: Any) -> Damage:
    return lambda tables: tables.change(prefix, **attributes)


OTHER_FUNDS = pack_funds((Funds("USD", 1),))
BEHIND, BROKEN, AHEAD = "ledger_behind", "broken", "ledger_ahead"
DAMAGE: list[tuple[str, Damage, str, int | None, str]] = [
    ("a byte of an entry", flip, BROKEN, 3, "entry 3 does not match its hash"),
    ("an entry that is no JSON", garbage, BROKEN, 4, "cannot be read"),
    ("an entry deleted", delete_entry(3), BROKEN, 3, "entry 3 is missing"),
    ("two entries deleted", delete_entry(6, 2), BROKEN, 2, "entry 2 is missing"),
    ("the head cut", delete_entry(7), BEHIND, 7, "entry 7 is missing"),
    ("three entries cut", delete_entry(5, 6, 7), BEHIND, 5, "entry 5 is missing"),
    ("no entry left", delete_entry(1, 2, 3, 4, 5, 6, 7), BEHIND, 1, "entry 1 is missing"),
    ("a lot of a page", more_in_the_page, BROKEN, 4, "lot 4 has 10000001 left, its entries say 10000000"),
    ("the total", changed(available={"N": "99000000"}), BROKEN, 7, "the wallet's totals are not those"),
    ("the sums of money", changed(funds={"B": OTHER_FUNDS}), BROKEN, None, "sums of USD are (1, 0, 0, 0, 0, 0), its"),
    ("sums that are none", changed(funds={"B": b"US"}), BROKEN, None, "item wallet of the wallet cannot be read"),
    ("the head", changed(head={"B": b"x" * 32}), BROKEN, 7, "the wallet's head is not the hash"),
    ("the window", changed(window={"B": b"\xff\xff"}), BROKEN, None, "item wallet of the wallet cannot be read"),
    ("a page that is none", changed("page#", lots={"B": b"\xff"}), BROKEN, None, "cannot be read"),
    ("a page gone", delete_items("page#"), BROKEN, 4, "lot 4 is not stored"),
    ("a hold's due item", hold_forgotten, BROKEN, 6, "hold 6 changes at"),
    ("a page's due item", page_forgotten, BROKEN, 4, "the page of lot 4 has no due item"),
    ("sweep_at", changed(sweep_at=None, shard=None), BROKEN, None, "sweep_at is missing"),
    ("sweep_at too late", changed(sweep_at={"N": "9" * 14}), BROKEN, None, "the sweep looks at 99999999999999"),
    ("due_at too late", changed(due_at={"N": "9" * 14}), BROKEN, None, "the wallet says that none is before 9999"),
    ("another shard", changed(shard={"S": "99"}), BROKEN, None, "listed for the sweep in 99, not in"),
    ("no shard", changed(shard=None), BROKEN, None, "listed for the sweep in None, not in"),
    ("no version", changed(version=None), BROKEN, 1, "entry 1 is one too many"),
    ("a row of the timeline", unlisted, BROKEN, 5, "cannot be read"),
    ("the wallet item gone", delete_items("wallet"), BROKEN, 1, "there are entries and no wallet item"),
    ("the whole partition gone", delete_items(""), AHEAD, 1, "there are entries and no wallet item"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "damage", "kind", "seq", "what"), DAMAGE, ids=[row[0] for row in DAMAGE])
def test_damage_is_found_and_named_by_its_first_broken_entry(
    scrip: Deployment, account: str, verify: Verify, name: str, damage: Damage, kind: str, seq: int, what: str
) -> None:
    tables = history(scrip, account)
    assert verify()["findings"]["count"] == 0
    damage(tables)
    (finding,) = verify()["findings"]["items"]
    assert (finding["account"], finding["unit"], finding["kind"], finding["seq"]) == (
        account,
        "credits",
        kind,
        seq,
    )
    assert what in finding["what"]


def test_the_finding_has_the_entrys_id(scrip: Deployment, account: str, verify: Verify) -> None:
    tables = history(scrip, account)
    flip(tables)
    (finding,) = verify()["findings"]["items"]
    assert finding["entry_id"] == scrip.entries(account)[2]["entry_id"]


def test_a_wallet_put_back_to_an_older_state_has_a_ledger_that_is_ahead(
    scrip: Deployment, account: str, verify: Verify
) -> None:
    """What a client has to ask for again is said: two burns, of 5 and of 6, by their keys' entries."""
    tables = history(scrip, account)
    before = tables.of("wallets")
    scrip.burn(account, "5", "b3", clock=NEW_YEAR, reference={"type": "job", "id": "j3"})
    scrip.burn(account, "6", "b4", clock=NEW_YEAR)
    delete_items("")(tables)
    for item in before:
        tables.put("wallets", item)
    (finding,) = verify()["findings"]["items"]
    assert (finding["kind"], finding["entries"], finding["first"], finding["last"]) == (AHEAD, 2, 8, 9)
    assert finding["since"] == NEW_YEAR
    assert [(one["seq"], one["kind"], one["amount"]) for one in finding["surplus"]] == [
        (8, "burn", "-5000000"),
        (9, "burn", "-6000000"),
    ]
    assert finding["surplus"][0]["reference"] == ["job", "j3"]
    for row in tables.of("ledger")[7:]:
        tables.delete("ledger", row)
    assert verify()["findings"]["count"] == 0, "without them it is as it was"


def test_a_ledger_that_is_behind_says_since_when(scrip: Deployment, account: str, verify: Verify) -> None:
    tables = history(scrip, account)
    delete_entry(6, 7)(tables)
    (finding,) = verify()["findings"]["items"]
    assert (finding["entries"], finding["first"], finding["last"]) == (2, 6, 7)
    assert finding["since"] == NEW_YEAR


def carry_of(text: str | None) -> Damage:
    """What the wallet says that a meter carries; None: nothing."""

    def damage(tables: Tables) -> None:
        (item,) = tables.of("wallets", "carry#")
        if text is None:
            tables.delete("wallets", item)
        else:
            body = json.loads(item["body"]["S"])
            tables.put("wallets", {**item, "body": {"S": json.dumps({**body, "carry": text})}})

    return damage


@pytest.mark.parametrize(("text", "told"), [("7/10", "7/10"), (None, "0"), ("-3/10", "-3/10")])
def test_a_fraction_that_is_not_its_entries_is_found(
    scrip: Deployment, account: str, verify: Verify, text: str | None, told: str
) -> None:
    """Law 7: seven events of a tenth of a step, of which one is reversed: 6/10 are carried."""
    meter = f"m-{account}"
    assert (
        scrip.put(
            f"/v1/rates/{meter}", {"price": {"model": "per_unit", "credits": "0.0000001"}}, clock=NEW_YEAR
        ).status
        == 201
    )
    scrip.grant(account, "1", clock=NEW_YEAR)
    made = [
        scrip.move(account, "burns", f"b{one}", meter=meter, quantity="1", clock=NEW_YEAR) for one in range(7)
    ]
    entry = made[0].body["entry"]["entry_id"]
    assert (
        scrip.post(f"/v1/accounts/{account}/burns/{entry}/reversal", {}, key="r", clock=NEW_YEAR).status
        == 201
    )
    assert verify()["findings"]["count"] == 0
    tables = Tables(scrip, account)
    carry_of(text)(tables)
    (finding,) = verify()["findings"]["items"]
    assert finding["what"] == f"the wallet carries {told} of {meter}, its entries say 3/5"


@contextmanager
def index_without(tables: Tables, seq: int, answers: int) -> Iterator[None]:
    """The timeline's next answers lack an entry, as those of an index do that lags."""
    left = [answers]

    def drop(parsed: Any, **_: Any) -> None:
        rows = parsed.get("Items", [])
        if left[0] > 0 and rows and "tl" in rows[0] and "body" not in rows[0]:
            left[0] -= 1
            parsed["Items"] = [row for row in rows if int(row["tl"]["S"][-12:]) != seq]

    with listening("after-call.dynamodb.Query", drop):
        yield


def test_a_timeline_that_has_all_is_asked_once(
    scrip: Deployment, account: str, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a thousand wallets, each second that nobody waits for is a quarter of an hour."""
    history(scrip, account)
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    assert verify()["findings"]["count"] == 0
    assert waited == []


def test_a_timeline_that_lags_is_asked_again(scrip: Deployment, account: str, verify: Verify) -> None:
    tables = history(scrip, account)
    with index_without(tables, 7, ledger.LAG_TRIES - 1):
        assert verify()["findings"]["count"] == 0


def test_a_timeline_that_lacks_an_entry_for_good_is_found(
    scrip: Deployment, account: str, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = history(scrip, account)
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(ledger, "LAG_WAIT", 0.3)
    with index_without(tables, 5, 999):
        (finding,) = verify()["findings"]["items"]
    assert waited == [0.3] * (ledger.LAG_TRIES - 1), "and not once more before it is told"
    assert (finding["kind"], finding["seq"], finding["what"]) == (BROKEN, 5, "entry 5 is not in the timeline")
    assert finding["entry_id"] == tables.entry(5)["sk"]["S"]


def test_of_all_that_the_timeline_lacks_the_first_by_its_number_is_named(
    scrip: Deployment, account: str, verify: Verify
) -> None:
    """Entries 3 and 10: as texts they would be the other way round."""
    tables = history(scrip, account)
    for number in range(8, 12):
        scrip.grant(account, str(number), clock=NEW_YEAR)
    with index_without(tables, 10, 999), index_without(tables, 3, 999):
        (finding,) = verify()["findings"]["items"]
    assert (finding["seq"], finding["what"]) == (3, "entry 3 is not in the timeline")


def test_a_finding_about_a_lot_has_the_id_of_its_grant(
    scrip: Deployment, account: str, verify: Verify
) -> None:
    tables = history(scrip, account)
    more_in_the_page(tables)
    (finding,) = verify()["findings"]["items"]
    assert (finding["seq"], finding["entry_id"]) == (4, tables.entry(4)["sk"]["S"])
