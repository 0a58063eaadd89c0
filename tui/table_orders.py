"""A table's backups, looked at, restored from, made; its indexes, changed from a file. Found in the palette."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.by_name import ByName
from tui.index_file import read_index_line, read_types
from tui.order_lines import read_name
from tui.screens.backups import BACK_UP, POINT, RESTORE, BackupsScreen, Wanted
from tui.screens.line import LineScreen
from tui.screens.point import Point, PointScreen

if TYPE_CHECKING:
    from services.model.backups import Backup, Copies, Target
    from services.model.table_indexes import IndexChange, TableIndexes

TEST, RECOVERY = "test", "recovery"
"""What the new table is called after: the runbook's names."""


class TableOrders(ByName):
    """Backups and restores, indexes."""

    def do_backups(self) -> None:
        parts = self._situation.parts.value if self._situation is not None else None
        tables = parts.tables if parts is not None else ()
        if len(tables) == 1:
            self._backups_of(str(tables[0]))
            return
        hint = f"One of the stack's tables: {', '.join(tables) or 'it has none'}."
        self.push_screen(LineScreen("Backups of which table?", str(next(iter(tables), "")), hint, read_name),
                         self._backups_of)  # fmt: skip

    def _backups_of(self, table: str | None) -> None:
        if table is None:
            return
        from services.aws.backups import copies

        self._read(lambda account: copies(account, table), self._show_backups)

    def test_restore(self) -> None:
        """The newest backup of the first table into a test table (runbook 636): asks for its name."""
        parts = self._situation.parts.value if self._situation is not None else None
        table = next(iter(parts.tables), None) if parts is not None else None
        if table is None:
            self.do_backups()
            return
        from services.aws.backups import copies

        self._read(lambda account: copies(account, str(table)), self._test_newest)

    def _test_newest(self, copies: Copies) -> None:
        newest = next((one for one in copies.backups if one.status == "AVAILABLE"), None)
        if newest is None:
            self._show_backups(copies)  # says that there is none, and makes one
        else:
            self._wanted(copies, Wanted(RESTORE, newest))

    def _show_backups(self, copies: Copies) -> None:
        self.push_screen(BackupsScreen(copies, self.clock.now()), partial(self._wanted, copies))

    def _wanted(self, copies: Copies, wanted: Wanted | None) -> None:
        if wanted is None or self.session is None:
            return
        from services.actions import table_copies

        if wanted.what == BACK_UP:
            self._prepare(lambda situation, environment, settings, at: table_copies.plan_backup(
                situation, environment, settings, at, copies
            ))  # fmt: skip
            return
        from services.aws.backups import target

        purpose = RECOVERY if wanted.what == POINT else TEST
        name = table_copies.proposed_name(str(copies.table), self.session.environment, purpose)
        self._read(lambda account: target(account, name), partial(self._into, copies, wanted))

    def _into(self, copies: Copies, wanted: Wanted, proposed: Target) -> None:
        """Ask for the new table's name; one that is free stands there already."""
        name = str(proposed.free or proposed.name)
        if wanted.what == POINT:
            from services.actions import table_copies

            instant = table_copies.preset(copies.recovery, self.clock.now())
            if instant is not None:
                clamp = partial(table_copies.clamped, recovery=copies.recovery)
                self.push_screen(PointScreen(str(copies.table), copies.recovery, instant, name, clamp),
                                 partial(self._at_point, copies))  # fmt: skip
            return
        taken = f" {proposed.name} is taken." if proposed.status else ""
        hint = f"The name of the new table.{taken} {copies.table} itself is only read."
        backup = wanted.backup
        title = f"Restore backup {backup.name if backup is not None else ''} into"
        self.push_screen(LineScreen(title, name, hint, read_name), partial(self._from_backup, copies, backup))

    def _from_backup(self, copies: Copies, backup: Backup | None, name: str | None) -> None:
        if name is None or backup is None:
            return
        from services.actions import table_copies
        from services.aws.backups import target

        self._plan_after(
            lambda account: target(account, name),
            lambda found: (
                lambda situation, environment, settings, at: table_copies.plan_backup_restore(
                    situation, environment, settings, at, copies, backup, found
                )
            ),
        )

    def _at_point(self, copies: Copies, point: Point | None) -> None:
        if point is None:
            return
        from services.actions import table_copies
        from services.aws.backups import target

        self._plan_after(
            lambda account: target(account, point.target),
            lambda found: (
                lambda situation, environment, settings, at: table_copies.plan_point_restore(
                    situation, environment, settings, at, copies, point.instant, found
                )
            ),
        )

    def do_index_change(self) -> None:
        parts = self._situation.parts.value if self._situation is not None else None
        table = next(iter(parts.tables), "") if parts is not None else ""
        hint = "The table, and the JSON file that the AWS CLI takes as --global-secondary-index-updates."
        self.push_screen(LineScreen("Change an index", f"{table} ", hint, read_index_line), self._index_file)

    def _index_file(self, given: tuple[str, IndexChange] | None) -> None:
        if given is None:
            return
        from services.aws.table_indexes import read

        table, change = given
        self._read(lambda account: read(account, table), partial(self._index_types, change))

    def _index_types(self, change: IndexChange, there: TableIndexes) -> None:
        """Ask for the types of key attributes that neither the file nor the table tells."""
        from services.actions.index_change import missing

        lacking = missing(change, there)
        if not lacking:
            self._index_plan(there, change)
            return
        hint = "The types of the new key attributes, which the file does not tell: S text, N number, B bytes."
        line = " ".join(f"{name}=S" for name in lacking)
        screen = LineScreen("Of which type?", line, hint, partial(read_types, change, lacking))
        self.push_screen(screen, partial(self._index_plan, there))

    def _index_plan(self, there: TableIndexes, change: IndexChange | None) -> None:
        if change is None:
            return
        from services.actions.index_change import plan_index_change

        self._prepare(lambda situation, environment, settings, at: plan_index_change(
            situation, environment, settings, at, there, change
        ))  # fmt: skip
