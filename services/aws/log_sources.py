"""Log groups that other services name: a trail's, by ARN, and those a user pool delivers to (aws.md 3.1)."""

from __future__ import annotations

from services.aws.logs import Asker
from services.aws.reply import rows, table, text
from services.safe_text import SafeText


async def of_trails(account: Asker) -> tuple[SafeText, ...]:
    """Names of the groups that the trails of this region write to, whatever they are called. Raises AccountError."""
    reply = await account.ask("cloudtrail", "DescribeTrails")
    names = [name_in(text(trail, "CloudWatchLogsLogGroupArn")) for trail in rows(reply, "trailList")]
    return tuple(dict.fromkeys(name for name in names if name))


async def of_pool(account: Asker, pool: str) -> tuple[SafeText, ...]:
    """Names of the groups that a user pool delivers its log to; none is the usual answer. Raises AccountError."""
    reply = await account.ask("cognito-idp", "GetLogDeliveryConfiguration", {"UserPoolId": pool})
    configured = rows(table(reply, "LogDeliveryConfiguration"), "LogConfigurations")
    arns = [text(table(one, "CloudWatchLogsConfiguration"), "LogGroupArn") for one in configured]
    return tuple(dict.fromkeys(name for name in map(name_in, arns) if name))


def name_in(arn: str) -> SafeText:
    """`arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*` → NAME; empty when it is no such ARN."""
    return SafeText(arn.partition(":log-group:")[2].removesuffix(":*"))
