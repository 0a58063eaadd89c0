"""Kept templates: whole on disk or not at all, once for the same content, bounded, and each sandbox's its own."""

from __future__ import annotations

import errno
import stat
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from services.journal.disk import Disk
from services.journal.home import JournalBroken, JournalHome
from services.journal.kept import MOST, digest_of, keep, kept, kept_with, template
from services.model.kept import Deployed, Setting
from services.model.reading import Reading
from services.safe_text import SafeText
from services.settings.values import Environment, EnvironmentKind
from tests.unit.actions_support import NOW

ID = SafeText("arn:stack/1")


def deployed(number: int = 1, at: datetime = NOW, status: str = "UPDATE_COMPLETE") -> Deployed:
    return Deployed(
        ID, SafeText("stack"), SafeText(status), at, f'{{"Resources":{{"R{number}":{{}}}}}}', f"processed {number}",
        parameters=(Setting("Release", f"v{number}"), Setting("Secret", "****", True)), tags=(("a", "b"),),
        capabilities=("CAPABILITY_IAM",), role="arn:role", notifications=("arn:topic",),
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> JournalHome:
    return JournalHome(tmp_path / "journal")


def test_everything_comes_back_as_it_was_the_newest_first(home: JournalHome) -> None:
    for number in (1, 2):
        keep(home, deployed(number, NOW + timedelta(hours=number)))
    newest, older = kept(home, ID)
    wanted = deployed(2)
    assert (newest.body, newest.parameters, newest.tags) == (wanted.original, wanted.parameters, wanted.tags)
    assert (newest.capabilities, newest.role, newest.notifications) == (
        wanted.capabilities, wanted.role, wanted.notifications,
    )  # fmt: skip
    assert template(home, newest.original) == wanted.original
    assert template(home, newest.processed) == wanted.processed
    assert older.digest == digest_of(deployed(1))
    assert Path(newest.file).read_text() == wanted.original
    assert kept(home, "arn:stack/2") == ()


def test_the_same_content_is_kept_once_and_remembers_when_it_was_deployed_last(home: JournalHome) -> None:
    for hours in (0, 5):
        keep(home, deployed(1, NOW + timedelta(hours=hours)))
    (one,) = kept(home, ID)
    assert one.at == NOW + timedelta(hours=5)


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_FAILED", "DELETE_COMPLETE", "ROLLBACK_COMPLETE"])
def test_what_has_not_gone_through_is_no_state_to_go_back_to(home: JournalHome, status: str) -> None:
    assert keep(home, deployed(status=status)) is None
    assert kept(home, ID) == ()


def test_only_its_owner_can_read_it(home: JournalHome) -> None:
    keep(home, deployed())
    folder = home.path / "kept"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}


def test_the_oldest_go_and_their_templates_with_them(home: JournalHome) -> None:
    for number in range(MOST + 3):
        keep(home, deployed(number, NOW + timedelta(hours=number)))
    found = kept(home, ID)
    assert len(found) == MOST
    assert found[-1].parameters[0].value == "v3"
    names = [one.name for one in (home.path / "kept").iterdir()]
    assert sum(name.startswith("template-") for name in names) == 2 * MOST


def test_a_damaged_file_is_left_out_and_never_sent(home: JournalHome) -> None:
    one = keep(home, deployed())
    assert one is not None
    file = next((home.path / "kept").glob(f"template-{one.original[:32]}*"))
    file.write_text("something else")
    (found,) = kept(home, ID)
    assert found.body == ""
    with pytest.raises(JournalBroken, match="not what was kept"):
        template(home, one.original)
    next((home.path / "kept").glob("stack-*.json")).write_text("{")
    assert kept(home, ID) == ()


class Full(Disk):
    """A disk that takes nothing from the n-th write on."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def write(self, descriptor: int, data: bytes) -> int:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(descriptor, data[: len(data) // 2] if self.left == 0 else data)


@pytest.mark.parametrize("nth", range(4))
def test_a_full_disk_leaves_nothing_half_and_is_told(home: JournalHome, nth: int) -> None:
    with pytest.raises(JournalBroken):
        keep(home, deployed(), Full(nth))
    assert kept(home, ID) == ()
    keep(home, deployed())
    assert kept(home, ID)[0].body == deployed().original


def test_a_disk_that_refuses_is_a_problem_of_the_reading_and_what_was_known_stays(
    home: JournalHome, tmp_path: Path
) -> None:
    before = kept_with(home, deployed(), Reading(), NOW)
    (tmp_path / "file").write_text("")
    after = kept_with(JournalHome(tmp_path / "file"), deployed(2), before, NOW)
    assert after.problem is not None
    assert after.value == before.value


def test_a_sandbox_keeps_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_STATE_HOME", str(tmp_path))
    real = Environment(name="production", stack="s", region="us-west-2")
    sandbox = msgspec.structs.replace(real, kind=EnvironmentKind.SANDBOX, endpoint_url="http://127.0.0.1:5000")
    keep(JournalHome.default(sandbox), deployed())
    assert kept(JournalHome.default(real), ID) == ()
