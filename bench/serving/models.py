"""Makes the models that are served, as MLflow saves them, and rows to send: models.py FOLDER.

Each folder holds `model/` and `rows.f64` (doubles, row by row, with as few digits as in a CSV of real data).
"""

import sys
from pathlib import Path

import mlflow.onnx
import numpy as np
import onnx
import xgboost
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec
from onnx import TensorProto, helper, numpy_helper
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer

ROWS = 1024
OPSET = 15
random = np.random.default_rng(4)


def mlp(sizes: list[int], rows: np.ndarray) -> onnx.ModelProto:
    """Dense layers with ReLU between and a sigmoid or softmax behind; the first one also normalises rows like the given."""
    nodes, weights, last = [], [], "input"
    for layer, (width, columns) in enumerate(zip(sizes, sizes[1:])):
        matrix = random.normal(size=(width, columns)) * np.sqrt(2 / width)
        bias = random.normal(size=columns) / 10
        if layer == 0:
            matrix = matrix / rows.std(axis=0)[:, None]
            bias = bias - rows.mean(axis=0) @ matrix
        weights.append(numpy_helper.from_array(matrix.astype(np.float32), f"w{layer}"))
        weights.append(numpy_helper.from_array(bias.astype(np.float32), f"b{layer}"))
        is_last = layer == len(sizes) - 2
        gemm, out = f"gemm{layer}", "output" if is_last else f"hidden{layer}"
        nodes.append(helper.make_node("Gemm", [last, f"w{layer}", f"b{layer}"], [gemm]))
        activation = ("Softmax" if sizes[-1] > 1 else "Sigmoid") if is_last else "Relu"
        nodes.append(helper.make_node(activation, [gemm], [out]))
        last = out
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, [None, sizes[0]])
    result = helper.make_tensor_value_info("output", TensorProto.FLOAT, [None, sizes[-1]])
    graph = helper.make_graph(nodes, "mlp", [given], [result], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def save(folder: Path, model: onnx.ModelProto, rows: np.ndarray, outputs: list[TensorSpec]) -> None:
    given = Schema([TensorSpec(np.dtype(np.float32), (-1, rows.shape[1]), "input")])
    mlflow.onnx.save_model(model, str(folder / "model"), signature=ModelSignature(given, Schema(outputs)))
    rows.astype("<f8").tofile(folder / "rows.f64")


def main(folder: Path) -> None:
    data, labels = load_breast_cancer(return_X_y=True)
    patients = data[random.integers(0, len(data), ROWS)]
    probabilities = lambda name, width: TensorSpec(np.dtype(np.float32), (-1, width), name)

    save(folder / "small", mlp([30, 64, 32, 1], patients), patients, [probabilities("output", 1)])

    pixels = np.round(random.random((ROWS, 784)), 3)
    save(folder / "medium", mlp([784, 512, 256, 10], pixels), pixels, [probabilities("output", 10)])

    # Half the labels are noise: without it the trees would be stumps.
    noisy = np.where(random.random(len(labels)) < 0.5, random.integers(0, 2, len(labels)), labels)
    booster = xgboost.XGBClassifier(n_estimators=150, max_depth=6, random_state=4).fit(data, noisy)
    trees = convert_xgboost(booster, initial_types=[("input", FloatTensorType([None, 30]))], target_opset=OPSET)
    label = TensorSpec(np.dtype(np.int64), (-1,), "label")
    save(folder / "xgboost", trees, patients, [label, probabilities("probabilities", 2)])


main(Path(sys.argv[1]))
