"""Nothing slow is imported before the first paint."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SLOW = ("aiobotocore", "botocore", "boto3", "aiohttp", "plotext", "moto", "services.actions")


def test_the_screen_is_painted_before_anything_slow_is_imported() -> None:
    code = f"import sys, tui.app; print(*[name for name in {SLOW!r} if name in sys.modules])"
    home = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=home, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
