"""Every block of every page is run by a test, or says that it is an illustration, and those are counted."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests import pages
from tests.pages import BLOCK, PAGES, ROOT, Block, Reader, Section, differences, sections

ELSEWHERE: Final = {
    "docs/accounting.md": "tests/command_line/test_accounting.py",
    "docs/archive.md": "tests/services/finance/test_archive_tables.py",
    "docs/clients.md": "tests/clients/page.py",
    "docs/command-line.md": "tests/stack/test_command_line.py",
    "docs/errors.md": "tests/contract/test_docs.py",
}
"""Pages whose blocks another test runs."""

PROGRAMS: Final = {"python": "tests/clients/test_pages.py", "ts": "tests/clients/test_typescript.py"}
"""By language, who runs its blocks. ``text`` after one is what it prints."""

ILLUSTRATIONS: Final = {
    "README.md": 1,
    "docs/accounting.md": 1,
    "docs/alerts.md": 1,
    "docs/architecture.md": 2,
    "docs/archive.md": 1,
    "docs/auto-topup.md": 1,
    "docs/benchmark.md": 2,
    "docs/budgets.md": 1,
    "docs/chart-of-accounts.md": 5,
    "docs/command-line.md": 1,
    "docs/contributing.md": 2,
    "docs/exports.md": 1,
    "docs/keys.md": 2,
    "docs/mail.md": 1,
    "docs/notices.md": 1,
    "docs/operating.md": 14,
    "docs/pages-and-leases.md": 3,
    "docs/payments.md": 2,
    "docs/periods.md": 1,
    "docs/prices.md": 2,
    "docs/reconciliation.md": 1,
    "docs/reports.md": 4,
    "docs/restoring.md": 3,
    "docs/events.md": 1,
    "docs/search.md": 1,
    "docs/simulation.md": 2,
    "docs/usage-events.md": 4,
    "docs/webhooks.md": 2,
    "events/README.md": 1,
    "docs/usage.md": 2,
    "docs/statements.md": 1,
}
"""How many blocks of each page are not run: commands of ``make`` and of AWS, shapes with placeholders, pictures."""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_every_block_runs_or_says_that_it_is_an_illustration() -> None:
    """A block that shows an answer stands after one that is pasted. So nobody adds one that nothing tries."""
    illustrations: Counter[str] = Counter()
    lost: list[str] = []
    for page in PAGES:
        before = ""
        for block in [block for section in sections(page) for block in section.blocks]:
            illustrations[name(page)] += block.illustration
            shown = block.language in ("json", "http") and before == "sh"
            shown = shown or (block.language == "text" and before in PROGRAMS)
            run = block.language in ("sh", *PROGRAMS)
            if not (block.illustration or run or shown or name(page) in ELSEWHERE):
                lost.append(f"{name(page)}:{block.line}")
            before = "" if block.illustration else block.language
    assert lost == []
    assert {page: count for page, count in illustrations.items() if count} == ILLUSTRATIONS


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_fence_belongs_to_a_block(page: Path) -> None:
    """Also one inside a list, which is indented: a fence that nothing closes would hide what follows."""
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"^ *```", text, re.MULTILINE)) == 2 * len(BLOCK.findall(text))


def test_a_page_that_another_test_runs_is_there_and_so_is_the_test() -> None:
    for page, test in ELSEWHERE.items():
        assert (ROOT / page).is_file()
        assert Path(page).name in (ROOT / test).read_text(encoding="utf-8")
    for language, test in PROGRAMS.items():
        assert f'"{language}"' in (ROOT / test).read_text(encoding="utf-8")


def test_what_sends_a_request_is_the_same_on_every_page() -> None:
    """``api`` and ``member``: whoever has pasted one page's can go on with another's."""
    for function in ("api", "member"):
        texts = {
            block.text
            for page in PAGES
            for section in sections(page)
            for block in section.blocks
            if block.text.startswith(f"{function}() {{")
        }
        assert len(texts) == 1


def test_illustrations_of_json_are_json() -> None:
    seen = 0
    for page in PAGES:
        for block in [block for section in sections(page) for block in section.blocks]:
            if block.illustration and block.language == "json":
                assert json.loads(block.text)
                seen += 1
    assert seen == 12


BAD: Final = '{"status": 422, "code": "policy_violation"}'
PASTED: Final = {
    "what is answered is shown": ('echo \'{"a": 1, "b": 2}\'', '{"a": 1}', None),
    "another value": ("echo '{\"a\": 1}'", '{"a": 2}', "answer.a is shown as 2 and answered as 1"),
    "nothing is answered": ("true", '{"a": 2}', "answers nothing"),
    "nothing is shown of what succeeds": ("echo '{\"a\": 1}'", None, None),
    "a refusal that is not shown": (f"echo '{BAD}'", None, "is refused"),
    "a refusal that is shown": (f"echo '{BAD}'", '{"status": 422}', None),
    "a refusal before the last answer": (f"echo '{BAD}'; echo '{{\"a\": 1}}'", '{"a": 1}', "is refused"),
    "what the gateway refuses": ('echo \'{"message": "Forbidden"}\'', None, "is refused"),
    "a command that fails": ("false", None, "ends with status 1"),
    "a server that is not there": ("curl -sS http://127.0.0.1:9/; echo", None, "ends with status 0: curl: ("),
    "the last of two answers": ("echo '{\"a\": 1}'; echo '{\"a\": 2}'", '{"a": 2}', None),
    "a setting": ('echo "{\\"a\\": \\"$SCRIP_URL\\"}"', '{"a": "http://here"}', None),
}
"""What is pasted, what is shown, and what is said to be wrong."""


@pytest.mark.parametrize("case", PASTED)
def test_what_is_pasted_is_held_against_what_is_shown(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PATIENCE_SECONDS", 0.5)
    command, shown, wrong = PASTED[case]
    section = Section("", [Block("sh", False, command, 7)])
    if shown:
        section.blocks.append(Block("json", False, shown, 9))
    with Reader(tmp_path, "export SCRIP_URL=http://here\n") as reader:
        found = reader.follow(section)
    assert len(found) == bool(wrong)
    assert not wrong or found[0].startswith(f"line 7: {wrong}")


HEADS: Final = {
    "HTTP/1.1 201 Created\n\n": None,
    "HTTP/1.1 200 OK\n\n": "is shown as HTTP/1.1 200 OK and answered as HTTP/1.1 201 Created",
    "HTTP/1.1 201 Created\nUnit: credits\n\n": None,
    "HTTP/1.1 201 Created\nUnit: images\n\n": "unit is shown as images and answered as credits",
}


@pytest.mark.parametrize("replay", ["", "Idempotent-Replay: true\n"])
@pytest.mark.parametrize("head", HEADS)
def test_a_status_and_headers_are_held_against_what_is_shown_and_a_replay_is_never_left_out(
    head: str, replay: str, tmp_path: Path
) -> None:
    real = f"HTTP/1.1 201 Created\r\nUnit: credits\r\n{replay}\r\n{{}}"
    section = Section(
        "", [Block("sh", False, f"printf '%s' '{real}'", 1), Block("http", False, head + "{}", 2)]
    )
    with Reader(tmp_path, "") as reader:
        found = reader.follow(section)
    expected = [HEADS[head], "is a replay" if replay else None]
    assert found == [f"line 1: {one}" for one in expected if one]


def test_what_is_pasted_has_no_comments() -> None:
    """Not every shell takes them from a keyboard: the one that comes with macOS does not."""
    for page in PAGES:
        for block in [block for section in sections(page) for block in section.blocks]:
            if block.language == "sh" and not block.illustration:
                assert not re.search(r"(?:^|\s)#\s", block.text), f"{name(page)}:{block.line}"


def test_an_answer_differs_where_a_member_is_another_or_is_not_there() -> None:
    """Left out is not changed; an item of a list that is missing is; 1 is not "1", and true is not 1."""
    real = {
        "a": 1,
        "b": [{"c": "x"}, {"c": "y"}],
        "at": "2026-11-29T13:42:19.791Z",
        "id": "lot_2mNvzz9MGUSv_1",
    }
    assert differences({"a": 1, "b": [{}, {"c": "y"}], "at": "2026-01-01T00:00:00.000Z"}, real) == []
    assert differences({"a": "1"}, real) == ['answer.a is shown as "1" and answered as 1']
    assert differences({"a": True}, real) == ["answer.a is shown as true and answered as 1"]
    assert differences({"b": [{"c": "x"}]}, real) != []
    assert differences({"b": [{"c": "x"}, {"c": "z"}]}, real) == [
        'answer.b.1.c is shown as "z" and answered as "y"'
    ]
    assert differences({"d": 1}, real) == ["answer.d is not answered"]
    assert differences({"id": "lot_0mNvzz9MGUSv_1"}, real) != []
    assert differences({"at": "2030-01-01T00:00:00.000Z"}, {"at": "2030-01-01T00:00:00.001Z"}) != []
