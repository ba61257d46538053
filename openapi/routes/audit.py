"""Who changed what that is no wallet."""

from typing import Final

from openapi.declare import Operation
from scrip.http.audit.changes import AuditPageView

OPERATIONS: Final = (
    Operation(
        route="GET /v1/audit",
        id="list_changes",
        tag="Audit",
        summary="Who changed what, when, and what there was before",
        description="Changes of the catalogue, of keys, and decisions about payments, newest first. Of credits, the "
        "ledger's own entries tell it.",
        answers={200: AuditPageView},
        query=("audit.actor", "audit.action", "audit.target", "audit.from", "audit.to", "limit", "cursor"),
        table=True,
    ),
)
