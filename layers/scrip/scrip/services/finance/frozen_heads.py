"""Frozen heads: how far each wallet had come in the edition that a close has seen, for whoever asks of one wallet.

They are what the edition's own object of heads has, as lines of text: who asks has no DuckDB. Does not own which months
are closed (``periods``).
"""

from __future__ import annotations

import gzip
import hashlib
from typing import Final

from scrip.domain.credits.errors import Unavailable
from scrip.services.finance.manifests import Manifest
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive

FOLDER: Final = "periods/heads/"
SQL: Final = ["SELECT account, unit, seq FROM read_parquet($heads) ORDER BY ALL"]


def write(space: Workspace, archive: Archive, manifest: Manifest) -> str:
    """Writes the heads of an edition, the same bytes each time; returns the SHA-256 of the object, hexadecimal.

    A line has an account, a unit and a sequence: no name has a tabulator or an end of line in it.
    """
    (known,) = space.bring([manifest.last.heads]) if manifest.last else ("",)
    rows = space.each(SQL, heads=known) if known else ()
    lines = "".join(f"{account}\t{unit}\t{seq}\n" for account, unit, seq in rows)
    text = gzip.compress(lines.encode(), mtime=0)
    archive.put(_key(manifest.edition), text)
    return hashlib.sha256(text).hexdigest()


def sequence(archive: Archive, edition: int, sha256: str, account: str, unit: str) -> int:
    """Returns the sequence of the last entry that a wallet has in an edition; 0 where it has none.

    Raises:
        Unavailable: the archive does not answer, or has another object than was written.
    """
    text = archive.get(_key(edition)) or b""
    if hashlib.sha256(text).hexdigest() != sha256:
        raise Unavailable(f"the heads of edition {edition} of the archive are not as they were written")
    lines, named = b"\n" + gzip.decompress(text), f"\n{account}\t{unit}\t".encode()
    begins = lines.find(named) + len(named)
    return int(lines[begins : lines.index(b"\n", begins)]) if begins >= len(named) else 0


def _key(edition: int) -> str:
    return f"{FOLDER}{edition:09d}.tsv.gz"
