"""Archives of as many entries as are wanted, in a folder: written by what makes editions, of entries that nobody made.

Each wallet buys two lots, burns them day by day, and loses something at the end. Bodies and hashes are as long as real
ones, and say nothing. Does not own what an edition is made of (``scrip.services.finance.editions``).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from scrip.services.finance.editions import DAY_MS, _Edition, add_settlements, load_before
from scrip.services.finance.manifests import EditionAttempt, Manifest
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive
from scrip.store.tables import Tables

DAYS: Final = 31
BEGINS: Final = 1_893_456_000_000
"""The first instant of January 2030, epoch milliseconds."""
PERIOD: Final = "2030-01"
ENTRIES_A_WALLET: Final = 100
"""In the month: the first and the fiftieth are purchases, the last is what ends unspent."""

_PICKED: Final = """
CREATE OR REPLACE TABLE picked AS
SELECT 'account-' || lpad(wallet::VARCHAR, 8, '0') AS account, wallet, seq,
       $midnight + (hash(wallet, seq) % 1000 + 43200000 * (seq - $first) // ($last - $first + 1))::BIGINT AS held,
       ['USD', 'EUR', 'JPY'][wallet % 3 + 1] AS currency, 'pack-' || (wallet % 5) AS pack,
       ['DE', 'FR', 'US', 'JP', 'GB', 'IT', 'ES', 'NL', 'SE', 'PL'][wallet % 10 + 1] AS country,
       (40 + hash(wallet, seq, 1) % 20)::BIGINT AS worth, 'meter-' || (hash(wallet, seq, 2) % 10) AS meter,
       CASE WHEN seq > 50 THEN 50 ELSE 1 END AS lot
FROM range($wallets) AS wallets (wallet), range($first, $last + 1) AS seqs (seq)
"""
_CAME: Final = """
INSERT INTO came
SELECT account, 'credits', seq, 'ent_' || left(sha256(account || seq), 32),
       CASE WHEN bought THEN 'grant' WHEN seq = 100 THEN 'expiry' ELSE 'burn' END, held, held,
       (CASE WHEN bought THEN 1000000 ELSE -100 * worth END)::VARCHAR,
       -- As long as the body of a burn with a reference, a meter and a draw, and no easier to pack.
       '{"after":{"available":"' || (1000000 - 100 * worth) || '"},"amount":"' || -100 * worth
       || '","cause":{"by":"key:' || sha256(pack) || '","fingerprint":"' || sha256(account || seq || 'f')
       || '","key":"' || sha256(account || seq || 'k') || '","reference":["job","'
       || left(sha256(account || seq || 'r'), 36) || '"]},"draws":[{"credits":"' || 100 * worth
       || '","lot":' || lot || ',"value":{"amount":' || worth || ',"currency":"' || currency
       || '"}}],"meter":"' || meter || '","seq":' || seq || ',"status":"active","version":3}',
       CASE WHEN seq = 1 THEN repeat('0', 64) ELSE sha256(account || (seq - 1)) END, sha256(account || seq),
       NULL, country,
       CASE WHEN bought THEN [{
           'lot': seq, 'made': true, 'origin': 'payment', 'pack': pack, 'pack_version': 1, 'currency': currency,
           'cost': 10000, 'tax': 1900, 'tax_point': 'purchase', 'credits': '1000000',
           'expires_at': $midnight + 86400000::BIGINT * (400 - wallet % 500), 'country': NULL
       }] ELSE [] END,
       CASE
           WHEN bought THEN [{
               'number': 0, 'cause': 'sold', 'currency': currency, 'lot': seq, 'meter': NULL,
               'credits': '-1000000', 'lines': [
                   {'name': 'cash.dodo', 'amount': 11900, 'transit': false},
                   {'name': 'deferred_revenue', 'amount': -10000, 'transit': false},
                   {'name': 'tax_payable', 'amount': -1900, 'transit': false}
               ]
           }]
           ELSE [{
               'number': 0, 'cause': CASE WHEN seq = 100 THEN 'breakage' ELSE 'recognised' END, 'currency': currency,
               'lot': lot, 'meter': CASE WHEN seq < 100 THEN meter END, 'credits': (100 * worth)::VARCHAR, 'lines': [
                   {'name': 'deferred_revenue', 'amount': worth, 'transit': false},
                   {'name': CASE WHEN seq = 100 THEN 'breakage' ELSE 'revenue' END, 'amount': -worth, 'transit': false}
               ]
           }]
       END,
       []
FROM (SELECT *, seq IN (1, 50) AS bought FROM picked)
"""
_FITS: Final = """
CREATE TABLE fit AS SELECT rowid AS place FROM came;
CREATE TABLE reached AS
SELECT account, unit, max(seq) AS seq, arg_max(hash, seq) AS hash, max(held_at) AS held_at
FROM (SELECT account, unit, seq, hash, held_at FROM came UNION ALL BY NAME FROM known)
GROUP BY account, unit
"""


class FolderClient:
    """What the archive asks of S3, from a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[str] = []

    def put_object(self, *, Key: str, Body: Any, **_: Any) -> None:  # noqa: N803 - as S3 calls them
        path = self.folder / Key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body if isinstance(Body, bytes) else Body.read())

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.fetched.append(Key)
        return {"Body": io.BytesIO((self.folder / Key).read_bytes())}

    def list_objects_v2(self, *, Prefix: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        found = sorted(path for path in (self.folder / Prefix).rglob("*") if path.is_file())
        return {
            "Contents": [
                {"Key": str(path.relative_to(self.folder)), "Size": path.stat().st_size} for path in found
            ]
        }

    def delete_objects(self, *, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        for one in Delete["Objects"]:
            (self.folder / one["Key"]).unlink(missing_ok=True)
        return {}


class _Attempt:
    """An attempt that nobody contends for: the document of the edition that counts is this object."""

    def __init__(self, before: Manifest) -> None:
        self.before, self.number = before, before.edition + 1

    def plan(self, keys: Sequence[str]) -> None:
        """Notes nothing: what is left of an archive of this kind is thrown away with it."""

    def commit(self, manifest: Manifest) -> Manifest:
        return replace(manifest, edition=self.number)


class _GeneratedEdition(_Edition):
    """An edition of entries that are made up, instead of such as have come."""

    day: int
    wallets: int
    entries: tuple[int, int]

    def _unmoved(self) -> bool:
        self.settled = add_settlements(self.space, None, self.before)
        return False

    def _take(self) -> tuple[int, int, list[str]]:
        load_before(self.space, self.before)
        first, last = self.entries
        values = {
            "midnight": BEGINS + self.day * DAY_MS,
            "first": first,
            "last": last,
            "wallets": self.wallets,
        }
        self.space.run([_PICKED, _CAME, *_FITS.split(";")], **values)
        return self.space.one(["SELECT count(*) FROM fit"]), 0, []


def generate(
    folder: Path, wallets: int, days: int = DAYS, before: Manifest | None = None
) -> Iterator[Manifest]:
    """Writes an archive into a folder; yields its edition after each day.

    Args:
        wallets: each has a hundred entries in a month.
    """
    archive = Archive(FolderClient(folder), "")
    manifest = before or Manifest()
    for day in range(days):
        first, last = (ENTRIES_A_WALLET * one // DAYS for one in (day, day + 1))
        with Workspace(archive, folder / "work") as space:
            attempt = cast("EditionAttempt", _Attempt(manifest))
            now = BEGINS + (day + 1) * DAY_MS + DAY_MS // 2
            made = _GeneratedEdition(cast("Tables", None), archive, space, attempt, now, lambda: True)
            made.day, made.wallets, made.entries = day, wallets, (first + 1, last)
            manifest = made.make().manifest
        yield manifest
