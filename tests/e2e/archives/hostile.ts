/** An image every string of which wants to be something else: markup, a link that runs code, a document that does. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { header, padding } from './big.ts';

/** What every string of the image says. */
export const MARKUP = '<img src=x onerror=alert(1)>';
export const LINK = 'javascript:alert(1)';
export const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>';
export const HTML = '<!doctype html><script>alert(3)</script><body onload="alert(4)">hello</body>';

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function tar(files: readonly (readonly [name: string, content: Buffer])[]): Buffer {
  const parts = files.flatMap(([name, content]) => [header(name, content.length), content, padding(content.length)]);
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** Writes it as an OCI archive. */
export async function writeHostile(file: string): Promise<string> {
  const layer = tar([
    ['picture.svg', Buffer.from(SVG)],
    ['page.html', Buffer.from(HTML)],
    [`a${MARKUP}`, Buffer.from(MARKUP)],
  ]);
  const text = { [MARKUP]: MARKUP, 'org.opencontainers.image.url': LINK, 'org.opencontainers.image.source': LINK };
  const config = {
    architecture: 'amd64',
    os: 'linux',
    author: MARKUP,
    created: MARKUP,
    config: {
      User: MARKUP, Env: [`A=${MARKUP}`], Entrypoint: [MARKUP], Cmd: [MARKUP], WorkingDir: `/${MARKUP}`, Labels: text,
      ExposedPorts: { [MARKUP]: {} }, Volumes: { [MARKUP]: {} }, StopSignal: MARKUP, Healthcheck: { Test: ['CMD', MARKUP] },
    },
    history: [{ created_by: MARKUP, comment: MARKUP, author: MARKUP }],
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  };
  const blobs: [string, Buffer][] = [];
  const keep = (bytes: Buffer, mediaType: string): object => {
    blobs.push([`blobs/sha256/${digestOf(bytes).slice(7)}`, bytes]);
    return { mediaType, digest: digestOf(bytes), size: bytes.length, annotations: text };
  };
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const layers = [keep(layer, 'application/vnd.oci.image.layer.v1.tar')];
  const manifest = {
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: keep(json(config), 'application/vnd.oci.image.config.v1+json'), layers, annotations: text,
  };
  const entry = { ...keep(json(manifest), manifest.mediaType), annotations: { ...text, 'org.opencontainers.image.ref.name': MARKUP } };
  const index = { schemaVersion: 2, manifests: [entry], annotations: text };
  await writeFile(file, tar([['oci-layout', json({ imageLayoutVersion: '1.0.0' })], ['index.json', json(index)], ...blobs]));
  return file;
}
