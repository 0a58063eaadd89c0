"""IAM's list of policies, where moto is not like AWS.

moto takes a marker it never gave for a number, and gives one behind the last page when that page is just full.
"""

from __future__ import annotations

from typing import Any

from services.simulated.moto_backing import MotoBacking
from services.simulated.platform.paging import page
from services.simulated.protocol import AwsError, Context, Handler

DEFAULT, MOST = 100, 1_000
"""Policies on a page: unless another number is asked for, and at the most (IAM API reference, ListPolicies)."""


class Policies:
    """The account's managed policies, AWS's among them."""

    def __init__(self, moto: MotoBacking) -> None:
        self._moto = moto

    def handlers(self) -> dict[str, Handler]:
        return {"ListPolicies": self.listed}

    def listed(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        size = int(parameters.get("MaxItems", DEFAULT))
        if not 1 <= size <= MOST:
            bound = f"less than or equal to {MOST}" if size > MOST else "greater than or equal to 1"
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{size}' at 'maxItems' failed to satisfy constraint: "
                f"Member must have value {bound}",
            )
        attached = str(parameters.get("OnlyAttached", False)).lower() == "true"
        found, following = page(self._chosen(context, parameters, attached), parameters.get("Marker"), size)
        result: dict[str, Any] = {"Policies": [_told(one) for one in found], "IsTruncated": following is not None}
        return result | ({"Marker": following} if following is not None else {})

    def _chosen(self, context: Context, parameters: dict[str, Any], attached: bool) -> list[Any]:
        self._moto.ready("iam")
        from moto.iam.models import iam_backends

        path, scope = str(parameters.get("PathPrefix", "/")), str(parameters.get("Scope", "All"))
        policies = iam_backends[context.account]["aws"].managed_policies.values()
        return sorted(
            (
                one
                for one in policies
                if one.path.startswith(path)
                and not (attached and not one.attachment_count)
                and scope in ("All", "AWS" if ":iam::aws:" in one.arn else "Local")
            ),
            key=lambda one: str(one.name),
        )


def _told(policy: Any) -> dict[str, Any]:
    """Without the document, the description and the tags, which this call never gives."""
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
    }
