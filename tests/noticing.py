"""Notices of one account's lots, as tests have them given and delivered."""

from __future__ import annotations

from typing import Any

from scrip import runtime
from scrip.domain.credits.entries import Entry
from scrip.domain.events.lots import NoticeDelivery
from scrip.domain.wallets.wallet import Wallet
from scrip.http.edge.parameters import instant
from scrip.http.events.lots import expiring_event
from scrip.services.engine.executor import Moment
from scrip.services.events import bus
from scrip.services.notifications import notices
from scrip.services.notifications.notices import Noticed
from scrip.store import keys

Json = dict[str, Any]


def moment(at: str) -> Moment:
    return Moment(instant(at, "time"), pinned=True, yields=True)


def failed(wallet: Wallet, error: Exception) -> None:
    raise AssertionError(f"{wallet.account}: {error}") from error


def give(account: str, at: str, unit: str = "credits", **more: Any) -> Noticed:
    """Has the notices of an account's wallet given that are due by an instant: what is said of them is published."""
    given: Json = {
        "tell": lambda facts: bus.publish(runtime.bus(), [expiring_event(fact) for fact in facts]),
        "time_left": lambda: True,
        "failed": failed,
        **more,
    }
    shard = int(keys.shard(keys.wallet(account, unit)))
    return notices.sweep(runtime.executor(), [shard], moment(at), **given)


def give_all(at: str) -> Noticed:
    """Has the notices of all wallets given, as one run does."""
    return notices.sweep(
        runtime.executor(),
        range(keys.SHARDS),
        moment(at),
        lambda facts: bus.publish(runtime.bus(), [expiring_event(fact) for fact in facts]),
        lambda: True,
        failed,
    )


def deliver(
    account: str, notice_id: str, at: str, to: str = "crm", unit: str = "credits", status: str = "delivered"
) -> Entry | None:
    """Says that a notice was delivered at an endpoint."""
    when = moment(at)
    delivery = NoticeDelivery("webhook", to, status, when.at)
    return notices.delivered(runtime.executor(), account, unit, notice_id, delivery, when)
