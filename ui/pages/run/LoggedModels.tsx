/** The models that a run logged, each with a link to its files. */
import { Link } from 'wouter';
import type { LoggedModel, LoggedModelStatus, Run } from '../../../api/index.js';
import { Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { Panel } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { runLink } from '../../links.js';
import { useLoggedModels } from '../../queries/logged-models.js';

const WORD: Record<LoggedModelStatus, string> = {
  LOGGED_MODEL_STATUS_UNSPECIFIED: 'Unknown',
  LOGGED_MODEL_PENDING: 'Pending',
  LOGGED_MODEL_READY: 'Ready',
  LOGGED_MODEL_UPLOAD_FAILED: 'Upload failed',
};

export function LoggedModels({ run, ids }: { run: Run; ids: string[] }) {
  const queries = useLoggedModels(ids);
  return (
    <Panel title="Models">
      <ul className="models">
        {queries.map((query, index) => (
          <li key={ids[index]}>
            <Loaded query={query} what="the model" skeleton={<Skeleton rows={1} />}>
              {(model) => <ModelLine run={run} model={model} />}
            </Loaded>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function ModelLine({ run, model: { info } }: { run: Run; model: LoggedModel }) {
  const { experiment_id, run_id } = run.info;
  return (
    <>
      <Link href={runLink(experiment_id, run_id, { tab: 'artifacts', model: info.model_id })}>
        <UserText text={info.name} cut="middle" />
      </Link>
      <span className="muted">
        {WORD[info.status]}
        {info.model_type && (
          <>
            {' · '}
            <UserText text={info.model_type} />
          </>
        )}
      </span>
    </>
  );
}
