"""Names and numbers that tables, streams and buckets have as they are, or that AWS sets: none of them changes unseen.

Names of attributes and keys are stored, and what is stored under another name is not found from then on. Numbers are
what one call takes, how often one asks again, or how long something is kept. Keys are looked at in ``test_keys``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from scrip import store

NAMES: Final = {
    "archive.RAW": "raw/",
    "archive.EDITIONS": "editions/",
    "deliveries.FILED": "payment#",
    "deliveries.UNAPPLIED": "unapplied",
    "deliveries.SHARDS": ("0", "1", "2", "3"),
    "items.LAG": "r",
    "items.BASE": "b",
    "items.SHOWS_BASE": "w",
    "items.PACE": "p",
    "items.RECORDS": "records",
    "items.LISTED": "l",
    "items.NOTICED": 2,
    "items.OWN_NOTICES": 4,
    "items.BUDGETED": 8,
    "items.OWN_RATES": 16,
    "letters.LETTERS": "letters#",
    "lists.FIRST": " ",
    "lists.LAST": "~",
    "marks.NUMBER_DIGITS": 48,
    "notices.TO": "to:",
    "notifications.ENDPOINTS": "endpoints",
    "notifications.FAILING": "failing",
    "notifications.SLOT": "slot#",
    "notifications.STATUSES": ("pending", "delivered", "failed"),
    "rejections.REJECTED": "rejected",
}
"""What is stored."""
NUMBERS: Final = {
    "api_keys.HANDED_SECONDS": 3_600,
    "archive.DELETED_AT_ONCE": 1_000,
    "archive.CHUNK": 8_388_608,
    "candidates.PAGE": 100,
    "documents.NEW": 0,
    "documents.CONFLICT_TRIES": 5,
    "documents.CONFLICT_WAIT": 0.02,
    "due.PAGE": 100,
    "heads.SEGMENTS": 4,
    "kept_events.DAY_MS": 86_400_000,
    "kept_events.PAGE": 50,
    "ledger.LAG_TRIES": 20,
    "ledger.LAG_WAIT": 0.05,
    "ledger.MOST_BYTES": 2_500_000,
    "marks.ROUNDED_MS": 1_000,
    "marks.SETTLED_MS": 10_000,
    "marks.REMEMBERED_MS": 86_100_000,
    "notifications.KEPT_SECONDS": 3_024_000,
    "promotions.RENEWAL_TRIES": 5,
    "references.BATCH": 25,
    "references.TRIES": 4,
    "references.LONGEST_PAUSE": 0.2,
    "rejections.PAGE": 100,
    "rejections.WRITTEN": 25,
    "rejections.TRIES": 3,
    "rollups.WRITES": 90,
    "rollups.WRITTEN_BYTES": 3_000_000,
    "scan.PAGE": 500,
    "scan.ROWS_PAGE": 1_000,
    "scan.LEDGER_PAGE": 4_000,
    "shards.ASKED": 4,
    "stream.LARGEST": 1_000_000,
    "tables.BATCH_GET": 100,
    "tables.BATCH_TRIES": 5,
    "wallets.DUE_PAGE": 1_000,
}
"""What one call takes, how often and how far apart one asks again, and how long something is kept."""
OF_AWS: Final = {
    "notifications.FAILED_CONDITION": "ConditionalCheckFailedException",
    "parser.PLAIN": ("S", "N"),
    "parser.ITEMS": ("AttributeMap", "Key", "ItemCollectionKeyAttributeMap"),
    "shards.TRIMMED": "TrimmedDataAccessException",
    "stream.WHAT": {"MODIFY": "changed", "REMOVE": "deleted"},
    "tables.THROTTLING": {
        *("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"),
        *("ProvisionedThroughputExceeded", "ThrottlingError"),
    },
    "tables.PASSING": {"InternalServerError", "ServiceUnavailable", "TransactionInProgressException"},
    "tables.CONFLICT": "TransactionConflictException",
}
"""Words of AWS's."""


def constants() -> Iterator[tuple[str, object]]:
    """Yields every constant of the store's modules, by module and name."""
    for file in sorted(Path(store.__path__[0]).glob("*.py")):
        if file.stem in ("__init__", "keys"):
            continue
        module = import_module(f"{store.__name__}.{file.stem}")
        for node in ast.parse(file.read_text()).body:
            name = ast.unparse(node.target) if isinstance(node, ast.AnnAssign) else ""
            if name.isupper() and not name.startswith("_"):
                yield f"{file.stem}.{name}", getattr(module, name)


def test_what_is_stored_and_what_aws_sets_is_as_it_was() -> None:
    assert dict(constants()) == NAMES | NUMBERS | OF_AWS
