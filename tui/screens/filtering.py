"""The words that narrow a screen's list: typed, they hold at once; `enter` leaves them standing."""

from __future__ import annotations

from textual.widgets import Input

from tui.screens.frame import FrameScreen


class Filtering(FrameScreen):
    """A screen with such a list. It shows `_field` while it has the class `-filtering`."""

    _wanted = ""
    """The words; empty: everything is shown."""
    _field: Input

    def _to_list(self) -> None:
        """Close what stands in place of the list."""
        raise NotImplementedError

    def _again(self) -> None:
        """Show the list anew."""
        raise NotImplementedError

    def do_filter(self) -> None:
        """Type words; the list follows."""
        self._to_list()
        self.add_class("-filtering")
        self.set_focus(self._field)
        self._again()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._wanted = event.value.strip()
        self._again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The words stay, the keys go back to the list."""
        event.stop()
        self._close_filter()

    def _drop_filter(self) -> bool:
        """Show everything again; False where nothing was left out and the field is closed."""
        if not self._wanted and not self.has_class("-filtering"):
            return False
        self._wanted = ""
        self._close_filter()
        return True

    def _close_filter(self) -> None:
        self.remove_class("-filtering")
        if self._field.value.strip() != self._wanted:
            self._field.value = self._wanted
        self.set_focus(None)
