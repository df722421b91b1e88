"""Prints as JSON what the stock client sees of a run: its data, a metric's history and the files of its model."""

import json
import sys
import tempfile

import mlflow

run_id, metric, model_uri = sys.argv[1:]
client = mlflow.MlflowClient()
run = client.get_run(run_id)
history = client.get_metric_history(run_id, metric)
folder = mlflow.artifacts.download_artifacts(model_uri, dst_path=tempfile.mkdtemp())
model = mlflow.onnx.load_model(model_uri)
json.dump(
    {
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "metrics": run.data.metrics,
        "history": [[each.step, each.value] for each in history],
        "flavors": sorted(mlflow.models.Model.load(folder).flavors),
        "inputs": [each.name for each in model.graph.input],
    },
    sys.stdout,
)
