"""Request bodies: the models of ``scrip.http`` as schemas of what comes over the wire.

Owns how a model becomes a schema. Does not own what is in it: forms are the models', meanings their docstrings', and
what no schema of one member can say is in ``rules``.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

import scrip.http
from openapi import docstrings
from openapi.problems import PREFIX
from openapi.rules import RULES
from scrip.domain.finance.charts import ACCOUNTS, RATES, BookAccount, cash_account
from scrip.domain.payments.pack import ON_DEMAND
from scrip.http.edge.bodies import Body
from scrip.providers import webhooks

if TYPE_CHECKING:
    from openapi.views import Components

Json = dict[str, Any]
_TEXT: Final[Json] = {"type": "string"}


class Undeclared(Exception):
    """Something of the contract that nobody has declared; the message says where to."""


class Untitled(GenerateJsonSchema):
    """Without titles that only say a name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the base's own name
        return False


@cache
def models() -> dict[str, type[Body]]:
    """Returns every body of ``scrip.http`` by name."""
    for module in pkgutil.walk_packages(scrip.http.__path__, "scrip.http."):
        importlib.import_module(module.name)
    found: dict[str, type[Body]] = {}
    for model in _derived(Body):
        if found.setdefault(model.__name__, model) is not model:
            raise Undeclared(f"two bodies are called {model.__name__}")
    return found


def body(name: str) -> type[Body]:
    """Returns the model of that name.

    Raises:
        Undeclared: there is none.
    """
    if name not in models():
        raise Undeclared(
            f"no module of scrip.http has a body {name}: correct its Operation in openapi/routes"
        )
    return models()[name]


def schemas(names: Iterable[str], components: Components) -> Json:
    """Returns the components of these bodies and of all they hold.

    Args:
        components: gets those of the sets of values that members name.

    Raises:
        Undeclared: a body or one of its members has no docstring.
    """
    wanted = [(body(name), "validation") for name in names]
    _, made = models_json_schema(wanted, ref_template=PREFIX + "{model}", schema_generator=Untitled)  # type: ignore[arg-type]
    found = {name: _explained(name, schema, components) for name, schema in made.get("$defs", {}).items()}
    if "RateBody" in found:
        price = {**found["RateBody"]["properties"]["price"], "description": "What an event costs."}
        components.schemas["Price"] = price
        alternatives = {word: value for word, value in price.items() if word != "description"}
        found = {
            name: _referring(schema, alternatives, {"$ref": f"{PREFIX}Price"})
            for name, schema in found.items()
        }
    return found


def _explained(name: str, schema: Json, components: Components) -> Json:
    """Adds what the members mean, and the rules over several of them."""
    model = models()[name]
    said = _made(name) or docstrings.members(model)
    schema.pop("title", None)
    if not schema.get("description"):
        raise Undeclared(f"{name} has no docstring: say there what it is")
    schema["description"] = schema["description"].replace("``", "`")
    for member, field in model.model_fields.items():
        if member not in said:
            raise Undeclared(f"{name}.{member} has no docstring: say under it what it means")
        form = schema["properties"][field.alias or member]
        schema["properties"][field.alias or member] = _defaulted({**form, "description": said[member]})
    for member, values, reference in components.values(model):
        member = model.model_fields[member].alias or member
        named = {"type": "string", "enum": values}
        schema["properties"][member] = _referring(schema["properties"][member], named, reference)
    rules = [RULES[base.__name__] for base in model.__mro__ if base.__name__ in RULES]
    return {**schema, **({"allOf": rules} if rules else {})}


def _referring(form: Any, part: Json, reference: Json) -> Any:
    """Returns a schema that refers to a component wherever it had this part, which is what the component says."""
    if isinstance(form, list):
        return [_referring(one, part, reference) for one in form]
    if not isinstance(form, dict):
        return form
    if all(form.get(word) == value for word, value in part.items()):
        return {**reference, **{word: value for word, value in form.items() if word not in part}}
    return {word: _referring(value, part, reference) for word, value in form.items()}


def _defaulted(form: Json) -> Json:
    """Returns a member's schema with its default in the description: generators of TypeScript types take a member with
    a ``default`` for one that is always there, and so ask for it in requests."""
    default = form.pop("default", None)
    if default is not None:
        form["description"] += (
            f" Default: `{default if default and isinstance(default, str) else json.dumps(default)}`."
        )
    return form


def shared(made: Json) -> Json:
    """Returns the components of what answers show as bodies say it: a pack's product at each provider."""
    found: Json = {}
    if "ProviderRefsBody" in made:
        text = {"anyOf": [{"type": "string"}, {"type": "null"}]}
        found["ProviderRefs"] = {
            "type": "object",
            "description": made["ProviderRefsBody"]["description"],
            "required": sorted(_products()),
            "properties": {name: {**text, "description": said} for name, said in sorted(_products().items())},
        }
    return found


def complete(found: Json) -> None:
    """Adds to answers what no class can say: the chart of accounts has a member for each account, by its key."""
    if "ChartOfAccountsBody" in found:
        asked, told = found["ChartOfAccountsBody"]["properties"], found["ChartOfAccounts"]
        always = [*RATES, *(key for key, account in _accounts().items() if account.name)]
        for key, form in asked.items():
            kind = _TEXT if key in always else {"anyOf": [_TEXT, {"type": "null"}]}
            told["properties"][key] = {**kind, "description": form["description"]}
        told["required"] = list(told["properties"])


def _accounts() -> dict[str, BookAccount]:
    """Returns the accounts of the books, by key."""
    found = [*ACCOUNTS.values(), *map(cash_account, sorted(webhooks.names()))]
    return {account.key: account for account in found}


def _made(name: str) -> dict[str, str]:
    """Returns what members mean of a body that is made of what there is; nothing of any other."""
    if name == "ProviderRefsBody":
        return _products()
    if name == "ChartOfAccountsBody":
        rates = {key: rate.meaning for key, rate in RATES.items()}
        return rates | {key: account.meaning for key, account in _accounts().items()}
    return {}


def _products() -> dict[str, str]:
    """Returns what each provider says of its product in a pack."""
    modules = {name: importlib.import_module(f"scrip.providers.{name}") for name in webhooks.names()}
    kept = {
        f"{name}{ON_DEMAND}": module.ON_DEMAND
        for name, module in modules.items()
        if hasattr(module, "ON_DEMAND")
    }
    return {name: module.PRODUCT for name, module in modules.items()} | kept


def _derived(model: type[Body]) -> Iterator[type[Body]]:
    for one in model.__subclasses__():
        yield one
        yield from _derived(one)
