"""What a key of one account is shown: all that is said of its account, but not what is said among ourselves.

Left out of each answer, at any depth: who did something and why, and metadata whose names begin with ``internal.``.
A problem is shown as it is: it tells of the request that was just sent. So is why something is in its ``state``, or was
rejected: that is one of a few words of ours, and nobody's remark.
"""

from __future__ import annotations

import json
from typing import Any, Final

from scrip.http.edge.answers import Answer

HIDDEN: Final = frozenset({"actor", "actor_name", "reason"})
"""Members that customers are not shown."""
OURS: Final = frozenset({"state", "rejected_id"})
"""Members beside which a reason is a word of ours."""
INTERNAL: Final = "internal."
"""How the names of metadata and tags begin that customers are not shown."""
NAMED: Final = ("metadata", "tags")


def for_customer(reply: Answer) -> Answer:
    """Returns the answer without what its customer is not shown."""
    if reply["statusCode"] >= 300 or "body" not in reply:
        return reply
    return {**reply, "body": json.dumps(shown(json.loads(reply["body"])), ensure_ascii=False)}


def shown(value: Any) -> Any:
    """Returns a part of an answer without what customers are not shown."""
    if isinstance(value, list):
        return [shown(member) for member in value]
    if not isinstance(value, dict):
        return value
    hidden = HIDDEN - {"reason"} if OURS & value.keys() else HIDDEN
    kept = {name: shown(member) for name, member in value.items() if name not in hidden}
    for name in NAMED:
        if isinstance(kept.get(name), dict):
            members = kept[name].items()
            kept[name] = {each: text for each, text in members if not each.startswith(INTERNAL)}
    return kept
