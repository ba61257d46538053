"""Definitions: pages of the units that there are, what there is not, and how often their writers try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scrip.domain.credits.errors import Contended, NotFound
from scrip.domain.credits.units import Unit
from scrip.services.catalogue import packs, rates, units
from scrip.services.engine.executor import Executor, Moment
from scrip.store.tables import Tables
from tests.aws import InMemory
from tests.services.test_tries import AUTHOR, WRITES


class Defined:
    """A table in memory, and the units that were put."""

    def __init__(self, *names: str) -> None:
        self.client = InMemory()
        self.tables = Tables(self.client, "wallets", "ledger")  # type: ignore[arg-type]
        self.executor = Executor(self.tables, now=lambda: AUTHOR.at)
        for name in names:
            self.put(name)

    def put(self, name: str, precision: int = 1) -> None:
        units.put_unit(self.executor, Unit(name, precision), Moment(AUTHOR.at), AUTHOR)

    def page(self, limit: int, after: str | None) -> tuple[list[str], str | None]:
        found = units.list_units(self.tables, limit, after)
        assert [unit.unit for _, unit in found.items] == [name for name, _ in found.items]
        return [name for name, _ in found.items], found.following


@pytest.mark.parametrize("put", ["", "a", "d", "a b", "a d", "d e", "a credits", "credits", "a b d e"])
def test_the_unit_that_there_always_is_is_in_one_page_of_each_list(put: str) -> None:
    """It is ``credits``, whether it was put or not: pages of any size show each unit once, in order."""
    names = put.split()
    defined = Defined(*names)
    every = sorted({*names, "credits"})
    for limit in range(1, 7):
        pages, after = list[list[str]](), None
        while not pages or after is not None:
            found, after = defined.page(limit, after)
            pages.append(found)
        assert [name for page in pages for name in page] == every
        assert [len(page) for page in pages if page] == [
            len(every[at : at + limit]) for at in range(0, len(every), limit)
        ]
        for place in ("b", "credits", "czz"):
            assert defined.page(limit, place)[0] == [name for name in every if name > place][:limit]


@pytest.mark.parametrize(
    ("gets", "what"),
    [
        (lambda defined: packs.get_pack(defined.tables, "none"), "pack"),
        (lambda defined: units.get_unit(defined.tables, "none"), "unit"),
        (lambda defined: rates.get_rate(defined.tables, "none"), "rate"),
    ],
)
def test_what_nobody_has_defined_is_not_found(gets: Callable[[Defined], Any], what: str) -> None:
    with pytest.raises(NotFound) as refusal:
        gets(Defined())
    said = {"rate": "there is no rate for none"}.get(what, f"there is no {what} none")
    member = {"rate": "meter"}.get(what, what)
    assert (str(refusal.value), refusal.value.facts) == (said, {member: "none"})


def test_a_unit_is_given_up_after_five_tries() -> None:
    defined = Defined("a")
    tried: list[Any] = []
    for operation, fault in WRITES.items():

        def refuse(fault: Callable[[], Any] = fault, **_: Any) -> Any:
            tried.append(fault)
            return fault()

        defined.client.meta.events.register(f"before-call.dynamodb.{operation}", refuse)
    with pytest.raises(Contended, match="several writers of this unit at once"):
        defined.put("a", 2)
    assert len(tried) == 5
    assert units.get_unit(defined.tables, "a").precision == 1
