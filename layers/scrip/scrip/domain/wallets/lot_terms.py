"""The terms that a wallet's lots have.

A wallet keeps each of its terms once, under a small code that its lots have. When all codes are taken, those that no
lot has any more that has something left, or may yet roll over, are used again, for lots from then on. What a code meant
before is kept beside: so a lot has the terms that it was granted with, wherever it lies and whatever comes back to it
(law 10).

Does not own what terms are (``credits.terms``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from scrip.domain.credits import limits
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.terms import NONE, Rollover, Terms
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import NeedBlock, NeedDue, NeedFront, NeedSidecars

KIND: Final = "terms"
ALLOWANCE: Final = "allowance"
"""The kind of the sidecars in which allowances are kept: their terms are promised before any lot has them."""
ALL: Final = "all"
"""All terms that a wallet's codes have now are one sidecar: ``since`` says from which sequence on, where a code was
used again, and ``past`` how many sidecars (``past1`` and so on) say what codes had before."""
PAST: Final = "past"
PAST_ROWS: Final = 50
"""Terms of before in one sidecar: fewer than are kept of now."""


def code_of(draft: Draft, terms: Terms, now: int = 0) -> int:
    """Returns the code of these terms in this wallet, which has them from ``now`` on; 0 for none.

    Raises:
        PolicyViolation: the wallet has as many different terms as it can keep.
    """
    if terms == NONE:
        return 0
    known = _known(draft)
    body = terms.to_json()
    if body in known:
        code = known.index(body) + 1
    elif len(known) < limits.TERMS:
        code = len(known) + 1
        draft.keep(KIND, ALL, {"terms": [*known, body]})
    else:
        code = _free_code(draft, len(known), max(now, draft.at))
        _use_again(draft, code, body)
    draft.given_terms.add(code)
    return code


def _use_again(draft: Draft, code: int, body: Any) -> None:
    """Gives a code to other terms, for lots from the next sequence on."""
    sidecar = draft.sidecar(KIND, ALL)
    assert sidecar
    known, since, past = sidecar["terms"], sidecar.get("since", {}), sidecar.get("past", 0)
    last = draft.sidecar(KIND, f"{PAST}{past}") if past else None
    rows = last["terms"] if last else []
    if not past or len(rows) >= PAST_ROWS:
        past, rows = past + 1, []
    before = [code, since.get(str(code), 0), known[code - 1]]
    draft.keep(KIND, f"{PAST}{past}", {"terms": [*rows, before]})
    terms = [*known[: code - 1], body, *known[code:]]
    draft.keep(KIND, ALL, {"terms": terms, "since": {**since, str(code): draft.next_seq}, "past": past})
    draft.read_terms.pop(code, None)


def _free_code(draft: Draft, count: int, now: int) -> int:
    """Returns the first of ``count`` codes that binds no lot at ``now``, nor will by this decision or an allowance.

    Raises:
        PolicyViolation: each binds some lot.
    """
    if draft.wallet.paged and not draft.snapshot.complete:
        raise NeedFront(0)
    if draft.wallet.totals.pending and draft.unread_at is not None:
        raise NeedDue(limits.DUE_BATCH_READ)
    if not draft.snapshot.all_blocks:
        raise NeedBlock(None)
    waiting = [due.lot for due in draft.pending.values() if due.lot]
    lots = (*draft.loaded_lots(), *draft.exhausted_lots(), *waiting)
    since = (draft.sidecar(KIND, ALL) or {}).get("since", {})
    used = {lot.terms for lot in lots if _bound(lot, now) and lot.seq >= since.get(str(lot.terms), 0)}
    free = [code for code in range(1, count + 1) if code not in used and code not in draft.given_terms]
    if unpromised := _unpromised(draft, free):
        return unpromised[0]
    raise PolicyViolation(
        f"a wallet's lots may have {limits.TERMS} different scopes and rollover rules at once",
        policy="max_terms",
    )


def _bound(lot: Lot, now: int) -> bool:
    """Tells whether the lot may go on under its code: it may be spent by its scope, or roll over."""
    return (lot.scoped and lot.remaining + lot.held > 0) or _rolls_yet(lot, now)


def _rolls_yet(lot: Lot, now: int) -> bool:
    """Tells whether the lot has a rollover at an end that has not passed.

    A lot rolls over at its own end alone; what is given back to it later expires.
    """
    return lot.rolls and (lot.waits or lot.expires_at is None or lot.expires_at >= now)


def _unpromised(draft: Draft, codes: Sequence[int]) -> list[int]:
    """Returns those codes whose terms no allowance will give to its next lot."""
    known = _known(draft)
    rules = {code: Terms.from_json(known[code - 1]).rollover for code in codes}
    names = {(ALLOWANCE, rule.of) for rule in rules.values() if rule and rule.of}
    there = {*draft.snapshot.sidecars, *draft.sidecars}
    if missing := sorted(names - there):
        raise NeedSidecars(tuple(missing))
    promised = {name: _rollovers(draft.sidecar(*name)) for name in names}
    return [
        code
        for code, rule in rules.items()
        if not rule or not rule.of or rule not in promised[ALLOWANCE, rule.of]
    ]


def _rollovers(sidecar: Any) -> list[Rollover]:
    """Returns the rollover rules that an allowance has, in whichever of its members; none of one that is deleted."""
    if isinstance(sidecar, Mapping) and not sidecar.get("deleted"):
        own = [Rollover(**sidecar)] if "fraction" in sidecar else []
        return own + [rule for value in sidecar.values() for rule in _rollovers(value)]
    return [rule for value in sidecar for rule in _rollovers(value)] if isinstance(sidecar, list) else []


def terms_of(draft: Draft, lot: Lot, *, at_its_end: bool = False) -> Terms:
    """Returns the lot's terms: those that its code had when the lot was granted.

    Args:
        at_its_end: the lot's end is looked at now, though it may have passed, as of a lot that was made after it.
    """
    if not lot.terms or not (at_its_end or lot.scoped or _rolls_yet(lot, draft.at)):
        return NONE
    since, terms = draft.read_terms.get(lot.terms) or _read(draft, lot.terms)
    if lot.seq < since:
        terms = _read_past(draft, lot.terms, lot.seq)
    return terms if lot.scoped or not terms.scope else replace(terms, scope=())


def _read(draft: Draft, code: int) -> tuple[int, Terms]:
    """Returns from which sequence on a code has its terms, and these."""
    sidecar = draft.sidecar(KIND, ALL)
    assert sidecar
    since = sidecar.get("since", {}).get(str(code), 0)
    found = draft.read_terms[code] = (since, Terms.from_json(sidecar["terms"][code - 1]))
    return found


def _read_past(draft: Draft, code: int, seq: int) -> Terms:
    """Returns the terms that a code had, before it was used again, when the entry ``seq`` was made."""
    sidecar = draft.sidecar(KIND, ALL)
    assert sidecar
    for number in range(sidecar["past"], 0, -1):
        past = draft.sidecar(KIND, f"{PAST}{number}")
        assert past
        for other, since, body in past["terms"][::-1]:
            if other == code and since <= seq:
                return Terms.from_json(body)
    raise LookupError(f"the terms of code {code} at entry {seq} are lost")


def pays_for(draft: Draft, lot: Lot, meter: str | None) -> bool:
    """Tells whether the lot may pay for an event of this meter; None: for credits that no meter counts."""
    return not lot.scoped or (meter is not None and meter in terms_of(draft, lot).scope)


def _known(draft: Draft) -> list[Any]:
    sidecar = draft.sidecar(KIND, ALL)
    return list(sidecar["terms"]) if sidecar else []
