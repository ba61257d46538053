"""Extensions: after an outage the lots of many accounts end later, each lot once for an incident, for ever.

The key of a lot's entry is the incident and the lot, so whatever is repeated, or done by several at once, moves a lot
once. What is kept of an incident is by how much it moves ends; and of an extension of all accounts, how far it is.

Does not own how a lot's end is moved (``domain.wallets.expiry_changes``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Entry, fingerprint
from scrip.domain.credits.errors import Contended, KeyReused, Refusal, Throttled, Unavailable
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.wallets import expiry_changes
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.expiry import no_room
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read
from scrip.store import documents, keys, ledger, lists
from scrip.store.documents import Document
from scrip.store.tables import Tables

WORKERS: Final = 8
"""Accounts extended side by side: the time goes into waiting for the table."""
ROOM: Final = limits.BOOKING_ITEMS - 10
"""Items of a transaction after which no further lot is moved in it: one takes up to ten."""
PAGE: Final = 64
"""Accounts after which it is kept how far an extension of all accounts is."""
TRIES: Final = 14
"""How often it is tried to keep that, where others do so at the same time."""
Status = Literal["running", "done"]
"""Whether an extension has come to all accounts."""
PASSING: Final = (Contended, Throttled, Unavailable)
"""Refusals of an account that will not be refused for long."""


@dataclass(frozen=True, slots=True)
class Extension:
    """What is asked for: by how much (ISO 8601) the ends of a unit's lots move, for which incident, by whom and why."""

    incident: str
    by: str
    unit: str
    actor: str
    reason: str | None = None
    actor_name: str | None = None


@dataclass(frozen=True, slots=True)
class Extended:
    """What became of one account: how many of its lots were moved for the incident, now or before, or why not."""

    account: str
    moved: int = 0
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ExtensionProgress:
    """How far an extension of all accounts is.

    Attributes:
        after: the account that was seen to last, in the order of the list of accounts.
        moved: lots that were moved; accounts: accounts that have such lots; seen: accounts that were seen to.
        failed: accounts that could not be seen to: the log names them.
    """

    actor: str
    reason: str | None = None
    status: Status = "running"
    after: str | None = None
    moved: int = 0
    accounts: int = 0
    seen: int = 0
    failed: int = 0
    actor_name: str | None = None


Failed = Callable[[str, Exception], None]
"""Is told the account that could not be seen to, and why."""


def extend(
    executor: Executor,
    extension: Extension,
    accounts: Sequence[str],
    moment: Moment,
    time_left: Callable[[], bool],
) -> Sequence[Extended]:
    """Extends the lots of these accounts. The same request again goes on where this one ended.

    Raises:
        NotFound: there is no such unit.
        KeyReused: the incident moves ends by something else.
    """
    executor.unit(extension.unit)
    _begin(executor.tables, extension)
    return _extend_each(executor, extension, accounts, moment, time_left)


def extend_all(executor: Executor, extension: Extension) -> ExtensionProgress:
    """Begins to extend the lots of all accounts, once for ever. Returns how far it is.

    Raises:
        NotFound: there is no such unit.
        KeyReused: the incident moves ends by something else.
    """
    executor.unit(extension.unit)
    _begin(executor.tables, extension)
    tables, pk = executor.tables, keys.extension_of(extension.incident, extension.unit)
    for _ in range(TRIES):
        known = documents.get(tables, pk)
        if known.rev != documents.NEW:
            return ExtensionProgress(**known.body)
        progress = ExtensionProgress(extension.actor, extension.reason, actor_name=extension.actor_name)
        place = lists.add(tables, keys.EXTENSIONS, keys.incident(extension.incident, extension.unit))
        if documents.put_with(tables, pk, documents.NEW, _json(progress), [place]):
            return progress
    raise Contended("others extend for this incident at this moment: send it again")


def running(tables: Tables, limit: int = 100) -> list[tuple[str, str]]:
    """Returns incidents and units of extensions of all accounts that are not done."""
    found = lists.page(tables, keys.EXTENSIONS, limit).found
    return [(name, unit) for name, _, unit in (place.rpartition("#") for place in found)]


def go_on(
    executor: Executor,
    incident: str,
    unit: str,
    moment: Moment,
    time_left: Callable[[], bool],
    failed: Failed,
) -> ExtensionProgress:
    """Goes on with an extension of all accounts while there is time. Returns how far it is.

    Several may do so at once: each page of accounts is counted by whoever keeps first that it is done. An account that
    is busy is tried again by the next one to go on; one that fails is told, and left out.
    """
    tables, pk = executor.tables, keys.extension_of(incident, unit)
    by = str(_read_by(documents.get(tables, keys.extension(incident))))
    while True:
        known = documents.get(tables, pk)
        progress = ExtensionProgress(**known.body)
        if progress.status == "done" or not time_left():
            return progress
        page = lists.page(tables, keys.ACCOUNTS, PAGE, after=progress.after)
        extension = Extension(incident, by, unit, progress.actor, progress.reason, progress.actor_name)
        # Machines' clocks differ, and no entry of a wallet is before its last: a moment behind is moved up to that.
        found = _extend_each(executor, extension, page.found, replace(moment, yields=True), time_left, failed)
        whole = not any(isinstance(one.refusal, PASSING) for one in found)
        if not whole:
            return progress
        after = replace(
            progress,
            status="done" if page.following is None else "running",
            after=page.following or progress.after,
            moved=progress.moved + sum(one.moved for one in found),
            accounts=progress.accounts + sum(one.moved > 0 for one in found),
            seen=progress.seen + len(found),
            failed=progress.failed + sum(one.refusal is not None for one in found),
        )
        place = keys.incident(incident, unit)
        beside = [lists.remove(tables, keys.EXTENSIONS, place)] if after.status == "done" else []
        documents.put_with(tables, pk, known.rev, _json(after), beside)


def _begin(tables: Tables, extension: Extension) -> None:
    """Keeps by how much the incident moves ends, before the first one is moved.

    Raises:
        KeyReused: it is something else.
    """
    pk = keys.extension(extension.incident)
    for _ in range(TRIES):
        known = documents.get(tables, pk)
        if known.rev == documents.NEW:
            if documents.put(tables, pk, documents.NEW, {"by": extension.by}):
                return
            continue
        if _read_by(known) != extension.by:
            raise KeyReused(f"this incident moves ends by {_read_by(known)}: name another one, or send that")
        return
    raise Contended("others extend for this incident at this moment: send it again")


def _extend_each(
    executor: Executor,
    extension: Extension,
    accounts: Sequence[str],
    moment: Moment,
    time_left: Callable[[], bool],
    failed: Failed | None = None,
) -> list[Extended]:
    """Extends the lots of these accounts side by side. Once the time is up, or the table busy, the rest are left."""
    busy: list[Refusal] = []

    def one(account: str) -> Extended:
        if busy or not time_left():
            return Extended(account, refusal=Unavailable("not done yet: send the same request again"))
        try:
            return Extended(account, _Wallet(executor, extension, account, moment, time_left).extend())
        except Refusal as refusal:
            if isinstance(refusal, Throttled):
                busy.append(refusal)
            elif failed and not isinstance(refusal, PASSING):
                failed(account, refusal)
            return Extended(account, refusal=refusal)
        except Exception as error:
            if failed is None:
                raise
            failed(account, error)
            return Extended(account, refusal=Refusal("it failed: the log says why"))

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, accounts))


@dataclass(slots=True)
class _Wallet:
    """The extension of one wallet's lots, in as many commits as that takes. ``done``: those that are moved."""

    executor: Executor
    extension: Extension
    account: str
    moment: Moment
    time_left: Callable[[], bool]
    done: set[int] = field(default_factory=set)

    def extend(self) -> int:
        """Extends every lot that is to be. Returns how many lots were moved for the incident, now or before.

        Raises:
            Unavailable: the time is up; what is moved stays so.
            Refusal: as the executor raises it.
        """
        seqs = self._candidates()
        known = (
            ledger.find_many(self.executor.tables, self.account, self.extension.unit, seqs) if seqs else {}
        )
        self.done = {seqs[entry_id] for entry_id in known}
        if len(self.done) == len(seqs):
            return len(self.done)
        while self._commit_some():
            if not self.time_left():
                raise Unavailable("not done yet: send the same request again")
        return len(self.done)

    def _candidates(self) -> dict[str, int]:
        """Returns the lots that end some day, by the ids that the entries of this incident have."""
        context = self.executor.context(self.account, self.extension.unit, fresh=True)

        def view(draft: Draft) -> list[int]:
            now = apply_all_due(draft, self.moment.on(draft.wallet))
            return [lot.seq for lot in expiry_changes.extendable(draft, now)]

        return {self._cause(seq).entry_id: seq for seq in read(self.executor, context, view)}

    def _commit_some(self) -> bool:
        """Moves the ends of as many lots as fit into one commit. Tells whether there may be more of them."""
        context = self.executor.context(self.account, self.extension.unit, fresh=True)
        tried: dict[str, int] = {}

        def act(draft: Draft, now: int) -> Entry | None:
            tried.clear()
            entry = None
            for lot in expiry_changes.extendable(draft, now):
                if lot.seq in self.done:
                    continue
                if no_room(draft, ROOM):
                    break
                cause = self._cause(lot.seq)
                tried[cause.entry_id] = lot.seq
                entry = expiry_changes.extend(
                    draft, lot, self.extension.by, self.extension.incident, now, cause
                )
            return entry

        execution = self.executor.execute_batch(context, self.moment, act, tried)
        for known in execution.known:
            # Another one was faster, whose wallet this was decided without.
            self.done.add(known.extra["lot"]["seq"])
        if execution.entry:
            self.done.update(tried.values())
        return bool(execution.known or execution.entry)

    def _cause(self, seq: int) -> Cause:
        """Returns the cause of the entry that moves a lot's end: its key is the incident and the lot."""
        said = self.extension
        key = business_key("extension", said.incident, str(seq))
        return Cause(
            key_entry_id(self.account, said.unit, key),
            fingerprint("extension", {"incident": said.incident, "lot": seq, "by": said.by}),
            said.actor,
            reason=said.reason,
            actor_name=said.actor_name,
        )


def _json(progress: ExtensionProgress) -> dict[str, Any]:
    """Returns how far an extension is as JSON values."""
    return {name: getattr(progress, name) for name in ExtensionProgress.__slots__}


def _read_by(known: Document) -> str:
    """Reads by how much an incident's lots end later."""
    return str(known.body["by"])
