"""`hotline make-keys` and `hotline rotate-keys`: the desk's secrets, which lie outside the database."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, select

from hotline import clock, health
from hotline.channels.partners import SEALED_FOR
from hotline.command_city import desk_of
from hotline.config import Config
from hotline.database import session, transaction
from hotline.errors import Conflict
from hotline.keys_file import add_key, make_secrets
from hotline.models import Heartbeat, Partner, Requester
from hotline.sealing import KeyRing, key_id_of
from hotline.tickets.identity import keys

BATCH = 500


def make_keys(config: Config, _: argparse.Namespace) -> None:
    """Make the keys file unless it is there; keep a copy of it apart from the database's backups."""
    make_secrets(config.keys_path)
    print(f"密钥文件：{config.keys_path}（请与数据库备份分开保存）")


def rotate_keys(config: Config, _: argparse.Namespace) -> None:
    """First call: a new key beside the old ones. After a restart, the second: everything comes under it.

    Processes read the file when they start; rewrapping before all know the new key would make them blind. A
    rotation that was broken off goes on at the next call.
    """
    with desk_of(config):
        if not remaining(keys().ring):
            name = add_key(config.keys_path)
            print(f"新密钥 {name} 已加入 {config.keys_path}。请重启所有进程，然后再次运行 hotline rotate-keys。")
            return
        refuse_blind_processes(config)
        count = rewrap_all(keys().ring, tell=lambda done: print(f"已换钥 {done} 件……", flush=True))
        print(f"换钥完成：{count} 件。旧密钥请保留到旧备份失效为止。")


def refuse_blind_processes(config: Config) -> None:
    """Refuse while a process lives that was started before the newest key was made. Raises `Conflict`."""
    made_at = datetime.fromtimestamp(config.keys_path.stat().st_mtime, UTC)
    older = Heartbeat.started_at < made_at, Heartbeat.beat_at > clock.now() - health.ALIVE
    names = session().execute(select(Heartbeat.process).where(*older)).scalars().all()
    if names:
        raise Conflict(f"这些进程还不认识新密钥，请先重启：{'、'.join(names)}。")


def remaining(ring: KeyRing) -> bool:
    """Whether anything is still sealed with an older key."""
    return session().execute(_older(ring).limit(1)).first() is not None or any(_partners(ring))


def rewrap_all(ring: KeyRing, tell: Callable[[int], None] = lambda _: None) -> int:
    """Bring every case's file key and every partner's secret under the current key, batch by batch."""
    done = 0
    while True:
        with transaction() as current:
            rows = current.execute(_older(ring).limit(BATCH).with_for_update(skip_locked=True)).scalars().all()
            for row in rows:
                row.file_key = ring.rewrap(row.file_key)
        if not rows:
            break
        done += len(rows)
        tell(done)
    with transaction():
        for partner in _partners(ring):
            for column in ("secret_sealed", "next_secret_sealed"):
                sealed = getattr(partner, column)
                if sealed:
                    setattr(partner, column, ring.seal(ring.open(sealed, SEALED_FOR), SEALED_FOR))
            done += 1
    return done


def _older(ring: KeyRing):  # type: ignore[no-untyped-def]  # a Select of Requester
    mark = bytes([len(ring.current)]) + ring.current.encode()
    return select(Requester).where(func.substring(Requester.file_key, 1, len(mark)) != mark)


def _partners(ring: KeyRing) -> list[Partner]:
    return [
        partner
        for partner in session().execute(select(Partner)).scalars()
        if any(
            sealed and key_id_of(sealed) != ring.current
            for sealed in (partner.secret_sealed, partner.next_secret_sealed)
        )
    ]
