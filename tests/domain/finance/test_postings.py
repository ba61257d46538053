"""What each kind of entry posts, by the origin of its lot (law 8). Minor units; debits are positive.

Each entry adds up to nothing, or ``postings`` raises. That all entries together leave in the books what the lots have
deferred is checked after every commit of every test in memory (``Vault.check``), and of the simulator."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from scrip.domain.credits.entries import MADE_FOR, Entry
from scrip.domain.credits.ids import business_key, former_entry_id, key_entry_id
from scrip.domain.finance.postings import REPAID, postings, provider_of
from scrip.domain.wallets import burns, corrections
from scrip.domain.wallets.position import GivenBack
from scrip.domain.wallets.shares import ItemCost
from tests.domain.builders import grants
from tests.domain.giving import movable, rolling
from tests.domain.memory import Vault, vault

PAID = "10 cost=1000USD tax=190"
REDEEMED = "10 cost=1000USD tax=200 due=redemption"


def of_payment(entry: Entry, provider: str = "dodo") -> Entry:
    """The entry as the grant of a provider's payment says it."""
    key = business_key(provider, "payment", "p")
    assert entry.cause
    cause = replace(entry.cause, reference=("payment", f"{provider}:p"))
    return replace(entry, id=key_entry_id(entry.account, entry.unit, key), cause=cause)


def told(made: Vault, seq: int = 0, provider: str = "") -> list[str]:
    """The postings of an entry, the last one: ``recognised api: deferred_revenue 300, revenue -300``.

    Of a wallet with ``positions`` the first lot is a payment's, and so are its clawbacks, at ``provider``."""
    entry = made.entries[seq - 1]
    if (provider or made.positions) and entry.cause:
        of = of_payment(entry, provider or "dodo")
        money = entry.kind in ("clawback", "reinstatement")
        entry = of if entry.seq == 1 else replace(entry, cause=of.cause) if money else entry
    found = []
    for one in postings(entry):
        lines = ", ".join(
            f"{line.account} {line.amount}" + (" in transit" if line.transit else "") for line in one.lines
        )
        meter = f" {one.meter}" if one.meter else ""
        found.append(f"{one.cause}{meter}: {lines}")
    return found


def use(made: Vault, **steps: int) -> Entry:
    """Burns so many steps for each meter, in one entry, as a burn by quantity or by items does."""
    items = [ItemCost(number, meter, many) for number, (meter, many) in enumerate(steps.items())]
    usage = [{"meter": meter, "quantity": str(many), "dimensions": {}} for meter, many in steps.items()]
    said = {"usage": usage if len(usage) > 1 else usage[0]}
    parts = items if len(usage) > 1 else ()
    burn = burns.Burn(sum(steps.values()), made.policy, "exact", items[0].meter, said, parts=parts)
    return made.carry_out(lambda draft, now: burns.burn(draft, burn, now, made.cause("use")))


def two(**policy: Any) -> tuple[Vault, Vault]:
    """Two wallets between which credits move."""
    return Vault(movable(**policy), "acme"), Vault(movable(**policy), "beta")


# Lots that come in


@pytest.mark.parametrize(
    ("lot", "lines"),
    [
        (PAID, "funding.manual 1190, deferred_revenue -1000, tax_payable -190"),
        (REDEEMED, "funding.manual 1200, deferred_revenue -1000, tax_deferred -200"),
        ("10 cost=1000JPY kind=refund", "funding.credit 1000, deferred_revenue -1000"),
    ],
    ids=["by hand", "by hand, taxed at redemption", "in the place of a refund"],
)
def test_a_lot_with_cost_basis_is_deferred_until_it_is_spent(lot: str, lines: str) -> None:
    made = vault(lot)
    assert told(made) == [f"sold: {lines}"]


@pytest.mark.parametrize("provider", ["dodo", "stripe", "paddle", "standard"])
def test_what_a_payment_brought_lies_with_its_provider(provider: str) -> None:
    made = vault(PAID)
    assert told(made, provider=provider) == [
        f"sold: cash.{provider} 1190, deferred_revenue -1000, tax_payable -190"
    ]


def test_a_grant_by_hand_that_names_a_payment_is_none_of_it() -> None:
    """Anybody may say a reference. The key of a payment's grant begins with a character that no caller may use."""
    own = of_payment(vault(PAID).entries[0])
    assert own.cause
    forged = replace(own, id=key_entry_id(own.account, own.unit, "dodo:payment:p"))
    assert [provider_of(own), provider_of(forged)] == ["dodo", None]
    assert provider_of(replace(own, cause=replace(own.cause, reference=("order", "dodo:p")))) is None


def test_a_payments_grant_of_before_ids_had_their_wallet_is_known() -> None:
    own = of_payment(vault(PAID).entries[0])
    former = former_entry_id(business_key("dodo", "payment", "p"))
    assert provider_of(replace(own, id=former)) == "dodo"


@pytest.mark.parametrize("kind", ["promotional", "compensation", "allowance", "refund"])
def test_credits_that_cost_nothing_post_nothing(kind: str) -> None:
    made = vault(f"10 kind={kind}")
    made.burn(4)
    assert [postings(entry) for entry in made.entries] == [[], []]


# Credits that are spent, and come back


def test_what_is_burned_is_earned() -> None:
    """Law 8: of 1 000 over 3 credits, 333 for the first, 333 for the second, 334 for the last."""
    made = vault("3 cost=1000USD")
    seen = []
    for _ in range(3):
        use(made, api=1)
        seen += told(made)
    assert seen == [
        "recognised api: deferred_revenue 333, revenue -333",
        "recognised api: deferred_revenue 333, revenue -333",
        "recognised api: deferred_revenue 334, revenue -334",
    ]


def test_tax_at_redemption_is_due_with_what_is_burned() -> None:
    made = vault(REDEEMED)
    made.burn(3)
    assert told(made) == ["recognised: deferred_revenue 300, revenue -300, tax_deferred 60, tax_payable -60"]


def for_invoice(made: Vault, steps: int) -> Entry:
    """Burns so many steps for the invoice ``i``, as an application does."""
    burn = burns.Burn(steps, made.policy, "up_to", extra={MADE_FOR: ["invoice", "i"]})
    return made.carry_out(lambda draft, now: burns.burn(draft, burn, now, made.cause("apply")))


def test_what_is_applied_to_an_invoice_is_earned_for_it_and_its_void_gives_that_back() -> None:
    """Of 1 000 over 3 credits, 666 for two of them, and their tax of 200: 133. The void is the whole opposite."""
    made = vault("3 cost=1000USD tax=200 due=redemption")
    burned = for_invoice(made, 2)
    (applied,) = told(made)
    lines = "deferred_revenue 666, revenue -666, tax_deferred 133, tax_payable -133"
    assert applied == f"recognised (invoice): {lines}"
    reverse = corrections.Reverse(burned, made_for=("invoice", "i"))
    made.carry_out(lambda draft, now: corrections.reverse(draft, reverse, now, made.cause("void")))
    (voided,) = told(made)
    lines = "deferred_revenue -666, revenue 666, tax_deferred -133, tax_payable 133"
    assert voided == f"reversed (invoice): {lines}"
    assert made.entries[-1].made_for == ("invoice", "i")


def test_free_credits_that_are_applied_to_an_invoice_post_nothing() -> None:
    made = vault("5")
    for_invoice(made, 4)
    assert told(made) == []


def test_what_is_overdrawn_has_no_price_yet_and_is_earned_when_it_is_repaid() -> None:
    """4 are burned of nothing. Of 10 that come for 1 000, 4 repay them."""
    made = vault(overdraft_limit=10)
    made.burn(4, meter="api")
    assert told(made) == []
    made.grant(PAID)
    assert told(made) == [
        "sold: funding.manual 1190, deferred_revenue -1000, tax_payable -190",
        f"recognised {REPAID}: deferred_revenue 400, revenue -400",
    ]


def test_a_reversal_gives_back_what_the_burn_had_earned() -> None:
    made = vault(REDEEMED)
    burned = use(made, api=3)
    made.reverse(burned, 1)
    assert told(made) == [
        "reversed api: deferred_revenue -100, revenue 100, tax_deferred -20, tax_payable 20"
    ]


def test_a_hold_posts_nothing_and_its_capture_what_a_burn_does() -> None:
    made = vault(PAID)
    held = made.hold(6, meter="api").seq
    assert told(made) == []
    made.capture(held, 4)
    assert told(made) == ["recognised api: deferred_revenue 400, revenue -400"]


def test_draws_of_two_lots_are_two_postings_each_in_its_currency() -> None:
    """The dearer lot is taken last: 3 of the yen, then 1 of 2 dollars."""
    made = vault("2 cost=100USD; 3 cost=90JPY")
    made.burn(4)
    assert told(made) == [
        "recognised: deferred_revenue 90, revenue -90",
        "recognised: deferred_revenue 50, revenue -50",
    ]
    assert [one.currency for one in postings(made.entries[-1])] == ["JPY", "USD"]


def test_each_item_of_a_burn_is_earned_for_its_meter_and_given_back_for_it() -> None:
    """2 for api and 3 for images, of one lot at 100 each. 4 come back: the 3 last burned were for images."""
    made = vault("10 cost=1000USD")
    burned = use(made, api=2, images=3)
    assert told(made) == [
        "recognised api: deferred_revenue 200, revenue -200",
        "recognised images: deferred_revenue 300, revenue -300",
    ]
    made.reverse(burned, 4)
    assert told(made) == [
        "reversed images: deferred_revenue -300, revenue 300",
        "reversed api: deferred_revenue -100, revenue 100",
    ]


def test_a_reversal_in_parts_goes_on_where_the_one_before_ended() -> None:
    made = vault("10 cost=1000USD")
    burned = use(made, api=2, images=3)
    seen = []
    for _ in range(5):
        made.reverse(burned, 1)
        seen += [one.partition(":")[0] for one in told(made)]
    assert seen == ["reversed images"] * 3 + ["reversed api"] * 2


def test_a_step_that_another_event_had_paid_is_given_back_for_its_meter() -> None:
    """Two events of half a step: the second burns the step of both. The first one undone, it comes back for api."""
    made = vault("10 cost=1000USD")
    first = made.use(Fraction(1, 2))
    made.use(Fraction(1, 2))
    assert told(made) == ["recognised: deferred_revenue 100, revenue -100"]
    made.reverse(first)
    assert [one.partition(": ")[2] for one in told(made)] == ["deferred_revenue -100, revenue 100"]


# Credits that nobody spends


def test_what_expires_is_breakage_and_its_tax_was_never_due() -> None:
    made = vault(f"{REDEEMED} exp=+7d")
    made.burn(4)
    made.wait("7d")
    made.sweep()
    assert told(made) == [
        "breakage: deferred_revenue 600, breakage -600, tax_deferred 120, breakage_tax -120"
    ]


def test_what_is_voided_or_debited_is_breakage() -> None:
    made = vault(PAID)
    made.debit(1)
    assert told(made) == ["breakage: deferred_revenue 100, breakage -100"]
    made.void(1, 4)
    assert told(made) == ["breakage: deferred_revenue 400, breakage -400"]


@pytest.mark.parametrize(("kind", "account"), [("paid", "funding.manual"), ("refund", "funding.credit")])
def test_a_mistake_was_never_sold(kind: str, account: str) -> None:
    made = vault(f"10 cost=1000USD kind={kind}")
    made.void(1, mistake=True)
    assert told(made) == [f"sold: deferred_revenue 1000, {account} -1000"]


# Credits that move


def test_a_transfer_is_the_senders_deferred_and_then_the_receivers() -> None:
    """Tax that was due at the purchase stays booked. In the sender's books what arrives elsewhere is in transit."""
    made, other = two()
    made.grant(PAID)
    made.transfer(other, 4)
    assert told(made) == ["moved: deferred_revenue 400, deferred_revenue -400 in transit"]
    assert told(other) == ["moved: deferred_revenue -400, deferred_revenue 400 in transit"]


def test_tax_at_redemption_moves_with_a_transfer() -> None:
    made, other = two()
    made.grant(REDEEMED)
    made.transfer(other, 4)
    taxed = "tax_deferred 80, tax_deferred -80 in transit"
    assert told(made) == [f"moved: deferred_revenue 400, deferred_revenue -400 in transit, {taxed}"]
    assert told(other)[0].endswith("tax_deferred -80, tax_deferred 80 in transit")


def test_a_rollover_moves_from_lot_to_lot_and_the_rest_is_breakage() -> None:
    """Half of 10 go on, with 500 and 100 of tax."""
    made = vault()
    made.grant_one(replace(grants(f"{REDEEMED} exp=+7d")[0], terms=rolling(fraction="0.5")))
    made.wait("7d")
    made.sweep()
    assert told(made, -1) == [
        "moved: deferred_revenue 500, deferred_revenue -500 in transit, tax_deferred 100, tax_deferred -100 in transit",
        "moved: deferred_revenue -500, deferred_revenue 500 in transit, tax_deferred -100, tax_deferred 100 in transit",
    ]
    assert told(made) == [
        "breakage: deferred_revenue 500, breakage -500, tax_deferred 100, breakage_tax -100"
    ]
    moved = [(one.lot, one.credits) for one in postings(made.entries[-2])]
    assert moved == [(1, 5), (made.entries[-2].seq, -5)], "what leaves a lot arrives in another"


# Money that goes back


def given(tax: int = 0, **facts: int) -> GivenBack:
    """``refund_1=500``: so much went back by the refund ``refund:1``, tax included."""
    return GivenBack(tax, {name.replace("_", ":"): amount for name, amount in facts.items()})


def paid(lot: str = PAID, burned: int = 0) -> Vault:
    """A payment of 10 credits of which so many are burned."""
    made = vault()
    made.pay("p", lot)
    if burned:
        made.burn(burned)
    return made


def test_a_refund_takes_what_is_deferred_first_and_then_comes_off_revenue() -> None:
    """6 of 10 are burned. All 1 190 go back: 400 were deferred, 600 had been earned, 190 is tax."""
    made = paid(burned=6)
    made.pay("p", PAID, clawed=10, refunded=1000, given=given(190, refund_1=1190))
    assert told(made) == ["refunded: deferred_revenue 400, refunds 600, tax_payable 190, cash.dodo -1190"]


def test_a_dispute_that_is_lost_is_bad_debt() -> None:
    made = paid(burned=6)
    made.pay("p", PAID, clawed=10, refunded=1000, given=given(190, dispute_1=1190))
    assert told(made) == [
        "charged_back: deferred_revenue 400, bad_debt 600, tax_payable 190, cash.dodo -1190"
    ]


def parts_told(made: Vault) -> Any:
    """What the entry says that each refund and dispute brought."""
    (entry,) = [one for one in made.entries if "refunded" in one.extra]
    return entry.extra.get("by")


@pytest.mark.parametrize(
    ("facts", "postings_told"),
    [
        (
            {"refund_1": 595, "dispute_1": 595},
            [
                "refunded: deferred_revenue 400, refunds 100, tax_payable 95, cash.dodo -595",
                "charged_back: bad_debt 500, tax_payable 95, cash.dodo -595",
            ],
        ),
        (
            {"refund_1": 119, "refund_2": 119, "dispute_1": 952},
            [
                "refunded: deferred_revenue 200, tax_payable 38, cash.dodo -238",
                "charged_back: deferred_revenue 200, bad_debt 600, tax_payable 152, cash.dodo -952",
            ],
        ),
        (
            {"refund_1": 1190, "dispute_1": 0},
            ["refunded: deferred_revenue 400, refunds 600, tax_payable 190, cash.dodo -1190"],
        ),
        (
            {"dispute_1": 595, "dispute_2": 595},
            ["charged_back: deferred_revenue 400, bad_debt 600, tax_payable 190, cash.dodo -1190"],
        ),
    ],
    ids=["half and half", "two refunds before a dispute", "a dispute of nothing", "disputes alone"],
)
def test_refunds_and_disputes_of_one_entry_each_have_their_part(
    facts: dict[str, int], postings_told: list[str]
) -> None:
    """The refunds come first, and what is deferred goes to them first."""
    made = paid(burned=6)
    made.pay("p", PAID, clawed=10, refunded=1000, given=given(190, **facts))
    assert told(made) == postings_told
    assert parts_told(made) == [*facts.values()]


def test_a_refund_of_tax_at_redemption_takes_what_is_not_due_first() -> None:
    """6 of 10 are burned, 120 of the tax are due. All goes back: 80 were not due yet, 120 come off what is payable."""
    made = paid(REDEEMED, burned=6)
    made.pay("p", REDEEMED, clawed=10, refunded=1000, given=given(200, refund_1=1200))
    assert told(made) == [
        "refunded: deferred_revenue 400, tax_deferred 80, refunds 600, tax_payable 120, cash.dodo -1200"
    ]


def test_what_was_due_of_the_tax_comes_off_the_first_of_a_refund_and_a_dispute() -> None:
    """3 of 10 are burned, 60 of the tax are due: of the 100 that the refund gives back; of the other 100 none."""
    made = paid(REDEEMED, burned=3)
    made.pay("p", REDEEMED, clawed=10, refunded=1000, given=given(200, refund_1=600, dispute_1=600))
    assert told(made) == [
        "refunded: deferred_revenue 500, tax_deferred 40, tax_payable 60, cash.dodo -600",
        "charged_back: deferred_revenue 200, tax_deferred 100, bad_debt 300, cash.dodo -600",
    ]


def test_the_last_money_of_a_lot_without_credits_is_earned() -> None:
    """3 of 3 credits go back for 999 of 1 000: the last cent is nobody's any more."""
    lot = "3 cost=1000USD"
    made = paid(lot)
    made.pay("p", lot, clawed=3, refunded=999, given=given(0, refund_1=999))
    assert told(made) == ["refunded: deferred_revenue 1000, revenue -1, cash.dodo -999"]
    assert parts_told(made) is None, "one refund has all of it"


def test_a_refund_that_failed_after_all_is_the_other_way_round() -> None:
    made = paid(burned=6)
    made.pay("p", PAID, clawed=10, refunded=1000, given=given(190, refund_1=1190))
    made.pay("p", PAID, given=given())
    assert told(made) == ["refunded: deferred_revenue -400, refunds -600, tax_payable -190, cash.dodo 1190"]


def test_a_dispute_that_is_won_after_all_is_bad_debt_no_more() -> None:
    made = paid(burned=6)
    made.pay("p", PAID, clawed=10, refunded=1000, given=given(190, dispute_1=1190))
    made.pay("p", PAID, given=given())
    assert told(made) == [
        "charged_back: deferred_revenue -400, bad_debt -600, tax_payable -190, cash.dodo 1190"
    ]


def test_what_was_given_back_of_transferred_credits_comes_off_revenue_that_is_to_come() -> None:
    """All 10 are the other's by now: the lot has neither money nor earnings, and 1 000 went back. Their 1 000 stay
    deferred there, and are earned as they are spent."""
    made, other = two()
    made.pay("p", "10 cost=1000USD")
    made.transfer(other, 10)
    made.pay("p", "10 cost=1000USD", clawed=10, refunded=1000, given=given(0, refund_1=1000))
    assert told(made) == ["refunded: refunds 1000, cash.dodo -1000"]


def test_kept_money_moves_to_the_lot_that_it_becomes() -> None:
    """5 credits with 500 become a lot of their own: no cash, and nothing is sold again."""
    made = paid()
    made.keep("p", 5, 500, tax=95)
    assert told(made, -1) == ["moved: deferred_revenue 500, deferred_revenue -500 in transit"]
    assert told(made) == ["moved: deferred_revenue -500, deferred_revenue 500 in transit"]
    made.grant("5 cost=500USD kind=refund")
    assert told(made) == ["sold: funding.credit 500, deferred_revenue -500"]


def test_frozen_credits_stay_deferred() -> None:
    """An open dispute is a difference to be explained, and no loss yet."""
    made = paid()
    made.pay("p", PAID, frozen=10)
    assert (made.entries[-1].kind, told(made)) == ("freeze", [])


def test_a_debt_that_is_written_off_is_no_money() -> None:
    """What was burned of refunded credits was paid back already; that nobody owes it any more changes no book."""
    made = vault(refund_shortfall="write_off")
    made.pay("p", PAID)
    made.burn(6)
    made.pay("p", PAID, clawed=10, refunded=1000, given=given(190, refund_1=1190))
    assert ([entry.kind for entry in made.entries[-2:]], told(made)) == (["clawback", "write_off"], [])


def test_a_clawback_of_before_that_does_not_say_its_currency_cannot_be_booked() -> None:
    made = paid(burned=6)
    made.pay("p", PAID, clawed=10, refunded=1000, given=given(190, refund_1=1190))
    entry = made.entries[-1]
    extra = {name: value for name, value in entry.extra.items() if name != "currency"}
    with pytest.raises(LookupError, match="currency"):
        postings(replace(entry, extra=extra))


def test_a_clawback_of_credits_that_cost_nothing_posts_nothing() -> None:
    made = vault()
    made.pay("p", "10")
    made.burn(6)
    made.pay("p", "10", clawed=10)
    assert (made.entries[-1].kind, told(made)) == ("clawback", [])
