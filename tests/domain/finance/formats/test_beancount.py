"""A month as Beancount reads it: by its own loader, to the minor unit, and by ``bean-check``."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import account as names
from beancount.core.data import Balance, Open, Transaction
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.currencies import decimals
from scrip.domain.finance.charts import ACCOUNTS, Chart
from scrip.domain.finance.formats.beancount import BeancountAccounts, component, write
from scrip.domain.finance.formats.journals import Group, journals
from scrip.domain.finance.journal import JournalEntry, JournalLine
from tests.domain.finance.formats import Sums, entry, month, period, sums, trial_balance

GROUPS: tuple[Group, ...] = ("entry", "day")


def ledger(
    entries: list[JournalEntry],
    of: str,
    chart: Chart = Chart(),  # noqa: B008 - it is frozen
    group: Group = "entry",
    opening: Sums | None = None,
) -> str:
    return "".join(write(journals(entries, group), chart, of, opening))


def load(text: str) -> list[Any]:
    found, errors, _ = loader.load_string(text)
    assert errors == [], text
    return list(found)


def wrong(text: str) -> list[str]:
    return [str(error.message) for error in loader.load_string(text)[1]]


def minor(amount: Any) -> int:
    """An amount of Beancount's in minor units: it has no part of one."""
    found = amount.number.scaleb(decimals(amount.currency))
    assert found == int(found)
    return int(found)


def summed(found: list[Any]) -> Sums:
    """Beancount's own sums of what is posted, in minor units, by account and currency."""
    made: Counter[tuple[str, str]] = Counter()
    for one in found:
        for posting in one.postings if isinstance(one, Transaction) else ():
            assert posting.units
            made[posting.account, posting.units.currency] += minor(posting.units)
    return {place: amount for place, amount in made.items() if amount}


def named(chart: Chart, of: Sums) -> Sums:
    accounts = BeancountAccounts(chart)
    made: Counter[tuple[str, str]] = Counter()
    for (key, currency), amount in of.items():
        made[accounts.account(key), currency] += amount
    return {place: amount for place, amount in made.items() if amount}


@pytest.mark.parametrize("group", GROUPS)
def test_beancount_reads_the_worked_month_to_the_minor_unit(group: Group) -> None:
    """Its books and its assertions are the trial balance, in USD, JPY and BHD (law 8)."""
    found = load(ledger(month(), period(), group=group))
    assert summed(found) == named(Chart(), trial_balance())
    asserted = {
        (one.account, one.amount.currency): minor(one.amount) for one in found if isinstance(one, Balance)
    }
    assert {place: amount for place, amount in asserted.items() if amount} == named(Chart(), trial_balance())
    assert all(one.tolerance == 0 for one in found if isinstance(one, Balance))


def test_what_an_entry_is_stands_beside_it() -> None:
    text = ledger([entry(), entry(seq=2, currency="JPY", entry_id="k.w.2")], "2026-11")
    assert text == (
        'option "title" "Scrip 2026-11"\n'
        'option "tolerance_multiplier" "0"\n'
        "\n"
        '2026-11-01 open Liabilities:DeferredRevenue\n  key: "deferred_revenue"\n  name: "Deferred Revenue"\n'
        '2026-11-01 open Income:Revenue\n  key: "revenue"\n  name: "Revenue"\n'
        '2026-11-02 * "ann" "burn" ^k.w.1\n'
        '  number: "SVAXI27FIOJLZYFKHUZ4K"\n'
        '  entry: "k.w.1"\n  unit: "credits"\n'
        '  at: "2026-11-02T10:00:00.000Z"\n  recorded: "2026-11-02T10:00:00.001Z"\n  seq: 1\n'
        "  Liabilities:DeferredRevenue  33.33 USD\n"
        "  Income:Revenue  -33.33 USD\n"
        "\n"
        '2026-11-02 * "ann" "burn" ^k.w.2\n'
        '  number: "SLXJOLZECTSHCMHKKRPBE"\n'
        '  entry: "k.w.2"\n  unit: "credits"\n'
        '  at: "2026-11-02T10:00:00.000Z"\n  recorded: "2026-11-02T10:00:00.001Z"\n  seq: 2\n'
        "  Liabilities:DeferredRevenue  3333 JPY\n"
        "  Income:Revenue  -3333 JPY\n"
        "\n"
        "2026-12-01 balance Income:Revenue  -3333 ~ 0 JPY\n"
        "2026-12-01 balance Income:Revenue  -33.33 ~ 0 USD\n"
        "2026-12-01 balance Liabilities:DeferredRevenue  3333 ~ 0 JPY\n"
        "2026-12-01 balance Liabilities:DeferredRevenue  33.33 ~ 0 USD\n"
    )
    assert len(load(text)) == 8


@pytest.mark.parametrize("group", GROUPS)
def test_bean_check_accepts_the_worked_month(group: Group, tmp_path: Path) -> None:
    file = tmp_path / "month.beancount"
    file.write_text(ledger(month(), period(), group=group), encoding="utf-8")
    checked = subprocess.run(
        (str(Path(sys.executable).parent / "bean-check"), "--no-cache", str(file)),
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("said", "instead", "error"),
    [
        ("  Income:Revenue  -33.33 USD", "  Income:Revenue  -33.335 USD", "Transaction does not balance"),
        ("  Income:Revenue  -33.33 USD", "  Income:Revenue  -33.3301 USD", "Transaction does not balance"),
        ("balance Income:Revenue  -33.33 ~", "balance Income:Revenue  -33.3301 ~", "Balance failed"),
    ],
)
def test_beancount_forgives_nothing(said: str, instead: str, error: str) -> None:
    """Half of the last decimal would pass in a transaction, if the file did not say otherwise."""
    text = ledger([entry()], "2026-11")
    assert said in text
    changed = text.replace(said, instead, 1)
    assert any(error in one for one in wrong(changed))
    if error.startswith("Transaction"):
        forgiving = changed.replace('option "tolerance_multiplier" "0"', "")
        assert not any(error in one for one in wrong(forgiving))


def test_a_months_balances_go_on_from_the_month_before() -> None:
    """2 000 of JPY and 100.00 USD were deferred; 33.33 are earned."""
    opening = {
        ("deferred_revenue", "USD"): -10000,
        ("cash.dodo", "USD"): 10000,
        ("deferred_revenue", "JPY"): -2000,
        ("funding.manual", "JPY"): 2000,
        ("refunds", "USD"): 0,
    }
    found = load(ledger([entry()], "2026-11", opening=opening))
    last = {
        (one.account, one.amount.currency): str(one.amount.number)
        for one in found
        if isinstance(one, Balance)
    }
    assert last == {
        ("Liabilities:DeferredRevenue", "USD"): "-66.67",
        ("Assets:Clearing:Dodo", "USD"): "100.00",
        ("Income:Revenue", "USD"): "-33.33",
        ("Liabilities:DeferredRevenue", "JPY"): "-2000",
        ("Assets:Funding:Manual", "JPY"): "2000",
    }


def test_balances_that_do_not_add_up_are_refused() -> None:
    """1 of JPY is no answer to -1 of USD."""
    with pytest.raises(ValueError, match="do not add up in JPY"):
        ledger([], "2026-11", opening={("revenue", "USD"): -1, ("bank", "JPY"): 1})


def test_an_entry_that_came_late_is_dated_the_first_day_and_says_which_month_it_is_of() -> None:
    late = entry(at="2026-10-30T10:00:00.000Z", period="2026-11", late_for="2026-10")
    (one,) = [one for one in load(ledger([late], "2026-11")) if isinstance(one, Transaction)]
    assert (str(one.date), set(one.tags)) == ("2026-11-01", {"late-for-2026-10"})
    assert one.meta["at"] == "2026-10-30T10:00:00.000Z"


def test_decembers_balances_are_of_the_first_of_january() -> None:
    found = load(ledger([entry(at="2026-12-31T23:59:59.999Z")], "2026-12"))
    assert {str(one.date) for one in found if isinstance(one, Balance)} == {"2027-01-01"}


def test_a_month_without_entries_is_a_ledger_without_any() -> None:
    assert load(ledger([], "2026-11")) == []


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("2400", "Liabilities:2400"),
        ("Deferred Revenue", "Liabilities:DeferredRevenue"),
        ("erlöse 7 %", "Liabilities:Erlöse7"),
        ("a_b", "Liabilities:AB"),
        ("繰延収益", "Liabilities:X繰延収益"),
        ("%", "Liabilities:X"),
        ("Sales: credits : x", "Liabilities:Sales:Credits:X"),
        ("a-b", "Liabilities:A-b"),
        ("x-", "Liabilities:X-"),
        ("e\u0301t", "Liabilities:Ét"),
        ('say "so" \\', "Liabilities:SaySo"),
        (":", "Liabilities:X:X"),
    ],
)
def test_a_name_becomes_parts_of_letters_and_digits(name: str, account: str) -> None:
    chart = Chart({"deferred_revenue": name})
    assert BeancountAccounts(chart).account("deferred_revenue") == account
    found = load(ledger([entry()], "2026-11", chart))
    (opened,) = [one for one in found if isinstance(one, Open) and one.account == account]
    assert opened.meta["name"] == name


def test_names_that_look_alike_are_two_accounts_and_one_name_is_one() -> None:
    chart = Chart({"revenue": "Sales 1", "breakage": "Sales_1", "refunds": "Sales 1", "bad_debt": "Sales 1"})
    accounts = BeancountAccounts(chart)
    found = [accounts.account(key) for key in ("revenue", "breakage", "refunds", "bad_debt")]
    assert found == ["Income:Sales1", "Income:Sales1-8bb60083", "Income:Sales1", "Income:Sales1"]
    entries = [
        entry(JournalLine("revenue", -5), JournalLine("breakage", -6), JournalLine("bad_debt", 11)),
        entry(),
    ]
    assert summed(load(ledger(entries, "2026-11", chart))) == named(chart, sums(entries))


def test_an_account_with_another_one_under_it_is_asserted_with_what_that_has() -> None:
    """Beancount's assertion of `Income:Sales` is about `Income:Sales:Lost` too: 5 − 2 are 3."""
    chart = Chart({"revenue": "Sales", "breakage": "Sales:Lost"})
    made = [
        entry(JournalLine("deferred_revenue", 5), JournalLine("revenue", -5)),
        entry(JournalLine("breakage", 2), JournalLine("deferred_revenue", -2), seq=1),
    ]
    text = ledger(made, "2026-11", chart)
    load(text)
    assert "balance Income:Sales  -0.03 ~ 0 USD" in text
    assert "balance Income:Sales:Lost  0.02 ~ 0 USD" in text


def test_an_account_that_lost_its_name_since_is_called_by_its_key() -> None:
    memo = entry(JournalLine("promotional_expense", 5), JournalLine("revenue", -5))
    assert "  Expenses:PromotionalExpense  0.05 USD" in ledger([memo], "2026-11")
    assert "  Expenses:Giveaways  0.05 USD" in ledger(
        [memo], "2026-11", Chart({"promotional_expense": "Giveaways"})
    )
    with pytest.raises(LookupError, match="no account sales"):
        ledger([entry(JournalLine("sales", 5), JournalLine("revenue", -5))], "2026-11")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=100))
def test_any_name_is_a_part_that_beancount_takes(name: str) -> None:
    assert names.is_valid(f"Assets:{component(name)}"), name


KEYS = st.sampled_from([*ACCOUNTS, "cash.stripe", "cash.some_one"])
NAMES = st.text(st.sampled_from('aA1 _-:é%"\\'), min_size=1, max_size=4)


@given(
    st.dictionaries(KEYS, NAMES), st.lists(st.tuples(KEYS, KEYS, st.integers(-(10**15), 10**15)), max_size=5)
)
def test_whatever_accounts_are_called_every_sum_is_beancounts(
    said: dict[str, str], moves: list[tuple[str, str, int]]
) -> None:
    """A name of nothing but spaces is not one of the chart's; here it may come, and stays apart all the same."""
    chart = Chart({"promotional_expense": "Giveaways", **said})
    entries = [
        entry(JournalLine(one, amount), JournalLine(other, -amount), seq=number, currency=currency)
        for number, (one, other, amount) in enumerate(moves)
        for currency in ("USD", "JPY", "BHD", "CLF")
    ]
    for group in GROUPS:
        assert summed(load(ledger(entries, "2026-11", chart, group))) == named(chart, sums(entries))
    distinct = {name for key in (*ACCOUNTS, *said) if (name := chart.name(key))}
    accounts = BeancountAccounts(chart)
    assert len({accounts.account(key) for key in (*ACCOUNTS, *said)}) == len(distinct)
