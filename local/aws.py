"""Runs the local AWS: ministack, whose functions share the layers that were unpacked once.

Each of its processes of a function unpacks every layer for itself, three thousand files of 50 MB, which takes longer
than everything else that a cold start does. A layer of Lambda is read only, and no function of ours writes to one.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Final, Self

from ministack.app import main
from ministack.core import lambda_runtime

LAYER: Final = "layer_"
"""How the name of an archive begins that has a layer; others have a function's own code."""
_ONE_AT_A_TIME: Final = threading.Lock()


class SharedArchive:
    """A layer's archive, unpacked once for all whose content is the same. Use ``with``."""

    def __init__(self, path: str, folder: Path) -> None:
        self._path = Path(path)
        self._folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves nothing open."""

    def namelist(self) -> list[str]:
        """Returns no names to look at: ``zipfile`` unpacks nothing outside of where it is told to."""
        return []

    def extractall(self, target: str) -> None:
        """Puts a link to the unpacked layer where ``target``, an empty directory, is.

        Raises:
            OSError, BadZipFile: it cannot be unpacked.
        """
        content = self._path.read_bytes()
        shared = self._folder / hashlib.sha256(content).hexdigest()[:32]
        with _ONE_AT_A_TIME:
            if not shared.is_dir():
                self._folder.mkdir(exist_ok=True)
                fresh = Path(tempfile.mkdtemp(dir=self._folder))
                with zipfile.ZipFile(self._path) as archive:
                    archive.extractall(fresh)
                fresh.rename(shared)
        Path(target).rmdir()
        Path(target).symlink_to(shared, target_is_directory=True)


def opened(path: str, *more: Any) -> SharedArchive | zipfile.ZipFile:
    """Opens an archive as ``zipfile.ZipFile`` does, or a layer's as one that is shared."""
    if Path(path).name.startswith(LAYER):
        return SharedArchive(path, Path(tempfile.gettempdir()) / "layers")
    return zipfile.ZipFile(path, *more)


def share_layers() -> None:
    """Has ministack's functions share their layers."""
    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=opened, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile
    )


if __name__ == "__main__":
    share_layers()
    main()
