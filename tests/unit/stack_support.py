"""A stack that went from one kept deployment to another: values to plan and to judge from."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from services.model.kept import Deployed, KeptStack, Setting
from services.safe_text import SafeText
from tests.unit.actions_support import NOW

ID = SafeText("arn:aws:cloudformation:us-west-2:123456789012:stack/EC2Manager-production/1")
NAME = SafeText("EC2Manager-production")


def body(**resources: Any) -> str:
    return json.dumps({"Resources": resources})


def kept(digest: str, text: str, days: float, **more: Any) -> KeptStack:
    settings = (Setting("Release", digest[:3]), Setting("Secret", "****", True))
    found: dict[str, Any] = {"parameters": settings, "size": len(text)} | more
    return KeptStack(digest, ID, NAME, NOW - timedelta(days=days), f"o-{digest}", f"p-{digest}", body=text,
                     file=f"/state/kept/{digest}", capabilities=("CAPABILITY_IAM",), **found)  # fmt: skip


TABLE = {"Type": "AWS::DynamoDB::Table"}
NEWER = kept("v42" + "a" * 9, body(F={"Type": "AWS::Lambda::Function", "M": 2}, Extra=TABLE), 1)
OLDER = kept("v41" + "b" * 9, body(F={"Type": "AWS::Lambda::Function", "M": 1}), 3)
DEPLOYED = Deployed(
    ID, NAME, SafeText("UPDATE_COMPLETE"), NEWER.at, NEWER.body, "", parameters=NEWER.parameters,
    capabilities=NEWER.capabilities,
)  # fmt: skip
