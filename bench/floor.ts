/** The floor: the least that a careful programmer would write. It inserts each value, keeps the latest, and checks nothing. */
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import express from 'express';

type Point = { key: string; value: number; timestamp: number; step: number };
const db = new Database('floor.db');
db.pragma('journal_mode = WAL');
db.pragma('synchronous = NORMAL');
db.exec(`CREATE TABLE IF NOT EXISTS runs (run_id TEXT PRIMARY KEY, experiment_id TEXT);
  CREATE TABLE IF NOT EXISTS metrics (run_id TEXT, key TEXT, value REAL, timestamp INTEGER, step INTEGER);
  CREATE TABLE IF NOT EXISTS latest (run_id TEXT, key TEXT, value REAL, timestamp INTEGER, step INTEGER, PRIMARY KEY (run_id, key));`);
const insert = db.prepare('INSERT INTO metrics VALUES (?, ?, ?, ?, ?)');
const keep = db.prepare(`INSERT INTO latest VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  value = excluded.value, timestamp = excluded.timestamp, step = excluded.step
  WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)`);
const latest = db.prepare('SELECT key, value, timestamp, step FROM latest WHERE run_id = ?');
const history = db.prepare(
  'SELECT key, value, timestamp, step FROM metrics WHERE run_id = ? AND key = ? ORDER BY timestamp',
);
const search = db.prepare('SELECT run_id FROM runs WHERE experiment_id = ? ORDER BY rowid DESC LIMIT ?');
const log = db.transaction((run: string, points: Point[]) => {
  for (const { key, value, timestamp, step } of points) {
    insert.run(run, key, value, timestamp, step);
    keep.run(run, key, value, timestamp, step);
  }
});
const run = (run_id: string) => ({ info: { run_id }, data: { metrics: latest.all(run_id) } });

const api = express.Router();
api.post('/experiments/create', (_req, res) => void res.json({ experiment_id: randomUUID() }));
api.post('/runs/create', ({ body }, res) => {
  const run_id = randomUUID();
  db.prepare('INSERT INTO runs VALUES (?, ?)').run(run_id, body.experiment_id);
  res.json({ run: run(run_id) });
});
api.post('/runs/log-metric', ({ body }, res) => void res.json(log(body.run_id, [body]) ?? {}));
api.post('/runs/log-batch', ({ body }, res) => void res.json(log(body.run_id, body.metrics) ?? {}));
api.get('/runs/get', ({ query }, res) => void res.json({ run: run(String(query.run_id)) }));
api.get('/metrics/get-history', ({ query: q }, res) => void res.json({ metrics: history.all(q.run_id, q.metric_key) }));
api.post('/runs/search', ({ body }, res) => {
  const found = search.all(body.experiment_ids[0], body.max_results) as { run_id: string }[];
  res.json({ runs: found.map((each) => run(each.run_id)) });
});
const app = express();
app.get('/health', (_req, res) => void res.send('OK'));
app.use('/api/2.0/mlflow', express.json({ limit: '2mb' }), api);
app.listen(Number(process.argv[2]), '127.0.0.1');
