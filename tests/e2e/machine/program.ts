/** Programs that run beside the browser. Each is ended by its own id. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';

/** Nothing can be kept in it, so that no test knows a layer that another one has read. */
const SURROUNDINGS = { ...process.env, XDG_CACHE_HOME: '/dev/null' };

export interface Surroundings {
  readonly env?: Record<string, string>;
}

/** Runs a program to its end; anything but success throws what it said. */
export async function run(command: string, args: readonly string[], { env }: Surroundings = {}): Promise<string> {
  const options = { env: { ...SURROUNDINGS, ...env }, maxBuffer: 256 << 20 };
  return (await promisify(execFile)(command, args, options)).stdout;
}

/** Runs a program to its end, whatever that is. */
export async function attempt(command: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { env: SURROUNDINGS, maxBuffer: 256 << 20 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** A program that runs until it is ended. */
export class Program {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts a program and waits until what it prints matches; resolves with the match, too. */
  static async start(command: string, args: readonly string[], ready: RegExp, { env }: Surroundings = {}): Promise<[Program, RegExpExecArray]> {
    const child = spawn(command, args, { env: { ...SURROUNDINGS, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const match = await new Promise<RegExpExecArray>((resolve, reject) => {
      let said = '';
      const hear = (bytes: Buffer): void => {
        said += bytes.toString();
        const found = ready.exec(said);
        if (found !== null) resolve(found);
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${said}`)));
    });
    return [new Program(child), match];
  }

  async end(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await ended;
  }
}
