"""Builders for the payment tests: sample bodies, facts and signed deliveries, each in one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, DisputeStatus, Fact, Paid, PaymentFacts, Refund, RefundStatus

ROOT = Path(__file__).parents[2]
WEBHOOKS = ROOT / "events" / "webhooks"
DATA = Path(__file__).parent / "data"

# How fast examples are made says nothing here, and much about what else the machine is doing.
steady = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])

# 2 November 2026, 09:15:02.114, 5 November, 11:00, and 12 November, 07:30, UTC: the instants in the sample bodies.
PAID_AT = 1793610902114
REFUNDED_AT = 1793876400000
DISPUTED_AT = 1794468600000


def body(name: str, **data: Any) -> dict[str, Any]:
    """The sample webhook of that name, with members of its ``data`` replaced."""
    sample: dict[str, Any] = json.loads((WEBHOOKS / f"{name}.json").read_text())
    sample["data"].update(data)
    return sample


def paid(
    total: int = 12000,
    tax: int | None = 2000,
    currency: str = "USD",
    settled: tuple[int, str] | None = None,
    session: str | None = "cks_1",
    **told: Any,
) -> Paid:
    """A payment; by default 120.00 USD with 20.00 tax, settled as it was paid."""
    amount, settled_in = settled or (total, currency)
    return Paid(total, tax, currency, PAID_AT, amount, settled_in, session, **told)


def refund(
    amount: int | None,
    name: str = "ref_1",
    status: RefundStatus = "succeeded",
    currency: str | None = "USD",
    full: bool = False,
    request_id: str | None = None,
    tax: int | None = None,
) -> Refund:
    """A refund of ``amount`` minor units."""
    return Refund(name, status, amount, currency, REFUNDED_AT, full, request_id, tax)


def asked_for(amount: int, request_id: str) -> Refund:
    """A refund that we asked for, before its provider gave it an id of its own."""
    return refund(amount, f"request:{request_id}", "pending")


RANKS: Final[Mapping[DisputeStatus, int]] = {"open": 0, "lost": 3, "won": 3, "contradicted": 3}


def dispute(
    status: DisputeStatus,
    amount: int | None = 12000,
    name: str = "dsp_1",
    stage: int = 1,
    currency: str | None = "USD",
    rank: int | None = None,
    movements: int = 0,
) -> Dispute:
    """A dispute about ``amount`` minor units: by default about everything, in the first stage."""
    ranked = stage * 10 + RANKS[status] if rank is None else rank
    return Dispute(name, status, ranked, str(stage), amount, currency, DISPUTED_AT, movements)


def facts(*known: Fact) -> PaymentFacts:
    """The state after these facts, in this order."""
    return PaymentFacts().merge_all(known)


def folded(deliveries: Iterable[Delivery]) -> PaymentFacts:
    """The state after these deliveries, in this order."""
    return facts(*(fact for delivery in deliveries for fact in delivery.facts))


def permuted(events: list[Any]) -> st.SearchStrategy[list[Any]]:
    """Every event at least once, up to twice more, in any order."""
    repeats = st.lists(st.sampled_from(events), max_size=2 * len(events))
    return repeats.flatmap(lambda extra: st.permutations([*events, *extra]))


# Anything that JSON can hold, and some of what a field of a webhook could be mistaken for.
ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from([[], {}, [None], [{}], [[1]], {"": 1}, "succeeded", "2026-11-31T00:00:00Z", 10**400])
)


def distorted(webhook: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """A sample of which some members, at any depth, hold anything."""
    inner = [each for each in objects(webhook) if each]
    for _ in range(data.draw(st.integers(0, 6))):
        where = data.draw(st.sampled_from(inner))
        where[data.draw(st.sampled_from(sorted(where)))] = data.draw(ODD)
    return webhook


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, itself first."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)
