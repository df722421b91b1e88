"""The stock client's webhook calls against one receiver: prints what it saw as JSON. Arguments: the receiver's URL, and a secret."""
import json
import sys

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

url, secret = sys.argv[1:]
client = MlflowClient()
made = client.create_webhook("stock", url, ["registered_model.created", "prompt_version.created"], description="d", secret=secret)
listed = client.list_webhooks()
changed = client.update_webhook(made.webhook_id, events=["model_version_alias.deleted"], status="DISABLED")
tested = client.test_webhook(made.webhook_id, "model_version.created")
client.update_webhook(made.webhook_id, status="ACTIVE")
seen = client.get_webhook(made.webhook_id)
try:
    client.create_webhook("bad name!", url, ["registered_model.created"])
    refused = None
except MlflowException as error:
    refused = [error.error_code, error.message]
client.delete_webhook(made.webhook_id)
print(
    json.dumps(
        {
            "listed": [[each.name, each.url, str(each.status), sorted(map(str, each.events))] for each in listed],
            "changed": [str(changed.status), [str(event) for event in changed.events]],
            "tested": [tested.success, tested.response_status, tested.response_body],
            "seen": [seen.description, str(seen.status), seen.creation_timestamp > 0],
            "refused": refused,
            "left": len(client.list_webhooks()),
        }
    )
)
