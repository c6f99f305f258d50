/** What destroyed it, as a certificate names it: the name and version of package.json. */
export const TOOL = { name: 'leadwarden', version: '0.1.0' } as const;
