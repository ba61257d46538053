"""Where Scrip loses, from figures that are made up."""

from __future__ import annotations

from typing import Any

from bench.postgres.comparison import beside, cheaper_from


def theirs(style: str, wallets: int, a_second: int, *, fsync: bool = True) -> dict[str, Any]:
    figures = {"modelled_a_second": a_second, "modelled_alone_ms": 2.0, "bytes": 350}
    work = {"server_cpu_ms": 0.2, "client_cpu_ms": 0.05}
    return {"rival": "by hand", "burns are": style, "wallets": wallets, "fsync": fsync, **figures, **work}


def hot(who: str, writers: int, a_second: float) -> dict[str, Any]:
    return {"who": who, "writers": writers, "burns_a_second": a_second, "p50_ms": 20.0}


FOUND: dict[str, Any] = {
    "postgres": {
        "rows": [
            theirs("one call", 1, 250),
            theirs("one call", 64, 4_000),
            theirs("90 in a transaction", 1, 4_900),
            theirs("90 in a transaction", 64, 9_000),
            theirs("500 in a transaction", 1, 9_900),
            theirs("500 in a transaction", 64, 18_000),
            theirs("one call", 1, 99_999, fsync=False),
        ]
    },
    "hot": {
        "rows": [
            hot("singles", 1, 40),
            hot("singles", 8, 50),
            hot("batches", 8, 490),
            hot("the 64 wallets beside it", 64, 5_000),
        ]
    },
    "operations": {
        "entry_bytes": 1_050,
        "rows": [{"operation": "burn, warm", "cpu_ms": 1.0}, {"operation": "batch of 90", "cpu_ms": 18.0}],
        "dollars": [
            {"operation": "burn, warm", "at once": 5.0},
            {"operation": "batch of 90", "at once": 180.0},
        ],
    },
}


def test_each_thing_says_how_many_times_scrip_loses() -> None:
    """250 to 50: five times. 4 900 to 490: ten. 4 000 to 5 000: not. 20 ms to 2: ten. 1 ms to 0.25: four; 0.2 to 0.25:
    not. 1 050 bytes to 350: three."""
    rows = beside(FOUND)["beside"]
    assert [row["scrip loses"] for row in rows] == [
        "5.0 ×", "10.0 ×", "no", "10.0 ×", "4.0 ×", "no", "3.0 ×"
    ]  # fmt: skip


def test_pages_are_compared_with_as_many_in_a_transaction() -> None:
    """20 000 to 9 900 a second: not. 4 ms / 500 + 0.012 to 0.25: not. 25 bytes to 350: not. At $0.05 a million the
    database is cheaper above 720 a second."""
    page = {"cpu_ms": 4.0, "bytes_a_burn": 25.0, "dollars_per_million": 0.05}
    sender = {"burns_a_second": 20_000, "client_cpu_ms": 0.012}
    found = beside({**FOUND, "pages": {"rows": [page], "modelled": [sender]}})
    assert [(row["scrip"], row["scrip loses"]) for row in found["beside"][-3:]] == [
        (20_000, "no"), (0.02, "no"), (25.0, "no")
    ]  # fmt: skip
    assert next(iter(found["database_cheaper_from"].values()))["pages of 500"] == 720


def test_a_database_is_cheaper_above_some_rate() -> None:
    """$0.13 an hour are $36.11 in a million seconds: 7.2 burns a second at $5 a million; at $2 a million, 18."""
    assert cheaper_from(5.0) == 7.2
    found = beside(FOUND)["database_cheaper_from"]
    assert list(found.values()) == [{"single burns": 7.2, "batches of 90": 18.0}]


def test_nothing_is_compared_that_was_not_measured() -> None:
    assert beside({"postgres": {"rows": [], "not measured": "why"}, "hot": {"rows": []}}) == {}
    assert beside({"postgres": FOUND["postgres"]}) == {}
