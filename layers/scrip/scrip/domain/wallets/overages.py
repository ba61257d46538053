"""What becomes of what a wallet owes as a period of an allowance ends: it is forgiven, or billed elsewhere.

It is of all that is owed at that instant, for whatever and whoever made it. Time books it, after what ends then and
before what any allowance grants then: so what is forgiven is repaid by nobody, and of two allowances the first whose
period ends writes it off. Does not own when periods end (``allowances``), nor what debts are for (``repayments``).
"""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.credits.calendar import format_instant
from scrip.domain.credits.entries import TIME, Cause, Entry, fingerprint
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.wallets import allowances, repayments
from scrip.domain.wallets.draft import Draft

KIND: Final = "overage"
"""The type of the reference of what is billed; its id is the month in which the period ended (UTC), as ``2026-12``. And
what an entry says of it."""


def end_period(draft: Draft, name: str, instant: int) -> Entry | None:
    """Writes off what is owed where a period of the allowance ends at this instant, and it says so.

    Returns the entry; None where nothing is owed, no period ends or the allowance says nothing of it. What an allowance
    only caught up with had ended before anything of it was known: what is owed now was not owed then.
    """
    sidecar = draft.sidecar(allowances.KIND, name)
    assert sidecar
    if "overage" not in sidecar["plan"] or not draft.totals.owed:
        return None
    known = allowances.known(draft, name)
    if not known.plan.settles or not known.ends(instant) or instant < draft.at:
        return None
    owed = draft.totals.owed
    said: dict[str, Any] = {"allowance": name, "version": known.version, "as": known.plan.overage}
    if known.value:
        said |= {"value": [known.value.of(owed), known.value.currency]}
    extra = {**repayments.write_off_all(draft), KIND: said}
    return draft.record("write_off", [], instant, _cause(draft, name, instant, known.plan.overage), extra)


def _cause(draft: Draft, name: str, instant: int, overage: str | None) -> Cause:
    """Returns the cause of the entry: an allowance writes off once at an instant."""
    billed = (KIND, format_instant(instant)[:7])
    reference = billed if overage == "invoice" else (allowances.KIND, name)
    key = business_key(KIND, name, str(instant))
    entry_id = key_entry_id(draft.wallet.account, draft.wallet.unit, key)
    return Cause(entry_id, fingerprint(KIND, {"key": key}), TIME, reference=reference)
