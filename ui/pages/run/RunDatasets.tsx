/** The data sets that a run read: name and digest, what it read them for, and what is known of their columns. */
import type { DatasetInput, Run } from '../../../api/index.js';
import { Panel } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { LongText } from '../../tags/LongText.js';

export function RunDatasets({ run }: { run: Run }) {
  const inputs = run.inputs?.dataset_inputs ?? [];
  if (inputs.length === 0) return null;
  return (
    <Panel title={`Datasets (${inputs.length})`}>
      <ul className="models">
        {inputs.map((input, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one data set may be read for two things
          <li key={index}>
            <Dataset input={input} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Dataset({ input: { dataset, tags = [] } }: { input: DatasetInput }) {
  const context = tags.find(({ key }) => key === 'mlflow.data.context')?.value;
  const rows = rowsOf(dataset.profile);
  return (
    <>
      <UserText text={dataset.name} cut="middle" />
      <span className="muted">
        {context && (
          <>
            <UserText text={context} />
            {' · '}
          </>
        )}
        {rows !== undefined && `${rows.toLocaleString('en')} rows · `}
        <UserText text={dataset.digest} />
      </span>
      <details className="dataset-more">
        <summary>More</summary>
        <dl className="facts">
          {Object.entries({ Source: dataset.source, Schema: dataset.schema, Profile: dataset.profile }).map(
            ([name, text]) =>
              text && (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <LongText text={text} />
                  </dd>
                </div>
              ),
          )}
        </dl>
      </details>
    </>
  );
}

function rowsOf(profile: string | undefined): number | undefined {
  try {
    const { num_rows } = JSON.parse(profile ?? '{}') as { num_rows?: unknown };
    return typeof num_rows === 'number' ? num_rows : undefined;
  } catch {
    return undefined;
  }
}
