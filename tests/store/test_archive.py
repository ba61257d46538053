"""The archive's bucket: objects by their keys, and errors that the caller may try again after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scrip.domain.credits.errors import Unavailable
from scrip.store.archive import Archive
from tests.aws import BUCKET, Deployment


@pytest.fixture
def archive(deployment: Deployment) -> Iterator[Archive]:
    yield Archive(deployment.s3, BUCKET)
    deployment.empty_archive()


def test_an_object_is_what_was_put_be_it_bytes_or_a_file(archive: Archive, tmp_path: Path) -> None:
    whole = bytes(range(256)) * 100
    (tmp_path / "file").write_bytes(whole)
    archive.put("raw/a", whole)
    archive.put("raw/b", tmp_path / "file")
    assert archive.get("raw/a") == whole == archive.get("raw/b")
    archive.fetch("raw/b", tmp_path / "brought")
    assert (tmp_path / "brought").read_bytes() == whole


def test_what_is_not_there_is_none_or_cannot_be_brought(archive: Archive, tmp_path: Path) -> None:
    assert archive.get("raw/none") is None
    with pytest.raises(Unavailable):
        archive.fetch("raw/none", tmp_path / "x")


def test_more_objects_are_listed_and_deleted_than_one_call_takes(archive: Archive) -> None:
    """A thousand for each call: 1 203 are three."""
    keys = [f"raw/{number:04d}" for number in range(1203)]
    for key in keys:
        archive.put(key, b"ab")
    archive.put("other/1", b"abc")
    assert [*archive.listed("raw/")] == [(key, 2) for key in keys]
    archive.delete([*keys, "raw/none"])
    assert [*archive.listed("")] == [("other/1", 3)]


def test_a_bucket_that_does_not_answer_may_be_asked_again(deployment: Deployment, tmp_path: Path) -> None:
    nowhere = Archive(deployment.s3, "no-such-bucket")
    (tmp_path / "file").write_bytes(b"x")
    for ask in (
        lambda: nowhere.put("a", b""),
        lambda: nowhere.put("a", tmp_path / "file"),
        lambda: nowhere.get("a"),
        lambda: [*nowhere.listed("")],
        lambda: nowhere.delete(["a"]),
    ):
        with pytest.raises(Unavailable):
            ask()


def test_a_link_names_the_file_and_ends(archive: Archive) -> None:
    link = archive.link("exports/1.csv", 900, "journal.csv")
    assert "exports/1.csv" in link
    assert "journal.csv" in link
    assert "Expires" in link
