"""A wallet's lots as a list shows them, page by page: where a page begins, what is in it, where the next one begins.

A wallet whose lots beside the open ones (pending, used up, wholly held or frozen, ended) are few is listed as one
sequence in burn order. Of many, burn order would have to read all of them for each page, since they are not stored by
it: these follow the open ones in two parts, pending lots by their beginning and the others by their grant. A page then
reads what is in it, and costs the same wherever it lies.

Does not own the burn order (``credits.lots``), nor how a read is shown as if all that is due were booked
(``engine.reads``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, Literal, NamedTuple

from scrip.domain.credits import limits
from scrip.domain.credits.lots import Lot
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import KeyRun, NeedRun, RunKind

Part = Literal["all", "open", "pending", "rest"]
"""A part of a list: ``all`` is one sequence in burn order, the others follow each other."""
PARTS: Final[tuple[Part, ...]] = ("all", "open", "pending", "rest")


class LotPlace(NamedTuple):
    """A place in a list, after which it goes on.

    Attributes:
        part: the part of the list.
        key: what was listed last of it: an order key; of pending lots the due item; of the rest the sequence.
        floor: the order key up to which all lots were listed in one sequence, before the list went on in parts.
    """

    part: Part = "all"
    key: str = ""
    floor: str = ""


BEGINNING: Final = LotPlace()


class PlacedLot(NamedTuple):
    """A lot, whether its time has not come, and its place in the list."""

    lot: Lot
    pending: bool
    place: LotPlace


Slice = tuple[Sequence[PlacedLot], LotPlace | None]
"""Lots of a page, and where the next page begins; None where there is none."""


def list_lots(draft: Draft, now: int, after: LotPlace, limit: int, *, ended: bool) -> Slice:
    """Returns up to ``limit`` lots after a place; fewer where a part of the list ends or much was passed over.

    Args:
        draft: of a read at ``now``, with what is due by then applied.
        ended: also lots that are used up, expired or voided.
    """
    if after.part == "all":
        beside = _few_beside(draft, now, ended=ended)
        if beside is not None:
            return _merged(draft, beside, after.key, limit)
        after = LotPlace("open", after.key, after.key)
    found, following = {"open": _open, "pending": _pending, "rest": _rest}[after.part](
        draft, now, after, limit, ended
    )
    return found, following or _next_part(draft, after, ended=ended)


def _next_part(draft: Draft, after: LotPlace, *, ended: bool) -> LotPlace | None:
    """Returns where the part after this one begins; None where there is no more to list."""
    if after.part == "open" and draft.totals.pending:
        return LotPlace("pending", "", after.floor)
    return LotPlace("rest", "", after.floor) if after.part != "rest" and _rests(draft, ended=ended) else None


def _rests(draft: Draft, *, ended: bool) -> bool:
    """Tells whether lots with nothing to spend are to be listed, or may be: those that hold something always are."""
    return bool(ended or draft.totals.held or draft.totals.frozen)


def _merged(draft: Draft, beside: Sequence[tuple[Lot, bool]], after: str, limit: int) -> Slice:
    """Returns lots in burn order, those beside the open ones among them."""
    # One more open lot than fits: whatever sorts behind it is not of this page.
    candidates = [(lot, False) for lot in islice(_open_after(draft, after, limit), limit + 1)] + list(beside)
    keyed = sorted((draft.key(lot), lot, pending) for lot, pending in candidates)
    found = [PlacedLot(lot, pending, LotPlace("all", key)) for key, lot, pending in keyed if key > after]
    return found[:limit], found[limit - 1].place if len(found) > limit else None


def _few_beside(draft: Draft, now: int, *, ended: bool) -> list[tuple[Lot, bool]] | None:
    """Returns the lots that are not open, each with whether it is pending; None where they are many."""
    waiting: list[Lot] = []
    if draft.totals.pending:
        waiting, read = _pending_lots(draft, now, "")
        if not read.ended:
            return None
    resting: list[Lot] = []
    if _rests(draft, ended=ended):
        if not run(draft, "rest", "", limits.BESIDE_BLOCKS).ended:
            return None
        resting = [lot for lot in draft.exhausted_lots() if ended or not lot.fate]
    return [*((lot, True) for lot in waiting), *((lot, False) for lot in resting)]


def _open(draft: Draft, _now: int, after: LotPlace, limit: int, _ended: bool) -> Slice:
    found = [
        PlacedLot(lot, False, LotPlace("open", draft.key(lot), after.floor))
        for lot in islice(_open_after(draft, after.key, limit), limit + 1)
    ]
    return found[:limit], found[limit - 1].place if len(found) > limit else None


def _open_after(draft: Draft, after: str, limit: int) -> Iterator[Lot]:
    """Yields open lots behind an order key, in burn order, and reads pages as it goes: some ``limit`` lots at once."""
    yield from (lot for lot in tuple(draft.window) if draft.key(lot) > after)
    if not draft.has_pages():
        return
    if draft.snapshot.complete or not draft.wallet.paged:
        for key in sorted(draft.pages):
            yield from (lot for lot in draft.pages[key] if draft.key(lot) > after)
        return
    done = 0
    while True:
        read = run(draft, "page", after, limit // limits.PAGE_LOTS + 2, done + 1)
        for key in read.keys[done:]:
            yield from (lot for lot in draft.pages[key] if draft.key(lot) > after)
        done = len(read.keys)
        if read.ended:
            return


def _pending(draft: Draft, now: int, after: LotPlace, limit: int, _ended: bool) -> Slice:
    waiting, read = _pending_lots(draft, now, after.key)
    found = [
        PlacedLot(lot, True, LotPlace("pending", f"{lot.effective_at:015d}#lot.{lot.seq}", after.floor))
        for lot in waiting
        if draft.key(lot) > after.floor
    ]
    if len(found) > limit:
        return found[:limit], found[limit - 1].place
    return found, None if read.ended else LotPlace("pending", read.keys[-1], after.floor)


def _pending_lots(draft: Draft, now: int, after: str) -> tuple[list[Lot], KeyRun]:
    """Returns pending lots behind a due item in the order of due items, and what was read for it.

    What begins by ``now`` is open: the draft has applied it. What the draft itself has made comes with the others.
    """
    read = run(draft, "due", after or f"{now:015d}#~", limits.BESIDE_DUES)
    lots = {due.lot.seq: due.lot for due in read.dues if due.lot and due.at > now}
    last = None if read.ended else read.keys[-1]
    for due in draft.pending.values():
        assert due.lot
        place = f"{due.at:015d}#{due.what}"
        if place > after and (last is None or place <= last):
            lots[due.lot.seq] = due.lot
    return sorted(lots.values(), key=lambda lot: f"{lot.effective_at:015d}#lot.{lot.seq}"), read


def _rest(draft: Draft, _now: int, after: LotPlace, limit: int, ended: bool) -> Slice:
    first = int(after.key or 0)
    read = run(draft, "rest", after.key and f"{first // limits.BLOCK_SEQS:012d}", limits.LISTED_BLOCKS)
    last = limits.LAST_SEQ if read.ended else (int(read.keys[-1]) + 1) * limits.BLOCK_SEQS - 1
    found = [
        PlacedLot(lot, False, LotPlace("rest", str(lot.seq), after.floor))
        for lot in sorted(draft.exhausted_lots(), key=lambda lot: lot.seq)
        if first < lot.seq <= last and (ended or not lot.fate) and draft.key(lot) > after.floor
    ]
    if len(found) > limit:
        return found[:limit], found[limit - 1].place
    return found, None if read.ended else LotPlace("rest", str(last), after.floor)


def run(draft: Draft, kind: RunKind, after: str, count: int, least: int = 1) -> KeyRun:
    """Returns items of the partition in the order of their keys. Raises ``NeedRun`` where they were not read."""
    found = draft.snapshot.runs.get((kind, after))
    if found is None or (len(found.keys) < least and not found.ended):
        raise NeedRun(kind, after, count)
    return found
