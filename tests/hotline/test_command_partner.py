"""`hotline partner`: a platform is registered from the shell, its key works, and a second time is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.channels.partners import partner_by_key
from hotline.config import Config

CHECKOUT = Path(__file__).resolve().parents[2]


def call(config: Config, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {
        "HOTLINE_DATABASE_URL": config.database_url, "HOTLINE_REDIS_URL": config.redis_url,
        "HOTLINE_DATA_FOLDER": str(config.data_folder),
    }  # fmt: skip
    command = [sys.executable, "-m", "hotline.commands", "partner", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True)


@pytest.mark.usefixtures("desk")
def test_a_platform_is_registered_once_and_its_key_works(config):
    first = call(config, "add", "city-app", "--name", "城市应用")
    assert first.returncode == 0, first.stderr
    key = first.stdout.partition("：")[2].splitlines()[0]
    assert partner_by_key(key).platform == "city-app"
    again = call(config, "add", "city-app")
    assert (again.returncode, again.stderr.strip()) == (1, "平台 city-app 已经登记。")
