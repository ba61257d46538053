"""Exports: the body and the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, StringConstraints, model_validator

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.finance.exports import Export, ExportOrder, FocusNames
from scrip.domain.finance.exports import ExportFormat as ExportFormat
from scrip.domain.finance.exports import ExportKind as ExportKind
from scrip.domain.finance.exports import ExportStatus as ExportStatus
from scrip.domain.finance.exports import KeptFormat as KeptFormat
from scrip.domain.finance.exports import KeptKind as KeptKind
from scrip.domain.finance.focus import CATEGORIES
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body, Identifier, Instant, called
from scrip.http.edge.mistakes import matching
from scrip.http.edge.parameters import format_instant
from scrip.services.finance.exports import LONGEST_MS, whole_months

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Count, Hash, Name

LINK_SECONDS: Final = 900
"""How long a link to a file is good for."""
Link = Callable[[str, int, str], str]
"""Returns the address of an object for so many seconds, as a file of a name."""
Said = Annotated[str, StringConstraints(min_length=1, max_length=200), matching(r"\S", "must not be blank")]
"""A name of somebody or something."""


class FocusIssuerBody(Body):
    """Who sells the credits, as customers know it: rows of FOCUS 1.2 say it."""

    provider: Said
    """Whose platform it is."""
    publisher: Said
    """Whose service credits are spent on."""
    invoice_issuer: Said
    """Who bills."""
    service: Said
    """What credits are spent on."""
    category: str = "Other"
    """The kind of that: one of the service categories of FOCUS 1.2."""


class ExportBody(Body):
    """What an export is to have."""

    kind: ExportKind
    """What it is of."""
    from_: Instant = Field(alias="from")
    """From this instant on, that instant included: of entries and what was used when they hold, of the journal its
    date, of lots when they were made."""
    to: Instant
    """Before this instant, at most 366 days after `from`."""
    format: ExportFormat
    """How its files are written."""
    account: Identifier | None = None
    """The only customer. Left out: all of them."""
    issuer: FocusIssuerBody | None = None
    """Of kind `focus`, and only of it: who sells the credits."""

    _named = called("from")

    @model_validator(mode="after")
    def _fitting(self) -> ExportBody:
        """Refuses a span that is none, or too long, and an issuer where none is needed, or none where one is."""
        if self.to <= self.from_:
            raise ValueError("to: must be later than from")
        if self.to - self.from_ > LONGEST_MS:
            raise ValueError("to: must be at most 366 days after from")
        if (self.kind == "focus") != (self.issuer is not None):
            wrong = "is needed with kind focus" if self.issuer is None else "leave it out but with kind focus"
            raise ValueError(f"issuer: {wrong}")
        if self.issuer and self.issuer.category not in CATEGORIES:
            raise ValueError(f"issuer.category: must be one of {', '.join(CATEGORIES)}")
        return self

    def order(self) -> ExportOrder:
        """Returns what is to be written.

        Raises:
            PolicyViolation: the kind is not written so, or not of such a span.
        """
        issuer = FocusNames(**self.issuer.model_dump()) if self.issuer else None
        made = ExportOrder(self.kind, self.from_, self.to, self.format, self.account, issuer)
        if self.format == "beancount" and self.kind != "journal":
            raise PolicyViolation(
                "beancount is a format of the journal alone: take another one",
                "export_format",
                field="format",
            )
        if self.format == "beancount" and not whole_months(made):
            raise PolicyViolation(
                "a ledger of Beancount is of a month: let from and to be the first instants of months",
                "export_months",
                field="from",
            )
        return made


class ExportProgressView(TypedDict):
    """How far an export is."""

    done: Count
    """Files that are written."""
    of: Count
    """Files that there will be; 0: that is not known yet."""


class ExportFileView(TypedDict):
    """A file of an export."""

    url: str
    """Where it is, for 15 minutes: ask for the export again for another address."""
    name: str
    """What it is called."""
    bytes: Count
    """How long it is."""
    sha256: Hash
    """Of its bytes."""
    rows: Count
    """How many rows it has; of a ledger of Beancount entries."""


class ExportView(TypedDict):
    """An export, and how far it is."""

    export_id: str
    """Names it: ask for it by this."""
    status: ExportStatus
    """`running`: its first files are written; `expired`: its files are deleted."""
    kind: KeptKind
    """Entries, the journal, lots, usage, or rows of FOCUS; or a report that was too big or too slow for an answer."""
    format: KeptFormat
    """How its files are written."""
    account: Name | None
    """The only customer; null: all of them."""
    progress: ExportProgressView
    """How far it is."""
    complete_through: At | None
    """Every entry that was recorded before this instant is in it; null: that is not known yet, or was not proved."""
    edition: Count | None
    """The edition of the archive that it has; null: that is not known yet."""
    files: list[ExportFileView]
    """Its files, once all are written."""
    expires_at: At | None
    """When its files are deleted; null: they are not written yet."""


def export_view(export: Export, now: int, link: Link) -> ExportView:
    """Shows an export at an instant, epoch milliseconds."""
    status, order = export.status(now), export.order
    files: list[ExportFileView] = []
    for file in export.files if status == "done" else ():
        name = file.object.rpartition("/")[2]
        url = link(file.object, LINK_SECONDS, name)
        files.append(
            {"url": url, "name": name, "bytes": file.bytes, "sha256": file.sha256, "rows": file.rows}
        )
    return {
        "export_id": export.export_id,
        "status": status,
        "kind": order.kind,
        "format": order.form,
        "account": order.account,
        "progress": {"done": export.done, "of": export.pieces},
        "complete_through": _at(export.complete_through),
        "edition": export.edition[0] if export.edition else None,
        "files": files,
        "expires_at": _at(export.expires_at),
    }


def _at(instant: int | None) -> str | None:
    return None if instant is None else format_instant(instant)
