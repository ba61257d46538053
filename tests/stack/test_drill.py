"""The restore drill on a local AWS of its own: what is missing is said to the entry, and payments stand right in the
end (docs/restoring.md)."""

from __future__ import annotations

from pathlib import Path

from local.drill import drill, told
from local.stack import Stack


def test_a_restored_pair_says_what_is_missing_and_what_to_replay(tmp_path: Path) -> None:
    """Two burns of one wallet and one of another came between the two instants; a refund of 300.00 and a payment of
    1 000.00 came after both, and are in the deliveries table alone."""
    with Stack.start(tmp_path / "drill") as stack:
        drilled = drill(stack)
    assert {(one["account"], one["kind"], one["entries"]) for one in drilled.found["findings"]["items"]} == {
        ("drill-0", "ledger_ahead", 2),
        ("drill-1", "ledger_ahead", 1),
    }
    assert {
        account: [(entry["seq"], entry["kind"], entry["amount"], entry["reference"]) for entry in entries]
        for account, entries in drilled.lost.items()
    } == {
        "drill-0": [
            (4, "burn", "-3000000", ["job", "late-1"]),
            (5, "burn", "-3000000", ["job", "late-2"]),
        ],
        "drill-1": [(4, "burn", "-3000000", ["job", "late-1"])],
    }
    assert drilled.trimmed["findings"]["count"] == 0
    assert drilled.trimmed["payments"] == 1, "the second payment is of the lost minutes"
    assert drilled.replayed >= 2
    assert (drilled.ended["findings"]["count"], drilled.ended["payments"]) == (0, 2)
    face = 10_000 * 10**6
    assert sorted((live["clawed"], live["refunded"]) for live, _ in drilled.payments.values()) == [
        (0, 0),
        (face * 3 // 10, 30_000),
    ]
    assert all(live == restored for live, restored in drilled.payments.values())
    assert "drill-0: ledger_ahead, entries 4 to 5" in told(drilled)
