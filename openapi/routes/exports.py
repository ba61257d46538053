"""Exports: files of the archive, of the journal, of lots and of what was used."""

from typing import Final

from openapi.declare import Operation
from scrip.http.finance.exports import ExportView

OPERATIONS: Final = (
    Operation(
        route="POST /v1/exports",
        id="create_export",
        tag="Finance",
        summary="Have files written of entries, the journal, lots or usage",
        description="They are written in the background, of all that was committed before; ask for the export until it "
        "is `done`. The files are deleted after seven days.",
        body="ExportBody",
        answers={202: ExportView},
        key=True,
        clock=True,
        refusals=("policy_violation", "contended"),
        example={
            "kind": "journal",
            "from": "2026-11-01T00:00:00Z",
            "to": "2026-12-01T00:00:00Z",
            "format": "csv",
        },
    ),
    Operation(
        route="GET /v1/exports/{export_id}",
        id="get_export",
        tag="Finance",
        summary="An export: how far it is, and its files",
        answers={200: ExportView},
        refusals=("not_found",),
    ),
)
