/** Debian's docker-registry, with each of the three ways to ask who is there. All three serve the same storage. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Program, run } from './program.ts';
import { TokenService } from './token-service.ts';

export type Auth = 'open' | 'htpasswd' | 'token';
export const AUTHS: readonly Auth[] = ['open', 'htpasswd', 'token'];
export const USER = 'eater';
export const PASSWORD = 'b4nan4 p33l';

export class Registries {
  readonly #programs: Program[] = [];
  readonly #hosts = new Map<Auth, string>();
  #tokens: TokenService | null = null;

  private constructor(private readonly directory: string) {}

  static async start(): Promise<Registries> {
    const registries = new Registries(await mkdtemp(`${tmpdir()}/layerscope-registry-`));
    await registries.#start();
    return registries;
  }

  host(auth: Auth): string {
    return this.#hosts.get(auth) ?? '';
  }

  /** The hosts that a gateway must be allowed to ask. */
  get hosts(): string[] {
    return [...this.#hosts.values(), this.#tokens?.host ?? ''];
  }

  /** A directory with a Docker config that is logged in wherever that is needed. */
  get dockerConfig(): string {
    return `${this.directory}/docker`;
  }

  /** Puts an image, with all its platforms, where all registries find it. `source` as skopeo writes it. */
  async push(source: string, name: string): Promise<void> {
    await run('skopeo', ['--insecure-policy', 'copy', '--quiet', '--all', '--preserve-digests', '--dest-tls-verify=false', source, `docker://${this.host('open')}/${name}`]);
  }

  async end(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.end()));
    await this.#tokens?.end();
    await rm(this.directory, { recursive: true });
  }

  async #start(): Promise<void> {
    const { directory } = this;
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=tokens', '-keyout', `${directory}/key.pem`, '-out', `${directory}/cert.pem`]);
    await run('htpasswd', ['-Bbc', `${directory}/htpasswd`, USER, PASSWORD]);
    const [key, certificate] = await Promise.all([readFile(`${directory}/key.pem`, 'utf8'), readFile(`${directory}/cert.pem`, 'utf8')]);
    const tokens = (this.#tokens = await TokenService.start(key, certificate, { user: USER, password: PASSWORD }));
    const auth: Readonly<Record<Auth, string>> = {
      open: '',
      htpasswd: `auth: {htpasswd: {realm: fruit, path: ${directory}/htpasswd}}`,
      token: `auth: {token: {realm: "http://${tokens.host}/token", service: fruit, issuer: ${TokenService.ISSUER}, rootcertbundle: ${directory}/cert.pem}}`,
    };
    for (const each of AUTHS) {
      const config = `${directory}/${each}.yml`;
      await writeFile(config, `version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: ${directory}/storage}}\nhttp: {addr: "127.0.0.1:0"}\n${auth[each]}\n`);
      const [program, [, port]] = await Program.start('docker-registry', ['serve', config], /listening on 127\.0\.0\.1:(\d+)/);
      this.#programs.push(program);
      this.#hosts.set(each, `127.0.0.1:${port}`);
    }
    const login = { auth: Buffer.from(`${USER}:${PASSWORD}`).toString('base64') };
    const auths = { [this.host('htpasswd')]: login, [this.host('token')]: login };
    await run('mkdir', [this.dockerConfig]);
    await writeFile(`${this.dockerConfig}/config.json`, JSON.stringify({ auths }));
  }
}
