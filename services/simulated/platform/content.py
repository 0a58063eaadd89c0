"""The web content: which release was put into the bucket when, and what each file of it says."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from importlib import resources

import msgspec

from services.simulated.estate import EnvironmentEstate
from services.simulated.platform.rollouts import FIRST, Rollout
from services.simulated.platform.stack_events import created
from services.simulated.platform.stack_resources import api_url

FILES = (("index.html", "text/html"), ("app.js", "text/javascript"), ("style.css", "text/css"))

UPLOAD_S = 40
"""The pipeline puts the files this long after the stack's update has ended."""


class Upload(msgspec.Struct, frozen=True):
    """One release of the content."""

    release: int
    at: datetime


def uploads(environment: EnvironmentEstate, rollouts: tuple[Rollout, ...], started: datetime) -> tuple[Upload, ...]:
    """Every release that was put before the account opened, ascending."""
    first = Upload(FIRST[environment.name], created(started) + timedelta(hours=1))
    later = (Upload(one.to_version, one.ended + timedelta(seconds=UPLOAD_S)) for one in rollouts if one.failure is None)
    return (first, *(upload for upload in later if upload.at <= started))


def body(environment: EnvironmentEstate, name: str, release: int) -> bytes:
    """What file `name` holds in that release."""
    text = resources.files("services.simulated.web").joinpath(name).read_text(encoding="utf-8")
    text = text.replace("@RELEASE@", f"v{release}").replace("@ENVIRONMENT@", environment.name)
    return text.replace("@API@", api_url(environment)).encode()


def digest(content: bytes) -> str:
    """What tells one content from another."""
    return hashlib.sha256(content).hexdigest()
