/** The code that a run came from: the script or project, and its place in git. */
import type { ReactNode } from 'react';
import type { Run } from '../../../api/index.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Panel } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { Facts } from '../../tags/Facts.js';

export function RunSource({ run }: { run: Run }) {
  const tag = (key: string) => run.data.tags?.find((each) => each.key === key)?.value;
  const text = (value: string | undefined) => value && <UserText text={value} cut="middle" />;
  const commit = tag('mlflow.source.git.commit');
  const repository = tag('mlflow.source.git.repoURL');
  const address = commit && repository && commitAddress(repository, commit);
  const facts: [name: string, value: ReactNode][] = [
    ['Source', text(tag('mlflow.source.name'))],
    ['Type', text(tag('mlflow.source.type')?.toLowerCase())],
    ['Entry point', text(tag('mlflow.project.entryPoint'))],
    ['Repository', text(repository)],
    ['Branch', text(tag('mlflow.source.git.branch'))],
    [
      'Commit',
      commit && (
        <span className="fact-copy">
          {address ? (
            <a href={address} target="_blank" rel="noopener noreferrer">
              <code>{commit.slice(0, 12)}</code>
            </a>
          ) : (
            <UserText text={commit} cut="middle" />
          )}
          <CopyButton text={commit} label="Copy" />
        </span>
      ),
    ],
  ];
  if (!facts.some(([, value]) => value)) return null;
  return (
    <Panel title="Source">
      <Facts facts={facts} />
    </Panel>
  );
}

/** Of the large hosts, which have it at the same place. Undefined for what is no web address. */
function commitAddress(repository: string, commit: string): string | undefined {
  const web = repository.replace(/^git@([^:]+):/, 'https://$1/').replace(/\.git$/, '');
  return /^https:\/\/[\w.-]+\/[\w./~-]+$/.test(web) && /^[0-9a-f]{7,64}$/i.test(commit)
    ? `${web}/commit/${commit}`
    : undefined;
}
