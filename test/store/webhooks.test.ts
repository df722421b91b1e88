/** Webhooks as their owners see them: created, listed, changed, removed, and refused in MLflow's words. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCalls } from '../../api/index.js';
import { describeStore, type OpenStore } from '../harness/store.js';

const URL = 'https://hooks.example.com/mltrack?x=1';
const CREATED = { entity: 'REGISTERED_MODEL', action: 'CREATED' } as const;

describeStore('webhooks', (open) => {
  let store: OpenStore;
  let calls: ApiCalls;
  beforeAll(async () => {
    store = await open();
    calls = store.calls;
  });
  afterAll(() => store.close());

  test('are created, changed field by field, and removed', async () => {
    const { webhook } = await calls.createWebhook({
      name: 'models',
      url: URL,
      events: [CREATED, { entity: 'MODEL_VERSION_TAG', action: 'SET' }, CREATED],
      run_events: [
        { action: 'METRIC_REACHED', experiment_id: '0', metric_key: 'loss', comparator: '<', threshold: 0.5 },
      ],
      secret: 'shhh',
    });
    expect(webhook).toMatchObject({ name: 'models', url: URL, status: 'ACTIVE' });
    expect(webhook.events).toEqual([CREATED, { entity: 'MODEL_VERSION_TAG', action: 'SET' }]);
    expect(webhook.run_events).toEqual([
      { action: 'METRIC_REACHED', experiment_id: '0', metric_key: 'loss', comparator: '<', threshold: 0.5 },
    ]);
    expect(JSON.stringify(webhook)).not.toContain('shhh');
    const { webhook_id } = webhook;
    const changed = (await calls.updateWebhook({ webhook_id, description: 'd', status: 'DISABLED' })).webhook;
    expect(changed).toMatchObject({ name: 'models', description: 'd', status: 'DISABLED', events: webhook.events });
    const told = (await calls.updateWebhook({ webhook_id, events: [{ entity: 'PROMPT', action: 'CREATED' }] })).webhook;
    expect(told.events).toEqual([{ entity: 'PROMPT', action: 'CREATED' }]);
    expect(told.run_events).toBeUndefined();
    expect((await calls.getWebhook({ webhook_id })).webhook).toEqual(told);
    await calls.deleteWebhook({ webhook_id });
    await expect(calls.getWebhook({ webhook_id })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: expect.stringContaining(`Webhook with ID ${webhook_id} not found.`),
    });
  });

  test('are listed page by page, the newest first', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      ids.push((await calls.createWebhook({ name: `w${i}`, url: URL, events: [CREATED] })).webhook.webhook_id);
    }
    const seen: string[] = [];
    let page_token: string | undefined;
    do {
      const page = await calls.listWebhooks({ max_results: 2, page_token });
      seen.push(...(page.webhooks ?? []).map((each) => each.webhook_id));
      page_token = page.next_page_token;
    } while (page_token);
    expect([...seen].sort()).toEqual([...ids].sort());
    const times = (await calls.listWebhooks({})).webhooks?.map((each) => each.creation_timestamp) ?? [];
    expect(times).toEqual([...times].sort((a, b) => b - a));
    await expect(calls.listWebhooks({ max_results: 1001 })).rejects.toMatchObject({ status: 400 });
    await expect(calls.listWebhooks({ page_token: 'x' })).rejects.toMatchObject({ status: 400 });
  });

  test.each([
    ['-bad', URL, CREATED, /Webhook name '-bad' is invalid/],
    ['x'.repeat(64), URL, CREATED, /is invalid/],
    ['w', 'http://hooks.example.com', CREATED, /Invalid webhook URL scheme: 'http'. Allowed schemes are: https\./],
    ['w', 'ftp://hooks.example.com', CREATED, /Invalid webhook URL scheme: 'ftp'/],
    ['w', 'nonsense', CREATED, /Invalid webhook URL scheme: ''/],
    ['w', 'https://', CREATED, /must include a hostname/],
    ['w', 'https://127.0.0.1/x', CREATED, /not a public address/],
    ['w', 'https://[::ffff:10.0.0.1]/', CREATED, /not a public address/],
    ['w', 'https://0x7f.1/', CREATED, /not a public address/],
    ['w', 'https://169.254.169.254/latest', CREATED, /not a public address/],
    ['w', 'https://localhost:8443', CREATED, /not a public address/],
    ['w', URL, { entity: 'REGISTERED_MODEL', action: 'SET' } as const, /Invalid action 'set' for entity/],
  ])('%s at %s with %o is refused', async (name, url, event, words) => {
    const creating = calls.createWebhook({ name, url, events: [event] });
    await expect(creating).rejects.toMatchObject({ status: 400, message: expect.stringMatching(words) });
  });

  test('without an event, or with half a threshold, are refused', async () => {
    await expect(calls.createWebhook({ name: 'w', url: URL })).rejects.toThrow(/non-empty list/);
    const half = { action: 'METRIC_REACHED', metric_key: 'loss', comparator: '=' } as const;
    await expect(calls.createWebhook({ name: 'w', url: URL, run_events: [half] })).rejects.toThrow(
      /comparator, one of/,
    );
    const stray = { action: 'FAILED', threshold: 1 } as const;
    await expect(calls.createWebhook({ name: 'w', url: URL, run_events: [stray] })).rejects.toThrow(/takes no/);
    const nowhere = { action: 'FAILED', experiment_id: '999' } as const;
    await expect(calls.createWebhook({ name: 'w', url: URL, run_events: [nowhere] })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });
});
