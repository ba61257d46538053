"""The archive's tables as Athena reads them: their columns are those of the files, and the queries of docs/archive.md
give the worked month's figures."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scrip.services.finance.manifests import Manifest, PartKind
from scrip.store.archive import Archive
from tests.month import Month
from tests.pages import ROOT, sections
from tests.template.reading import resources

NAMES = {
    "BIGINT": "bigint",
    "BLOB": "binary",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL(38,0)": "decimal(38,0)",
    "INTEGER": "int",
    "TIMESTAMP": "timestamp",
    "VARCHAR": "string",
}
"""What Athena calls the types of the files."""
TABLES: dict[str, Any] = {
    schema["TableInput"]["Name"]: schema["TableInput"] for schema in resources("AWS::Glue::Table").values()
}
KINDS: tuple[PartKind, ...] = ("entries", "postings", "totals")


@pytest.fixture
def folder(edition: Manifest, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The month's files as ``aws s3 sync`` lays them, under the folder in which this process is now."""
    for part in (part for kind in KINDS for part in edition.of(kind)):
        path = tmp_path / "archive" / part.key
        path.parent.mkdir(parents=True, exist_ok=True)
        archive.fetch(part.key, path)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "archive"


def blocks() -> list[str]:
    """The page's SQL: four queries, and what makes the views that they read."""
    found = [block for section in sections(ROOT / "docs" / "archive.md") for block in section.blocks]
    return [block.text for block in found if block.language == "sql"]


def test_a_table_has_the_columns_of_its_files_in_their_order_by_the_names_that_athena_gives_their_types(
    folder: Path,
) -> None:
    assert set(TABLES) == set(KINDS)
    for kind in KINDS:
        paths = [str(path) for path in folder.glob(f"{kind}/*/*.parquet")]
        assert len(paths) >= 10
        for path in paths:
            told = duckdb.execute(
                "DESCRIBE FROM read_parquet($path, hive_partitioning = false)", {"path": path}
            ).fetchall()
            assert [(name, NAMES[form]) for name, form, *_ in told] == [
                (column["Name"], column["Type"]) for column in TABLES[kind]["StorageDescriptor"]["Columns"]
            ]


def test_a_table_lies_where_its_files_are_and_finds_each_day_by_itself(folder: Path) -> None:
    for kind, table in TABLES.items():
        assert table["StorageDescriptor"]["Location"] == {"Fn::Sub": f"s3://${{ArchiveBucket}}/{kind}/"}
        assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
        assert (folder / kind / "day=2030-11-03").is_dir()
        assert table["Parameters"] == {
            "classification": "parquet",
            "projection.enabled": "true",
            "projection.day.type": "date",
            "projection.day.format": "yyyy-MM-dd",
            "projection.day.range": {
                "Fn::If": ["HasTestClock", "2020-01-01,2049-12-31", "2020-01-01,NOW"],
            },
        }


def test_queries_of_the_page_give_the_figures_of_the_worked_month(folder: Path, month: Month) -> None:
    assert folder.is_dir()
    revenue, deferred, entries, trial_balance, views = blocks()
    expected = month.said["expected"]
    with duckdb.connect(":memory:") as sql:
        sql.execute(views)
        assert {(currency, when): amount for currency, when, amount in sql.execute(revenue).fetchall()} == {
            ("BHD", "2030-11"): 22904,
            ("JPY", "2030-11"): 10283,
            ("USD", "2030-11"): 18429,
        }
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for account, currency, amount in sql.execute(deferred).fetchall():
            found[account][currency] = amount
        told = expected["deferred_by_account"]
        assert found == {account: sums for account, sums in told.items() if any(sums.values())}
        balances: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for currency, account, amount in sql.execute(trial_balance).fetchall():
            balances[currency][account] = amount
        assert balances == expected["trial_balance"]
        rows = sql.execute(entries).fetchall()
        credits = expected["credits"]["m-ann/m-tok"]
        assert [row[1] for row in rows] == list(range(1, credits["entries"] + 1))
        # 13.2 credits, of a unit that has hundredths.
        assert (credits["total"], sum(row[4] for row in rows)) == ("13.2", 1320)
        assert all(len(bytes.fromhex(row[5])) == 32 for row in rows)
