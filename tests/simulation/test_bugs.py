"""The simulator must be able to fail: bugs that somebody might make one day, each put into the real code, and each
found within ten thousand operations of one of three seeds, by the law that it breaks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from scrip.domain.credits import ids, rate_cards, usage
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import Refusal, Unavailable
from scrip.domain.credits.lots import Lot, lot_facts
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.terms import Rollover
from scrip.domain.credits.units import Policy
from scrip.domain.credits.usage_events import UsageEvent
from scrip.domain.events.event import Event, event_id
from scrip.domain.finance import accounts, postings
from scrip.domain.finance.invoices import InvoiceLine, TaxMode
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import PaymentFacts, about
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.promotion_shares import Room, Share
from scrip.domain.usage import uses
from scrip.domain.wallets import (
    allowances,
    announcements,
    breakers,
    budget_counters,
    burn_pages,
    carries,
    corrections,
    counters,
    draft,
    draws,
    expiry,
    expiry_changes,
    funds,
    grants,
    holds,
    leases,
    lot_lists,
    overages,
    own_rates,
    pace,
    position,
    record_reversals,
    record_sums,
    repayments,
    shares,
    status,
    streams,
)
from scrip.domain.wallets import due as settling
from scrip.domain.wallets import notices as noticing
from scrip.domain.wallets import transfers as moving
from scrip.domain.wallets.allowances import Allowance, Plan
from scrip.http.events import entries as entries_told
from scrip.services.catalogue import rates as catalogue_rates
from scrip.services.engine import decisions, requests
from scrip.services.engine import executor as engine
from scrip.services.engine.executor import Result
from scrip.services.engine.requests import ItemOutcome
from scrip.services.events import balances, bus, history
from scrip.services.notifications import alerts
from scrip.services.outbox import looks, reader
from scrip.services.usage import events as usage_events
from scrip.services.usage import rollups
from scrip.services.usage.events import BurnUsage, UsageOutcome
from scrip.services.wallets import batches, explanations, extensions, transfers
from scrip.services.wallets import lots as paging
from scrip.store import commit, documents, ledger, lists, marks, promotions, references, rows, stream
from scrip.store import due as listing
from scrip.store import notices as stored_notices
from scrip.store.tables import Tables
from simulation.hands import Died
from simulation.world import Report, run

OPERATIONS = 10_000
SEEDS = (2028, 2027, 2029)
"""Rare ones need the second, or the third: a transfer of a part of what was paid for with tax."""
OFTEN: Mapping[str, Mapping[str, float]] = {
    "a line that is paid again": {"application": 6},
    "a promotion's pool from memory": {"redemption": 15},
    "a closed wallet that is filled": {"closing": 8},
    "an extension without a key": {"extension": 20},
    "captures of a hold each priced for itself": {"hold": 4, "capture": 5},
    "a rate version that begins at once": {"policy": 15},
    "a wallet's place moved without its condition": {"burn": 0.2, "hold": 5, "release": 10, "sweep": 10},
    "a wallet counts as listed before it is committed": {"transfer": 15},
    "a cap of each rule alone": {"allowance": 15},
    "a deletion that forgets": {"allowance": 15},
    "whole steps of each lot": {"allowance": 15},
    "tax lost on the way of a transfer": {"order": 4, "event": 3, "deliver": 2, "transfer": 10},
    "notices that are always in time": {"grant": 3},
    "a page that no budget counts": {"page": 5},
    "a give-back that counts twice": {"budget": 2},
    "a stream's next offset that is not kept": {"page": 6},
    "an overlap of pages that counts twice": {"page": 6},
    "a breaker that leaves out pages": {"page": 6},
    "an event's key without its source": {"usage": 6},
    "a message that is done before its events are booked": {"usage": 6},
    "an event that is rejected for what may pass": {"usage": 6},
    "an event that is another each time it comes": {"usage": 6},
    "a refused record that is burned when it is sent again": {"page": 6},
    "a lease that is filled up with what is not set aside": {"lease": 6},
    "a lease without its grace": {"lease": 6},
    "a settlement beyond what is held": {"lease": 6},
    "a settlement that refuses what was set aside": {"lease": 6},
    "a lease on today's terms": {"lease": 6},
    "a use that no reversal takes off": {"reversal": 20, "page": 3, "burn": 2},
    "a record that comes back again and again": {"page": 9, "reversal": 15, "burn": 0.2},
    "tax left behind by a transfer": {"order": 4, "event": 3, "deliver": 2, "transfer": 10},
}
"""What comes so many times as often while a bug of it is looked for: what is rare would take several whole runs."""
SOON: Mapping[str, int] = {
    "a batch that refuses from memory": 4,
    "a breaker's window that does not slide": 1,
    "a cap of each rule alone": 1,
    "a rate version that begins at once": 15,
    "a use that no reversal takes off": 1,
    "a wallet's place moved without its condition": 10,
    "an extension without a key": 7,
    "an own card of which the wallet does not know": 16,
    "an own card that never ends": 2029,
    "bases told of grants alone": 3,
    "captures of a hold each priced for itself": 1,
    "crossings told by today's policy": 14,
    "marks before what they mark": 3,
    "marks by the clock": 2027,
    "notices that are always in time": 2,
    "reasons that any fact takes away": 40,
    "refunds that no sum knows": 3,
    "rows believed": 2027,
    "stacking that is forgotten": 2027,
    "tax left behind by a transfer": 9,
    "what is owed as a period ends is repaid by the next one": 1,
    "what is owed as a period ends stays owed": 1,
    "what is recorded by the clock alone": 2,
    "what was lost is told by when it holds": 18,
}
"""Seeds that come before the others, since they come to what is rare sooner: so none of these takes thousands of
operations. Where they do not any more, the others do."""
RARE = (
    "a batch that refuses from memory",
    "a message that is done before its events are booked",
    "an own card that never ends",
    "reasons that any fact takes away",
    "undone debts that nobody gets back",
    "what was lost is told by when it holds",
)
"""Bugs that no seed comes to soon: `make test-long` looks for them."""
FOLLOWS = "law 3: .* follows from what it was told"
Plant = Callable[[pytest.MonkeyPatch], None]


def without_condition(made: Callable[..., Any]) -> Callable[..., Any]:
    """The same transact item, without its condition."""

    def bugged(*args: Any) -> Any:
        ((verb, request),) = made(*args).items()
        gone = ("ConditionExpression", "ExpressionAttributeValues")
        values = request.get("ExpressionAttributeValues") if verb == "Update" else None
        kept = {name: value for name, value in request.items() if name not in gone}
        if values:
            used = {name: value for name, value in values.items() if name in request["UpdateExpression"]}
            kept["ExpressionAttributeValues"] = used
        return {verb: kept}

    return bugged


def entries_without_condition(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(commit, "_entry", without_condition(commit._entry))


def wallets_without_condition(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(commit, "_wallet", without_condition(commit._wallet))


def documents_without_condition(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(documents, "write", without_condition(documents.write))


def shares_from_memory(patch: pytest.MonkeyPatch) -> None:
    """A share is thought to have room as when it was new, and nothing holds who believes it."""
    room = Share(version=1, room=Room(1, 5 * 10**9))
    patch.setattr(promotions, "share", lambda *_: room)
    patch.setattr(promotions, "_share_update", without_condition(promotions._share_update))


def pools_from_memory(patch: pytest.MonkeyPatch) -> None:
    """The pool is thought to have handed nothing out, and nothing holds who believes it."""
    made = promotions.pool
    patch.setattr(promotions, "pool", lambda *of: replace(made(*of), handed=Room()))
    patch.setattr(promotions, "_pool_update", without_condition(promotions._pool_update))


def retries_without_key(patch: pytest.MonkeyPatch) -> None:
    """Every attempt at a request has a key of its own."""
    attempts, made = count(), requests.WalletRequest.cause

    def cause(request: Any, *of: Any) -> Cause:
        caused = made(request, *of)
        return replace(caused, entry_id=f"{caused.entry_id}{next(attempts)}")

    patch.setattr(requests.WalletRequest, "cause", cause)


def expiry_inclusive(patch: pytest.MonkeyPatch) -> None:
    """What ends at an instant still lives at it."""
    made = settling.apply_due
    patch.setattr(decisions, "apply_due", lambda draft, now, **more: made(draft, now - 1, **more))


def replays_of_any_request(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether the row under the key is that of the same request."""
    patch.setattr(engine, "replay", lambda entry, _cause: Result(entry, replayed=True))


def replays_from_the_wrong_row(patch: pytest.MonkeyPatch) -> None:
    """Any row that was there is taken for the request's, also one that time has made for somebody else."""
    made = commit._outcome

    class All:
        def __contains__(self, _: object) -> bool:
            return True

    patch.setattr(
        commit, "_outcome", lambda reasons, others, beside, _asked: made(reasons, others, beside, All())
    )


def refusals_from_memory(patch: pytest.MonkeyPatch) -> None:
    """What a remembered wallet refuses is refused, without a look at the present one or at the key."""

    def refused(_executor: Any, refusal: Exception, *_: Any) -> None:
        raise refusal

    patch.setattr(engine.Executor, "_newer", lambda *_: None)
    patch.setattr(engine.Executor, "_refused", refused)


def transfers_that_arrive_nowhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transfers._Receiver, "writes", lambda _receiver: [])


def money_rounded_twice(patch: pytest.MonkeyPatch) -> None:
    """A draw's money is its own share, rounded, and no difference of a running count."""

    def less(lot: Lot, steps: int, fate: Any = "depleted") -> tuple[Lot, int]:
        value = lot.basis * steps // lot.n if lot.cost and lot.n else 0
        left = lot._replace(remaining=lot.remaining - steps)
        return left._replace(fate="" if left.remaining or left.held else fate), value

    patch.setattr(Lot, "less", less)


def facts_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Each delivery is believed alone, whatever came before it."""
    patch.setattr(PaymentFacts, "from_dict", classmethod(lambda cls, _data: cls()))


def reasons_that_any_fact_takes_away(patch: pytest.MonkeyPatch) -> None:
    """A fact takes away what could not be read of the same thing before it came, whatever was said first."""
    told = Payment.told

    def bugged(payment: Payment, delivery: Delivery, delivery_id: str) -> Payment:
        known = set(map(about, delivery.facts))
        after = told(payment, delivery, delivery_id)
        return replace(after, notes={name: notes for name, notes in after.notes.items() if name not in known})

    patch.setattr(Payment, "told", bugged)


def expiry_of_what_is_held(patch: pytest.MonkeyPatch) -> None:
    """A lot's end takes the credits that a hold has set aside."""
    made = draws.ended

    def ended(lot: Lot, _steps: int, fate: Any = "depleted") -> Any:
        freed = lot._replace(remaining=lot.remaining + lot.held, held=0)
        return made(freed, freed.spendable, fate)

    patch.setattr(expiry, "ended", ended)


def batches_that_refuse_from_memory(patch: pytest.MonkeyPatch) -> None:
    """What a batch cannot pay is refused, without a look at the keys."""

    def refuse(batch: Any, refused: Mapping[int, Refusal]) -> None:
        batch._done.update({number: ItemOutcome(refusal=refusal) for number, refusal in refused.items()})

    patch.setattr(batches._Batch, "_refuse", refuse)


def closing_without_a_look(patch: pytest.MonkeyPatch) -> None:
    """A wallet is closed for ever in name alone."""
    for module in (grants, position, status, corrections):
        patch.setattr(module, "require_open", lambda _draft: None)


def evidence_of_what_is_there_now(patch: pytest.MonkeyPatch) -> None:
    def bugged(record: Any) -> str:
        told = record["dynamodb"]
        return json.dumps({**record, "dynamodb": {**told, "OldImage": told.get("NewImage", {})}})

    patch.setattr(stream, "evidence", bugged)


def rows_believed(patch: pytest.MonkeyPatch) -> None:
    """Verification looks at what was hashed, and not at the hash, nor at what the row says beside it."""
    read_entries = rows.read_entries
    patch.setattr(rows, "read_entries", lambda rows, wallet: ([], read_entries(rows, wallet)[1]))


def repayments_outside_the_scope(patch: pytest.MonkeyPatch) -> None:
    """Any lot repays any debt, whatever meters it is for."""
    patch.setattr(repayments, "may_repay", lambda *_: True)


def fractions_that_stay(patch: pytest.MonkeyPatch) -> None:
    """An event is reversed, and its fraction of a step is carried on."""
    patch.setattr(carries, "undo", lambda *_: carries.Uncarried())


def undone_debts_that_nobody_gets_back(patch: pytest.MonkeyPatch) -> None:
    """What repaid a debt that is undone goes back to no lot."""
    made = repayments.undo

    def undo(*args: Any, **more: Any) -> repayments.Undone:
        return repayments.Undone(forgives=made(*args, **more).forgives)

    for module in (corrections, position):
        patch.setattr(module, "undo", undo)


def tax_left_behind(patch: pytest.MonkeyPatch) -> None:
    """What moves to another wallet leaves its tax where it was."""
    made = draws.moved

    def moved(lot: Lot, steps: int) -> Any:
        after, one = made(lot, steps)
        return after._replace(moved_tax=lot.moved_tax), one._replace(tax=0) if one.value else one

    patch.setattr(moving, "moved", moved)


def tax_lost_on_the_way(patch: pytest.MonkeyPatch) -> None:
    """What arrives from another wallet has no tax."""
    made = Lot.moved
    patch.setattr(
        Lot,
        "moved",
        lambda lot, seq, kind, steps, money, _tax=0, **more: made(lot, seq, kind, steps, money, **more),
    )


def ends_that_no_entry_says(patch: pytest.MonkeyPatch) -> None:
    """A lot gets another end, and the entry says the one of before."""
    made = lot_facts
    patch.setattr(
        expiry_changes,
        "lot_facts",
        lambda lot, scope: {**made(lot, scope), "expires_at": lot.effective_at + 1},
    )


def extensions_without_a_key(patch: pytest.MonkeyPatch) -> None:
    """Whoever extends does not look which lots were moved, and each entry has a key of its own."""
    attempts, made = count(), extensions._Wallet._cause

    def cause(wallet: Any, seq: int) -> Cause:
        caused = made(wallet, seq)
        return replace(caused, entry_id=f"{caused.entry_id}{next(attempts)}")

    patch.setattr(extensions._Wallet, "_cause", cause)


def unused_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A lot does not remember what of it expired."""
    patch.setattr(expiry, "ended", draws.spent)


def places_moved_without_condition(patch: pytest.MonkeyPatch) -> None:
    """A sweep that found nothing due moves the wallet's place, whoever has written the wallet since."""
    made = listing.postpone

    class Blind:
        def __init__(self, tables: Tables) -> None:
            self._tables = tables

        def update_item(self, **request: Any) -> Any:
            assert request.pop("ConditionExpression") == "version = :seen"
            del request["ExpressionAttributeValues"][":seen"]
            if not request["ExpressionAttributeValues"]:
                del request["ExpressionAttributeValues"]
            return self._tables.client.update_item(**request)

    def bugged(tables: Any, *of: Any) -> None:
        made(replace(tables, client=Blind(tables)), *of)

    patch.setattr(listing, "postpone", bugged)


def captures_each_for_itself(patch: pytest.MonkeyPatch) -> None:
    """A hold forgets what was counted of it: what is free is free each time."""
    patch.setattr(usage.Tally, "from_json", classmethod(lambda cls, _body: cls()))


def items_paid_as_the_first(patch: pytest.MonkeyPatch) -> None:
    """What pays for the first item of a request pays for all of it."""

    def pay(draft: Any, parts: Any, policy: Any, partly: bool, overdraft: int, take: Any) -> shares.Shares:
        total = sum(part.steps for part in parts)
        meter = parts[0].meter
        paid = draws.pay(draft, total, policy, meter=meter, partly=partly, overdraft=overdraft, take=take)
        return shares.split(paid, parts)

    patch.setattr(shares, "_pay_apart", pay)


def rates_that_begin_at_once(patch: pytest.MonkeyPatch) -> None:
    """A version is in force as soon as it is put: whoever remembers the card prices by the one before."""
    patch.setattr(rate_cards, "RATE_LEAD_MS", 0)
    patch.setattr(catalogue_rates, "RATE_LEAD_MS", 0)


def fractions_captured_twice(patch: pytest.MonkeyPatch) -> None:
    """A capture takes the fraction that its wallet carries, and leaves it there."""
    patch.setattr(carries, "change_all", lambda *_: {})


def pages_that_skip_one(patch: pytest.MonkeyPatch) -> None:
    """A page of lots begins after the first that it should list."""
    made = lot_lists.list_lots

    def list_lots(draft: Any, now: int, after: Any, limit: int, *, ended: bool) -> Any:
        found, following = made(draft, now, after, limit, ended=ended)
        return (found[1:] if after.key else found), following

    patch.setattr(paging, "list_lots", list_lots)


def explanations_that_begin_anew(patch: pytest.MonkeyPatch) -> None:
    """A page of an explanation forgets what the pages before it added up."""
    made = explanations._explained
    patch.setattr(
        explanations,
        "_explained",
        lambda present, found, told, **more: made(present, found, told._replace(summed=0), **more),
    )


def refunds_that_no_sum_knows(patch: pytest.MonkeyPatch) -> None:
    """The sums of a wallet's money leave out what went back."""
    made = funds.follow

    def follow(sums: Any, entry: Any, currency_of: Any) -> Any:
        extra = {name: value for name, value in entry.extra.items() if name != "refunded"}
        return made(sums, replace(entry, extra=extra), currency_of)

    patch.setattr(draft, "follow", follow)


def losses_that_no_book_has(patch: pytest.MonkeyPatch) -> None:
    """The books take all that goes back for deferred, though some of it had been earned."""
    patch.setattr(postings, "_nearest", lambda _left, money: money)
    patch.setattr(
        postings,
        "_causes",
        lambda entry, gross: iter([("refunded", accounts.REFUNDS, gross)] if gross else []),
    )


def marks_before_items(patch: pytest.MonkeyPatch) -> None:
    """The reader of the stream says that it has read a record, and then does what follows from it."""
    made = reader.read

    def read(tables: Tables, records: Any, shard: Any, *rest: Any) -> str | None:
        if records and shard:
            marks.read_to(tables, shard, stream.inserted(records[-1]).position, rest[0])
        return made(tables, records, shard, *rest)

    patch.setattr(reader, "read", read)


def marks_by_the_clock(patch: pytest.MonkeyPatch) -> None:
    """Whoever finds nothing takes it that nothing was committed until now, though the stream may be late."""
    monkey = marks.found_empty

    def found_empty(tables: Tables, shard: str, mark: marks.Mark, at: int) -> bool:
        return monkey(tables, shard, replace(mark, looked_at=mark.looked_at and at - marks.SETTLED_MS), at)

    def read(item: Any) -> marks.Mark:
        found = made(item)
        return replace(found, empty_at=found.looked_at or found.empty_at)

    made = marks._read
    patch.setattr(marks, "_read", read)
    patch.setattr(marks, "found_empty", found_empty)


def shards_that_go_on_nowhere(patch: pytest.MonkeyPatch) -> None:
    """A shard that was split is over, and nobody asks for those that go on with it."""
    made = looks._counted

    def counted(reading: marks.Reading, present: Any) -> dict[str, int | None]:
        found = made(reading, present)
        return {
            shard: at for shard, at in found.items() if not reading.rev or shard in reading.counted
        } or found

    patch.setattr(looks, "_counted", counted)


def what_was_lost_is_not_missed(patch: pytest.MonkeyPatch) -> None:
    """A reader that stood still for more than a day goes on where the stream does."""
    patch.setattr(marks, "REMEMBERED_MS", 10**12)
    patch.setattr(looks, "REMEMBERED_MS", 10**12)


def batches_half_done(patch: pytest.MonkeyPatch) -> None:
    """Of a batch the first half is indexed."""
    made = references.put_all
    patch.setattr(
        references, "put_all", lambda tables, entries: made(tables, entries[: len(entries) // 2 + 1])
    )


def events_lost_where_the_bus_is_busy(patch: pytest.MonkeyPatch) -> None:
    """What the bus did not take of a call is not sent again."""
    made = bus._put
    patch.setattr(bus, "_put", lambda *of: (made(*of)[0][:0], False))


def events_lost_where_nobody_answers(patch: pytest.MonkeyPatch) -> None:
    """A bus that does not answer keeps no step from being done: that of the events least of all."""
    made = bus._put

    def put(*of: Any) -> Any:
        try:
            return made(*of)
        except Unavailable:
            return [], False

    patch.setattr(bus, "_put", put)


def events_with_a_new_id_each_time(patch: pytest.MonkeyPatch) -> None:
    """An event is named by when it was read, and not by what happened."""
    made, numbers = event_id, count()
    patch.setattr(entries_told, "event_id", lambda *of: made(*of, next(numbers)))


def events_named_by_their_place(patch: pytest.MonkeyPatch) -> None:
    """An event is named by the place in its wallet, and not by the wallet."""
    made = event_id
    patch.setattr(entries_told, "event_id", lambda type_, _account, _unit, seq: made(type_, seq))


def events_in_the_words_of_today(patch: pytest.MonkeyPatch) -> None:
    """An event says what time it is."""
    patch.setattr(
        entries_told,
        "Event",
        lambda id_, type_, account, _at, data: Event(id_, type_, account, vars(bus)["time"].now, data),
    )


def judged_by_todays_policy(patch: pytest.MonkeyPatch) -> None:
    """An entry that is read again is held against the alerts of now."""
    made = alerts.AlertsInForce.at
    patch.setattr(
        alerts.AlertsInForce, "at", lambda known, account, unit, _at: made(known, account, unit, 2**60)
    )


def rises_after_no_fall(patch: pytest.MonkeyPatch) -> None:
    """Whoever rises above a threshold is told so, whether or not a fall was told."""
    patch.setattr(balances, "_to_tell", lambda _tables, crossing: iter([crossing]))


def bases_of_grants_alone(patch: pytest.MonkeyPatch) -> None:
    """What comes by a transfer, a rollover or an activation is no new base."""
    patch.setattr(Entry, "renews", property(lambda entry: entry.kind == "grant"))


def what_was_lost_is_told_by_when_it_holds(patch: pytest.MonkeyPatch) -> None:
    """What the stream forgot is told again, but not what was booked late."""
    made = history.piece

    def piece(*of: Any) -> history.HistoryPiece:
        found = made(*of)
        on_time = [one for one in found.entries if one.committed_at == one.at]
        return found._replace(entries=on_time)

    patch.setattr(history, "piece", piece)


def wallets_that_are_listed_before_they_are_there(patch: pytest.MonkeyPatch) -> None:
    """What was only looked at counts as listed: the receiver of a transfer, which is read before it is written."""
    made = draft.Draft.decision

    def decision(self: draft.Draft) -> draft.Decision:
        decided = made(self)
        return replace(decided, wallet=replace(decided.wallet, listed=True))

    patch.setattr(draft.Draft, "decision", decision)


def orders_that_their_account_does_not_list(patch: pytest.MonkeyPatch) -> None:
    made = lists.of_order
    patch.setattr(lists, "of_order", lambda *of: made(*of)[:-1])


def time_caught_up_twice(patch: pytest.MonkeyPatch) -> None:
    """An allowance does not remember since when it is followed: it catches up until now."""
    made = allowances._catching_up
    patch.setattr(
        allowances,
        "_catching_up",
        lambda draft, changed, now: made(draft, replace(changed, begun=now), now),
    )


def pauses_that_stop_nothing(patch: pytest.MonkeyPatch) -> None:
    """A paused allowance grants as if it were not."""
    made = Allowance.runs
    patch.setattr(
        Allowance, "runs", lambda one, at: made(replace(one, plan=replace(one.plan, paused=False)), at)
    )


def pauses_made_up_for(patch: pytest.MonkeyPatch) -> None:
    """Who resumes an allowance gets all of the period, as if it had begun now."""
    made = Plan.period

    def put(draft: Any, command: Any, now: int, cause: Cause) -> Any:
        known = allowances.find(draft, command.name)
        if known is None or not known.plan.paused or now < known.until:
            return put_as_it_is(draft, command, now, cause)
        patch.setattr(Plan, "period", lambda plan, at: (at, made(plan, at)[1]))
        try:
            return put_as_it_is(draft, command, now, cause)
        finally:
            patch.setattr(Plan, "period", made)

    put_as_it_is = allowances.put
    patch.setattr(allowances, "put", put)


def raises_of_the_whole_amount(patch: pytest.MonkeyPatch) -> None:
    """What the period was credited for is not taken off what a change grants."""
    made = Allowance.credited
    patch.setattr(Allowance, "credited", lambda one, at: made(replace(one, level=0, parts=()), at))


def deletions_that_forget(patch: pytest.MonkeyPatch) -> None:
    """An allowance that is put again begins anew, though its present period was granted."""
    made = allowances.find

    def find(draft: Any, name: str) -> Allowance | None:
        known = made(draft, name)
        return replace(known, since=0, until=0, level=0, parts=()) if known and known.deleted else known

    patch.setattr(allowances, "find", find)


def ends_that_cut_nothing_off(patch: pytest.MonkeyPatch) -> None:
    """The last period is granted as a whole."""
    patch.setattr(Plan, "until", lambda _plan, at: at)


def caps_of_each_rule_alone(patch: pytest.MonkeyPatch) -> None:
    """The cap of what is carried counts lots of the same rule: after a change there are two."""
    patch.setattr(expiry, "_group", lambda _draft, lot: f"{expiry._TERMS}{lot.terms}")


def caps_that_forget_what_lives(patch: pytest.MonkeyPatch) -> None:
    """A cap of all that lives is of what one end carries."""
    patch.setattr(expiry, "_living", lambda *_: 0)


def lots_that_go_on_for_ever(patch: pytest.MonkeyPatch) -> None:
    """What is carried does not count how often it was."""
    made = Lot.moved
    patch.setattr(Lot, "moved", lambda lot, *of, **more: made(lot, *of, **{**more, "rolled": 0}))


def whole_steps_of_each_lot(patch: pytest.MonkeyPatch) -> None:
    """Shares are rounded down lot by lot, before they are summed."""
    made = Rollover.share
    patch.setattr(Rollover, "share", lambda rule, remaining: int(made(rule, remaining)))


def scopes_that_come_last(patch: pytest.MonkeyPatch) -> None:
    """A unit's lots with a scope have no place of their own."""
    patch.setattr(Policy, "lot_order", property(lambda policy: policy.order))


def recorded_by_the_clock_alone(patch: pytest.MonkeyPatch) -> None:
    """A machine's clock is believed, though the wallet was written by one that is ahead."""
    made = draft.Draft.__init__

    def begin(self: draft.Draft, *of: Any, recorded_at: int | None = None, **more: Any) -> None:
        made(self, *of, recorded_at=recorded_at, **more)
        self.recorded_at = recorded_at

    patch.setattr(draft.Draft, "__init__", begin)


def stacking_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Promotional and paid credits are taken in one order, whatever the policy says."""
    patch.setattr(draws, "PASSES", dict.fromkeys(draws.PASSES, ((False, True),)))


def ends_that_nobody_is_told_of(patch: pytest.MonkeyPatch) -> None:
    """A lot is thought to have its end, whatever its terms call for."""
    patch.setattr(Lot, "unannounced", lambda lot: lot)


def notices_always_in_time(patch: pytest.MonkeyPatch) -> None:
    last = noticing.last_span
    patch.setattr(announcements, "last_span", lambda *of: (last(*of)[0], 10**15))


def places_past_notices(patch: pytest.MonkeyPatch) -> None:
    """A commit that books something moves the wallet's place, as it does where no notices are due."""

    def listed(made: Any, wallet: Any) -> Any:
        booked = any(entry.timely for entry in made.entries)
        due = wallet.next_due
        later = booked or (due is not None and (wallet.sweep_at is None or due < wallet.sweep_at))
        return wallet.sweep(due) if later else wallet

    patch.setattr(draft.Draft, "_listed_for_sweep", listed)


def notices_nobody_puts(patch: pytest.MonkeyPatch) -> None:
    """They are told, and what is kept of them is lost."""
    patch.setattr(stored_notices, "put", lambda *_: True)


def next_offsets_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(streams, "advance", lambda *_: None)


def overlaps_that_count_twice(patch: pytest.MonkeyPatch) -> None:
    """Of a page that overlaps what is known, one record too many is taken for new."""
    made = streams.fresh_from

    def fresh_from(there: int, first: int, count: int, **more: Any) -> int:
        known = made(there, first, count, **more)
        return known - 1 if 0 < known < count else known

    patch.setattr(streams, "fresh_from", fresh_from)


def refused_records_sent_again(patch: pytest.MonkeyPatch) -> None:
    """The offset of a record that was refused, at the end of a page, is not used up."""
    refused: set[tuple[str, int]] = set()
    told, following = record_sums.RecordSums.told, streams.next_offset

    def bugged(sums: Any, stream: str, first: int, *of: Any) -> Any:
        if sums.records[-1] and not sums.records[-1].paid:
            refused.add((sums.draft.wallet.account + stream, first + len(sums.records)))
        return told(sums, stream, first, *of)

    def next_offset(draft: Any, stream: str) -> int:
        there = following(draft, stream)
        return there - ((draft.wallet.account + stream, there) in refused)

    patch.setattr(record_sums.RecordSums, "told", bugged)
    patch.setattr(streams, "next_offset", next_offset)


def leases_filled_up_with_nothing(patch: pytest.MonkeyPatch) -> None:
    """The lease says that it has more, and the lots are others' to spend, too."""
    made = leases._set_aside

    def set_aside(draft: Any, *of: Any) -> Any:
        saved = draft.savepoint()
        found = made(draft, *of)
        draft.rollback(saved)
        return found

    patch.setattr(leases, "_set_aside", set_aside)


def leases_without_grace(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds.Hold, "times_out_at", property(lambda hold: hold.expires_at))


def settlements_beyond_what_is_held(patch: pytest.MonkeyPatch) -> None:
    """A lease forgets a step of what was spent, and can be spent further than it goes."""
    made = leases._trimmed
    patch.setattr(leases, "_trimmed", lambda hold, spent, *of: made(hold, max(0, spent - 1), *of))


def settlements_that_refuse(patch: pytest.MonkeyPatch) -> None:
    """What costs exactly as much as a lease has yet is refused."""

    class Wary(record_sums.RecordSums):
        def price(self, one: Any) -> Any:
            steps, rest = super().price(one)
            held = self.draft.totals.held - self.steps
            return (steps + 1 if steps == held else steps), rest

    patch.setattr(record_sums, "RecordSums", Wary)


def records_that_come_back_again(patch: pytest.MonkeyPatch) -> None:
    """What was reversed of a record by its offset is forgotten."""
    patch.setattr(record_reversals, "_left", lambda placed, _done: placed.record.steps)


def leases_on_todays_terms(patch: pytest.MonkeyPatch) -> None:
    """A settlement takes over what the unit's policy says by then."""
    made = leases._renew

    def renew(draft: Any, hold: Any, command: Any, *of: Any) -> Any:
        lease = {**hold.lease, "timeout": "capture" if command.first % 2 else "release"}
        return made(draft, replace(hold, lease=lease), command, *of)

    patch.setattr(leases, "_renew", renew)


def windows_that_do_not_slide(patch: pytest.MonkeyPatch) -> None:
    """What was spent once counts for ever."""
    patch.setattr(pace.Pace, "pass_time", lambda *_: None)


def paces_without_pages(patch: pytest.MonkeyPatch) -> None:
    """What is burned in a page does not count."""
    made = breakers.count

    def count(draft: Any, entry: Entry, undoes: int | None = None) -> Any:
        return None if entry.records else made(draft, entry, undoes)

    patch.setattr(breakers, "count", count)


def keys_without_sources(patch: pytest.MonkeyPatch) -> None:
    """An event is named by its id alone: two sources that count from one are taken for each other."""
    key = property(lambda event: ids.business_key("usage", event.id))
    patch.setattr(UsageEvent, "key", key)


def messages_done_before_they_are_booked(patch: pytest.MonkeyPatch) -> None:
    """A message is done with as soon as it is there: a consumer that dies then has booked nothing."""
    made = usage_events.book

    def book(executor: Any, received: Any, *rest: Any) -> Any:
        try:
            return made(executor, received, *rest)
        except Died:
            return [UsageOutcome(entry=Any) for _ in received]  # type: ignore[arg-type]

    patch.setattr(usage_events, "book", book)


def events_rejected_for_what_may_pass(patch: pytest.MonkeyPatch) -> None:
    """An event that others' writes kept from being booked is rejected for good."""
    patch.setattr(usage_events, "_refused", lambda refusal: UsageOutcome(rejected=refusal))


def events_that_are_others_each_time(patch: pytest.MonkeyPatch) -> None:
    """An event is known by its time, too."""

    def to_json(command: Any, _unit: Any) -> dict[str, Any]:
        event = command.event
        return {"meter": event.meter, "quantity": str(event.quantity), "time": event.time}

    patch.setattr(BurnUsage, "to_json", to_json)


def lines_that_are_paid_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What earlier applications paid is forgotten."""

    def left(line: InvoiceLine, tax: TaxMode) -> int:
        return line.amount + (line.tax if tax == "after" else 0)

    monkeypatch.setattr(InvoiceLine, "left", left)


def overages_that_nobody_writes_off(patch: pytest.MonkeyPatch) -> None:
    """What is owed as a period ends stays owed, whatever its allowance says."""
    patch.setattr(overages, "end_period", lambda *_: None)


def overages_after_the_grants(patch: pytest.MonkeyPatch) -> None:
    """What is owed as a period ends is written off after the next period's credits have repaid it."""
    made, come_due = overages.end_period, allowances.come_due

    def after(draft: Any, name: str, instant: int) -> None:
        come_due(draft, name, instant)
        made(draft, name, instant)

    patch.setattr(overages, "end_period", lambda *_: None)
    patch.setattr(allowances, "come_due", after)


def usage_that_counts_twice(patch: pytest.MonkeyPatch) -> None:
    """Who reads on begins with the last entry that was counted."""
    load = rollups.load

    def loaded(*args: Any) -> rollups.StoredRollup:
        stored = load(*args)
        spending = replace(stored.spending, seq=max(0, stored.spending.seq - 1))
        return replace(stored, spending=spending)

    patch.setattr(rollups, "load", loaded)


def usage_with_gaps(patch: pytest.MonkeyPatch) -> None:
    """What the index lacks for a moment is passed over."""
    patch.setattr(rollups, "_following", lambda rows, _seq: list(rows))

    def hasty(tables: Tables, account: str, unit: str, first: Any, until: int, _seq: int, limit: int) -> Any:
        return ledger.listed_from(tables, account, unit, first, until, first[1] - 1, limit)

    read = SimpleNamespace(listed_from=hasty, with_records=ledger.with_records)
    patch.setattr(rollups, "ledger", read)


def usage_given_back_when_it_is_undone(patch: pytest.MonkeyPatch) -> None:
    """A reversal counts in its own hour."""
    made = uses.given_back
    patch.setattr(
        rollups,
        "given_back",
        lambda entry, undone: [use._replace(at=entry.at) for use in made(entry, undone)],
    )


def pages_that_no_budget_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(burn_pages, "budget_of", lambda *_: None)


def give_backs_that_count_twice(patch: pytest.MonkeyPatch) -> None:
    take_back = budget_counters.Counters.take_back

    def bugged(counters: budget_counters.Counters, *of: Any) -> Any:
        still = take_back(counters, *of)
        for one in counters.changes.values():
            one.counted -= one.back
        return still

    patch.setattr(budget_counters.Counters, "take_back", bugged)


def periods_that_go_on(patch: pytest.MonkeyPatch) -> None:
    """What was spent in a period counts in the next one, too."""
    read = budget_counters.read

    def bugged(sidecar: Any, one: Any, now: int) -> Any:
        kept = (sidecar or {}).get(one.name)
        return read(sidecar, one, min(now, kept[2] - 1) if kept else now)

    patch.setattr(budget_counters, "read", bugged)


def budgets_that_are_remembered(patch: pytest.MonkeyPatch) -> None:
    """Who was beaten to a wallet goes on with the budgets that he remembers of it."""
    again = engine.Executor._again

    def bugged(executor: engine.Executor, snapshot: Any, *of: Any) -> Any:
        newer = again(executor, snapshot, *of)
        kept = {name: one for name, one in snapshot.sidecars.items() if name[0] in ("budgets", "spent")}
        newer.sidecars = {**kept, **newer.sidecars}
        return newer

    patch.setattr(engine.Executor, "_again", bugged)


def uses_that_no_reversal_takes_off(patch: pytest.MonkeyPatch) -> None:
    """What is undone stays counted: later events are dearer than they would be without it."""
    patch.setattr(counters, "take_off", lambda *_: {})


def pages_that_count_in_no_period(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(record_sums.RecordSums, "keep_counts", lambda *_: None)


def captures_that_begin_the_day_anew(patch: pytest.MonkeyPatch) -> None:
    """A capture's tiers go on from nothing, whatever others have used."""
    real = usage.Tally.add

    def anew(
        tally: usage.Tally, used: usage.Usage, rate: RateVersion, precision: int, before: Any = None
    ) -> Any:
        return real(tally, used, rate, precision, None if before is None else Fraction(0))

    patch.setattr(usage.Tally, "add", anew)


def own_cards_by_the_clock(patch: pytest.MonkeyPatch) -> None:
    """A wallet that was remembered before its account had a card of its own goes on without it."""
    real = draft.Draft.record

    def unmarked(self: draft.Draft, kind: Any, draws: Any, at: int, *more: Any, **rest: Any) -> Entry:
        if self.own_rates and not self.wallet.own_rates:
            self.own_rates = False
        return real(self, kind, draws, at, *more, **rest)

    patch.setattr(draft.Draft, "record", unmarked)


def own_cards_that_never_end(patch: pytest.MonkeyPatch) -> None:
    """A card that was ended goes on pricing."""

    def last(made: draft.Draft, meter: str, at: int) -> Any:
        known = [one for one in own_rates.versions_of(made, meter) if one.price and one.effective_at <= at]
        return known[-1] if known else None

    patch.setattr(own_rates, "in_force", last)


BUGS: Mapping[str, tuple[Plant, str]] = {
    "usage that counts twice": (usage_that_counts_twice, "law 8: .* used .*, and its entries say"),
    "usage with gaps": (usage_with_gaps, "law (4: what .* used is told up to|8: .* is told that it used)"),
    "usage given back when it is undone": (
        usage_given_back_when_it_is_undone,
        "law 8: .* used .*, and its entries say",
    ),
    "a wallet counts as listed before it is committed": (
        wallets_that_are_listed_before_they_are_there,
        "law 3: .* was made, and its list lacks it",
    ),
    "an order that is not in its account's list": (
        orders_that_their_account_does_not_list,
        "law 3: .* was made, and its list lacks it",
    ),
    "what is recorded by the clock alone": (
        recorded_by_the_clock_alone,
        "law 4: .* was recorded at .*, before the one before it",
    ),
    "an entry's put without its condition": (
        entries_without_condition,
        "law 4: the entry .* was written over",
    ),
    "a wallet's put without its condition": (
        wallets_without_condition,
        "law 4: (entry .* follows entry|.* as if)",
    ),
    "a document's put without its condition": (
        documents_without_condition,
        "law 9: .* over a revision that was not",
    ),
    "a promotion's share from memory": (shares_from_memory, "law 2: .* (was redeemed 4|gave away more)"),
    "a promotion's pool from memory": (pools_from_memory, "law 2: .* (was redeemed 4|gave away more)"),
    "a retried write without a key": (
        retries_without_key,
        "law 3: (entry .* is the second of request|.* then another under its key)",
    ),
    "expiry inclusive": (
        expiry_inclusive,
        "law 5: entry .* takes from lot .*, which ended at|law 6: entry .* is of a hold that ends at",
    ),
    "a replay of any request under the key": (replays_of_any_request, "law 3: .* with the entry of request"),
    "a replay from the wrong row": (replays_from_the_wrong_row, "law 3: .* as if its key were another"),
    "a refusal from memory": (
        refusals_from_memory,
        "law 3: .*(though it had been carried out before|was told to go on with)",
    ),
    "a transfer that arrives nowhere": (transfers_that_arrive_nowhere, "law 1: a transfer made"),
    "money rounded twice": (money_rounded_twice, "law 8: the money of lot"),
    "tax left behind by a transfer": (tax_left_behind, "law 8: the tax of lot"),
    "tax lost on the way of a transfer": (tax_lost_on_the_way, "law 7: a transfer made .*tax in USD"),
    "losses that no book has": (losses_that_no_book_has, "law 8: by the books"),
    "refunds that no sum knows": (refunds_that_no_sum_knows, "law 8: the sums of"),
    "an extension without a key": (extensions_without_a_key, "law 3: entry .* once more"),
    "what expired forgotten by its lot": (unused_forgotten, "law 8: lot .* (unused|unspent)"),
    "an end that no entry says": (ends_that_no_entry_says, "law 10: the terms of lot .* have changed"),
    "facts of a payment forgotten": (facts_forgotten, "law 9: p-.* (stands at|waits for)"),
    "reasons that any fact takes away": (reasons_that_any_fact_takes_away, "law 9: p-.* waits for"),
    "a batch that refuses from memory": (
        batches_that_refuse_from_memory,
        "law 3: burn .* though it had been carried out before",
    ),
    "a closed wallet that is filled": (closing_without_a_look, "law 10: entry .*, and the wallet is closed"),
    "evidence of what is there now": (evidence_of_what_is_there_now, "law 4: what was kept of entry"),
    "rows believed": (
        rows_believed,
        "law 4: entry .* tampered with, and is not found",
    ),
    "repayments outside the scope": (repayments_outside_the_scope, "law 7: .* not owed for its meters"),
    "fractions that stay": (fractions_that_stay, "law 7: .* leaves its fraction of"),
    "undone debts that nobody gets back": (
        undone_debts_that_nobody_gets_back,
        "law 1: the debts of .* are not as its entries tell them",
    ),
    "a wallet's place moved without its condition": (
        places_moved_without_condition,
        "law 5: (the sweep looks at .* and time changes it at|entry .* comes before what)",
    ),
    "expiry of what is held": (
        expiry_of_what_is_held,
        "law (2: entry .* takes more from lot|0: capture .* holds 0, not)",
    ),
    "captures of a hold each priced for itself": (
        captures_each_for_itself,
        "law 10: entry .* takes .* for what costs",
    ),
    "items paid as the first": (
        items_paid_as_the_first,
        "law (2: entry .* which may not pay for|10: entry .* comes before it)",
    ),
    "a rate version that begins at once": (rates_that_begin_at_once, "law 10: (entry .* by version|version)"),
    "fractions that are captured twice": (
        fractions_captured_twice,
        "law 10: entry .* takes .* for what costs",
    ),
    "a page of lots that skips one": (pages_that_skip_one, "law 1: pages of .* have"),
    "marks before what they mark": (marks_before_items, "law 4: a search says it has all before"),
    "marks by the clock": (marks_by_the_clock, "law 4: a search (says it has|had) all before"),
    "shards that go on nowhere": (shards_that_go_on_nowhere, "law 4: (a search|.* entries are never found)"),
    "what was lost is not missed": (what_was_lost_is_not_missed, "law 4: a search says it has all before"),
    "batches that are half done": (batches_half_done, "law 4: a search says it has all before"),
    "events that are lost where the bus is busy": (
        events_lost_where_the_bus_is_busy,
        "law 4: .* is read, and never told",
    ),
    "events that are lost where the bus does not answer": (
        events_lost_where_nobody_answers,
        "law 4: .* is read, and never told",
    ),
    "events with a new id each time": (events_with_a_new_id_each_time, "law 4: the event of .* has two ids"),
    "events named by their place alone": (
        events_named_by_their_place,
        "law 4: the event of .* has the id of",
    ),
    "events in the words of today": (
        events_in_the_words_of_today,
        "law 4: the event of .* is told again in other words",
    ),
    "crossings told by today's policy": (
        judged_by_todays_policy,
        "law 4: (scrip.balance.* is told, and was none|.* crossings of .* are never told)",
    ),
    "rises told after no fall": (rises_after_no_fall, "law 4: scrip.balance.recovered .* and was none"),
    "bases told of grants alone": (
        bases_of_grants_alone,
        "law 4: (scrip.balance.* is told, and was none|.* crossings of .* are never told)",
    ),
    "what was lost is told by when it holds": (
        what_was_lost_is_told_by_when_it_holds,
        "law 4: .* (entries|crossings) .*are never told",
    ),
    "an explanation that begins anew": (explanations_that_begin_anew, "law 1: an explanation of .* add up"),
    "time that is caught up with twice": (time_caught_up_twice, FOLLOWS),
    "a pause that stops nothing": (pauses_that_stop_nothing, FOLLOWS),
    "a pause that is made up for": (pauses_made_up_for, FOLLOWS),
    "a raise of the whole amount": (raises_of_the_whole_amount, FOLLOWS),
    "a deletion that forgets": (deletions_that_forget, FOLLOWS),
    "an end that cuts nothing off": (ends_that_cut_nothing_off, FOLLOWS),
    "a cap of each rule alone": (
        caps_of_each_rule_alone,
        "law 5: .*(carries at .*, and it may|that live of what)",
    ),
    "a cap that forgets what lives": (caps_that_forget_what_lives, "law 5: .* that live of what"),
    "lots that go on for ever": (lots_that_go_on_for_ever, "law 5: .* which it may not"),
    "whole steps of each lot": (whole_steps_of_each_lot, "law 5: .* ends what .* was to carry"),
    "ends that nobody is told of": (
        ends_that_nobody_is_told_of,
        "law (5|10): .*(nobody was told|has an end)",
    ),
    "notices that are always in time": (notices_always_in_time, "law 10: .* that it came in time"),
    "places that move past notices": (
        places_past_notices,
        "law 5: the sweep looks at .*, and a notice is due",
    ),
    "notices that nobody puts": (notices_nobody_puts, "law (3|5): .*notice"),
    "scopes that come last": (scopes_that_come_last, "law 10: .* comes before it"),
    "stacking that is forgotten": (stacking_forgotten, "law 10: .* comes before it"),
    "a stream's next offset that is not kept": (
        next_offsets_not_kept,
        "law 3: entry .* and its stream is kept as going on with",
    ),
    "an overlap of pages that counts twice": (
        overlaps_that_count_twice,
        "law 3: entry .* (books offset|has at offset)",
    ),
    "a refused record that is burned when it is sent again": (
        refused_records_sent_again,
        "law 3: (entry .* books offset|.* was told to go on with)",
    ),
    "a lease that is filled up with what is not set aside": (
        leases_filled_up_with_nothing,
        "law (1|2|6): .*(lot|holds have|does not begin with)",
    ),
    "a lease without its grace": (
        leases_without_grace,
        "law 6: (entry .* is of a hold that ends at|.* was refused as over)",
    ),
    "a settlement beyond what is held": (settlements_beyond_what_is_held, "law 6: entry .* and holds have"),
    "a settlement that refuses what was set aside": (
        settlements_that_refuse,
        "law (2: entry .* refuses|6: .* was set aside, and is refused)",
    ),
    "a record that comes back again and again": (
        records_that_come_back_again,
        "law (2|7): entry .* (gives back|takes more|undoes an event)",
    ),
    "a breaker's window that does not slide": (
        windows_that_do_not_slide,
        "law 2: (entry .* tells of a runaway that was none|.* has run away)",
    ),
    "a breaker that leaves out pages": (
        paces_without_pages,
        "law 2: (entry .* does not tell of the runaway|.* has run away)",
    ),
    "what is owed as a period ends stays owed": (
        overages_that_nobody_writes_off,
        "law 5: entry .* comes before what is owed is written off",
    ),
    "what is owed as a period ends is repaid by the next one": (
        overages_after_the_grants,
        "law 5: entry .* comes before what is owed is written off",
    ),
    "a page that no budget counts": (
        pages_that_no_budget_counts,
        "law 1: entry .* counts 0 in the budget",
    ),
    "a give-back that counts twice": (
        give_backs_that_count_twice,
        "law [12]: entry .* the budget",
    ),
    "a budget whose period goes on": (periods_that_go_on, "law 2: entry .* and its period begins at"),
    "budgets that a process remembers": (
        budgets_that_are_remembered,
        "law [12]: .* the budget",
    ),
    "an event's key without its source": (
        keys_without_sources,
        "law 3: (the event .* is rejected: idempotency_key_reused|.* has lost the events)",
    ),
    "a message that is done before its events are booked": (
        messages_done_before_they_are_booked,
        "law 3: .* has lost the events",
    ),
    "an event that is rejected for what may pass": (
        events_rejected_for_what_may_pass,
        "law 3: the event .* is rejected: (contended|throttled|unavailable|catching_up)",
    ),
    "an event that is another each time it comes": (
        events_that_are_others_each_time,
        "law 3: the event .* is rejected: idempotency_key_reused",
    ),
    "a use that no reversal takes off": (
        uses_that_no_reversal_takes_off,
        "law 10: entry .* (takes .* for what|sets .* aside)",
    ),
    "a page that counts in no period": (
        pages_that_count_in_no_period,
        "law (7|10): .*(takes .* for what|sets .* aside|counted)",
    ),
    "a capture that begins the day anew": (
        captures_that_begin_the_day_anew,
        "law 10: entry .* (takes .* for what|sets .* aside)",
    ),
    "an own card of which the wallet does not know": (
        own_cards_by_the_clock,
        "law (10: entry .* by version|.*rate cards)",
    ),
    "an own card that never ends": (own_cards_that_never_end, "law 10: entry .* by version"),
    "a line that is paid again": (
        lines_that_are_paid_again,
        "law 2: invoice#.* was paid .* of line",
    ),
    "a lease on today's terms": (leases_on_todays_terms, "law 10: entry .* changes the terms of a lease"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if name in RARE else []) for name in BUGS]
)
def test_a_planted_bug_is_found_within_10_000_operations(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, sentence = BUGS[name]
    plant(monkeypatch)
    # Without invoices the others' seeds do what they did before there were any.
    often, told = {"application": 0, **OFTEN.get(name, {})}, name.startswith("events ") or "told" in name
    seeds = (*([SOON[name]] if name in SOON else ()), *SEEDS)
    reports = (run(seed, OPERATIONS, often=often, told=told, archived=False) for seed in seeds)
    report: Report | None = next((one for one in reports if one.broken), None)
    assert report, "nothing was found"
    assert re.match(sentence, report.broken), report.broken
