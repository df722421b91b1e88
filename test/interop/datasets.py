"""Datasets as MLflow's client logs and finds them, a named function per matter: datasets.py NAME. A failed assertion fails it."""

import json
import sys
import uuid

import mlflow
import numpy
import pandas
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput
from mlflow.exceptions import MlflowException

client = mlflow.MlflowClient()


def frames_and_arrays():
    frame = pandas.DataFrame({"x": [1.0, 2.0, 3.0], "y": [0, 1, 1]})
    train = mlflow.data.from_pandas(frame, source="s3://bucket/train.csv", name="train", targets="y")
    test = mlflow.data.from_numpy(numpy.arange(6.0).reshape(3, 2), name="test")
    with mlflow.start_run() as run:
        mlflow.log_input(train, context="training", tags={"split": "a"})
        mlflow.log_input(test, context="testing")
        mlflow.log_input(train, context="again")
    found = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert [each.dataset.name for each in found] == ["train", "test"], found
    first = found[0]
    assert first.dataset.digest == train.digest
    assert first.dataset.source_type == "s3"
    assert json.loads(first.dataset.source) == {"uri": "s3://bucket/train.csv"}
    assert json.loads(first.dataset.profile) == {"num_rows": 3, "num_elements": 6}
    assert "mlflow_colspec" in json.loads(first.dataset.schema)
    assert {tag.key: tag.value for tag in first.tags} == {"mlflow.data.context": "training", "split": "a"}
    source = mlflow.data.get_source(found[0])
    assert source.uri == "s3://bucket/train.csv"
    searched = client.search_runs([run.info.experiment_id])
    mine = next(each for each in searched if each.info.run_id == run.info.run_id)
    assert mine.inputs.to_dictionary() == client.get_run(run.info.run_id).inputs.to_dictionary()


def models_as_inputs():
    experiment_id = client.create_experiment(f"inputs-{uuid.uuid4().hex[:8]}")
    run_id = client.create_run(experiment_id).info.run_id
    client.log_inputs(run_id, models=[LoggedModelInput(model_id="m-1")])
    client.log_inputs(run_id, models=[LoggedModelInput(model_id="m-1")])
    assert [each.model_id for each in client.get_run(run_id).inputs.model_inputs] == ["m-1"]


def limits():
    run_id = client.create_run("0").info.run_id

    def log(name="n", digest="d", tag="v"):
        dataset = Dataset(name, digest, "local", "source")
        client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("k", tag)])])

    for words, fields in [
        ("'name' exceeds the maximum length of 500 characters", {"name": "n" * 501}),
        ("'digest' exceeds the maximum length of 36 characters", {"digest": "d" * 37}),
        ("'value' exceeds the maximum length of 500 characters", {"tag": "v" * 501}),
    ]:
        try:
            log(**fields)
        except MlflowException as error:
            assert error.error_code == "INVALID_PARAMETER_VALUE", error.error_code
            assert words in error.message, error.message
        else:
            raise AssertionError(f"{words}: not refused")
    log()
    assert len(client.get_run(run_id).inputs.dataset_inputs) == 1


name = sys.argv[1]
globals()[name]()
print(f"ok {name} (mlflow {mlflow.__version__})")
