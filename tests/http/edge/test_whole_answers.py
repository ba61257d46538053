"""Answers, whole: what stories are told is what was told when they were read last, and they show every member."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from local.standins import dodo as dodo_standin
from local.standins import stripe as stripe_standin
from tests.aws import Deployment
from tests.described import FILE
from tests.http import stories

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]
DOCUMENT: Final = json.loads(FILE.read_text(encoding="utf-8"))
SCHEMAS: Final[Json] = DOCUMENT["components"]["schemas"]
KEPT: Final = dict(stories.kept())
UNSHOWN: Final = {
    **dict.fromkeys(
        (f"Contract.{name}" for name in ("components", "info", "openapi", "paths", "servers", "tags")),
        "contract/test_openapi.py has the whole document",
    ),
    "EntryMoney.bad_debt": "domain/wallets/test_position.py: a chargeback of what was burned",
    "EntryMoney.tax_due": "domain/wallets/test_position.py: tax that is due at redemption",
    "LastPass.error": "http/payments/test_reconciliation.py: a provider that does not answer",
    **dict.fromkeys(
        (
            *(
                f"AutoTopup.{name}"
                for name in ("cap", "enabled", "next_attempt_at", "pack", "provider", "quantity")
            ),
            *(f"AutoTopup.{name}" for name in ("reason", "spent", "state", "target", "threshold", "unit")),
            *(f"Cap.{name}" for name in ("anchor", "count", "every", "money", "time_zone")),
            *(f"Spent.{name}" for name in ("count", "from", "money", "to")),
            "ProviderRefs.dodo_on_demand",
        ),
        "http/payments/test_auto_topups.py and test_auto_charges.py: wallets that are topped up by themselves",
    ),
    **dict.fromkeys(
        (
            *(
                f"NewWebhookEndpoint.{name}"
                for name in ("disabled", "failing_since", "previous_secret_ends_at")
            ),
            *(f"RotatedWebhookEndpoint.{name}" for name in ("disabled", "failing_since")),
            "WebhookEndpointPage.next_cursor",
        ),
        "http/notifications/test_endpoints.py: an endpoint that fails, and one whose secret is rotated",
    ),
    **dict.fromkeys(
        ("Close.parked", "ParkedAtClose.payment", "ParkedAtClose.since"),
        "services/finance/test_closes.py: a payment that waits for a person as a month is closed",
    ),
    **dict.fromkeys(
        (
            *("JournalItem.late_for", "ReportBeside.amount", "ReportBeside.line", "ReportCurrency.beside"),
            *(f"ReportRow.{name}" for name in ("country", "kind", "meter", "pack", "provider")),
            *("ReportRow.tax_point", "ReportRow.taxable"),
        ),
        "http/finance/test_reports.py and test_journals.py: the worked month",
    ),
    "Pack.breakage_rate": "http/finance/test_breakage.py",
    **dict.fromkeys(
        ("Missing.detail", "Missing.items", "Missing.what", "Period.reasons"),
        "services/finance/test_closes.py: a close that is refused after its caller was answered",
    ),
    **dict.fromkeys(
        ("SettledDifference.ours", "SettledMoney.error"),
        "services/finance/test_settlements.py: what a provider's list and payments do not agree on",
    ),
    **dict.fromkeys(
        (
            *("BooksReport.units", "ReportUnit.rows", "ReportUnit.unit"),
            *(
                f"ReportPromotion.{name}"
                for name in ("burned", "closing", "expired", "issued", "moved", "opening")
            ),
            *(f"ReportPromotion.{name}" for name in ("promotion", "redemptions", "taken_back")),
        ),
        "http/finance/test_promotions.py",
    ),
    "JournalItem.settlement": "http/finance/test_cash.py: what a provider lists",
    "BilledOveragePage.complete_through": "http/search/test_searches.py: how far the ledger's stream was read",
    "Lot.counterpart": "http/wallets/test_transfers.py",
    "Payment.part_of": "http/payments/test_parts.py: an intent of an invoice",
    "PortalSession.url": "null, as long as there is no portal",
    "Proof.findings": "http/wallets/test_explanations.py: a wallet that was tampered with",
    "Reversed.lot": "rows of before: store/test_rows_of_before.py",
    "StatementEntry.late_for": "http/finance/test_closed_statements.py: an entry that a close has not seen",
    "StatementKey.until": "http/finance/test_statement_keys.py: another key takes its place",
    "Version.commit": "of a deployment: http/edge/test_service.py",
}
"""Members that no story shows, and who does, or why nobody can."""


@pytest.mark.parametrize("tale", stories.STORIES, ids=lambda tale: tale.__name__)
def test_every_answer_of_a_story_is_whole(
    scrip: Deployment,
    provider: dodo_standin.Provider,
    stripe: stripe_standin.Provider,
    tale: Callable[[stories.Story], None],
) -> None:
    """Where an answer is to be another: ``python -m tests.http.stories``, and read what that changes."""
    told, kept = stories.told(scrip, provider, stripe, tale), KEPT[tale.__name__]
    for found, known in zip(told, kept, strict=True):
        assert found == known


def test_every_row_that_a_story_leaves_is_as_it_was(
    scrip: Deployment, provider: dodo_standin.Provider, stripe: stripe_standin.Provider
) -> None:
    """Byte by byte: what reads rows finds those of before as they were written (``python -m tests.http.stories``)."""
    stories.told(scrip, provider, stripe, stories.wallets)
    left, kept = stories.rows(), json.loads(stories.ROWS.read_text(encoding="utf-8"))
    assert [(row["pk"], row["sk"]) for row in left] == [(row["pk"], row["sk"]) for row in kept]
    for found, known in zip(left, kept, strict=True):
        assert found == known


def test_stories_show_every_member_of_every_answer() -> None:
    """A member that is always null, or an empty list, is not shown."""
    members = {f"{name}.{member}" for name in _answered() for member in SCHEMAS[name].get("properties", {})}
    shown = {member for steps in KEPT.values() for step in steps for member in _shown_by(step)}
    assert sorted(members - shown) == sorted(UNSHOWN)


def _answered() -> set[str]:
    """The names of the parts of what is answered where all is well."""
    found: set[str] = set()
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            for status, response in operation.get("responses", {}).items():
                if status.startswith("2"):
                    for content in response.get("content", {}).values():
                        _collect(content["schema"], found)
    return found


def _collect(schema: Any, found: set[str]) -> None:
    if isinstance(schema, list):
        for one in schema:
            _collect(one, found)
    elif isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in found and not name.endswith("Problem"):
            found.add(name)
            _collect(SCHEMAS[name], found)
        for one in schema.values():
            _collect(one, found)


def _shown_by(step: Json) -> Iterator[str]:
    method, _, path = step["asked"].partition("?")[0].partition(" ")
    if step["status"] >= 300:
        return
    operation = DOCUMENT["paths"][_pattern(path)][method.lower()]
    for content in operation["responses"][str(step["status"])].get("content", {}).values():
        yield from _members(content["schema"], step["body"])


def _pattern(path: str) -> str:
    parts = path.split("/")
    fitting = [
        pattern
        for pattern in DOCUMENT["paths"]
        if len(theirs := pattern.split("/")) == len(parts)
        and all(one == part or one.startswith("{") for one, part in zip(theirs, parts, strict=True))
    ]
    return str(min(fitting, key=lambda pattern: pattern.count("{")))


def _members(schema: Json, value: Any, name: str = "") -> Iterator[str]:
    """Yields the members that a value shows, by the names of its parts."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _members(SCHEMAS[name], value, name)
        return
    for kind in ("oneOf", "anyOf", "allOf"):
        for one in schema.get(kind, ()):
            if kind == "allOf" or _fits(one, value):
                yield from _members(one, value, name)
    if isinstance(value, list):
        for each in value:
            yield from _members(schema.get("items", {}), each)
    elif isinstance(value, dict):
        for member, form in schema.get("properties", {}).items():
            if value.get(member) not in (None, [], {}):
                yield f"{name}.{member}"
                yield from _members(form, value[member])


def _fits(schema: Json, value: Any) -> bool:
    """Tells whether a value may be this one of several: an object by its members."""
    if "$ref" not in schema:
        return (schema.get("type") == "null") == (value is None)
    known = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    members = set(known.get("properties", ()))
    return not isinstance(value, dict) or set(known.get("required", ())) <= set(value) <= members
