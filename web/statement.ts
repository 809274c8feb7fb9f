/** The text of a statement: what an envelope holds, where there is one around it. */

/** Envelopes that may lie around a statement. */
const DEPTH = 3;

/** UTF-8 text; the payload of a DSSE envelope (or of a bundle with one) instead of the envelope. */
export function statementText(bytes: ArrayBuffer): string {
  let text = new TextDecoder().decode(bytes);
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const inner = payloadOf(text);
    if (inner === null) break;
    text = inner;
  }
  return text;
}

function payloadOf(text: string): string | null {
  try {
    const value = JSON.parse(text) as { payload?: unknown; payloadType?: unknown; dsseEnvelope?: unknown } | null;
    if (value?.dsseEnvelope !== undefined) return JSON.stringify(value.dsseEnvelope);
    if (typeof value?.payload !== 'string' || value.payloadType === undefined) return null;
    return new TextDecoder().decode(Uint8Array.from(atob(value.payload), (each) => each.charCodeAt(0)));
  } catch {
    return null;
  }
}
