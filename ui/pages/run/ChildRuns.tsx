/** The runs whose parent a run is. */
import { Link } from 'wouter';
import type { Run } from '../../../api/index.js';
import { Panel } from '../../components/Panel.js';
import { Status } from '../../components/Status.js';
import { Duration, Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { compareLink, runLink } from '../../links.js';
import { useChildRuns } from '../../queries/run-page.js';

export function ChildRuns({ run: { info } }: { run: Run }) {
  const { data } = useChildRuns(info.experiment_id, info.run_id);
  if (!data || data.runs.length === 0) return null;
  const { runs, total } = data;
  return (
    <Panel
      title={`Child runs (${total.toLocaleString('en')})`}
      aside={runs.length > 1 && <Link href={compareLink(runs.map((run) => run.info.run_id))}>Compare</Link>}
    >
      <table className="key-table child-runs" aria-label="Child runs">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col">Started</th>
            <th scope="col" className="align-end">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map(({ info: child }) => (
            <tr key={child.run_id}>
              <th scope="row">
                <Link href={runLink(child.experiment_id, child.run_id)}>
                  <UserText text={child.run_name || child.run_id} cut="middle" />
                </Link>
              </th>
              <td>
                <Status status={child.status} />
              </td>
              <td>
                <Time at={child.start_time} />
              </td>
              <td className="align-end">
                <Duration start={child.start_time} end={child.end_time} isRunning={child.status === 'RUNNING'} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > runs.length && <p className="panel-empty muted">The first {runs.length} are shown.</p>}
    </Panel>
  );
}
