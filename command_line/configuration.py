"""``scrip diff``, ``push`` and ``pull``: units, rate cards, packs and promotions in one YAML file.

The file says what is to be so. What it leaves out, a document or a member of one, stays as it is. Documents are changed
by the same routes as by hand, and so each change is in the audit.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
import yaml

from command_line.mistakes import REFUSED, Mistake
from command_line.output import Column, say
from command_line.parameters import invocation

if TYPE_CHECKING:
    from scrip_client import Scrip

KINDS: Final = ("units", "rates", "packs", "promotions")
"""In the order in which they are put: a pack is of a unit."""
_BODIES: Final = {
    "units": "UnitBody",
    "rates": "RateBody",
    "packs": "PackBody",
    "promotions": "PromotionBody",
}
_IDS: Final = {"units": "unit", "rates": "meter", "packs": "pack", "promotions": "code"}
_MERGED: Final = ("policy", "provider_refs")
"""Members of which a part may be said; others are said whole: half of a price would be another price."""
_DEEPEST: Final = 40
"""How deep a file may be: no document is half so deep."""

Documents = dict[str, dict[str, dict[str, Any]]]
"""By kind and id, what a PUT takes."""
File = Annotated[Path, typer.Argument(metavar="FILE", help="YAML; - is the standard input")]
_CHANGES: Final = [Column("kind"), Column("id"), Column("member"), Column("before"), Column("after")]


class _Loader(yaml.SafeLoader):
    """YAML in which an instant is a text, and a name stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Returns a mapping. Raises ``ConstructorError`` where a name stands twice."""
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise yaml.constructor.ConstructorError(None, None, f"{name} stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _construct(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    return loader.construct_mapping(node, deep=True)


# Said here too: who shares this process may have said something else of every loader.
_Loader.add_constructor("tag:yaml.org,2002:map", _construct)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Change:
    """A document that is not as the file says. ``before`` is None where there is none yet."""

    kind: str
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]

    def rows(self) -> list[dict[str, Any]]:
        """Returns each member that changes."""
        before = self.before or {}
        return [
            {
                "kind": self.kind,
                "id": self.name,
                "member": member,
                "before": _shown(member, before),
                "after": _shown(member, self.after),
            }
            for member in {**self.after, **before}
            if self.before is None or not _stays(member, before, self.after)
        ]


def diff(context: typer.Context, file: File) -> int:
    """Says what a push of the file would change. 1: something."""
    asked = invocation(context)
    wanted = read(file)
    with asked.client() as scrip:
        changes = compare(wanted, fetch(scrip))
    _show(context, changes)
    return REFUSED if changes else 0


def push(
    context: typer.Context,
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="change it without a question")] = False,
) -> int:
    """Makes units, rates, packs and promotions as the file says, after it has said what changes."""
    asked = invocation(context)
    wanted = read(file)
    with asked.client() as scrip:
        changes = compare(wanted, fetch(scrip))
        _show(context, changes)
        if not changes:
            return 0
        if not yes:
            if not sys.stdin.isatty():
                raise Mistake("nobody can be asked here: --yes changes it without a question")
            if not typer.confirm("Change it?", err=True):
                say("nothing was changed")
                return REFUSED
        puts: dict[str, Callable[..., Any]] = {
            "units": scrip.put_unit,
            "rates": scrip.put_rate,
            "packs": scrip.put_pack,
            "promotions": scrip.put_promotion,
        }
        for number, change in enumerate(changes):
            try:
                puts[change.kind](change.name, **change.after)
            except Exception:
                say(f"{number} of {len(changes)} documents were put; {change.kind} {change.name} was not:")
                raise
    say(f"{len(changes)} of {len(changes)} documents were put")
    return 0


def pull(context: typer.Context) -> None:
    """Prints all units, rates, packs and promotions as a file for push; with --json the same as JSON."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = {kind: documents for kind, documents in fetch(scrip).items() if documents}
    if asked.as_json:
        asked.output.document(found)
    else:
        sys.stdout.write(yaml.safe_dump(found, sort_keys=False, allow_unicode=True) if found else "")


def read(file: Path) -> Documents:
    """Reads a file of documents. Raises ``Mistake`` where it is none."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        said = yaml.load(text, _Loader)  # noqa: S506 - it is a safe loader
        _check_depth(said)
    except OSError as error:
        raise Mistake(f"{file}: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise Mistake(f"{file}{where} is no YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        said_of = " ".join(str(error).split()) or type(error).__name__
        raise Mistake(f"{file} is no YAML: {said_of}") from error
    if said is None:
        return {}
    if not isinstance(said, dict) or not set(said) <= set(KINDS):
        raise Mistake(f"{file}: at the top stand {', '.join(KINDS)}, and nothing else")
    return {kind: _documents(file, kind, said[kind]) for kind in KINDS if said.get(kind)}


def _documents(file: Path, kind: str, said: Any) -> dict[str, dict[str, Any]]:
    """Returns the documents of a kind. Raises ``Mistake`` where a member is unknown."""
    named = isinstance(said, dict) and all(isinstance(name, str) for name in said)
    if not named or not all(isinstance(one, dict) for one in said.values()):
        raise Mistake(
            f"{file}: {kind} has ids, each with its members; an id of digits alone stands in quotes"
        )
    documents: dict[str, dict[str, Any]] = said
    members = _members(kind)
    for name, document in documents.items():
        unknown = [str(member) for member in document if member not in members]
        if unknown:
            raise Mistake(f"{file}: {kind} {name} has no {', '.join(unknown)}; it has {', '.join(members)}")
    return documents


def _check_depth(value: Any, depth: int = 0) -> None:
    """Checks that a value is no deeper than a document may be. Raises ``ValueError``: it may hold itself."""
    if depth > _DEEPEST:
        raise ValueError("it is too deep, or holds itself")
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(one, depth + 1)


def _members(kind: str) -> list[str]:
    """Returns what a PUT of a kind takes, in the order of the API's document."""
    from scrip_client import models

    return list(getattr(models, _BODIES[kind]).model_fields)


def fetch(scrip: Scrip) -> Documents:
    """Asks for all documents that there are, each as a PUT would take it."""
    lists: dict[str, Any] = {
        "units": scrip.list_units(limit=100),
        "rates": scrip.list_rates(limit=100),
        "packs": scrip.list_packs(limit=100),
        "promotions": scrip.list_promotions(limit=100),
    }
    return {
        kind: {getattr(one, _IDS[kind]): _putable(kind, one.to_dict()) for one in found}
        for kind, found in lists.items()
    }


def _putable(kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members of an answer that a PUT takes. What is empty is left out, but for an end that is never.

    Nor is when a rate card began to hold a member: no card may begin in the past.
    """
    kept = {
        member: document.get(member)
        for member in _members(kind)
        if document.get(member) not in (None, [], {}) and (kind, member) != ("rates", "effective_at")
    }
    if document.get("never_expires"):
        kept["expires_in"] = None
        kept.pop("time_zone", None)
    elif "expires_in" not in kept:
        kept.pop("time_zone", None)
    return kept


def compare(wanted: Documents, there: Documents) -> list[Change]:
    """Returns what has to be put so that all is as it is wanted: documents whole, as a PUT takes them."""
    found = []
    for kind in KINDS:
        for name, document in wanted.get(kind, {}).items():
            before = there.get(kind, {}).get(name)
            if before is None:
                found.append(Change(kind, name, None, document))
                continue
            # The end of its day or month is said of an expiry, and goes with it.
            kept = {
                member: one
                for member, one in before.items()
                if not (member == "end_of" and "expires_in" in document)
            }
            after = {
                **kept,
                **{member: _merged(member, before.get(member), one) for member, one in document.items()},
            }
            if not after.get("expires_in") and "time_zone" not in document:
                after.pop("time_zone", None)  # nothing ends in it
            if any(not _stays(member, before, after) for member in document if member != "effective_at"):
                found.append(Change(kind, name, before, after))
    return found


def _merged(member: str, before: Any, wanted: Any) -> Any:
    """Returns a member as it will be: what the file says of it, over what there is."""
    if member in _MERGED and isinstance(before, dict) and isinstance(wanted, dict):
        return {**before, **wanted}
    return wanted


def _stays(member: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Returns whether a member means the same in both: an end that is never is another than none that is said."""
    if member == "expires_in" and (member in before) is not (member in after):
        return False
    return same(before.get(member), after.get(member))


def same(one: Any, other: Any) -> bool:
    """Returns whether two values mean the same: 5 and 5.00, an instant in two zones, nothing and an empty list."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(same(one.get(name), other.get(name)) for name in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    empty: tuple[Any, ...] = (None, [], {})
    if one == other or (one in empty and other in empty):
        return True
    return isinstance(one, str) and isinstance(other, str) and _meaning(one) == _meaning(other)


def _meaning(text: str) -> object:
    """Returns the number or the instant that a text is; the text itself where it is neither."""
    try:
        return Decimal(text)
    except InvalidOperation:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found if found.tzinfo else text


def _shown(member: str, document: Mapping[str, Any]) -> Any:
    """Returns a member's value as it is shown in a row of changes; an end that is said to be none is never."""
    value = document.get(member)
    if member == "expires_in" and member in document and value is None:
        return "never"
    if isinstance(value, Mapping | list):
        return yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False).strip()
    return value


def _show(context: typer.Context, changes: list[Change]) -> None:
    """Prints what changes, member by member."""
    rows = [row for change in changes for row in change.rows()]
    invocation(context).output.items(rows, _CHANGES, documents=len(changes))
