"""Stock MLflow against a server with users: prints what it saw as JSON. Arguments: the admin's password, and the others'."""
import base64
import json
import os
import sys
import types
import urllib.request

admin_password, password = sys.argv[1:]


def sign_in(username=None, secret=None, token=None):
    for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"):
        os.environ.pop(name, None)
    if token:
        os.environ["MLFLOW_TRACKING_TOKEN"] = token
    elif username:
        os.environ["MLFLOW_TRACKING_USERNAME"] = username
        os.environ["MLFLOW_TRACKING_PASSWORD"] = secret


sign_in("admin", admin_password)

# The client's package also holds MLflow's own server, which wants this for a page that is not used here.
csrf = types.ModuleType("flask_wtf.csrf")
csrf.CSRFProtect = object
sys.modules.update({"flask_wtf": types.ModuleType("flask_wtf"), "flask_wtf.csrf": csrf})

import mlflow
import requests
from mlflow.exceptions import MlflowException
from mlflow.server.auth.client import AuthServiceClient

uri = os.environ["MLFLOW_TRACKING_URI"]


def refused(call):
    try:
        call()
    except MlflowException as error:
        return [error.error_code, error.message]


def status_of(call):
    try:
        call()
    except requests.HTTPError as error:
        return error.response.status_code


users = AuthServiceClient(uri)
created = [users.create_user(name, password) for name in ("ann", "ben")]
users.update_user_admin("ben", True)
made_admin = users.get_user("ben").is_admin
users.update_user_admin("ben", False)
short = refused(lambda: users.create_user("eve", "short"))
twice = refused(lambda: users.create_user("ann", password))
unknown = refused(lambda: users.get_user("nobody"))

sign_in("ann", password)
mlflow.set_experiment("of ann")
with mlflow.start_run() as run:
    mlflow.log_param("a", 1)
    mlflow.log_metric("m", 2.0)
    mlflow.log_text("hello", "note.txt")
experiment = run.info.experiment_id
users.grant_user_permission("ben", "experiment", experiment, "NO_PERMISSIONS")
not_admin = refused(lambda: users.create_user("eve", password))

sign_in("ben", password)
client = mlflow.MlflowClient()
closed = [
    refused(lambda: client.get_run(run.info.run_id)),
    status_of(lambda: mlflow.artifacts.load_text(run.info.artifact_uri + "/note.txt")),
    [each.name for each in client.search_experiments()],
    len(client.search_runs([experiment])),
]

sign_in("ann", password)
users.grant_user_permission("ben", "experiment", experiment, "EDIT")
effective = users.get_user_permission("ben", "experiment", experiment)
body = urllib.request.Request(
    uri + "/api/2.0/mltrack/tokens/create",
    data=b'{"name": "ci"}',
    headers={"content-type": "application/json"},
)
body.add_header("authorization", "Basic " + base64.b64encode(f"ben:{password}".encode()).decode())
token = json.load(urllib.request.urlopen(body))["secret"]

sign_in(token=token)
client.log_metric(run.info.run_id, "m", 3.0)
opened = [
    client.get_run(run.info.run_id).data.metrics,
    mlflow.artifacts.load_text(run.info.artifact_uri + "/note.txt"),
    refused(lambda: client.delete_run(run.info.run_id)),
]

sign_in("ann", "wrong password")
wrong = refused(lambda: client.get_run(run.info.run_id))
sign_in()
nobody = refused(lambda: client.get_run(run.info.run_id))

sign_in("ann", password)
users.update_user_password("ann", password + "!", current_password=password)
old = refused(lambda: client.get_run(run.info.run_id))
sign_in("admin", admin_password)
users.revoke_user_permission("ben", "experiment", experiment)
users.delete_user("ben")
sign_in(token=token)
deleted = refused(lambda: client.get_run(run.info.run_id))

print(
    json.dumps(
        {
            "created": [[each.username, each.is_admin] for each in created],
            "made_admin": made_admin,
            "short": short,
            "twice": twice,
            "unknown": unknown,
            "not_admin": not_admin,
            "closed": closed,
            "effective": [effective.allowed, effective.permission],
            "opened": opened,
            "wrong": wrong,
            "nobody": nobody,
            "old": old,
            "deleted": deleted,
        }
    )
)
