"""Manifests: what an edition has, as it was made, and who makes the next one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Contended, Unavailable
from scrip.services.finance import manifests
from scrip.services.finance.manifests import LOCK_MS, ArchivePart, EditionAttempt, Manifest, Summary
from scrip.store import documents, keys
from scrip.store.archive import Archive
from tests.aws import Deployment

CLOCK = 1_000_000


def part(day: str, edition: int) -> ArchivePart:
    key = f"entries/day={day}/{edition:09d}.parquet"
    return ArchivePart("entries", day, edition, key, 3, 100, "ab" * 32, 1, 2)


def attempt(archive: Archive, clock: int = CLOCK) -> EditionAttempt:
    return EditionAttempt(runtime.tables(), archive, clock)


def test_a_manifest_is_read_as_it_was_written() -> None:
    made = Manifest(
        4,
        86_400_000,
        (part("2026-11-30", 3), part("2026-11-30", 4)),
        (Summary(4, "heads/4.parquet", "positions/4.parquet", 7, "months/4.parquet", "stretches/4.parquet"),),
        ("acme/credits: entry 4 is missing",),
        1,
        2,
        {"stripe": "x"},
    )
    assert Manifest.from_bytes(made.to_bytes()) == made
    assert made.versions() == {"2026-11-30": 2}
    assert made.of("lots") == []


def test_days_are_told_in_their_order_with_how_often_entries_of_each_were_added() -> None:
    days = (("2026-12-01", 1), ("2026-11-30", 2), ("2026-11-30", 3), ("2026-12-01", 3), ("2026-11-29", 3))
    manifest = Manifest(3, parts=tuple(part(day, edition) for day, edition in days))
    assert [*manifest.versions().items()] == [("2026-11-29", 1), ("2026-11-30", 2), ("2026-12-01", 2)]


def test_however_an_attempt_ends_nobody_holds_the_next_edition(scrip: Deployment, archive: Archive) -> None:
    def held() -> int:
        return int(documents.get(runtime.tables(), keys.ARCHIVE).body["held_until"])

    for end in ("give_up", "let_go", "commit"):
        one = attempt(archive)
        assert held() == CLOCK + LOCK_MS
        getattr(one, end)(*([Manifest()] if end == "commit" else []))
        assert held() == 0


def test_of_two_attempts_the_second_is_refused_until_the_first_is_done_or_has_taken_too_long(
    scrip: Deployment, archive: Archive
) -> None:
    first = attempt(archive)
    with pytest.raises(Contended):
        attempt(archive, CLOCK + LOCK_MS - 1)
    late = attempt(archive, CLOCK + LOCK_MS)
    assert (first.number, late.number) == (1, 2)
    with pytest.raises(Contended):
        first.commit(Manifest())
    late.commit(Manifest())
    assert manifests.present(runtime.tables(), archive).edition == 2
    assert attempt(archive).number == 3


def test_what_an_attempt_left_that_came_to_nothing_is_deleted_by_the_next(
    scrip: Deployment, archive: Archive
) -> None:
    dead = attempt(archive)
    dead.plan(["entries/day=2026-11-30/000000001.parquet", "heads/000000001.parquet"])
    archive.put("heads/000000001.parquet", b"x")
    archive.put("heads/other.parquet", b"x")
    attempt(archive, CLOCK + LOCK_MS)
    assert [key for key, _ in archive.listed("")] == ["heads/other.parquet"]


def test_what_an_edition_has_stays_when_the_next_attempt_begins(scrip: Deployment, archive: Archive) -> None:
    """It died after it had committed and before it deleted its plan."""
    done = attempt(archive)
    done.plan(["heads/000000001.parquet"])
    archive.put("heads/000000001.parquet", b"x")
    done.commit(Manifest())
    archive.put("editions/000000001.plan", b'["heads/000000001.parquet"]')
    attempt(archive)
    assert archive.get("heads/000000001.parquet") == b"x"


def test_editions_that_the_document_has_forgotten_are_deleted_and_their_numbers_not_given_again(
    scrip: Deployment, archive: Archive
) -> None:
    """The tables were restored to when edition 1 counted; edition 2 had added an object to the same day."""
    kept, lost = part("2026-11-30", 1), part("2026-11-30", 2)
    for one in (kept, lost):
        archive.put(one.key, b"x")
    attempt(archive).commit(Manifest(parts=(kept,)))
    restored = runtime.tables().client.get_item(
        TableName="wallets", Key={"pk": {"S": "archive"}, "sk": {"S": "head"}}
    )["Item"]
    attempt(archive).commit(Manifest(parts=(kept, lost)))
    runtime.tables().client.put_item(TableName="wallets", Item=restored)
    again = attempt(archive)
    assert (again.number, again.before.parts) == (3, (kept,))
    assert [key for key, _ in archive.listed("")] == ["editions/000000001.json", kept.key]


def test_a_manifest_that_was_changed_is_none(scrip: Deployment, archive: Archive) -> None:
    made = attempt(archive).commit(Manifest())
    archive.put("editions/000000001.json", replace(made, unbooked=1).to_bytes())
    with pytest.raises(Unavailable, match="edition 1 of the archive is not as it was made"):
        manifests.present(runtime.tables(), archive)
    archive.delete(["editions/000000001.json"])
    with pytest.raises(Unavailable):
        manifests.present(runtime.tables(), archive)


def test_an_archive_of_nothing_has_edition_0(scrip: Deployment, archive: Archive) -> None:
    assert manifests.present(runtime.tables(), archive) == Manifest()
    assert manifests.digest_of(runtime.tables()) == (0, "")
