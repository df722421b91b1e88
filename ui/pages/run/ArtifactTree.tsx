/** A tree of files whose folders are read when they are opened. Keys are those of the ARIA tree pattern. */
import { createContext, type KeyboardEvent, useContext, useId, useState } from 'react';
import type { FileInfo } from '../../../api/index.js';
import { Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { UserText } from '../../components/UserText.js';
import { byteSize } from '../../display/numbers.js';
import { type ArtifactOwner, useFolder } from '../../queries/artifacts.js';

interface TreeState {
  owner: ArtifactOwner;
  chosen: string | undefined;
  /** The one item that Tab reaches. */
  tabStop: string | undefined;
  open: ReadonlySet<string>;
  toggle: (path: string) => void;
  choose: (path: string) => void;
}

const Tree = createContext<TreeState | undefined>(undefined);

interface ArtifactTreeProps {
  labelledBy: string;
  owner: ArtifactOwner;
  /** At the root. */
  files: FileInfo[];
  chosen: string | undefined;
  onChoose: (path: string) => void;
}

export function ArtifactTree({ labelledBy, owner, files, chosen, onChoose }: ArtifactTreeProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(foldersAbove(chosen)));
  const [focused, setFocused] = useState(chosen || undefined);
  const toggle = (path: string) => {
    const after = new Set(open);
    if (!after.delete(path)) after.add(path);
    setOpen(after);
  };
  const state: TreeState = { owner, chosen, tabStop: focused ?? files[0]?.path, open, toggle, choose: onChoose };
  return (
    <Tree.Provider value={state}>
      <div
        role="tree"
        className="tree"
        aria-labelledby={labelledBy}
        onKeyDown={moveByKey}
        onFocus={(event) => setFocused((event.target as HTMLElement).dataset.path)}
      >
        <Items files={files} level={1} />
      </div>
    </Tree.Provider>
  );
}

function foldersAbove(path: string | undefined): string[] {
  const parts = (path ?? '').split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function Items({ files, level }: { files: FileInfo[]; level: number }) {
  return files.map((file) => <Item key={file.path} file={file} level={level} />);
}

function Item({ file, level }: { file: FileInfo; level: number }) {
  const tree = useContext(Tree) as TreeState;
  const { path, is_dir, file_size } = file;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const labelId = useId();
  const isOpen = tree.open.has(path);
  const act = () => (is_dir ? tree.toggle(path) : tree.choose(path));
  return (
    <div
      role="treeitem"
      data-path={path}
      aria-labelledby={labelId}
      aria-level={level}
      aria-selected={path === tree.chosen}
      aria-expanded={is_dir ? isOpen : undefined}
      tabIndex={path === tree.tabStop ? 0 : -1}
      onClick={(event) => {
        event.stopPropagation();
        act();
      }}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== ' ')) return;
        event.preventDefault();
        act();
      }}
    >
      <span id={labelId} className="tree-row" style={{ paddingInlineStart: 8 + (level - 1) * 16 }}>
        <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
          {is_dir ? (
            <path d={isOpen ? 'M4 6l4 4 4-4' : 'M6 4l4 4-4 4'} />
          ) : (
            <path className="faint" d="M4.500 2.500h4.500l2.500 2.500v8.500h-7z" />
          )}
        </svg>
        <UserText text={name} cut="middle" />
        {file_size !== undefined && !is_dir && <span className="tree-size muted">{byteSize(file_size)}</span>}
      </span>
      {is_dir && isOpen && <OpenFolder path={path} level={level + 1} />}
    </div>
  );
}

function OpenFolder({ path, level }: { path: string; level: number }) {
  const { owner } = useContext(Tree) as TreeState;
  const query = useFolder(owner, path);
  return (
    <Loaded query={query} what="the folder" skeleton={<Skeleton rows={2} />}>
      {({ files }) =>
        files.length === 0 ? (
          <p className="panel-empty muted">Empty folder</p>
        ) : (
          // biome-ignore lint/a11y/useSemanticElements: the group of the ARIA tree pattern
          <div role="group">
            <Items files={files} level={level} />
          </div>
        )
      }
    </Loaded>
  );
}

function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const item = (event.target as HTMLElement).closest<HTMLElement>('[role=treeitem]');
  if (!item) return;
  const target = keyTarget(event.key, item, event.currentTarget);
  if (!target) return;
  event.preventDefault();
  if (target === item) item.click();
  else target.focus();
}

/** The item that a key leads to; the item itself where the key opens or closes it. */
function keyTarget(key: string, item: HTMLElement, tree: HTMLElement): HTMLElement | undefined {
  const all = [...tree.querySelectorAll<HTMLElement>('[role=treeitem]')];
  const place = all.indexOf(item);
  const expanded = item.getAttribute('aria-expanded');
  switch (key) {
    case 'ArrowDown':
      return all[place + 1];
    case 'ArrowUp':
      return all[place - 1];
    case 'Home':
      return all[0];
    case 'End':
      return all.at(-1);
    case 'ArrowRight':
      if (expanded === 'false') return item;
      return expanded === 'true' ? (item.querySelector<HTMLElement>('[role=treeitem]') ?? undefined) : undefined;
    case 'ArrowLeft':
      if (expanded === 'true') return item;
      return item.parentElement?.closest<HTMLElement>('[role=treeitem]') ?? undefined;
    default:
      return undefined;
  }
}
