"""Path, query and header parameters."""

from __future__ import annotations

import re
from typing import Any, Final, get_args

from openapi.declare import Operation
from openapi.problems import PREFIX
from scrip.domain.accounts.profile import EMAIL_PATTERN, LONGEST_EMAIL
from scrip.domain.credits.calendar import ZONE_PATTERN
from scrip.domain.credits.ids import PATTERNS, Kind
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.finance.formats.journals import Group
from scrip.domain.finance.formats.layouts import LayoutName
from scrip.domain.finance.periods import MONTH_PATTERN
from scrip.domain.payments.payment import PaymentStatus
from scrip.domain.wallets.streams import LAST_OFFSET
from scrip.http.edge.bodies import MAX_MONEY
from scrip.http.edge.parameters import (
    CURSOR_BYTES,
    DATE_PATTERN,
    ID_PATTERN,
    INSTANT_PATTERN,
    KEY_PATTERN,
    LIST_DEFAULT,
    LIST_LIMIT,
)
from scrip.http.finance.journals import MOST_PARTS, JournalFormat
from scrip.http.finance.reports import BreakageMethod, ReportFormat
from scrip.http.payments.topups import MAX_QUANTITY
from scrip.http.usage.records import STREAM
from scrip.providers import clients

Json = dict[str, Any]

NAME: Final = {"type": "string", "pattern": ID_PATTERN}
INSTANT: Final = {"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}
GIVEN: Final = {"type": "string", "pattern": "^[A-Za-z0-9._~:@-]{1,200}$"}
"""An id that Scrip gave out."""


MONTH: Final = {"type": "string", "pattern": MONTH_PATTERN}


def _id(kind: Kind) -> Json:
    return {"type": "string", "pattern": PATTERNS[kind]}


PATH: Final[dict[str, tuple[Json, str]]] = {
    "account": (NAME, "The customer, by your own id for them."),
    "unit": (NAME, "The unit's id."),
    "pack": (NAME, "The pack's id."),
    "meter": (NAME, "The meter's id: what a burn is counted by."),
    "code": (NAME, "The promotion's code."),
    "allowance_id": (NAME, "The allowance's id, yours, within the account's wallet in this unit."),
    "budget_id": (NAME, "The budget's id, yours, within the account's wallet in this unit."),
    "entry_id": (_id("entry"), "An entry's id, as an answer gave it. The unit follows from it."),
    "lot_id": (_id("lot"), "A lot's id, as an answer gave it. The unit follows from it."),
    "hold_id": (_id("hold"), "A hold's id, as an answer gave it. The unit follows from it."),
    "topup_id": (GIVEN, "The order's id."),
    "key_id": (GIVEN, "The API key's id, not the key itself."),
    "invoice_id": (NAME, "The invoice's id, yours. It must name nobody."),
    "endpoint_id": (NAME, "The webhook endpoint's id, yours."),
    "month": ({"type": "string", "pattern": MONTH_PATTERN}, "The month (UTC), as `2026-11`."),
    "payment_id": (GIVEN, "The provider's id of the payment."),
    "provider": ({"$ref": f"{PREFIX}Provider"}, "The payment provider."),
    "export_id": (GIVEN, "The export's id."),
    "period": ({"type": "string", "pattern": MONTH_PATTERN}, "The month (UTC), as `2030-02`."),
    "subscription_id": (GIVEN, "The provider's id of the subscription."),
    "name": ({"$ref": f"{PREFIX}ReportName"}, "Which report."),
}
QUERY: Final[dict[str, tuple[Json, str]]] = {
    "unit": ({**NAME, "default": DEFAULT_UNIT}, "The unit: with the account it names the wallet."),
    "allowance.unit": (
        NAME,
        "The unit. Left out: that in which the account has such an allowance; of several, the error names them.",
    ),
    "budget.unit": (
        NAME,
        "The unit. Left out: that in which the account has such a budget; of several, the error names them.",
    ),
    "budget.member": (NAME, "Whose counter to show of a budget that each member has for itself."),
    "notices.unit": (NAME, "The unit. Left out: all units."),
    "balance.meter": (
        NAME,
        "What a burn would be for: `spendable` has lots with this meter in their scope.",
    ),
    "id.unit": (NAME, "The unit that the id in the path is of. Left out: the id says it."),
    "at": (INSTANT, "A past instant: as it was then, from the ledger, entries at that instant included."),
    "status": (
        {"type": "string", "enum": ["open", "all"], "default": "open"},
        "`open`: lots with something left, pending ones too. `all`: also those used up, expired or voided.",
    ),
    "kind": ({"$ref": f"{PREFIX}EntryKind"}, "Only entries of this kind."),
    "from": (INSTANT, "Only entries from this instant on, that instant included."),
    "to": (INSTANT, "Only entries up to this instant, that instant included."),
    "provider": (
        {"type": "string", "enum": sorted(clients.names())},
        "The payment provider. There is no default.",
    ),
    "terms.quantity": (
        {"type": "integer", "minimum": 1, "maximum": MAX_QUANTITY, "default": 1},
        "How many packs.",
    ),
    "terms.currency": (
        {"type": "string", "pattern": "^[A-Z]{3}$"},
        "One that the pack has a price in. Left out: that of its `price`.",
    ),
    "terms.provider": ({"$ref": f"{PREFIX}Provider", "default": "dodo"}, "Where it is to be paid."),
    "date": (
        {"type": "string", "format": "date", "pattern": DATE_PATTERN},
        "The day (UTC). Default: today.",
    ),
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": LIST_LIMIT, "default": LIST_DEFAULT},
        "The most items of one page. A page ends earlier where its items are large.",
    ),
    "explain.limit": (
        {"type": "integer", "minimum": 1, "maximum": LIST_LIMIT, "default": LIST_LIMIT},
        "The most entries of one page.",
    ),
    "statement.limit": (
        {"type": "integer", "minimum": 1, "maximum": LIST_LIMIT, "default": LIST_LIMIT},
        "The most entries of one page. A page ends earlier where its entries are large.",
    ),
    "cursor": (
        {"type": "string", "maxLength": CURSOR_BYTES},
        "`next_cursor` of the page before.",
    ),
    "search.reference": (
        {"type": "string", "minLength": 3, "maxLength": 401},
        "Entries with this reference, in all accounts: its type, a colon and its id.",
    ),
    "overages.month": (
        {"type": "string", "pattern": MONTH_PATTERN},
        "The month (UTC) in which periods ended, as `2030-02`.",
    ),
    "search.payment": (
        {"type": "string", "pattern": "^[a-z]+:[A-Za-z0-9._~:@-]{1,200}$"},
        "Entries that this payment made: its provider, a colon and the provider's id of it.",
    ),
    "search.topup": (
        GIVEN,
        "Entries that the payment of this order made; of a subscription's, all of its payments.",
    ),
    "search.key": (
        {"type": "string", "pattern": KEY_PATTERN},
        "Entries that a request under this Idempotency-Key made. With `account`.",
    ),
    "search.lot": (
        _id("lot"),
        "Entries of this lot: what made it, took from it or gave to it. With `account`.",
    ),
    "search.account": (NAME, "The account that `key` or `lot` is of; with nothing else."),
    "search.unit": (
        NAME,
        "Of `key`: only the wallet in this unit. Of `lot`: its unit, which its id says too.",
    ),
    "payments.status": (
        {"type": "string", "enum": ["parked", *get_args(PaymentStatus)]},
        "Only payments that stand so by what their provider said; `parked`: those that wait for a person.",
    ),
    "payments.topup": ({"type": "string", "maxLength": 200}, "Only payments of this order."),
    "burns.stream": (
        {"type": "string", "pattern": f"^{STREAM.pattern}$"},
        "Who numbered the record; of a lease, the hold's id.",
    ),
    "burns.offset": ({"type": "integer", "minimum": 0, "maximum": LAST_OFFSET}, "The record's place."),
    "usage.quantity": (
        {"type": "string", "minLength": 1, "maxLength": 100},
        "Which member of `data` says how much, if it is neither `quantity` nor `value`; `1`: each event counts one.",
    ),
    "usage.dimensions": (
        {"type": "string", "minLength": 1, "maxLength": 1100},
        "Which members of `data` are dimensions, by commas, where they are not in `dimensions`.",
    ),
    "usage.reason": ({"type": "string", "pattern": "^[a-z_]{1,60}$"}, "Only those rejected for this reason."),
    "holds.status": ({"$ref": f"{PREFIX}HoldStatus"}, "Only holds that stand so."),
    "deliveries.status": ({"$ref": f"{PREFIX}DeliveryStatus"}, "Only events that stand so."),
    "topups.status": ({"$ref": f"{PREFIX}TopupStatus"}, "Only orders that stand so."),
    "topups.from": (INSTANT, "Only orders made from this instant on, that instant included."),
    "topups.to": (INSTANT, "Only orders made up to this instant, that instant included."),
    "of.unit": (NAME, "Only those of the account's wallet in this unit."),
    "of.account": (NAME, "Only those of this account."),
    "accounts.email": (
        {"type": "string", "pattern": EMAIL_PATTERN, "maxLength": LONGEST_EMAIL},
        "Only accounts whose profile has an address of this mailbox.",
    ),
    "prefix": (NAME, "Only accounts whose ids begin so."),
    "meter": (NAME, "Only entries that counted this meter, or held or captured an amount for it."),
    "usage.from": (INSTANT, "Only periods that have this instant in them, or come after it."),
    "usage.to": (INSTANT, "Only periods that have something before this instant in them."),
    "usage.every": (
        {"type": "string", "enum": ["P1D", "PT1H"], "default": "P1D"},
        "How long a period is: a day, or an hour.",
    ),
    "usage.time_zone": (
        {"type": "string", "pattern": ZONE_PATTERN, "default": "UTC"},
        "By which clocks days begin: a zone of the IANA database whose days begin with an hour of UTC.",
    ),
    "usage.by": (
        {"type": "string", "pattern": "^(meter|member|(tag|dimension):.{1,100})$"},
        "What is told apart: `meter`, `member`, `tag:<name>` or `dimension:<name>`. Left out: all is one.",
    ),
    "usage.meter": (NAME, "Only what this meter counted, or was held or captured for it."),
    "reference": (
        {"type": "string", "pattern": "^[^:]+:.+$"},
        "Only entries with this reference: its type and its id with a colon between them.",
    ),
    "lot": (
        PATH["lot_id"][0],
        "Only entries that made or changed this lot, or took from it or gave to it; it says the unit too.",
    ),
    "actor": ({"type": "string"}, "Only entries that this actor asked for, as entries show it."),
    "metadata.": (
        {
            "type": "object",
            "propertyNames": {"pattern": r"^metadata\..+$"},
            "additionalProperties": {"type": "string"},
            "example": {"metadata.job": "4711"},
        },
        "Only entries whose metadata have these members with these values: `metadata.<name>=<value>`.",
    ),
    "member": (NAME, "Only entries by which this member of the account used credits."),
    "tags.": (
        {
            "type": "object",
            "propertyNames": {"pattern": r"^tags\..+$"},
            "additionalProperties": {"type": "string"},
            "example": {"tags.team": "search"},
        },
        "Only entries whose tags have these members with these values: `tags.<name>=<value>`.",
    ),
    "audit.actor": ({"type": "string"}, "Only changes that this actor made, as the audit shows it."),
    "audit.action": ({"$ref": f"{PREFIX}AuditAction"}, "Only changes of this kind."),
    "audit.target": (
        {"type": "string", "pattern": "^[a-z_]+:.+$"},
        "Only changes of this: its type and its id with a colon between them, as `unit:credits`.",
    ),
    "audit.from": (INSTANT, "Only changes from this instant on, that instant included."),
    "audit.to": (INSTANT, "Only changes up to this instant, that instant included."),
    "reports.period": (
        MONTH,
        "The month (UTC). `liability` needs none. A closed month answers as it was when it was closed.",
    ),
    "journal.period": (MONTH, "The month (UTC) that entries are booked in."),
    "reports.currency": ({"type": "string", "pattern": "^[A-Z]{3}$"}, "Only this currency (ISO 4217)."),
    "reports.unit": (NAME, "Only wallets in this unit. Left out: all units."),
    "reports.format": (
        {"type": "string", "enum": [*get_args(ReportFormat)], "default": "json"},
        "What it is written as. Left out: as `Accept` says.",
    ),
    "reports.by": (
        {"type": "string", "enum": ["day", "meter", "pack", "account"]},
        "Of `revenue`: what its rows are by; left out: `day`. Of `liability`: `account`; left out: by when lots end.",
    ),
    "reports.method": (
        {"type": "string", "enum": [*get_args(BreakageMethod)], "default": "at_expiry"},
        "Of `breakage`: when it counts as earned.",
    ),
    "reports.at": (
        INSTANT,
        "Of `liability`: as of this instant, what holds at it included. Left out: the end of the month, or now.",
    ),
    "journal.format": (
        {"type": "string", "enum": [*get_args(JournalFormat)], "default": "json"},
        "What it is written as: pages in JSON or CSV, or a whole ledger of Beancount's. Left out: as `Accept` says.",
    ),
    "journal.layout": (
        {"type": "string", "enum": [*get_args(LayoutName)]},
        "With `format=csv`: a file that this program imports, instead of pages.",
    ),
    "journal.group": (
        {"type": "string", "enum": [*get_args(Group)]},
        "Of files: what one journal is of. Left out: `day`; for Beancount `entry`.",
    ),
    "journal.part": (
        {"type": "integer", "minimum": 1, "maximum": MOST_PARTS, "default": 1},
        "Of a layout's files: which one, where the program takes so many lines a file and there are more.",
    ),
    "refund.amount": (
        {"type": "integer", "minimum": 1, "maximum": MAX_MONEY},
        "How much is to be refunded: minor units of the payment's currency, tax included. Left out: all that can be.",
    ),
    "refund.as": (
        {"$ref": f"{PREFIX}RefundAs", "default": "money"},
        "What it gives back: money through the provider, or credit.",
    ),
}
EXAMPLES: Final[dict[str, Any]] = {
    "search.reference": "invoice:INV-1",
    "burns.stream": "worker-7",
    "overages.month": "2030-02",
    "reports.period": "2030-02",
    "journal.period": "2030-02",
    "burns.offset": 0,
}
"""Of parameters that a request need not have, though it needs one of several; and of required ones."""
REQUIRED: Final = ("provider", "burns.stream", "burns.offset", "overages.month", "journal.period")
"""Query parameters that there is no default for."""
KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "1 to 255 printable ASCII characters. The same request under the same key is carried out once, for "
    "ever, and always answered as it was the first time. It belongs to the wallet (a transfer's to the sender's, a "
    "top-up's to the account) across all operations.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}
OPTIONAL_KEY: Final[Json] = {
    **{name: value for name, value in KEY.items() if name != "required"},
    "description": "1 to 255 printable ASCII characters, or none. The same request under the same key is carried out "
    "once, for ever. It belongs to the deployment, across all that is asked about keys.",
}
CLOCK: Final[Json] = {
    "name": "Scrip-Test-Clock",
    "in": "header",
    "description": "Decide this request as at this instant. Only with an `admin` key (a provider's webhook needs "
    "none), and only where the deployment has its test clock enabled, which production cannot.",
    "schema": {"type": "string", "pattern": INSTANT_PATTERN},
}
"""Has no ``format``: generators of Python clients refuse an instant in a header."""
SIGNATURE: Final[list[Json]] = [
    {"name": name, "in": "header", "required": False, "description": said, "schema": {"type": "string"}}
    for name, said in {
        "webhook-id": "Dodo Payments and `standard`: the delivery's id, the same in every retry of it.",
        "webhook-timestamp": "Dodo Payments and `standard`: when it was sent, in epoch seconds.",
        "webhook-signature": "Dodo Payments and `standard`: `v1,` and the base64 HMAC-SHA-256 of id, timestamp and "
        "body; several, separated by spaces, while a secret is rotated.",
        "stripe-signature": "Stripe: `t=` and epoch seconds, then `v1=` and the hexadecimal HMAC-SHA-256 of timestamp "
        "and body, once or several times.",
        "paddle-signature": "Paddle: `ts=` and epoch seconds, then `h1=` and the hexadecimal HMAC-SHA-256 of timestamp "
        "and body, once or several times.",
    }.items()
]
"""Each provider sends its own."""
REPLAY: Final[Json] = {
    "description": "`true` where this is the first answer again: the key was used for the same request before.",
    "schema": {"type": "string", "const": "true"},
}
REQUEST_ID: Final[Json] = {
    "description": "Names this request: the function's own line of the log has it.",
    "schema": {"type": "string"},
}
LINK: Final[Json] = {
    "description": 'Of an answer as CSV: the next page, `<...>; rel="next"`; not there on the last.',
    "schema": {"type": "string"},
}
CHALLENGE: Final[Json] = {
    "description": "How to say who asks.",
    "schema": {"type": "string", "const": "Bearer"},
}
RETRY: Final[Json] = {
    "description": "Seconds after which to send the same request again, under the same key.",
    "schema": {"type": "string", "pattern": "^[1-9][0-9]*$"},
}


def parameters(operation: Operation) -> dict[str, Json]:
    """Returns every parameter of an operation, by the name of its component."""
    found: dict[str, Json] = {}
    for name in re.findall(r"\{(\w+)\}", operation.path):
        schema, said = PATH[name]
        found[f"path.{name}"] = {
            "name": name,
            "in": "path",
            "required": True,
            "description": said,
            "schema": schema,
        }
    for name in operation.query:
        schema, said = QUERY[name]
        required = {"required": True} if name in REQUIRED else {}
        # Each member of such a parameter is one of the query, by the name that it has.
        spread = {"style": "form", "explode": True} if name.endswith(".") else {}
        called = {
            "name": name.rstrip(".").rpartition(".")[2],
            "in": "query",
            **required,
            **spread,
        }
        example = {"example": EXAMPLES[name]} if name in EXAMPLES else {}
        found[f"query.{name.rstrip('.')}"] = {**called, "description": said, "schema": schema, **example}
    headers = [KEY] * operation.key + [CLOCK] * operation.clock + SIGNATURE * operation.signed
    found |= {f"header.{header['name']}": header for header in headers}
    return found | ({"header.Optional-Idempotency-Key": OPTIONAL_KEY} if operation.optional_key else {})
