/** A tree of files whose folders are read when they are opened; of a long one only the rows near what is seen are in the page. Keys are those of the ARIA tree pattern. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { FileInfo } from '../../api/index.js';
import { UserText } from '../components/UserText.js';
import { byteSize } from '../display/numbers.js';
import { type ArtifactOwner, useFolders } from '../queries/artifacts.js';
import { useNarrow } from '../state/media.js';

interface ArtifactTreeProps {
  labelledBy: string;
  owner: ArtifactOwner;
  /** At the root. */
  files: FileInfo[];
  chosen: string | undefined;
  /** Narrows the tree to names with this text in them, among the folders that were read. */
  filter: string;
  onChoose: (path: string) => void;
}

interface Row {
  file: FileInfo;
  level: number;
  place: number;
  siblings: number;
  isOpen: boolean;
  /** In the place of a folder's content. */
  notice?: string;
}

/** Beyond this many rows the tree is virtual. */
const VIRTUAL_FROM = 200;

export function ArtifactTree({ labelledBy, owner, files, chosen, filter, onChoose }: ArtifactTreeProps) {
  const [open, setOpen] = useState<readonly string[]>(() => foldersAbove(chosen));
  const [focused, setFocused] = useState<string>();
  const box = useRef<HTMLDivElement>(null);
  const folders = useFolders(owner, open);
  const content = new Map(open.map((path, index) => [path, folders[index]]));
  const contentOf = (path: string) => content.get(path)?.data?.files;
  const noticeOf = (path: string) => (content.get(path)?.error ? 'This folder could not be read' : 'Loading…');
  const rows = filter
    ? matching(files, filter.toLowerCase(), contentOf)
    : rowsBelow(files, 1, open, contentOf, noticeOf);
  const isNarrow = useNarrow();
  const rowHeight = isNarrow ? 44 : 28;
  const isVirtual = rows.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: isVirtual ? rows.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  const at = (path: string | undefined) => rows.findIndex((row) => !row.notice && row.file.path === path);
  const tabStop = rows[Math.max(0, at(focused ?? chosen))]?.file.path;
  const toggle = (path: string) =>
    setOpen(open.includes(path) ? open.filter((each) => each !== path) : [...open, path]);
  const act = ({ file }: Row) => (file.is_dir ? toggle(file.path) : onChoose(file.path));
  const [wanted, setWanted] = useState<string>();
  const focus = (row: Row | undefined) => {
    if (!row) return;
    setFocused(row.file.path);
    setWanted(row.file.path);
    if (isVirtual) virtualizer.scrollToIndex(rows.indexOf(row));
  };
  // A row that keys lead to may have to come into the page first.
  useEffect(() => {
    if (wanted === undefined) return;
    const element = [...(box.current?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? [])].find(
      (each) => each.dataset.path === wanted,
    );
    if (!element) return;
    element.focus();
    setWanted(undefined);
  });
  const isChosenSeen = useRef(false);
  useEffect(() => {
    const index = at(chosen);
    if (isChosenSeen.current || index < 0) return;
    isChosenSeen.current = true;
    if (isVirtual) virtualizer.scrollToIndex(index, { align: 'center' });
  });
  const shown = isVirtual
    ? virtualizer.getVirtualItems().map(({ index, start }) => ({ row: rows[index] as Row, start }))
    : rows.map((row) => ({ row, start: undefined }));
  return (
    <div
      ref={box}
      role="tree"
      className="tree"
      aria-labelledby={labelledBy}
      onKeyDown={(event) => {
        const row = rows[at((event.target as HTMLElement).dataset.path)];
        if (row) onTreeKey(event, rows, row, { act, focus });
      }}
      onFocus={(event) => setFocused((event.target as HTMLElement).dataset.path ?? focused)}
    >
      <div role="presentation" className="tree-rows" style={isVirtual ? { height: virtualizer.getTotalSize() } : {}}>
        {shown.map(({ row, start }) => (
          <Item
            key={`${row.notice ?? ''}${row.file.path}`}
            row={row}
            start={start}
            isChosen={row.file.path === chosen}
            isTabStop={row.file.path === tabStop}
            showsPath={filter !== ''}
            onAct={() => act(row)}
          />
        ))}
      </div>
      {rows.length === 0 && <p className="panel-empty muted">No loaded file has that in its name.</p>}
    </div>
  );
}

function foldersAbove(path: string | undefined): string[] {
  const parts = (path ?? '').split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function rowsBelow(
  files: readonly FileInfo[],
  level: number,
  open: readonly string[],
  contentOf: (path: string) => FileInfo[] | undefined,
  noticeOf: (path: string) => string,
): Row[] {
  return files.flatMap((file, index) => {
    const isOpen = file.is_dir && open.includes(file.path);
    const row: Row = { file, level, place: index + 1, siblings: files.length, isOpen };
    if (!isOpen) return [row];
    const content = contentOf(file.path);
    if (content && content.length > 0) return [row, ...rowsBelow(content, level + 1, open, contentOf, noticeOf)];
    return [row, { ...row, level: level + 1, notice: content ? 'Empty folder' : noticeOf(file.path) }];
  });
}

/** Files of every folder that was read, as one list. */
function matching(
  files: readonly FileInfo[],
  sought: string,
  contentOf: (path: string) => FileInfo[] | undefined,
): Row[] {
  const found: FileInfo[] = [];
  const look = (some: readonly FileInfo[]) => {
    for (const file of some) {
      if (!file.is_dir && file.path.toLowerCase().includes(sought)) found.push(file);
      if (file.is_dir) look(contentOf(file.path) ?? []);
    }
  };
  look(files);
  return found.map((file, index) => ({ file, level: 1, place: index + 1, siblings: found.length, isOpen: false }));
}

interface ItemProps {
  row: Row;
  start: number | undefined;
  isChosen: boolean;
  isTabStop: boolean;
  showsPath: boolean;
  onAct: () => void;
}

function Item({ row, start, isChosen, isTabStop, showsPath, onAct }: ItemProps) {
  const { file, level, isOpen, notice } = row;
  const name = showsPath ? file.path : file.path.slice(file.path.lastIndexOf('/') + 1);
  const style = {
    paddingInlineStart: 8 + (level - 1) * 16,
    ...(start !== undefined && { position: 'absolute' as const, insetInline: 0, transform: `translateY(${start}px)` }),
  };
  if (notice) {
    return (
      <div role="presentation" className="tree-row muted" style={style}>
        {notice}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys
    <div
      role="treeitem"
      className="tree-row"
      style={style}
      data-path={file.path}
      aria-label={name}
      aria-description={file.file_size === undefined || file.is_dir ? undefined : byteSize(file.file_size)}
      aria-level={level}
      aria-posinset={row.place}
      aria-setsize={row.siblings}
      aria-selected={isChosen}
      aria-expanded={file.is_dir ? isOpen : undefined}
      tabIndex={isTabStop ? 0 : -1}
      onClick={onAct}
    >
      <svg viewBox="0 0 16 16" className="icon" aria-hidden="true">
        {file.is_dir ? (
          <path d={isOpen ? 'M4 6l4 4 4-4' : 'M6 4l4 4-4 4'} />
        ) : (
          <path className="faint" d="M4.500 2.500h4.500l2.500 2.500v8.500h-7z" />
        )}
      </svg>
      <UserText text={name} cut="middle" />
      {file.file_size !== undefined && !file.is_dir && (
        <span className="tree-size muted" data-size={byteSize(file.file_size)} />
      )}
    </div>
  );
}

interface Acts {
  act: (row: Row) => void;
  focus: (row: Row | undefined) => void;
}

function onTreeKey(event: KeyboardEvent, all: readonly Row[], row: Row, { act, focus }: Acts): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = all.filter(({ notice }) => !notice);
  const place = rows.indexOf(row);
  switch (event.key) {
    case 'Enter':
    case ' ':
      act(row);
      break;
    case 'ArrowDown':
      focus(rows[place + 1]);
      break;
    case 'ArrowUp':
      focus(rows[place - 1]);
      break;
    case 'Home':
      focus(rows[0]);
      break;
    case 'End':
      focus(rows.at(-1));
      break;
    case 'ArrowRight': {
      const child = rows[place + 1];
      if (row.file.is_dir && !row.isOpen) act(row);
      else if (row.isOpen && child && child.level > row.level) focus(child);
      break;
    }
    case 'ArrowLeft':
      if (row.isOpen) act(row);
      else focus(rows.slice(0, place).findLast(({ level }) => level < row.level));
      break;
    default:
      return;
  }
  event.preventDefault();
  // The page's own keys rest here: what is pressed in the tree is for the tree.
  event.stopPropagation();
}
