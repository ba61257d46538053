"""Journals: each of one entry or of a day, of one currency, in files of so many lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.finance.formats.journals import MAX_NUMBER, Group, Journal, in_parts, journals, of_day
from scrip.domain.finance.journal import JournalEntry, JournalLine
from tests.domain.finance.formats import entry, month, sums, trial_balance

GROUPS: tuple[Group, ...] = ("day", "entry")
SALE = (
    JournalLine("deferred_revenue", -10000),
    JournalLine("tax_payable", -1900),
    JournalLine("cash.standard", 11900),
)


def days(*entries: JournalEntry) -> list[Journal]:
    return list(journals(entries, "day"))


@pytest.mark.parametrize("group", GROUPS)
def test_journals_of_the_worked_month_add_up_to_its_trial_balance(group: Group) -> None:
    found = Counter[tuple[str, str]]()
    for journal in journals(month(), group):
        assert sum(line.amount for line in journal.lines) == 0
        assert len({line.account for line in journal.lines}) == len(journal.lines) >= 2
        for line in journal.lines:
            found[line.account, journal.currency] += line.amount
    assert {place: amount for place, amount in found.items() if amount} == trial_balance() == sums(month())


def test_a_day_is_one_journal_of_each_currency() -> None:
    """100.00 sold with 19.00 tax, then 33.33 and 16.67 earned: deferred is 50.00."""
    found = days(
        entry(*SALE, kind="grant", at="2026-11-02T00:00:00.000Z"),
        entry(at="2026-11-02T23:59:59.999Z"),
        entry(JournalLine("deferred_revenue", 1667), JournalLine("revenue", -1667), seq=3),
        entry(seq=4, at="2026-11-03T00:00:00.000Z"),
        entry(seq=5, currency="JPY"),
    )
    assert [(one.number, one.date, one.currency, one.entries) for one in found] == [
        ("S20261102-JPY", "2026-11-02", "JPY", 1),
        ("S20261102-USD", "2026-11-02", "USD", 3),
        ("S20261103-USD", "2026-11-03", "USD", 1),
    ]
    assert found[1].lines == (
        JournalLine("cash.standard", 11900),
        JournalLine("deferred_revenue", -5000),
        JournalLine("tax_payable", -1900),
        JournalLine("revenue", -5000),
    )
    assert found[1].narration == "Scrip S20261102-USD: 3 entries of 2026-11-02 in USD"


def test_what_came_late_is_a_journal_of_its_own() -> None:
    """It is dated the first day of the month whose books it stands in."""
    late = entry(at="2026-10-30T10:00:00.000Z", period="2026-12", late_for="2026-10")
    later = entry(at="2026-11-30T10:00:00.000Z", period="2026-12", late_for="2026-11")
    found = days(entry(at="2026-12-01T10:00:00.000Z"), late, later)
    assert [(one.number, one.date, one.late_for) for one in found] == [
        ("S20261201-USD", "2026-12-01", None),
        ("S20261201-USD-L202610", "2026-12-01", "2026-10"),
        ("S20261201-USD-L202611", "2026-12-01", "2026-11"),
    ]
    assert found[1].narration.endswith(", late for 2026-10")


def test_an_entry_in_a_month_that_is_not_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match=r"k\.w\.1 of 2026-11-02 stands in the books of 2026-12"):
        days(entry(period="2026-12"))


def test_what_adds_up_to_nothing_is_no_journal() -> None:
    """A transfer's halves; what was burned and given back on one day."""
    moved = entry(JournalLine("deferred_revenue", 5), JournalLine("deferred_revenue", -5))
    back = entry(JournalLine("revenue", 3333), JournalLine("deferred_revenue", -3333), seq=2)
    assert days(moved) == days(entry(), back) == list(journals([moved], "entry")) == []


def test_an_entry_of_two_currencies_has_a_number_in_each() -> None:
    found = list(journals([entry(), entry(currency="EUR"), entry(entry_id="k.w.2")], "entry"))
    assert len({one.number for one in found}) == 3
    assert found[0].narration == f"Scrip {found[0].number}: burn 1 of ann, credits"


@given(st.lists(st.tuples(st.text(min_size=1), st.sampled_from(["USD", "JPY"])), unique=True, max_size=20))
def test_numbers_are_as_short_as_quickbooks_has_them_and_name_one_journal(
    names: list[tuple[str, str]],
) -> None:
    entries = [entry(entry_id=name, currency=currency) for name, currency in names]
    numbers = [one.number for one in journals(entries, "entry")]
    assert len(set(numbers)) == len(names)
    assert all(len(one) == MAX_NUMBER for one in numbers)


MOMENTS = st.integers(1, 30).map(lambda day: f"2026-11-{day:02}T12:00:00.000Z")
MOVES = st.lists(
    st.tuples(MOMENTS, st.sampled_from(["revenue", "bank", "cash.dodo"]), st.integers(-999, 999))
)


@given(MOVES)
def test_a_days_journal_has_the_sums_of_its_entries(moves: list[tuple[str, str, int]]) -> None:
    """Counted another way: entry by entry."""
    entries = [
        entry(JournalLine(key, amount), JournalLine("deferred_revenue", -amount), at=at, seq=number)
        for number, (at, key, amount) in enumerate(moves)
    ]
    wanted = Counter[tuple[str, str]]()
    for at, key, amount in moves:
        wanted[at[:10], key] += amount
        wanted[at[:10], "deferred_revenue"] -= amount
    found = {(one.date, line.account): line.amount for one in days(*entries) for line in one.lines}
    assert found == {place: amount for place, amount in wanted.items() if amount}


def test_a_days_sums_make_the_journal_that_its_entries_do() -> None:
    """For whoever sums them elsewhere: 66.67 deferred of 100.00 after 33.33 were earned."""
    (wanted,) = days(entry(*SALE), entry(seq=2))
    sums = {
        "deferred_revenue": -6667,
        "tax_payable": -1900,
        "cash.standard": 11900,
        "revenue": -3333,
        "bank": 0,
    }
    assert of_day(("2026-11-02", "USD", None), 2, sums) == wanted
    assert of_day(("2026-11-02", "USD", None), 2, {"bank": 0}) is None


def test_files_have_whole_journals_and_no_more_lines_than_they_may() -> None:
    """Of 4, 2, 2, 2 and 4 lines, files of at most 5: 4; 2 and 2; 2; 4. What has more than a file may is alone."""
    other = entry(*(JournalLine(key, 1) for key in ("bank", "fees", "revenue")), JournalLine("refunds", -3))
    given = [one for each in (other, entry(), entry(), entry(), other) for one in journals([each], "entry")]
    assert [part for part, _ in in_parts(given, 5)] == [1, 2, 2, 3, 4]
    assert [part for part, _ in in_parts(given, 3)] == [1, 2, 3, 4, 5]
    assert [one for _, one in in_parts(given, 5)] == given


def test_entries_are_read_one_by_one() -> None:
    """The first journal is there when one entry was read: a million are never in memory."""
    read = 0

    def entries() -> object:
        nonlocal read
        for seq in range(1_000_000):
            read += 1
            yield entry(seq=seq, entry_id=f"k.w.{seq}")

    next(journals(entries(), "entry"))  # type: ignore[arg-type]
    assert read == 1


def test_a_movement_at_a_provider_is_named_by_its_own_name() -> None:
    """It is of no wallet."""
    (found,) = journals([replace(entry(entry_id="stripe:txn_1", kind="fee"), account=None)], "entry")
    assert found.narration == f"Scrip {found.number}: fee, stripe:txn_1"
