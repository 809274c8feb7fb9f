/** The simplest of servers: files under paths, no ranges, no compression, and of media types only those without which nothing runs. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { normalize } from 'node:path';

const MEDIA_TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

export class StaticServer {
  /** Every request that came: method and path with query. */
  readonly requests: string[] = [];
  readonly #server: Server;

  /** `mounts`: paths that begin and end in `/`, and the directories behind them. */
  private constructor(private readonly mounts: Readonly<Record<string, string>>) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(mounts: Readonly<Record<string, string>>): Promise<StaticServer> {
    const server = new StaticServer(mounts);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    const path = decodeURIComponent(new URL(request.url ?? '/', this.origin).pathname);
    const mount = Object.keys(this.mounts).find((each) => path.startsWith(each));
    const below = mount === undefined ? '' : normalize(`/${path.slice(mount.length) || 'index.html'}`);
    const file = mount === undefined ? null : `${this.mounts[mount]}${below}`;
    const size = file === null ? null : await stat(file).then((found) => (found.isFile() ? found.size : null), () => null);
    if (file === null || size === null) {
      response.writeHead(404).end();
      return;
    }
    const type = MEDIA_TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': size });
    createReadStream(file).pipe(response);
  }
}
