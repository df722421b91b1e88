"""One walk through MLflow's client, a named function per matter. Each is run on its own: walk.py NAME. A failed assertion fails it."""

import math
import os
import pathlib
import sys
import tempfile
import time
import uuid

import mlflow
from mlflow.entities import Metric, Param, RunStatus, RunTag, ViewType
from mlflow.exceptions import MlflowException

client = mlflow.MlflowClient()

# Whose client lacks some calls, and says less of some failures.
OLDER = mlflow.__version__.startswith("2.")


def fresh(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def new_experiment():
    return client.create_experiment(fresh("walk"))


def new_run(**options):
    return client.create_run(new_experiment(), **options).info.run_id


def refused(code, words, call, *args, **options):
    try:
        call(*args, **options)
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, error.message)
        assert words in error.message, error.message
        return
    raise AssertionError(f"{call.__name__} was not refused")


def experiments():
    name = fresh("experiment")
    experiment_id = client.create_experiment(name, tags={"team": "vision", "empty": ""})
    found = client.get_experiment(experiment_id)
    assert (found.name, found.lifecycle_stage) == (name, "active")
    assert found.tags == {"team": "vision", "empty": ""}
    assert abs(found.creation_time - time.time() * 1000) < 60_000
    assert client.get_experiment_by_name(name).experiment_id == experiment_id
    assert client.get_experiment_by_name(fresh("nothing")) is None
    refused("RESOURCE_ALREADY_EXISTS", name, client.create_experiment, name)
    refused("RESOURCE_DOES_NOT_EXIST", "987654", client.get_experiment, "987654")

    client.rename_experiment(experiment_id, name + " renamed")
    client.set_experiment_tag(experiment_id, "team", "speech")
    assert client.get_experiment(experiment_id).name == name + " renamed"
    assert client.get_experiment(experiment_id).tags["team"] == "speech"
    if not OLDER:
        client.delete_experiment_tag(experiment_id, "empty")
        assert client.get_experiment(experiment_id).tags == {"team": "speech"}

    run_id = client.create_run(experiment_id).info.run_id
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", "'active' state", client.create_run, experiment_id)
    refused("INVALID_PARAMETER_VALUE", "'active' state", client.set_experiment_tag, experiment_id, "k", "v")
    client.restore_experiment(experiment_id)
    assert client.get_run(run_id).info.lifecycle_stage == "active"


def search_experiments():
    made = [client.create_experiment(fresh(f"page{i}")) for i in range(5)]
    client.delete_experiment(made[0])
    ids = lambda found: [each.experiment_id for each in found]
    active = ids(client.search_experiments())
    assert active[:4] == made[:0:-1], active
    assert made[0] not in active
    assert made[0] in ids(client.search_experiments(view_type=ViewType.DELETED_ONLY))
    assert set(made) <= set(ids(client.search_experiments(view_type=ViewType.ALL)))

    page = client.search_experiments(max_results=2)
    walked = ids(page)
    while page.token:
        page = client.search_experiments(max_results=2, page_token=page.token)
        walked += ids(page)
    assert walked == active, walked
    refused("INVALID_PARAMETER_VALUE", "", client.search_experiments, page_token="nonsense")


def runs():
    experiment_id = new_experiment()
    run = client.create_run(experiment_id, run_name="first", tags={"stage": "dev"}, start_time=1234)
    run_id = run.info.run_id
    assert (run.info.status, run.info.start_time, run.info.end_time) == ("RUNNING", 1234, None)
    assert run.data.tags["mlflow.runName"] == "first"
    assert run.info.artifact_uri.endswith(f"/{run_id}/artifacts")
    client.update_run(run_id, status="SCHEDULED", name="second")
    changed = client.get_run(run_id)
    assert (changed.info.status, changed.info.run_name) == ("SCHEDULED", "second")
    assert changed.data.tags["mlflow.runName"] == "second"
    client.set_tag(run_id, "mlflow.runName", "third")
    assert client.get_run(run_id).info.run_name == "third"

    client.set_terminated(run_id, status="FAILED", end_time=5678)
    ended = client.get_run(run_id).info
    assert (ended.status, ended.end_time) == ("FAILED", 5678)
    assert RunStatus.is_terminated(RunStatus.from_string(ended.status))

    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", "'active' state", client.log_metric, run_id, "m", 1)
    assert client.search_runs([experiment_id]) == []
    assert len(client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY)) == 1
    client.restore_run(run_id)
    client.log_metric(run_id, "m", 1)
    unknown = uuid.uuid4().hex
    refused("RESOURCE_DOES_NOT_EXIST", unknown, client.get_run, unknown)
    assert len(client.create_run(experiment_id).info.run_name.split("-")) == 3


def params_and_tags():
    run_id = new_run()
    client.log_param(run_id, "depth", 3)
    client.log_param(run_id, "depth", 3)
    refused("INVALID_PARAMETER_VALUE", "Changing param values is not allowed", client.log_param, run_id, "depth", 4)
    client.log_param(run_id, "nothing", "")
    client.log_param(run_id, "long", "x" * 6000)
    client.log_param(run_id, "größe/breite", "ü" * 10)
    refused("INVALID_PARAMETER_VALUE", "depth", client.log_batch, run_id, params=[Param("depth", "5")])
    data = client.get_run(run_id).data
    assert data.params == {"depth": "3", "nothing": "", "long": "x" * 6000, "größe/breite": "ü" * 10}

    client.set_tag(run_id, "note", "one")
    client.set_tag(run_id, "note", "two\nlines")
    client.set_tag(run_id, "number", 7)
    assert client.get_run(run_id).data.tags["note"] == "two\nlines"
    assert client.get_run(run_id).data.tags["number"] == "7"
    client.delete_tag(run_id, "note")
    assert "note" not in client.get_run(run_id).data.tags
    refused("RESOURCE_DOES_NOT_EXIST", "note", client.delete_tag, run_id, "note")


def log_batch():
    run_id = new_run()
    metrics = [Metric("loss", 1 / (step + 1), 1000 + step, step) for step in range(2500)]
    params = [Param(f"p{i}", str(i)) for i in range(250)]
    tags = [RunTag(f"t{i}", str(i)) for i in range(120)]
    for at in range(0, len(metrics), 1000):
        client.log_batch(run_id, metrics=metrics[at : at + 1000])
    for at in range(0, len(params), 100):
        client.log_batch(run_id, params=params[at : at + 100], tags=tags[at : at + 100])
    data = client.get_run(run_id).data
    assert data.metrics == {"loss": 1 / 2500}
    assert len(data.params) == 250
    assert sum(key.startswith("t") for key in data.tags) == 120
    history = client.get_metric_history(run_id, "loss")
    assert [(each.step, each.timestamp, each.value) for each in history] == [
        (each.step, each.timestamp, each.value) for each in metrics
    ]
    with mlflow.start_run(run_id=run_id):
        mlflow.log_params({f"q{i}": i for i in range(150)})
        mlflow.log_metrics({f"m{i}": i for i in range(1100)}, step=3)
    data = client.get_run(run_id).data
    assert len(data.params) == 400
    assert len(data.metrics) == 1101


def metric_history():
    run_id = new_run()
    values = [0.1, math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, -0.0, 1 / 3]
    for step, value in enumerate(values):
        client.log_metric(run_id, "odd", value, timestamp=1000, step=step)
    history = client.get_metric_history(run_id, "odd")
    assert [each.step for each in history] == list(range(len(values)))
    kept = [each.value for each in history]
    assert math.isnan(kept[1])
    largest = sys.float_info.max
    assert [kept[0], *kept[2:]] == [0.1, largest, -largest, 5e-324, largest, 0.0, 1 / 3]

    client.log_metric(run_id, "nan", math.nan)
    assert math.isnan(client.get_run(run_id).data.metrics["nan"])
    for step, value in [(5, 1.0), (-3, 2.0), (2**53 + 1, 3.0), (0, 4.0)]:
        client.log_metric(run_id, "steps", value, timestamp=1, step=step)
    steps = {each.step: each.value for each in client.get_metric_history(run_id, "steps")}
    assert steps == {5: 1.0, -3: 2.0, 2**53 + 1: 3.0, 0: 4.0}, steps
    assert client.get_run(run_id).data.metrics["steps"] == 3.0
    assert client.get_metric_history(run_id, "never logged") == []


def artifacts():
    run_id = new_run()
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "deep/er").mkdir(parents=True)
    (folder / "top.txt").write_text("top")
    (folder / "deep/er/größe & 100 %.bin").write_bytes(bytes(range(256)) * 4096)
    (folder / "empty.txt").write_text("")
    client.log_artifacts(run_id, folder, "data")
    client.log_artifact(run_id, folder / "top.txt")
    client.log_text(run_id, "päge", "notes/page.html")
    client.log_dict(run_id, {"a": [1, 2]}, "notes/dict.json")

    listed = lambda path=None: sorted(
        (each.path, each.is_dir, each.file_size) for each in client.list_artifacts(run_id, path)
    )
    assert listed() == [("data", True, None), ("notes", True, None), ("top.txt", False, 3)]
    assert listed("data") == [("data/deep", True, None), ("data/empty.txt", False, 0), ("data/top.txt", False, 3)]
    assert listed("data/deep/er") == [("data/deep/er/größe & 100 %.bin", False, 1 << 20)]
    assert listed("top.txt") == []
    assert listed("no/such") == []

    local = pathlib.Path(client.download_artifacts(run_id, "data", tempfile.mkdtemp()))
    assert (local / "deep/er/größe & 100 %.bin").read_bytes() == bytes(range(256)) * 4096
    assert (local / "empty.txt").read_bytes() == b""
    assert pathlib.Path(client.download_artifacts(run_id, "top.txt")).read_text() == "top"
    everything = pathlib.Path(client.download_artifacts(run_id, ""))
    assert (everything / "notes/page.html").read_text(encoding="utf-8") == "päge"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/notes/dict.json") == {"a": [1, 2]}
    refused("INTERNAL_ERROR" if OLDER else "RESOURCE_DOES_NOT_EXIST", "", mlflow.artifacts.load_text, f"runs:/{run_id}/gone.txt")


def search_runs():
    first, second = new_experiment(), new_experiment()
    made = [client.create_run(first, start_time=1000 + i).info.run_id for i in range(7)]
    other = client.create_run(second, start_time=5000).info.run_id
    ids = lambda found: [each.info.run_id for each in found]
    assert ids(client.search_runs([first])) == made[::-1]
    assert ids(client.search_runs([first, second])) == [other, *made[::-1]]
    assert ids(client.search_runs([first], order_by=["attributes.start_time ASC"])) == made

    walked, token = [], None
    while True:
        page = client.search_runs([first], max_results=3, order_by=["start_time ASC"], page_token=token)
        walked.append(ids(page))
        token = page.token
        if not token:
            break
    assert sum(walked, []) == made, walked
    assert [len(page) for page in walked][:3] == [3, 3, 1], walked
    client.log_metric(made[0], "m", 2)
    client.log_param(made[0], "p", "x")
    found = client.search_runs([first], order_by=["start_time ASC"], max_results=1)[0]
    assert (found.data.metrics, found.data.params) == ({"m": 2.0}, {"p": "x"})
    assert client.search_runs([new_experiment()]) == []


def fluent():
    mlflow.set_experiment(fresh("fluent"))
    with mlflow.start_run(run_name="parent", description="what it is") as parent:
        with mlflow.start_run(run_name="child", nested=True) as child:
            mlflow.log_metric("m", 1)
    assert client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert client.get_run(parent.info.run_id).data.tags["mlflow.note.content"] == "what it is"
    try:
        with mlflow.start_run() as failing:
            raise ValueError("on purpose")
    except ValueError:
        assert client.get_run(failing.info.run_id).info.status == "FAILED"
    frame = mlflow.search_runs(order_by=["start_time DESC"])
    assert len(frame) == 3
    assert set(frame["status"]) == {"FINISHED", "FAILED"}
    assert mlflow.last_active_run().info.run_id == failing.info.run_id


def bad_input():
    run_id = new_run()
    refused("INVALID_PARAMETER_VALUE", "name", client._tracking_client.store.create_experiment, "", None, None)
    refused("INVALID_PARAMETER_VALUE", "", client._tracking_client.store.log_param, run_id, Param("../up", "1"))
    long = "k" * 251
    refused("INVALID_PARAMETER_VALUE", "250", client._tracking_client.store.log_param, run_id, Param(long, "1"))


if __name__ == "__main__":
    # What a process does at its end (asynchronous logging) must not hang.
    globals()[sys.argv[1]]()
    print("ok", sys.argv[1], os.environ["MLFLOW_TRACKING_URI"])
