"""What training scripts do with MLflow's fluent interface, a function per matter: fluent.py NAME. A failed assertion fails it."""

import os
import pathlib
import sys

import mlflow
import numpy
import onnx
import pandas

client = mlflow.MlflowClient()


def nested():
    mlflow.set_experiment("nested")
    with mlflow.start_run(run_name="parent", tags={"a@b": "any key"}) as parent:
        for depth in range(2):
            with mlflow.start_run(nested=True):
                mlflow.log_param("depth", depth)
                mlflow.log_metrics({"loss": 1 / (depth + 1), "accuracy": depth}, step=depth)
    children = mlflow.search_runs(filter_string=f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
    assert sorted(children["params.depth"]) == ["0", "1"], children
    assert client.get_run(parent.info.run_id).data.tags["a@b"] == "any key"
    best = mlflow.search_runs(filter_string="metrics.loss <= 0.5 and params.depth != '0'", order_by=["metrics.loss ASC"])
    assert list(best["metrics.accuracy"]) == [1.0], best
    client.delete_run(parent.info.run_id)
    assert parent.info.run_id not in set(mlflow.search_runs()["run_id"])
    client.restore_run(parent.info.run_id)
    assert parent.info.run_id in set(mlflow.search_runs()["run_id"])


def things():
    mlflow.set_experiment("things")
    with mlflow.start_run() as run:
        mlflow.log_text("héllo", "texts/a.txt")
        mlflow.log_dict({"a": [1, 2]}, "d.json")
        mlflow.log_dict({"a": [1, 2]}, "d.yaml")
        mlflow.log_table({"question": ["q"], "answer": ["a"]}, "table.json")
        mlflow.log_table({"question": ["r"], "answer": ["b"]}, "table.json")
        mlflow.log_image(numpy.zeros((4, 4, 3), dtype=numpy.uint8), "image.png")
        mlflow.log_image(numpy.zeros((4, 4, 3), dtype=numpy.uint8), key="steps", step=1)
        frame = pandas.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
        mlflow.log_input(mlflow.data.from_pandas(frame, name="frame", targets="y"), context="training")
    uri = f"runs:/{run.info.run_id}"
    assert mlflow.artifacts.load_text(f"{uri}/texts/a.txt") == "héllo"
    assert mlflow.artifacts.load_dict(f"{uri}/d.json") == {"a": [1, 2]}
    assert mlflow.artifacts.load_image(f"{uri}/image.png").size == (4, 4)
    table = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    assert list(table["answer"]) == ["a", "b"], table
    [seen] = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert (seen.dataset.name, seen.tags[0].value) == ("frame", "training"), seen
    assert len(mlflow.search_runs(filter_string="dataset.name = 'frame'")) == 1


def onnx_model():
    mlflow.set_experiment("onnx")
    value = lambda name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 2])
    node = onnx.helper.make_node("Add", ["x", "x"], ["y"])
    graph = onnx.helper.make_graph([node], "twice", [value("x")], [value("y")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    given = numpy.array([[1, 2]], dtype=numpy.float32)
    signature = mlflow.models.infer_signature(given, given * 2)
    with mlflow.start_run():
        info = mlflow.onnx.log_model(model, name="twice", signature=signature, registered_model_name="twice")
    for uri in [info.model_uri, "models:/twice/1", "models:/twice/latest"]:
        [answer] = mlflow.pyfunc.load_model(uri).predict(given).values()
        assert answer.tolist() == [[2, 4]], (uri, answer)
    client.set_registered_model_alias("twice", "champion", "1")
    assert client.get_model_version_by_alias("twice", "champion").version == "1"
    assert [each.version for each in client.search_model_versions("name = 'twice'")] == ["1"]


def large():
    mlflow.set_experiment("large")
    size = 200 * 1024 * 1024
    block = os.urandom(1024 * 1024)
    path = pathlib.Path("large.bin")
    with path.open("wb") as file:
        for _ in range(200):
            file.write(block)
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(path), "weights")
    path.unlink()
    assert client.list_artifacts(run.info.run_id, "weights")[0].file_size == size
    copy = pathlib.Path(mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/weights/large.bin"))
    assert copy.stat().st_size == size
    with copy.open("rb") as file:
        assert file.read(len(block)) == block


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    print(f"ok {sys.argv[1]}")
