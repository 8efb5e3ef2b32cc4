"""The web process stays free of what only workers and commands need."""

import os
import subprocess
import sys
from dataclasses import fields

import pytest

from hotline.config import CHECKOUT, Config

VISIT = """
import sys
from hotline.serving import web_application
client = web_application().test_client()
for page in ("/", "/login", "/track", "/livez", "/healthz", "/nowhere"):
    client.get(page)
client.post("/demands", data={"content": "金桂苑小区路灯坏了三天", "place": "望湖区"})
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.usefixtures("desk")
def test_a_web_process_that_has_served_pages_holds_no_classifier_and_no_migrations(config: Config) -> None:
    told = {f"HOTLINE_{one.name.upper()}": str(getattr(config, one.name)) for one in fields(config)}
    argv = [sys.executable, "-c", VISIT]
    done = subprocess.run(argv, cwd=CHECKOUT, env={**os.environ, **told}, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"flask", "sqlalchemy", "routing"} <= loaded
    assert loaded & {"jieba", "sklearn", "scipy", "numpy", "joblib", "alembic", "flask_alembic"} == set()
