"""The archive in the simulation: editions and closes at any moment, and that bugs of theirs are found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from scrip.services.finance import batches, books, closes, editions, manifests, periods
from scrip.services.finance.manifests import EditionAttempt
from scrip.store import documents, keys
from simulation.archivist import DELIVERIES
from simulation.tables import TableDefinition
from simulation.world import World, run, steps
from tests.aws import template

STEPS = 400
SLOTS = 6
OFTEN: Mapping[str, float] = {"edition": 30, "close": 40, "month": 10, "archived": 3, "spoilt": 6}
"""An edition in some 70 steps, a month's end in 100."""
SEEDS = (2, 7, 1, *range(3, 13))
LONG = ("a closed month that is read on", "a late fact in a closed month")
"""Bugs that need two closes, or that are looked for at the end of a whole run."""
SOON: Mapping[str, int] = {"positions with what is on its way": 1}
"""Seeds that come to a bug sooner than the others do."""
Plant = Callable[[pytest.MonkeyPatch], None]


def batches_without_their_last(patch: pytest.MonkeyPatch) -> None:
    made = batches.keep
    patch.setattr(batches, "keep", lambda tables, archive, entries: made(tables, archive, entries[:-1]))


def its_own_list(patch: pytest.MonkeyPatch) -> None:
    """What there is to have is what has come."""
    made = editions._Edition._add

    def add(edition: Any, keys: Any) -> None:
        made(edition, keys)
        edition.space.run(
            [
                """
                CREATE OR REPLACE TABLE heads AS
                SELECT account, unit, max(seq) AS seq, arg_max(hash, seq) AS hash
                FROM (SELECT account, unit, seq, hash FROM came UNION ALL SELECT account, unit, seq, hash FROM known)
                GROUP BY ALL
                """
            ]
        )

    patch.setattr(editions._Edition, "_add", add)


def rows_believed(patch: pytest.MonkeyPatch) -> None:
    """A row of a batch is taken as it is, whatever entry is in it."""
    patch.setattr(batches, "_intact", lambda _line: True)


def a_cut_of_today(patch: pytest.MonkeyPatch) -> None:
    """A day is complete before it is over."""
    patch.setattr(editions, "_cut", lambda now: now)


def transit_counted(patch: pytest.MonkeyPatch) -> None:
    """What is on its way to another wallet counts as a lot's."""
    new = [one.replace("AND NOT transit", "") for one in editions.SQL["new"]]
    patch.setitem(editions.SQL, "new", new)


def a_lock_that_two_take(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether somebody else is making an edition."""

    def put(attempt: EditionAttempt, _known: documents.Document, body: Any) -> documents.Document:
        present = documents.get(attempt.tables, keys.ARCHIVE)
        made = documents.put(attempt.tables, present.pk, present.rev, {**body, "held_until": 0})
        return made or present

    patch.setattr(EditionAttempt, "_put", put)


def closed_months_read_on(patch: pytest.MonkeyPatch) -> None:
    """Reports of a closed month are of what there is today."""
    patch.setattr(periods, "closed", lambda *_: None)


def late_in_their_own_month(patch: pytest.MonkeyPatch) -> None:
    """What comes late is booked in the month in which it holds, closed or not."""
    for module in (books, manifests):
        patch.setattr(module, "period_of", lambda month, _edition, _closes: month)


def closes_that_book_nothing(patch: pytest.MonkeyPatch) -> None:
    """A month is closed without what time does in it."""

    def book(closing: Any) -> bool:
        closing.write(replace(closing.job, status="checking"), held=True)
        return True

    patch.setattr(closes._Closing, "_book", book)


BUGS: Mapping[str, tuple[Plant, str]] = {
    "a batch that drops its last entry": (batches_without_their_last, "law 4: entry .* in no batch"),
    "an edition that takes its own list": (its_own_list, "law 4: edition .* says it is complete, and lacks"),
    "rows of batches that are believed": (rows_believed, "law 4: an edition has entry .* otherwise than"),
    "a day that is complete before it is over": (
        a_cut_of_today,
        "law 4: entry .* and all was complete up to",
    ),
    "positions with what is on its way": (transit_counted, "law 8: edition .* has lots of .* otherwise than"),
    "a lock that two take": (a_lock_that_two_take, "law [04]: "),
    "a closed month that is read on": (closed_months_read_on, "law 4: .* does not say what it said"),
    "a late fact in a closed month": (late_in_their_own_month, "law 4: the journal of"),
    "a close that books nothing": (
        closes_that_book_nothing,
        "law 5: .* is closed, and entry .* is due in it",
    ),
}


@pytest.mark.parametrize("seed", [2, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(10, 30))])
def test_editions_and_closed_months_keep_the_laws_whoever_dies(seed: int) -> None:
    """Each edition and each close is looked at as it is made; at the end all is read once more."""
    world = World(seed, often=OFTEN, slots=SLOTS)
    report = world.run(steps(seed, STEPS))
    assert report.broken == ""
    assert world.archivist
    assert world.archivist.editions.made > 1, "chance makes few or many"
    if seed == 2:
        assert report.outcomes.keys() >= {
            *(f"edition: {how}" for how in ("done", "died", "contended")),
            *(f"close: {how}" for how in ("closed", "died")),
            "late: done",
        }
        assert world.archivist.reader.happened.keys() >= {"read", "changed", "killed before", "busy"}


def test_the_table_that_a_close_asks_is_that_of_the_template() -> None:
    properties = template()["Resources"]["DeliveriesTable"]["Properties"]
    assert TableDefinition.from_template("deliveries", properties) == DELIVERIES


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if name in LONG else []) for name in BUGS]
)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, sentence = BUGS[name]
    plant(monkeypatch)
    seeds = (SOON[name], *SEEDS) if name in SOON else SEEDS
    reports = (run(seed, STEPS, often=OFTEN, slots=SLOTS) for seed in seeds)
    report = next((one for one in reports if one.broken), None)
    assert report, "nothing was found"
    assert re.match(sentence, report.broken), report.broken
