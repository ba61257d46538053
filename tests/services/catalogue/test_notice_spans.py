"""Each list of spans of a unit has one number, for ever: what lies under a number never changes (law 10)."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import Contended, PolicyViolation
from scrip.domain.wallets.wallet import Wallet
from scrip.services.catalogue import notice_spans
from scrip.services.catalogue.notice_spans import number_of
from scrip.store import documents, wallets
from scrip.store.tables import Tables
from tests.aws import InMemory


@pytest.fixture
def tables() -> Tables:
    return Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]


def spans(tables: Tables, number: int) -> object:
    name = ("spans", str(number))
    found = wallets.sidecars(tables, Wallet("acme", "images", "stripe"), [name])
    return found[name]["spans"]


def test_a_list_has_the_same_number_whenever_it_is_asked_for(tables: Tables) -> None:
    assert number_of(tables, "images", ()) == 0
    assert number_of(tables, "images", ("P7D", "P1D")) == 1
    assert number_of(tables, "images", ("P1D",)) == 2
    assert number_of(tables, "images", ("P7D", "P1D")) == 1
    assert number_of(tables, "credits", ("P1D",)) == 1
    assert (spans(tables, 1), spans(tables, 2)) == (["P7D", "P1D"], ["P1D"])


def test_a_unit_keeps_no_more_than_so_many(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_spans, "MOST", 2)
    assert [number_of(tables, "images", (f"P{days}D",)) for days in (1, 2, 1)] == [1, 2, 1]
    with pytest.raises(PolicyViolation) as refused:
        number_of(tables, "images", ("P3D",))
    assert refused.value.facts["policy"] == "max_expiry_notices"


def test_of_two_writers_at_once_each_has_a_number_of_its_own(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = documents.put_with
    others = iter([("P30D",)])

    def late(tables_: Tables, *of: object) -> object:
        for other in others:
            number_of(tables_, "images", other)
        return put(tables_, *of)  # type: ignore[arg-type]

    monkeypatch.setattr(documents, "put_with", late)
    assert number_of(tables, "images", ("P7D",)) == 2
    assert (spans(tables, 1), spans(tables, 2)) == (["P30D"], ["P7D"])
    monkeypatch.setattr(documents, "put_with", lambda *_: None)
    with pytest.raises(Contended):
        number_of(tables, "images", ("P2D",))
