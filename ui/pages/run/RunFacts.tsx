/** What is known about a run beside what it logged: ids, times, source, place of its files. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Run } from '../../../api/index.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Panel } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { exactTime } from '../../display/times.js';
import { runLink } from '../../links.js';

export function RunFacts({ run }: { run: Run }) {
  const { info } = run;
  const tag = (key: string) => run.data.tags?.find((each) => each.key === key)?.value;
  const parent = tag('mlflow.parentRunId');
  const text = (value: string | undefined) => value && <UserText text={value} cut="middle" />;
  const facts: [name: string, value: ReactNode][] = [
    [
      'Run id',
      <span key="id" className="fact-copy">
        <UserText text={info.run_id} />
        <CopyButton text={info.run_id} label="Copy id" />
      </span>,
    ],
    ['Started', info.start_time !== undefined && exactTime(info.start_time)],
    ['Ended', info.end_time !== undefined && exactTime(info.end_time)],
    ['Parent', parent && <Link href={runLink(info.experiment_id, parent)}>{parent}</Link>],
    ['Source', text(tag('mlflow.source.name'))],
    ['Commit', text(tag('mlflow.source.git.commit'))],
    ['Artifacts', text(info.artifact_uri)],
  ];
  return (
    <Panel title="Facts">
      <dl className="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </Panel>
  );
}
