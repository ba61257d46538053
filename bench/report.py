"""The figures as tables, as JSON, and as a picture.

The picture is bars and words, so it is written here as plain SVG: a plotting library would be the largest thing in the
development environment, and none writes colours that follow the reader's theme.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from bench.budgets import Budget
from local.stack import ROOT

JSON_FILE: Final = ROOT / "docs" / "bench" / "bench.json"
PICTURE: Final = ROOT / "docs" / "bench" / "bench.svg"
WIDTH, LEFT, ROOM, HEAD, ROW, BAR, GAP = 760, 250, 170, 26, 22, 14, 14
"""Pixels. ``ROOM`` is kept for what is written behind the longest bar."""
STYLE: Final = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.ours { fill: #0969da } .other { fill: #afb8c1 } .limit { stroke: #cf222e; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .ours { fill: #4493f8 } .other { fill: #656c76 } .limit { stroke: #f85149 }
}"""

Bar = tuple[str, float, str, bool]
"""A name, a length, what is written behind it, and whether it is Scrip's."""


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of one shape, as text."""
    if not rows:
        return ""
    names = list(rows[0])
    told = [names, *([_told(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in told) for column in range(len(names))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in told
    )


def printed(found: Mapping[str, Any], budgets: Sequence[Budget]) -> str:
    parts = []
    for name, figures in found.items():
        rest = {key: value for key, value in figures.items() if key != "rows"}
        lines = [f"\n== {name}", table(figures["rows"]) if "rows" in figures else ""]
        lines += [_rest(key, value) for key, value in rest.items()]
        parts.append("\n".join(line for line in lines if line))
    parts.append("\n== budgets\n" + table([budget.to_json() for budget in budgets]))
    return "\n".join(parts)


def _rest(key: str, value: Any) -> str:
    """What is beside the rows: a table where it is rows too."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return f"{key}:\n{table(value)}"
    return f"{key}: {value if isinstance(value, str) else json.dumps(value)}"


def write(found: Mapping[str, Any], budgets: Sequence[Budget], about: Mapping[str, Any]) -> None:
    """Both files."""
    JSON_FILE.parent.mkdir(parents=True, exist_ok=True)
    document = {**about, "budgets": [budget.to_json() for budget in budgets], **found}
    JSON_FILE.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    PICTURE.write_text(picture(found))


def picture(found: Mapping[str, Any]) -> str:
    """Panels of bars: what Scrip takes, beside its rivals."""
    parts: list[str] = []
    told: list[str] = []
    top = 10
    for heading, limit, bars in _panels(found):
        parts += _panel(top, heading, limit, bars)
        told.append(f"{heading}: " + ", ".join(f"{name} {said}" for name, _, said, _ in bars))
        top += HEAD + ROW * len(bars) + GAP
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img">
<title>What a burn costs, beside its rivals</title>
<desc>{escape("; ".join(told))}</desc>
<style>{STYLE}
</style>
{chr(10).join(parts)}
</svg>
"""


def _panel(top: int, heading: str, limit: float | None, bars: Sequence[Bar]) -> list[str]:
    """A heading, a bar for each, and a dashed line where the budget ends."""
    scale = (WIDTH - LEFT - ROOM) / (max(length for _, length, _, _ in bars) or 1)
    parts = [f'<text class="title" x="10" y="{top + 16}">{escape(heading)}</text>']
    top += HEAD
    for number, (name, length, said, ours) in enumerate(bars):
        y, wide = top + ROW * number, length * scale
        kind = "ours" if ours else "other"
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{wide:.1f}" height="{BAR}" rx="2"/>',
            f'<text x="{LEFT + wide + 6:.1f}" y="{y + 12}">{escape(said)}</text>',
        ]
    if limit is not None:
        x = f"{LEFT + limit * scale:.1f}"
        parts.append(
            f'<line class="limit" x1="{x}" x2="{x}" y1="{top - 3}" y2="{top + ROW * len(bars) - 3}"/>'
        )
    return parts


def _panels(found: Mapping[str, Any]) -> Iterable[tuple[str, float | None, list[Bar]]]:
    """Title, the budget's place, bars."""
    if "operations" in found:
        rows = {row["operation"]: row for row in found["operations"]["rows"]}
        names: tuple[str, ...] = ("floor", "burn, warm", "burn, replayed", "burn, cold", "the usual way")
        yield (
            "Processor time of a burn (times one hand-built transaction)",
            1.4,
            [
                (name, rows[name]["cpu_to_floor"], f"{rows[name]['cpu_to_floor']} ×", name.startswith("burn"))
                for name in names
            ],
        )
        yield (
            "Round trips and dollars per million",
            None,
            [
                (
                    name,
                    len(rows[name]["calls"]),
                    f"{len(rows[name]['calls'])} calls, ${rows[name]['dollars_per_million']}",
                    name.startswith("burn"),
                )
                for name in names
            ],
        )
    if "cold" in found:
        rows = {row["function"]: row for row in found["cold"]["rows"]}
        names = ("boto3.client", "burns", "burns, with its first burn", "the usual way")
        yield (
            "Cold start (times a bare boto3 client)",
            0.9,
            [
                (name, rows[name]["to_bare"], f"{rows[name]['to_bare']:.2f} ×", name.startswith("burns"))
                for name in names
            ],
        )
    if "hot" in found:
        yield "One hot wallet: burns a second in the model", None, list(_hot_wallet(found))


def _hot_wallet(found: Mapping[str, Any]) -> Iterable[Bar]:
    """Who burns from one wallet, and how fast."""
    for row in found["hot"]["rows"]:
        if row["who"] in ("usual", "singles", "batches"):
            rate = row["burns_a_second"]
            yield f"{row['who']}, {row['writers']}", rate, f"{rate:.0f}", row["who"] != "usual"
    for row in found.get("pages", {}).get("modelled", []):
        yield row["who"], row["burns_a_second"], f"{row['burns_a_second']}", True
    for row in found.get("postgres", {}).get("rows", []):
        if row["wallets"] == 1 and row["fsync"]:
            rate = row["modelled_a_second"]
            yield f"{row['rival'].split()[0].strip(',')}, {row['burns are']}", rate, f"{rate}", False


def _told(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(
            f"{name} ×{value.count(name)}" if value.count(name) > 1 else name for name in dict.fromkeys(value)
        )
    return f"{value:g}" if isinstance(value, float) else str(value)
