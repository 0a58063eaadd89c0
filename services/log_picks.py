"""Which log groups somebody follows, kept between starts: one small file for each environment."""

from __future__ import annotations

from services.journal.disk import Disk
from services.journal.home import JournalHome
from services.kept_file import KeptFile, kept_beside
from services.model.log_pick import WORDS_MOST, LogPick
from services.safe_text import safe
from services.settings.values import Environment

NAME_LIMIT = 512
"""Characters of a log group's name, as AWS takes them."""


class PickStore(KeptFile[LogPick]):
    """One environment's file."""

    def __init__(self, home: JournalHome, environment: str, disk: Disk | None = None) -> None:
        super().__init__(home, environment, LogPick(), _cleaned, disk or Disk())

    @classmethod
    def of(cls, environment: Environment) -> PickStore:
        return cls(kept_beside(environment, "log-groups"), environment.name)


def _cleaned(pick: LogPick) -> LogPick:
    words = tuple(safe(word, NAME_LIMIT) for word in pick.words[:WORDS_MOST] if word)
    return LogPick(words, tuple(safe(name, NAME_LIMIT) for name in pick.hidden[:WORDS_MOST] if name))
