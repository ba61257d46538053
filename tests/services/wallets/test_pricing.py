"""What usage costs in whole steps: fractions are carried on, meter by meter, and never lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.errors import AmountOutOfRange, Steps
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import Usage
from scrip.domain.wallets.carries import KIND
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Snapshot
from scrip.services.engine.contexts import WalletContext
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.pricing import Priced, PricedUsage, set_aside, whole
from tests.domain.builders import steady
from tests.domain.memory import Vault


def priced(meter: str, exact: Fraction) -> PricedUsage:
    return PricedUsage(Usage(meter, Fraction(1)), exact, 1)


COSTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.fractions(0, 5, max_denominator=7)), min_size=1, max_size=6
)


@steady
@given(COSTS)
def test_steps_and_what_is_carried_are_the_exact_cost(costs: list[tuple[str, Fraction]]) -> None:
    vault = Vault()
    vault.grant("100")
    draft = Draft(Snapshot(vault.wallet))
    draft.snapshot.sidecars.update({(KIND, meter): None for meter in "ab"})
    made = whole(draft, [priced(*one) for one in costs])
    assert made.steps == sum(part.steps for part in made.parts)
    for meter in "ab":
        exact = sum((cost for name, cost in costs if name == meter), Fraction(0))
        steps = sum(part.steps for part in made.parts if part.meter == meter)
        assert steps + made.rests.get(meter, Fraction(0)) == exact
        assert 0 <= made.rests.get(meter, Fraction(0)) < 1, "nothing was carried before"


@steady
@given(COSTS)
def test_what_is_set_aside_is_each_meters_cost_rounded_up_once(costs: list[tuple[str, Fraction]]) -> None:
    made = set_aside([priced(*one) for one in costs])
    for meter in "ab":
        exact = sum((cost for name, cost in costs if name == meter), Fraction(0))
        steps = sum(part.steps for part in made.parts if part.meter == meter)
        assert 0 <= steps - exact < 1


@pytest.mark.parametrize("meters", ["a", "ab"], ids=["one item", "two items"])
@pytest.mark.parametrize("price", [set_aside, lambda items: whole(None, items)], ids=["held", "burned"])  # type: ignore[arg-type]
def test_nothing_costs_more_than_the_largest_wallet_holds(
    price: Callable[[Sequence[PricedUsage]], Priced], meters: str
) -> None:
    """The largest total, in one item or with another one of nothing; and a step more."""
    most, rest = meters[0], meters[1:]
    fits, exceeds = (
        [priced(most, Fraction(LARGEST_TOTAL + more)), *(priced(one, Fraction(0)) for one in rest)]
        for more in (0, 1)
    )
    assert price(fits).steps == LARGEST_TOTAL
    with pytest.raises(AmountOutOfRange, match=r"^that costs more than any wallet holds$") as refused:
        price(exceeds)
    assert refused.value.facts == {"field": "quantity", "largest": LARGEST_TOTAL}
    assert isinstance(refused.value.facts["largest"], Steps), "it is told in credits of the unit"


def test_a_fraction_that_would_exceed_what_is_held_is_carried_on() -> None:
    """Half a step is carried; half a step more would be one, and nothing is held any more."""
    vault = Vault()
    vault.grant("100")
    draft = Draft(Snapshot(vault.wallet))
    draft.snapshot.sidecars[KIND, "a"] = {"carry": "1/2"}
    made: Priced = whole(draft, [priced("a", Fraction(1, 2))])
    assert (made.steps, made.rests) == (1, {"a": Fraction(-1, 2)})
    made.give_up_fractions(0)
    assert (made.steps, made.parts[0].steps, made.rests) == (0, 0, {"a": Fraction(1, 2)})


CARD = [
    RateVersion(1, "credits", 0, "0", {"model": "per_unit", "credits": "2"}),
    RateVersion(2, "credits", 1_000, "0", {"model": "per_unit", "credits": "3"}),
]


@pytest.mark.parametrize(
    ("time", "steps", "version"),
    [(None, 3_000_000, 2), (999, 2_000_000, 1), (1_000, 3_000_000, 2)],
    ids=["booked now", "used a moment before the new price", "used at it"],
)
def test_an_event_is_priced_as_of_when_it_was_used_and_its_entry_says_so(
    time: int | None, steps: int, version: int
) -> None:
    """Version 2 is in force from 1 s on, and it is 2 s: one unit costs 3 credits of 6 decimals, and before that 2."""
    vault = Vault()
    vault.grant("100")
    command = BurnCredits(meter="a", quantity=Fraction(1), time=time)
    context = WalletContext(Unit("credits", 6), 1, Snapshot(vault.wallet), {"a": CARD})
    made = command.price(Draft(context.snapshot), context, 2_000)
    assert (made.steps, made.version) == (steps, version)
    assert made.usage(listed=False)["usage"].get("time") == time
