"""Which stretch of time screen 2 looks at: how long, how far back, and what stands behind it. Pure."""

from __future__ import annotations

import msgspec

from services.model.metric_query import KEPT_S, STRETCHES, USUAL, Range, Stretch, coarser, range_of


class Compared(msgspec.Struct, frozen=True):
    """What stands behind the curve."""

    back: int
    """Seconds; 0: nothing."""
    label: str


COMPARISONS = (Compared(0, ""), Compared(86_400, "same time yesterday"), Compared(7 * 86_400, "same time last week"))


class TimeWindow(msgspec.Struct, frozen=True):
    """A stretch that ends now or `back` seconds before."""

    place: int = USUAL
    """Of its length in STRETCHES."""
    back: int = 0
    comparison: int = 0
    """Of what it is compared with in COMPARISONS."""
    least: int = 0
    """Period that is wanted although a finer one is kept, seconds; 0: the finest."""

    @property
    def stretch(self) -> Stretch:
        return STRETCHES[self.place]

    @property
    def compared(self) -> Compared:
        return COMPARISONS[self.comparison]

    def range(self, now: float) -> Range:
        """What is asked for at `now`, epoch seconds."""
        return range_of(self.stretch, now, back=self.back, compared=self.compared.back, least=self.least)

    def stretched(self, by: int) -> TimeWindow:
        """So many lengths longer; the end stays, as far as anything is kept."""
        place = max(0, min(len(STRETCHES) - 1, self.place + by))
        return msgspec.structs.replace(self, place=place, least=0).panned(0)

    def panned(self, seconds: int) -> TimeWindow:
        """Moved back by `seconds`; never beyond now, never beyond what is kept."""
        room = max(0, KEPT_S - self.stretch.seconds)
        back = max(0, min(room, self.back + seconds))
        return msgspec.structs.replace(self, back=back if back >= 60 else 0)

    def holding(self, age: int) -> TimeWindow:
        """Moved so that the moment `age` seconds ago lies in it; as it is when it does already."""
        if self.back <= age < self.back + self.stretch.seconds:
            return self
        return msgspec.structs.replace(self, back=max(0, age - self.stretch.seconds // 2)).panned(0)

    def coarser(self, period: int) -> TimeWindow:
        """With points of the next coarser period than `period`; after the last the finest again."""
        return msgspec.structs.replace(self, least=coarser(self.stretch, period))

    def compared_next(self) -> TimeWindow:
        """Behind it the next day to compare with, after the last none."""
        return msgspec.structs.replace(self, comparison=(self.comparison + 1) % len(COMPARISONS))


WEEK = TimeWindow(
    place=next(place for place, one in enumerate(STRETCHES) if one.seconds == 7 * 86_400),
    comparison=next(place for place, one in enumerate(COMPARISONS) if one.back == 7 * 86_400),
)
"""Seven days beside the seven before."""
