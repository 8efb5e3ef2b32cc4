"""The files of trained models: kept with our seal, and given out only while they are what was sealed."""

import hashlib
import hmac
import io

from flask import current_app

from hotline.config import Config
from hotline.errors import NotConfigured
from hotline.gateways.storage import NoSuchFile, Storage, open_storage
from hotline.models import ModelVersion
from hotline.tickets.identity import keys

ANOTHER = "请在“分类模型”页启用另一个或重新训练。"
MISSING = "模型 {} 的文件不在了，不能使用，" + ANOTHER
TAMPERED = "模型 {} 的文件与训练时的签名不符，可能被改动，拒绝使用，" + ANOTHER
UNREADABLE = "模型 {} 的文件读不出来（{}），请检查文件存储。"
FULL = "模型文件写不进文件存储（{}），请检查磁盘空间和权限，之后会自动重试。"


def content_of(row: ModelVersion) -> bytes:
    """The file of a model, its hash and seal checked. Raises `NotConfigured` with the sentence for people."""
    try:
        with storage().get(row.storage_key) as file:
            content = file.read()
    except NoSuchFile as missing:
        raise NotConfigured(MISSING.format(row.version)) from missing
    except OSError as problem:
        raise NotConfigured(UNREADABLE.format(row.version, problem.strerror)) from problem
    if hashlib.sha256(content).hexdigest() != row.sha256 or not hmac.compare_digest(seal_of(content), row.seal):
        raise NotConfigured(TAMPERED.format(row.version))
    return content


def problem_of(row: ModelVersion) -> str:
    """Why this model's file cannot be used; empty when it can."""
    try:
        content_of(row)
    except NotConfigured as problem:
        return problem.sentence
    return ""


def put_file(key: str, content: bytes) -> None:
    """Keep a model's file. Raises `NotConfigured` where there is no room."""
    try:
        storage().put(key, io.BytesIO(content), hashlib.sha256(content).hexdigest())
    except OSError as problem:
        raise NotConfigured(FULL.format(problem.strerror)) from problem


def seal_of(content: bytes) -> str:
    """Our HMAC over a model's file."""
    return hmac.new(keys().model, content, hashlib.sha256).hexdigest()


def storage() -> Storage:
    """The storage of this installation."""
    config: Config = current_app.extensions["hotline-config"]
    return open_storage(config.storage_place)
