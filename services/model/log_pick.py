"""Which log groups a person has chosen to follow."""

from __future__ import annotations

import msgspec

WORDS_MOST = 100
"""Words that are kept; more is nobody's choice."""


class LogPick(msgspec.Struct, frozen=True):
    """A choice: kept between starts, one for each environment."""

    words: tuple[str, ...] = ()
    """Names, wildcards, `stack`, `usual` (services/watch/log_choice.py); empty: what the screen begins with."""
    hidden: tuple[str, ...] = ()
    """Names of groups that are meant by a word and all the same not asked for."""

    def with_word(self, word: str, usual: str) -> LogPick:
        """One more word, beside the `usual` ones where nothing else was chosen; of its groups none is hidden."""
        words = self.words or (usual,)
        return LogPick((*(one for one in words if one != word), word)[:WORDS_MOST], self.hidden)

    def without_word(self, word: str) -> LogPick:
        """One word less; without the last, what the screen begins with."""
        return LogPick(tuple(one for one in self.words if one != word), self.hidden)

    def toggled(self, name: str) -> LogPick:
        """A group hidden that was shown, or shown that was hidden."""
        rest = tuple(one for one in self.hidden if one != name)
        return LogPick(self.words, rest if name in self.hidden else (*rest, name))
