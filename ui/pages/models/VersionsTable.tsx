/** The versions of a model, the newest first: aliases and stage are changed in the row, and two that are chosen are compared below. */
import { useState } from 'react';
import { Link } from 'wouter';
import type { ModelVersion, Run } from '../../../api/index.js';
import { Panel } from '../../components/Panel.js';
import { Nothing, Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { fullNumber, shortNumber } from '../../display/numbers.js';
import { runLink, versionLink } from '../../links.js';
import { useRunsById } from '../../queries/registry/models.js';
import { useSearchParam } from '../../state/search-param.js';
import { AliasEditor } from './AliasEditor.js';
import { CompareVersions } from './CompareVersions.js';
import { keyMetrics } from './model-facts.js';
import { StageSelect } from './StageSelect.js';

const SHOWN = 50;

export function VersionsTable({ versions }: { versions: readonly ModelVersion[] }) {
  const [shown, setShown] = useState(SHOWN);
  const [compared, setCompared] = useSearchParam('compare');
  const some = versions.slice(0, shown);
  const ids = [...new Set(some.flatMap(({ run_id }) => run_id || []))];
  const runs = useRunsById(ids).flatMap(({ data }) => data ?? []);
  const runOf = (version: ModelVersion) => runs.find(({ info }) => info.run_id === version.run_id);
  const metrics = keyMetrics(runs);
  const chosen = compared.split(',').filter((each) => versions.some(({ version }) => version === each));
  const choose = (version: string) => {
    const next = chosen.includes(version) ? chosen.filter((each) => each !== version) : [...chosen, version].slice(-2);
    setCompared(next.join(','));
  };
  if (versions.length === 0) {
    return (
      <Panel title="Versions">
        <p className="panel-empty muted">
          No versions yet. Register what a run logged: from the run’s menu, or from an MLmodel file among its artifacts.
        </p>
      </Panel>
    );
  }
  const pair = chosen.map((each) => versions.find(({ version }) => version === each));
  return (
    <>
      <Panel
        title={`Versions (${versions.length.toLocaleString('en')})`}
        aside={<span className="muted">{chosen.length < 2 && 'Choose two to compare them'}</span>}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
        <section className="scroll-sideways" aria-label="Versions" tabIndex={0}>
          <table className="key-table versions" aria-label="Versions">
            <thead>
              <tr>
                <th scope="col">
                  <span className="visually-hidden">Compare</span>
                </th>
                <th scope="col">Version</th>
                <th scope="col">Aliases</th>
                <th scope="col">Stage</th>
                <th scope="col">Source run</th>
                {metrics.map((key) => (
                  <th key={key} scope="col" className="align-end">
                    <UserText text={key} cut="middle" />
                  </th>
                ))}
                <th scope="col">Created</th>
                <th scope="col">By</th>
                <th scope="col">Tags</th>
              </tr>
            </thead>
            <tbody>
              {some.map((version) => (
                <VersionRow
                  key={version.version}
                  version={version}
                  run={runOf(version)}
                  metrics={metrics}
                  isChosen={chosen.includes(version.version)}
                  onChoose={() => choose(version.version)}
                />
              ))}
            </tbody>
          </table>
        </section>
        {shown < versions.length && (
          <button type="button" className="button panel-more" onClick={() => setShown(shown + SHOWN)}>
            Show more of {versions.length.toLocaleString('en')}
          </button>
        )}
      </Panel>
      {pair[0] && pair[1] && <CompareVersions left={pair[0]} right={pair[1]} />}
    </>
  );
}

interface VersionRowProps {
  version: ModelVersion;
  run: Run | undefined;
  metrics: readonly string[];
  isChosen: boolean;
  onChoose: () => void;
}

function VersionRow({ version, run, metrics, isChosen, onChoose }: VersionRowProps) {
  const tags = (version.tags ?? []).filter(({ key }) => !/^(mlflow|mltrack)\./.test(key));
  return (
    <tr>
      <td>
        <label className="check">
          <input type="checkbox" checked={isChosen} onChange={onChoose} />
          <span className="visually-hidden">Compare version {version.version}</span>
        </label>
      </td>
      <th scope="row">
        <Link href={versionLink(version.name, version.version)}>Version {version.version}</Link>
        {version.status !== 'READY' && (
          <span className="muted"> {version.status.toLowerCase().replaceAll('_', ' ')}</span>
        )}
      </th>
      <td>
        <AliasEditor version={version} />
      </td>
      <td>
        <StageSelect version={version} />
      </td>
      <td>
        {run ? (
          <Link href={runLink(run.info.experiment_id, run.info.run_id)}>
            <UserText text={run.info.run_name || run.info.run_id} cut="middle" />
          </Link>
        ) : (
          <Nothing />
        )}
      </td>
      {metrics.map((key) => {
        const value = run?.data.metrics?.find((metric) => metric.key === key)?.value;
        return (
          <td key={key} className="align-end">
            {value === undefined ? <Nothing /> : <span title={fullNumber(value)}>{shortNumber(value)}</span>}
          </td>
        );
      })}
      <td>
        <Time at={Number(version.creation_timestamp)} />
      </td>
      <td>{version.user_id ? <UserText text={version.user_id} /> : <Nothing />}</td>
      <td>
        {tags.length === 0 && <Nothing />}
        <span className="chips">
          {tags.slice(0, 3).map(({ key, value }) => (
            <span key={key} className="chip">
              <UserText text={value ? `${key}: ${value}` : key} />
            </span>
          ))}
          {tags.length > 3 && <span className="muted">+{tags.length - 3}</span>}
        </span>
      </td>
    </tr>
  );
}
