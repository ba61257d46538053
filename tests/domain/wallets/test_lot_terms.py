"""A lot's terms: fixed when it is granted (law 10), kept once per wallet, found again wherever the lot lies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.errors import InsufficientCredits, PolicyViolation
from scrip.domain.credits.terms import NONE, Rollover, Terms
from scrip.domain.wallets import holds
from scrip.domain.wallets.allowances import Plan
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.grants import Grant
from scrip.domain.wallets.lot_terms import code_of, pays_for, terms_of
from scrip.domain.wallets.wallet import Snapshot
from tests.domain.builders import moment, span
from tests.domain.memory import Vault

IMAGES = Terms(scope=("images",))
TEXT = Terms(scope=("images", "text"), rollover=Rollover(fraction="0.5"))


def scoped(made: Vault, terms: Terms, text: int = 10) -> int:
    return made.grant_one(Grant(text, "promotional", terms=terms)).seq


def test_equal_terms_are_kept_once() -> None:
    made = Vault()
    for terms in (IMAGES, TEXT, IMAGES, NONE, TEXT, Terms(scope=("images",))):
        scoped(made, terms)
    assert [made.lot(seq).terms for seq in range(1, 7)] == [1, 2, 1, 0, 2, 1]
    assert made.sidecars["terms", "all"] == {"terms": [IMAGES.to_json(), TEXT.to_json()]}


def test_a_wallet_without_terms_keeps_none() -> None:
    made = Vault()
    made.grant("100; 50 exp=+1d")
    assert made.sidecars == {}


@pytest.mark.parametrize("terms", [NONE, IMAGES, TEXT, Terms(rollover=Rollover(most=10**27, times=None))])
def test_terms_are_found_again_as_they_were(terms: Terms) -> None:
    assert Terms.from_json(terms.to_json()) == terms
    made = Vault()
    lot = made.lot(scoped(made, terms))
    assert made.reading(lambda draft: terms_of(draft, lot)) == terms


PAYS: list[tuple[Terms, str | None, bool]] = [
    (NONE, None, True),
    (NONE, "images", True),
    (IMAGES, "images", True),
    (IMAGES, "text", False),
    (IMAGES, "image", False),
    (IMAGES, None, False),
    (TEXT, "text", True),
    (Terms(rollover=Rollover()), None, True),
]


@pytest.mark.parametrize(("terms", "meter", "pays"), PAYS)
def test_a_lot_pays_for_its_meters_alone(terms: Terms, meter: str | None, pays: bool) -> None:
    made = Vault()
    lot = made.lot(scoped(made, terms))
    assert made.reading(lambda draft: pays_for(draft, lot, meter)) is pays


def test_a_wallet_keeps_a_hundred_terms_and_not_one_more() -> None:
    made = Vault()
    for number in range(limits.TERMS):
        scoped(made, Terms(scope=(f"m{number}",)), 1)
    with pytest.raises(PolicyViolation) as refusal:
        scoped(made, Terms(scope=("one-more",)))
    assert refusal.value.facts["policy"] == "max_terms"
    assert made.lot(scoped(made, Terms(scope=("m7",)))).terms == 8, "those that are there may be given again"


def terms_read(made: Vault, seq: int) -> Terms:
    lot = made.lot(seq)
    return made.reading(lambda draft: terms_of(draft, lot))


def rolling(made: Vault, number: int, scope: tuple[str, ...] = ()) -> int:
    """A lot whose rollover rule is its own; ten days later it has ended, and nothing is left of the rule."""
    rule = Rollover(most=number, times=None, fraction="0")
    return made.grant_one(
        Grant(5, "promotional", expires_at=made.now + span("10d"), terms=Terms(scope, rule))
    ).seq


def test_a_code_that_no_lot_has_any_more_is_used_again() -> None:
    """A hundred rollover rules, 60 of whose lots have ended: the next sixty rules get their codes, the next none. Every
    lot has the terms it was granted with (law 10)."""
    made = Vault(checked=False)
    granted = {}
    for number in range(1, 61):
        granted[rolling(made, number)] = number
    made.wait("5d")
    for number in range(61, 101):
        granted[rolling(made, number)] = number
    assert [made.lot(seq).terms for seq in granted] == list(range(1, 101))
    made.burn(100)  # twenty of them are used up before their end
    made.wait("6d")
    made.sweep()  # the first sixty have ended: no rule of theirs can be asked for any more
    again = {rolling(made, number): number for number in range(201, 261)}
    assert sorted(made.lot(seq).terms for seq in again) == list(range(1, 61))
    with pytest.raises(PolicyViolation):
        rolling(made, 999)
    living = {seq: number for seq, number in (*granted.items(), *again.items()) if made.lot(seq).spendable}
    assert len(living) == 100
    for seq, number in living.items():
        rule = terms_read(made, seq).rollover
        assert rule
        assert rule.most == number
    assert len(made.sidecars["terms", "all"]["terms"]) == limits.TERMS


@pytest.mark.parametrize("place", ["open", "pending", "used up", "held", "ended"])
def test_a_code_is_a_lots_wherever_the_lot_lies(place: str) -> None:
    """99 codes are of open lots. The hundredth is of a lot that is pending or wholly held: it stays that lot's. Where
    the lot is used up, or has ended, others get its code from now on; and it has the terms that it had."""
    made = Vault(checked=False)
    begins = moment("+5d") if place == "pending" else None
    ends = moment("+1d") if place == "ended" else None
    order = Grant(10, "promotional", effective_at=begins, expires_at=ends, terms=IMAGES)
    mine = made.grant_one(order).seq
    if place == "used up":
        made.burn(10, meter="images")
    elif place == "held":
        wanted = holds.Hold(0, 10, made.now + span("3d"), "refuse", (), meter="images")
        made.carry_out(lambda draft, now: holds.place(draft, wanted, made.policy, now, made.cause("hold")))
    made.wait("2d")
    made.sweep()
    for number in range(1, limits.TERMS):
        scoped(made, Terms(scope=(f"m{number}",)), 1)
    if place in ("used up", "ended"):
        assert made.lot(scoped(made, Terms(scope=("one-more",)))).terms == 1
        with pytest.raises(PolicyViolation):
            scoped(made, Terms(scope=("two-more",)))
    else:
        with pytest.raises(PolicyViolation):
            scoped(made, Terms(scope=("one-more",)))
    assert (made.lot(mine).terms, terms_read(made, mine)) == (1, IMAGES)


def test_hundreds_of_scopes_may_come_and_go() -> None:
    """Law 10: of 350 lots, each for a meter of its own, 90 live at a time. Each has its scope, also after its end, and
    what comes back to one that was used up is for its meter alone."""
    made = Vault(checked=False)
    granted: dict[int, str] = {}
    burned = {}
    for number in range(350):
        name = f"m{number}"
        ends = made.now + span("90h")
        granted[made.grant_one(Grant(10, "promotional", expires_at=ends, terms=Terms(scope=(name,)))).seq] = (
            name
        )
        if number % 50 == 0:
            burned[number] = made.burn(10, meter=name)
        made.wait("1h")
        if number % 50 == 40:
            entry = made.reverse(burned[number - 40], 5)
            assert made.lot(entry.draws[0].lot).remaining == 5
            with pytest.raises(InsufficientCredits):
                made.burn(50, meter=name)
            made.burn(5, meter=f"m{number - 40}")
    assert all(terms_read(made, seq) == Terms(scope=(name,)) for seq, name in granted.items())
    assert len(made.sidecars["terms", "all"]["terms"]) == limits.TERMS
    assert made.sidecars["terms", "all"]["past"] == 5, "250 and more of before, fifty in each"
    made.check()


def test_a_rollover_that_follows_a_used_scope_keeps_its_own() -> None:
    """A lot for images that rolls over is bound until its end, also while it is used up."""
    made = Vault(checked=False)
    ends = moment("+10d")
    seq = made.grant_one(Grant(10, "promotional", expires_at=ends, terms=TEXT)).seq
    burned = made.burn(10, meter="text")
    for number in range(1, limits.TERMS):
        scoped(made, Terms(scope=(f"m{number}",)), 1)
    with pytest.raises(PolicyViolation):
        scoped(made, Terms(scope=("one-more",)))
    made.reverse(burned)
    made.wait("10d")
    made.sweep()
    (rolled,) = [lot for lot in made.all_lots() if lot.kind == "rollover"]
    assert (rolled.remaining, terms_read(made, rolled.seq), terms_read(made, seq).scope) == (
        5,
        TEXT,
        TEXT.scope,
    )


def test_what_a_refund_of_a_used_up_scope_lacks_is_owed_for_its_meters() -> None:
    """Its code is another's by now: the debt is of images, and a lot for images may repay it."""
    made = Vault(checked=False)
    face = "10 cost=1000USD scope=images"
    made.pay("p", face)
    made.burn(10, meter="images")
    for number in range(1, limits.TERMS + 1):
        scoped(made, Terms(scope=(f"m{number}",)), 1)
    assert made.lot(1).terms == made.lot(limits.TERMS + 2).terms == 1
    made.pay("p", face, clawed=10, refunded=1000)
    assert made.look().owed == 10
    made.grant("4 scope=m5")
    assert made.look().owed == 10


def test_codes_that_one_decision_gives_out_are_not_given_out_again_by_it() -> None:
    """Two new terms in one decision, of which the first takes the one free code: the second is refused, and the first
    keeps it; so does a code that was there without a lot."""
    made = Vault(checked=False)
    for number in range(1, limits.TERMS + 1):
        rolling(made, number)
    made.wait("11d")
    made.sweep()
    for number in range(1, limits.TERMS - 1):
        scoped(made, Terms(scope=(f"m{number}",)), 1)

    def two(draft: Draft) -> list[int]:
        found = [code_of(draft, Terms(scope=(name,))) for name in "aba"]
        with pytest.raises(PolicyViolation):
            code_of(draft, Terms(scope=("c",)))
        return found

    first, second, third = made.reading(two)
    assert first == third != second


def test_what_an_allowance_will_give_is_promised_before_a_lot_has_it() -> None:
    """An allowance begins in twenty days; meanwhile all codes are taken, and those of lots that ended are used again.
    Its own is there when time grants it: time is never refused. One that was deleted promises nothing."""
    made = Vault(checked=False)
    made.grant("1")
    plan = Plan(10, "P30D", made.now, "UTC", made.now + span("20d"), rollover=Rollover(of="later"))
    gone = replace(plan, rollover=Rollover(of="gone"))
    made.allow(plan, "later")
    made.allow(gone, "gone")
    made.disallow("gone")
    for number in range(1, limits.TERMS - 1):
        rolling(made, number)
    made.wait("11d")
    made.sweep()
    for number in range(1, limits.TERMS):
        scoped(made, Terms(scope=(f"m{number}",)), 1)
    with pytest.raises(PolicyViolation):
        scoped(made, Terms(scope=("one-more",)))
    made.wait("11d")
    made.sweep()
    (lot,) = [lot for lot in made.all_lots() if lot.kind == "allowance"]
    assert terms_read(made, lot.seq).rollover == Rollover(of="later")


def test_terms_outlive_the_lots_that_had_them() -> None:
    made = Vault()
    made.grant_one(Grant(10, "promotional", expires_at=moment("+1d"), terms=IMAGES))
    made.wait("2d")
    made.sweep()
    assert made.lot(scoped(made, IMAGES)).terms == 1


def test_a_refused_grant_leaves_no_terms() -> None:
    made = Vault()
    made.grant("1")
    with pytest.raises(Exception, match="largest total"):
        scoped(made, IMAGES, limits.LARGEST_TOTAL)
    assert made.sidecars == {}


def test_a_code_is_given_in_the_book_before_it_is_committed() -> None:
    draft = Draft(Snapshot(Vault().wallet, sidecars={("terms", "all"): None}))
    assert [code_of(draft, terms) for terms in (IMAGES, TEXT, IMAGES)] == [1, 2, 1]
