"""Months that tests close: a deployment with an archive, the worked month played in it, and what its books said."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3

from tests.aws import BUCKET, Answer, Deployment
from tests.month import Month

Json = dict[str, Any]
MONTH: Final = "2030-11"
AFTER: Final = "2030-12-01T00:10:00.000Z"
"""The first instant at which the month can be closed."""


@dataclass(slots=True)
class Closing:
    """A deployment whose months are closed."""

    scrip: Deployment
    month: Month

    def close(self, period: str = MONTH, clock: str = AFTER, **request: Any) -> Answer:
        """What a request to close a month is answered."""
        return self.scrip.post(f"/v1/periods/{period}/close", {}, clock=clock, **request)

    def send(self, step: Mapping[str, Any]) -> Json:
        """Sends a step of the month; every request succeeds."""
        if "webhook" in step:
            self.scrip.deliver(step["body"], provider=step["webhook"])
            return {}
        answer = self.scrip.send(
            step["method"],
            step["path"],
            query=step["query"],
            body=step.get("body"),
            key=step.get("key"),
            clock=step["at"],
        )
        assert answer.status in (200, 201, 202), (step, answer.text)
        return answer.body or {}

    def journal(self, period: Mapping[str, Any]) -> list[Json]:
        """The journal that a close has frozen."""
        (found,) = (one for one in period["close"]["reports"] if one["report"] == "journal")
        packed = boto3.client("s3").get_object(Bucket=BUCKET, Key=found["object"])["Body"].read()
        return [json.loads(line) for line in gzip.decompress(packed).decode().splitlines()]


@contextmanager
def closing(scrip: Deployment, folder: Path) -> Iterator[Closing]:
    """The deployment with an empty archive; what functions keep in files is in a folder of its own."""
    scrip.fresh()
    scrip.make_tables()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield Closing(scrip, Month("m-"))
    finally:
        tempfile.tempdir = before


def amounts(period: Mapping[str, Any], report: str, *names: str, by: str | None = None) -> Json:
    """The rows of a frozen report, by currency: its amounts by these members."""
    (found,) = (one for one in period["close"]["reports"] if (one["report"], one["by"]) == (report, by))
    return {
        one["currency"]: {
            ".".join(row[name] or "(none)" for name in names): row["amount"] for row in one["rows"]
        }
        for one in found["currencies"]
    }
