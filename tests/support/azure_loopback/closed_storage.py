"""A storage account that lets nobody in: what Blob Storage answers, which Azurite does not."""

from dataclasses import dataclass

ACCOUNT = "closedstore"
HOST = f"{ACCOUNT}.blob.core.windows.net"

_MESSAGES = {
    "AuthorizationPermissionMismatch": "This request is not authorized to perform this operation "
    "using this permission.",
    "AuthorizationFailure": "This request is not authorized to perform this operation.",
}


@dataclass
class ClosedStorage:
    """The account.

    Args:
        code: Why it refuses: `AuthorizationPermissionMismatch` (the identity has no role there) or
            `AuthorizationFailure` (its firewall does not know the network).
    """

    code: str = "AuthorizationPermissionMismatch"

    def answer(self) -> tuple[int, bytes, dict[str, str]]:
        """Answer any request to it: status, content, headers."""
        said = f"{_MESSAGES[self.code]}\nRequestId:00000000-0000-0000-0000-000000000000"
        text = f"<Error><Code>{self.code}</Code><Message>{said}</Message></Error>"
        headers = {"Content-Type": "application/xml", "x-ms-error-code": self.code}
        return 403, b'<?xml version="1.0" encoding="utf-8"?>' + text.encode(), headers
