"""Payment providers: what each says in its webhooks and answers through its API, a package for each.

    dodo, paddle, standard, stripe
                 a package for each provider
    webhooks     what a provider's ``webhook`` module has, and which providers have one
    clients      what a provider's ``client`` module has, which providers have one, and errors by name
    minor_units  which currencies a provider charges in, and what its minor units are: its ``money`` module
    envelope     the type and the object in a webhook's body, and parking what cannot be read
    signatures   is a webhook really the provider's? On the raw bytes, with the clock passed in
    reading      a provider's JSON, read tolerantly
    calling      calls of a provider's API: deadline, second attempt, errors

Nothing here posts, and nothing here decides how many credits a payment is worth: the face comes from our own order,
never from a provider's body. A provider's SDK costs a quarter of a second and 35 MiB to import, so only a call does,
and only in the functions that sell or ask.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from pathlib import Path


@cache
def having(module: str) -> frozenset[str]:
    """Names the providers whose package has this module: ``webhook`` or ``client``.

    This is the only list of providers: whatever checks a provider's name asks here. Packages are looked for, none is
    imported.
    """
    return frozenset(
        found.name
        for found in pkgutil.iter_modules(__path__)
        if found.ispkg and any((Path(root) / found.name / f"{module}.py").is_file() for root in __path__)
    )
