"""What moved at providers, as it is stored: once, in order, and read up to where it is complete."""

from __future__ import annotations

from scrip.store import documents, settlements
from scrip.store.tables import Tables


def recorded(tables: Tables, at: int, *ids: str, provider: str = "dodo") -> bool:
    writes = [
        item for one in ids for item in settlements.writes(tables, provider, at, one, {"id": one, "at": at})
    ]
    return documents.put_all(tables, writes)


def ids(tables: Tables, through: int, after: str | None = None, limit: int = 10) -> list[str]:
    return [row.body["id"] for row in settlements.page(tables, "dodo", through, after, limit)]


def test_a_list_is_read_in_the_order_of_its_instants_and_no_further_than_is_asked(tables: Tables) -> None:
    assert recorded(tables, 2000, "c", "b")
    assert recorded(tables, 1000, "z")
    assert recorded(tables, 10_000, "a")
    assert recorded(tables, 1, "x", provider="stripe")
    assert ids(tables, 2000) == ["z", "b", "c"]
    assert (ids(tables, 999), ids(tables, 10_000, limit=2)) == ([], ["z", "b"])
    (_, second) = settlements.page(tables, "dodo", 10_000, None, 2)
    assert (second.recorded_at, second.body) == (2000, {"id": "b", "at": 2000})
    assert ids(tables, 10_000, second.place) == ["c", "a"]
    assert ids(tables, 1500, second.place) == []


def test_one_that_is_recorded_is_not_recorded_again_at_another_instant(tables: Tables) -> None:
    assert recorded(tables, 1000, "a")
    assert not recorded(tables, 2000, "b", "a")
    assert ids(tables, 9000) == ["a"], "all of a transaction or nothing"


def test_what_is_not_recorded_is_told(tables: Tables) -> None:
    recorded(tables, 1000, "a")
    assert settlements.unknown(tables, "dodo", ["a", "b"]) == {"b"}
    assert settlements.unknown(tables, "stripe", ["a"]) == {"a"}
    assert settlements.unknown(tables, "dodo", [f"n{number}" for number in range(120)] + ["a"]) >= {"n119"}
