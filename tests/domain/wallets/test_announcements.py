"""Which notices are due, that one was delivered, and whose they are: laws 5 and 10."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import LotNotOpen
from scrip.domain.wallets.announcements import Announced, OwnNotices, due_notices, put_own, tell
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.notices import SPANS
from tests.domain.builders import START, moment, story
from tests.domain.giving import hold
from tests.domain.memory import Vault
from tests.domain.wallets.test_expiry_changes import change
from tests.domain.wallets.test_notices import DAY, announced, deliver


def due(made: Vault) -> tuple[list[tuple[int, str, int]], int | None]:
    """Lot, span and day of each notice that is due; and the day of the next one."""

    def view(draft: Draft) -> tuple[list[tuple[int, str, int]], int | None]:
        found, following = due_notices(draft, made.now)
        shown = [(one.lot.seq, one.span, (one.at - START) // DAY) for one in found]
        return shown, None if following is None else (following - START) // DAY

    return made.reading(view)


def test_notices_become_due_one_after_the_other() -> None:
    made = announced("100 exp=+40d cost=500USD")
    assert due(made) == ([], 10)
    made.until("+10d")
    assert due(made) == ([(3, "P30D", 10)], 33)
    made.until("+39d")
    assert due(made) == ([(3, "P30D", 10), (3, "P7D", 33), (3, "P1D", 39)], None)


def test_of_a_lot_with_nothing_left_none_is_due_and_of_what_is_held_one_is() -> None:
    made = announced("100 exp=+40d; 50 exp=+40d; 7; 3 exp=+40d from=+35d")
    made.burn(100)
    hold(made, 50, "6d")
    made.until("+6d-1ms")
    assert due(made) == ([], 10)
    made.until("+36d")
    found, following = due(made)
    assert found == [(4, "P30D", 10), (4, "P7D", 33)], "the fourth begins after its month and its week"
    assert following == 39


def test_of_a_lot_whose_terms_name_no_notice_none_is_due() -> None:
    """It ends in 9 days, and nobody is told; of the other that is, 30 days before its own."""
    made = Vault()
    made.grant("5 exp=+9d")
    assert due(made) == ([], None)
    made.policy = announced("1").policy
    made.sidecars[SPANS, "1"] = {"spans": list(made.policy.expiry_notices)}
    made.grant("100 exp=+40d cost=500USD")
    assert due(made) == ([], 10)
    made.until("+8d")
    assert due(made) == ([], 10)


def test_notices_follow_the_end() -> None:
    made = announced("100 exp=+40d")
    change(made, 3, moment("+60d"))
    made.until("+30d")
    assert due(made) == ([(3, "P30D", 30)], 53)
    change(made, 3)
    assert due(made) == ([], None)


def test_a_delivery_is_an_entry_of_nothing_that_names_its_notice() -> None:
    made = announced("100 exp=+40d cost=500USD")
    entry = deliver(made, 3, "+40d")
    assert story([entry]) == ["status +0"]
    assert entry.extra == {"lot": 3, "notice_id": "notice-3-+40d-3", "in_time": True}
    assert deliver(made, 3, "+40d").extra["in_time"], "another notice of the same end"


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("100 exp=+40d cost=500USD", "+41d"),
        ("100 cost=500USD", "+40d"),
        ("100 exp=+40d", "+40d"),
        ("100 exp=+1h cost=500USD", "+1h"),
    ],
    ids=["another end", "no end", "free credits", "nothing left"],
)
def test_of_any_other_end_nothing_is_written(text: str, ends: str) -> None:
    made = announced(text)
    if "1h" in text:
        made.void(3)
    with pytest.raises(LotNotOpen):
        deliver(made, 3, ends)
    with pytest.raises(LotNotOpen):
        made.carry_out(
            lambda draft, now: tell(draft, Announced(99, "n", moment(ends)), now, made.cause("told"))
        )


def test_a_lot_that_is_yet_to_begin_may_be_told_of() -> None:
    made = announced("100 from=+2d exp=+40d cost=500USD")
    deliver(made, 3, "+40d")
    made.until("+40d")
    made.sweep()
    assert story(made.entries[-1:]) == ["expiry -100 (100 of 3 for 500USD)"]


def own(made: Vault, notices: OwnNotices) -> int:
    """Puts an account's own notices; how many entries that makes."""
    before = made.wallet.version
    made.carry_out_if_any(lambda draft, now: put_own(draft, notices, now, made.cause("own")))
    return made.wallet.version - before


def test_an_accounts_own_notices_count_for_what_is_granted_from_then_on() -> None:
    made = announced("100 exp=+40d cost=500USD")
    made.sidecars[SPANS, "2"] = {"spans": ["P2D"]}
    assert own(made, OwnNotices(2, ("P2D",), required=False)) == 1
    assert own(made, OwnNotices(2, ("P2D",), required=False)) == 0, "the same again"
    made.grant("50 exp=+40d cost=200USD")
    assert own(made, OwnNotices(required=True)) == 1
    made.grant("25 exp=+40d cost=100USD")
    assert own(made, OwnNotices(0)) == 1
    made.grant("12 exp=+40d cost=50USD")
    assert own(made, OwnNotices()) == 1
    assert own(made, OwnNotices()) == 0
    made.grant("6 exp=+40d cost=25USD")
    terms = {one.seq: one.notices for one in (made.lot(seq) for seq in (3, 5, 7, 9, 11))}
    assert terms == {3: 3, 5: 4, 7: 3, 9: 0, 11: 3}
    assert not made.wallet.own_notices
    made.until("+40d")
    made.sweep()
    assert story(made.entries[-1:]) == ["expiry -62 (50 of 5 for 200USD, 12 of 9 for 50USD)"]
