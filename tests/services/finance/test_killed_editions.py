"""Editions whose making ends too early, at any call to AWS: the next one makes up for it, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any, ClassVar

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Unavailable
from scrip.services.finance.manifests import LOCK_MS, PARTS, EditionAttempt, Manifest
from scrip.store import heads, ledger
from scrip.store.archive import RAW, Archive
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, listening
from tests.services.finance.test_editions import COST, DAY, FIRST_DAY_MS, SECOND, Made_by


@pytest.fixture
def make(scrip: Deployment, archive: Archive, tmp_path: Path) -> Made_by:
    scrip.make_tables()
    return Made_by(archive, tmp_path)


class Killed(BaseException):
    """The end of a process: nothing that expects an error of AWS catches it."""


@contextmanager
def killed(archive: Archive, number: int, when: str) -> Iterator[list[str]]:
    """Ends whatever runs, before or after its call of this number to S3 or DynamoDB. Yields the calls it made."""
    made, lock = list[str](), Lock()

    def end(model: Any, **_: Any) -> None:
        with lock:
            made.append(model.name)
            if len(made) >= number:
                raise Killed

    with ExitStack() as heard:
        heard.enter_context(listening(f"{when}-call.dynamodb", end))
        archive.client.meta.events.register(f"{when}-call.s3", end)
        heard.callback(archive.client.meta.events.unregister, f"{when}-call.s3", end)
        yield made


class Partial(Archive):
    """An archive that deletes the first of what it is to delete, and fails at the rest."""

    def delete(self, keys: Iterable[str]) -> None:
        Archive.delete(self, [*keys][:1])
        raise Unavailable("the archive does not delete the rest")


class Meanwhile(Archive):
    """An archive of which batches are listed after something has happened."""

    act: ClassVar[Callable[[], None]]

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        if prefix == RAW:
            Meanwhile.act()
        return Archive.listed(self, prefix)


class Full(Archive):
    """An archive that takes nothing."""

    def put(self, key: str, text: bytes | Path) -> None:
        raise Unavailable("the archive takes nothing")


def test_an_attempt_that_fails_stands_in_nobodys_way(scrip: Deployment, make: Made_by) -> None:
    """A killed one does for sixteen minutes, since nobody knows that it is dead."""
    scrip.grant("a", "10", clock=NEW_YEAR)
    sound, make.archive = make.archive, Full(make.archive.client, make.archive.bucket)
    with pytest.raises(Unavailable):
        make(SECOND)
    make.archive = sound
    assert (make(SECOND).entries, make.clock) == (1, 2000)


def restored(scrip: Deployment, rows: Sequence[Any]) -> None:
    """Has the tables of wallets and of the ledger be as they were when they had these rows."""
    for table in ("wallets", "ledger"):
        for row in scrip.dynamodb.scan(TableName=table)["Items"]:
            scrip.dynamodb.delete_item(TableName=table, Key={"pk": row["pk"], "sk": row["sk"]})
    for row in rows:
        if "pk" in row:
            scrip.dynamodb.put_item(TableName="ledger" if "tl" in row else "wallets", Item=row)
    scrip.cold()


def check(make: Made_by, manifest: Manifest) -> None:
    """Asserts that each entry is in one part, that rows are as listed, and that nothing else lies in the archive."""
    wallets = {(one.account, one.unit): one.seq for one in heads.every(runtime.tables())}
    found = make.rows(manifest, "entries", "account, unit, seq")
    assert found == sorted(
        (account, unit, seq) for (account, unit), last in wallets.items() for seq in range(1, last + 1)
    )
    for kind in PARTS:
        if of_kind := manifest.of(kind):
            assert len(make.rows(manifest, kind, "edition")) == sum(part.rows for part in of_kind)
    known = {part.key for part in manifest.parts}
    known |= {key for one in manifest.summaries for key in one.objects}
    known |= {f"editions/{one.edition:09d}.json" for one in manifest.summaries}
    assert {key for key, _ in make.archive.listed("")} == known


@pytest.mark.parametrize(("when", "seen"), [("before", "by the stream"), ("after", "by nobody")])
def test_an_edition_that_is_killed_at_any_call_is_made_up_for_by_the_next(
    scrip: Deployment,
    make: Made_by,
    when: str,
    seen: str,
) -> None:
    """Half of them are killed again at some later call, before one runs through."""
    chance, names = Random(16), set[str]()
    scrip.grant("a", "1000", clock=NEW_YEAR, kind="paid", cost_basis=COST)
    for number in count(1):
        scrip.burn("a", "1", clock=NEW_YEAR)
        scrip.grant("b", "1", clock=NEXT_DAY)
        if seen == "by the stream":
            scrip.read_archive()
        dead = False
        for at in (number, chance.randint(1, 40))[: chance.randint(1, 2)]:
            make.clock += LOCK_MS
            with killed(make.archive, at, when) as calls:
                try:
                    make(SECOND)
                except Killed:
                    dead = True
            names.update(calls)
        make.clock += LOCK_MS
        check(make, make(SECOND).manifest)
        if not dead:
            break
    assert number > 20
    assert names >= {"GetItem", "PutItem", "Scan", "ListObjectsV2", "PutObject", "GetObject", "DeleteObjects"}


def test_of_what_an_attempt_left_its_plan_is_deleted_last(scrip: Deployment, make: Made_by) -> None:
    """The bucket deletes some objects and not others: what is left is found by the plan."""
    archive = make.archive
    dead = EditionAttempt(runtime.tables(), archive, 0)
    keys = [f"entries/day=2030-01-{day:02d}/000000001.parquet" for day in range(1, 4)]
    dead.plan(keys)
    for key in keys:
        archive.put(key, b"x")
    first_only = Partial(archive.client, archive.bucket)
    with pytest.raises(Unavailable):
        EditionAttempt(runtime.tables(), first_only, LOCK_MS)
    assert len([*archive.listed("entries/")]) == 2
    EditionAttempt(runtime.tables(), archive, 2 * LOCK_MS)
    assert [*archive.listed("")] == []


def test_a_wallet_that_goes_on_while_heads_are_read_is_proved_and_its_later_entry_waits(
    scrip: Deployment,
    make: Made_by,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Entry 2 comes by the stream after the scan said 1, which is in the edition before: nothing is missing.

    It is put aside, by itself, so that the next edition need not read it.
    """
    scrip.grant("a", "10", clock=NEW_YEAR)
    make(SECOND)

    def go_on() -> None:
        scrip.burn("a", "1", clock=NEXT_DAY)
        scrip.read_archive()

    calm = make.archive
    make.archive = Meanwhile(calm.client, calm.bucket)
    monkeypatch.setattr(Meanwhile, "act", go_on, raising=False)
    made = make("2030-01-03T00:10:00.000Z")
    make.archive = calm
    assert made.manifest.missing == ()
    assert made.manifest.complete_through == FIRST_DAY_MS + 2 * DAY
    ((left, _),) = make.archive.listed(RAW)
    assert left.startswith("raw/left/")
    made = make("2030-01-03T00:10:00.000Z")
    assert (made.read, made.entries) == (0, 1)
    check(make, made.manifest)


@pytest.mark.parametrize("later", [0, 1, 2])
@pytest.mark.parametrize("read", [False, True])
def test_entries_of_a_future_that_a_restore_took_back_are_in_no_edition(
    scrip: Deployment,
    make: Made_by,
    later: int,
    read: bool,
) -> None:
    """The tables were restored to entry 1 when the stream had brought 2 and 3. The wallet went on otherwise."""
    scrip.grant("a", "10", clock=NEW_YEAR)
    before = scrip.everything()
    scrip.burn("a", "1", clock=NEW_YEAR, key="lost-1")
    scrip.burn("a", "2", clock=NEW_YEAR, key="lost-2")
    scrip.read_archive()
    restored(scrip, before)
    for number in range(later):
        scrip.burn("a", "3", clock=NEW_YEAR, key=f"new-{number}")
    if read:
        scrip.read_archive()
    made = make(SECOND)
    assert made.manifest.missing == ()
    entries = ledger.following(runtime.tables(), "a", "credits", (0, 1), 10)
    assert make.rows(made.manifest, "entries", "seq, hash") == [(one.seq, one.hash()) for one in entries]
    assert len(entries) == 1 + later
    scrip.burn("a", "1", clock=NEXT_DAY)
    made = make("2030-01-03T00:10:00.000Z")
    assert made.manifest.missing == ()
    check(make, made.manifest)
