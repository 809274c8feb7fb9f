/** The service that a registry with token authentication sends its clients to (distribution's token specification). */
import { createSign, randomUUID, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class TokenService {
  static readonly ISSUER = 'layerscope-tests';
  /** Who was let in, and for what. */
  readonly given: string[] = [];
  readonly #server: Server;

  private constructor(
    private readonly key: string,
    private readonly certificate: string,
    private readonly login: { readonly user: string; readonly password: string },
  ) {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(key: string, certificate: string, login: { readonly user: string; readonly password: string }): Promise<TokenService> {
    const service = new TokenService(key, certificate, login);
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { searchParams } = new URL(request.url ?? '/', `http://${this.host}`);
    const expected = `Basic ${Buffer.from(`${this.login.user}:${this.login.password}`).toString('base64')}`;
    if (request.headers.authorization !== expected) {
      response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      return;
    }
    const scope = searchParams.get('scope') ?? '';
    this.given.push(scope);
    const body = JSON.stringify({ token: this.#token(searchParams.get('service') ?? '', scope), expires_in: 300 });
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }

  #token(service: string, scope: string): string {
    const coded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const [type, name, actions] = scope.split(':');
    const head = { typ: 'JWT', alg: 'RS256', x5c: [new X509Certificate(this.certificate).raw.toString('base64')] };
    const claims = {
      iss: TokenService.ISSUER, sub: this.login.user, aud: service, iat: now, nbf: now - 10, exp: now + 300, jti: randomUUID(),
      access: name === undefined ? [] : [{ type, name, actions: (actions ?? '').split(',').filter((action) => action === 'pull') }],
    };
    const signed = `${coded(head)}.${coded(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.key, 'base64url')}`;
  }
}
