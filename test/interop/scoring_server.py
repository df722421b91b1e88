"""MLflow's own scoring server for many models at once: scoring_server.py FOLDER PACKAGES [MODEL...].

Makes the models of scoring_models.py below FOLDER, then serves each, and those given as NAME=PATH, at /NAME/invocations.
Its first line on stdout is JSON: {"port", "models": [{"name", "path", "inputs": {name: nested list}, "columns"}]}.
"""

import json
import pathlib
import socket
import sys

import mlflow.pyfunc
import uvicorn
from fastapi import FastAPI
from mlflow.pyfunc import scoring_server
from scoring_models import save_all

folder, packages, *given = sys.argv[1:]
app = FastAPI()


def mount(name, path):
    app.mount(f"/{name}", scoring_server.init(mlflow.pyfunc.load_model(str(path))))


for model in given:
    mount(*model.split("=", 1))
made = []
for name, path, inputs, columns in save_all(pathlib.Path(folder), pathlib.Path(packages)):
    mount(name, path)
    values = {key: array.tolist() for key, array in inputs.items()}
    made.append({"name": name, "path": str(path), "inputs": values, "columns": columns})

listener = socket.create_server(("127.0.0.1", 0))
print(json.dumps({"port": listener.getsockname()[1], "models": made}), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="critical")).run([listener])
