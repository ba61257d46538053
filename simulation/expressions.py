"""DynamoDB's expressions: parsed once, kept as functions.

Conditions, key conditions and filters share one grammar; updates have their own. Names are of whole attributes: a path
into a map or a list, which Scrip never writes, is refused loudly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

Item = dict[str, Any]
"""An item in DynamoDB's JSON: a value by attribute name."""
Value = dict[str, Any]
Values = Mapping[str, Value]
Test = Callable[[Mapping[str, Any], Values], bool]
Operand = Callable[[Mapping[str, Any], Values], Value | None]

REMEMBERED: Final = 20_000
"""Expressions kept parsed. Blocks of rest are updated under attribute names of their own, so there are many."""
TOKEN: Final = re.compile(r"\s*(?:(<>|<=|>=|[=<>(),+-])|([:#][A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*))")
SYMBOLS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
KEYWORDS: Final = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})
ORDERED: Final = frozenset({"S", "N", "B"})


class Unmodelled(BaseException):
    """A request that the model does not know: not caught by anything, for every answer to it would be a guess."""


class Malformed(Exception):
    """DynamoDB would answer ``ValidationException``."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition, and which names and values it uses."""

    holds: Test
    names: frozenset[str]
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Update:
    """A parsed update. ``set``: operands by attribute; ``add``: value names by attribute."""

    set: tuple[tuple[str, Operand], ...]
    remove: tuple[str, ...]
    add: tuple[tuple[str, str], ...]
    names: frozenset[str]
    values: frozenset[str]

    def apply(self, before: Mapping[str, Any], values: Values) -> Item:
        """The item after the update: every operand is of the item before it."""
        after = dict(before)
        for name, operand in self.set:
            value = operand(before, values)
            if value is None:
                raise Malformed(
                    "The provided expression refers to an attribute that does not exist in the item"
                )
            after[name] = value
        for name in self.remove:
            after.pop(name, None)
        for name, value_name in self.add:
            added = values[value_name]
            if "N" not in added:
                raise Unmodelled(f"ADD of {added}")
            known = before.get(name)
            if known is not None and "N" not in known:
                raise Malformed("An operand in the update expression has an incorrect data type")
            after[name] = {"N": text(number(added) + (number(known) if known else 0))}
        return after


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A parsed key condition: the partition's value name, and what is asked of the sort key.

    ``bound``: ``""`` nothing, a comparator, ``begins_with`` or ``BETWEEN``; its operands are value names.
    """

    partition: tuple[str, str]
    sort: str = ""
    bound: str = ""
    operands: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    @property
    def values(self) -> frozenset[str]:
        return frozenset({self.partition[1], *self.operands})


def number(value: Mapping[str, Any]) -> int | Decimal:
    """A number's value; whole ones are ints, which are faster."""
    digits = value["N"]
    try:
        return int(digits)
    except ValueError:
        return Decimal(digits)


def text(value: int | Decimal) -> str:
    """A number as DynamoDB writes it: no exponent, no zeros at either end."""
    if isinstance(value, int):
        return str(value)
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def condition(source: str, names: Mapping[str, str]) -> Condition:
    """A condition or a filter. Raises ``Malformed``."""
    return _condition(source, tuple(sorted(names.items())))


def update(source: str, names: Mapping[str, str]) -> Update:
    """An update expression. Raises ``Malformed``."""
    return _update(source, tuple(sorted(names.items())))


def key_range(source: str, names: Mapping[str, str]) -> KeyRange:
    """A key condition. Raises ``Malformed``."""
    return _key_range(source, tuple(sorted(names.items())))


@lru_cache(REMEMBERED)
def _condition(source: str, names: tuple[tuple[str, str], ...]) -> Condition:
    parser = _Parser(source, dict(names))
    holds = parser.either()
    parser.end()
    return Condition(holds, frozenset(parser.names_used), frozenset(parser.values_used))


@lru_cache(REMEMBERED)
def _update(source: str, names: tuple[tuple[str, str], ...]) -> Update:
    return _Parser(source, dict(names)).update()


@lru_cache(REMEMBERED)
def _key_range(source: str, names: tuple[tuple[str, str], ...]) -> KeyRange:
    return _Parser(source, dict(names)).key_range()


class _Parser:
    """Recursive descent over the tokens; gives closures."""

    def __init__(self, source: str, names: Mapping[str, str]) -> None:
        self._tokens = _tokens(source)
        self._at = 0
        self._names = names
        self.names_used: set[str] = set()
        self.values_used: set[str] = set()

    # Conditions

    def either(self) -> Test:
        tests = [self.both()]
        while self._take("OR"):
            tests.append(self.both())
        if len(tests) == 1:
            return tests[0]
        return lambda item, values: any(test(item, values) for test in tests)

    def both(self) -> Test:
        tests = [self.negated()]
        while self._take("AND"):
            tests.append(self.negated())
        if len(tests) == 1:
            return tests[0]
        return lambda item, values: all(test(item, values) for test in tests)

    def negated(self) -> Test:
        if self._take("NOT"):
            test = self.negated()
            return lambda item, values: not test(item, values)
        if self._take("("):
            test = self.either()
            self._expect(")")
            return test
        return self.comparison()

    def comparison(self) -> Test:
        word = self._peek()
        if word in ("attribute_exists", "attribute_not_exists") and self._peek(1) == "(":
            self._at += 2
            name = self.attribute()
            self._expect(")")
            if word == "attribute_exists":
                return lambda item, _: name in item
            return lambda item, _: name not in item
        if word == "begins_with" and self._peek(1) == "(":
            self._at += 2
            left = self.operand()
            self._expect(",")
            right = self.operand()
            self._expect(")")
            return lambda item, values: _begins(left(item, values), right(item, values))
        left = self.operand()
        if self._take("BETWEEN"):
            low = self.operand()
            self._expect("AND")
            high = self.operand()
            return lambda item, values: (
                _compare(left(item, values), ">=", low(item, values))
                and _compare(left(item, values), "<=", high(item, values))
            )
        if self._take("IN"):
            return self._one_of(left)
        symbol = self._next()
        if symbol not in SYMBOLS:
            raise Malformed(f"Syntax error; token: {symbol}")
        right = self.operand()
        return lambda item, values: _compare(left(item, values), symbol, right(item, values))

    def _one_of(self, left: Operand) -> Test:
        self._expect("(")
        among = [self.operand()]
        while self._take(","):
            among.append(self.operand())
        self._expect(")")
        return lambda item, values: any(_compare(left(item, values), "=", one(item, values)) for one in among)

    def operand(self) -> Operand:
        if self._peek().startswith(":"):
            value = self.value()
            return lambda _, values: values[value]
        name = self.attribute()
        return lambda item, _: item.get(name)

    def attribute(self) -> str:
        """An attribute's name, a placeholder resolved."""
        token = self._next()
        if token.startswith("#"):
            if token not in self._names:
                raise Malformed(
                    f"An expression attribute name used in the document path is not defined; {token}"
                )
            self.names_used.add(token)
            return self._names[token]
        if not token[0].isalpha() or token in KEYWORDS or self._peek() == "(":
            raise Unmodelled(f"{token} where an attribute's name is expected")
        if token.upper() in RESERVED:
            raise Malformed(f"Attribute name is a reserved keyword; reserved keyword: {token}")
        return token

    def value(self) -> str:
        token = self._next()
        if not token.startswith(":"):
            raise Malformed(f"Syntax error; token: {token}")
        self.values_used.add(token)
        return token

    # Key conditions

    def key_range(self) -> KeyRange:
        parts = [self._key_part()]
        if self._take("AND"):
            parts.append(self._key_part())
        self.end()
        partition = next((part for part in parts if part[1] == "="), None)
        if partition is None:
            raise Malformed("Query condition missed key schema element")
        exhausted = [part for part in parts if part is not partition]
        names = frozenset(self.names_used)
        if not exhausted:
            return KeyRange((partition[0], partition[2][0]), names=names)
        sort, bound, operands = exhausted[0]
        return KeyRange((partition[0], partition[2][0]), sort, bound, operands, names)

    def _key_part(self) -> tuple[str, str, tuple[str, ...]]:
        if self._peek() == "begins_with":
            self._at += 1
            self._expect("(")
            name = self.attribute()
            self._expect(",")
            prefix = self.value()
            self._expect(")")
            return name, "begins_with", (prefix,)
        name = self.attribute()
        if self._take("BETWEEN"):
            low = self.value()
            self._expect("AND")
            return name, "BETWEEN", (low, self.value())
        symbol = self._next()
        if symbol not in SYMBOLS or symbol == "<>":
            raise Malformed(f"Invalid operator used in KeyConditionExpression: {symbol}")
        return name, symbol, (self.value(),)

    # Updates

    def update(self) -> Update:
        sets: list[tuple[str, Operand]] = []
        removes: list[str] = []
        adds: list[tuple[str, str]] = []
        clauses: set[str] = set()
        while self._at < len(self._tokens):
            clause = self._next()
            if clause in clauses:
                raise Malformed(f'The "{clause}" section can only be used once in an update expression')
            clauses.add(clause)
            while True:
                match clause:
                    case "SET":
                        name = self.attribute()
                        self._expect("=")
                        sets.append((name, self._sum()))
                    case "REMOVE":
                        removes.append(self.attribute())
                    case "ADD":
                        adds.append((self.attribute(), self.value()))
                    case _:
                        raise Unmodelled(f"{clause} in an update")
                if not self._take(","):
                    break
        paths = [*(name for name, _ in sets), *removes, *(name for name, _ in adds)]
        if len(paths) != len(set(paths)):
            raise Malformed("Two document paths overlap with each other")
        return Update(
            tuple(sets),
            tuple(removes),
            tuple(adds),
            frozenset(self.names_used),
            frozenset(self.values_used),
        )

    def _sum(self) -> Operand:
        left = self._part()
        for symbol in ("+", "-"):
            if self._take(symbol):
                right = self._part()
                sign = 1 if symbol == "+" else -1
                return lambda item, values: _added(left(item, values), right(item, values), sign)
        return left

    def _part(self) -> Operand:
        if self._peek() == "if_not_exists":
            self._at += 1
            self._expect("(")
            name = self.attribute()
            self._expect(",")
            other = self.operand()
            self._expect(")")
            return lambda item, values: item[name] if name in item else other(item, values)
        return self.operand()

    # Tokens

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise Malformed(f"Syntax error; token: {self._tokens[self._at]}")

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise Malformed("Syntax error; token: <EOF>")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        if self._peek() == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise Malformed(f"Syntax error; token: {found}")


def _tokens(source: str) -> list[str]:
    tokens, at, end = [], 0, len(source.rstrip())
    while at < end:
        match = TOKEN.match(source, at)
        if not match:
            raise Unmodelled(f"{source[at:]!r} in the expression {source!r}")
        word = match[1] or match[2]
        tokens.append(word.upper() if word.upper() in KEYWORDS else word)
        at = match.end()
    if not tokens:
        raise Malformed("The expression can not be empty;")
    return tokens


def _compare(left: Value | None, symbol: str, right: Value | None) -> bool:
    """An attribute that is missing compares as nothing does; values of two types are only ever unequal."""
    if left is None or right is None:
        return False
    (one_type, one), (other_type, other) = next(iter(left.items())), next(iter(right.items()))
    if one_type != other_type:
        return symbol == "<>"
    if one_type == "N":
        one, other = number(left), number(right)
    elif one_type not in ORDERED and symbol not in ("=", "<>"):
        raise Malformed(f"Incorrect operand type for operator or function; operator: {symbol}")
    return _holds(one, symbol, other)


def _holds(one: Any, symbol: str, other: Any) -> bool:
    match symbol:
        case "=":
            return bool(one == other)
        case "<>":
            return bool(one != other)
        case "<":
            return bool(one < other)
        case "<=":
            return bool(one <= other)
        case ">":
            return bool(one > other)
        case _:
            return bool(one >= other)


def _begins(value: Value | None, prefix: Value | None) -> bool:
    if value is None or prefix is None:
        return False
    for kind in ("S", "B"):
        if kind in value and kind in prefix:
            return bool(value[kind].startswith(prefix[kind]))
    return False


def _added(left: Value | None, right: Value | None, sign: int) -> Value | None:
    if left is None or right is None:
        return None
    if "N" not in left or "N" not in right:
        raise Malformed("An operand in the update expression has an incorrect data type")
    return {"N": text(number(left) + sign * number(right))}


RESERVED: Final = frozenset(
    word
    for line in (
        "ACTION ADD ALL AND AS AT BEGIN BETWEEN BY CONDITION COUNT CURRENT DATA DATE DELETE END EXISTS FILTER FROM",
        "GROUP HASH IN INDEX ITEMS KEY KEYS LEVEL LIMIT NAME NOT NULL OR ORDER OWNER PARTITION RANGE REGION ROLE SCAN",
        "SET SHARD SIZE STATUS TABLE TIME TIMESTAMP TO TOKEN TOTAL TTL TYPE UNIT UPDATE USER VALUE VALUES WITH ZONE",
    )
    for word in line.split()
)
"""Of DynamoDB's 573 reserved words, those an attribute of ours might be named: they need a placeholder."""
