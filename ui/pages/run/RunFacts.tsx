/** What is known about a run beside what it logged: ids, times, the place of its files. */
import type { ReactNode } from 'react';
import type { Run } from '../../../api/index.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Panel } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { exactTime } from '../../display/times.js';
import { Facts } from '../../tags/Facts.js';

export function RunFacts({ run: { info } }: { run: Run }) {
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
    ['Artifacts', <UserText key="artifacts" text={info.artifact_uri} cut="middle" />],
  ];
  return (
    <Panel title="Facts">
      <Facts facts={facts} />
    </Panel>
  );
}
