"""Where files lie: a folder, or an S3-compatible store by URL. Contents come in sealed."""

import hashlib
import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol
from urllib.parse import parse_qs, urlsplit

from hotline.errors import DeskError, NotConfigured

if TYPE_CHECKING:
    from botocore.client import BaseClient

KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*(\.[a-z0-9]+)?")
CHUNK = 1 << 16


class BadFile(DeskError):
    """The content is not what its sum says, or the key is no key."""

    status = 422
    sentence = "文件内容校验未通过，未保存。"


class NoSuchFile(DeskError):
    """Nothing is kept under this key."""

    status = 404
    sentence = "没有找到该文件。"


class Storage(Protocol):
    """Keeps files under keys like `recordings/2026/re123.wav`: lower-case ASCII, digits, `-`, `_`, `/`."""

    def put(self, key: str, content: BinaryIO, sha256: str) -> int:
        """Keep a file, whole or not at all; its size in bytes. The same key replaces it. Raises BadFile."""

    def get(self, key: str) -> BinaryIO:
        """Open a file for reading; the caller closes it. Raises NoSuchFile."""

    def delete(self, key: str) -> None:
        """Deleting what is not there is no error."""

    def exists(self, key: str) -> bool: ...


def open_storage(url: str) -> Storage:
    """The storage at a folder's path, or at `s3://bucket/prefix?endpoint=https://…`. Raises NotConfigured."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        endpoint = parse_qs(parts.query).get("endpoint", [None])[0]
        return S3Storage(parts.netloc, parts.path.strip("/"), endpoint)
    if parts.scheme not in {"", "file"}:
        raise NotConfigured(f"不支持的存储地址（{parts.scheme}）。")
    return FolderStorage(Path(parts.path))


class FolderStorage:
    """Files under one folder, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, content: BinaryIO, sha256: str) -> int:
        """Write beside the place, flush to the disk, rename: a crash leaves the old file or the new one."""
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as copy:
            try:
                size = _copy_checked(content, copy, sha256)
                copy.flush()
                os.fsync(copy.fileno())
                os.replace(copy.name, target)
            except BaseException:
                os.unlink(copy.name)
                raise
        _flush_folder(target.parent)
        return size

    def get(self, key: str) -> BinaryIO:
        """See `Storage.get`."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as missing:
            raise NoSuchFile from missing

    def delete(self, key: str) -> None:
        """See `Storage.delete`."""
        self._path(key).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """See `Storage.exists`."""
        return self._path(key).is_file()

    def _path(self, key: str) -> Path:
        return self.folder / _checked_key(key)


class S3Storage:
    """Objects under a prefix of one bucket. Credentials come the way boto3 finds them."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self.client = _s3_client(endpoint)

    def put(self, key: str, content: BinaryIO, sha256: str) -> int:
        """Check the sum in a spooled copy first: an object appears only when it is whole and right."""
        with SpooledTemporaryFile(max_size=1 << 20) as copy:
            size = _copy_checked(content, copy, sha256)
            copy.seek(0)
            self.client.put_object(Bucket=self.bucket, Key=self._name(key), Body=copy, ContentLength=size)
        return size

    def get(self, key: str) -> BinaryIO:
        """See `Storage.get`."""
        try:
            return self.client.get_object(Bucket=self.bucket, Key=self._name(key))["Body"]
        except self.client.exceptions.NoSuchKey as missing:
            raise NoSuchFile from missing

    def delete(self, key: str) -> None:
        """See `Storage.delete`."""
        self.client.delete_object(Bucket=self.bucket, Key=self._name(key))

    def exists(self, key: str) -> bool:
        """See `Storage.exists`."""
        name = self._name(key)
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=name, MaxKeys=1).get("Contents", [])
        return any(each["Key"] == name for each in found)

    def _name(self, key: str) -> str:
        return self.prefix + _checked_key(key)


def _s3_client(endpoint: str | None) -> "BaseClient":
    try:
        import boto3
        from botocore.config import Config
    except ImportError as absent:
        raise NotConfigured("使用S3存储需要安装：pip install hotline-12345[s3]。") from absent
    patience = Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 3})
    return boto3.client("s3", endpoint_url=endpoint, config=patience)


def _checked_key(key: str) -> str:
    if not KEY.fullmatch(key):
        raise BadFile("文件编号无效。")
    return key


def _copy_checked(content: IO[bytes], target: IO[bytes], sha256: str) -> int:
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    if digest.hexdigest() != sha256:
        raise BadFile
    return size


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
