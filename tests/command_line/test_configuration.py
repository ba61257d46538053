"""``scrip diff``, ``push`` and ``pull``: a second push changes nothing, and what was pulled is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from command_line import configuration
from tests.command_line.conftest import Line

FILE = """
units:
  {n}-images: {{precision: 0, name: Images}}
rates:
  {n}-tokens: {{price: {{model: per_unit, credits: "0.5"}}}}
packs:
  {n}-pack: {{credits: "100.00", price: {{amount: 1000, currency: USD}}, expires_in: P1Y}}
  {n}-never: {{credits: "5", unit: {n}-images, price: {{amount: 500, currency: EUR}}, expires_in: null}}
promotions:
  {n}-code: {{amount: "5", ends_at: 2090-01-01T02:00:00+02:00, max_redemptions: 3, expires_in: P30D}}
"""


def test_what_is_pushed_is_there_and_a_second_push_changes_nothing(
    line: Line, account: str, tmp_path: Path
) -> None:
    file = tmp_path / "scrip.yaml"
    file.write_text(FILE.format(n=account))
    status, out, _ = line.run("diff", str(file))
    assert status == 1
    assert f"{account}-images" in out
    assert line.run("push", str(file), "--yes")[0] == 0
    assert line.json("push", str(file), "--yes") == {"items": [], "documents": 0}
    assert line.json("diff", str(file))["items"] == []
    _, pulled, _ = line.run("pull")
    all_of_it = tmp_path / "pulled.yaml"
    all_of_it.write_text("".join(row for row in pulled.splitlines(keepends=True) if not row.startswith("{")))
    assert f"{account}-never" in all_of_it.read_text()
    assert line.json("push", str(all_of_it))["documents"] == 0
    changed = [one["target"]["id"] for one in line.json("audit", "--target", f"pack:{account}-pack")["items"]]
    assert changed == [f"{account}-pack"], "put once"


def test_a_member_that_is_left_out_stays_and_each_change_is_shown(
    line: Line, account: str, tmp_path: Path
) -> None:
    """The price goes from 10.00 to 12.00 USD; credits, and when it ends, are not spoken of."""
    file = tmp_path / "scrip.yaml"
    file.write_text(FILE.format(n=account))
    line.run("push", str(file), "--yes")
    file.write_text(f"packs: {{{account}-pack: {{price: {{amount: 1200, currency: USD}}}}}}")
    assert line.json("push", str(file), "--yes")["items"] == [
        {
            "kind": "packs",
            "id": f"{account}-pack",
            "member": "price",
            "before": "{amount: 1000, currency: USD}",
            "after": "{amount: 1200, currency: USD}",
        }
    ]
    pulled = line.json("pull")["packs"][f"{account}-pack"]
    assert (pulled["price"]["amount"], pulled["credits"], pulled["expires_in"]) == (1200, "100", "P1Y")
    file.write_text(f"packs: {{{account}-pack: {{expires_in: null}}}}")
    assert line.run("push", str(file), "--yes")[0] == 0
    assert line.json("pull")["packs"][f"{account}-pack"]["expires_in"] is None


def test_nobody_is_asked_without_a_terminal_and_a_refusal_says_how_far_it_came(
    line: Line, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "scrip.yaml"
    file.write_text(f"units: {{{account}-a: {{precision: 0}}, {account}-b: {{precision: 99}}}}")
    status, _, err = line.run("push", str(file))
    assert (status, err) == (2, "scrip: nobody can be asked here: --yes changes it without a question\n")
    status, _, err = line.run("push", str(file), "--yes")
    assert status in (1, 2)
    assert err.startswith(f"scrip: 1 of 2 documents were put; units {account}-b was not:\nscrip: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("units: [", "is no YAML"),
        ("units: {a: {precision: 0}, a: {precision: 1}}", "a stands twice"),
        ("\x00", "is no YAML"),
        ("!!python/object:os.system {}", "is no YAML"),
        ("units: {a: &a {name: *a}}", "recursive"),
        ("- " * 50 + "a", "too deep, or holds itself"),
        ("[" * 5000, "is no YAML"),
        ("? [a, b]\n: c", "is no YAML"),
        ("keys: {}", "at the top stand units, rates, packs, promotions"),
        ("3", "at the top stand"),
        ("units: 3", "units has ids"),
        ("units: {7: {precision: 0}}", "in quotes"),
        ("units: {a: 3}", "units has ids"),
        ("units: {a: {precision: 0, digits: 3}}", "units a has no digits; it has precision, name, policy"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(bare: Line, text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "scrip.yaml"
    file.write_text(text)
    assert told in bare.sentence(2, "--url", "http://127.0.0.1:9", "--key", "k", "diff", str(file))


def test_a_file_that_cannot_be_read_is_named(bare: Line, tmp_path: Path) -> None:
    assert bare.sentence(2, "push", str(tmp_path)) == f"{tmp_path}: Is a directory"
    (tmp_path / "x").write_bytes(b"\xff\xfe\xfa")
    assert "is no YAML" in bare.sentence(2, "push", str(tmp_path / "x"))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("5", "5.00", True),
        ("5", "5.01", False),
        ("2030-01-01T00:00:00Z", "2030-01-01T02:00:00.000+02:00", True),
        (None, [], True),
        (None, {"a": None}, False),
        ({"a": 1, "b": None}, {"a": 1}, True),
        ([1, "2"], [1, "2.0"], True),
        ([1], [1, 2], False),
        (0, None, False),
        (True, None, False),
        ("P1Y", "P1Y", True),
        (5, "5", False),
    ],
)
def test_values_are_the_same_where_they_mean_the_same(one: Any, other: Any, equal: bool) -> None:
    assert configuration.same(one, other) is equal
    assert configuration.same(other, one) is equal
