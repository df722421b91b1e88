"""Artifacts through MLflow's client: artifacts.py NAME. A failed assertion fails it."""

import hashlib
import os
import random
import sys
import tempfile
from pathlib import Path

import mlflow
from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException

client = mlflow.MlflowClient()
# Whatever is written goes with it.
home = tempfile.TemporaryDirectory()
tempfile.tempdir = home.name
folder = Path(tempfile.mkdtemp())


def large_file(megabytes):
    """A file whose pieces differ, so that one in the wrong place is seen."""
    path = folder / "large.bin"
    source = random.Random(megabytes)
    with open(path, "wb") as file:
        for _ in range(megabytes):
            file.write(source.randbytes(1 << 20))
    return path


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folders():
    (folder / "model" / "data").mkdir(parents=True)
    large = large_file(200)
    os.rename(large, folder / "model" / "data" / "weights.bin")
    (folder / "model" / "MLmodel").write_text("flavors: {}")
    (folder / "model" / "ünï cødé.txt").write_text("ä")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(folder / "model"), "model")
        mlflow.log_text("hello", "notes/a b.txt")
        mlflow.log_dict({"a": 1}, "d.json")
    run_id = run.info.run_id
    listed = [(each.path, each.is_dir, each.file_size) for each in client.list_artifacts(run_id, "model")]
    assert listed == [("model/MLmodel", False, 11), ("model/data", True, None), ("model/ünï cødé.txt", False, 2)], listed
    assert [each.path for each in client.list_artifacts(run_id)] == ["d.json", "model", "notes"]
    assert client.list_artifacts(run_id, "d.json") == []
    copy = download_artifacts(run_id=run_id, artifact_path="model", dst_path=tempfile.mkdtemp())
    for path in (folder / "model").rglob("*"):
        if path.is_file():
            assert digest(path) == digest(Path(copy) / path.relative_to(folder / "model")), path
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/notes/a b.txt") == "hello"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json") == {"a": 1}
    try:
        client.download_artifacts(run_id, "nothing", tempfile.mkdtemp())
        raise AssertionError("nothing was found")
    except (MlflowException, OSError) as error:
        assert "nothing" in str(error) or "404" in str(error), error
    repository = mlflow.store.artifact.artifact_repository_registry.get_artifact_repository(run.info.artifact_uri)
    repository.delete_artifacts("model")
    assert [each.path for each in client.list_artifacts(run_id)] == ["d.json", "notes"]


def parts():
    """Uploads in parts and downloads in pieces, past the server where it can."""
    large = large_file(32)
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(large), "deep/er")
    assert client.list_artifacts(run.info.run_id, "deep/er")[0].file_size == 32 << 20
    copy = download_artifacts(run_id=run.info.run_id, artifact_path="deep/er/large.bin", dst_path=tempfile.mkdtemp())
    assert digest(copy) == digest(large)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    print(f"ok {sys.argv[1]} {mlflow.__version__}")
