"""Of the many models a desk trains only those stay on disk that somebody may go back to."""

import pytest
from sqlalchemy import delete, select, update

from hotline.background.clean_models import KEPT, clean_models
from hotline.background.reading import keep_model
from hotline.database import session, transaction
from hotline.errors import BadInput
from hotline.gateways.model_files import storage
from hotline.models import ModelVersion
from hotline.supervision.trained_models import activate_model, model_named


@pytest.fixture(autouse=True)
def models(desk):
    """After each story only the model that was there before."""
    first = session().execute(select(ModelVersion.version).where(ModelVersion.active)).scalar_one()
    yield
    with transaction() as current:
        current.execute(delete(ModelVersion).where(ModelVersion.version != first))
        current.execute(update(ModelVersion).values(active=True))


class Written:
    """Stands for a classifier: only its bytes are asked for."""

    def to_bytes(self) -> bytes:
        return b"a model"


def trained(number: int, used: tuple[int, ...] = ()) -> None:
    from classifier.starter import FORMAT

    for i in range(number):
        with transaction():
            keep_model(Written(), f"desk-{i:03}", {"kind": "desk", "format": FORMAT})
            if i in used:
                activate_model(f"desk-{i:03}")


def on_disk() -> list[str]:
    rows = session().execute(select(ModelVersion).order_by(ModelVersion.id)).scalars().all()
    return [row.version for row in rows if row.version.startswith("desk") and storage().exists(row.storage_key)]


def test_the_newest_and_those_that_were_in_use_are_kept() -> None:
    trained(KEPT + 6, used=(1, 3))
    clean_models()
    assert on_disk() == ["desk-001", "desk-003", *(f"desk-{i:03}" for i in range(6, KEPT + 6))]
    clean_models()
    assert len(on_disk()) == KEPT + 2
    with transaction():
        activate_model("desk-001")


def test_the_one_in_use_stays_however_old(signed_in) -> None:
    trained(2 * KEPT + 3, used=tuple(range(KEPT + 2)))
    with transaction():
        activate_model("desk-000")
    clean_models()
    assert on_disk()[0] == "desk-000" and "desk-001" not in on_disk()
    with pytest.raises(BadInput, match="久未使用，文件已清理"), transaction():
        activate_model("desk-001")
    page = signed_in("admin")
    assert page.get("/admin/models").text.count("久未使用，文件已清理") == 2  # the second used, and the one between
    assert "久未使用" in page.post("/admin/models/desk-001/activate", follow_redirects=True).text


def test_a_night_that_was_cut_off_is_ended_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    trained(KEPT + 2)
    with monkeypatch.context() as broken, pytest.raises(OSError):
        real = type(storage()).delete

        def once(kept, key: str) -> None:
            real(kept, key)
            raise OSError(5, "Input/output error")

        broken.setattr(type(storage()), "delete", once)
        clean_models()
    assert len(on_disk()) == KEPT + 1
    assert not session().execute(select(ModelVersion.id).where(ModelVersion.card.has_key("cleared"))).all()
    clean_models()
    assert on_disk() == [f"desk-{i:03}" for i in range(2, KEPT + 2)]
    with pytest.raises(BadInput), transaction():
        model_named("desk-000")
