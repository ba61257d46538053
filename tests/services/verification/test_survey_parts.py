"""A survey of a few wallets and payments that are chosen for its parts: what it counts, keeps, saves and leaves out."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scrip.domain.credits.errors import Throttled
from scrip.services.verification import survey as surveying
from scrip.services.verification.survey import PARTS, EntryBudget, Progress, Survey, SurveyRun, TooLarge
from scrip.store import keys, ledger, scan
from simulation.dynamodb import error
from tests.services.verification.scanned import SECOND, Scanned, Surveyed, grown


@pytest.fixture(autouse=True)
def _no_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)


def test_everything_is_counted_and_its_progress_reported_one_by_one() -> None:
    """1 + 2 + 3 entries of sound wallets, 2 + 2 of those that lost all else; 3 + 2 keys are wallets' where they lie."""
    tables, seen = Surveyed(), list[tuple[int, int]]()
    progress = Progress(lambda now: seen.append((now.wallets, now.entries)))
    done = tables.run(progress=progress)
    counts = {
        name: done.total(name) for name in ("wallets", "entries", "payments", "parked", "left", "found")
    }
    assert counts == {"wallets": 5, "entries": 10, "payments": 4, "parked": 2, "left": 0, "found": 5}
    assert done.listed("parked_names") == [f"dodo:{name}" for name in tables.parked]
    assert done.parts[SECOND].found == 5
    steps = sorted((w - was[0], e - was[1]) for was, (w, e) in zip([(0, 0), *seen], seen, strict=False))
    assert steps == [(0, 0)] * 4 + [(1, 1), (1, 2), (1, 2), (1, 2), (1, 3)]


def test_a_finding_says_all_that_is_known_of_what_it_is_about() -> None:
    tables = Surveyed()
    found = tables.run().listed("findings")
    unread = f"dodo:{tables.unread}"
    (of_payment,) = [one for one in found if one["kind"] == "payment"]
    assert of_payment == {
        "payment": unread,
        "account": None,
        "unit": None,
        "kind": "payment",
        "seq": None,
        "entry_id": None,
        "what": f"payment {unread} cannot be read: {of_payment['what'].rpartition(' ')[2]}",
    }
    of_keys = [one for one in found if one["kind"] == "broken"]
    assert [(one["unit"], one["what"]) for one in of_keys] == [
        (None, "its key is not the key of a wallet")
    ] * 2
    assert all(one["account"].startswith(keys.WALLETS) for one in of_keys)
    first = next(one for one in found if one["account"] == tables.lost[0])
    assert (first["unit"], first["kind"], first["seq"]) == ("credits", "ledger_ahead", 1)
    assert (first["entries"], first["first"], first["last"], first["since"]) == (2, 1, 2, 0)
    ids = [entry.id for entry in grown(tables.lost[0], 2).entries]
    assert [(one["seq"], one["entry_id"], one["kind"], one["amount"]) for one in first["surplus"]] == [
        (1, ids[0], "grant", "10"),
        (2, ids[1], "grant", "10"),
    ]


@pytest.mark.parametrize("shown", [1, 2])
def test_so_many_of_each_part_are_named_and_all_counted(shown: int) -> None:
    """Names of payments that wait, wallets that were left out, findings, and the entries that one of them has more."""
    tables = Surveyed()
    done = tables.run(shown=shown)
    assert (done.total("parked"), len(done.listed("parked_names"))) == (2, shown)
    assert (done.total("found"), len(done.listed("findings"))) == (5, shown)
    left = tables.run(shown=shown, largest=1)
    told = [
        f"{name}/credits: {entries} entries, verify it by itself"
        for entries, name in enumerate(tables.sound, 1)
    ]
    assert (left.total("left"), left.listed("left_names")) == (2, told[1:][:shown])
    tables.dynamo.tables["wallets"].partitions.clear()
    ahead = tables.run(shown=shown)
    assert (ahead.total("found"), len(ahead.listed("findings"))) == (5, shown)
    assert {len(one["surplus"]) for one in ahead.listed("findings")} <= {1, shown}


def test_each_page_is_saved_with_the_key_after_it_and_can_be_gone_on_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of both tables a row is a page: a wallet is verified once all the same, and so it is whichever page was last."""
    tables, saved = Surveyed(), list[str]()
    whole = tables.run().to_body()
    monkeypatch.setattr(scan, "PAGE", 1)
    monkeypatch.setattr(scan, "LEDGER_PAGE", 1)
    cut = tables.run(save=lambda now: saved.append(json.dumps(now.to_body())))
    assert cut.to_body() == whole
    assert len(saved) == 9 + 10 + 2 * (PARTS - 1)
    for state in saved[:: len(saved) // 6]:
        assert tables.run(Survey.from_body(json.loads(state))).to_body() == whole


def test_once_a_part_has_failed_the_others_end_with_their_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first part is refused when the second has read a page of one item, and that one looks round only then."""
    tables, began, second = Surveyed(), threading.Event(), list[int]()
    monkeypatch.setattr(scan, "PAGE", 1)
    run = SurveyRun(tables.tables, Survey(0), lambda _: None)

    def scanned(**asked: Any) -> Any:
        if asked["Segment"] == 0:
            began.wait(10)
            raise error("ValidationException", "no", "Scan")
        if asked["Segment"] == SECOND:
            second.append(threading.get_ident())
            began.set()
        return Scanned.scan(tables.dynamo, **asked)

    def left() -> bool:
        for _ in range(5_000 if threading.get_ident() in second else 0):
            if run._stopped:
                break
            time.sleep(0.001)
        return True

    monkeypatch.setattr(tables.dynamo, "scan", scanned)
    run.time_left = left
    with pytest.raises(ClientError, match="ValidationException"):
        run.go(2)
    assert len(second) == 1


def test_a_table_that_does_not_answer_is_asked_six_times(monkeypatch: pytest.MonkeyPatch) -> None:
    tables, pauses = Surveyed(), list[float]()
    tables.dynamo.busy = 5
    assert tables.run(pause=pauses.append).done
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2]
    tables.dynamo.busy = 6
    with pytest.raises(Throttled):
        tables.run()


def test_entries_in_memory_are_bounded_and_a_larger_wallet_is_alone() -> None:
    """EntryBudget for 10: three wallets of 4 never lie in it together, and one of 50 takes all of it."""
    room = EntryBudget(10, largest=100)
    with room(4), room(4):
        assert room._free == 2
    with room(50):
        assert room._free == 0
    with pytest.raises(TooLarge), room(101):
        pass
    with room(100), EntryBudget(10, None)(101):
        assert room._free == 0
    with pytest.raises(Throttled), room(4):
        raise Throttled("whatever ends it")
    assert room._free == 10


def test_a_wallet_waits_until_enough_entries_are_free() -> None:
    """Of 10 entries 7 are taken: 4 wait, and go on once they are given back."""
    room, inside = EntryBudget(10, largest=None), threading.Event()

    def verified() -> None:
        with room(4):
            inside.set()

    waits = threading.Thread(target=verified, daemon=True)
    with room(7):
        waits.start()
        waits.join(0.02)
        assert not inside.is_set()
    waits.join(10)
    assert inside.is_set()


def test_the_entries_of_all_parts_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are allowed at once, and no wallet larger than the run takes on."""
    monkeypatch.setattr(surveying, "AT_ONCE", 2)
    run = SurveyRun(Surveyed().tables, Survey(0), lambda _: None, largest=2)
    run.go(2)
    assert (run.survey.total("wallets"), run.survey.total("entries"), run.survey.total("left")) == (5, 7, 1)
    assert (run._budget._free, run._budget._all) == (2, 2)
