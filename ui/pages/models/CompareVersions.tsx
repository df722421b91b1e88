/** Two versions of a model side by side: signature, params and metrics, by default only where they differ. */
import { useState } from 'react';
import type { ModelVersion, Run } from '../../../api/index.js';
import type { ModelFacts } from '../../artifacts/mlmodel.js';
import { Panel } from '../../components/Panel.js';
import { Nothing } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { shortNumber } from '../../display/numbers.js';
import { useMlmodel } from '../../queries/registry/mlmodels.js';
import { useRunsById } from '../../queries/registry/models.js';

interface Side {
  version: ModelVersion;
  run: Run | undefined;
  model: ModelFacts | undefined;
}

interface Row {
  group: string;
  name: string;
  left: string | undefined;
  right: string | undefined;
}

export function CompareVersions({ left, right }: { left: ModelVersion; right: ModelVersion }) {
  const [showsAll, setShowsAll] = useState(false);
  const [leftSide, rightSide] = [useSide(left), useSide(right)];
  const rows = rowsOf(leftSide, rightSide);
  const equal = rows.filter((row) => row.left === row.right).length;
  const shown = showsAll ? rows : rows.filter((row) => row.left !== row.right);
  return (
    <Panel
      title={`Version ${left.version} and version ${right.version}`}
      aside={
        equal > 0 && (
          <button type="button" className="button" aria-pressed={showsAll} onClick={() => setShowsAll(!showsAll)}>
            {showsAll ? 'Differences only' : `Show ${equal} equal`}
          </button>
        )
      }
    >
      {shown.length === 0 ? (
        <p className="panel-empty muted">They do not differ in signature, params or metrics.</p>
      ) : (
        <table className="key-table compared" aria-label="Comparison of versions">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Version {left.version}</th>
              <th scope="col">Version {right.version}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={`${row.group} ${row.name}`}>
                <th scope="row">
                  <span className="muted">{row.group} </span>
                  <UserText text={row.name} cut="middle" />
                </th>
                <td>{row.left === undefined ? <Nothing /> : <UserText text={row.left} cut="middle" />}</td>
                <td>{row.right === undefined ? <Nothing /> : <UserText text={row.right} cut="middle" />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function useSide(version: ModelVersion): Side {
  const [run] = useRunsById(version.run_id ? [version.run_id] : []);
  const { data } = useMlmodel({ kind: 'version', name: version.name, version: version.version });
  return { version, run: run?.data, model: data?.model };
}

function rowsOf(left: Side, right: Side): Row[] {
  const groups: [group: string, valuesOf: (side: Side) => [name: string, value: string][]][] = [
    [
      'Fact',
      ({ version }) => [
        ['stage', version.current_stage],
        ['source', version.source],
      ],
    ],
    ['Input', ({ model }) => (model?.inputs ?? []).map(({ name, type }, place) => [name || `#${place + 1}`, type])],
    ['Output', ({ model }) => (model?.outputs ?? []).map(({ name, type }, place) => [name || `#${place + 1}`, type])],
    ['Param', ({ run }) => (run?.data.params ?? []).map(({ key, value }) => [key, value])],
    ['Metric', ({ run }) => (run?.data.metrics ?? []).map(({ key, value }) => [key, shortNumber(value)])],
  ];
  return groups.flatMap(([group, valuesOf]) => {
    const [a, b] = [new Map(valuesOf(left)), new Map(valuesOf(right))];
    const names = [...new Set([...a.keys(), ...b.keys()])];
    return names.map((name) => ({ group, name, left: a.get(name), right: b.get(name) }));
  });
}
