/**
 * What the page itself needs to know of what a person types: which kind of source it is, its parts for display, and
 * whether its registry is known to refuse pages. The core decides what a reference means; this only helps to draw it.
 */

/** Parts as they are drawn: the host gives way first, the tag never. */
export interface Parts {
  /** With its `/`, or empty when the reference names none. */
  readonly host: string;
  readonly repository: string;
  /** `:tag`, `@digest` or both, with their signs. */
  readonly tail: string;
}

/** What was typed or pasted. */
export type Typed =
  | { readonly kind: 'reference'; readonly reference: string }
  | { readonly kind: 'layout'; readonly url: string }
  | { readonly kind: 'nothing' };

/** Splits for display; any string has parts. */
export function parts(text: string): Parts {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? '' : text.slice(at);
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? '' : named.slice(colon);
  const first = name.indexOf('/');
  const host = first > 0 && isHost(name.slice(0, first)) ? name.slice(0, first + 1) : '';
  return { host, repository: name.slice(host.length), tail: tag + digest };
}

/** Distribution's rule: the first part is a host if it is `localhost`, or has a dot, a colon or an upper-case letter. */
function isHost(part: string): boolean {
  return part === 'localhost' || /[.:A-Z]/.test(part);
}

/** The registry that a reference names; `docker.io` when it names none. */
export function registryOf(reference: string): string {
  const { host } = parts(reference);
  const name = host.slice(0, -1).toLowerCase();
  return name === '' || name === 'index.docker.io' || name === 'registry-1.docker.io' ? 'docker.io' : name;
}

/** The reference as `docker` prints it, without Docker Hub's defaults. */
export function familiar(reference: string): string {
  return reference.replace(/^(?:index\.)?docker\.io\/(?:library\/)?/, '');
}

/** Takes what people paste: a reference, a `docker pull` line, a `docker://` name, or the address of an OCI layout. */
export function understand(text: string): Typed {
  const line = text.trim().replace(/^\$\s+/, '').replace(/^(?:docker|podman|nerdctl|crane)\s+pull\s+/, '');
  if (line === '') return { kind: 'nothing' };
  const layout = /^oci\+(https?:\/\/.+)$/i.exec(line);
  if (layout?.[1] !== undefined) {
    const url = parseUrl(layout[1]);
    return url === null ? { kind: 'nothing' } : { kind: 'layout', url };
  }
  return { kind: 'reference', reference: line.replace(/^docker:\/\//, '').replace(/^https?:\/\//, '') };
}

/** A whole http or https address that ends in `/`, without user name, query and fragment. */
function parseUrl(text: string): string | null {
  try {
    const url = new URL(text);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
    url.username = url.password = url.search = url.hash = '';
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url.href;
  } catch {
    return null;
  }
}

/** Whether pasted text looks like a reference at all, so that a paste of prose opens nothing. */
export function looksLikeReference(text: string): boolean {
  const typed = understand(text);
  if (typed.kind === 'layout') return true;
  return (
    typed.kind === 'reference' &&
    typed.reference.length <= 512 &&
    /^[\w.:[\]-]+(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@[\w+.-]+:[0-9a-fA-F]{32,})?$/.test(typed.reference)
  );
}

const CLOSED = [
  'docker.io', 'ghcr.io', 'quay.io', 'gcr.io', 'mcr.microsoft.com', 'public.ecr.aws', 'registry.gitlab.com', 'registry.k8s.io',
  'lscr.io', 'registry.access.redhat.com', 'registry.redhat.io', 'icr.io', 'nvcr.io', 'cgr.dev', 'codeberg.org',
];
const CLOSED_BELOW = ['.gcr.io', '.pkg.dev', '.azurecr.io', '.amazonaws.com', '.icr.io'];

/** Registries that let no page read them. For these a try would only be a leak and an error. */
export function refusesPages(registry: string): boolean {
  return CLOSED.includes(registry) || CLOSED_BELOW.some((suffix) => registry.endsWith(suffix));
}

/** A plausible file name for the commands that save an image. */
export function archiveName(reference: string): string {
  const { repository } = parts(reference);
  const last = repository.split('/').pop() ?? '';
  return `${last.replace(/[^\w.-]/g, '') || 'image'}.tar`;
}

/** Quoted for a POSIX shell, unless nothing in it needs that. */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
