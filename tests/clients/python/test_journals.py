"""A journal: what is read of it when a program starts again."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from scrip_client.journals import Journal, JournalDamaged, JournalInUse, read


def write(path: Path, *lines: str) -> bytes:
    journal = Journal(path, fsync=False)
    for line in lines:
        journal.write(line)
    journal.close()
    return path.read_bytes()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "j", "a", "ü\n", "c")
    journal = Journal(tmp_path / "j", fsync=False)
    assert journal.lines == [["a"], ["ü\n"], ["c"]]
    journal.close()


def test_a_torn_last_line_is_dropped_wherever_it_is_torn(tmp_path: Path) -> None:
    """And what is written then stands where it stood."""
    whole = write(tmp_path / "j", "one", "two")
    first = whole.index(b"\n") + 1
    for end in range(first, len(whole)):
        path = tmp_path / f"torn-{end}"
        path.write_bytes(whole[:end])
        write(path, "three")
        assert read(path.read_bytes())[0] == [["one"], ["three"]]


@pytest.mark.parametrize("rubbish", [b"\0" * 500, b"00000000 [", b"\n", b"\0\0\n\0\0"])
def test_what_a_disk_left_behind_the_last_line_is_dropped(tmp_path: Path, rubbish: bytes) -> None:
    whole = write(tmp_path / "j", "one")
    assert read(whole + rubbish) == ([["one"]], len(whole))


def test_a_line_that_is_damaged_before_others_is_nobodys_to_guess(tmp_path: Path) -> None:
    path = tmp_path / "j"
    whole = write(path, "one", "two", "three")
    path.write_bytes(whole.replace(b"two", b"tow"))
    with pytest.raises(JournalDamaged, match="line 2"):
        Journal(path, fsync=False)
    path.write_bytes(whole)
    Journal(path, fsync=False).close()  # it was let go of


def test_one_has_it_at_a_time(tmp_path: Path) -> None:
    mine = Journal(tmp_path / "j", fsync=False)
    with pytest.raises(JournalInUse):
        Journal(tmp_path / "j", fsync=False)
    mine.rewrite([["a"]])
    with pytest.raises(JournalInUse):
        Journal(tmp_path / "j", fsync=False)
    mine.write("b")
    mine.close()
    again = Journal(tmp_path / "j", fsync=False)
    assert again.lines == [["a"], ["b"]]
    again.close()


def test_a_disk_that_is_full_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written is the caller's error, and what is written later can be read."""
    journal = Journal(tmp_path / "j", fsync=False)
    journal.write("one")
    usual = os.write

    def full(file: int, raw: bytes) -> int:
        monkeypatch.setattr(os, "write", broken)
        return usual(file, bytes(raw)[:5])

    def broken(file: int, raw: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        journal.write("two")
    monkeypatch.setattr(os, "write", usual)
    journal.write("three")
    journal.close()
    assert read((tmp_path / "j").read_bytes())[0] == [["one"], ["three"]]


def test_who_waits_together_waits_for_one_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody waits for the disk who did not ask for it."""
    made: list[int] = []
    usual = os.fsync

    def counted(file: int) -> None:
        made.append(file)
        usual(file)

    monkeypatch.setattr(os, "fsync", counted)

    async def spend(journal: Journal, number: int) -> None:
        journal.write(number)
        await journal.safe()

    async def main(fsync: bool) -> int:
        journal = Journal(tmp_path / f"{fsync}", fsync=fsync)
        await asyncio.gather(*(spend(journal, number) for number in range(50)))
        journal.close()
        return len(made)

    assert asyncio.run(main(False)) == 0
    assert 1 <= asyncio.run(main(True)) <= 3
