"""Records: as pages and settlements send them, and as answers show them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, cast

from pydantic import BeforeValidator, Field, WithJsonSchema

from scrip.domain.credits import limits, rates
from scrip.domain.credits.amounts import AMOUNT_FORM, AMOUNT_PATTERN
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.records import Numbered
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.streams import LAST_OFFSET
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import MORE_THAN_ZERO
from scrip.http.edge.parameters import ID_FORM, ID_PATTERN, Query
from scrip.http.wallets.balances import BalanceAfterView, balance_after_view, totals_view
from scrip.http.wallets.entries import EntryView, entry_view
from scrip.http.wallets.usage import DIMENSION, DIMENSIONS
from scrip.services.engine.paging import Found
from scrip.services.usage.pages import PageOutcome, SentRecord
from scrip.services.usage.records import BookedRecord

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import Count, Credits, EntryId, Name
    from scrip.http.edge.forms import Quantity as CountedQuantity

RecordStatus = Literal["burned", "refused", "skipped", "known"]
"""What became of a record: `known`, it was burned before; `refused`, it was not, now or before, and will not be."""
StoredRecordStatus = Literal["burned", "refused", "skipped"]
"""What became of a record: it was paid for; it was refused; its sender gave it up."""
RefusedReason = Literal["insufficient_credits", "budget_exceeded", "policy_violation"]
"""Why a record is refused: the code of the refusal of a burn of its own; `policy_violation` of one of too many lots."""
STREAM: Final = re.compile(r"[!-~]{1,128}")
STREAM_FORM: Final = "must have 1 to 128 printable ASCII characters and no space"
PAGE_BODY_BYTES: Final = 1024 * 1024
"""The most bytes of a body with records."""
REFERENCE_FORM: Final = f"must be a text of 1 to {limits.RECORD_REFERENCE} characters"
_AMOUNT: Final = re.compile(AMOUNT_PATTERN.strip("^$"))
_ID: Final = re.compile(ID_PATTERN.strip("^$"))
RECORD_FORM: Final = (
    'must be null, or an array: ["2", "req-1"] (amount, reference), or '
    '["meter", "3", "req-1", {}] (meter, quantity, reference, dimensions)'
)


def _records(value: Any) -> Any:
    """Reads the records of a request; raises ``ValueError`` that names the first that is wrong."""
    if not isinstance(value, list):
        return value
    return [None if one is None else _record(one, number) for number, one in enumerate(value)]


def _record(one: Any, number: int) -> SentRecord:
    if not isinstance(one, list) or not 2 <= len(one) <= 4:
        raise ValueError(f"{number}: {RECORD_FORM}")
    if len(one) == 2:
        amount, reference = one
        if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
            raise ValueError(f"{number}.amount: {AMOUNT_FORM}")
        return SentRecord(_reference(reference, number), amount)
    meter, quantity, reference = one[:3]
    if not isinstance(meter, str) or not _ID.fullmatch(meter):
        raise ValueError(f"{number}.meter: {ID_FORM}")
    try:
        counted = rates.parse_quantity(quantity)
    except InvalidRequest as error:
        raise ValueError(f"{number}.quantity: {error.facts['errors'][0]['message']}") from error
    dimensions = one[3] if len(one) == 4 else {}
    if not _are_dimensions(dimensions):
        said = f"must be an object of at most {DIMENSIONS} texts of 1 to {DIMENSION} characters"
        raise ValueError(f"{number}.dimensions: {said}")
    return SentRecord(_reference(reference, number), None, meter, counted, dimensions)


def _reference(text: Any, number: int) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= limits.RECORD_REFERENCE:
        raise ValueError(f"{number}.reference: {REFERENCE_FORM}")
    return text


def _are_dimensions(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) > DIMENSIONS:
        return False
    texts = (*value.keys(), *value.values())
    return all(isinstance(text, str) and 0 < len(text) <= DIMENSION for text in texts)


_AMOUNT_SCHEMA: Final = {"type": "string", "pattern": MORE_THAN_ZERO}
_REFERENCE_SCHEMA: Final = {"type": "string", "minLength": 1, "maxLength": limits.RECORD_REFERENCE}
_TEXT_SCHEMA: Final = {"type": "string", "minLength": 1, "maxLength": DIMENSION}
_RECORD_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": "null"},
        {
            "type": "array",
            "prefixItems": [_AMOUNT_SCHEMA, _REFERENCE_SCHEMA],
            "minItems": 2,
            "maxItems": 2,
        },
        {
            "type": "array",
            "prefixItems": [
                {"type": "string", "pattern": ID_PATTERN},
                {
                    "anyOf": [
                        _AMOUNT_SCHEMA,
                        {"type": "integer", "minimum": 1, "maximum": rates.LARGEST_QUANTITY},
                    ]
                },
                _REFERENCE_SCHEMA,
                {"type": "object", "additionalProperties": _TEXT_SCHEMA, "maxProperties": DIMENSIONS},
            ],
            "minItems": 3,
            "maxItems": 4,
        },
    ]
}


def _schema(least: int) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "array", "items": _RECORD_SCHEMA, "minItems": least, "maxItems": limits.PAGE_RECORDS}
    )


SomeRecords = Annotated[
    list[Any], Field(min_length=1, max_length=limits.PAGE_RECORDS), BeforeValidator(_records), _schema(1)
]
"""Records of a page: one at least."""
AnyRecords = Annotated[
    list[Any], Field(max_length=limits.PAGE_RECORDS), BeforeValidator(_records), _schema(0)
]
"""Records of a settlement: there may be none."""


class BookedView(TypedDict):
    """What became of one record."""

    offset: Count
    """Its place in the stream."""
    status: RecordStatus
    """What became of it."""
    amount: Credits
    """What it cost; `0` of one that was refused or skipped."""
    reason: NotRequired[RefusedReason]
    """Why it is refused; where it is."""


class BookedPageView(TypedDict):
    """What became of the records, and the balance then."""

    entry: EntryView | None
    """The entry that booked the last of them; null where none ever was."""
    balance: BalanceAfterView
    """What is there then."""
    burned: Credits
    """What this request burned; what was known is not counted again."""
    records: list[BookedView]
    """In the order of the request."""
    next: Count
    """The offset that the stream goes on with."""


def booked_page_view(outcome: PageOutcome, unit: Unit) -> BookedPageView:
    """Shows what became of the records of a request."""
    last = outcome.renewed or (outcome.entry if outcome.balance is None else None)
    if last is not None:
        balance = balance_after_view(last, unit)
    else:
        there = outcome.balance
        assert there
        balance = totals_view(there.account, there.as_of, there.totals, there.status, there.version, unit)
    entry = outcome.entry or outcome.renewed
    return {
        "entry": entry_view(entry, unit) if entry else None,
        "balance": balance,
        "burned": format_amount(outcome.burned, unit.precision),
        "records": _booked(outcome.records, outcome.made, unit.precision),
        "next": outcome.next,
    }


def _booked(records: Sequence[Numbered], made: frozenset[int], precision: int) -> list[BookedView]:
    """Shows records by their offsets. One text is made of each amount, however often it comes."""
    texts: dict[int, str] = {0: "0"}
    found: list[BookedView] = []
    for offset, record in records:
        status: RecordStatus
        steps = 0
        if record is None:
            status = "skipped"
        elif not record.paid:
            status = "refused"
        else:
            status, steps = "burned" if offset in made else "known", record.steps
        text = texts.get(steps)
        if text is None:
            text = texts[steps] = format_amount(steps, precision)
        one: BookedView = {"offset": offset, "status": status, "amount": text}
        if status == "refused" and record is not None:
            one |= {"reason": cast("RefusedReason", record.refusal)}
        found.append(one)
    return found


class StreamRecordView(TypedDict):
    """One use of credits that was booked with others."""

    offset: Count
    """Its place in the stream."""
    status: StoredRecordStatus
    """What became of it."""
    amount: Credits
    """What it cost; `0` of one that was refused or skipped."""
    reference: str | None
    """As its sender gave it; null of one that was skipped."""
    meter: Name | None
    """What was counted; null of an amount."""
    quantity: CountedQuantity | None
    """How much of it; null of an amount."""
    dimensions: dict[str, str]
    """What chose the price."""
    reason: NotRequired[RefusedReason]
    """Why it was refused; where it was."""
    reversed: NotRequired[Credits]
    """How much of it was reversed; where something was."""


class RecordPageView(TypedDict):
    """Records of one entry, in the order of their offsets."""

    items: list[StreamRecordView]
    """The records."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class FoundRecordView(TypedDict):
    """One record of a stream, and the entry that booked it."""

    entry_id: EntryId
    """The entry that booked it."""
    record: StreamRecordView
    """What it is, and what became of it."""


def record_view(one: BookedRecord, unit: Unit) -> StreamRecordView:
    """Shows a record that was booked."""
    offset, record = one.numbered
    view: StreamRecordView = {
        "offset": offset,
        "status": "skipped" if record is None else "burned" if record.paid else "refused",
        "amount": format_amount(record.steps if record and record.paid else 0, unit.precision),
        "reference": record.reference if record else None,
        "meter": record.meter if record else None,
        "quantity": record.quantity if record and record.meter is not None else None,
        "dimensions": dict(sorted(record.dimensions.items())) if record else {},
    }
    if record and not record.paid:
        view |= {"reason": cast("RefusedReason", record.refusal)}
    if one.reversed:
        view["reversed"] = format_amount(one.reversed, unit.precision)
    return view


def record_page_view(found: Found[int, BookedRecord], unit: Unit) -> RecordPageView:
    """Shows records of an entry."""
    items, cursor = pages.shown(found, lambda one: record_view(one, unit))
    return {"items": items, "next_cursor": cursor}


def found_record_view(entry: Entry, one: BookedRecord, unit: Unit) -> FoundRecordView:
    """Shows a record that was looked for."""
    return {"entry_id": entry.id, "record": record_view(one, unit)}


def record_asked(query: Query) -> tuple[str, int]:
    """Reads which record is looked for: its stream and its offset. Raises ``InvalidRequest``."""
    stream, offset = query.text("stream"), query.whole("offset", LAST_OFFSET, 0)
    missing = [name for name, said in (("stream", stream), ("offset", offset)) if said is None]
    if missing:
        raise InvalidRequest([(name, "say which record: its stream and its offset") for name in missing])
    assert stream is not None
    assert offset is not None
    if not STREAM.fullmatch(stream):
        raise InvalidRequest([("stream", STREAM_FORM)])
    return stream, offset
