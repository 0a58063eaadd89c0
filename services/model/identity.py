"""Who we are and where."""

from __future__ import annotations

import msgspec

from services.safe_text import SafeText


class Identity(msgspec.Struct, frozen=True):
    """The answer of sts:GetCallerIdentity."""

    account: SafeText
    arn: SafeText

    @property
    def who(self) -> SafeText:
        """The last parts of the ARN: `oncall/alice` of an assumed role, `alice` of a user."""
        resource = self.arn.rsplit(":", 1)[-1]
        head, _, rest = resource.partition("/")
        return SafeText(rest if rest and head in ("assumed-role", "user", "role", "federated-user") else resource)
