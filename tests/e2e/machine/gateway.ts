/** `layerscope serve`: the real program, on a free port. */
import { Program, type Surroundings } from './program.ts';
import { LAYERSCOPE } from './root.ts';

export class Gateway {
  private constructor(
    private readonly program: Program,
    /** What it prints first: the page, its secret, and what to open. */
    readonly url: string,
  ) {}

  static async start(args: readonly string[] = [], surroundings: Surroundings = {}): Promise<Gateway> {
    const [program, [url]] = await Program.start(LAYERSCOPE, ['serve', '--no-open', ...args], /^http:\/\/127\.0\.0\.1:\d+\/#\S+(?=\n)/, surroundings);
    return new Gateway(program, url);
  }

  /** The page with nothing open. */
  get startPage(): string {
    return this.url.replace('&open=sample', '');
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  end(): Promise<void> {
    return this.program.end();
  }
}
