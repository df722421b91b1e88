"""Prints as JSON what Python's onnxruntime answers: the model of a run, and rows of floats as a JSON list in a file."""

import json
import pathlib
import sys

import mlflow
import numpy as np
import onnxruntime

model_uri, rows_file = sys.argv[1:]
model = mlflow.onnx.load_model(model_uri)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
rows = np.array(json.loads(pathlib.Path(rows_file).read_text()), dtype=np.float32)
outputs = session.run(None, {session.get_inputs()[0].name: rows})
json.dump({each.name: value.tolist() for each, value in zip(session.get_outputs(), outputs)}, sys.stdout)
