/** A run at a glance: latest metrics and params on the left, what it is and where it came from on the right. */
import { Link } from 'wouter';
import type { KeyValue, Run } from '../../../api/index.js';
import { Panel } from '../../components/Panel.js';
import { Time } from '../../components/Time.js';
import { fullNumber, shortNumber } from '../../display/numbers.js';
import { runLink } from '../../links.js';
import { NoteText, noteOf } from '../../notes/Note.js';
import { KeyTable } from './KeyTable.js';
import { LoggedModels } from './LoggedModels.js';
import { RunFacts } from './RunFacts.js';

export function RunOverview({ run }: { run: Run }) {
  const { info, data } = run;
  const tags = data.tags ?? [];
  const note = noteOf(tags);
  const models = run.outputs?.model_outputs ?? [];
  return (
    <div className="overview">
      <div className="overview-left">
        <KeyTable
          title="Metrics"
          items={data.metrics ?? []}
          keyOf={({ key }) => key}
          empty="This run has logged no metrics."
          columns={[
            {
              label: 'Last value',
              align: 'end',
              cell: ({ value }) => <span title={fullNumber(value)}>{shortNumber(value)}</span>,
            },
            { label: 'Step', align: 'end', cell: ({ step }) => String(step) },
            { label: 'Logged', align: 'end', cell: ({ timestamp }) => <Time at={Number(timestamp)} /> },
          ]}
        />
        {(data.metrics ?? []).length > 0 && (
          <p className="panel-link">
            <Link href={runLink(info.experiment_id, info.run_id, { tab: 'metrics' })}>See the curves</Link>
          </p>
        )}
        <KeyTable
          title="Params"
          items={data.params ?? []}
          keyOf={({ key }) => key}
          textOf={({ value }) => value}
          empty="This run has logged no params."
          columns={[{ label: 'Value', cell: ({ value }) => <LongText text={value} /> }]}
        />
      </div>
      <div className="overview-right">
        {note && (
          <Panel title="Note">
            <NoteText text={note} />
          </Panel>
        )}
        <RunFacts run={run} />
        <Tags tags={tags} />
        {models.length > 0 && <LoggedModels run={run} ids={models.map(({ model_id }) => model_id)} />}
      </div>
    </div>
  );
}

/** MLflow's own tags are facts, and shown as such. */
function Tags({ tags }: { tags: readonly KeyValue[] }) {
  return (
    <KeyTable
      title="Tags"
      items={tags.filter(({ key }) => !key.startsWith('mlflow.'))}
      keyOf={({ key }) => key}
      textOf={({ value }) => value}
      empty="This run has no tags."
      columns={[{ label: 'Value', cell: ({ value }) => <LongText text={value} /> }]}
    />
  );
}

const LONG = 300;

/** Values wrap; beyond a few lines they open on demand. */
function LongText({ text }: { text: string }) {
  if (text.length <= LONG) {
    return (
      <bdi dir="auto" className="wrapping">
        {text}
      </bdi>
    );
  }
  return (
    <details>
      <summary>
        <bdi dir="auto" className="long-start">
          {text.slice(0, LONG / 3)}…
        </bdi>
      </summary>
      <bdi dir="auto" className="wrapping">
        {text}
      </bdi>
    </details>
  );
}
