/**
 * What all components share. They live in the light DOM, so that one style sheet and one set of container queries draw
 * the whole page, and they hold nothing but view state.
 */
import { LitElement, noChange } from 'lit';
import { directive, Directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';
import type { Model } from '../model.ts';
import { inTurn } from './turns.ts';

/** A component that draws itself whenever the model changes. */
export abstract class Part extends LitElement {
  /** Which changes: `progress` alone comes often while layers are read, and `found` while a search goes on. */
  protected readonly hears: readonly ('change' | 'progress' | 'found')[] = ['change'];
  static override properties = { model: { attribute: false } };
  declare model: Model;
  #heard: Model | null = null;
  readonly #draw = (): void => {
    this.heard();
    this.requestUpdate();
  };

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#hear(null);
  }

  /** Called with each change before anything is drawn: to ask for what will be drawn. */
  protected heard(): void {}

  /** Elements in the page's own markup exist before the model does. */
  protected override shouldUpdate(): boolean {
    return this.model !== undefined;
  }

  protected override scheduleUpdate(): void | Promise<unknown> {
    return inTurn(() => super.scheduleUpdate());
  }

  protected override willUpdate(): void {
    this.#listen();
  }

  #listen(): void {
    if (this.#heard === this.model || this.model === undefined || !this.isConnected) return;
    this.#hear(this.model);
  }

  #hear(model: Model | null): void {
    for (const event of this.hears) {
      this.#heard?.removeEventListener(event, this.#draw);
      model?.addEventListener(event, this.#draw);
    }
    this.#heard = model;
  }
}

class Vars extends Directive {
  #set = new Map<string, string>();

  constructor(info: PartInfo) {
    super(info);
    if (info.type !== PartType.ELEMENT) throw new Error('vars belongs on an element');
  }

  render(_values: Readonly<Record<string, string | number>>): unknown {
    return noChange;
  }

  override update(part: ElementPart, [values]: [Readonly<Record<string, string | number>>]): unknown {
    const { style } = part.element as HTMLElement | SVGElement;
    for (const name of this.#set.keys()) {
      if (name in values) continue;
      style.removeProperty(name);
      this.#set.delete(name);
    }
    for (const [name, value] of Object.entries(values)) {
      const text = String(value);
      if (this.#set.get(name) === text) continue;
      style.setProperty(name, text);
      this.#set.set(name, text);
    }
    return noChange;
  }
}

/**
 * Sets style properties of an element through the CSSOM: `<i ${vars({ '--i': 3 })}></i>`. A `style` attribute would be
 * refused by the page's content security policy, and Lit's `styleMap` writes one at first.
 */
export const vars = directive(Vars);
