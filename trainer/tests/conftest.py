"""One tiny model, one set of records and one warm process for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs import Warm, make_job, spec_of, write_records


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    process = Warm(tmp_path_factory.mktemp("warm"))
    yield process
    process.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_records(folder / "business.jsonl", 8, seed=1)
    write_records(folder / "generic.jsonl", 6, seed=2)
    write_records(folder / "validation.jsonl", 5, seed=3)
    return folder


@pytest.fixture(scope="session")
def model(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    warm.call("tests.inside:build", str(folder))
    return folder


@pytest.fixture(scope="session")
def undisturbed(warm: Warm, model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a job that ran to its end without a disturbance."""
    job = make_job(tmp_path_factory.mktemp("undisturbed"), spec_of(model, data))
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    return job
