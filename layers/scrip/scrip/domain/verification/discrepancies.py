"""One thing that verification found not to be as it must be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A broken law, in words.

    Attributes:
        what: the sentence that an operator reads.
        seq: sequence of the entry it is about; of a lot, that of the entry that granted it; None where it is about no
            single entry.
        entry_id: id of that entry, where it is known.
    """

    what: str
    seq: int | None = None
    entry_id: str | None = None
