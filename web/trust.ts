/**
 * The page's own Trusted Types policy. It admits the addresses of the page's workers and nothing else; all markup
 * goes through Lit's policy, and no string ever becomes markup.
 */

type Policy = { createScriptURL(address: string): unknown };
type Factory = { createPolicy(name: string, rules: { createScriptURL(address: string): string }): Policy };

/** A policy for exactly these addresses. */
export function workerAddresses(...allowed: string[]): (address: string) => string | URL {
  const rules = {
    createScriptURL(address: string): string {
      if (!allowed.includes(address)) throw new TypeError('not a worker of this page');
      return address;
    },
  };
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  const policy: Policy = factory?.createPolicy('layerscope', rules) ?? rules;
  return (address) => policy.createScriptURL(address) as string;
}
