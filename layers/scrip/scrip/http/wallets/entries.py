"""Entries of a wallet's ledger: the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.ids import hold_id, lot_id
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import usages_of
from scrip.domain.wallets.funds import MISTAKE
from scrip.domain.wallets.transfers import arrivals
from scrip.http.edge import parameters
from scrip.http.edge.answers import (
    CounterpartView,
    MoneyView,
    ProblemView,
    ReferenceView,
    SourceView,
    TypedDict,
    money_view,
    reference_view,
    source_view,
)
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.problems import problem_document
from scrip.http.wallets.balances import totals_after
from scrip.http.wallets.usage import EntryUsage, amount_usage, shown_usage
from scrip.services.engine.requests import ItemOutcome
from scrip.services.wallets.entries import ListedEntries

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.domain.credits.entries import EntryKind
    from scrip.domain.credits.units import RunawayAction
    from scrip.http.edge.forms import (
        At,
        Count,
        Credits,
        EntryId,
        Hash,
        HoldId,
        LotId,
        Name,
        NoticeId,
        Ordinal,
        SignedCredits,
    )


SettledOverage = Literal["forgive", "invoice"]
"""What becomes of what is written off as a period ends."""
UnusedOrigin = Literal["expiry", "void", "debit", "mistake"]
"""What ended credits that nobody spent."""


OF_PAYMENTS: Final = ("grant", "clawback", "reinstatement", "freeze", "thaw")
"""Kinds of entries whose reference names the payment they are of, where it names one."""


class DrawView(TypedDict):
    """How much came from, or went back to, which lot."""

    lot_id: LotId
    """Where they came from, or went back to."""
    amount: Credits
    """How many credits, without a sign."""
    value: NotRequired[MoneyView]
    """The money that went with them; only of a lot with cost basis."""
    tax: NotRequired[MoneyView]
    """The tax that went with them; of a lot whose tax is due as its credits are spent, and where credits with cost
    basis become another lot's."""
    item: NotRequired[Count]
    """Which of the `usage` it paid for, from 0; where that is a list."""


class EntryMoneyView(TypedDict):
    """What a clawback does to the money of its lot, beside its draws. Minor units of the lot's currency; negative in a
    reinstatement."""

    refunded: int
    """Money that went back, without tax."""
    recognised: int
    """Change of what is earned: negative where more went back than was still deferred."""
    gross: NotRequired[int]
    """Money that went back, with tax."""
    tax: NotRequired[int]
    """Tax that went back."""
    tax_due: NotRequired[int]
    """Change of the tax that was due; where it is due as credits are spent, and more went back than was still to be."""
    bad_debt: NotRequired[int]
    """Money that went back though its credits are another lot's: neither deferred here nor earned."""
    facts: NotRequired[list[str]]
    """What of the payment it stands for: `refund:<id>`, `dispute:<id>`. Of money that was kept, our own request."""


class UnusedView(TypedDict):
    """Money of credits that left their lots and that nobody spent."""

    origin: UnusedOrigin
    """What ended them. Of a `mistake` nothing is earned: its money was never paid."""
    value: list[MoneyView]
    """The money, by currency."""


class ExpiryView(TypedDict):
    """The end of a lot, before and after its change. Null: it has none."""

    before: At | None
    """When it would have ended."""
    after: At | None
    """When it ends now."""


# A member that is a keyword of Python can be declared in no other way.
WindowFromView = TypedDict("WindowFromView", {"from": "At"})
"""The instant after which it begins."""


class WindowView(WindowFromView):
    """A while, its first instant excluded."""

    to: At
    """Its last instant."""


class OwnRateFactsView(TypedDict):
    """Which version of which of an account's own rate cards."""

    meter: Name
    """What is counted."""
    version: Ordinal
    """Counts the versions."""


class RunawayFactsView(TypedDict):
    """A wallet that spent faster than its unit's breaker allows."""

    burned: Credits
    """How much it had spent within the while."""
    window: WindowView
    """The while, as it was then."""
    amount: Credits
    """How much it may spend within it."""
    within: str
    """How long that is, ISO 8601."""
    action: RunawayAction
    """Whether the wallet was frozen, or it was told alone."""


# A member that is a keyword of Python can be declared in no other way.
CountedFromView = TypedDict("CountedFromView", {"from": "At"})
"""The first instant of the budget's period."""


class CountedBudgetView(CountedFromView):
    """What an entry counted in a budget."""

    budget_id: Name
    """The budget that it counted in."""
    member: NotRequired[Name]
    """Whose counter it is; of a budget that each member has for itself."""
    counted: SignedCredits
    """The change of its counter: below zero where something is given back."""


class OverageFactsView(TypedDict):
    """What was owed as a period of an allowance ended, and is owed no more."""

    allowance_id: Name
    """The allowance whose period ended."""
    overage: SettledOverage
    """What becomes of it: `forgive`, or `invoice`: bill it."""
    value: MoneyView | None
    """What it is worth, rounded down to the minor unit, by the unit's `value` when the allowance was put; null: it had
    none. Of what is forgiven null too."""


class UsedEventView(TypedDict):
    """Names an event of usage, for ever."""

    source: str
    """Who saw it used."""
    id: str
    """Which one of that one's it is."""


class EntryFactsView(TypedDict):
    """What an entry says, booked or not."""

    seq: Ordinal
    """Its place in the wallet, from 1, without a gap."""
    kind: EntryKind
    """What happened."""
    amount: SignedCredits
    """Signed change of the total. A hold's is `0`: its draws say what was set aside."""
    balance_before: SignedCredits
    """The total before it; negative where more is owed than there is."""
    balance_after: SignedCredits
    """The total after it."""
    available_after: Credits
    """What could be spent after it."""
    held_after: Credits
    """What was set aside by holds after it."""
    frozen_after: Credits
    """What was under a dispute or a pending refund after it."""
    owed_after: Credits
    """What was owed after it."""
    draws: list[DrawView]
    """The lots it took from or gave to, in the order taken."""
    reference: ReferenceView | None
    """What it is about, as the caller said."""
    reason: NotRequired[str | None]
    """Why, as the caller said. Not for a key of one account."""
    actor: NotRequired[str]
    """Who asked: `key:<key id>`, a provider, or `time`; `system` of an end that was moved because nobody was told of
    it, of the delivery of a notice, and of a wallet that ran away. Not for a key of one account."""
    actor_name: NotRequired[str | None]
    """What that key was called then; null of what has no name, and of entries of before it was kept. Not for a key of
    one account."""
    member: NotRequired[Name]
    """Who of the account used the credits; where that was said."""
    tags: NotRequired[dict[str, str]]
    """What they were used for; where that was said."""
    metadata: dict[str, str]
    """As the caller gave it. A key of one account is not shown members that begin with `internal.`."""
    at: At
    """When it holds. What was due has the due instant, never one before the entry that precedes it."""
    recorded_at: At | None
    """When it was committed: never before `at`, nor before that of the entry that precedes it. Under the test clock its
    instant. Null while it is not booked, and of entries of before it was kept."""
    alert_base: NotRequired[Credits]
    """The wallet's base after it: what was available right after its last grant, activation, transfer_in, rollover or
    reinstatement. Where an alert of the wallet is a percentage, it is one of this."""
    lot_id: NotRequired[LotId]
    """The lot that it made or changed as a whole."""
    hold_id: NotRequired[HoldId]
    """The hold; of hold, extend, capture and release."""
    usage: NotRequired[EntryUsage]
    """Of a burn, hold or capture by meter: a list where the request had `items`."""
    quoted: NotRequired[bool]
    """True where a `quote` said what it costs; else it is left out."""
    event: NotRequired[UsedEventView]
    """The event of usage that it burned; of what `POST /v1/usage` or the bus brought."""
    of_entry_id: NotRequired[EntryId]
    """The burn that a reversal undoes; the clawback that a write-off belongs to."""
    money: NotRequired[EntryMoneyView]
    """Of a clawback or a reinstatement."""
    counterpart: NotRequired[CounterpartView]
    """The other side; of a transfer."""
    incident: NotRequired[Name]
    """What is made good; of a compensation, or of an extension."""
    promotion: NotRequired[Name]
    """The code; of a redemption."""
    source: NotRequired[SourceView]
    """What it came from; of what a payment or a refund as credit made."""
    notice_id: NotRequired[NoticeId]
    """The notice that was delivered; of the status entry that says so, which names its lot."""
    expiry: NotRequired[ExpiryView]
    """The lot's end; of an expiry change."""
    stream: NotRequired[str]
    """Who numbered its records; of an entry that booked several together."""
    first: NotRequired[Count]
    """The offset of the first of its records."""
    records: NotRequired[Count]
    """How many records it booked, refused and skipped ones included: `GET …/entries/{entry_id}/records` lists them."""
    budgets: NotRequired[list[CountedBudgetView]]
    """The budgets whose counters it changed, and those in which a hold had counted what it spends."""
    offset: NotRequired[Count]
    """The one record that it undoes; of a reversal."""
    rate: NotRequired[OwnRateFactsView]
    """The version that it gives the account's own rate card; one that ends it, too."""
    runaway: NotRequired[RunawayFactsView]
    """That the wallet spent too fast; of the status entry that says so, right after what passed the amount."""
    overage: NotRequired[OverageFactsView]
    """Of a write-off of what was owed as a period of an allowance ended."""
    unused: NotRequired[UnusedView]
    """Of an expiry, a void or a debit that took credits with cost basis."""


class EntryView(EntryFactsView):
    """One immutable row of a wallet's ledger."""

    entry_id: EntryId
    """Its id; no other entry has it."""
    hash: Hash
    """SHA-256 over the previous hash and the entry's canonical JSON."""
    previous_hash: Hash
    """`hash` of the entry before it; zeros for the first."""


class ListedEntryView(EntryFactsView):
    """An entry of a list: a row of the ledger, or what is due and will be one."""

    entry_id: EntryId | None
    """Its id; no other entry has it. Null while it is not booked."""
    hash: Hash | None
    """SHA-256 over the previous hash and the entry's canonical JSON; null while it is not booked."""
    previous_hash: Hash | None
    """`hash` of the entry before it, zeros for the first; null while it is not booked."""
    booked: NotRequired[bool]
    """False of what is due and not yet in the ledger, which is shown as if it were: its `seq` and its numbers may yet
    be others. Of all that is, it is left out."""


class EntryPageView(TypedDict):
    """Entries, newest first, what is due before all others. A page looks at 1 000 entries, and for a second, at most:
    with a filter it may be short, or empty, and yet have a `next_cursor`."""

    items: list[ListedEntryView]
    """The entries."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    through_seq: Count
    """The list is complete up to this entry: it may lag the last commits by moments."""


class OutcomeView(TypedDict):
    """What became of one of many requests that came as one."""

    status: int
    """The status that it would have been answered with by itself."""
    replayed: NotRequired[bool]
    """Whether it was carried out before; where there is an entry."""
    entry: NotRequired[EntryView]
    """What happened; where it was carried out."""
    problem: NotRequired[ProblemView]
    """Why it was refused; where it was."""


def entry_page_view(listed: ListedEntries) -> EntryPageView:
    """Shows these entries, no more of them than fit into one answer."""
    page = listed.page
    items = [
        listed_entry_view(entry, listed.unit, booked=number >= listed.unbooked)
        for number, entry in enumerate(page.entries)
    ]
    count = parameters.fitting(items)
    following = page.following
    if count < len(items):
        first = page.entries[count]
        following = (first.at, first.seq)
    cursor = parameters.make_cursor(*following) if following else None
    return {"items": items[:count], "next_cursor": cursor, "through_seq": listed.through}


def listed_entry_view(entry: Entry, unit: Unit, *, booked: bool) -> ListedEntryView:
    """Shows an entry of a list. One that is not booked has no id and no hash yet."""
    view = entry_view(entry, unit)
    if booked:
        return cast("ListedEntryView", view)
    return {**view, "entry_id": None, "hash": None, "previous_hash": None, "booked": False}


def entry_view(entry: Entry, unit: Unit) -> EntryView:
    """Shows a row of the ledger. ``draws[].value`` is the money that left the lot with the credits, in minor units."""
    cause, precision = entry.cause, unit.precision
    view: EntryView = {
        "entry_id": entry.id,
        "seq": entry.seq,
        "kind": entry.kind,
        "amount": format_amount(entry.amount, precision),
        "balance_before": format_amount(entry.before.total, precision),
        "balance_after": format_amount(entry.after.total, precision),
        "available_after": format_amount(totals_after(entry).available, precision),
        "held_after": format_amount(entry.after.held, precision),
        "frozen_after": format_amount(entry.after.frozen, precision),
        "owed_after": format_amount(entry.after.owed, precision),
        "draws": [draw_view(draw, entry.account, unit) for draw in entry.draws],
        "reference": reference_view(cause.reference) if cause else None,
        "reason": cause.reason if cause else None,
        "actor": cause.actor if cause else "time",
        "actor_name": cause.actor_name if cause else None,
        "metadata": dict(sorted(cause.metadata.items())) if cause else {},
        "at": format_instant(entry.at),
        "recorded_at": None if entry.recorded_at is None else format_instant(entry.recorded_at),
        "hash": entry.hash().hex(),
        "previous_hash": entry.previous_hash.hex(),
    }
    if entry.base_after is not None:
        view["alert_base"] = format_amount(entry.base_after, precision)
    lot = entry.extra.get("lot")
    if lot is not None:
        view["lot_id"] = lot_id(entry.account, entry.unit, lot["seq"] if isinstance(lot, Mapping) else lot)
    _add_use(view, entry, precision)
    if "hold" in entry.extra:
        view["hold_id"] = hold_id(entry.account, entry.unit, entry.extra["hold"]["seq"])
    if "of" in entry.extra and entry.kind in ("reversal", "write_off"):
        view["of_entry_id"] = entry.extra["of"]
    if "refunded" in entry.extra:
        view["money"] = _money_view(entry.extra)
    if "notice_id" in entry.extra:
        view["notice_id"] = entry.extra["notice_id"]
    if entry.kind == "expiry_change":
        view["expiry"] = _expiry_view(entry)
    if entry.kind == "status" and "runaway" in entry.extra:
        view["runaway"] = runaway_view(entry.extra["runaway"], precision)
    if "overage" in entry.extra:
        view["overage"] = _overage_view(entry.extra["overage"])
    if own := entry.extra.get("own_rates"):
        view["rate"] = {"meter": own["meter"], "version": own["version"]["version"]}
    _add_origin(view, entry)
    origin = _unused_origin(entry)
    if origin and any(draw.value for draw in entry.draws):
        view["unused"] = {"origin": origin, "value": _sums(entry.draws)}
    return view


def _used(entry: Entry) -> Any:
    """Returns what an entry says was used. A hold counts nothing in a period: its captures do."""
    usage = entry.extra["usage"]
    if entry.kind != "hold":
        return usage
    items = [{name: said for name, said in one.items() if name != "counted"} for one in usages_of(entry)]
    return items if isinstance(usage, list) else items[0]


def _add_use(view: EntryView, entry: Entry, precision: int) -> None:
    """Adds what credits were used for, and by whom."""
    extra = entry.extra
    if "usage" in extra:
        view["usage"] = shown_usage(_used(entry), precision)
    elif entry.kind in ("hold", "capture") and extra["hold"].get("meter") is not None:
        view["usage"] = amount_usage(extra["hold"]["meter"])
    if "quoted" in extra:
        view["quoted"] = extra["quoted"]
    for draw, item in zip(view["draws"], extra.get("items", ()), strict=False):
        draw["item"] = item
    if "budgets" in extra:
        view |= {"budgets": _counted(extra["budgets"], precision)}
    if entry.member is not None:
        view["member"] = entry.member
    if entry.tags:
        view["tags"] = dict(sorted(entry.tags.items()))
    if "event" in extra:
        source, id_ = extra["event"]
        view["event"] = {"source": source, "id": id_}
    if page := extra.get("page"):
        view |= {"stream": page["stream"], "first": page["first"], "records": page["next"] - page["first"]}
    if "offset" in extra:
        view["offset"] = extra["offset"]


def _counted(told: Mapping[str, Mapping[str, Any]], precision: int) -> list[CountedBudgetView]:
    """Shows what an entry counted in budgets, by their ids."""
    found: list[CountedBudgetView] = []
    for name, one in sorted(told.items()):
        counted = format_amount(int(one["counted"]), precision)
        view: CountedBudgetView = {"budget_id": name, "from": format_instant(one["from"]), "counted": counted}
        if "member" in one:
            view["member"] = one["member"]
        found.append(view)
    return found


def _add_origin(view: EntryView, entry: Entry) -> None:
    """Adds where credits went, or what they came of."""
    extra, lot = entry.extra, entry.extra.get("lot")
    if entry.kind == "transfer_out":
        ids = arrivals(entry)
        view["counterpart"] = {"account": extra["to"], "entry_id": ids[-1], "entry_ids": ids}
    elif entry.kind == "transfer_in":
        view["counterpart"] = {"account": extra["from"], "entry_id": extra["of"]}
    if "incident" in extra:
        view["incident"] = extra["incident"]
    source = lot.get("source") if isinstance(lot, Mapping) else None
    if source is None and entry.cause and entry.kind in OF_PAYMENTS and entry.cause.reference:
        source = entry.cause.reference if entry.cause.reference[0] == "payment" else None
    if source and source[0] == "promotion":
        view["promotion"] = source[1]
    elif found := source_view(source):
        view["source"] = found


def _money_view(extra: Mapping[str, Any]) -> EntryMoneyView:
    """Shows what a refund did to its lot's money, in this order. Entries of before say less."""
    view: EntryMoneyView = {"refunded": extra["refunded"], "recognised": extra["recognised"]}
    for name in ("gross", "tax", "tax_due", "bad_debt", "facts"):
        if name in extra:
            view[name] = extra[name]
    return view


def _expiry_view(entry: Entry) -> ExpiryView:
    """Shows the end of a lot before and after its change."""
    lot, before = entry.extra["lot"], entry.extra["was"]
    after = lot["expires_at"] - lot["inclusive"] if "expires_at" in lot else None
    return {
        "before": None if before is None else format_instant(before),
        "after": None if after is None else format_instant(after),
    }


def runaway_view(said: Mapping[str, Any], precision: int) -> RunawayFactsView:
    """Shows what an entry says of a wallet that ran away."""
    return {
        "burned": format_amount(int(said["burned"]), precision),
        "window": {"from": format_instant(said["from"]), "to": format_instant(said["to"])},
        "amount": format_amount(int(said["amount"]), precision),
        "within": said["within"],
        "action": said["action"],
    }


def _overage_view(said: Mapping[str, Any]) -> OverageFactsView:
    """Shows what an entry says of what was owed as a period ended."""
    return {"allowance_id": said["allowance"], "overage": said["as"], "value": overage_value(said)}


def overage_value(said: Mapping[str, Any]) -> MoneyView | None:
    """Shows what that is worth; null where it is not known."""
    value = said.get("value")
    return {"amount": value[0], "currency": value[1]} if value else None


def _unused_origin(entry: Entry) -> UnusedOrigin | None:
    """Tells what ended credits that nobody spent; None for an entry that ended none."""
    if entry.kind == "adjustment":
        return "debit" if entry.amount < 0 else None
    if entry.kind == "void":
        return "mistake" if entry.extra.get("as") == MISTAKE else "void"
    return "expiry" if entry.kind == "expiry" else None


def _sums(draws: Sequence[Draw]) -> list[MoneyView]:
    """Adds up the money of draws, by currency."""
    sums: dict[str, int] = {}
    for draw in draws:
        if draw.value:
            sums[draw.value.currency] = sums.get(draw.value.currency, 0) + draw.value.amount
    return [{"amount": amount, "currency": currency} for currency, amount in sorted(sums.items())]


def draw_view(draw: Draw, account: str, unit: Unit) -> DrawView:
    """Shows how much a movement took from one lot of the account, or gave to it."""
    view: DrawView = {
        "lot_id": lot_id(account, unit.unit, draw.lot),
        "amount": format_amount(draw.amount, unit.precision),
    }
    if draw.value:
        view["value"] = money_view(draw.value)
        if draw.tax:
            view["tax"] = {"amount": draw.tax, "currency": draw.value.currency}
    return view


def outcome_view(outcome: ItemOutcome, unit: Unit) -> OutcomeView:
    """Shows one of many requests in one: its status, and its entry or its problem."""
    if outcome.refusal is None:
        assert outcome.result
        replayed, entry = outcome.result.replayed, outcome.result.entry
        return {"status": 201, "replayed": replayed, "entry": entry_view(entry, unit)}
    problem = problem_document(outcome.refusal)
    return {"status": problem["status"], "problem": problem}
