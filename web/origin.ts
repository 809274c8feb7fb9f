/** Where an image comes from: whose it is, and what it was built on. */
import { parts } from './reference.ts';
import type { ImageView, Overview } from './protocol.ts';

/** Labels and annotations that name the base (OCI image-spec annotations.md). */
const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';
/** What the builder of Docker Official Images writes on each. */
const OFFICIAL = 'com.docker.official-images.bashbrew.arch';

/** What is written on an image; an annotation of the manifest before a label of the config. */
export function written(image: ImageView, key: string): string | null {
  return image.annotations[key] ?? image.runtime.labels[key] ?? null;
}

/** Whether it is a Docker Official Image; null where neither its name nor its annotations tell, as in a file. */
export function isOfficial({ source }: Overview, image: ImageView): boolean | null {
  if (source.kind !== 'registry' || source.canonical === null) return written(image, OFFICIAL) === null ? null : true;
  const { host, repository } = parts(source.canonical);
  return (host === 'docker.io/' && repository.startsWith('library/')) || written(image, OFFICIAL) !== null;
}

export function baseOf(image: ImageView): { readonly name: string | null; readonly digest: string | null } {
  return { name: written(image, BASE_NAME), digest: written(image, BASE_DIGEST) };
}

/** Where systems say what they are (freedesktop.org os-release); the second is a link to the first on most. */
export const OS_RELEASE = ['/usr/lib/os-release', '/etc/os-release'] as const;

/** `PRETTY_NAME` of an os-release file, else its name and version. */
export function systemName(text: string): string | null {
  const value = (key: string): string | null => {
    const found = new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.trim();
    if (found === undefined) return null;
    const quote = /^(["'])(.*)\1$/.exec(found);
    return (quote?.[2] ?? found).replace(/\\(["'$`\\])/g, '$1') || null;
  };
  const name = value('NAME');
  return value('PRETTY_NAME') ?? (name === null ? null : [name, value('VERSION')].filter((each) => each !== null).join(' '));
}
