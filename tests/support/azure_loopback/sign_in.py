"""A small part of Entra ID: tokens for programs, and for a person with a device code."""

import base64
import json
import time
from typing import Any
from urllib.parse import parse_qs

TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
LOGIN = "login.microsoftonline.com"


class SignIn:
    """The sign-in of one tenant."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Work as at the start."""
        self.works = True
        self.lifetime_s = 86000
        """How long a token is good for."""
        self.most: int | None = None
        """How many tokens are granted before it works no more; None for any number."""
        self.grants: list[dict[str, str]] = []
        """What was sent to get each token."""
        self._device_scope = ""

    def answer(self, path: str, body: bytes) -> tuple[int, Any]:
        """Answer a request to the sign-in."""
        root = f"https://{LOGIN}/{TENANT}"
        if path.endswith("/discovery/instance"):
            return 200, {
                "tenant_discovery_endpoint": f"{root}/v2.0/.well-known/openid-configuration",
                "metadata": [
                    {
                        "preferred_network": LOGIN,
                        "preferred_cache": "login.windows.net",
                        "aliases": [LOGIN],
                    }
                ],
            }
        if path.endswith("openid-configuration"):
            return 200, {
                "issuer": f"{root}/v2.0",
                "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                "token_endpoint": f"{root}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
            }
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.grants.append(form)
        if path.endswith("/devicecode"):
            self._device_scope = form["scope"]
            return 200, {
                "user_code": "LOOPBACK1",
                "device_code": "device",
                "verification_uri": "https://microsoft.com/devicelogin",
                "expires_in": 60,
                "interval": 1,
                "message": "To sign in, enter the code LOOPBACK1.",
            }
        if not self.works or (self.most is not None and len(self.grants) > self.most):
            return 401, {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided.",
            }
        scopes = form.get("scope", self._device_scope)  # that is not sent a second time
        scope = next(word for word in scopes.split() if word.endswith("/.default"))
        answer = {
            "token_type": "Bearer",
            "expires_in": self.lifetime_s,
            "access_token": _token(scope.removesuffix("/.default").rstrip("/"), self.lifetime_s),
        }
        if form["grant_type"] != "client_credentials":  # a person
            account = json.dumps({"uid": CLIENT, "utid": TENANT}).encode()
            answer |= {
                "scope": scope,
                "refresh_token": "refresh",
                "id_token": _token(form["client_id"], self.lifetime_s),
                "client_info": base64.urlsafe_b64encode(account).decode().rstrip("="),
            }
        return 200, answer


def audience_of(authorization: str) -> str:
    """Return for whom the token of a request was issued; empty if there is none."""
    return _claims_of(authorization).get("aud", "")


def refuse_foreign_tenant(
    authorization: str, tenant: str
) -> tuple[int, Any, dict[str, str]] | None:
    """Answer a request with the token of another tenant than the subscription's; None otherwise.

    Args:
        authorization: The header of the request.
        tenant: The tenant of the subscription.
    """
    found = _claims_of(authorization).get("tid", tenant)
    if found == tenant:
        return None
    authority = f"https://login.windows.net/{tenant}"
    message = (
        f"The access token is from the wrong issuer 'https://sts.windows.net/{found}/'. It must "
        f"match the tenant 'https://sts.windows.net/{tenant}/' associated with this subscription. "
        f"Please use the authority (URL) '{authority}' to get the token. Note, if the subscription "
        "is transferred to another tenant there is no impact to the services, but information "
        "about new tenant could take time to propagate (up to an hour). If you just transferred "
        "your subscription and see this error message, please try back later."
    )
    challenge = (
        f'Bearer authorization_uri="{authority}", error="invalid_token", '
        f'error_description="{message}"'
    )
    content = {"error": {"code": "InvalidAuthenticationTokenTenant", "message": message}}
    return 401, content, {"WWW-Authenticate": challenge}


def _claims_of(authorization: str) -> dict[str, str]:
    parts = authorization.removeprefix("Bearer ").split(".")
    if len(parts) != 3:
        return {}
    claims: dict[str, str] = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    return claims


def _token(audience: str, lifetime_s: int) -> str:
    now = int(time.time())
    claims = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{TENANT}/",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + lifetime_s,
        "tid": TENANT,
        "oid": CLIENT,
        "sub": CLIENT,
        "preferred_username": "someone@loopback",
    }
    parts = [{"alg": "RS256", "typ": "JWT"}, claims, "signature"]
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
