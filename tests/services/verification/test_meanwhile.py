"""A wallet that is written while it is verified is read anew, ten times at most: what is found is of one instant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Contended, NotFound
from scrip.services.usage import rollups
from scrip.services.verification import wallets
from scrip.store import items, keys
from tests.aws import NEW_YEAR, Buyer, Deployment, listening
from tests.services.verification.damage import delete_items, history
from tests.services.verification.test_invoices import applied, billed

pytestmark = pytest.mark.usefixtures("small_in_memory")
Asked = Callable[[Any], bool]


def verified(account: str) -> tuple[int, list[tuple[int | None, str]]]:
    """How many entries there are, and what is found."""
    count, found = wallets.verify(runtime.executor(), account, "credits")
    return count, [(one.seq, one.what) for one in found]


@contextmanager
def meanwhile(
    write: Callable[[], object], before: Asked, operation: str = "Query", times: int = 1
) -> Iterator[list[int]]:
    """Writes after each answer to something that is asked, so many times; gives how often it was asked."""
    asked: list[int] = []
    inside: list[bool] = []

    def hears(params: Any, **_: Any) -> None:
        if not inside and before(params):
            asked.append(1)
            if len(asked) <= times:
                inside.append(True)
                write()
                inside.clear()

    with listening(f"before-parameter-build.dynamodb.{operation}", hears):
        yield asked


def of_wallet(account: str) -> Asked:
    """The query of a wallet's partition: its ledger has been read by then."""
    pk = keys.wallet(account, "credits")
    return lambda asked: (
        asked["TableName"] == "wallets" and asked["ExpressionAttributeValues"][":pk"] == {"S": pk}
    )


def test_a_wallet_that_is_written_after_its_ledger_was_read_is_read_anew(
    scrip: Deployment, account: str
) -> None:
    history(scrip, account)
    with meanwhile(lambda: scrip.burn(account, "1", clock=NEW_YEAR), of_wallet(account), times=2) as asked:
        assert verified(account) == (9, [])
    assert len(asked) == 3


def test_a_wallet_that_is_written_ten_times_meanwhile_is_given_up(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    reserved: list[int] = []

    def reserve(entries: int) -> nullcontext[None]:
        reserved.append(entries)
        return nullcontext()

    write = lambda: scrip.burn(account, "0.01", clock=NEW_YEAR)  # noqa: E731 - as short as it is
    with (
        meanwhile(write, of_wallet(account), times=99),
        pytest.raises(Contended, match="written faster than it can be read"),
    ):
        wallets.check_wallet(runtime.tables(), account, "credits", reserve)
    assert reserved == [*range(7, 17)], "of each time as many entries as there are then"


def test_a_wallet_whose_payment_is_refunded_meanwhile_is_read_anew(buyer: Buyer) -> None:
    """Its payment is read after its entries: it says already what they do not."""
    buyer.order()
    paid = buyer.pays()
    buyer.scrip.deliver(paid)
    payment = keys.payment("dodo", paid["data"]["payment_id"])
    goes_back = buyer.gets_back(30000)

    def of_payment(asked: Any) -> bool:
        return {"S": payment} in [
            key["pk"] for key in asked["RequestItems"].get("wallets", {"Keys": ()})["Keys"]
        ]

    with meanwhile(lambda: buyer.scrip.deliver(goes_back), of_payment, "BatchGetItem") as asked:
        assert verified(buyer.account) == (2, [])
    assert len(asked) > 1


def test_usage_that_is_kept_meanwhile_is_no_finding(scrip: Deployment, account: str) -> None:
    """The sums of an eighth entry are kept, which was not there when the entries were read."""
    history(scrip, account)
    rollups.catch_up(runtime.tables(), account, "credits", 7, lambda: True, kept=1)
    head = runtime.tables().get("wallets", keys.rollup(account, "credits"), keys.HEAD)
    assert head
    body = json.loads(head["body"]["S"])
    body["spending"]["seq"] = 9
    wrong = {**head, "body": items.s(json.dumps(body))}
    runtime.tables().client.put_item(TableName="wallets", Item=wrong)
    assert verified(account)[1] == [
        (None, "its usage is kept up to entry 9, which there is not: `scrip rollup` makes it anew")
    ]

    def both() -> None:
        for _ in range(2):
            scrip.burn(account, "1", clock=NEW_YEAR)

    def of_rollup(asked: Any) -> bool:
        return bool(asked["Key"]["pk"]["S"] == keys.rollup(account, "credits"))

    with meanwhile(both, of_rollup, "GetItem"):
        assert verified(account) == (7, [])


def test_an_invoice_that_is_paid_more_of_meanwhile_is_read_anew(scrip: Deployment, account: str) -> None:
    """Credits pay 25.00 of 60.00, and 10.00 more before the invoice is read: it says 35.00, as three entries do."""
    billed(scrip, account)
    scrip.grant(account, "10", unit=account)

    def of_invoice(asked: Any) -> bool:
        there = asked["RequestItems"].get("wallets", {"Keys": ()})["Keys"]
        return {"S": keys.invoice(account)} in [key["pk"] for key in there]

    with meanwhile(lambda: applied(scrip, account, "a2"), of_invoice, "BatchGetItem") as asked:
        assert wallets.verify(runtime.executor(), account, account) == (4, [])
    assert len(asked) > 1


def test_a_unit_that_there_is_not_has_no_wallets(scrip: Deployment, account: str) -> None:
    with pytest.raises(NotFound):
        wallets.verify(runtime.executor(), account, "nothing")
    assert wallets.verify(runtime.executor(), account, "credits") == (0, [])


GHOST: Final = "the timeline lists an entry k.ghost that the ledger does not have"
GHOSTS: Final[list[tuple[str, list[tuple[int | None, str]]]]] = [
    (keys.timeline(1, 3), [(3, GHOST)]),
    (keys.timeline(1, 7), [(7, GHOST)]),
    (keys.timeline(1, 8), []),
    ("what", [(None, GHOST)]),
]


@pytest.mark.parametrize(("timeline", "told"), GHOSTS, ids=[row[0] for row in GHOSTS])
def test_what_the_timeline_lists_and_there_is_not_is_named_by_its_own_id(
    scrip: Deployment, account: str, timeline: str, told: list[tuple[int | None, str]]
) -> None:
    """One that is later than the wallet may have been written since. Another row that it does not list is found too."""
    tables = history(scrip, account)

    def lists(parsed: Any, params: Any, **_: Any) -> None:
        if params.get("IndexName") == "timeline":
            ghost = {"pk": items.s(tables.pk), "sk": items.s("k.ghost"), "tl": items.s(timeline)}
            parsed["Items"] = [*(row for row in parsed["Items"] if not row["tl"]["S"].endswith("05")), ghost]

    with listening("after-call.dynamodb.Query", lists):
        _, found = wallets.verify(runtime.executor(), account, "credits")
    fifth = (5, "entry 5 is not in the timeline")
    assert [(one.seq, one.what) for one in found] == sorted([*told, fifth], key=lambda one: one[0] or 0)
    assert {one.entry_id for one in found if "lists" in one.what} == ({"k.ghost"} if told else set())
    assert [one.entry_id for one in found if one.seq == 5] == [tables.entry(5)["sk"]["S"]]


def test_items_without_entries_and_without_a_wallet_item_are_counted(scrip: Deployment, account: str) -> None:
    """Of seven entries nothing is left, nor of their wallet's item: a page and the due ones are."""
    tables = history(scrip, account)
    rest = len(tables.of("wallets")) - 1
    delete_items("wallet")(tables)
    assert [what for _, what in verified(account)[1]][:2] == [
        "there are entries and no wallet item",
        f"{rest} items are in the partition without a wallet item",
    ]
    for row in tables.of("ledger"):
        tables.delete("ledger", row)
    assert verified(account) == (0, [(None, f"{rest} items are in the partition without a wallet item")])
