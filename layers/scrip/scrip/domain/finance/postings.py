"""Postings: what one entry does to the books, as lines that add up to nothing in one currency (law 8).

Amounts are whole minor units; debit is positive, credit negative. docs/finance.md has the table of rules, a line for
each kind of entry and origin of a lot. They follow from the entry alone.

Does not own what a lot's credits are worth (``credits.lots``), nor what companies call the accounts (``accounts``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.ids import business_key, former_entry_id, key_entry_id
from scrip.domain.credits.usage import meters_of_draws
from scrip.domain.finance import accounts
from scrip.domain.wallets.funds import effects, reason_of
from scrip.domain.wallets.position import KEPT

Cause = Literal["sold", "recognised", "reversed", "breakage", "refunded", "charged_back", "moved"]
"""Why money moved: what a roll-forward counts it as. ``reversed`` is what is recognised no more."""
REPAID: Final = "(debt repaid)"
"""The meter of credits that paid for what had been burned before they came."""
_BREAKAGE: Final = ("expired", "voided", "debited")


class PostingLine(NamedTuple):
    """One line: an account and what it is debited (positive) or credited.

    Attributes:
        transit: whether it stands for the other half of a move, which is an entry of its own: the lots of this wallet
            have no part of it.
    """

    account: str
    amount: int
    transit: bool = False


@dataclass(frozen=True, slots=True)
class Posting:
    """Lines of one entry that have one cause. They add up to 0.

    Attributes:
        lot: the lot whose money it is, by sequence.
        meter: what the credits were spent for; None where they were not, or no meter counted it.
        credits: the steps that left the lot with the money; negative: that came. What was held counts as left once it
            is captured.
    """

    cause: Cause
    currency: str
    lot: int
    lines: Sequence[PostingLine]
    meter: str | None = None
    credits: int = 0


def postings(entry: Entry) -> list[Posting]:
    """Returns the postings of an entry, in the order in which its money moved; none of one that moves no money.

    Raises:
        LookupError: the entry is of before, when entries did not say all that a posting needs.
    """
    made = entry.extra.get("lot")
    if entry.kind == "rollover":
        return [*_rolled_over(entry)]
    found: list[Posting] = []
    if isinstance(made, dict) and made["seq"] == entry.seq and "cost" in made:
        found.append(_granted(entry, made))
    if "refunded" in entry.extra:
        found += _paid_back(entry)
    return [*found, *_drawn(entry)]


def deferred(postings: Sequence[Posting], account: str = accounts.DEFERRED) -> dict[str, int]:
    """Returns by how much postings change what the wallet's lots have deferred, by currency (law 8)."""
    found: dict[str, int] = {}
    for posting in postings:
        for line in posting.lines:
            if line.account == account and not line.transit:
                found[posting.currency] = found.get(posting.currency, 0) - line.amount
    return found


def provider_of(entry: Entry) -> str | None:
    """Returns the provider whose payment made the entry's lot; None: none did.

    A caller may give a grant by hand the reference of a payment. The key of a payment's own grant is one that no caller
    can use.
    """
    reference = entry.cause.reference if entry.cause else None
    if reference is None or reference[0] != "payment":
        return None
    provider, _, payment_id = reference[1].partition(":")
    key = business_key(provider, "payment", payment_id)
    own = (key_entry_id(entry.account, entry.unit, key), former_entry_id(key))
    return provider if entry.id in own else None


def _granted(entry: Entry, made: Mapping[str, Any]) -> Posting:
    """Returns the posting of a lot with cost basis that an entry made."""
    (amount, currency), (tax, point) = made["cost"], made.get("tax", (0, "purchase"))
    due = accounts.TAX_DEFERRED if point == "redemption" else accounts.TAX_PAYABLE
    cause: Cause = "sold"
    if entry.kind == "transfer_in" or entry.extra.get("as") == KEPT:
        # Tax that was due at the purchase was booked then, and does not move.
        moving = tax if point == "redemption" else 0
        cause, lines = "moved", _move(-amount, -moving)
    else:
        provider = provider_of(entry)
        paid = PostingLine(accounts.cash(provider) if provider else _elsewhere(made), amount + tax)
        lines = (paid, PostingLine(accounts.DEFERRED, -amount), PostingLine(due, -tax))
    return _posting(cause, currency, entry.seq, *lines, credits=-int(made["granted"]))


def _elsewhere(made: Mapping[str, Any]) -> str:
    """Returns the account of what was paid for a lot otherwise than by a payment."""
    return accounts.CREDIT if made["kind"] == "refund" else accounts.MANUAL


def _rolled_over(entry: Entry) -> Iterator[Posting]:
    """Yields the postings of credits that went on in a new lot, with their money: of the old lot, and of the new."""
    for draw in entry.draws:
        if draw.value:
            (money, currency), steps = (draw.value.amount, draw.value.currency), draw.amount
            due = draw.tax or 0 if entry.extra["lot"].get("tax", (0, ""))[1] == "redemption" else 0
            yield _posting("moved", currency, draw.lot, *_move(money, due), credits=steps)
            yield _posting("moved", currency, entry.seq, *_move(-money, -due), credits=-steps)


def _paid_back(entry: Entry) -> Iterator[Posting]:
    """Yields what a clawback or a reinstatement does to its own lot: by refunds, and by disputes.

    What the lot had deferred goes first; the rest had been earned, or is another lot's by now.
    """
    extra, lot = entry.extra, entry.extra["lot"]
    back, tax = extra["refunded"], extra.get("tax", 0)
    if "currency" not in extra and not (back or tax):
        # Of credits that cost nothing.
        return
    currency: str = extra["currency"]
    left = back + extra["recognised"] - extra.get("bad_debt", 0)
    due = extra.get("tax_due", 0)
    redemption = extra.get("tax_point") == "redemption"
    steps = sum(draw.amount for draw in entry.draws if draw.lot == lot and not draw.value)
    steps -= int(extra.get("given", 0))
    if extra.get("as") == KEPT:
        earned = PostingLine(accounts.REVENUE, back - left), PostingLine(accounts.TAX_PAYABLE, -due)
        moving = _move(back, tax if redemption else 0)
        rest = PostingLine(accounts.DEFERRED, left - back), PostingLine(accounts.TAX_DEFERRED, due)
        yield _posting("moved", currency, lot, *moving, *rest, *earned, credits=steps)
        return
    assert entry.cause
    named, _, provider = (entry.cause.reference or ("", ""))[1].partition(":")
    paid = accounts.cash(named) if provider else accounts.MANUAL
    for cause, loss, share in _causes(entry, back + tax):
        money = back if share is None else back * share // (back + tax)
        taxed = tax if share is None else share - money
        deferred = left if share is None else _nearest(left, money)
        untaken = taxed + due if redemption else 0
        lines = [PostingLine(accounts.DEFERRED, deferred), PostingLine(accounts.TAX_DEFERRED, untaken)]
        lines.append(PostingLine(_lost(entry.kind, loss, money - deferred), money - deferred))
        lines += [PostingLine(accounts.TAX_PAYABLE, taxed - untaken), PostingLine(paid, -money - taxed)]
        yield _posting(cause, currency, lot, *lines, credits=steps)
        back, tax, left, due, steps = back - money, tax - taxed, left - deferred, 0, 0


def _lost(kind: str, loss: str, amount: int) -> str:
    """Returns the account of money that went back and was not deferred.

    More than went back may leave what is deferred: the last money of a lot without credits is earned.
    """
    gone = amount >= 0 if kind == "clawback" else amount <= 0
    return loss if gone else accounts.REVENUE


def _nearest(left: int, money: int) -> int:
    """Returns as much of what left the lot as this part of the money can be: it comes first."""
    return min(left, money) if money >= 0 else max(left, money)


def _causes(entry: Entry, gross: int) -> Iterator[tuple[Cause, str, int | None]]:
    """Yields why money went back, the account of what had been earned of it, and how much of ``gross`` it is.

    The last has what is left (None). Where refunds and disputes come in one entry, refunds are first.
    """
    facts: Sequence[str] = entry.extra.get("facts", ())
    refunded: tuple[Cause, str] = ("refunded", accounts.REFUNDS)
    disputed: tuple[Cause, str] = ("charged_back", accounts.BAD_DEBT)
    by = dict(zip(facts, entry.extra.get("by", ()), strict=False))
    refunds = sum(money for fact, money in by.items() if not fact.startswith("dispute:"))
    if 0 < refunds < gross or gross < refunds < 0:
        yield *refunded, refunds
        yield *disputed, None
        return
    disputes = [fact for fact in facts if fact.startswith("dispute:")]
    alone = disputes and (len(disputes) == len(facts) or (by and not refunds))
    yield *(disputed if alone else refunded), None


def _drawn(entry: Entry) -> list[Posting]:
    """Returns the postings of what left lots, or came back to them; draws of one lot and meter are one."""
    if not any(draw.value for draw in entry.draws):
        return []
    reason = reason_of(entry)
    sums: dict[tuple[Cause, str | None, int, str], tuple[int, int, int]] = {}
    meters = _meters(entry)
    for number, (draw, leaves, _) in enumerate(effects(entry)):
        if not leaves or not draw.value:
            continue
        sign = 1 if leaves > 0 else -1
        cause: Cause = "recognised" if sign > 0 else "reversed"
        if reason != "recognised":
            cause = "breakage" if reason in _BREAKAGE else "sold" if reason == "unpaid" else "moved"
        name = cause, meters(number), draw.lot, draw.value.currency
        money, tax, steps = sums.get(name, (0, 0, 0))
        sums[name] = money + sign * draw.value.amount, tax + sign * (draw.tax or 0), steps + leaves
    made = []
    for (cause, meter, lot, currency), (money, tax, steps) in sums.items():
        lines = _leaving(entry, cause, money, tax, lot)
        made.append(_posting(cause, currency, lot, *lines, meter=meter, credits=steps))
    return made


def _leaving(entry: Entry, cause: Cause, money: int, tax: int, lot: int) -> list[PostingLine]:
    """Returns the lines of money and tax that leave a lot."""
    if cause == "moved":
        return list(_move(money, tax if lot in entry.extra.get("redemption", ()) else 0))
    other, taxed = accounts.REVENUE, accounts.TAX_PAYABLE
    if cause == "breakage":
        other, taxed = accounts.BREAKAGE, accounts.BREAKAGE_TAX
    elif cause == "sold":
        other = taxed = _elsewhere(entry.extra["lot"])
    lines = [PostingLine(accounts.DEFERRED, money), PostingLine(other, -money)]
    return [*lines, PostingLine(accounts.TAX_DEFERRED, tax), PostingLine(taxed, -tax)]


def _meters(entry: Entry) -> Callable[[int], str | None]:
    """Returns what tells, for each of an entry's draws by its place, what meter the credits were spent for.

    What was made for something else has the name of that in a meter's place: ``(invoice)``.
    """
    own = f"({entry.made_for[0]})" if entry.made_for else None
    if entry.kind in ("burn", "capture"):
        return (lambda _: own) if own else meters_of_draws(entry).__getitem__
    if entry.kind != "reversal":
        spent = reason_of(entry) == "recognised"
        return lambda _: REPAID if spent else None
    undone, back = len(entry.extra.get("undone", ())), entry.extra.get("back", 0)
    meter, meters = own or entry.extra.get("meter"), entry.extra.get("meters")

    def given_back(number: int) -> str | None:
        if not undone <= number < back:
            return REPAID
        return meters[number - undone] if meters else meter

    return given_back


def _move(money: int, tax: int) -> tuple[PostingLine, ...]:
    """Returns the lines of money and tax that leave for another lot; negative: that arrive."""
    deferred = PostingLine(accounts.DEFERRED, money), PostingLine(accounts.DEFERRED, -money, transit=True)
    return (
        *deferred,
        PostingLine(accounts.TAX_DEFERRED, tax),
        PostingLine(accounts.TAX_DEFERRED, -tax, transit=True),
    )


def _posting(
    cause: Cause, currency: str, lot: int, *lines: PostingLine, meter: str | None = None, credits: int = 0
) -> Posting:
    """Returns a posting of these lines, without those of nothing.

    Raises:
        AssertionError: they do not add up.
    """
    if sum(line.amount for line in lines):
        raise AssertionError(f"the lines of lot {lot} do not add up: {lines}")
    return Posting(cause, currency, lot, tuple(line for line in lines if line.amount), meter, credits)
