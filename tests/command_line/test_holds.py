"""``scrip hold`` (law 2): credits set aside are burned or given back."""

from __future__ import annotations

from tests.command_line.conftest import Line


def test_a_hold_is_captured_in_part_and_the_rest_given_back(line: Line, account: str) -> None:
    """Of 10 credits 4 are held; 1 is burned, and the other 3 are there again: 9."""
    line.run("grant", account, "10")
    placed = line.json("hold", "place", account, "4", "--expires-in", "PT1H", "--reference", "job:1")
    name = placed["hold"]["hold_id"]
    assert placed["balance"]["available"] == "6"
    captured = line.json("hold", "capture", account, name, "1", "--not-final")
    assert (captured["hold"]["captured"], captured["balance"]["held"]) == ("1", "3")
    assert [one["hold_id"] for one in line.json("hold", "list", account)["items"]] == [name]
    released = line.json("hold", "release", account, name)
    assert (released["hold"]["released"], released["balance"]["available"]) == ("3", "9")
    shown = [row.split() for row in line.table("hold", "show", account, name)]
    assert ["captured", "1"] in shown
    assert line.sentence(1, "hold", "release", account, name).split(":")[0] in (
        "hold_not_open",
        "hold_released",
    )


def test_all_that_is_held_is_captured_where_no_amount_is_named(line: Line, account: str) -> None:
    line.run("grant", account, "10")
    name = line.json("hold", "place", account, "4")["hold"]["hold_id"]
    assert line.json("hold", "capture", account, name)["balance"]["total"] == "6"
