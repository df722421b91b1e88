/** A run at a glance: metrics and params on the left, what it is and where it came from on the right. */
import type { Run } from '../../../api/index.js';
import { noteOf } from '../../notes/Note.js';
import { NoteEditor } from '../../notes/NoteEditor.js';
import { client } from '../../queries/connection.js';
import { useRunChange } from '../../queries/run-page.js';
import { TagTable } from '../../tags/TagTable.js';
import { ChildRuns } from './ChildRuns.js';
import { LoggedModels } from './LoggedModels.js';
import { MetricsTable } from './MetricsTable.js';
import { ParamsTable } from './ParamsTable.js';
import { RunDatasets } from './RunDatasets.js';
import { RunFacts } from './RunFacts.js';
import { RunSource } from './RunSource.js';

export function RunOverview({ run }: { run: Run }) {
  const { info, data } = run;
  const { run_id } = info;
  const tags = data.tags ?? [];
  const change = useRunChange(run_id);
  return (
    <div className="overview">
      <div className="overview-left">
        <MetricsTable run={run} />
        <ParamsTable params={data.params ?? []} />
        <ChildRuns run={run} />
      </div>
      <div className="overview-right">
        <NoteEditor
          title="Note"
          text={noteOf(tags) ?? ''}
          empty="What was tried, and what came of it."
          onSave={(value) => change(() => client.setTag({ run_id, key: 'mlflow.note.content', value }))}
        />
        <RunFacts run={run} />
        <TagTable
          tags={tags}
          onSet={(key, value) => change(() => client.setTag({ run_id, key, value }))}
          onDelete={(key) => change(() => client.deleteTag({ run_id, key }))}
        />
        <LoggedModels run={run} />
        <RunDatasets run={run} />
        <RunSource run={run} />
      </div>
    </div>
  );
}
