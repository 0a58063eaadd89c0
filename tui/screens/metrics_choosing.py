"""The list of metrics on screen 2: filtered by words, the worst first, with what the resources publish besides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from services.model.series import MetricId
from services.problems import AccountError
from tui.metric_choices import Choice, Ranked, matching, ranked
from tui.metric_groups import offered
from tui.picture import Picture
from widgets import wording
from widgets.listing import Listing
from widgets.metric_view_list import MetricList, MetricRow

if TYPE_CHECKING:
    from services.aws.session import Account
    from services.watch.on_demand import Question

    Ask = Callable[[Question[tuple[MetricId, ...]]], Awaitable[tuple[MetricId, ...]]]


class MetricChooser(Vertical):
    """A line of words over the metrics that have them."""

    DEFAULT_CSS = """
    MetricChooser { height: 1fr; }
    MetricChooser #chooser-title { height: 1; padding: 0 1; color: $foreground 82%; }
    MetricChooser #words { height: 1; background: $boost; border: none; padding: 0 1; }
    """

    class Chosen(Message):
        """This one is to be shown."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, ask: Ask, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ask = ask
        self._title = Static(id="chooser-title", markup=False)
        self._words = Input(id="words", placeholder="words; !word leaves out", compact=True, max_length=200)
        self._metrics = MetricList(id="metrics")
        self._reset()

    def _reset(self) -> None:
        self._picture: Picture | None = None
        self._browsed: tuple[MetricId, ...] = ()
        self._browsing = ""

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._words
        yield self._metrics

    def begin(self) -> None:
        """The list is opened; what else the resources publish is asked the first time."""
        self.screen.set_focus(self._words)
        self._list()
        if not self._browsed and not self._browsing:
            self.run_worker(self._browse(self.choices()), group="browse", exclusive=True)

    def know(self, picture: Picture) -> None:
        """What is known now; shown by `refresh_list`."""
        self._picture = picture

    def refresh_list(self) -> None:
        """Show the list as of what is known now."""
        self._list()

    def forget(self) -> None:
        """Nothing of another environment stays."""
        self.app.workers.cancel_node(self)
        self._reset()
        self._words.value = ""
        self._metrics.begin()
        self._metrics.set_entries((), "")

    def choices(self) -> tuple[Choice, ...]:
        """Everything that can be chosen, whatever the words."""
        situation = self._picture.situation if self._picture is not None else None
        return offered(situation, self._browsed) if situation is not None else ()

    def move(self, by: int) -> None:
        self._metrics.move(by)

    def take(self) -> None:
        """The selected one is to be shown."""
        row = self._metrics.selected
        chosen = next((one for one in self.choices() if row is not None and one.key == row.key), None)
        if chosen is not None:
            self.post_message(self.Chosen(chosen))

    async def _browse(self, known: tuple[Choice, ...]) -> None:
        from services.aws import metric_browse

        every = metric_browse.resources(one.metric for one in known)
        some = every[: metric_browse.RESOURCES]

        async def question(account: Account) -> tuple[MetricId, ...]:
            return await metric_browse.browse(account, some)

        self._browsing = "asking what else is published …"
        self._list()
        try:
            self._browsed = await self._ask(question)
            more = len(every) - len(some)
            self._browsing = f"what {more} more resources publish besides is not looked up" if more else ""
        except AccountError as error:
            self._browsing = f"what else is published is not known: {error.problem.message}"
        self._list()

    def _ranked(self, found: Sequence[Choice]) -> tuple[Ranked, ...]:
        """The worst first, as judged now."""
        picture = self._picture
        if picture is None or picture.situation is None:
            return ()
        return ranked(found, picture.situation, picture.assessment)

    def _list(self) -> None:
        if not self.is_mounted:
            return
        words = self._words.value
        everything = self.choices()
        found = matching(everything, words)
        watched = sum(one.watched for one in found)
        count = f"{len(found)} of {len(everything)}" if words.strip() else str(len(everything))
        title = f"Metrics {count} · {watched} watched anyway (●)" + (f" · {self._browsing}" if self._browsing else "")
        self._title.update(Content(title))
        rows = [_row(one) for one in self._ranked(found)]
        self._metrics.set_entries(rows, f"no metric has {words.strip()}")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._metrics.begin()
        self._list()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.take()

    def on_listing_opened(self, event: Listing.Opened) -> None:
        event.stop()
        self.take()


def _row(one: Ranked) -> MetricRow:
    choice, standing = one.choice, one.standing
    row = MetricRow(choice.key, choice.title, choice.subject, choice.metric.region, choice.watched)
    if standing is None:
        return row
    value = "" if standing.value is None or one.unit is None else wording.value(standing.value, one.unit)
    return msgspec.structs.replace(row, state=standing.state, value=value)
