"""``python -m bench.places [CHANGE …]``: in how many places a change of the contract is edited by hand.

Makes each change on a copy of the last commit: an answer's member, a request's member that is kept and shown, a route,
a refusal, a payment provider. Then it writes docs/openapi.json again and runs mypy and the tests of the contract there,
so that the code is whole, and prints the diff and the count. A place is a run of changed lines, or a new file. What is
generated does not count, and no test does: a real change brings its own, and adds its member where tests have the set
of all. Nothing outside the copy is changed.

Edits are found by the code around them. Where that has changed, the change fails and names what it looked for.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
GENERATED: Final = "docs/openapi.json"
CHECKS: Final = (
    ("openapi",),
    ("mypy", "layers", "functions", "openapi"),
    ("pytest", "-q", "-n", "0", "tests/contract/test_openapi.py", "tests/contract/test_docs.py"),
    ("pytest", "-q", "-n", "0", "tests/contract/test_layers.py", "tests/template/test_doors.py"),
    ("pytest", "-q", "-n", "0", "tests/http/edge/test_events.py"),
)


class Missing(Exception):
    """The code that an edit is found by is not there any more."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces what ``pattern`` matches first, in the first file of ``where`` that has it, as ``re.sub`` does."""

    where: str
    pattern: str
    by: str | Callable[[re.Match[str]], str]

    def make(self, tree: Path) -> None:
        for path in sorted(tree.glob(self.where)):
            text = path.read_text(encoding="utf-8")
            made, count = re.subn(self.pattern, self.by, text, count=1, flags=re.MULTILINE)
            if count:
                path.write_text(made, encoding="utf-8")
                return
        raise Missing(f"{self.where}: {self.pattern}")


Change = Callable[[Path], None]


def edits(*made: Edit) -> Change:
    """Returns a change that makes these edits."""

    def change(tree: Path) -> None:
        for edit in made:
            edit.make(tree)

    return change


HTTP: Final = "layers/scrip/scrip/http/**/*.py"
SERVICES: Final = "layers/scrip/scrip/services/**/*.py"
DOMAIN: Final = "layers/scrip/scrip/domain/**/*.py"

_MEMBERS_OF_HOLD: Final = (
    r'^class HoldView\((?:(?!^class )[^\n]*\n)*?    meter: \w+ \| None\n    """[^"]*"""\n'
)
"""An answer's type, up to its member ``meter``; a body's members have defaults."""


def _member_of_hold(member: str, type_: str, said: str) -> Change:
    """Adds a member to the answer's type, which stands beside its view."""
    return edits(Edit(HTTP, _MEMBERS_OF_HOLD, f'\\g<0>    {member}: {type_}\n    """{said}"""\n'))


def answers_member(tree: Path) -> None:
    """Shows how many lots a hold has credits of."""
    Edit(HTTP, r'^( +)"meter": hold\.meter,\n', r'\g<0>\1"lot_count": len(hold.draws),' + "\n").make(tree)
    _member_of_hold("lot_count", "int", "How many lots it has credits of.")(tree)


def requests_member(tree: Path) -> None:
    """Keeps a label with a hold, and shows it. Requests and holds of before stay as they are."""
    said = "A word of your own for it."
    kept = "    label: str | None = members.added()\n"
    edits(
        # the body with what the member means, the command, and what the decision gets
        Edit(
            HTTP,
            r'^class HoldBody\((?:(?!^class )[^\n]*\n)*?    meter: Identifier \| None = None\n    """[^"]*"""\n',
            f'\\g<0>    label: Identifier | None = None\n    """{said}"""\n',
        ),
        Edit(
            SERVICES,
            r"^class PlaceHold\b(?:(?!^class )[^\n]*\n)*?    meter: str \| None = None\n",
            f"\\g<0>{kept}",
        ),
        Edit(SERVICES, r"Hold\((.*self\.meter)\)", r"Hold(\1, label=self.label)"),
        # what is kept, and what is shown
        Edit(DOMAIN, r'^    status: Status = "open"\n', f"\\g<0>{kept}"),
        Edit(HTTP, r'^( +)"meter": hold\.meter,\n', r'\g<0>\1"label": hold.label,' + "\n"),
    )(tree)
    _member_of_hold("label", "Name | None", said)(tree)


def route(tree: Path) -> None:
    """Adds ``GET /v1/accounts/{account}/debt``, which answers as the balance does."""

    def line_for_debt(found: re.Match[str]) -> str:
        return found[0] + found[0].replace("GetBalance", "GetDebt").replace("/balance", "/debt")

    edits(
        Edit("template.yaml", r"^  GetBalance: .*\n", line_for_debt),
        Edit(
            "functions/wallets/app.py",
            r"^def lots\(request: (\w+)\)",
            'def debt(request: \\1) -> Answer:\n    """``GET /v1/accounts/{account}/debt``."""\n'
            "    return balance(request)\n\n\n\\g<0>",
        ),
        Edit("functions/wallets/app.py", r'^    "GET /v1/accounts/\{account\}/balance": .*\n', line_for_debt),
        Edit(
            "openapi/**/*.py",
            r'^    Operation\(\n        route="GET [^"]*/balance",\n(?:(?!^    \),)[^\n]*\n)*    \),\n',
            lambda found: found[0] + found[0].replace("/balance", "/debt").replace("get_balance", "get_debt"),
        ),
    )(tree)


def refusal(tree: Path) -> None:
    """Refuses a hold of less than one credit: a code of its own, with a fact."""
    edits(
        Edit(
            DOMAIN,
            r"^class LotNotOpen\(Refusal\):",
            'class HoldTooSmall(Refusal):\n    """Nobody holds so little.\n\n    What to do: Hold more.\n    """\n\n'
            '    code = "hold_too_small"\n    status = 422\n    title = "The hold is too small"\n\n'
            '    unit: str | None = None\n    """The unit that the amounts are in."""\n\n\n\\g<0>',
        ),
        Edit(
            DOMAIN,
            r"^from scrip\.domain\.credits\.errors import (?:\(\n(?:    )?)?HoldNotOpen, ",
            r"\g<0>HoldTooSmall, ",
        ),
        Edit(
            DOMAIN,
            r"^(    require_active\(draft\)\n)(    paid = pay\(draft, wanted\.amount)",
            "\\1    if wanted.amount == 1:\n"
            '        raise HoldTooSmall("hold more than the unit\'s smallest amount")\n\\2',
        ),
        Edit(
            "openapi/**/*.py",
            r'^        route="POST [^"]*/holds",\n(?:(?!^    \),)[^\n]*\n)*?        refusals=\([^\n]*(?=\),\n)',
            r'\g<0>, "hold_too_small"',
        ),
    )(tree)


EXAMPLE: Final = "paddle"
"""The provider that a new one is made after: it has webhooks, and no client."""


def provider(tree: Path) -> None:
    """Adds a provider ``acmepay`` with webhooks, by doing for it what is done for ``paddle`` wherever code names it."""
    package = tree / "layers/scrip/scrip/providers"
    for path in sorted((package / EXAMPLE).glob("*.py")):
        made = package / "acmepay" / path.name
        made.parent.mkdir(exist_ok=True)
        made.write_text(_renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
    Edit("layers/scrip/scrip/providers/__init__.py", r"^    dodo, ", "    acmepay, dodo, ").make(tree)
    for where in (
        "template.yaml",
        "functions/**/*.py",
        "layers/**/*.py",
        "openapi/**/*.py",
        "local/**/*.py",
    ):
        for path in sorted(tree.glob(where)):
            if EXAMPLE not in path.parts and package / "acmepay" not in path.parents:
                text = path.read_text(encoding="utf-8")
                path.write_text(_with_another(text), encoding="utf-8")


def _renamed(text: str) -> str:
    return text.replace("paddle", "acmepay").replace("Paddle", "Acmepay").replace("PADDLE", "ACMEPAY")


def _with_another(text: str) -> str:
    """Returns the text with what says ``paddle`` said of ``acmepay`` too: a name in a list, a member with its
    docstring, a resource, a line. Prose stays."""
    text = re.sub(r'"paddle"(?=[,)\]])', '"paddle", "acmepay"', text)
    resource = r"^  PaddleWebhookSecret:\n(?:    .*\n|\n(?=    ))*"
    text = re.sub(resource, lambda found: found[0] + _renamed(found[0]), text, flags=re.MULTILINE)
    member = r'^ +(?:paddle: .*|"paddle": .*|.*(?:PADDLE_|GetAtt Paddle).*)\n(?: +"""[^"]*"""\n)?'
    return re.sub(member, _twice, text, flags=re.MULTILINE)


def _twice(found: re.Match[str]) -> str:
    return found[0] if "acmepay" in found[0].lower() else found[0] + _renamed(found[0])


CHANGES: Final[Mapping[str, Change]] = {
    "answers_member": answers_member,
    "requests_member": requests_member,
    "route": route,
    "refusal": refusal,
    "provider": provider,
}


# Making them, and counting


def git(tree: Path, *arguments: str) -> str:
    """Runs git in a tree and returns what it prints."""
    command = [shutil.which("git") or "git", *arguments]
    return subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout


def copied(tree: Path, into: Path) -> None:
    """Copies the last commit of a work tree."""
    git(tree, "clone", "--quiet", "--shared", ".", str(into))


def places(tree: Path) -> dict[str, int]:
    """Returns how many runs of lines were changed in each file; a new file is one."""
    git(tree, "add", "--intent-to-add", ".")
    found: dict[str, int] = {}
    path, new = "", False
    for line in difference(tree).splitlines():
        if line.startswith("diff --git "):
            path, new = line.rpartition(" b/")[2], False
        elif line.startswith("new file mode"):
            found[path], new = 1, True
        elif line.startswith("@@") and not new:
            found[path] = found.get(path, 0) + 1
    return found


def difference(tree: Path) -> str:
    """Returns what was changed since the commit."""
    return git(tree, "diff", "--unified=0", "--no-color", "--", ".", f":!{GENERATED}")


def checked(tree: Path) -> list[str]:
    """Runs the checks in a tree and returns what those say that fail."""
    environment = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'layers' / 'scrip'}"}
    failed = []
    for module, *arguments in CHECKS:
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            failed.append(f"{' '.join(command[2:])}\n{(done.stdout + done.stderr)[-3000:]}")
    return failed


def main() -> int:
    """Prints the diff and the count of each change. 1: a change could not be made, or the checks fail after it."""
    parser = argparse.ArgumentParser(prog="python -m bench.places", description=__doc__)
    parser.add_argument("changes", nargs="*", metavar="CHANGE", help=f"of {', '.join(CHANGES)}; all")
    parser.add_argument("--tree", type=Path, default=ROOT, help="another work tree, to count there")
    parser.add_argument("--quiet", action="store_true", help="counts alone, no diffs")
    asked = parser.parse_args()
    counts, wrong = [], False
    for name in asked.changes or CHANGES:
        with tempfile.TemporaryDirectory(prefix="scrip-places-") as made:
            tree = Path(made) / "tree"
            copied(asked.tree, tree)
            try:
                CHANGES[name](tree)
            except Missing as missing:
                wrong = True
                counts.append(f"{name}: not made: {missing}")
                continue
            found = places(tree)
            print("" if asked.quiet else difference(tree))
            failed = checked(tree)
            wrong = wrong or bool(failed)
            print("\n".join(failed))
            files = ", ".join(f"{path} {count}" for path, count in found.items())
            counts.append(f"{name}: {sum(found.values())} places in {len(found)} files: {files}")
    print("\n".join(counts))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
