"""Archive: keeps what must outlast the ledger's tables, as its stream brings it.

That is every entry, in the archive of which reports are made; and evidence of rows that were changed or deleted, which
nothing in Scrip does (law 4): what a row was is put into a queue, whose alarm stays on until somebody empties it. The
stream has two readers, this one and the outbox, so that neither stops the other.
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from scrip import runtime
from scrip.services.finance import batches
from scrip.services.verification import integrity


def handler(event: Mapping[str, Any], _context: Any) -> None:
    """Puts entries into the archive, and any other record into the evidence queue; logs which row that is about.

    If it raises, the stream delivers all of the records again for as long as it has them. An entry that is put twice
    is in the archive once, and evidence that is kept twice does no harm.
    """
    entries, others = batches.added(event["Records"])
    for record in others:
        touched = integrity.keep_evidence(record, partial(runtime.leave, "SCRIP_EVIDENCE_QUEUE_URL"))
        runtime.logger().error("the ledger was tampered with", **asdict(touched))
    batches.keep(runtime.tables(), runtime.archive(), entries)
