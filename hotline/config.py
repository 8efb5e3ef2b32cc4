"""What a machine must know before it starts: the HOTLINE_* variables, each with its default and meaning.

What a city decides (thresholds, days, texts) is never here but in `setting` rows: see `hotline settings`.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hotline.errors import NotConfigured

CHECKOUT = Path(__file__).resolve().parent.parent


def default_data_folder() -> Path:
    """`var/` of the checkout for a user; for root a folder an unprivileged uid can own."""
    if os.geteuid() == 0:
        return Path("/var/lib/hotline") / hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    return CHECKOUT / "var"


def variable(default: Any, meaning: str) -> Any:
    """A field of `Config` with the sentence `hotline settings` prints."""
    if callable(default):
        return field(default_factory=default, metadata={"meaning": meaning})
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Config:
    """One process's view of its machine. Each field is the variable HOTLINE_<NAME>."""

    database_url: str = variable("", "PostgreSQL（15 以上）地址；空＝使用内嵌 PostgreSQL")
    redis_url: str = variable("", "Redis 或 Valkey 地址；空＝使用内嵌 Valkey")
    data_folder: Path = variable(default_data_folder, "数据目录：内嵌数据库、附件、密钥")
    host: str = variable("127.0.0.1", "监听地址")
    port: int = variable(12345, "网页端口；实时推送默认用下一个端口")
    claim_seconds: int = variable(60, "一批待办任务占用几秒；进程死后过了这段时间由别的进程重新领取，须长于一批任务所需的时间")
    web_threads: int = variable(8, "每个网页进程的线程数")
    public_base_url: str = variable("", "市民和运营商看到的网址；空＝http://127.0.0.1:端口")
    live_url: str = variable("", "实时推送的网址；空＝端口加一")
    keys_file: str = variable("", "密钥文件；空＝数据目录下的 keys.json")
    storage_url: str = variable("", "附件存放处：目录或 s3://桶/前缀；空＝数据目录下的 files")
    trusted_proxies: int = variable(0, "前面有几层可信的反向代理")
    secure_cookies: bool = variable(False, "只在 https 上发送登录凭证")
    twilio_account: str = variable("", "Twilio 账号；空＝电话未接通运营商")
    twilio_token: str = variable("", "Twilio 令牌；轮换时用逗号分隔新旧两个")
    twilio_number: str = variable("", "市民拨打的号码")
    twilio_api_url: str = variable("", "运营商接口的另一地址（演示电话用）；空＝官方地址")
    counterpart_url: str = variable("", "110 平台地址；空＝未对接")
    demo: bool = variable(False, "演示：装入示范城市，开放 /demo/phone")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Config":
        """Read the variables; an unreadable number is refused with its name. PORT alone works too."""
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for one in fields(cls):
            text = environ.get(f"HOTLINE_{one.name.upper()}")
            if text is None and one.name == "port":
                text = environ.get("PORT")
            if text is not None:
                values[one.name] = _parsed(one.name, one.type, text)
        return cls(**values)

    @property
    def base_url(self) -> str:
        """Where citizens and carriers reach the desk, without a closing slash."""
        return (self.public_base_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def stream_url(self) -> str:
        """Where browsers reach the live stream."""
        return (self.live_url or f"http://127.0.0.1:{self.port + 1}").rstrip("/")

    @property
    def keys_path(self) -> Path:
        """The file that holds the desk's secrets (mode 0600), outside the database."""
        return Path(self.keys_file) if self.keys_file else self.data_folder / "keys.json"

    @property
    def storage_place(self) -> str:
        """Where attachments and model files lie."""
        return self.storage_url or str(self.data_folder / "files")


def _parsed(name: str, kind: Any, text: str) -> Any:
    try:
        if kind in (int, "int"):
            return int(text)
        if kind in (bool, "bool"):
            return text.lower() in ("1", "true", "yes", "on")
        return Path(text) if kind in (Path, "Path") else text
    except ValueError as problem:
        raise NotConfigured(f"环境变量 HOTLINE_{name.upper()} 的值“{text}”无法识别。") from problem
