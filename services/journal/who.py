"""Who acts: the operating system's user, the machine, and where the SSH session came from."""

from __future__ import annotations

import getpass
import os
import socket

from services.model.entry import Actor
from services.safe_text import SafeText, safe


def actor(arn: str = "") -> Actor:
    """The person at this terminal. `arn` is the identity that AWS knows, empty when not asked yet."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid {os.getuid()}"  # no entry in the user database: containers
    came_from = os.environ.get("SSH_CONNECTION", "").split(" ", 1)[0]
    return Actor(
        os_user=safe(user, 100),
        host=safe(socket.gethostname(), 100),
        arn=SafeText(safe(arn, 300)),
        ssh_from=safe(came_from, 100),
    )
