"""What is left of an exception that nobody foresaw: a sentence on the terminal and a file to send us.

The file holds the exception and the places it passed, never the values of variables: those may be credentials.
Everything in it goes through `services.redact`. Textual's own traceback prints locals (reliability.md, section 6) and
is replaced in `tui/app.py`.
"""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

import platformdirs

from services.clock import RealClock
from services.safe_text import safe

_FRAMES = 60
"""Places kept of one traceback; a recursion has thousands."""


def crash_folder() -> Path:
    """Where crash files are kept: `crashes` in the state folder (`COCKPIT_STATE_HOME` overrides)."""
    home = os.environ.get("COCKPIT_STATE_HOME")
    return (Path(home) if home else platformdirs.user_state_path("cockpit")) / "crashes"


def crash_text(error: BaseException, at: datetime) -> str:
    """The content of a crash file: when, what, where; redacted, without any variable's value."""
    from services.redact import redact

    lines = [f"at        {at.isoformat()}", f"process   {os.getpid()}"]
    seen: BaseException | None = error
    while seen is not None:
        lines.append(f"exception {type(seen).__module__}.{type(seen).__qualname__}: {safe(seen, 2_000)}")
        frames = traceback.extract_tb(seen.__traceback__)[-_FRAMES:]
        lines.extend(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return redact("\n".join(lines)) + "\n"


def write_crash_file(error: BaseException, at: datetime | None = None) -> Path:
    """Write the crash file, readable by its owner alone, and return its path. Raises OSError when it cannot be."""
    at = at or RealClock().now()
    folder = crash_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"crash-{at:%Y%m%dT%H%M%S%f}-{os.getpid()}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(crash_text(error, at))
    return path


def crash_sentence(error: BaseException) -> str:
    """Write the crash file and return the sentence for the person: what ended it and where the details are."""
    return f"ended by a fault of its own ({type(error).__name__}); {_details(error)}"


def stray_sentence(error: BaseException) -> str:
    """The same of a fault that ended nothing but the part it was in."""
    what = f"A part of it failed ({type(error).__name__}) and the rest goes on: q and start again when it can wait"
    return f"{what}; {_details(error)}"


def _details(error: BaseException) -> str:
    try:
        return f"details without any data: {write_crash_file(error)}"
    except (OSError, ImportError) as failure:
        return f"the crash file could not be written either: {safe(failure, 200)}"
