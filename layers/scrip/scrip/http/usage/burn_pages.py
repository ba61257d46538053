"""Pages of burns: the body."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.wallets.streams import LAST_OFFSET
from scrip.http.edge.bodies import Body, Identifier, Tags
from scrip.http.edge.mistakes import matching
from scrip.http.usage.records import STREAM, STREAM_FORM, SomeRecords

Gap = Literal["refuse", "skip"]
"""What becomes of offsets between the stream's next one and `first`: the page is refused, or they are given up."""
StreamName = Annotated[str, matching(f"^{STREAM.pattern}$", STREAM_FORM)]
Offset = Annotated[int, Field(ge=0, le=LAST_OFFSET)]


class BurnPageBody(Body):
    """Records of one stream, each burned once for ever."""

    unit: Identifier = DEFAULT_UNIT
    """The unit: with the account it names the wallet."""
    stream: StreamName
    """Who numbers the records: a partition of yours, a process. It goes on where its last page ended."""
    first: Offset
    """The offset of the first record; those of the others follow without gaps."""
    records: SomeRecords
    """1 to 1 000: `["2", "req-1"]` is an amount and a reference, `["meter", "3", "req-2", {"model": "x"}]` so much of
    a meter, null an offset that is given up."""
    member: Identifier | None = None
    """Who of the account used them: of all records of the page."""
    tags: Tags = Field(default_factory=dict)
    """What they were used for, as `{"team": "search"}`: of all records of the page."""
    gap: Gap = "refuse"
    """`skip` uses up the offsets between the stream's next one and `first`; by itself such a page is refused."""
