"""Rejected events as rows: kept once, listed those of the last instants first, removed."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Throttled
from scrip.domain.credits.usage_events import RejectedPlace
from scrip.store import rejections
from scrip.store.notifications import Notifications
from tests.aws import Deployment


@pytest.mark.usefixtures("scrip")
def test_rows_are_listed_by_their_instants_and_removed() -> None:
    store = runtime.notifications()
    places = [RejectedPlace(1_000 + number, f"evt_{number}") for number in range(60)]
    rejections.put(store, [(place, {"n": place.came}) for place in (*places, *places[:3])], 2_000_000_000)
    rows, after = rejections.page(store, 50, None)
    more, end = rejections.page(store, 50, after)
    assert [body["n"] for _, body in (*rows, *more)] == list(range(1_059, 999, -1))
    assert end is None
    missing = RejectedPlace(5, "evt_x")
    assert [body["n"] for body in rejections.find(store, [places[7], places[3], missing])] == [1_003, 1_007]
    rejections.remove(store, [*places, missing, missing])
    assert rejections.page(store, 50, None) == ([], None)


class Busy:
    """A table that is too busy for some rows, so often."""

    def __init__(self, times: int) -> None:
        self.left, self.asked = times, 0

    def batch_write_item(self, *, RequestItems: Any) -> Any:  # noqa: N803
        self.asked += 1
        self.left -= 1
        return {"UnprocessedItems": RequestItems} if self.left >= 0 else {}


def test_a_busy_table_is_asked_again_and_then_it_is_said() -> None:
    place = RejectedPlace(1, "evt_1")
    busy = Busy(2)
    rejections.put(Notifications(busy, "notifications"), [(place, {})], 1)  # type: ignore[arg-type]
    assert busy.asked == 3
    with pytest.raises(Throttled):
        rejections.remove(Notifications(Busy(3), "notifications"), [place])  # type: ignore[arg-type]


def test_a_row_is_deleted_by_its_clock(scrip: Deployment) -> None:
    rejections.put(runtime.notifications(), [(RejectedPlace(1, "evt_1"), {})], 2_000_000_000)
    (item,) = scrip.dynamodb.scan(TableName="notifications")["Items"]
    assert item["ends"] == {"N": "2000000000"}
    rejections.remove(runtime.notifications(), [RejectedPlace(1, "evt_1")])
