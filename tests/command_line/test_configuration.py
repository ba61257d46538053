"""``scrip diff``, ``push`` and ``pull``: a second push changes nothing, and what was pulled is there."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from command_line import configuration
from command_line.configuration import Change
from command_line.mistakes import Mistake
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
    for said, expires_in, end_of in (
        ("expires_in: null", None, None),
        ("{expires_in: P1M, end_of: month}", "P1M", "month"),
        ("end_of: day", "P1M", "day"),
        ("expires_in: null", None, None),
    ):
        file.write_text(f"packs: {{{account}-pack: {{{said.strip('{}')}}}}}")
        assert line.json("push", str(file), "--yes")["documents"] == 1
        pulled = line.json("pull")["packs"][f"{account}-pack"]
        assert (pulled["expires_in"], pulled.get("end_of")) == (expires_in, end_of)


def test_a_pack_that_ends_as_its_units_policy_says_can_be_made_to_end_never(
    line: Line, account: str, tmp_path: Path
) -> None:
    file = tmp_path / "scrip.yaml"
    price = "price: {amount: 1000, currency: USD}"
    file.write_text(f'packs: {{{account}-pack: {{credits: "5", {price}}}}}')
    line.run("push", str(file), "--yes")
    assert "expires_in" not in line.json("pull")["packs"][f"{account}-pack"]
    file.write_text(f"packs: {{{account}-pack: {{expires_in: null}}}}")
    told = line.json("push", str(file), "--yes")["items"]
    assert [(one["member"], one["before"], one["after"]) for one in told] == [("expires_in", None, "never")]
    assert line.json("pull")["packs"][f"{account}-pack"]["expires_in"] is None
    assert line.json("push", str(file), "--yes")["documents"] == 0


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
        ("{[a]: 1, [b]: 2}", "found unhashable key"),
        ("\x00", "is no YAML"),
        ("!!python/object:os.system {}", "is no YAML"),
        ("units: {a: &a {name: *a}}", "recursive"),
        ("- " * 50 + "a", "too deep, or holds itself"),
        ("[" * 2000, "is no YAML"),
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


YEAR = {"credits": "100", "expires_in": "P1Y", "time_zone": "Asia/Tokyo"}
MONTH = {**YEAR, "expires_in": "P1M", "end_of": "month"}
NEVER = {"credits": "100", "expires_in": None}


@pytest.mark.parametrize(
    ("there", "wanted", "after"),
    [
        # What is said over what there is, and what is not said stays.
        (YEAR, {"credits": "200"}, {**YEAR, "credits": "200"}),
        (MONTH, {"credits": "200"}, {**MONTH, "credits": "200"}),
        (NEVER, {"credits": "200"}, {**NEVER, "credits": "200"}),
        # The end of its month goes with the expiry that it was said of, and with the last expiry its zone.
        (YEAR, {"end_of": "month"}, {**YEAR, "end_of": "month"}),
        (MONTH, {"expires_in": "P1Y"}, YEAR),
        (YEAR, {"expires_in": "P1M", "end_of": "month"}, MONTH),
        (MONTH, {"end_of": "day"}, {**MONTH, "end_of": "day"}),
        (YEAR, {"expires_in": None}, NEVER),
        (MONTH, {"expires_in": None}, NEVER),
        (YEAR, {"expires_in": "P2Y"}, {**YEAR, "expires_in": "P2Y"}),
        (YEAR, {"expires_in": None, "time_zone": "UTC"}, {**NEVER, "time_zone": "UTC"}),
        ({"credits": "100"}, {"expires_in": None}, NEVER),
        # Nothing else than what there is.
        (NEVER, {"expires_in": None}, None),
        (YEAR, {"credits": "100.00", "expires_in": "P1Y"}, None),
        (YEAR, {"description": None}, None),
        # A part of these members may be said; of a price all.
        (
            {"policy": {"overdraft": "5", "locked": True}, "provider_refs": {"stripe": "a"}},
            {"policy": {"overdraft": "6"}, "provider_refs": {"dodo": "b"}},
            {"policy": {"overdraft": "6", "locked": True}, "provider_refs": {"stripe": "a", "dodo": "b"}},
        ),
        ({"policy": {"overdraft": "5", "locked": True}}, {"policy": {"locked": True}}, None),
        ({"policy": {"overdraft": "5"}}, {"policy": None}, {"policy": None}),
        ({}, {"policy": {"locked": True}}, {"policy": {"locked": True}}),
        (
            {"price": {"amount": 5, "currency": "USD"}},
            {"price": {"amount": 6}},
            {"price": {"amount": 6}},
        ),
        # When a card begins to hold is no change of it by itself, and is said with one.
        ({"price": "1"}, {"price": "1", "effective_at": "2090-01-01T00:00:00Z"}, None),
        (
            {"price": "1"},
            {"price": "2", "effective_at": "2090-01-01T00:00:00Z"},
            {"price": "2", "effective_at": "2090-01-01T00:00:00Z"},
        ),
    ],
    ids=str,
)
def test_a_document_is_put_whole_as_it_will_be_and_only_where_it_changes(
    there: dict[str, Any], wanted: dict[str, Any], after: dict[str, Any] | None
) -> None:
    changes = configuration.compare({"packs": {"p": wanted}}, {"packs": {"p": there, "other": {}}})
    assert changes == ([] if after is None else [Change("packs", "p", there, after)])


def test_documents_are_put_in_the_order_of_their_kinds_and_new_ones_as_they_are_said() -> None:
    """A pack is of a unit: units come first, whatever the order in the file."""
    wanted: configuration.Documents = {
        "promotions": {"c": {"amount": "5"}},
        "packs": {"p": {}},
        "rates": {"m": {}},
        "units": {"u": {}},
    }
    changes = configuration.compare(wanted, {"units": {}, "packs": {"p": {"credits": "5"}}})
    assert changes == [
        Change("units", "u", None, {}),
        Change("rates", "m", None, {}),
        Change("promotions", "c", None, {"amount": "5"}),
    ]


def test_a_change_shows_each_member_that_changes_and_of_a_new_document_all() -> None:
    told = {"kind": "packs", "id": "p"}
    after = {"credits": "200", "price": {"amount": 1, "currency": "USD"}, "tags": ["a", "b"], "name": None}
    assert Change("packs", "p", {"credits": "200.0", "tags": ["a"]}, after).rows() == [
        {**told, "member": "price", "before": None, "after": "{amount: 1, currency: USD}"},
        {**told, "member": "tags", "before": "[a]", "after": "[a, b]"},
    ]
    assert Change("packs", "p", MONTH, NEVER).rows() == [
        {**told, "member": "expires_in", "before": "P1M", "after": "never"},
        {**told, "member": "time_zone", "before": "Asia/Tokyo", "after": None},
        {**told, "member": "end_of", "before": "month", "after": None},
    ]
    assert Change("packs", "p", NEVER, YEAR).rows() == [
        {**told, "member": "expires_in", "before": "never", "after": "P1Y"},
        {**told, "member": "time_zone", "before": None, "after": "Asia/Tokyo"},
    ]
    assert Change("packs", "p", None, {"credits": "5", "name": None}).rows() == [
        {**told, "member": "credits", "before": None, "after": "5"},
        {**told, "member": "name", "before": None, "after": None},
    ]


@pytest.mark.parametrize(
    ("kind", "document", "putable"),
    [
        (
            "packs",
            {
                "pack": "p",
                "credits": "100",
                "description": None,
                "provider_refs": {},
                "expires_in": "P1Y",
                "time_zone": "UTC",
                "created_at": "2026-01-01T00:00:00Z",
            },
            {"credits": "100", "expires_in": "P1Y", "time_zone": "UTC"},
        ),
        (
            "packs",
            {"credits": "100", "expires_in": "P1M", "end_of": "month", "time_zone": "UTC"},
            {"credits": "100", "expires_in": "P1M", "end_of": "month", "time_zone": "UTC"},
        ),
        (
            "packs",
            {"credits": "100", "never_expires": True, "time_zone": "UTC"},
            {"credits": "100", "expires_in": None},
        ),
        ("packs", {"credits": "100", "never_expires": False, "time_zone": "UTC"}, {"credits": "100"}),
        ("rates", {"minimum": "1", "effective_at": "2026-01-01T00:00:00Z"}, {"minimum": "1"}),
    ],
    ids=str,
)
def test_an_answer_becomes_what_a_put_takes(
    kind: str, document: dict[str, Any], putable: dict[str, Any]
) -> None:
    assert {**configuration._putable(kind, document)} == putable


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": "1"}, {"a": "1.0", "b": []}, True),
        ({"a": 1}, [1], False),
        ([], {}, True),
        ([None], [], False),
        ("2030-01-01T00:00:00", "2030-01-01T00:00:00.000", False),
        ("2030-01-01", "2030-01-01T00:00:00Z", False),
        ("a", "b", False),
        ("1e1", "10", True),
    ],
)
def test_what_is_no_instant_or_number_is_as_it_is_written(one: Any, other: Any, equal: bool) -> None:
    assert configuration.same(one, other) is equal
    assert configuration.same(other, one) is equal


@pytest.mark.parametrize(("depth", "taken"), [(38, True), (39, False)])
def test_a_file_is_40_deep_at_the_most(depth: int, taken: bool) -> None:
    """The two names over a document count too: ``units`` and its id."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    if taken:
        configuration._check_depth({"units": {"a": value}})
    else:
        with pytest.raises(ValueError, match="it is too deep, or holds itself"):
            configuration._check_depth({"units": {"a": value}})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("{}", {}),
        ("units: {}", {}),
        ("packs: {p: {expires_in: 2030-01-01}}", {"packs": {"p": {"expires_in": "2030-01-01"}}}),
        ("units: {u: {name: 2030-01-01T00:00:00Z}}", {"units": {"u": {"name": "2030-01-01T00:00:00Z"}}}),
    ],
)
def test_a_file_is_read_with_its_instants_as_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: Any
) -> None:
    file = tmp_path / "scrip.yaml"
    file.write_text(text)
    assert configuration.read(file) == found
    monkeypatch.setattr("sys.stdin", StringIO(text))
    assert configuration.read(Path("-")) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("units: {a: 1\n", "line 2 is no YAML: "),
        ("a: &x [*x]", "is no YAML: "),
        ("units: {a: {precision: 0, digits: 3, x: 1}}", "units a has no digits, x; it has precision, "),
        ("units: {a: {precision: 0}, b: 3}", "units has ids, each with its members"),
        ("[units]", "at the top stand units, rates, packs, promotions, and nothing else"),
    ],
)
def test_a_mistake_in_a_file_says_where_and_what(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "scrip.yaml"
    file.write_text(text)
    with pytest.raises(Mistake) as mistake:
        configuration.read(file)
    assert str(mistake.value).startswith(str(file))
    assert told in str(mistake.value)
