"""The same training program with MLflow's client: three values a call, one call after the other, then in batches of 1,000."""
import json
import random
import resource
import sys
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric

uri, calls, values = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
mlflow.set_tracking_uri(uri)


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


with mlflow.start_run() as run:
    mlflow.log_metrics({"loss": 1.0, "accuracy": 0.0, "rate": 1.0}, step=0)
    took = []
    cpu, began = cpu_ms(), time.perf_counter()
    for step in range(1, calls + 1):
        at = time.perf_counter()
        mlflow.log_metrics({"loss": random.random(), "accuracy": step / calls, "rate": 1 / step}, step=step)
        took.append((time.perf_counter() - at) * 1e6)
    calls_ms, calls_cpu = (time.perf_counter() - began) * 1000, cpu_ms() - cpu

with mlflow.start_run() as run:
    client = MlflowClient()
    cpu, began = cpu_ms(), time.perf_counter()
    for first in range(0, values, 1000):
        now = int(time.time() * 1000)
        keys = ("loss", "accuracy", "rate")
        batch = [Metric(keys[i % 3], random.random(), now, i // 3) for i in range(first, min(first + 1000, values))]
        client.log_batch(run.info.run_id, metrics=batch)
    batches_ms, batches_cpu = (time.perf_counter() - began) * 1000, cpu_ms() - cpu

took.sort()
print(
    json.dumps(
        {
            "p50": took[len(took) // 2],
            "p99": took[len(took) * 99 // 100],
            "callsMs": calls_ms,
            "callsCpuMs": calls_cpu,
            "batchesMs": batches_ms,
            "batchesCpuMs": batches_cpu,
            "rssMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        }
    )
)
