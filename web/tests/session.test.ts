import { describe, expect, test, vi } from 'vitest';
import { Client, errorView, Failure, type Port } from '../client.ts';
import { findingText, runtimeText, sorted, tally } from '../findings.ts';
import type { FindingView, Reply, Event as SessionEvent } from '../protocol.ts';
import { forget, recall, remember, type Recent } from '../recent.ts';
import { workerAddresses } from '../trust.ts';

class FakePort implements Port {
  readonly sent: { id: number; op: string }[] = [];
  ended = false;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  postMessage(message: unknown): void {
    this.sent.push(message as { id: number; op: string });
  }
  terminate(): void {
    this.ended = true;
  }
  say(data: Reply | SessionEvent): void {
    this.onmessage?.({ data } as MessageEvent);
  }
}

describe('the client', () => {
  test('gives each request its own answer, in any order', async () => {
    const port = new FakePort();
    const client = new Client(port, () => undefined);
    const [first, second] = [client.request('waste'), client.request('raw', { what: 'config' })];
    expect(port.sent).toEqual([{ id: 1, op: 'waste' }, { id: 2, op: 'raw', what: 'config' }]);
    port.say({ id: 2, ok: true, value: 'b' });
    port.say({ id: 1, ok: true, value: 'a' });
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  test('a refusal carries what the core says', async () => {
    const port = new FakePort();
    const asked = new Client(port, () => undefined).request('tags');
    port.say({ id: 1, ok: false, error: { name: 'denied', text: 'no' } });
    const error = await asked.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Failure);
    expect(errorView(error)).toEqual({ name: 'denied', text: 'no' });
    expect(errorView(new RangeError('x'))).toEqual({ name: 'page-error', text: 'x' });
  });

  test('events go to the listener', () => {
    const port = new FakePort();
    const heard = vi.fn();
    new Client(port, heard);
    port.say({ event: 'trees', layer: 3 });
    expect(heard).toHaveBeenCalledExactlyOnceWith({ event: 'trees', layer: 3 });
  });

  test('a crash ends the worker, and every request with it, once', async () => {
    const port = new FakePort();
    const heard = vi.fn();
    const client = new Client(port, heard);
    const asked = client.request('waste').catch((reason: unknown) => errorView(reason).name);
    const fail = port.onerror;
    fail?.({ message: 'out of memory' } as ErrorEvent);
    fail?.({ message: 'again' } as ErrorEvent);
    expect(await asked).toBe('worker-crashed');
    expect(heard).toHaveBeenCalledExactlyOnceWith({ event: 'crashed', message: 'out of memory' });
    expect(port.ended).toBe(true);
    await expect(client.request('waste')).rejects.toThrow('out of memory');
  });

  test('a closed client says nothing more', async () => {
    const port = new FakePort();
    const heard = vi.fn();
    const client = new Client(port, heard);
    const asked = client.request('cancel').catch((reason: unknown) => errorView(reason).name);
    client.close();
    port.say({ event: 'ready' });
    expect(await asked).toBe('closed');
    expect(heard).not.toHaveBeenCalled();
  });
});

describe('recent images', () => {
  const store = (): Storage => {
    const kept = new Map<string, string>();
    return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) } as unknown as Storage;
  };
  const entry = (reference: string, at = 0): Recent => ({ opened: { kind: 'reference', reference }, name: reference, platform: null, layers: [1], size: 1, result: 'verified', at });

  test('newest first, each once, only so many', () => {
    const kept = store();
    for (let index = 0; index < 12; index += 1) remember(kept, entry(`image-${index}`));
    remember(kept, entry('image-9', 99));
    const names = recall(kept).map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['image-9', 'image-11', 'image-10']);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(8);
    forget(kept);
    expect(recall(kept)).toEqual([]);
  });

  test.each(['not json', '{}', '[1, null, {}]', '[{"opened":{"kind":"program"},"name":"x"}]', JSON.stringify([{ ...entry('x'), layers: ['a'] }])])('%s is not believed', (text) => {
    const kept = store();
    kept.setItem('layerscope-recent', text);
    expect(recall(kept)).toEqual([]);
  });

  test('forbidden storage is survived', () => {
    expect(recall(null)).toEqual([]);
    const broken = { getItem: () => { throw new Error('no'); }, setItem: () => { throw new Error('no'); } } as unknown as Storage;
    expect(() => remember(broken, entry('x'))).not.toThrow();
  });
});

describe('findings', () => {
  const finding = (id: string, severity: FindingView['severity'], args: Record<string, string> = {}): FindingView => ({ id, severity, args });
  test('are sentences with their figures', () => {
    expect(findingText(finding('trailing-zeros', 'warning', { bytes: '1048576' }))).toBe('1,048,576 zero bytes follow the compressed data; some runtimes refuse them');
    expect(findingText(finding('no-such-finding', 'info', { at: 'x\u202e' }))).toBe('no-such-finding: at x\\u202e');
    expect(findingText(finding('no-such-finding', 'info'))).toBe('no-such-finding');
    expect(runtimeText(finding('size-conflict', 'warning', { header: '1', record: '2' }))).toBe('containerd, Docker and Podman obey the extended header (2)');
    expect(runtimeText(finding('no-such-finding', 'info'))).toBeNull();
  });
  test('stand by severity, otherwise as they came', () => {
    const all = [finding('a', 'info'), finding('b', 'high'), finding('c', 'warning'), finding('d', 'high')];
    expect(sorted(all).map(({ id }) => id)).toEqual(['b', 'd', 'c', 'a']);
    expect(tally(all)).toEqual({ high: 2, warning: 1, info: 1 });
  });
});

test('only the addresses of our workers become script addresses', () => {
  const trust = workerAddresses('assets/worker.js');
  expect(trust('assets/worker.js')).toBe('assets/worker.js');
  expect(() => trust('https://evil.example/x.js')).toThrow(TypeError);
});
