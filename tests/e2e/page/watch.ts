/** What a browser says about a page that nobody should ever have to read: console messages, errors, requests that fail or lead elsewhere. */
import type { Page } from '@playwright/test';

export class Watch {
  /** Everything that a test did not expect. */
  readonly problems: string[] = [];
  /** Every request, as it was made. */
  readonly requests: string[] = [];
  readonly #allowed: RegExp[] = [];
  readonly #origins = new Set<string>();

  constructor(page: Page) {
    page.on('console', (message) => this.#note(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.#note(`page error: ${error.message}`));
    page.on('requestfailed', (request) => {
      // A file is let go of when the page goes elsewhere, and a stream when its end does not matter.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') this.#note(`failed ${request.url()}: ${request.failure()?.errorText}`);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      this.requests.push(`${request.method()} ${url.href}`);
      // The first thing that is opened is the page.
      if (this.#origins.size === 0) this.#origins.add(url.origin);
      if (!this.#origins.has(url.origin)) this.#note(`foreign request: ${url.href}`);
    });
    page.on('dialog', (dialog) => {
      this.#note(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** A problem that a test provokes on purpose. */
  allow(...patterns: RegExp[]): void {
    this.#allowed.push(...patterns);
  }

  #note(problem: string): void {
    if (!this.#allowed.some((pattern) => pattern.test(problem))) this.problems.push(problem);
  }
}
