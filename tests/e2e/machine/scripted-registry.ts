/** A registry with one image of two layers, which a test may make busy, slow or forgetful. */
import { createCipheriv, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { header, padding } from '../archives/big.ts';

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
/** Noise that no compression shrinks. */
const noise = (key: number, size: number): Buffer => createCipheriv('aes-128-ctr', Buffer.alloc(16, key), Buffer.alloc(16)).update(Buffer.alloc(size));

interface Blob {
  readonly bytes: Buffer;
  readonly type: string;
}

/** What to do about a request in place of the truth: true when that is done. `time`: how often the same path was asked for before. */
export type Script = (request: IncomingMessage, response: ServerResponse, time: number) => boolean;

export class ScriptedRegistry {
  /** `METHOD path`, with the range if there is one. */
  readonly requests: string[] = [];
  readonly #times = new Map<string, number>();
  readonly #blobs = new Map<string, Blob>();
  readonly #server: Server;
  readonly #manifest: string;
  /** The largest blob. */
  readonly large: string;

  private constructor(private readonly script: Script, size: number) {
    this.large = this.#layer('large', size, 1);
    const small = this.#layer('small', 3000, 2);
    const layers = [this.large, small];
    const diffIds = layers.map((layer) => this.#diffIds.get(layer));
    const config = this.#keep(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }), 'application/vnd.oci.image.config.v1+json');
    const described = (digest: string): object => ({ mediaType: this.#blobs.get(digest)?.type, digest, size: this.#blobs.get(digest)?.bytes.length });
    const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: described(config), layers: layers.map(described) };
    this.#manifest = this.#keep(JSON.stringify(manifest), manifest.mediaType);
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  readonly #diffIds = new Map<string, string>();

  /** `size`: of the file in the larger layer. Behind it stands `late`. */
  static async start(script: Script, size = 3 << 20): Promise<ScriptedRegistry> {
    const registry = new ScriptedRegistry(script, size);
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get reference(): string {
    return `${this.host}/fruit:1`;
  }

  bytes(digest: string): Buffer {
    return this.#blobs.get(digest)?.bytes ?? Buffer.alloc(0);
  }

  /** How many connections are open. */
  async connections(): Promise<number> {
    return new Promise((resolve, reject) => this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))));
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(bytes: Buffer | string, type: string): string {
    const buffer = Buffer.from(bytes as Buffer);
    const digest = digestOf(buffer);
    this.#blobs.set(digest, { bytes: buffer, type });
    return digest;
  }

  #layer(name: string, size: number, key: number): string {
    const late = Buffer.from('late, but here\n');
    const behind = name === 'large' ? [header('late', late.length), late, padding(late.length)] : [];
    const tar = Buffer.concat([header(name, size), noise(key, size), padding(size), ...behind, Buffer.alloc(1024)]);
    const digest = this.#keep(gzipSync(tar, { level: 1 }), 'application/vnd.oci.image.layer.v1.tar+gzip');
    this.#diffIds.set(digest, digestOf(tar));
    return digest;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    const { range } = request.headers;
    this.requests.push(`${request.method} ${path}${range === undefined ? '' : ` ${range}`}`);
    const time = this.#times.get(path) ?? 0;
    this.#times.set(path, time + 1);
    if (this.script(request, response, time)) return;
    const name = path.replace(/^\/v2\/fruit\/(?:manifests|blobs)\//, '');
    const blob = this.#blobs.get(name === '1' ? this.#manifest : name);
    if (path === '/v2/') response.writeHead(200).end('{}');
    else if (blob === undefined) response.writeHead(404).end('{}');
    else ScriptedRegistry.send(request, response, blob.bytes, blob.bytes.length, blob.type);
  }

  /** Sends what is asked for of some bytes, and breaks the connection after so many of them. */
  static send(request: IncomingMessage, response: ServerResponse, bytes: Buffer, most: number, type = 'application/octet-stream'): void {
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = bytes.subarray(from);
    const part = request.headers.range !== undefined;
    response.writeHead(part ? 206 : 200, {
      'content-type': type,
      'content-length': rest.length,
      ...(part && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    if (rest.length <= most) response.end(rest);
    else response.write(rest.subarray(0, most), () => setTimeout(() => response.destroy(), 20));
  }
}
