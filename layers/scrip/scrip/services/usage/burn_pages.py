"""Pages of burns, as callers ask for them: records of a stream, each booked once for ever (law 3).

Does not own the decision (``domain.wallets.burn_pages``), nor how records are read and told (``pages``).
"""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import burn_pages, streams
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor
from scrip.services.engine.requests import WalletRequest
from scrip.services.usage.pages import PageOutcome, SentPage, SentRecord


def burn(
    executor: Executor,
    request: WalletRequest,
    stream: str,
    first: int,
    records: Sequence[SentRecord | None],
    *,
    skips: bool = False,
) -> tuple[PageOutcome, Unit]:
    """Books the records of a stream from the offset ``first`` on that are not known yet.

    Returns what became of each, and the unit of all amounts.

    Args:
        skips: whether offsets between the stream's next one and ``first`` are given up.

    Raises:
        NotFound: there is no such unit, or meter.
        InvalidRequest, PrecisionExceeded, AmountOutOfRange, PolicyViolation: a record cannot be read or priced.
        OffsetGap: records are missing in between.
        WalletFrozen, WalletClosed, BodyTooLarge: before any offset is used.
        Contended, Throttled, Unavailable: not all were booked; the same page goes on where this one ended.
    """
    page = SentPage(executor, request, stream, first, records)
    there = 0

    def decide(draft: Draft, context: WalletContext, now: int) -> Entry | None:
        nonlocal there
        there = streams.next_offset(draft, stream)
        known = streams.fresh_from(there, first, len(records), skips=skips)
        if known == len(records):
            return None
        start = first + known
        since = there if start > there else None
        wanted = burn_pages.BurnPage(stream, start, page.priced(draft, context, now, start), since)
        return burn_pages.burn(draft, wanted, context.unit.policy, now, page.cause(start))

    while there < page.end and (entry := page.book(decide)):
        page.made.append(entry)
        there = entry.extra["page"]["next"]
    return page.outcome(there), page.unit
