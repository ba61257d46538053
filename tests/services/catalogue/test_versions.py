"""How a definition of the catalogue gets its next version, also with other writers beside it (law 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Contended, PolicyViolation
from scrip.services.audit.changes import Author, ChangeQuery, list_changes
from scrip.services.catalogue.versions import WRITE_TRIES, Definition, put_version, replace_definition
from scrip.store import documents, lists
from scrip.store.documents import Document
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

PK = "unit#tests"
NAMED: tuple[Definition, str] = ("unit", "tests")
AUTHOR = Author("key:ann", 1_893_456_000_000, "Ann", "r1")


def put(body: Mapping[str, Any], **options: Any) -> tuple[int, bool]:
    return put_version(runtime.tables(), PK, NAMED, body, AUTHOR, **options)


def audited() -> list[tuple[Any, Any]]:
    """What was before and after each change of the tests' definition, the newest first."""
    query = ChangeQuery(None, None, ("unit", "tests"), 0, 2**44)
    found = list_changes(runtime.tables(), query, 100, None)
    return [(one.change.before, one.change.after) for _, one in found.items]


def stored() -> Mapping[str, Any]:
    return documents.get(runtime.tables(), PK).body


def test_each_change_makes_the_next_version_and_the_first_is_said_to_be_new(scrip: Deployment) -> None:
    assert put({"price": 100}) == (1, True)
    assert put({"price": 200}) == (2, False)
    assert put({"price": 100}) == (3, False)
    assert stored() == {"price": 100, "version": 3}


def test_a_definition_comes_into_its_list_with_its_first_version(scrip: Deployment) -> None:
    def listed() -> list[str]:
        return lists.page(runtime.tables(), "units", 10).found

    assert listed() == []
    put({"price": 100})
    put({"price": 200})
    assert listed() == ["tests"]


def test_the_same_definition_again_makes_no_version_and_writes_nothing(scrip: Deployment) -> None:
    put({"price": 100})
    with scrip.unwritten():
        assert put({"price": 100}) == (1, False)
        assert put({"price": 100, "version": 7}) == (1, False)


def test_a_definition_that_the_stored_one_cannot_become_is_refused(scrip: Deployment) -> None:
    seen: list[Any] = []

    def check(known: Any) -> None:
        seen.append(known)
        raise PolicyViolation("the precision is fixed", policy="precision")

    assert put({"precision": 6}, check=check) == (1, True)
    with scrip.unwritten(), pytest.raises(PolicyViolation):
        put({"precision": 2}, check=check)
    assert seen == [{"precision": 6, "version": 1}]


def overtaken(times: int) -> tuple[list[int], Any]:
    """A decision, which adds 1, before whose writing somebody else adds 10, so many times; the revisions it saw."""
    revisions: list[int] = []

    def decide(known: Document) -> tuple[int, Mapping[str, Any]]:
        revisions.append(known.rev)
        count = known.body.get("count", 0)
        if len(revisions) <= times:
            documents.put(runtime.tables(), PK, known.rev, {"count": count + 10})
        return count + 1, {"count": count + 1}

    return revisions, decide


@pytest.mark.parametrize("times", [0, 1, WRITE_TRIES - 1])
def test_where_another_writer_was_faster_it_is_decided_again_on_what_is_there_now(
    scrip: Deployment, times: int
) -> None:
    revisions, decide = overtaken(times)
    assert replace_definition(runtime.tables(), PK, NAMED, decide, AUTHOR) == 10 * times + 1
    assert stored() == {"count": 10 * times + 1}
    assert revisions == list(range(times + 1))


def test_a_writer_that_is_overtaken_five_times_is_told_so(scrip: Deployment) -> None:
    revisions, decide = overtaken(WRITE_TRIES)
    with pytest.raises(Contended, match="several writers of this unit at once"):
        replace_definition(runtime.tables(), PK, NAMED, decide, AUTHOR)
    assert (len(revisions), stored()) == (5, {"count": 50})


def test_the_audit_has_each_change_and_none_that_was_not_made(scrip: Deployment) -> None:
    put({"price": 100})
    put({"price": 100})
    put({"price": 200})
    with pytest.raises(PolicyViolation):
        put({"price": 300}, check=refuse)
    first, second = {"price": 100, "version": 1}, {"price": 200, "version": 2}
    assert {str(one) for one in audited()} == {str((None, first)), str((first, second))}
    assert len(audited()) == 2


def test_the_audit_says_what_there_was_when_it_was_written_and_not_when_it_was_read_first(
    scrip: Deployment,
) -> None:
    """Another writer is faster twice: the change is from 20 to 21, as it was carried out."""
    _, decide = overtaken(2)
    replace_definition(runtime.tables(), PK, NAMED, decide, AUTHOR)
    assert audited() == [({"count": 20}, {"count": 21})]


def refuse(_known: Any) -> None:
    raise PolicyViolation("no", policy="no")
