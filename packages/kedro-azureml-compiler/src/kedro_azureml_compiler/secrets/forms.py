"""What secrets look like by their form: passwords in addresses, keys, tokens."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kedro_azureml_compiler.secrets.literals import is_placeholder


def _is_literal(text: str) -> bool:
    return not is_placeholder(text)


class Form(NamedTuple):
    """What a kind of secret looks like; the group `secret` is the part that has to be literal.

    The pattern is compiled when it is first needed, and tried where one of the signs stands: few
    projects hold anything that could match, and some patterns take long to say so.
    """

    name: str
    signs: tuple[str, ...]
    """One of them stands, in small letters, in each text that matches; none holds a space."""
    pattern: str
    flags: int = 0
    shapes: tuple[str, ...] = ()
    """Patterns that stand in for signs; no match holds a space."""
    is_secret: Callable[[str], bool] = _is_literal
    """Says of what has been found whether it is one."""

    def may_be_in(self, text: str, lowered: str) -> bool:
        """Check quickly whether a text can match; it is given in small letters too."""
        return any(map(lowered.__contains__, self.signs)) or any(
            re.search(shape, text) for shape in self.shapes
        )

    def find_in(self, text: str) -> Iterator[re.Match[str]]:
        """Return the matches in a text."""
        return re.finditer(self.pattern, text, self.flags)


_TOKENS = "|".join(
    (
        r"gh[oprsu]_\w{20,}|github_pat_\w{20,}",  # GitHub
        r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|agent|oas|imt)-[\w-]{16,}|GR1348941[\w-]{16,}",  # GitLab
        r"xox[abeoprs]-[\w-]{10,}|xapp-\d-[\w-]{10,}",  # Slack
        r"hf_[A-Za-z0-9]{20,}|api_org_[A-Za-z0-9]{20,}",  # Hugging Face
        r"sk-(?:proj|svcacct|admin|ant|or|lf)-[\w-]{16,}|sk-[A-Za-z0-9]{32,}",  # models
        r"sk-[\w-]*T3BlbkFJ[\w-]+|gsk_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{30,}|pcsk_\w{20,}|lsv2_[ps][tk]_\w{20,}",
        r"AIza[\w-]{30,}|ya29\.[\w-]{16,}|GOCSPX-[\w-]{16,}|1//0[\w-]{20,}",  # Google
        r"dapi[0-9a-f]{32}(?:-\d)?|dose[0-9a-f]{32}",  # Databricks
        r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}|bedrock-api-key-[\w=-]{20,}",  # AWS
        r"[sr]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[A-Za-z0-9+/=]{16,}",  # Stripe
        r"SG\.[\w-]{16,}\.[\w-]{16,}|SK[0-9a-z]{32}|\d{8,10}:[\w-]{35}",  # messages
        r"[0-9a-z]{32}-us\d{1,2}|[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27}|sq0csp-[\w\\-]{43}",
        r"pypi-AgE[\w-]{20,}|npm_[A-Za-z0-9]{36}|dckr_pat_[\w-]{20,}",  # registries
        r"hvs\.[\w-]{20,}|dop_v1_[0-9a-f]{40,}|glsa_\w{20,}|glc_[\w=]{20,}|NRAK-[A-Z0-9]{20,}",
        r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|lin_api_\w{30,}|ntn_\w{30,}|figd_[\w-]{20,}",
        r"[\w~.-]{3}\dQ~[\w~.-]{31,34}",  # client secrets of Microsoft Entra
        r"[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}|[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",  # Azure
        r"AGE-SECRET-KEY-1[0-9A-Z]{20,}",
    )
)

_IN_A_QUERY = "|".join(
    (
        r"sig=(?P<sas>[^&\s#;'\"]+)",
        r"(?:x-amz-|x-goog-)?(?:signature|security-token)=(?P<signature>[^&\s#;'\"]{8,})",
        r"(?:code|key|appid|app_id|auth|pat|jwt|k)=(?P<key>(?=[^&\s#;]*\d)[\w~.%+/=-]{20,})",
    )
)

TOKEN_SIGNS = (
    "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat", "glptt", "gldt-", "glrt-",
    "glcbt", "glsoat", "glft-", "glagent", "gloas", "glimt", "glsa_", "glc_", "gr1348941", "xox",
    "xapp-", "hf_", "api_org_", "sk-", "gsk_", "r8_", "pcsk_", "lsv2_", "aiza", "ya29.", "gocspx-",
    "1//0", "dapi", "dose", "akia", "asia", "abia", "acca", "a3t", "bedrock-", "k_live_", "k_test_",
    "whsec_", "sg.", "-us", "sq0csp-", "pypi-", "npm_", "dckr_", "hvs.", "dop_v1_", "nrak-",
    "shpat", "shpca", "shppa", "shpss", "lin_api_", "ntn_", "figd_", "q~", "jqqj99", "azdo",
    "age-secret-",
)  # fmt: skip
# Each begins with the letter or sign that is rarest: nothing else is looked at.
TOKEN_SHAPES = (
    r":[\w-]{35}(?<=\d{8}:[\w-]{35})",
    r"SK[0-9a-z]{32}",
    r"\.[\w-]{6}\.(?<=[\w-]{24}\.[\w-]{6}\.)",
)
ADDRESS_SHAPE = r"://[^\s/]*:\S*@"


def _decoded(text: str) -> bytes:
    try:
        padded = text.rstrip("=").translate(str.maketrans("-_", "+/"))
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (ValueError, binascii.Error):
        return b""


def _is_login(text: str) -> bool:
    return b":" in _decoded(text)


def _is_private_key(text: str) -> bool:
    inside = _decoded(text)
    return b"PRIVATE KEY-----" in inside or b'"private_key"' in inside


FORMS = (
    Form(
        "a password in an address",
        (),
        # The password may hold what an address should not; a port and a path are none.
        r"(?<![\w+.-])[A-Za-z][\w+.-]{0,60}://[^\s/?#@:'\"]{0,200}:(?!\d+[/?#])"
        r"(?P<secret>[^\s@'\"<>]{1,2000}|<[^\s@]{0,200}>)@",
        shapes=(ADDRESS_SHAPE,),
    ),
    Form(
        "a password in an address",
        ("jdbc:oracle:",),
        r"jdbc:oracle:\w+:[^\s/@:]+/(?P<secret>[^\s@]+)@",
        re.IGNORECASE,
    ),
    Form(
        "a token in an address",
        ("hooks.slack", "discord", "webhook.office", "/t/"),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>\w+/\w+/\w+)"
        r"|discord(?:app)?\.com/api/webhooks/(?P<discord>\d+/[\w-]+)"
        r"|webhook\.office\.com/webhookb2/(?P<office>[\w@-]+/IncomingWebhook/\S+)"
        r"|/t/(?P<channel>[a-z]{2}-[0-9a-f]{8}-[0-9a-f-]{20,})",  # of a channel of conda
    ),
    Form(
        "a signature in an address",
        (
            "sig=", "signature=", "security-token=", "code=", "key=", "appid=", "app_id=", "auth=",
            "pat=", "jwt=", "k=",
        ),
        rf"(?:^|[?&;\s'\"])(?:{_IN_A_QUERY})",
        re.IGNORECASE,
    ),
    Form(
        "a token",
        TOKEN_SIGNS,
        rf"(?<![A-Za-z0-9_-])(?P<secret>{_TOKENS})(?![A-Za-z0-9])",
        shapes=TOKEN_SHAPES,
    ),
    Form("a token", ("eyj",), r"\b(?P<secret>eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*)"),
    Form(
        "a token",
        ("bearer", "token"),
        r"(?:^|authorization['\"]?\s*[:=]\s*['\"]?|['\"])\s*(?:Bearer|Token)\s+"
        r"(?!(?:tokens?|auth\w*|credentials?|of|for|is|in|to|and|or)\b)(?P<secret>[^\s'\"]{6,})"
        r"(?:$|['\"\s])",
        re.IGNORECASE,
    ),
    Form(
        "a key of an Azure account",
        ("==",),
        r"(?<![A-Za-z0-9+/-])(?P<secret>[A-Za-z0-9+/]{86}==)",
    ),
    Form(
        "a private key",
        ("-----begin", "putty"),
        r"(?P<secret>-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-)",
    ),
    Form(
        "a password",
        ("-u", "--user"),
        r"(?:^|\s)(?:-u|--user)[ =](?!\d+:\d)[^\s:/]+:(?P<secret>[^\s:/]+)(?:\s|$)",
    ),
    Form(
        "a password",
        ("machine",),
        r"\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?P<secret>\S+)",
    ),
    Form(
        "a password",
        ("basic",),
        r"\bBasic\s+(?P<secret>[A-Za-z0-9+/=_-]{6,})",
        re.IGNORECASE,
        is_secret=_is_login,
    ),
    Form(
        "a private key",
        (),
        r"(?P<secret>[A-Za-z0-9+/_-]{80,}={0,2})",
        shapes=(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{80}",),
        is_secret=_is_private_key,
    ),
)  # fmt: skip
