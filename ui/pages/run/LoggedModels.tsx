/** The models that a run logged, each with a link to its files, and the versions of registered models that were made from the run. */
import { Link } from 'wouter';
import type { LoggedModel, LoggedModelStatus, Run } from '../../../api/index.js';
import { Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { Panel } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { runLink, versionLink } from '../../links.js';
import { useLoggedModels } from '../../queries/logged-models.js';
import { useVersionsOfRun } from '../../queries/registry/models.js';

const WORD: Record<LoggedModelStatus, string> = {
  LOGGED_MODEL_STATUS_UNSPECIFIED: 'Unknown',
  LOGGED_MODEL_PENDING: 'Pending',
  LOGGED_MODEL_READY: 'Ready',
  LOGGED_MODEL_UPLOAD_FAILED: 'Upload failed',
};

export function LoggedModels({ run }: { run: Run }) {
  const ids = (run.outputs?.model_outputs ?? []).map(({ model_id }) => model_id);
  const queries = useLoggedModels(ids);
  const { data: versions = [] } = useVersionsOfRun(run.info.run_id);
  if (ids.length + versions.length === 0) return null;
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
        {versions.map(({ name, version, aliases = [] }) => (
          <li key={`${version} ${name}`}>
            <Link href={versionLink(name, version)}>
              <UserText text={`${name} v${version}`} cut="middle" />
            </Link>
            <span className="muted">
              Registered
              {aliases.length > 0 && ` · ${aliases.join(', ')}`}
            </span>
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
