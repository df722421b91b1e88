/** Where our answer to a request is not MLflow's, and why. A difference without an entry fails, and an entry without a difference. */

export interface ReplayDifference {
  /** What the request's name, our answer and MLflow's (`400 {"error_code": …`) must match. */
  readonly requests?: RegExp;
  /** Which part differs, in the words of compare.ts. */
  readonly what?: RegExp;
  readonly ours?: RegExp;
  readonly theirs?: RegExp;
  readonly reason: string;
}

const REFUSED = '^400 .*INVALID_PARAMETER_VALUE.*';
const WRONG_FIELD = new RegExp(
  `${REFUSED}(Invalid value .* for parameter .* supplied: +(Hint|expected)|Missing value for required parameter|Invalid boolean value)`,
);

export const REPLAY_DIFFERENCES: readonly ReplayDifference[] = [
  {
    ours: /^4/,
    theirs: /^5/,
    reason:
      'what is wrong with a request is the client’s to mend: MLflow’s 5xx make its own clients try again for minutes',
  },
  {
    ours: /^200/,
    theirs: /^5/,
    reason: 'MLflow reads these values, and fails when it asks for their range as text or null',
  },
  {
    ours: WRONG_FIELD,
    theirs: /^200/,
    reason: 'MLflow leaves out a field that it cannot read and all that follow it, and does the rest of what was asked',
  },
  {
    ours: WRONG_FIELD,
    theirs: /^4/,
    reason: 'both refuse; MLflow by what is left of the request once a field could not be read, we by that field',
  },
  {
    ours: /^400 .*(not valid JSON|must be a JSON object)/,
    theirs: /^(200|4)/,
    reason: 'MLflow takes a body that is not JSON, or no object, for none',
  },
  {
    requests: /as [a-z]+[A-Z]\w*$/,
    ours: /^200/,
    theirs: /^400 .*Missing value for required parameter/,
    reason: 'MLflow reads lowerCamelCase, then misses the field that it requires',
  },
  {
    requests: /(_ids?|version): \[?5\]?$/,
    theirs: /^400 .*Value was of type '(int|list)'/,
    reason: 'a number is taken for the id that it spells, as by MLflow until 3.5',
  },
  {
    requests: /a content type in capitals$/,
    ours: /^200/,
    reason: 'media types are the same in capitals (RFC 9110, 8.3.1)',
  },
  {
    ours: /Invalid page token, could not be decoded/,
    theirs: /nvalid page token/,
    what: /^message$/,
    reason: 'tokens are each server’s own, and so is what is wrong with one',
  },
  {
    requests: /^(searchDatasets|getMetricHistoryBulk) /,
    theirs: /^404 /,
    reason: 'MLflow serves these below /ajax-api only',
  },
  {
    requests: /"\/abs"$|%2F/,
    theirs: /^308 /,
    reason: 'a slash that is percent-encoded in a path is part of a name',
  },
  {
    what: /^\.(experiments\[\d+\]|experiment)\.workspace: undefined/,
    reason: 'there are no workspaces',
  },
  {
    what: /\.(model_type|source_run_id): undefined, not ""/,
    reason: 'MLflow has the empty text for what was not given',
  },
  {
    what: /(latest_versions|model_versions)\[\d+\]\.aliases: \[.+\], not undefined/,
    reason: 'MLflow leaves the aliases out here, though they are facts of the version',
  },
  {
    requests: /^createRun POST start_time|a run without a start/,
    what: /^\.run\.info\.start_time: \d+, not 0$/,
    reason: 'a run that is created without a start begins now, not in 1970',
  },
  {
    requests: /^createRun POST|^getExperiment GET/,
    ours: /^200/,
    theirs: /^400 .*(experiment_id|experiment ID|raised as a result of)/,
    reason: 'without an experiment, the Default one is meant',
  },
  {
    ours: /^200/,
    theirs: /^400 .*UNIQUE constraint failed/,
    reason: 'the last of two values of a key counts',
  },
  {
    requests: /^logBatch POST params: |a param twice/,
    theirs: /Duplicate parameter keys have been submitted/,
    reason: 'a param that comes twice with the same value says nothing else',
  },
  {
    ours: /^200/,
    theirs: /^400 .*FOREIGN KEY constraint failed/,
    reason: 'metrics of a model that is not here are kept with the run',
  },
  {
    ours: /^200/,
    theirs: /^400 .*Both dataset_name and dataset_digest must be provided/,
    reason: 'half of a dataset’s name is not known, and not in the way of the metric',
  },
  {
    requests: /^(finalizeLoggedModel|logLoggedModelParams|setLoggedModelTags) /,
    theirs: /Missing value for required parameter 'model_id'/,
    reason: 'the id in the path is enough; MLflow asks for it in the body too',
  },
  {
    requests: /^search\w+ /,
    ours: /^200/,
    theirs: /^400 .*(Invalid value 0 for parameter 'max_results'|Invalid filter (string: )?' ')/,
    reason: 'a search without max_results has the default, and a blank filter is none',
  },
  {
    requests: /filter|order_by/,
    what: /^message$/,
    reason: 'both refuse; MLflow quotes the tokens of its parser',
  },
  {
    requests: /max_results(: |=)(-1|0|2147483648)$/,
    reason: 'sizes of pages have one rule; MLflow answers some impossible ones with an empty page',
  },
  {
    requests: /an unknown query$|another prefix$/,
    ours: /^200/,
    theirs: /^400 .*(Missing value for required parameter|must specify)/,
    reason: 'a query beside a body adds to it; MLflow reads the query alone',
  },
  {
    ours: /Request specifies both/,
    theirs: /^(200|404)/,
    reason: 'of a field that MLflow’s message does not have, or has in the path, it does not see both spellings',
  },
  {
    requests: /^(logBatch|logInputs) POST run_id/,
    ours: /^404 .*Run with id=.* not found/,
    theirs: /^400 .*for parameter 'run_id' supplied\./,
    reason: 'no run has such an id, here as for every other endpoint',
  },
  {
    requests: /^setLoggedModelTags /,
    what: /^\.model: .*, not undefined$/,
    reason: 'the model is in the answer’s message, which MLflow sends empty',
  },
  {
    what: /model_versions?(\[\d+\])?\.model_id: .*, not undefined$/,
    reason: 'MLflow leaves out the model that a version was made from',
  },
  {
    requests: /^createModelVersion POST source: /,
    what: /^message$/,
    reason: 'MLflow quotes a local path as it resolves it',
  },
  {
    ours: /^200 \{\}/,
    theirs: /^400 .*required parameter 'experiment_ids'/,
    reason: 'in no experiments there are no models',
  },
  {
    requests: /^(create|update)Webhook \w+ (run_)?events|run_events/,
    reason: 'events of runs are ours, and enough for a webhook',
  },
  {
    what: /^message$/,
    theirs: /\\\\(x07|')|\\"it's/,
    reason: 'MLflow quotes as Python does',
  },
  {
    requests: /^testWebhook /,
    what: /^\.result\.error_message/,
    reason: 'each HTTP library has its words for a refused connection',
  },
  {
    what: /^message$/,
    theirs: /already exists\. Error: /,
    reason: 'MLflow adds what its database says',
  },
  {
    requests: /dataset\.name/,
    what: /inputs\.model_inputs: .*, not undefined$/,
    reason: 'a run that is found says all that it says when it is read',
  },
  {
    requests: /^a logged model: .*DELETE/,
    ours: /^404 .*Logged model with ID/,
    theirs: /^200/,
    reason: 'what is deleted is not found, by whatever is asked of it',
  },
  {
    requests: /params\.tag = 'one' or/,
    ours: /^200/,
    theirs: /Invalid clause\(s\) in filter string: 'or'/,
    reason: 'OR is understood',
  },
  {
    what: /^message$/,
    ours: /for parameter 'max_results' supplied\. It must be at most/,
    reason: 'MLflow says that a number is an int, and not how large it may be',
  },
  {
    what: /^message$/,
    ours: /must specify at least one run_id/,
    theirs: /required parameter 'run_ids'/,
    reason: 'MLflow has a message for each of two checks of the same',
  },
  {
    ours: /^4/,
    theirs: /^400 .*FOREIGN KEY constraint failed/,
    reason: 'what a request names and is not there is not found; MLflow says what its database says',
  },
  {
    requests: /Traces /,
    ours: /^200 \{\}/,
    theirs: /^400 .*Invalid experiment ID/,
    reason: 'in what is no experiment there are no traces',
  },
  {
    requests: /^\w+Traces? |^\w+TraceTag |Assessment /,
    what: /^message$/,
    ours: /Invalid experiment ID|Trace with ID .* not found/,
    reason: 'both refuse; of two things that are wrong each names another',
  },
  {
    requests: /^endOlderTrace /,
    what: /execution_time_ms|request_metadata/,
    reason: 'MLflow has a trace end in 1970 when no end is given, and keeps pairs without a key',
  },
  {
    requests: /^linkPromptsToTrace /,
    ours: /^404/,
    reason: 'a trace that is not there has no prompts; MLflow links them to nothing',
  },
  {
    requests: /two slashes$/,
    theirs: /^308 /,
    reason: 'two slashes are one; MLflow redirects its clients to the path with one',
  },
  {
    ours: /^400 .*Content-Type/,
    theirs: /^404 <!doctype/,
    reason: 'MLflow has accounts and permissions in an app of its own only',
  },
];
