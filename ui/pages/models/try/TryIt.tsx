/** A model tried in the page: a form made from its signature, or the request as JSON, and what it answers. */
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { ModelVersion } from '../../../../api/index.js';
import { Empty, Skeleton } from '../../../components/Empty.js';
import { Loaded } from '../../../components/Loaded.js';
import { Panel } from '../../../components/Panel.js';
import { Snippet } from '../../../components/Snippets.js';
import {
  type Prediction,
  predict,
  type ServingDescription,
  useServedModel,
} from '../../../queries/registry/serving.js';
import { callSnippets } from './call-snippets.js';
import { InputFields } from './InputFields.js';
import { Output } from './Output.js';
import { fieldKey, makeRequest, type Values, valuesOfExample } from './request.js';

export default function TryIt({ version: { name, version } }: { version: ModelVersion }) {
  const uri = `models:/${name}/${version}`;
  const query = useServedModel(uri);
  return (
    <Loaded query={query} what="what the model takes" skeleton={<Skeleton rows={8} />}>
      {(model) =>
        model.can_try ? (
          <Form uri={uri} model={model} />
        ) : (
          <Empty title="This model cannot be tried here">
            <p>{model.why_not ?? 'Only ONNX models are run by this server.'}</p>
          </Empty>
        )
      }
    </Loaded>
  );
}

type Mode = 'form' | 'json';

function Form({ uri, model }: { uri: string; model: ServingDescription }) {
  const { inputs = [], input_example: example } = model;
  const fromExample = example === undefined || example === null ? undefined : valuesOfExample(inputs, example);
  const [mode, setMode] = useState<Mode>(inputs.length > 0 ? 'form' : 'json');
  const [values, setValues] = useState<Values>({});
  const [text, setText] = useState(() =>
    example ? exampleBody(example) : '{"dataframe_split": {"columns": [], "data": []}}',
  );
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [refusal, setRefusal] = useState<string>();
  const [prediction, setPrediction] = useState<Prediction>();
  const [isBusy, setBusy] = useState(false);
  const made = mode === 'form' ? makeRequest(inputs, values) : fromText(text);
  const body = made.body;
  const run = async () => {
    setErrors(made.errors);
    setRefusal(undefined);
    if (made.body === undefined || isBusy) return;
    setBusy(true);
    try {
      setPrediction(await predict(uri, made.body));
    } catch (error) {
      const said = (error instanceof Error ? error.message : String(error)).replace(/ \(POST http[^)]*\)$/, '');
      const blamed = mode === 'form' ? blamedField(model, said) : undefined;
      if (blamed) setErrors({ [blamed]: said });
      else setRefusal(said);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void run();
  };
  const switchTo = (wanted: Mode) => {
    if (wanted === 'json' && body !== undefined) setText(JSON.stringify(JSON.parse(body), null, 2));
    setErrors({});
    setMode(wanted);
  };
  return (
    <div className="overview try">
      <form className="overview-left" onSubmit={submit} onKeyDown={onKeyDown} noValidate>
        <Panel
          title="Input"
          aside={
            <span className="panel-aside">
              {example !== undefined && example !== null && (
                <button
                  type="button"
                  className="button"
                  onClick={() => {
                    setErrors({});
                    if (mode === 'form' && fromExample) setValues(fromExample);
                    else setText(exampleBody(example));
                  }}
                >
                  Fill in the example
                </button>
              )}
              {inputs.length > 0 && (
                <fieldset className="segments">
                  <legend className="visually-hidden">Kind of input</legend>
                  {(['form', 'json'] as const).map((each) => (
                    <label key={each}>
                      <input type="radio" name="try-mode" checked={mode === each} onChange={() => switchTo(each)} />
                      {each === 'form' ? 'Form' : 'JSON'}
                    </label>
                  ))}
                </fieldset>
              )}
            </span>
          }
        >
          <div className="try-fields">
            {mode === 'form' ? (
              <InputFields
                fields={inputs}
                values={values}
                errors={errors}
                onChange={(key, value) => {
                  setValues({ ...values, [key]: value });
                  setErrors(Object.fromEntries(Object.entries(errors).filter(([each]) => each !== key)));
                }}
              />
            ) : (
              <div className="try-field">
                <label htmlFor="try-request">Request</label>
                <textarea
                  id="try-request"
                  className="field code-field"
                  rows={12}
                  spellCheck={false}
                  value={text}
                  aria-invalid={errors.request !== undefined}
                  aria-describedby="try-request-said"
                  onChange={(event) => setText(event.target.value)}
                />
                <span id="try-request-said" className="field-error" role={errors.request ? 'alert' : undefined}>
                  {errors.request}
                </span>
              </div>
            )}
            {refusal && (
              <p className="field-error" role="alert">
                {refusal}
              </p>
            )}
            <div className="buttons">
              <button type="submit" className="button primary" disabled={isBusy}>
                {isBusy ? 'Predicting…' : 'Predict'}
              </button>
              <span className="muted">Ctrl+Enter. The first call starts the model.</span>
            </div>
          </div>
        </Panel>
        {prediction && <Output prediction={prediction} />}
      </form>
      <div className="overview-right try-calls">
        <h2>The same call</h2>
        {callSnippets(uri, body ?? exampleBody(example)).map(({ language, code }) => (
          <Snippet key={language} language={language} code={code} />
        ))}
      </div>
    </div>
  );
}

/** An example as a request: what is none yet is put into one. */
function exampleBody(example: unknown): string {
  const given = typeof example === 'string' ? safeParse(example) : example;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    const keys = Object.keys(given);
    if (keys.some((key) => /^(dataframe_split|dataframe_records|inputs|instances)$/.test(key)))
      return JSON.stringify(given);
    if (keys.includes('columns') && keys.includes('data')) return JSON.stringify({ dataframe_split: given });
  }
  return JSON.stringify({ inputs: given ?? [] });
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function fromText(text: string): { body?: string; errors: Record<string, string> } {
  try {
    JSON.parse(text);
    return { body: text, errors: {} };
  } catch (error) {
    return { errors: { request: `This is not valid JSON: ${(error as Error).message}` } };
  }
}

/** The field that the model server's words are about. */
function blamedField({ inputs = [] }: ServingDescription, said: string): string | undefined {
  const place = inputs.findIndex(
    ({ name }) => name !== undefined && (said.includes(`'${name}'`) || said.includes(`"${name}"`)),
  );
  const field = inputs[place];
  return field && fieldKey(field, place);
}
