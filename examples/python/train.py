"""Trains XGBoost on scikit-learn's breast cancer data and logs it all with the stock mlflow client.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python train.py --tracking-uri http://127.0.0.1:5000
"""

import argparse
import json
import pathlib

import mlflow
import numpy as np
import onnxruntime
import xgboost
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn import datasets
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

STEPS = 200


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracking-uri", default="http://127.0.0.1:5000")
    parser.add_argument("--experiment", default="breast-cancer")
    parser.add_argument("--run-name", default="xgboost")
    parser.add_argument("--reference", help="write the test rows and onnxruntime's probabilities for them to this JSON file")
    return parser.parse_args()


def main():
    args = arguments()
    data = datasets.load_breast_cancer()
    rows, labels = data.data.astype(np.float32), data.target
    params = {
        "dataset_path": pathlib.Path(data.filename).name,
        "dataset_shape": rows.shape,
        "test_size": 0.2,
        "random_state": 42,
        "max_depth": 3,
    }
    train_rows, test_rows, train_labels, test_labels = train_test_split(
        rows, labels, test_size=params["test_size"], random_state=params["random_state"]
    )

    mlflow.set_tracking_uri(args.tracking_uri)
    mlflow.set_experiment(args.experiment)
    with mlflow.start_run(run_name=args.run_name) as run:
        mlflow.log_params(params)

        model = xgboost.XGBClassifier(
            n_estimators=STEPS, max_depth=params["max_depth"], random_state=params["random_state"]
        )
        model.fit(train_rows, train_labels, eval_set=[(test_rows, test_labels)], verbose=False)
        for step, loss in enumerate(model.evals_result()["validation_0"]["logloss"]):
            mlflow.log_metric("loss", loss, step=step)
        mlflow.log_metric("auc", roc_auc_score(test_labels, model.predict_proba(test_rows)[:, 1]))

        onnx_model = convert_xgboost(model, initial_types=[("input", FloatTensorType([None, rows.shape[1]]))])
        mlflow.onnx.log_model(onnx_model, name="model")

    if args.reference:
        session = onnxruntime.InferenceSession(onnx_model.SerializeToString(), providers=["CPUExecutionProvider"])
        _, probabilities = session.run(None, {"input": test_rows})
        reference = {"inputs": test_rows.tolist(), "probabilities": probabilities.tolist()}
        pathlib.Path(args.reference).write_text(json.dumps(reference))
    print(f"run {run.info.run_id}")


if __name__ == "__main__":
    main()
