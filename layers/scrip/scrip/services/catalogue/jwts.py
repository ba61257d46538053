"""JSON Web Tokens of an issuer of your own: verified by its published keys, and read as whom they say.

The library is in a layer of the authorizer alone, so it is imported on first use. Does not own what a scope allows
(``http.edge.access``), nor what a key of one account may have (``keys``).
"""

from __future__ import annotations

import hashlib
import json
import re
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from scrip.domain.credits.errors import Unavailable
from scrip.services.catalogue.keys import BOUND, KeyOwner

if TYPE_CHECKING:
    from jwt import PyJWKClient

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key pair. None of those by a shared secret: the published key would be that secret."""
SCOPES: Final = ("read", "burn", "top_up", "auto_top_up", "grant", "admin")
SCOPE_CLAIM, ACCOUNT_CLAIM = "scrip_scope", "scrip_account"
SECONDS: Final = 3.0
"""For each of the two documents of the issuer."""
KEYS_SECONDS: Final = 600
"""How long the issuer's keys are remembered."""
UNKNOWN_SECONDS: Final = 60
"""How often an unknown key's id may have us ask the issuer: whoever makes ids up must not send us there each time."""
LEEWAY_SECONDS: Final = 5
"""How far the issuer's clock may be ahead of ours."""
LONGEST: Final = 8192
"""Characters of a token."""
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9._:@|-]{1,128}")


class JwtIssuer:
    """Who issues tokens (``iss``), and for whom they must be (``aud``)."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer, self._audience = issuer, audience
        self._client: PyJWKClient | None = None

    def find_owner(self, token: str) -> KeyOwner | None:
        """Returns who a token says its holder is; None where it is not the issuer's, not for us, over, or says nothing.

        Raises:
            Unavailable: the issuer does not tell its keys.
        """
        import jwt

        if len(token) > LONGEST:
            return None
        try:
            if jwt.get_unverified_header(token).get("alg") not in ALGORITHMS:
                return None
            key = self._keys().get_signing_key_from_jwt(token)
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise Unavailable("the issuer of JSON Web Tokens does not tell its keys") from error
        except jwt.PyJWTError:
            return None
        return self._owner(claims)

    def _owner(self, claims: Mapping[str, Any]) -> KeyOwner | None:
        """Returns whom claims are about; None where they name no scope that there is, or an account that is none."""
        # A claim that is there and names no account (null, say) is a mistake of the issuer's, never "all of them".
        said, account, bound = claims.get(SCOPE_CLAIM), claims.get(ACCOUNT_CLAIM), ACCOUNT_CLAIM in claims
        words = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
        allowed = BOUND if bound else SCOPES
        scopes = tuple(word for word in SCOPES if word in words and word in allowed)
        if not scopes or (bound and not (isinstance(account, str) and _ACCOUNT.fullmatch(account))):
            return None
        # Not the subject itself, which may be somebody's address: it stays in entries for ever.
        subject = hashlib.sha256(f"{self._issuer} {claims.get('sub', '')}".encode()).hexdigest()[:16]
        return KeyOwner(f"jwt-{subject}", scopes, account or "", ends_at=int(claims["exp"]) * 1000)

    def _keys(self) -> PyJWKClient:
        """Returns the client of the issuer's keys; where they are is asked once.

        Raises:
            Unavailable: the issuer does not say.
        """
        if self._client is None:
            import jwt

            url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - the operator's own URL
                    where = json.load(answer)["jwks_uri"]
                self._client = jwt.PyJWKClient(
                    where, lifespan=KEYS_SECONDS, timeout=SECONDS, cooldown_duration=UNKNOWN_SECONDS
                )
            except (OSError, ValueError, KeyError, TypeError, jwt.PyJWKClientError) as error:
                raise Unavailable("the issuer of JSON Web Tokens does not say where its keys are") from error
        return self._client
