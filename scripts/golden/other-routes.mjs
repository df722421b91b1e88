/** What docs/rest.md says of the routes that are in no table, because their bodies are no JSON messages. */
export const otherRoutes = `## Other routes

What is no JSON message has routes of its own, below the same prefixes. Those of artifacts are above.

### events

\`GET /2.0/mltrack/events\`

What changes, as [server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html), for as long as the client stays.

| Parameter | |
| --- | --- |
| \`experiment_id\`, \`run_id\` | may be repeated, up to 100 each: what to follow; without either, everything that the caller may read |
| \`since\` | the id of the last message that was read. The header \`Last-Event-ID\`, which browsers send, goes before it |

| Event | Data | |
| --- | --- | --- |
| \`ready\` | \`{}\` | The first: every later change is told |
| \`runs\` | \`{"runs": [{"run_id", "experiment_id", "change", "metrics", "more_metrics"}], "registry"}\` | At most one a second, one entry a run. \`change\` is \`created\`, \`changed\`, \`ended\`, \`deleted\` or \`restored\`; a run that is new in a message is \`created\`, whatever else happened to it. \`metrics\` are the keys that got values, up to 100, absent when there are none; \`more_metrics\` is true when there are more. \`registry\` is true when registered models or their versions changed, and else absent |
| \`reset\` | \`{}\` | What happened since the given id is not known, or is more than 1,000 runs: read everything anew |

A comment keeps the connection every 15 seconds. A server tells of what was written through it: where several share a PostgreSQL database, look
from time to time as well. It ends when the sign-in of its caller ends, and when the server does. 429 when 500 listen already.

### serving

Trying a model that the server keeps. Both take \`model_uri\`: \`models:/NAME/VERSION\`, \`models:/m-ID\` or \`runs:/RUN_ID/PATH\`.

\`GET /2.0/mltrack/serving/describe\` answers \`{"model_uri", "flavors", "inputs", "outputs", "params", "input_example", "can_try", "why_not", "is_running"}\`.
\`inputs\` and \`outputs\` are the signature's, \`{"kind": "tensor" or "column", "name", "type", "shape", "required"}\` each, empty when there is none; \`input_example\` is a
request's body, where the model was logged with one; \`why_not\` says why it cannot be tried: no ONNX flavour, files that lie where the server does not look.

\`POST /2.0/mltrack/serving/invocations\` passes the body on to a process of the model, which is started where there is none, and its status and answer back: as
\`/invocations\` of [serving.md](serving.md). 400 for a model that cannot be tried, 503 with the reason when its process does not start or breaks off.
`;
