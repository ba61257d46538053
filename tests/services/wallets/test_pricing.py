"""What usage costs in whole steps: fractions are carried on, meter by meter, and never lost."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.usage import Usage
from scrip.domain.wallets.carries import KIND
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Snapshot
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
