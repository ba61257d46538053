"""The answer to whatever moves credits: its entry, and the balance right after it, however often it is asked for."""

from __future__ import annotations

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Answer, Deployment
from tests.http.contract import ENTRY, MOVED_BALANCE, whole_balance, whole_entry, whole_lot

pytestmark = pytest.mark.usefixtures("in_memory")


def test_a_burn_is_answered_with_its_entry_and_the_balance_after_it(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    body = scrip.burn(account, "4", clock=NEXT_DAY).body
    assert set(body) >= {"entry", "balance"}
    whole_entry(body["entry"], ENTRY)
    whole_balance(body["balance"], MOVED_BALANCE)
    assert (body["entry"]["amount"], body["entry"]["balance_after"]) == ("-4", "6")
    assert (body["balance"]["total"], body["balance"]["as_of"], body["balance"]["version"]) == (
        "6",
        NEXT_DAY,
        2,
    )


def test_a_grant_is_answered_with_the_lot_it_made_as_well(scrip: Deployment, account: str) -> None:
    body = scrip.grant(account, "10").body
    assert set(body) == {"entry", "balance", "lot"}
    whole_lot(body["lot"])
    assert (body["lot"]["lot_id"], body["lot"]["remaining"]) == (body["entry"]["lot_id"], "10")


def test_a_replay_says_so_in_its_header_and_has_the_balance_of_then(scrip: Deployment, account: str) -> None:
    """Law 3: 10 − 4 − 3 are 3; the first burn again is answered with the 6 that there were after it."""

    def first() -> Answer:
        return scrip.burn(account, "4", "b1")

    scrip.grant(account, "10")
    answer = first()
    assert not answer.replayed
    assert scrip.burn(account, "3").balance["total"] == "3"
    again = first()
    assert (again.status, again.replayed, again.text) == (201, True, answer.text)
    assert again.balance["total"] == "6"


def test_a_grants_replay_shows_the_lot_as_it_was_made(scrip: Deployment, account: str) -> None:
    made = scrip.grant(account, "10", "g1")
    scrip.burn(account, "4")
    again = scrip.grant(account, "10", "g1")
    assert (again.replayed, again.body["lot"]) == (True, made.body["lot"])
    assert again.body["lot"]["remaining"] == "10"
