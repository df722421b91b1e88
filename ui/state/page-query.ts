/**
 * The query string of the page as fields to read and set. One that grows beyond what an address should hold is kept by the
 * server as a nameless view, and the address has `v=ID` in its place.
 */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useLocation } from 'wouter';
import { client, queryClient } from '../queries/connection.js';
import { useSearchText } from './search-text.js';
import { toastError } from './toasts.js';

/** Characters of a query string that are still put into the address. */
const MOST = 1_500;
/** ms without a change before a long query is sent to the server. */
const REST = 700;
/** Stay in the address beside `v`: which page it is of. */
const ALWAYS = ['view', 'exp'];

/** Long queries that have no id of the server yet. */
const unsaved = new Map<string, string>();
let lastUnsaved = 0;

export type Fields = Record<string, string | undefined>;

export interface SetOptions {
  /** A new entry of the history, for what Back should undo. Default: the entry is replaced. */
  isPush?: boolean | undefined;
}

export interface PageQuery {
  /** '' when absent. */
  get: (name: string) => string;
  /** Undefined and '' remove a field. */
  set: (fields: Fields, options?: SetOptions) => void;
  /** The whole of it, to be saved under a name. */
  text: string;
  /** The part that the server keeps has not come yet. */
  isLoading: boolean;
}

const viewKey = (id: string) => ['view', id];

function readView(id: string): Promise<string> | string {
  return unsaved.get(id) ?? client.getView({ view_id: id }).then(({ view }) => view.query);
}

export function usePageQuery(): PageQuery {
  const search = useSearchText();
  const [path, navigate] = useLocation();
  const own = useMemo(() => new URLSearchParams(search), [search]);
  const id = own.get('v') ?? '';
  const kept = useQuery({
    queryKey: viewKey(id),
    queryFn: () => readView(id),
    initialData: () => unsaved.get(id),
    enabled: id !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const keptText = id ? (kept.data ?? '') : '';
  const all = useMemo(() => merged(keptText, own), [keptText, own]);
  const get = useCallback((name: string) => all.get(name) ?? '', [all]);
  const set = useCallback(
    (fields: Fields, { isPush = false }: SetOptions = {}) => {
      const next = merged(currentKept(), new URLSearchParams(location.search));
      for (const [name, value] of Object.entries(fields)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      navigate(withQuery(path, shortened(next, path, navigate)), { replace: !isPush });
    },
    [path, navigate],
  );
  return { get, set, text: all.toString(), isLoading: id !== '' && kept.isPending };
}

const withQuery = (path: string, query: URLSearchParams) => {
  const text = query.toString();
  return text ? `${path}?${text}` : path;
};

/** What the address that is now shown leaves to the server; several sets may follow one another before the next drawing. */
function currentKept(): string {
  const id = new URLSearchParams(location.search).get('v') ?? '';
  return unsaved.get(id) ?? queryClient.getQueryData<string>(viewKey(id)) ?? '';
}

function merged(kept: string, own: URLSearchParams): URLSearchParams {
  const all = new URLSearchParams(kept);
  for (const [name, value] of own) if (name !== 'v') all.set(name, value);
  return all;
}

type Navigate = (to: string, options: { replace: boolean }) => void;

/** The fields themselves, or those that stay and the name of a query that is on its way to the server. */
function shortened(query: URLSearchParams, path: string, navigate: Navigate): URLSearchParams {
  const text = query.toString();
  if (text.length <= MOST) return query;
  const id = `new-${++lastUnsaved}`;
  unsaved.set(id, text);
  setTimeout(() => save(id, path, navigate), REST);
  return short(query, id);
}

function short(query: URLSearchParams, id: string): URLSearchParams {
  const result = new URLSearchParams();
  for (const name of ALWAYS) {
    const value = query.get(name);
    if (value !== null) result.set(name, value);
  }
  result.set('v', id);
  return result;
}

const isShown = (id: string) => new URLSearchParams(location.search).get('v') === id;

async function save(id: string, path: string, navigate: Navigate): Promise<void> {
  const text = unsaved.get(id);
  // Another change came meanwhile: only the last one is worth keeping.
  if (text === undefined || !isShown(id)) return;
  try {
    const experiment = /^\/experiments\/([^/]+)$/.exec(path)?.[1];
    const { view } = await client.createView({
      query: text,
      ...(experiment && { experiment_id: decodeURIComponent(experiment) }),
    });
    queryClient.setQueryData(viewKey(view.view_id), text);
    if (isShown(id)) navigate(withQuery(path, short(new URLSearchParams(text), view.view_id)), { replace: true });
  } catch (error) {
    toastError('This view is too long for an address, and could not be kept', error);
  }
}
