"""Changes that mean nothing, each with its reason: they are not chosen."""

from __future__ import annotations

from typing import Final

from mutation.changes import Change

_DOMAIN: Final = "layers/scrip/scrip/domain"

ACCEPTED: Final[dict[tuple[str, str], str]] = {
    (f"{_DOMAIN}/verification/drift.py", "if last >= wallet.version:"): (
        "a ledger as long as the wallet is answered before"
    ),
    (f"{_DOMAIN}/wallets/draws.py", "if len(categories) == 3 and not draft.totals.scoped:"): (
        "the test that is made instead says yes to every lot; it only takes longer"
    ),
    (
        f"{_DOMAIN}/wallets/lot_lists.py",
        "for lot in islice(_open_after(draft, after.key, limit), limit + 2)",
    ): ("one lot more is looked at, and the page is cut at its limit"),
    (f"{_DOMAIN}/wallets/notices.py", "ends = calendar.after(ends, span, 'expires_atx')"): (
        "the error that would say it is not told"
    ),
    (
        "layers/scrip/scrip/services/verification/daily.py",
        "WORKERS: Final = 5",
    ): "how many threads wait side by side",
    ("layers/scrip/scrip/services/verification/daily.py", "LARGEST: Final = 150001"): (
        "a wallet of as many entries fits, and one more does"
    ),
    ("layers/scrip/scrip/services/verification/survey.py", "AT_ONCE: Final = 50001"): (
        "as many entries fit into memory, and one more does"
    ),
    ("layers/scrip/scrip/services/verification/survey.py", "shown: int = 10001"): (
        "nobody reads ten thousand findings, nor one more"
    ),
    (
        "layers/scrip/scrip/services/verification/payments.py",
        "lots = replay([entries[seq] for seq in sorted(entries) if seq <= wallet.version]) if True else {}",
    ): "without payments nothing is compared; the replay only takes longer",
    (
        "layers/scrip/scrip/services/verification/transfers.py",
        "return ledger.find_many(tables, account, unit, list(filter(None, ids)))",
    ): "the order decides what is read together, not what is found",
    (
        "layers/scrip/scrip/services/usage/burn_pages.py",
        "while there <= page.end and (entry := page.book(decide)):",
    ): "it is decided once more that nothing is left to book",
    ("layers/scrip/scrip/store/marks.py", "REMEMBERED_MS: Final = 24 * 3_600_000 - 300001"): (
        "five minutes are many enough, and a millisecond more is"
    ),
    ("layers/scrip/scrip/store/rows.py", "return replace(row, broken=broken) if True else row"): (
        "the row is the same; a wallet's rows are copied once more"
    ),
    (
        "layers/scrip/scrip/services/finance/invoices.py",
        "return burns.burn(draft, burns.Burn(steps, policy, 'up_tox', extra=extra), now, cause)",
    ): "so much was taken before as a try: all of it is there",
    ("command_line/exports.py", "tell(number - 1)"): "a terminal shows it while it lasts",
    (
        "layers/scrip/scrip/services/payments/retries.py",
        "listed = payments.every(executor.tables, keys.PARKED, 1, now, PAGE, after)",
    ): "nothing waits since the first millisecond of 1970",
    (
        "layers/scrip/scrip/services/payments/auto_charges.py",
        "require_chargeable(terms.provider, order.price, 'packx')",
    ): "of the refusal only its sentence is told",
    (
        "layers/scrip/scrip/services/payments/refunds.py",
        "raise _unspent(quote, currency, lot.spendable if True else 0, unit)",
    ): "a payment that granted nothing is refused before",
    (
        "layers/scrip/scrip/services/usage/pages.py",
        "quantity: Fraction = Fraction(1)",
    ): "a record of an amount has no quantity, and nobody reads one",
    (
        "layers/scrip/scrip/services/finance/batches.py",
        'packed = gzip.compress("\\n".join(rows).encode("utf-8", "surrogatepass"), compresslevel=7, mtime=0)',
    ): "a batch is packed as tightly, and more slowly",
    (
        "layers/scrip/scrip/services/finance/batches.py",
        'packed = gzip.compress("\\n".join(rows).encode("utf-8", "surrogatepass"), mtime=0)',
    ): "a batch is packed more slowly",
    (
        "layers/scrip/scrip/services/finance/batches.py",
        'clean.write_bytes(gzip.compress(b"\\n".join(kept), compresslevel=2))',
    ): "a file for the moment is packed more tightly",
    (
        "layers/scrip/scrip/services/finance/batches.py",
        'clean.write_bytes(gzip.compress(b"\\n".join(kept), ))',
    ): "a file for the moment is packed more slowly",
    (
        "layers/scrip/scrip/services/finance/workspaces.py",
        "path.unlink(missing_ok=False)",
    ): "another process would have to delete it between two lines",
    (
        "layers/scrip/scrip/services/search/reindexing.py",
        "for shard in list(before & there - reading.over):",
    ): "each is marked by itself, in whatever order",
    (
        "layers/scrip/scrip/services/notifications/alerts.py",
        "return [], 1",
    ): "what writes nothing has no beginning, and the first milliseconds of 1970 are over",
    (
        "layers/scrip/scrip/services/notifications/alerts.py",
        "pk, writes, since = keys.alerts_of(account, unit_id), list[Item](), 1",
    ): "nobody waits for the second millisecond of 1970",
    (
        "layers/scrip/scrip/services/outbox/looks.py",
        "for shard_id in list(reading.marks.keys() - there - kept.keys()):",
    ): "each is forgotten by itself, in whatever order",
    (
        "layers/scrip/scrip/services/catalogue/keys.py",
        "salt = secrets.token_hex(17)",
    ): "a longer salt is as good",
    (
        "layers/scrip/scrip/services/catalogue/keys.py",
        "key_id, salt = secrets.token_hex(8), secrets.token_hex(17)",
    ): "a new key's longer salt is as good",
    (
        "layers/scrip/scrip/services/notifications/endpoints.py",
        "salt = secrets.token_hex(17)",
    ): "a longer salt is as good",
    (
        "layers/scrip/scrip/services/notifications/endpoints.py",
        "made=secrets.token_hex(5),",
    ): "a longer name is as good",
    (
        "layers/scrip/scrip/services/search/searches.py",
        "page = ledger.entries(tables, account, unit_id, since=1, last=place, kind=None, limit=READ_AT_ONCE)",
    ): "no entry holds in the first millisecond of 1970",
    (
        "layers/scrip/scrip/services/search/searches.py",
        'ordered = OrderRequest(account, "", 2, "", "").topup_id(key)',
    ): "an order's id follows from its account and key alone",
    (
        "layers/scrip/scrip/services/events/run_outs.py",
        "turn = number // len(lists)",
    ): "where a worker begins is not where it ends",
}
"""By the file and the line as the change makes it."""


def reason(change: Change, source: bytes) -> str | None:
    """Returns why a change means nothing; None where it means something."""
    changed = change.applied(source)
    first = changed.rfind(b"\n", 0, change.start) + 1
    end = changed.find(b"\n", change.start)
    line = changed[first : end if end >= 0 else len(changed)]
    return ACCEPTED.get((change.path, line.decode().strip()))
