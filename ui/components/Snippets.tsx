/** The first lines to log a run to this server, in Python and in TypeScript. */
import { client } from '../queries/connection.js';
import { CopyButton } from './CopyButton.js';

const python = (experiment: string) => `import mlflow

mlflow.set_tracking_uri("${client.uri}")
mlflow.set_experiment(${JSON.stringify(experiment)})

with mlflow.start_run():
    mlflow.log_param("lr", 0.01)
    mlflow.log_metric("loss", 0.42, step=1)`;

const typescript = (experiment: string) => `import { setExperiment, setTrackingUri, withRun } from 'mltrack';

setTrackingUri('${client.uri}');
setExperiment(${JSON.stringify(experiment)});

await withRun(async (run) => {
  run.logParam('lr', 0.01);
  run.log({ loss: 0.42 }, { step: 1 });
});`;

export function Snippets({ experiment = 'my first experiment' }: { experiment?: string | undefined }) {
  return (
    <div className="snippets">
      <Snippet language="Python" code={python(experiment)} />
      <Snippet language="TypeScript" code={typescript(experiment)} />
    </div>
  );
}

export function Snippet({ language, code }: { language: string; code: string }) {
  return (
    <figure className="snippet" aria-label={`${language} example`}>
      <figcaption>
        {language}
        <CopyButton text={code} label={`Copy ${language}`} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
