/** What is searched for, how often at each peer, and what is to be reached. */
import type { PeerName } from '../peers.js';
import { METRIC, PARAM, TAG } from './runs.js';

export const searchPeers = ['mltrack', 'fasttrackml', 'mlflow'] as const satisfies readonly PeerName[];
export type SearchPeer = (typeof searchPeers)[number];

export interface SearchCase {
  name: string;
  title: string;
  /** The body of runs/search without its experiment; absent for runs/get. */
  query?: { filter?: string; order_by?: string[]; max_results: number };
  /** Runs in the answer when 1,000 have been filled in. */
  found: number;
  operations: Record<SearchPeer, number>;
  /** At least so many times less CPU time than MLflow. */
  target: number;
}

const many = { mltrack: 400, fasttrackml: 40, mlflow: 8 };

export const searchCases: SearchCase[] = [
  {
    name: 'page-100',
    title: 'a page of 100 runs',
    query: { max_results: 100 },
    found: 100,
    operations: many,
    target: 100,
  },
  {
    name: 'page-1000',
    title: 'a page of 1,000 runs',
    query: { max_results: 1000 },
    found: 1000,
    operations: { mltrack: 120, fasttrackml: 10, mlflow: 3 },
    target: 100,
  },
  {
    name: 'order-metric',
    title: '100 runs by a metric',
    query: { order_by: [`metrics.\`${METRIC}\` DESC`], max_results: 100 },
    found: 100,
    operations: many,
    target: 100,
  },
  {
    name: 'filter-metric-param',
    title: '100 runs by a metric and a param',
    query: { filter: `metrics.\`${METRIC}\` < 0.5 AND params.${PARAM} = 'value 1'`, max_results: 100 },
    found: 100,
    operations: many,
    target: 60,
  },
  {
    name: 'tag-like',
    title: '100 runs with a tag LIKE',
    query: { filter: `tags.${TAG} LIKE '%note 1%'`, max_results: 100 },
    found: 100,
    operations: many,
    target: 60,
  },
  {
    name: 'get-run',
    title: 'one run',
    found: 1,
    operations: { mltrack: 4000, fasttrackml: 400, mlflow: 60 },
    target: 20,
  },
];

/** Runs in mltrack, and how many times as much as with the first a search may cost then. */
export const sizes = [
  { runs: 1000, times: 1 },
  { runs: 10_000, times: 2 },
  { runs: 100_000, times: 3 },
];

export const searchCaseNames = searchCases.map((each) => each.name);
