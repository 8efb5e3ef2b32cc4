"""What the machine must offer before anything slow begins: two ports, disk, a data folder of our own."""

import contextlib
import errno
import fcntl
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hotline.errors import DeskError

MOST_PATH = 90  # bytes; both servers refuse a socket's path over 107
LEAST_SPACE = 300 * 2**20  # bytes, to run
INSTALL_SPACE = 1200 * 2**20  # bytes, to install the dependencies as well
DISK_FULL = "磁盘已满，请清理后再试。 · The disk is full."


class CannotStart(DeskError):
    """The desk can't start here; one sentence says why and what to do."""

    status = 503


def servers_uid() -> int | None:
    """Who runs the embedded servers: None = we ourselves; for root, whom PostgreSQL refuses, `nobody`."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def as_user(uid: int | None) -> dict[str, Any]:
    """The arguments that make `subprocess` run something as this user, in no group but its own."""
    return {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}


def give(folder: Path, uid: int | None) -> None:
    """Hand the folder over, readable by its owner only."""
    folder.chmod(0o700)
    if uid is not None:
        os.chown(folder, uid, uid)


def check_ports(host: str, port: int) -> None:
    """Refuse a port, or the one after it, that can't be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in (port, port + 1):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, number))
            except (OSError, OverflowError) as problem:
                raise CannotStart(_port_sentence(host, number, getattr(problem, "errno", None))) from None


def check_space(folder: Path, least: int) -> None:
    """Refuse a disk with fewer than `least` bytes left."""
    free = shutil.disk_usage(folder).free
    if free < least:
        sentence = f"磁盘只剩 {free // 2**20} MB，至少需要 {least // 2**20} MB，请清理后再试。"
        raise CannotStart(f"{sentence} · The disk is nearly full.")


def prepare_folder(folder: Path) -> None:
    """Make the data folder for the servers' user; refuse one that is foreign, unreachable or too small."""
    uid = servers_uid()
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            give(folder, uid)
        owner = folder.stat().st_uid
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            raise CannotStart(DISK_FULL) from None
        sentence = f"无法建立数据目录 {folder}（{problem.strerror}）。 · Can't make the data folder."
        raise CannotStart(sentence) from None
    if owner != (os.geteuid() if uid is None else uid):
        sentence = f"数据目录 {folder} 属于另一个用户（uid {owner}），请换用该用户或另一个目录。"
        raise CannotStart(f"{sentence} · The data folder belongs to another user.")
    if not may(uid, "wx", folder):
        raise CannotStart(f"数据目录 {folder} 不可写。 · The data folder can't be written.")
    check_space(folder, LEAST_SPACE)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Prepare the data folder and hold it; a second holder is refused. The kernel lets go if we die."""
    prepare_folder(folder)
    with (folder / "desk.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sentence = f"这里的热线系统已在运行（数据目录 {folder}），不能重复启动。"
            raise CannotStart(f"{sentence} · This desk is already running.") from None
        yield


def socket_folder(folder: Path) -> Path:
    """A 0700 folder for the sockets that belong to this data folder, with a path short enough for both."""
    uid = servers_uid()
    name = f"hotline-{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]}"
    place = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(place / ".s.PGSQL.5432.lock")) >= MOST_PATH:
        place = Path("/tmp") / name
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
        give(place, uid)
    seen = place.lstat()
    if place.is_symlink() or seen.st_uid != (os.geteuid() if uid is None else uid):
        raise CannotStart(f"{place} 被另一个用户占用，请删除它。 · Another user holds the socket folder.")
    place.chmod(0o700)
    return place


def may(uid: int | None, rights: str, path: Path) -> bool:
    """Whether this user can use `path` so (letters of `test`: r, w, x), every folder above it included."""
    script = " && ".join(f'test -{right} "$0"' for right in rights)
    return subprocess.run(["/bin/sh", "-c", script, str(path)], cwd="/", **as_user(uid)).returncode == 0


def _port_sentence(host: str, port: int, number: int | None) -> str:
    if number == errno.EADDRINUSE:
        return f"端口 {port} 已被占用，请换一个，例如 make run PORT={port + 10}。 · Port {port} is taken."
    return f"不能在 {host} 的端口 {port} 上监听，请换一个。 · Can't listen on port {port}."


def main() -> int:
    """Before the dependencies are there (nothing here needs them): are the ports free, is there disk?"""
    installed = Path(".venv/runtime.stamp").exists()
    try:
        check_ports(os.environ.get("HOTLINE_HOST", "127.0.0.1"), int(sys.argv[1]))
        check_space(Path(), LEAST_SPACE if installed else INSTALL_SPACE)
    except CannotStart as problem:
        print(problem.sentence, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
