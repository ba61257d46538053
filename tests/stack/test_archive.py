"""The archive on the local AWS: the stream's entries in a bucket, and a day made of them by the function that has the
SQL engine in its layer, with the rights that the template gives."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import pytest

from tests.stack.conftest import App

DAY_MS = 86_400_000
FAR = 2_208_988_800_000
"""2040-01-01: other tests close months, whose days are done up to then."""


def objects(stack: App, prefix: str) -> list[str]:
    """The keys in the bucket that begin so."""
    bucket = stack.stack.outputs["ArchiveBucketName"]
    pages = stack.stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [found["Key"] for page in pages for found in page.get("Contents", ())]


def rows(stack: App, folder: Any, account: str) -> list[tuple[Any, ...]]:
    """Sequence, kind and amount of the account's entries in all objects of entries, read as anybody could."""
    paths = []
    for number, key in enumerate(objects(stack, "entries/")):
        into = io.BytesIO()
        stack.stack.client("s3").download_fileobj(stack.stack.outputs["ArchiveBucketName"], key, into)
        paths.append(str(folder / f"{number}.parquet"))
        (folder / f"{number}.parquet").write_bytes(into.getvalue())
    query = "SELECT seq, kind, amount::BIGINT FROM read_parquet($paths) WHERE account = $account ORDER BY seq"
    return duckdb.execute(query, {"paths": paths, "account": account}).fetchall()


def test_what_is_burned_is_in_the_archive_once_whoever_makes_days_at_the_same_time(
    stack: App, account: str, tmp_path: Any
) -> None:
    """3 of 10 are burned. The stream brings both entries within moments; of two runs at once one makes the day, or
    both do, one after the other."""
    stack.grant(account, "10")
    assert stack.burn(account, "3").status_code == 201
    try:
        stack.eventually(lambda: objects(stack, "raw/"))
    except AssertionError:
        pytest.fail(stack.stack.function_logs()[-4000:])
    with ThreadPoolExecutor(2) as pool:
        made = [*pool.map(stack.make_days, [FAR] * 2)]
    assert any("edition" in one and one["missing"] == 0 for one in made), made
    assert [(seq, kind, amount) for seq, kind, amount in rows(stack, tmp_path, account)] == [
        (1, "grant", 10_000_000),
        (2, "burn", -3_000_000),
    ]
    # The next run has what is new alone.
    assert stack.burn(account, "1").status_code == 201
    assert stack.make_days(FAR + DAY_MS)["missing"] == 0
    assert [seq for seq, _, _ in rows(stack, tmp_path, account)] == [1, 2, 3]
