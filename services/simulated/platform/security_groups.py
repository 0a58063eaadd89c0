"""EC2's security groups by name: in AWS a name means a group of the default VPC, in moto one of any VPC.

The errors' texts are those that the service gives (EC2 API reference, DescribeSecurityGroups and its error codes).
"""

from __future__ import annotations

from typing import Any

from services.simulated.moto_backing import MotoBacking
from services.simulated.platform.paging import page
from services.simulated.protocol import AwsError, Context, Handler

MOST = 1_000
"""Groups on a page."""


class SecurityGroups:
    """The account's groups, as moto holds them."""

    def __init__(self, moto: MotoBacking) -> None:
        self._moto = moto

    def handlers(self) -> dict[str, Handler]:
        return {"DescribeSecurityGroups": self.described}

    def described(self, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        self._moto.ready("ec2")
        from moto.ec2.models import ec2_backends

        backend = ec2_backends[context.account][context.region]
        filters = {str(one["Name"]): one.get("Values", []) for one in parameters.get("Filters", [])}
        try:
            matching = backend.describe_security_groups(filters=filters)
        except (KeyError, AttributeError) as error:
            raise AwsError("InvalidParameterValue", f"The filter {error} is invalid") from error
        names, ids = parameters.get("GroupNames", []), parameters.get("GroupIds", [])
        if names:
            chosen = [_named(backend, str(name)) for name in names]
            matching = [one for one in matching if one in chosen]
        if ids:
            chosen = [_with_id(backend, str(identity)) for identity in ids]
            matching = [one for one in matching if one in chosen]
        token, size = parameters.get("NextToken"), int(parameters.get("MaxResults", MOST))
        found, following = page(matching, token, min(size, MOST), "InvalidPaginationToken")
        result: dict[str, Any] = {"SecurityGroups": [_told(context, one) for one in found]}
        return result | ({"NextToken": following} if following is not None else {})


def _named(backend: Any, name: str) -> Any:
    vpc = backend.get_default_vpc()
    if vpc is None:
        text = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC."
        raise AwsError("VPCIdNotSpecified", text)
    found = next((one for one in backend.groups[vpc.id].values() if one.name == name), None)
    if found is None:
        text = f"The security group '{name}' does not exist in default VPC '{vpc.id}'"
        raise AwsError("InvalidGroup.NotFound", text)
    return found


def _with_id(backend: Any, identity: str) -> Any:
    found = next((groups[identity] for groups in backend.groups.values() if identity in groups), None)
    if found is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{identity}' does not exist")
    return found


def _told(context: Context, group: Any) -> dict[str, Any]:
    tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in group.get_tags()]
    return {
        "GroupId": group.id,
        "GroupName": group.name,
        "Description": group.description,
        "OwnerId": context.account,
        "VpcId": group.vpc_id,
        "SecurityGroupArn": group.arn,
        "IpPermissions": [_rule(context, one) for one in group.ip_permissions],
        "IpPermissionsEgress": [_rule(context, one) for one in group.ip_permissions_egress],
    } | ({"Tags": tags} if tags else {})


def _rule(context: Context, rule: Any) -> dict[str, Any]:
    ports = {} if rule.ip_protocol == "-1" else {"FromPort": rule.from_port, "ToPort": rule.to_port}
    return {
        "IpProtocol": rule.ip_protocol,
        **ports,
        "IpRanges": rule.ip_ranges,
        "Ipv6Ranges": rule.ipv6_ranges,
        "PrefixListIds": rule.prefix_list_ids,
        "UserIdGroupPairs": [{"UserId": context.account, **_pair(one)} for one in rule.user_id_group_pairs],
    }


def _pair(pair: Any) -> dict[str, Any]:
    """A group of a VPC is referred to by its id alone."""
    return {name: pair[name] for name in ("GroupId", "UserId", "Description") if pair.get(name)}
