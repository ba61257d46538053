"""JSON Web Tokens in the place of API keys: of the issuer that is said, for us, not over, and no more than they say.

The issuer is a stand-in on this machine, which signs with keys of its own."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from scrip.domain.credits.errors import Unavailable
from scrip.services.catalogue.jwts import JwtIssuer
from scrip.services.catalogue.keys import KeyOwner
from tests.aws import Deployment
from tests.http.catalogue.test_keys import NOBODY, authorize

AUDIENCE = "scrip"
SUBJECT = "auth0|12"


class Issuer:
    """An issuer with one key of each of two kinds; what it is asked is counted."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken = False
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.keys = [self.public("r1", "RS256", self.rsa), self.public("e1", "ES256", self.ec)]
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                told: Any = {"jwks_uri": f"{issuer.url}/keys", "issuer": issuer.url}
                if self.path == "/keys":
                    told = {"keys": issuer.keys}
                body = json.dumps(told).encode()
                self.send_response(500 if issuer.broken else 200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @staticmethod
    def public(kid: str, algorithm: str, key: Any) -> dict[str, Any]:
        made = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
        return {**made, "kid": kid, "use": "sig", "alg": algorithm}

    def claims(self, **more: Any) -> dict[str, Any]:
        """What a good token says; a claim that is None is left out."""
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": SUBJECT,
            "exp": now + 600,
            "scrip_scope": "read top_up",
            "scrip_account": "acme",
            **more,
        }
        return {name: value for name, value in said.items() if value is not None}

    def token(self, kid: str = "r1", algorithm: str = "RS256", key: Any = None, **more: Any) -> str:
        return jwt.encode(self.claims(**more), key or self.rsa, algorithm, headers={"kid": kid})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def part(value: Any) -> str:
    """A part of a token: bytes, or JSON."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    started = Issuer()
    yield started
    started.stop()


@pytest.fixture
def ours(issuer: Issuer) -> JwtIssuer:
    return JwtIssuer(issuer.url, AUDIENCE)


def test_the_issuer_is_waited_for_three_seconds_and_its_keys_are_remembered_ten_minutes(
    issuer: Issuer, ours: JwtIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    ask = urllib.request.urlopen

    def asking(url: Any, **more: Any) -> Any:
        waited.append(more["timeout"])
        return ask(url, **more)

    monkeypatch.setattr(urllib.request, "urlopen", asking)
    assert ours.find_owner(issuer.token())
    assert waited == [3.0]
    client = ours._keys()
    assert client.timeout == 3.0
    assert client.jwk_set_cache
    assert (client.jwk_set_cache.lifespan, client.cooldown_duration) == (600, 60)


def test_a_token_is_who_it_says_for_as_long_as_it_says(issuer: Issuer, ours: JwtIssuer) -> None:
    exp = int(time.time()) + 60
    owner = ours.find_owner(issuer.token(exp=exp))
    assert owner
    assert (owner.scopes, owner.account, owner.ends_at) == (("read", "top_up"), "acme", exp * 1000)
    assert owner.key_id.startswith("jwt-")
    assert SUBJECT not in owner.key_id, "it stays in entries for ever"
    assert ours.find_owner(issuer.token("e1", "ES256", issuer.ec, exp=exp)) == owner
    other = ours.find_owner(issuer.token(sub="auth0|13"))
    assert other
    assert other.key_id != owner.key_id


def test_the_issuers_keys_are_asked_for_once(issuer: Issuer, ours: JwtIssuer) -> None:
    for _ in range(5):
        assert ours.find_owner(issuer.token())
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


def test_keys_that_are_made_up_have_us_ask_once_a_minute_at_most(issuer: Issuer, ours: JwtIssuer) -> None:
    assert ours.find_owner(issuer.token())
    for number in range(20):
        assert ours.find_owner(issuer.token(kid=f"made-up-{number}")) is None
    assert issuer.asked.count("/keys") == 1


@pytest.mark.parametrize(
    ("claims", "scopes", "account"),
    [
        ({"scrip_scope": "read"}, ("read",), "acme"),
        ({"scrip_scope": ["top_up", "read"]}, ("read", "top_up"), "acme"),
        ({"scrip_scope": "read write root"}, ("read",), "acme"),
        ({"scrip_scope": "read", "scrip_account": None}, ("read",), ""),
        ({"scrip_scope": "admin", "scrip_account": None}, ("admin",), ""),
        # Whatever is said: a customer has no more than a customer may.
        ({"scrip_scope": "admin read grant"}, ("read",), "acme"),
        ({"scrip_scope": "burn auto_top_up"}, ("burn", "auto_top_up"), "acme"),
    ],
)
def test_a_token_may_what_its_claims_say_and_one_of_an_account_no_more_than_a_customer(
    issuer: Issuer, ours: JwtIssuer, claims: dict[str, Any], scopes: tuple[str, ...], account: str
) -> None:
    owner = ours.find_owner(issuer.token(**claims))
    assert owner
    assert (owner.scopes, owner.account) == (scopes, account)


NO_TOKEN: dict[str, dict[str, Any]] = {
    "over": {"exp": 1_700_000_000},
    "without an end": {"exp": None},
    "of another issuer": {"iss": "https://id.example.test"},
    "of no issuer": {"iss": None},
    "for somebody else": {"aud": "shop"},
    "for nobody": {"aud": None},
    "not yet": {"nbf": 4_000_000_000, "exp": 4_000_000_600},
    "without a scope": {"scrip_scope": None},
    "with an empty scope": {"scrip_scope": ""},
    "with a scope that there is not": {"scrip_scope": "write"},
    "with a scope of another kind": {"scrip_scope": {"read": True}},
    "with a scope of numbers": {"scrip_scope": [1, None]},
    "of a customer who would be admin": {"scrip_scope": "admin"},
    "with an account that is none": {"scrip_account": "a#b"},
    "with an account of another kind": {"scrip_account": ["acme"]},
    "with an empty account": {"scrip_account": ""},
    "too long": {"more": "x" * 9000},
}


@pytest.mark.parametrize("claims", NO_TOKEN.values(), ids=NO_TOKEN)
def test_a_token_opens_nothing_that_is(issuer: Issuer, ours: JwtIssuer, claims: dict[str, Any]) -> None:
    assert ours.find_owner(issuer.token(**claims)) is None


@pytest.mark.parametrize("scopes", ["read", "admin"])
def test_a_token_whose_account_is_null_opens_nothing_and_one_that_says_nothing_of_it_sees_all(
    issuer: Issuer, ours: JwtIssuer, scopes: str
) -> None:
    """An issuer that fills the claim from a customer without an account must not make an operator of him."""
    claims = issuer.claims(scrip_scope=scopes, scrip_account=None)
    said = jwt.encode({**claims, "scrip_account": None}, issuer.rsa, "RS256", headers={"kid": "r1"})
    assert ours.find_owner(said) is None
    unsaid = ours.find_owner(issuer.token(scrip_scope=scopes, scrip_account=None))
    assert unsaid
    assert (unsaid.scopes, unsaid.account) == ((scopes,), "")


def test_a_token_that_the_issuer_did_not_sign_opens_nothing(issuer: Issuer, ours: JwtIssuer) -> None:
    """Signed by another's key under the issuer's key id; by nobody; by the published key as if it were a secret; with
    its claims changed; or only half of it."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    good = issuer.token()
    head, claims, signature = good.split(".")
    changed, published = part(issuer.claims(scrip_scope="admin")), json.dumps(issuer.keys[0]).encode()
    by_secret = f"{part({'alg': 'HS256', 'kid': 'r1'})}.{claims}"
    forged = [
        issuer.token(key=stranger),
        f"{part({'alg': 'none', 'kid': 'r1'})}.{claims}.",
        f"{by_secret}.{part(hmac.digest(published, by_secret.encode(), 'sha256'))}",
        f"{head}.{changed}.{signature}",
        f"{head}.{claims}.",
        f"{head}.{claims}",
        f"{head}..{signature}",
        "..",
        "a.b.c",
        f"{good}x.y",
        "ä.ö.ü",
    ]
    for token in forged:
        assert ours.find_owner(token) is None, token
    assert ours.find_owner(good)


def test_an_issuer_that_does_not_answer_is_no_reason_to_say_that_a_token_is_nobodys(
    issuer: Issuer, ours: JwtIssuer
) -> None:
    """The same token is good a moment later."""
    token = issuer.token()
    issuer.broken = True
    with pytest.raises(Unavailable):
        ours.find_owner(token)
    issuer.broken = False
    assert ours.find_owner(token)


def test_keys_that_are_known_outlive_the_issuer_for_a_while(issuer: Issuer, ours: JwtIssuer) -> None:
    assert ours.find_owner(issuer.token())
    issuer.broken = True
    assert ours.find_owner(issuer.token(sub="other"))


def test_the_authorizer_takes_tokens_where_an_issuer_is_said_and_nowhere_else(
    scrip: Deployment, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside API keys, and remembered like them: a bad one too."""
    token, bad = issuer.token(), issuer.token(aud="shop")
    assert authorize(f"Bearer {token}") == NOBODY
    monkeypatch.setenv("SCRIP_JWT_ISSUER", issuer.url)
    monkeypatch.setenv("SCRIP_JWT_AUDIENCE", AUDIENCE)
    scrip.cold()
    key = scrip.post("/v1/keys", {"scope": "read"}).body["key"]
    with scrip.calls() as made:
        context = authorize(f"Bearer {token}")["context"]
        assert authorize(f"Bearer {bad}") == NOBODY
    assert made == []
    assert (context["scopes"], context["account"]) == ("read top_up", "acme")
    assert authorize(f"Bearer {key}") != NOBODY
    asked = len(issuer.asked)
    for _ in range(3):
        authorize(f"Bearer {token}")
        authorize(f"Bearer {bad}")
    assert len(issuer.asked) == asked


def test_an_issuers_address_may_end_in_a_slash(issuer: Issuer) -> None:
    """As Auth0's do; the token names it so too."""
    ours = JwtIssuer(f"{issuer.url}/", AUDIENCE)
    owner: KeyOwner | None = ours.find_owner(issuer.token(iss=f"{issuer.url}/"))
    assert owner
    assert ours.find_owner(issuer.token()) is None
