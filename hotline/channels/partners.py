"""The platforms we know: how one is registered, and who is behind a key or a signature."""

import base64
import secrets
from dataclasses import dataclass

from sqlalchemy import select

from hotline import clock
from hotline.config import Config
from hotline.database import session
from hotline.errors import BadInput, NotFound, NotSignedIn
from hotline.models import Partner
from hotline.signing import SignedMessage, check
from hotline.tickets.identity import keys

KINDS = ("api", "police")
NO_KEY = "缺少接口密钥（X-API-Key），或密钥无效。"
SEALED_FOR = b"partner"
DEMO_API, DEMO_POLICE = "demo-api", "jz110"


@dataclass(frozen=True)
class Credentials:
    """What a new partner is given, once: an API key, or for police the secret both sides sign with."""

    platform: str
    api_key: str = ""
    secret: str = ""


def add_partner(platform: str, name: str, kind: str, url: str = "") -> Credentials:
    """Register a platform; `url` is where it takes our messages. Flushes; raises `BadInput`."""
    if session().get(Partner, platform) is not None:
        raise BadInput(f"平台 {platform} 已经登记。")
    return _keep(Partner(platform=platform, name=name, kind=kind, url=url), secrets.token_urlsafe(32))


def rotate_secret(platform: str) -> Credentials:
    """Rotation: the fresh secret is accepted beside the old one; a second call ends the old one.

    We sign with the old one until then, because the other side may not know the fresh one yet.
    """
    partner = session().get(Partner, platform)
    if partner is None or partner.kind != "police":
        raise NotFound(f"没有登记110平台 {platform}。")
    if partner.next_secret_sealed is not None:
        partner.secret_sealed, partner.next_secret_sealed = partner.next_secret_sealed, None
        return Credentials(platform)
    fresh = secrets.token_urlsafe(32)
    partner.next_secret_sealed = keys().ring.seal(fresh.encode(), SEALED_FOR)
    return Credentials(platform, secret=fresh)


def partner_by_key(api_key: str) -> Partner:
    """The platform behind an API key. Raises `NotSignedIn`, which is the answer 401."""
    hashed = keys().ring.hash("api-key", api_key)
    query = select(Partner).where(Partner.api_key_hash == hashed, Partner.ended_at.is_(None))
    found = session().execute(query).scalar_one_or_none()
    if found is None:
        raise NotSignedIn(NO_KEY)
    return found


def signed_by(message: SignedMessage) -> str:
    """The police platform that signed a message. Raises `BadSignature`."""
    known: dict[str, str] = {}
    for partner in police_platforms():
        for mark, sealed in (("", partner.secret_sealed), (" next", partner.next_secret_sealed)):
            if sealed is not None:
                known[partner.platform + mark] = open_secret(sealed)
    return check(message, known, clock.now()).partition(" ")[0]


def police_platforms() -> list[Partner]:
    """The 110 platforms in use, the oldest first."""
    query = select(Partner).where(Partner.kind == "police", Partner.ended_at.is_(None))
    return list(session().execute(query.order_by(Partner.created_at, Partner.platform)).scalars())


def open_secret(sealed: bytes) -> str:
    """A platform's secret in clear, for signing only."""
    return keys().ring.open(sealed, SEALED_FOR).decode()


def load_demo_partners(config: Config) -> dict[str, str]:
    """The demo's two platforms with their keys, the same at every start; 110 listens three ports above us.

    Flushes, never commits. The answer maps each platform to its API key or secret.
    """
    police_url = config.counterpart_url or f"http://127.0.0.1:{config.port + 3}"
    wanted = (
        (DEMO_API, "江州随手拍（演示）", "api", ""),
        (DEMO_POLICE, "江州市公安局110", "police", police_url),
    )
    known: dict[str, str] = {}
    for platform, name, kind, url in wanted:
        known[platform] = base64.b32encode(keys().ring.hash("demo-partner", platform)).decode().rstrip("=")
        partner = session().get(Partner, platform)
        if partner is None:
            _keep(Partner(platform=platform, name=name, kind=kind, url=url), known[platform])
        else:
            partner.url = url
    return known


def _keep(partner: Partner, key: str) -> Credentials:
    if partner.kind not in KINDS:
        raise BadInput(f"平台类型应为{'或'.join(KINDS)}。")
    if not 0 < len(partner.platform) <= 32 or " " in partner.platform:
        raise BadInput("平台代码应为1到32个字符，不含空格。")
    if partner.kind == "police" and not partner.url.startswith(("http://", "https://")):
        raise BadInput("请给出110平台接收报文的网址。")
    partner.created_at = clock.now()
    ring = keys().ring
    if partner.kind == "api":
        partner.api_key_hash = ring.hash("api-key", key)
    else:
        partner.secret_sealed = ring.seal(key.encode(), SEALED_FOR)
    session().add(partner)
    session().flush()
    return Credentials(partner.platform, **{"api_key" if partner.kind == "api" else "secret": key})
