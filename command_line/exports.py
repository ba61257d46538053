"""``export start``, ``show`` and ``fetch``: files of entries, of the journal, of lots and of what was used."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from command_line.mistakes import Mistake
from command_line.output import Column, columns, progress, say
from command_line.parameters import IdempotencyKey, given, invocation, pairs

ExportId = Annotated[str, typer.Argument(metavar="EXPORT_ID")]

PAUSE: Final = 2.0
"""Seconds after which it is asked again how far an export is."""
CHUNK: Final = 1024 * 1024

_EXPORT: Final = [
    *columns("export_id", "status", "kind", "format", "account"),
    Column("progress.done", "files written"),
    Column("progress.of", "files"),
    *columns("complete_through", "expires_at"),
]
_FILES: Final = [Column("name"), Column("rows", number=True), Column("bytes", number=True), Column("sha256")]


def start(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="entries, journal, lots, usage or focus")],
    since: Annotated[str, typer.Option("--from", metavar="INSTANT", help="such as 2030-01-01T00:00:00Z")],
    until: Annotated[str, typer.Option("--to", metavar="INSTANT", help="before this one")],
    form: Annotated[
        str, typer.Option("--format", help="csv, parquet, jsonl, or of the journal beancount")
    ] = "csv",
    account: Annotated[str | None, typer.Option(help="only this one's")] = None,
    issuer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="of focus: provider, publisher, invoice_issuer, service",
        ),
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Has files written, in the background. scrip export fetch waits for them."""
    asked = invocation(context)
    wanted: dict[str, Any] = given(account=account, issuer=pairs(issuer, "--issuer"))
    forms: dict[str, Any] = {"kind": kind, "format": form}
    with asked.client() as scrip:
        made = scrip.create_export(from_=since, to=until, idempotency_key=idempotency_key, **forms, **wanted)
    asked.output.document(made.to_dict(), _EXPORT)


def show(context: typer.Context, export_id: ExportId) -> None:
    """Shows how far an export is, and its files."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = scrip.get_export(export_id).to_dict()
    asked.output.document(found, _EXPORT)
    if found["files"] and not asked.as_json:
        print()
        asked.output.items(found["files"], _FILES)


def fetch(
    context: typer.Context,
    export_id: ExportId,
    folder: Annotated[Path, typer.Option("--output", metavar="FOLDER", help="where the files go")] = Path(),
) -> None:
    """Waits for an export, and brings its files. Each is checked by its hash; one that is here already stays.

    Given again it goes on where it was interrupted.
    """
    asked = invocation(context)
    folder.mkdir(parents=True, exist_ok=True)
    with asked.client() as scrip, progress("files") as tell:
        found = scrip.get_export(export_id).to_dict()
        while found["status"] in ("queued", "running"):
            tell(found["progress"]["done"])
            time.sleep(PAUSE)
            found = scrip.get_export(export_id).to_dict()
        if found["status"] == "expired":
            raise Mistake(f"the files of {export_id} are deleted: start the export again under another key")
        for number, file in enumerate(found["files"]):
            path = folder / Path(file["name"]).name
            if not (path.exists() and _hash(path) == file["sha256"]):
                # Each address holds for some minutes: it is asked for as the file is brought.
                _bring(scrip.get_export(export_id).to_dict()["files"][number], path)
            tell(number + 1)
    files = [{**given(**file), "file": str(folder / Path(file["name"]).name)} for file in found["files"]]
    asked.output.items(files, [Column("file"), *_FILES[1:]])


def _bring(file: Mapping[str, Any], path: Path) -> None:
    """Brings a file beside its place, and puts it there once it is whole. Raises ``Mistake`` where it is not."""
    import httpx

    part, hashed = path.with_name(f"{path.name}.part"), hashlib.sha256()
    try:
        with httpx.stream("GET", file["url"]) as answer, part.open("wb") as to:
            answer.raise_for_status()
            for piece in answer.iter_bytes(CHUNK):
                hashed.update(piece)
                to.write(piece)
    except httpx.HTTPError as error:
        raise Mistake(f"{file['name']} cannot be brought now, give the command again: {error}") from error
    if hashed.hexdigest() != file["sha256"]:
        raise Mistake(f"{file['name']} is not what was exported, by its SHA-256: give the command again")
    part.rename(path)
    say(f"{path} is here")


def _hash(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
