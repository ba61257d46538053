"""Alerts, a unit's and an account's own: put, read, taken away; and those that were in force at an instant.

Each change is a version with the instant since when it is in force, in a document of its own, written in one
transaction with what it belongs to. That instant never lies before the commit: a version begins ``LEAD_MS`` after it is
decided, and whoever put it is answered when it has begun. So nobody who asks what was in force at an instant that has
passed is answered otherwise later. Does not own what alerts tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.credits.units import Unit
from scrip.domain.events import alerts
from scrip.domain.events.alerts import Alerts, OwnAlerts, Version
from scrip.domain.wallets import status
from scrip.domain.wallets.announcements import OwnNotices, put_own
from scrip.domain.wallets.draft import Draft
from scrip.services.audit.changes import Action, Author, Change, record
from scrip.services.catalogue import notice_spans
from scrip.services.catalogue.versions import replace_document
from scrip.services.engine.executor import Executor, Moment
from scrip.store import documents, items, keys, lists, wallets
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

LEAD_MS: Final = 1_000
"""From the decision to the beginning of a version: longer than its commit takes, tried again as often as it is."""
KEPT: Final = 50
"""Versions in a document. Those of before lie beside it, each an item."""
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AlertsRequest:
    """Who asks for what about an account's own alerts in a unit."""

    account: str
    unit: str
    moment: Moment
    author: Author


@dataclass(frozen=True, slots=True)
class KnownAlerts:
    """An account's own alerts, and those that count: its own, and for the rest its unit's."""

    own: OwnAlerts
    counting: Alerts
    unit: Unit


def begins(executor: Executor, moment: Moment, unused: bool) -> int:
    """Returns since when a version that is decided now is in force: before there was an entry, for ever."""
    if unused:
        return 0
    return moment.at if moment.pinned else executor.now() + LEAD_MS


def unit_writes(
    executor: Executor, known: Unit | None, wanted: Unit, moment: Moment
) -> tuple[list[Item], int]:
    """Returns what is written with a unit whose policy becomes another, and since when its alerts are in force.

    Nothing is written where they are what they were.
    """
    before = Alerts.of(known.policy) if known else alerts.NONE
    after = Alerts.of(wanted.policy)
    if before == after:
        return [], 0
    since = begins(executor, moment, not (known and known.used))
    document = documents.get(executor.tables, keys.alerts(wanted.unit))
    if known and not document.body:
        document = replace(document, body=_of_before(known))
    return _version(executor.tables, document, since, after.to_json()), since


def has_own(tables: Tables, unit_id: str) -> bool:
    """Tells whether accounts have, or had, alerts of their own in a unit."""
    return lists.has(tables, keys.alerts(unit_id), keys.OWN_ALERTS)


def put(
    executor: Executor, unit: Unit, wanted: OwnAlerts, request: AlertsRequest
) -> tuple[KnownAlerts, bool]:
    """Puts an account's own alerts in place of those before. Returns them, and whether there were none.

    Raises:
        ClockBackwards: by the test clock, it is before the wallet's last entry.
        Contended: other writers were faster each time.
    """
    _check_instant(executor, request)
    if wanted.by_share:
        _show_base(executor, request, True)
    before = _replace(executor, wanted, request)
    if not wanted.by_share:
        _show_base(executor, request, False)
    return KnownAlerts(wanted, wanted.over(Alerts.of(unit.policy)), unit), before is None


def delete(executor: Executor, request: AlertsRequest) -> None:
    """Takes an account's own alerts away: the unit's count.

    Raises:
        NotFound: it has none.
        ClockBackwards: by the test clock, it is before the wallet's last entry.
        Contended: other writers were faster each time.
    """
    _check_instant(executor, request)
    _replace(executor, None, request)
    _show_base(executor, request, False)


def get(executor: Executor, unit: Unit, account: str) -> KnownAlerts:
    """Returns an account's own alerts as they are now.

    Raises:
        NotFound: it has none.
    """
    own = _last(documents.get(executor.tables, keys.alerts_of(account, unit.unit)).body)
    if own is None:
        raise _missing(account, unit.unit)
    return KnownAlerts(own, own.over(Alerts.of(unit.policy)), unit)


class AlertsInForce:
    """Alerts of several wallets, with all their versions, as they were read."""

    def __init__(self, tables: Tables, found: Mapping[str, Document]) -> None:
        self._tables, self._found = tables, found

    def at(self, account: str, unit_id: str, at: int) -> Alerts:
        """Returns the alerts that were in force for a wallet at an instant (epoch milliseconds)."""
        body = self._version(keys.alerts(unit_id), at)
        unit = alerts.NONE if body is None else Alerts.from_json(body)
        own = self._version(keys.alerts_of(account, unit_id), at)
        return unit if own is None else OwnAlerts.from_json(own).over(unit)

    def _version(self, pk: str, at: int) -> Json | None:
        document = self._found.get(pk)
        if document is None:
            return None
        versions = _versions(document.body)
        if versions[0][0] <= at or not document.body.get("past"):
            return alerts.in_force(versions, at)
        first, last = keys.past_alerts(0), keys.past_alerts(at)
        rows, _ = lists.rows(self._tables, pk, 1, first=first, last=last, backwards=True)
        stored: Json | None = items.read_sidecar(rows[0])["alerts"] if rows else None
        return stored


def load(tables: Tables, wanted: Iterable[tuple[str, str]]) -> AlertsInForce:
    """Reads the alerts of these wallets (account, unit), consistently.

    It is two reads for each unit and one for whether accounts have their own in it; those are read where they may.
    """
    pairs = sorted(set(wanted))
    units = sorted({unit for _, unit in pairs})
    heads = [(pk, keys.HEAD) for unit in units for pk in (keys.alerts(unit), keys.unit(unit))]
    marks = {(keys.alerts(unit), keys.OWN_ALERTS): unit for unit in units}
    found = tables.get_many(tables.wallets, [*heads, *marks])
    own = {unit for key, unit in marks.items() if key in found}
    known = {key[0]: documents.read(key[0], item) for key, item in found.items() if key[1] == keys.HEAD}
    for unit_id in units:
        document = known.pop(keys.unit(unit_id), None)
        if document and keys.alerts(unit_id) not in known:
            unit = documents.unit_of(unit_id, document)
            assert unit
            known[keys.alerts(unit_id)] = Document(keys.alerts(unit_id), documents.NEW, _of_before(unit))
    theirs = [keys.alerts_of(account, unit) for account, unit in pairs if unit in own]
    return AlertsInForce(tables, known | documents.get_many(tables, theirs))


def in_force(tables: Tables, account: str, unit_id: str, at: int) -> Alerts:
    """Returns the alerts that were in force for a wallet at an instant (epoch milliseconds)."""
    return load(tables, [(account, unit_id)]).at(account, unit_id, at)


def _replace(executor: Executor, wanted: OwnAlerts | None, request: AlertsRequest) -> OwnAlerts | None:
    """Stores the next version of an account's own alerts; the same again is none. Returns those before."""
    tables, account, unit_id = executor.tables, request.account, request.unit
    pk, writes, since = keys.alerts_of(account, unit_id), list[Item](), 0

    def decide(document: Document) -> tuple[OwnAlerts | None, Json | None]:
        nonlocal since
        known = _last(document.body)
        if known is None and wanted is None:
            raise _missing(account, unit_id)
        _put_notices(executor, wanted, request)
        if known == wanted:
            return known, None
        unused = wallets.missing(tables, account, unit_id)
        since = begins(executor, request.moment, unused)
        body = wanted.to_json() if wanted else None
        versions = alerts.added(_versions(document.body), since, body)
        past, kept = _kept(tables, pk, versions, document.body)
        action: Action = "alerts.put" if wanted else "alerts.delete"
        told = known.to_json() if known else None
        writes[:] = [
            *past,
            *([wallets.is_missing(tables, account, unit_id)] if unused else []),
            *([] if has_own(tables, unit_id) else [lists.add(tables, keys.alerts(unit_id), keys.OWN_ALERTS)]),
            *([] if document.body else [lists.add(tables, keys.ACCOUNTS, account)]),
            record(tables, request.author, Change(action, f"{account}/{unit_id}", told, body)),
        ]
        return known, kept

    before = replace_document(tables, pk, "account's alerts", decide, lambda _before, _after: writes)
    if not request.moment.pinned:
        executor.wait_until(since)
    return before


def _check_instant(executor: Executor, request: AlertsRequest) -> None:
    """Refuses alerts by the test clock that would be in force before the wallet's last entry, and judge what is over.

    Raises:
        ClockBackwards: they would.
    """
    if request.moment.pinned:
        context = executor.context(request.account, request.unit, fresh=True)
        request.moment.on(context.snapshot.wallet)


def _show_base(executor: Executor, request: AlertsRequest, shown: bool) -> None:
    """Makes a wallet's entries show its base as long as a percentage of the account's own alerts counts, and no longer.

    It moves the wallet's version: so whatever is decided after the answer, in whichever environment, knows of it. A
    wallet that there is not is made where its entries are to show it.
    """
    if not shown and wallets.missing(executor.tables, request.account, request.unit):
        return

    def act(draft: Draft, now: int) -> Entry | None:
        return status.show_base(draft, shown, now, _cause(draft, request))

    executor.change(executor.context(request.account, request.unit, fresh=True), request.moment, act)


def _put_notices(executor: Executor, wanted: OwnAlerts | None, request: AlertsRequest) -> None:
    """Gives the wallet the notices that its lots are granted with from now on, where they are the account's own.

    It comes before all else: whoever is interrupted after it asks again, and nothing is granted otherwise than either
    answer said.
    """
    account, unit_id, spans = request.account, request.unit, wanted.expiry_notices if wanted else None
    own = OwnNotices(
        None if spans is None else notice_spans.number_of(executor.tables, unit_id, spans),
        spans or (),
        wanted.expiry_requires_notice if wanted else None,
    )
    context = executor.context(account, unit_id, fresh=True)
    if own == OwnNotices() and not context.snapshot.wallet.own_notices:
        return

    def act(draft: Draft, now: int) -> Entry | None:
        return put_own(draft, own, now, _cause(draft, request))

    executor.change(context, request.moment, act)


def _cause(draft: Draft, request: AlertsRequest) -> Cause:
    """Returns the cause of the wallet's next entry."""
    entry_id = time_entry_id(request.account, request.unit, draft.next_seq)
    return Cause(entry_id, "", request.author.actor, actor_name=request.author.name)


def _of_before(unit: Unit) -> Json:
    """Returns the versions of a unit of before versions were kept: its policy's alerts, in force for ever."""
    return {"versions": [(0, Alerts.of(unit.policy).to_json())]}


def _version(tables: Tables, document: Document, since: int, body: Json | None) -> list[Item]:
    """Returns the transact items that make these the alerts of a document from an instant on."""
    versions = alerts.added(_versions(document.body), since, body)
    past, kept = _kept(tables, document.pk, versions, document.body)
    return [documents.write(tables, document.pk, document.rev, kept), *past]


def _kept(tables: Tables, pk: str, versions: Sequence[Version], before: Json) -> tuple[list[Item], Json]:
    """Returns the body with the last of these versions, and the transact items of those that have no place in it."""
    older, kept = versions[:-KEPT], versions[-KEPT:]
    past = {"past": True} if older or before.get("past") else {}
    body = {"versions": kept, **past}
    return [documents.beside(tables, pk, keys.past_alerts(at), {"alerts": told}) for at, told in older], body


def _versions(body: Json) -> list[Version]:
    return [(since, told) for since, told in body.get("versions", [])]


def _last(body: Json) -> OwnAlerts | None:
    """Returns an account's own alerts as they were put last."""
    versions = _versions(body)
    told = versions[-1][1] if versions else None
    return None if told is None else OwnAlerts.from_json(told)


def _missing(account: str, unit_id: str) -> NotFound:
    return NotFound(f"{account} has no alerts of its own in {unit_id}: those of the unit count", unit=unit_id)
