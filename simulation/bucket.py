"""S3 in memory, as the client object that Scrip's archive calls: objects by their keys, each whole or not there.

What was put is read, listed and gone at once, as S3 says of itself. Only those parameters are known that the archive
uses. Nothing here breaks by chance: that is ``wire``.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from simulation.dynamodb import error

CALLS: Final = ("put_object", "get_object", "list_objects_v2", "delete_objects")
PAGE: Final = 20
"""Most objects of one answer: S3's 1 000 would never come to a second page."""
MOST_DELETED: Final = 1000

Json = dict[str, Any]


class Body(Protocol):
    """What is put or was read: a file."""

    def read(self, size: int = -1, /) -> bytes: ...


class Bucket:
    """A bucket, and what is in it.

    Args:
        put: is told the key and the bytes of each object that is put.
    """

    def __init__(self, put: Callable[[str, bytes], None] = lambda _key, _body: None) -> None:
        self.objects: dict[str, bytes] = {}
        self._put = put

    def put_object(self, *, Bucket: str, Key: str, Body: bytes | Body) -> Json:  # noqa: ARG002 - there is one
        self.objects[Key] = Body if isinstance(Body, bytes) else Body.read()
        self._put(Key, self.objects[Key])
        return {}

    def get_object(self, *, Bucket: str, Key: str) -> Json:  # noqa: ARG002 - there is one
        if Key not in self.objects:
            raise error("NoSuchKey", "The specified key does not exist.", "GetObject", 404)
        return {"Body": io.BytesIO(self.objects[Key])}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, ContinuationToken: str = "") -> Json:  # noqa: ARG002 - there is one
        keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > ContinuationToken)
        listed = [{"Key": key, "Size": len(self.objects[key])} for key in keys[:PAGE]]
        answer: Json = {"Contents": listed} if listed else {}
        if len(keys) > PAGE:
            return {**answer, "IsTruncated": True, "NextContinuationToken": keys[PAGE - 1]}
        return {**answer, "IsTruncated": False}

    def delete_objects(self, *, Bucket: str, Delete: Mapping[str, Any]) -> Json:  # noqa: ARG002 - there is one
        named: Sequence[Mapping[str, str]] = Delete["Objects"]
        if not 0 < len(named) <= MOST_DELETED:
            raise error("MalformedXML", "The XML you provided was not well-formed", "DeleteObjects")
        for one in named:
            self.objects.pop(one["Key"], None)
        return {}
