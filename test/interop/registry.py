"""The model registry through MLflow's own client, a named function per matter: registry.py NAME. A failed assertion fails it."""

import sys
import uuid

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import PythonModel

client = mlflow.MlflowClient()


class Plus(PythonModel):
    """Adds a constant, so that versions can be told apart."""

    def __init__(self, constant):
        self.constant = constant

    def predict(self, context, model_input: list[float], params=None) -> list[float]:
        return [value + self.constant for value in model_input]


def fresh(name):
    return f"{name}-{uuid.uuid4().hex[:8]}"


def refused(words, call, code="INVALID_PARAMETER_VALUE"):
    try:
        call()
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, error.message)
        assert words in error.message, error.message
    else:
        raise AssertionError(f"{words}: not refused")


def models():
    name = fresh("iris & co")
    made = client.create_registered_model(name, tags={"owner": "ana"}, description="d")
    assert (made.name, made.description, made.tags) == (name, "d", {"owner": "ana"})
    refused("already exists.", lambda: client.create_registered_model(name), "RESOURCE_ALREADY_EXISTS")
    assert client.update_registered_model(name, "new").description == "new"
    client.set_registered_model_tag(name, "stage", "beta")
    client.delete_registered_model_tag(name, "owner")
    found = client.get_registered_model(name)
    assert (found.description, found.tags) == ("new", {"stage": "beta"})
    renamed = fresh("renamed")
    client.rename_registered_model(name, renamed)
    assert client.get_registered_model(renamed).tags == {"stage": "beta"}
    absent = f"Registered Model with name={name} not found"
    refused(absent, lambda: client.get_registered_model(name), "RESOURCE_DOES_NOT_EXIST")
    client.delete_registered_model(renamed)
    refused("not found", lambda: client.delete_registered_model(renamed), "RESOURCE_DOES_NOT_EXIST")


def versions():
    name = fresh("versions")
    client.create_registered_model(name)
    for number in range(1, 5):
        version = client.create_model_version(name, f"s3://bucket/{number}", tags={"n": str(number)})
        assert (version.version, version.status, version.tags) == (str(number), "READY", {"n": str(number)})
    client.set_registered_model_alias(name, "champion", 2)
    assert client.get_model_version_by_alias(name, "champion").version == "2"
    assert client.get_model_version_by_alias(name, "latest").version == "4"
    assert client.get_registered_model(name).aliases == {"champion": "2"}
    assert client.get_model_version(name, 2).aliases == ["champion"]
    client.delete_registered_model_alias(name, "champion")
    refused("Registered model alias champion not found.", lambda: client.get_model_version_by_alias(name, "champion"))
    client.transition_model_version_stage(name, 1, "Production")
    client.transition_model_version_stage(name, 3, "production", archive_existing_versions=True)
    stages = {each.current_stage: each.version for each in client.get_latest_versions(name)}
    assert stages == {"Archived": "1", "Production": "3", "None": "4"}, stages
    assert [each.version for each in client.get_latest_versions(name, ["Production"])] == ["3"]
    assert client.update_model_version(name, 1, "changed").description == "changed"
    client.set_model_version_tag(name, 1, "k", "v")
    client.delete_model_version_tag(name, 1, "n")
    assert client.get_model_version(name, 1).tags == {"k": "v"}
    assert client.get_model_version_download_uri(name, 1) == "s3://bucket/1"
    client.delete_model_version(name, 4)
    refused("not found", lambda: client.get_model_version(name, 4), "RESOURCE_DOES_NOT_EXIST")
    assert client.create_model_version(name, "s3://bucket/5").version == "5"
    refused("To use a local path as a model version source", lambda: client.create_model_version(name, "/etc"))


def searches():
    name = fresh("searched")
    for suffix, owner in (("a", "ana"), ("b", "bo"), ("c", "ana")):
        client.create_registered_model(f"{name}-{suffix}", tags={"owner": owner})
        for _ in range(3):
            client.create_model_version(f"{name}-{suffix}", "s3://bucket/x")
    found = client.search_registered_models(f"name LIKE '{name}%' AND tags.owner = 'ana'", order_by=["name DESC"])
    assert [each.name for each in found] == [f"{name}-c", f"{name}-a"]
    pages, token, order = [], None, ["name", "version_number"]
    while token != "":
        page = client.search_model_versions(f"name LIKE '{name}%'", 4, order, token)
        pages.append([f"{each.name[-1]}{each.version}" for each in page])
        token = page.token or ""
    assert pages == [["a1", "a2", "a3", "b1"], ["b2", "b3", "c1", "c2"], ["c3"]], pages
    assert len(mlflow.search_model_versions(filter_string=f"name = '{name}-a' AND version_number > 1")) == 2
    assert len(mlflow.search_registered_models(filter_string=f"name ILIKE '{name.upper()}%'")) == 3


def register_and_load():
    name = fresh("plus")
    with mlflow.start_run() as run:
        first = mlflow.pyfunc.log_model(name="model", python_model=Plus(1), registered_model_name=name)
        second = mlflow.pyfunc.log_model(name="other", python_model=Plus(2))
    registered = mlflow.register_model(f"runs:/{run.info.run_id}/other", name, tags={"from": "run"})
    assert (registered.version, registered.run_id, registered.tags) == ("2", run.info.run_id, {"from": "run"})
    third = mlflow.register_model(second.model_uri, name)
    assert (third.version, third.run_id) == ("3", run.info.run_id)
    client.set_registered_model_alias(name, "champion", 1)
    client.transition_model_version_stage(name, 2, "Staging")
    for which, constant in (("@champion", 1), ("/2", 2), ("/Staging", 2), ("/latest", 2)):
        loaded = mlflow.pyfunc.load_model(f"models:/{name}{which}")
        assert loaded.predict([1.0]) == [1.0 + constant], which
    assert client.get_model_version(name, 1).source == f"models:/{first.model_id}"
    tags = mlflow.get_logged_model(second.model_id).tags
    assert f'"{name}"' in tags["mlflow.modelVersions"], tags
    copied = client.copy_model_version(f"models:/{name}@champion", fresh("copy"))
    assert mlflow.pyfunc.load_model(f"models:/{copied.name}/{copied.version}").predict([1.0]) == [2.0]


def prompts():
    name = fresh("greeting").replace("-", "_")
    first = mlflow.genai.register_prompt(name, "Hello {{who}}", commit_message="first", tags={"lang": "en"})
    assert (first.version, first.template) == (1, "Hello {{who}}")
    second = mlflow.genai.register_prompt(name, "Good day {{who}}")
    assert second.version == 2
    mlflow.genai.set_prompt_alias(name, "live", 1)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@live").format(who="you") == "Hello you"
    assert mlflow.genai.load_prompt(f"prompts:/{name}/2").template == "Good day {{who}}"
    assert mlflow.genai.load_prompt(name, version=1).tags["lang"] == "en"
    assert [each.name for each in mlflow.genai.search_prompts(f"name = '{name}'")] == [name]
    assert name not in [each.name for each in client.search_registered_models()]
    refused("already taken by a prompt", lambda: client.create_registered_model(name), "RESOURCE_ALREADY_EXISTS")
    mlflow.genai.delete_prompt_alias(name, "live")
    client.delete_prompt_version(name, "2")
    assert mlflow.genai.load_prompt(name, version=2, allow_missing=True) is None


globals()[sys.argv[1]]()
print(f"ok {sys.argv[1]} (mlflow {mlflow.__version__})")
