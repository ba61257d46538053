"""A stream of records: what a journal says of it is what it was."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip_client import JournalDamaged, Unsendable
from scrip_client.journals import Journal
from scrip_client.streams import LONGEST, MOST, Stream

OF = {"kind": "pages", "account": "acme", "unit": None}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.text("aé\n", min_size=1, max_size=3)),
        st.tuples(st.just("give up"), st.integers(0, 9)),
        st.tuples(st.just("done"), st.integers(1, 5)),
        st.tuples(st.just("move"), st.integers(0, 3)),
        st.tuples(st.just("end"), st.none()),
        st.tuples(st.just("begin"), st.none()),
        st.tuples(st.just("open again"), st.none()),
    ),
    max_size=30,
)


def opened(path: Path) -> Stream:
    stream = Stream()
    stream.open_journal(path, OF, fsync=False)
    return stream


def closed(stream: Stream) -> None:
    assert stream.journal
    stream.journal.close()


def state(stream: Stream) -> tuple[Any, ...]:
    waiting = [(record.offset, record.said) for record in stream.waiting]
    while waiting and waiting[0][1] is None:  # an empty place before all others is no record's
        waiting.pop(0)
    return stream.name, stream.next, stream.ended, waiting


def step(stream: Stream, what: str, how: Any) -> None:
    waiting = list(stream.waiting)
    if what == "take" and not stream.ended:
        stream.take(["1", how])
    elif what == "give up" and how < len(waiting) and waiting[how].said and not waiting[how].sent:
        stream.give_up(waiting[how])
    elif what == "done":
        stream.done(stream.page(how))
    elif what == "move" and not stream.ended:
        stream.move(f"{stream.name}+", how, [record for record in waiting[how:] if record.said])
    elif what == "end":
        stream.end()
    elif what == "begin" and not waiting:
        stream.begin("fresh")


@given(STEPS)
def test_whoever_opens_a_journal_has_what_was_there(steps: list[tuple[str, Any]]) -> None:
    """After any steps, and however often it was opened in between."""
    with TemporaryDirectory() as place:
        path = Path(place) / "journal"
        stream = opened(path)
        stream.begin("first")
        for what, how in steps:
            if what == "open again":
                before = state(stream)
                closed(stream)
                stream = opened(path)
                assert state(stream) == before
            else:
                step(stream, what, how)
        before = state(stream)
        closed(stream)
        again = opened(path)
        closed(again)
    assert state(again) == before


def test_a_journal_is_written_anew_where_it_is_large_and_little_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrip_client.journals.LARGE", 2_000)
    stream = opened(tmp_path / "journal")
    stream.begin("first")
    for number in range(200):
        stream.take(["1", f"job-{number}"])
        if number % 10 == 9:
            stream.done(stream.page(10))
    assert (tmp_path / "journal").stat().st_size < 4_000
    stream.take(["1", "last"])
    closed(stream)
    again = opened(tmp_path / "journal")
    closed(again)
    assert state(again) == ("first", 201, False, [(200, ["1", "last"])])


@pytest.mark.parametrize("line", [["else"], ["record", 7, ["1", "a"]], ["record", 0], []])
def test_a_line_that_says_what_none_does_is_not_guessed(tmp_path: Path, line: list[Any]) -> None:
    """Another version's, say, or a record at a place that is not the next."""
    journal = Journal(tmp_path / "journal", fsync=False)
    for one in (["of", OF], ["stream", "first", 0], line):
        journal.write(*one)
    journal.close()
    with pytest.raises(JournalDamaged):
        opened(tmp_path / "journal")
    Journal(tmp_path / "journal", fsync=False).close()  # it was let go of


def test_a_page_has_no_more_than_scrip_takes() -> None:
    """1 000 records, or 900 000 bytes, of which one record may have more by itself."""
    stream = Stream()
    stream.begin("first")
    for _ in range(MOST + 1):
        stream.take(["1", "a"])
    assert len(stream.page(MOST)) == MOST
    stream.begin("second")
    stream.waiting.clear()
    for _ in range(4):
        stream.take(["tokens", "1", "a", {"text": "é" * (LONGEST // 4)}])
    assert len(stream.page(MOST)) == 1
    stream.done(stream.page(1))
    assert [record.offset for record in stream.page(2)] == [1]


def test_what_cannot_be_written_takes_no_place() -> None:
    stream = Stream()
    stream.begin("first")
    with pytest.raises(Unsendable):
        stream.take(["1", "\ud83d"])
    assert stream.take(["1", "a"]).offset == 0
