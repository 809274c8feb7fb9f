/** What the browser says of the machine that it runs on, if it says anything. */

interface UserAgentData {
  getHighEntropyValues(hints: readonly string[]): Promise<{ readonly architecture?: string; readonly bitness?: string }>;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { 'x86 64': 'amd64', 'x86 32': '386', 'arm 64': 'arm64', 'arm 32': 'arm' };

/** The processor as platforms call it (`amd64`, `arm64`…); null where the browser does not tell, which is no error. */
export async function architectureHere(agent: object = navigator): Promise<string | null> {
  const { userAgentData } = agent as { readonly userAgentData?: UserAgentData };
  try {
    const { architecture = '', bitness = '' } = (await userAgentData?.getHighEntropyValues(['architecture', 'bitness'])) ?? {};
    return ARCHITECTURES[`${architecture} ${bitness}`] ?? null;
  } catch {
    return null;
  }
}
