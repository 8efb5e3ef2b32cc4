"""Folder and S3 store keep the same promises: whole or not at all, checked, only under good keys."""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from hotline.errors import NotConfigured
from hotline.gateways.storage import BadFile, FolderStorage, NoSuchFile, S3Storage, Storage, open_storage

CONTENT = os.urandom(200_000)
SUM = hashlib.sha256(CONTENT).hexdigest()
KEY = "recordings/2026/re0001.wav"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 server on loopback with one empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="desk")
        yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Each kind of storage, the noise of another file in it."""
    where = str(tmp_path) if request.param == "folder" else \
        f"s3://desk/{tmp_path.name}?endpoint={request.getfixturevalue('s3')}"
    storage = open_storage(where)
    storage.put(KEY + "2", io.BytesIO(b"noise"), hashlib.sha256(b"noise").hexdigest())
    return storage


def test_what_was_put_comes_back_whole(storage: Storage) -> None:
    assert storage.put(KEY, io.BytesIO(CONTENT), SUM) == len(CONTENT)
    with storage.get(KEY) as kept:
        assert kept.read() == CONTENT
    assert storage.exists(KEY)


def test_a_file_that_is_not_there_is_named_so_and_may_be_deleted_again(storage: Storage) -> None:
    assert not storage.exists(KEY)
    with pytest.raises(NoSuchFile):
        storage.get(KEY)
    storage.delete(KEY)
    storage.put(KEY, io.BytesIO(CONTENT), SUM)
    storage.delete(KEY)
    assert not storage.exists(KEY)
    assert storage.exists(KEY + "2")


def test_content_that_differs_from_its_sum_leaves_the_old_file(storage: Storage) -> None:
    storage.put(KEY, io.BytesIO(CONTENT), SUM)
    with pytest.raises(BadFile):
        storage.put(KEY, io.BytesIO(CONTENT[:-1]), SUM)
    with storage.get(KEY) as kept:
        assert kept.read() == CONTENT


@pytest.mark.parametrize(
    "key", ["../secret", "/etc/passwd", "a//b", "A.wav", ".hidden", "a/../b", "张三.wav", "", "a/"])
def test_a_key_that_leads_elsewhere_is_refused(storage: Storage, key: str) -> None:
    for act in (storage.get, storage.delete, storage.exists):
        with pytest.raises(BadFile):
            act(key)
    with pytest.raises(BadFile):
        storage.put(key, io.BytesIO(CONTENT), SUM)


class Breaks(io.BytesIO):
    """A source that dies after its first part, as a connection does."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionError
        return super().read(size)


def test_a_source_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        FolderStorage(tmp_path).put("photos/p1.jpg", Breaks(CONTENT), SUM)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_kept_file_is_its_owners_alone(tmp_path: Path) -> None:
    FolderStorage(tmp_path).put("photos/p1.jpg", io.BytesIO(CONTENT), SUM)
    assert (tmp_path / "photos/p1.jpg").stat().st_mode & 0o077 == 0
    assert (tmp_path / "photos").stat().st_mode & 0o077 == 0


def test_the_address_chooses_the_kind_of_storage(tmp_path: Path, s3: str) -> None:
    assert isinstance(open_storage(str(tmp_path)), FolderStorage)
    assert isinstance(open_storage(f"file://{tmp_path}"), FolderStorage)
    assert isinstance(open_storage(f"s3://desk?endpoint={s3}"), S3Storage)
    with pytest.raises(NotConfigured):
        open_storage("ftp://desk/files")
