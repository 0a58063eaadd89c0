"""The few system calls under the journal, in one place so that a test can make the n-th of them fail."""

from __future__ import annotations

import os


class Disk:
    """The disk as it is."""

    def write(self, descriptor: int, data: bytes) -> int:
        """os.write: bytes taken, which may be fewer."""
        return os.write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """os.fsync: returns when the bytes are on the disk."""
        os.fsync(descriptor)
