"""What MLflow's own stores answer to filters and orders: argv names a JSON file of [noun, filter, order_by] rows."""

import json
import sys
import tempfile

from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking
from mlflow.entities import ViewType

folder = tempfile.mkdtemp()
uri = f"sqlite:///{folder}/mlflow.db"
tracking, registry = Tracking(uri, folder), Registry(uri)

searches = {
    "runs": lambda f, o: tracking.search_runs(["0"], f, ViewType.ALL, order_by=o),
    "experiments": lambda f, o: tracking.search_experiments(filter_string=f, order_by=o),
    "models": lambda f, o: registry.search_registered_models(filter_string=f, order_by=o),
    "versions": lambda f, o: registry.search_model_versions(filter_string=f, order_by=o),
    "logged": lambda f, o: tracking.search_logged_models(["0"], filter_string=f),
}


def answer(noun, filter_string, order_by):
    try:
        searches[noun](filter_string, order_by)
        return {"message": None}
    except MlflowException as error:
        return {"message": error.message, "code": error.error_code}
    except Exception as error:
        return {"message": repr(error), "code": "INTERNAL_ERROR"}


with open(sys.argv[1]) as file:
    print(json.dumps([answer(*row) for row in json.load(file)]))
