"""Fails when pyproject.toml asks for something that the lock files do not hold. Run by `make check`."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def _asked(project: dict[str, object], groups: dict[str, list[str]], *, dev: bool) -> list[str]:
    asked = [*project["dependencies"], *project["optional-dependencies"]["simulated"], *groups["build"]]  # type: ignore[misc,index]  # TOML
    return [*asked, *groups["test"], *groups["check"]] if dev else asked


def _locked(path: Path) -> dict[str, str]:
    pins = re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text(), re.MULTILINE)
    return dict(pins)


def _fits(version: str, wanted: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(wanted).contains(version)


def main() -> int:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    faults = []
    for file, dev in (("requirements.lock", False), ("requirements-dev.lock", True)):
        locked = _locked(ROOT / file)
        for requirement in _asked(document["project"], document["dependency-groups"], dev=dev):
            match = _NAME.match(requirement)
            name = match.group().lower() if match else requirement
            if name not in locked:
                faults.append(f"{file} lacks {name}")
            elif not _fits(locked[name], requirement[len(name) :]):
                faults.append(f"{file} holds {name} {locked[name]}, pyproject.toml asks for {requirement}")
    for fault in faults:
        print(f"{fault}; run `make lock`", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
