"""Fills an MLflow database with some of everything, or prints what a server shows of it. Arguments: fill SQLITE_URI | show TRACKING_URI."""
import json
import math
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag

what, uri = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = MlflowClient()


def fill():
    one = client.create_experiment("imported", artifact_location="s3://bucket/one", tags={"team": "a", "empty": ""})
    two = client.create_experiment("removed")
    for n in range(12):
        tags = {"mlflow.runName": f"run {n}", "kind": "even" if n % 2 == 0 else "odd", "mlflow.note.content": "Ünïcode 🚀"}
        run_id = client.create_run(one, start_time=1000 + n, tags=tags).info.run_id
        metrics = [Metric("loss", 1 / (step + n + 1), 10_000 + step, step) for step in range(300)]
        metrics += [Metric("loss", 0.5, 5, -3), Metric("odd", math.nan, 1, 0), Metric("odd", math.inf, 2, 1), Metric("odd", 3.0, 3, 2**40)]
        client.log_batch(run_id, metrics=metrics, params=[Param("lr", str(n)), Param("long", "x" * 5000)], tags=[RunTag("t", "")])
        if n < 3:
            dataset = Dataset(name=f"data {n}", digest=f"d{n}", source_type="local", source="{}", schema="{}", profile="{}")
            client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])])
        client.set_terminated(run_id, ["FINISHED", "FAILED", "KILLED"][n % 3], end_time=2000 + n)
        if n == 5:
            client.delete_run(run_id)
    with mlflow.start_run(experiment_id=one, run_name="parent") as parent:
        with mlflow.start_run(experiment_id=one, run_name="child", nested=True):
            mlflow.log_metric("m", 1)
        model = client.create_logged_model(one, "net", source_run_id=parent.info.run_id, params={"p": "1"}, tags={"t": "2"}, model_type="agent")
        client.log_metric(parent.info.run_id, "acc", 0.75, timestamp=7, step=2, model_id=model.model_id, dataset_name="data 0", dataset_digest="d0")
        client.log_outputs(parent.info.run_id, [LoggedModelOutput(model.model_id, 3)])
        client.log_inputs(parent.info.run_id, models=[LoggedModelInput(model.model_id)])
    client.create_run(two)
    client.delete_experiment(two)
    client.create_registered_model("net", tags={"owner": "ana"}, description="the net")
    for n in range(3):
        client.create_model_version("net", f"s3://bucket/net/{n}", run_id=run_id, tags={"n": str(n)}, description=f"v{n}")
    client.set_registered_model_alias("net", "champion", "2")
    client.transition_model_version_stage("net", "1", "Production")
    client.delete_model_version("net", "3")
    mlflow.set_experiment(experiment_id=one)
    with mlflow.start_span(name="outer") as span:
        span.set_inputs({"question": "why"})
        mlflow.update_current_trace(tags={"room": "lab"})
    mlflow.set_experiment("traced")
    with mlflow.start_span(name="served") as span:
        span.set_outputs({"answer": 42})
        with mlflow.start_span(name="inner"):
            pass
    mlflow.flush_trace_async_logging()


def plain(value):
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def show_run(run):
    keys = sorted(run.data.metrics)
    history = {key: [[m.step, m.timestamp, plain(m.value)] for m in client.get_metric_history(run.info.run_id, key)] for key in keys}
    info = run.info
    inputs = [[d.dataset.name, d.dataset.digest, {t.key: t.value for t in d.tags}] for d in run.inputs.dataset_inputs]
    outputs = [[o.model_id, o.step] for o in run.outputs.model_outputs] if run.outputs else []
    facts = [info.run_id, info.run_name, info.status, info.start_time, info.end_time, info.lifecycle_stage, info.artifact_uri, info.user_id]
    latest = {key: plain(value) for key, value in sorted(run.data.metrics.items())}
    models = [m.model_id for m in run.inputs.model_inputs]
    return [facts, dict(sorted(run.data.params.items())), dict(sorted(run.data.tags.items())), latest, history, inputs, models, outputs]


def show():
    experiments = client.search_experiments(view_type=3, order_by=["experiment_id"])
    shown = {"experiments": [[e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, e.creation_time, e.tags] for e in experiments if e.experiment_id != "0"]}
    ids = [e.experiment_id for e in experiments]
    shown["runs"] = [show_run(client.get_run(run.info.run_id)) for run in client.search_runs(ids, run_view_type=3, order_by=["run_id"])]
    models = client.search_logged_models(ids)
    shown["models"] = [[m.model_id, m.name, m.model_type, m.params, m.tags, m.source_run_id, str(m.status), [[x.key, x.value, x.dataset_name] for x in m.metrics or []]] for m in models]
    registered = client.get_registered_model("net")
    shown["registered"] = [registered.name, registered.description, registered.tags, {k: str(v) for k, v in registered.aliases.items()}, registered.creation_timestamp]
    versions = sorted(client.search_model_versions("name = 'net'"), key=lambda v: int(v.version))
    shown["versions"] = [[str(v.version), v.source, v.run_id, v.current_stage, v.description, v.tags] for v in versions]
    traces = client.search_traces(experiment_ids=ids, include_spans=False)
    shown["traces"] = [[t.info.trace_id, str(t.info.state), t.info.request_time, t.info.tags.get("room")] for t in traces]
    served = client.search_traces(experiment_ids=[client.get_experiment_by_name("traced").experiment_id])
    shown["spans"] = [[span.name, span.span_id, span.parent_id, span.start_time_ns, span.outputs] for trace in served for span in trace.data.spans]
    print(json.dumps(shown, sort_keys=True))


{"fill": fill, "show": show}[what]()
