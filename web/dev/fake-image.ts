/** Made-up images in the shapes of the protocol, each showing another face of the page. */
import type { Choice, FindingView, ImageView, LayerState, LayerView, Overview, SealState, StepView } from '../protocol.ts';

const hex = (seed: number): string => {
  let state = (seed * 2_654_435_761) >>> 0;
  let text = '';
  while (text.length < 64) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(16).padStart(8, '0');
  }
  return `sha256:${text.slice(0, 64)}`;
};

interface Plan {
  readonly keyword: string;
  readonly text: string;
  readonly size: number;
  readonly unpacked: number;
  readonly entries: number;
  readonly hides?: number;
  readonly removed?: number;
  readonly modified?: number;
  readonly state?: LayerState;
}

const BENCH: readonly Plan[] = [
  { keyword: 'ADD', text: 'file:debootstrap-bookworm in /', size: 95_100_000, unpacked: 203_787_264, entries: 6768 },
  { keyword: 'RUN', text: 'pip install numpy pandas scipy flask requests', size: 96_327_378, unpacked: 311_200_000, entries: 9003 },
  { keyword: 'RUN', text: 'npm install && rm -rf /usr/share/doc', size: 36_200_000, unpacked: 117_300_000, entries: 6536, hides: 119_300_000, removed: 3158, modified: 1 },
];

const ODD: readonly Plan[] = [
  { keyword: 'ADD', text: 'rootfs.tar /', size: 3_100_000, unpacked: 8_200_000, entries: 512 },
  { keyword: 'RUN', text: 'apt-get install build-essential', size: 52_000_000, unpacked: 180_000_000, entries: 3100, state: 'failed' },
  { keyword: 'COPY', text: 'windows-base', size: 900_000_000, unpacked: 0, entries: 0, state: 'foreign' },
  { keyword: 'COPY', text: '--from=build /out /', size: 4_100_000, unpacked: 0, entries: 0, state: 'absent' },
  { keyword: 'ENV', text: 'NODE_ENV=production', size: 32, unpacked: 1024, entries: 0 },
  { keyword: 'COPY', text: 'statement.intoto.json', size: 4100, unpacked: 0, entries: 0, state: 'not-a-layer' },
  { keyword: 'RUN', text: '/bin/sh -c "printf \'a\u202eb\u0007c\' > /tmp/evil"', size: 2100, unpacked: 4096, entries: 2, state: 'not-stated' },
];

const MANY: readonly Plan[] = Array.from({ length: 22 }, (_, index) => ({
  keyword: index % 3 === 0 ? 'COPY' : 'RUN',
  text: index % 3 === 0 ? `--link --chown=1000:1000 packages/module-${index} /srv/app/modules/module-${index}` : `set -eux; make -C /src/part-${index} install; rm -rf /var/cache/part-${index}`,
  size: 120_000 * ((index * 7) % 11) + 2300,
  unpacked: 410_000 * ((index * 7) % 11) + 5200,
  entries: 20 + index * 9,
  ...(index % 5 === 4 && { hides: 610_000, removed: 14, modified: 3 }),
}));

export type Scenario = 'bench' | 'mixed' | 'odd' | 'many' | 'running';

/** Which image a name asks for. */
export function scenarioOf(name: string): Scenario {
  return (['mixed', 'odd', 'many', 'running'] as const).find((each) => name.includes(each)) ?? 'bench';
}

function seals(state: LayerState, number: number, scenario: Scenario): { digestState: SealState; diffIdState: SealState } {
  if (scenario === 'mixed' && number === 0) return { digestState: 'verified', diffIdState: 'mismatch' };
  if (state === 'not-stated') return { digestState: 'not-stated', diffIdState: 'verified' };
  if (state === 'verifying') return { digestState: 'verifying', diffIdState: 'verifying' };
  if (state === 'pending') return { digestState: 'pending', diffIdState: 'pending' };
  if (state === 'verified') return { digestState: 'verified', diffIdState: 'verified' };
  return { digestState: state === 'not-a-layer' ? 'verified' : 'unchecked', diffIdState: 'unchecked' };
}

function layerOf(plan: Plan, number: number, scenario: Scenario): LayerView {
  const state: LayerState = plan.state ?? (scenario === 'mixed' && number === 0 ? 'mismatch' : scenario === 'mixed' && number === 1 ? 'verifying' : scenario === 'running' ? 'pending' : 'verified');
  const known = state === 'verified' || state === 'mismatch' || state === 'not-stated';
  const created = new Date(Date.UTC(2026, 10, 21, 6, 16, 1 + number * 31)).toISOString().replace('.000', '');
  return {
    number, state, digest: state === 'not-stated' ? null : hex(number + 1), digestFound: hex(number + 1), diffId: hex(number + 101),
    diffIdFound: scenario === 'mixed' && number === 0 ? hex(4711) : hex(number + 101), ...seals(state, number, scenario), chainId: hex(number + 201),
    mediaType: state === 'not-a-layer' ? 'application/vnd.in-toto+json' : 'application/vnd.oci.image.layer.v1.tar+gzip', compression: known ? 'gzip' : null,
    size: plan.size, sizeStated: plan.size, uncompressedSize: known ? plan.unpacked : null, entries: known ? plan.entries : null,
    counts: known ? { added: Math.max(0, plan.entries - (plan.modified ?? 0) - 2), modified: plan.modified ?? 0, metadata: number === 0 ? 0 : 2, removed: plan.removed ?? 0 } : null,
    hidesBytes: plan.hides ?? null, instruction: { keyword: plan.keyword, text: plan.text, full: `/bin/sh -c ${plan.text} # buildkit` }, created,
    progress: state === 'verifying' ? { read: Math.round(plan.size * 0.61), total: plan.size, unpacked: Math.round(plan.unpacked * 0.61), entries: 4212 } : null,
    error: state === 'failed' ? { name: 'inflate-truncated', at: '58812004', expected: '37515374 more bytes', found: 'end of stream', text: 'the compressed data ends at offset 58812004, inside gzip trailer' } : null,
    urls: state === 'foreign' ? ['https://mcr.microsoft.com/v2/windows/blobs/sha256:0'] : [], annotations: {},
  };
}

const FINDINGS: readonly FindingView[] = [
  { id: 'layer-mismatch', severity: 'high', layer: 0, args: {} },
  { id: 'duplicate-path', severity: 'high', layer: 1, path: '/usr/lib/libfoo.so', args: { offset: '10240', first: '12' } },
  { id: 'trailing-zeros', severity: 'warning', layer: 1, args: { offset: '0', bytes: '1048576' } },
  { id: 'set-id', severity: 'info', layer: 0, path: '/usr/bin/su', args: { offset: '512', mode: '4755' } },
  { id: 'set-id', severity: 'info', layer: 0, path: '/usr/bin/mount', args: { offset: '512', mode: '4755' } },
  { id: 'device', severity: 'info', layer: 0, path: '/dev/null', args: { offset: '512', major: '1', minor: '3' } },
];

export function fakeOverview(name: string): Overview {
  const scenario = scenarioOf(name);
  const plans = scenario === 'odd' ? ODD : scenario === 'many' ? MANY : BENCH;
  const layers = plans.map((plan, number) => layerOf(plan, number, scenario));
  const step = (layer: LayerView): StepView => ({ layer: layer.number, instruction: layer.instruction ?? { keyword: '', text: '', full: '' }, created: layer.created, author: null, comment: null });
  const config: StepView = { layer: null, instruction: { keyword: 'CMD', text: '["/bin/bash"]', full: 'CMD ["/bin/bash"]' }, created: '2026-11-21T06:17:02Z', author: null, comment: 'umoci config' };
  const sum = (pick: (layer: LayerView) => number | null): number => layers.reduce((total, layer) => total + (pick(layer) ?? 0), 0);
  const settled = !layers.some(({ state }) => state === 'pending' || state === 'verifying');
  const image: ImageView = {
    names: [name], platform: 'linux/amd64', digest: hex(9001), imageId: hex(9002),
    manifest: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: hex(9001), digestFound: hex(9001), digestOk: true, sizeStated: 1203, size: 1203, error: null },
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: hex(9002), digestFound: hex(9002), digestOk: true, sizeStated: 2204, size: 2204, error: null },
    created: '2026-11-21T06:16:01Z', author: null,
    runtime: {
      user: null, env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8', 'GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D', 'API_TOKEN=c2VjcmV0'],
      entrypoint: ['docker-entrypoint.sh'], cmd: ['python3', '-m', 'http.server'], workingDir: '/app', exposedPorts: ['8080/tcp'], volumes: ['/data'],
      labels: { 'org.opencontainers.image.title': 'bench', 'org.opencontainers.image.source': 'https://example.org/bench', 'org.opencontainers.image.base.name': 'docker.io/library/debian:bookworm' }, stopSignal: 'SIGTERM', healthcheck: ['CMD', 'curl', '-f', 'http://localhost/'],
    },
    annotations: { 'org.opencontainers.image.version': '1' }, layers, steps: [...layers.slice(0, 1).map(step), { ...config, instruction: { keyword: 'ENV', text: 'LANG=C.UTF-8', full: 'ENV LANG=C.UTF-8' } }, ...layers.slice(1).map(step), config],
    totals: { size: sum(({ size }) => size), uncompressedSize: sum(({ uncompressedSize }) => uncompressedSize), entries: sum(({ entries }) => entries), visibleEntries: 19_140, visibleBytes: 496_400_000, reclaimableBytes: settled ? 119_300_000 : null, verified: scenario === 'bench' || scenario === 'many', settled },
  };
  const choice = (id: number, platform: string, more: Partial<Choice>): Choice => ({ id, number: 0, names: [name], platform, osVersion: null, digest: hex(id + 9001), size: image.totals.size - id * 8_000_000, state: 'not-asked', error: null, attestations: 2, ...more });
  return {
    source: { kind: name.endsWith('.tar') ? 'oci-archive' : 'registry', name, canonical: name.endsWith('.tar') ? null : name, size: name.endsWith('.tar') ? 228_000_000 : null, wrapped: null },
    choices: [choice(0, 'linux/amd64', { state: 'ready' }), choice(1, 'linux/arm64/v8', {}), choice(2, 'linux/arm/v7', { state: 'absent', size: null, attestations: 0 }), choice(3, 'windows/amd64', { state: 'failed', osVersion: '10.0.20348.2700', error: { name: 'malformed-json', text: 'malformed JSON at byte 17', at: 'byte 17' } })],
    chosen: 0, image,
    others: [{ digest: hex(9101), mediaType: 'application/vnd.oci.image.manifest.v1+json', artifactType: 'application/vnd.in-toto+json', subject: hex(9001), size: 841 }],
    indexes: [{ blob: { mediaType: 'application/vnd.oci.image.index.v1+json', digest: hex(9000), digestFound: hex(9000), digestOk: true, sizeStated: 900, size: 900, error: null }, text: JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [{ digest: hex(9001), size: 1203, platform: { architecture: 'amd64', os: 'linux' } }] }) }],
    findings: scenario === 'bench' || scenario === 'many' ? FINDINGS.slice(2) : [...FINDINGS],
  };
}
