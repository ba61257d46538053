"""The archive of the ledger: objects in a bucket, and the document that says which of them count.

Does not know what the objects hold (``services.finance``).

Bucket:
    raw/<day>/<name>.jsonl.gz              entries as they came, not yet part of an edition
    <kind>/day=<day>/<edition>.parquet     what an edition adds of one day: entries, postings, lots, totals, accounts
    <kind>/<edition>.parquet               what an edition knows of all time: heads, positions, months, stretches
    editions/<edition>.json                which objects there are, as of this edition
    editions/<edition>.plan                the keys that an attempt is about to write
    periods/<month>/<edition>/<report>     reports that the close of a month has frozen
    periods/heads/<edition>.tsv.gz         how far each wallet had come in an edition that a close has seen
    exports/<export>/<file>                files that somebody takes away
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from scrip.domain.credits.errors import Unavailable

RAW: Final = "raw/"
EDITIONS: Final = "editions/"
DELETED_AT_ONCE: Final = 1000
"""Objects that one call deletes at most."""
CHUNK: Final = 8 * 1024 * 1024
"""Bytes of an object that are in memory at a time while it is brought."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The bucket of the archive, through one client."""

    client: Any
    bucket: str

    def put(self, key: str, body: bytes | Path) -> None:
        """Puts an object; a path is the file that has its bytes.

        Raises:
            Unavailable: the bucket does not take it now.
        """
        with _answering():
            if isinstance(body, bytes):
                self.client.put_object(Bucket=self.bucket, Key=key, Body=body)
                return
            with body.open("rb") as file:
                self.client.put_object(Bucket=self.bucket, Key=key, Body=file)

    def get(self, key: str) -> bytes | None:
        """Returns an object's bytes; None where there is none.

        Raises:
            Unavailable: the bucket does not answer.
        """
        with _answering():
            try:
                answer = self.client.get_object(Bucket=self.bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                    return None
                raise
            body: bytes = answer["Body"].read()
            return body

    def fetch(self, key: str, target: Path) -> None:
        """Brings an object into a file.

        Raises:
            Unavailable: the bucket does not answer, or has no such object.
        """
        with _answering(), target.open("wb") as file:
            body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
            while chunk := body.read(CHUNK):
                file.write(chunk)

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yields the key and the bytes of each object that begins with a prefix, in the order of the keys.

        Raises:
            Unavailable: the bucket does not answer.
        """
        request: dict[str, Any] = {"Bucket": self.bucket, "Prefix": prefix}
        while True:
            with _answering():
                answer = self.client.list_objects_v2(**request)
            yield from ((found["Key"], found["Size"]) for found in answer.get("Contents", ()))
            if not answer.get("IsTruncated"):
                return
            request["ContinuationToken"] = answer["NextContinuationToken"]

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes objects; one that is not there is deleted already. The bucket keeps their versions for some time.

        Raises:
            Unavailable: the bucket does not delete all of them now.
        """
        waiting: Sequence[str] = list(keys)
        for start in range(0, len(waiting), DELETED_AT_ONCE):
            batch = [{"Key": key} for key in waiting[start : start + DELETED_AT_ONCE]]
            with _answering():
                answer = self.client.delete_objects(
                    Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True}
                )
            if answer.get("Errors"):
                raise Unavailable("the archive does not delete what is part of an edition by now")

    def link(self, key: str, seconds: int, name: str) -> str:
        """Returns an address under which anybody may read an object for so many seconds, as a file of this name."""
        address: str = self.client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{name}"',
            },
            ExpiresIn=seconds,
        )
        return address


@contextmanager
def _answering() -> Iterator[None]:
    """Turns any error of the bucket into ``Unavailable``, so that the caller may try again."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise Unavailable("the archive does not answer") from error
