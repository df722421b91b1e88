"""What the TypeScript client logged, read with MLflow's own functions: logged_content.py NAME JSON. A failed assertion fails it."""

import base64
import json
import os
import sys

import mlflow
import numpy


def tensor(case):
    data = base64.b64decode(case["b64"]) if "b64" in case else None
    if data is None:
        return numpy.array(case["v"], dtype=object).reshape(case["s"])
    return numpy.frombuffer(data, dtype=case["t"]).reshape(case["s"])


def models(uris, cases):
    import onnx

    for name, uri in uris.items():
        model = mlflow.pyfunc.load_model(uri)
        # The oldest of ONNX's own examples does not pass ONNX's checker of today, which load_model asks.
        if name != "d_ort_mul_1":
            onnx.checker.check_model(mlflow.onnx.load_model(uri))
        assert model.metadata.signature is not None, name
        for case in json.load(open(cases[name]))["cases"]:
            feeds = {key: tensor(value) for key, value in case["feeds"].items()}
            answer = model.predict(feeds)
            for key, value in case["outputs"].items():
                numpy.testing.assert_allclose(answer[key], tensor(value), rtol=1e-4, atol=1e-5)


def examples(uri, dataframe_uri):
    model = mlflow.pyfunc.load_model(uri)
    example = model.input_example
    assert set(example) == {"a", "b"}, example
    assert model.predict(example)["sum"].shape == (1, 3)
    assert json.loads(model._model_meta.get_serving_input(local(uri)))["inputs"]["a"] == [[1, 2, 3]]
    frame = mlflow.models.Model.load(dataframe_uri).load_input_example(local(dataframe_uri))
    assert list(frame.columns) == [f"f{at}" for at in range(30)], frame


def local(uri):
    return mlflow.artifacts.download_artifacts(uri)


def external(uri):
    answer = mlflow.pyfunc.load_model(uri).predict(numpy.array([[1, 1]], dtype="float32"))
    numpy.testing.assert_allclose(answer["y"], [[2, 3]])
    mlflow.onnx.load_model(uri)


def content(run_id):
    import PIL.Image
    import yaml

    table = mlflow.load_table("eval.json", run_ids=[run_id])
    assert table.columns.tolist() == ["question", "score"], table
    assert table["question"].tolist() == ["a", "b", "c"] and table["score"].tolist() == [0.5, 1.0, 2.5], table
    files = mlflow.MlflowClient().list_artifacts(run_id, "images")
    assert len(files) == 2, files
    for file in files:
        image = PIL.Image.open(local(f"runs:/{run_id}/{file.path}"))
        assert image.mode == "RGB" and image.getpixel((0, 0)) == (255, 0, 0), image
        assert image.getpixel((image.width - 1, image.height - 1)) == (0, 0, 255), image
    with open(local(f"runs:/{run_id}/c.yaml")) as file:
        assert yaml.safe_load(file) == {
            "word": "no",
            "big": 1e21,
            "tiny": 1e-7,
            "list": [[1, 2], {"a": None}],
            "text": "two\nlines: x # y",
            "2": "007",
        }
    [logged] = mlflow.get_run(run_id).inputs.dataset_inputs
    assert mlflow.data.get_source(logged).uri == "s3://bucket/train.csv"
    schema = mlflow.types.Schema.from_json(json.dumps(json.loads(logged.dataset.schema)["mlflow_colspec"]))
    assert schema.input_names() == ["x", "y"], schema


def registered(name):
    assert mlflow.pyfunc.load_model(f"models:/{name}/1").metadata.flavors["onnx"]["data"] == "model.onnx"


os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
globals()[sys.argv[1]](**json.loads(sys.argv[2]))
print(f"ok {sys.argv[1]} (mlflow {mlflow.__version__})")
