"""Jobs: one run at a time, and each step is there for the next run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Contended
from scrip.domain.finance.exports import Export, ExportOrder
from scrip.services.finance import editions
from scrip.services.finance.jobs import JobRun, JobsDesk
from scrip.store import documents, keys
from scrip.store.archive import Archive
from scrip.store.documents import NEW
from tests.aws import Deployment

AT = 1_900_000_000_000
EXPORT = Export("exp_1", ExportOrder("entries", 0, AT, "csv"), AT, pinned=True)
PK = keys.export("exp_1")


def run(archive: Archive, folder: Path, time_left: Callable[[], bool] = lambda: True) -> JobRun[Export]:
    """A run of the export as it is written."""
    desk = JobsDesk(runtime.executor(), archive, folder, lambda: AT, time_left, 60_000)
    document = documents.get(runtime.tables(), PK)
    return JobRun(desk, document, Export.from_json(document.body))


@pytest.fixture(autouse=True)
def _written(scrip: Deployment) -> None:
    scrip.make_tables()
    assert documents.put(runtime.tables(), PK, NEW, EXPORT.to_json())


def test_of_two_runs_the_first_holds_it_and_the_second_changes_nothing(
    archive: Archive, tmp_path: Path
) -> None:
    first, second = run(archive, tmp_path), run(archive, tmp_path)
    first.write(first.job, held=True)
    with pytest.raises(Contended, match="another run goes on with this"):
        second.write(replace(second.job, done=7), held=True)
    second.let_go()
    assert run(archive, tmp_path).job == replace(EXPORT, held_until=AT + 60_000)
    first.write(replace(first.job, done=1))
    assert run(archive, tmp_path).job == replace(EXPORT, done=1)


def test_a_run_that_cannot_go_on_lets_others(archive: Archive, tmp_path: Path) -> None:
    first = run(archive, tmp_path)
    first.write(replace(first.job, done=2), held=True)
    first.let_go()
    assert run(archive, tmp_path).job == replace(EXPORT, done=2)


def test_an_edition_for_which_there_is_no_time_is_the_next_runs(
    scrip: Deployment, archive: Archive, tmp_path: Path
) -> None:
    """What was committed before is in it, or there is none."""
    scrip.grant("a", "1", clock="2030-01-02T00:00:00.000Z")
    assert run(archive, tmp_path, lambda: False).edition() is None
    made = run(archive, tmp_path).edition()
    assert made
    manifest, (number, _) = made
    assert (manifest.edition, sum(part.rows for part in manifest.of("entries"))) == (number, 1)


class Overtaken(Archive):
    """An archive of which somebody else makes the next edition, as soon as one is done."""

    others: ClassVar[list[Callable[[], object]]]

    def delete(self, keys: Iterable[str]) -> None:
        """An edition that is done deletes its plan."""
        Archive.delete(self, names := [*keys])
        if names == ["editions/000000001.plan"]:
            self.others.pop()()


def test_an_edition_that_another_one_counts_after_is_not_what_a_job_goes_on_with(
    scrip: Deployment, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number and its digest are those of the edition that counts: they would be of another one."""
    scrip.grant("a", "1", clock="2030-01-02T00:00:00.000Z")

    def another() -> None:
        scrip.grant("b", "1", clock="2030-01-02T00:00:00.000Z")
        editions.make(runtime.tables(), archive, tmp_path / "other", AT, AT)

    monkeypatch.setattr(Overtaken, "others", [another], raising=False)
    with pytest.raises(Contended, match="another edition of the archive was made meanwhile"):
        run(Overtaken(archive.client, archive.bucket), tmp_path).edition()
    again = run(archive, tmp_path).edition()
    assert again
    assert again[0].edition == again[1][0] == 2
