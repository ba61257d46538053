"""What an entry does to credits that were given away, by hand; and that all entries together leave in each lot what it
has."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from scrip.domain.finance.gifts import gifts
from tests.domain.builders import grants
from tests.domain.giving import movable, rolling
from tests.domain.memory import Vault, vault


def told(made: Vault) -> list[str]:
    """What the last entry does: ``burned 4 of 1``, ``issued -10 of 1 (WELCOME)``."""
    return [
        f"{one.cause} {one.credits} of {one.lot}" + (f" ({one.promotion})" if one.promotion else "")
        for one in gifts(made.entries[-1])
    ]


def sound(*wallets: Vault) -> None:
    """Asserts that what came less what left is what each lot has that cost nothing."""
    for made in wallets:
        left: Counter[int] = Counter()
        for entry in made.entries:
            for one in gifts(entry):
                left[one.lot] -= one.credits
        lots = {lot.seq: lot.remaining + lot.held for lot in made.all_lots() if not lot.cost}
        assert {lot: steps for lot, steps in left.items() if steps} == {
            lot: steps for lot, steps in lots.items() if steps
        }


def promoted(text: str, code: str = "WELCOME") -> Vault:
    """A wallet with a lot that a promotion gave."""
    made = Vault(movable())
    made.grant_one(replace(grants(text)[0], note={"source": ["promotion", code]}))
    return made


def test_what_is_issued_burned_undone_held_and_taken_back() -> None:
    made = promoted("10")
    assert told(made) == ["issued -10 of 1 (WELCOME)"]
    burned = made.burn(4)
    assert told(made) == ["burned 4 of 1"]
    made.reverse(burned, 1)
    assert told(made) == ["burned -1 of 1"]
    hold = made.hold(3).seq
    assert told(made) == []
    made.capture(hold, 2)
    assert told(made) == ["burned 2 of 1"]
    made.debit(1)
    assert told(made) == ["taken_back 1 of 1"]
    made.void(1)
    assert told(made) == ["taken_back 4 of 1"]
    sound(made)


def test_what_was_paid_for_is_no_gift_and_of_a_burn_of_both_only_the_free_part_is() -> None:
    made = vault("5; 10 cost=1000USD")
    made.burn(8)
    assert [*gifts(made.entries[1])] == []
    assert told(made) == ["burned 5 of 1"]
    sound(made)


def test_what_ends_what_moves_and_what_is_carried_on_stays_the_promotions() -> None:
    """Of 10 half is carried on at the end, and half of that is sent to somebody else."""
    made = Vault(movable(), "acme")
    lot = replace(grants("10 exp=+7d")[0], terms=rolling(fraction="0.5"))
    made.grant_one(replace(lot, note={"source": ["promotion", "SPRING"]}))
    made.wait("8d")
    made.sweep()
    by_kind = {
        entry.kind: [(one.cause, one.credits, one.promotion) for one in gifts(entry)]
        for entry in made.entries
    }
    assert by_kind["rollover"] == [("moved", -5, "SPRING"), ("moved", 5, None)]
    assert by_kind["expiry"] == [("expired", 5, None)]
    other = Vault(movable(), "beta")
    made.transfer(other, 2)
    assert told(made)[0].startswith("moved 2")
    assert told(other) == ["moved -2 of 1 (SPRING)"]
    sound(made, other)


def test_a_gift_that_repays_what_is_owed_is_burned_at_once() -> None:
    made = vault(overdraft_limit=10)
    made.burn(4)
    assert told(made) == []
    made.grant("10")
    assert told(made) == ["issued -10 of 2", "burned 4 of 2"]
    sound(made)
