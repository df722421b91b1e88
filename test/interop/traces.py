"""Traces as MLflow's client logs, finds and changes them, a named function per matter: traces.py NAME. A failed assertion fails it."""

import json
import sys
import uuid

import mlflow
from mlflow.entities import AssessmentSource, Feedback, SpanType
from mlflow.exceptions import MlflowException

client = mlflow.MlflowClient()


def fresh_experiment():
    return mlflow.set_experiment(f"traces-{uuid.uuid4().hex[:8]}").experiment_id


@mlflow.trace(span_type=SpanType.CHAIN, attributes={"depth": "outer"})
def answer(question):
    with mlflow.start_span(name="retrieve", span_type=SpanType.RETRIEVER) as span:
        span.set_inputs({"query": question})
        span.set_outputs(["doc 1", "doc 2"])
        span.set_attribute("top_k", 2)
    return shout(question)


@mlflow.trace
def shout(text):
    if text == "fail":
        raise ValueError("told to")
    return text.upper()


def log(question):
    try:
        answer(question)
    except ValueError:
        pass
    mlflow.flush_trace_async_logging()
    return mlflow.get_last_active_trace_id()


def nested_spans():
    experiment_id = fresh_experiment()
    trace_id = log("why?")
    trace = mlflow.get_trace(trace_id)
    assert trace.info.experiment_id == experiment_id
    assert trace.info.state == "OK", trace.info.state
    assert trace.info.tags["mlflow.traceName"] == "answer"
    assert trace.info.request_preview == '{"question": "why?"}', trace.info.request_preview
    assert trace.info.response_preview == '"WHY?"', trace.info.response_preview
    assert trace.info.execution_duration >= 0
    assert [span.name for span in trace.data.spans] == ["answer", "retrieve", "shout"]
    root, retrieve, loud = trace.data.spans
    assert retrieve.parent_id == loud.parent_id == root.span_id
    assert (root.span_type, retrieve.span_type) == ("CHAIN", "RETRIEVER")
    assert retrieve.inputs == {"query": "why?"} and retrieve.outputs == ["doc 1", "doc 2"]
    assert retrieve.get_attribute("top_k") == 2
    failed = mlflow.get_trace(log("fail"))
    assert failed.info.state == "ERROR"
    assert failed.data.spans[-1].events[0].name == "exception"
    assert mlflow.get_trace("tr-" + "0" * 32) is None


def search():
    experiment_id = fresh_experiment()
    good = [log(f"q{i}") for i in range(5)]
    bad = log("fail")
    mlflow.set_trace_tag(good[0], "reviewed", "yes")

    def found(filter_string=None, **options):
        traces = mlflow.search_traces(
            locations=[experiment_id], filter_string=filter_string, return_type="list", **options
        )
        return [trace.info.trace_id for trace in traces]

    assert found() == [bad, *reversed(good)]
    assert found(order_by=["timestamp_ms ASC"]) == [*good, bad]
    assert found(max_results=2) == [bad, good[-1]]
    assert found("status = 'ERROR'") == [bad]
    assert found("trace.status = 'OK' AND tags.reviewed = 'yes'") == [good[0]]
    assert found("attributes.name = 'answer'") == [bad, *reversed(good)]
    assert found("name LIKE 'ans%' AND status != 'OK'") == [bad]
    assert found("tags.reviewed IS NULL AND status = 'OK'") == list(reversed(good[1:]))
    assert found("metadata.`mlflow.source.type` = 'LOCAL'") == [bad, *reversed(good)]
    middle = mlflow.get_trace(good[2]).info.request_time
    assert good[4] in found(f"timestamp_ms >= {middle}")
    assert found(f"request_id IN ('{good[1]}', '{bad}')") == [bad, good[1]]
    assert found("execution_time_ms > 1000000") == []
    spans = mlflow.search_traces(locations=[experiment_id], return_type="list")[0].data.spans
    assert [span.name for span in spans] == ["answer", "retrieve", "shout"]

    ids, token = [], None
    for _ in range(9):
        page = client.search_traces(
            locations=[experiment_id], max_results=2, page_token=token, include_spans=False
        )
        ids += [trace.info.trace_id for trace in page]
        token = page.token
        if not token:
            break
    assert ids == [bad, *reversed(good)], ids

    for words, filter_string in [
        ("Invalid attribute key 'color'", "color = 'x'"),
        ("Invalid comparator", "status > 'x'"),
        ("does not search traces by 'span.'", "span.name = 'x'"),
    ]:
        try:
            found(filter_string)
        except MlflowException as error:
            assert error.error_code == "INVALID_PARAMETER_VALUE" and words in error.message, error
        else:
            raise AssertionError(f"{filter_string} was not refused")


def runs():
    experiment_id = fresh_experiment()
    with mlflow.start_run() as run:
        inside = log("inside")
    outside = log("outside")

    def of_run():
        traces = mlflow.search_traces(
            locations=[experiment_id], run_id=run.info.run_id, return_type="list"
        )
        return [trace.info.trace_id for trace in traces]

    assert of_run() == [inside]
    client.link_traces_to_run([outside, inside], run.info.run_id)
    assert of_run() == [outside, inside]


def tags_and_deletion():
    experiment_id = fresh_experiment()
    ids = [log(f"q{i}") for i in range(4)]
    mlflow.set_trace_tag(ids[0], "k", "v1")
    mlflow.set_trace_tag(ids[0], "k", "v2")
    assert mlflow.get_trace(ids[0]).info.tags["k"] == "v2"
    mlflow.delete_trace_tag(ids[0], "k")
    assert "k" not in mlflow.get_trace(ids[0]).info.tags
    try:
        mlflow.delete_trace_tag(ids[0], "k")
    except MlflowException as error:
        assert "No trace tag with key 'k'" in error.message, error
    else:
        raise AssertionError("deleted twice")

    assert client.delete_traces(experiment_id, trace_ids=[ids[1], "tr-nobody"]) == 1
    assert mlflow.get_trace(ids[1]) is None
    last = mlflow.get_trace(ids[3]).info.request_time
    assert client.delete_traces(experiment_id, max_timestamp_millis=last, max_traces=1) == 1
    assert mlflow.get_trace(ids[0]) is None and mlflow.get_trace(ids[2]) is not None
    assert client.delete_traces(experiment_id, max_timestamp_millis=last) == 2
    assert mlflow.search_traces(locations=[experiment_id], return_type="list") == []


def assessments():
    fresh_experiment()
    trace_id = log("why?")
    human = AssessmentSource(source_type="HUMAN", source_id="jo@example.com")
    feedback = mlflow.log_feedback(
        trace_id=trace_id, name="correct", value=False, source=human, rationale="no", metadata={"a": "b"}
    )
    mlflow.log_expectation(trace_id=trace_id, name="answer", value={"text": "because"}, source=human)
    failed = mlflow.log_feedback(trace_id=trace_id, name="judge", error=ValueError("cannot"))
    found = {each.name: each for each in mlflow.get_trace(trace_id).info.assessments}
    assert found["correct"].value is False and found["correct"].rationale == "no"
    assert found["correct"].source.source_id == "jo@example.com"
    assert found["answer"].value == {"text": "because"}
    assert found["judge"].error.error_message == "cannot"
    mlflow.update_assessment(
        trace_id=trace_id,
        assessment_id=feedback.assessment_id,
        assessment=Feedback(name="correct", value=0.5, source=human, metadata={"c": "d"}),
    )
    changed = mlflow.get_assessment(trace_id, feedback.assessment_id)
    assert changed.value == 0.5 and changed.metadata == {"a": "b", "c": "d"}, changed
    override = mlflow.override_feedback(
        trace_id=trace_id, assessment_id=feedback.assessment_id, value=True, source=human
    )
    assert mlflow.get_assessment(trace_id, feedback.assessment_id).valid is False
    assert override.overrides == feedback.assessment_id
    for each in (override, failed):
        mlflow.delete_assessment(trace_id, each.assessment_id)
    left = mlflow.get_trace(trace_id).info.assessments
    assert [each.name for each in left] == ["correct", "answer"] and left[0].valid, left


def logged_by_hand():
    """Spans of a client that starts and ends them itself, and a trace with what is not ASCII."""
    experiment_id = fresh_experiment()
    root = mlflow.start_span_no_context("Größe 📏", inputs={"x": "ä" * 3000}, experiment_id=experiment_id)
    child = mlflow.start_span_no_context("child", parent_span=root)
    child.end(outputs={"y": [1, 2, None]})
    root.set_attribute("nested", {"a": {"b": 1}})
    root.end(outputs="z")
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_trace(root.trace_id)
    assert trace.info.tags["mlflow.traceName"] == "Größe 📏"
    assert trace.data.spans[0].inputs == {"x": "ä" * 3000}
    assert trace.data.spans[1].outputs == {"y": [1, 2, None]}
    assert json.loads(trace.info.trace_metadata["mlflow.trace.sizeStats"])["num_spans"] == 2


name = sys.argv[1]
globals()[name]()
print(f"ok {name} (mlflow {mlflow.__version__})")
