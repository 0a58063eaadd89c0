"""The runbook that the settings name, from its file."""

from __future__ import annotations

from services.model.runbook import Loaded
from services.runbook.reading import read
from services.safe_text import safe
from services.settings.loading import runbook_file
from services.settings.values import Settings

SIZE_LIMIT = 2_000_000
"""Largest document that is read, in bytes."""

NONE = "No runbook is configured: name a Markdown file as `runbook` in the settings."


def load_runbook(settings: Settings) -> Loaded:
    """The document, or why there is none. Its disk may be slow: on a thread. Asks nothing of any account."""
    path = runbook_file(settings)
    if path is None:
        return Loaded(problem=safe(NONE))
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
        if len(raw) > SIZE_LIMIT:
            return Loaded(problem=safe(f"{path}: larger than {SIZE_LIMIT:,} bytes; `runbook` has to name a document."))
        return Loaded(read(raw.decode("utf-8-sig")))
    except OSError as error:
        return Loaded(problem=safe(f"{path}: cannot be read ({error.strerror}); `runbook` in the settings names it."))
    except UnicodeDecodeError:
        return Loaded(problem=safe(f"{path}: not UTF-8; save the runbook as UTF-8."))
