import type { RunFacts } from './run-file.ts';
import type { StoreCounts } from './store-counts.ts';

/** What the screen tells besides the addresses. */
export interface Shown {
  home: string;
  /** The namespace of Temporal that the leads live in. */
  namespace: string;
  counts: StoreCounts;
}

/** The welcome: where everything is, what the store holds, three things to try. */
export function welcome(facts: RunFacts, { home, namespace, counts }: Shown): string {
  return `
  Leadwarden is ready.

    API           ${facts.api}   (described at ${facts.api}/docs)
    Temporal UI   ${facts.temporalUi ?? 'of your own server'}
    Metrics       ${facts.metrics}
    API key       ${facts.apiKeyFile}
    Home          ${home}

    ${[describe(counts), ...describeLists(counts)].join('\n    ')}

  Three things to try:

${suggestions(facts, namespace, counts).map(numbered).join('\n\n')}

  Ctrl-C stops everything in order; starting again goes on where it was.
`;
}

function numbered(text: string, index: number): string {
  return `    ${index + 1}. ${text.replaceAll('\n', '\n       ')}`;
}

function describe({ leads, more, sources }: StoreCounts): string {
  if (leads === 0) return `No leads yet, ${plural(sources, 'source')}.`;
  return `${more ? 'More than ' : ''}${plural(leads, 'lead')} from ${plural(sources, 'source')}.`;
}

function describeLists({ lists }: StoreCounts): string[] {
  if (lists.length === 0) return [];
  const each = lists.map(({ id, numbers, leads }) => `${id} with ${plural(numbers, 'number')}, ${plural(leads, 'lead')} on it`);
  return [`Do-not-call lists in force: ${each.join('; ')}.`];
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function suggestions(facts: RunFacts, namespace: string, counts: StoreCounts): string[] {
  const watching = watch(facts, namespace);
  if (counts.leads === 0) return [register(facts), firstLead(facts), watching];
  return [watching, list(facts), counts.ownSources > 0 ? describedAt(facts) : register(facts)];
}

function firstLead(facts: RunFacts): string {
  return `Tell it about a lead of that source (the number is one that is kept free for films):\n${post(facts, '/v1/leads', {
    phone: '(202) 555-0143', source: 'my-website', acquiredAt: new Date().toISOString(), method: 'form',
  })}`;
}

function watch({ temporalUi }: RunFacts, namespace: string): string {
  const query = `/namespaces/${encodeURIComponent(namespace)}/workflows?query=LeadStage%3D%22active%22`;
  return `See every active lead as its workflow, asleep until its next review:\n${temporalUi ?? '<your Temporal UI>'}${query}`;
}

function list({ api, apiKeyFile }: RunFacts): string {
  return `List five leads, masked:\ncurl -s ${authorization(apiKeyFile)} '${api}/v1/leads?limit=5'`;
}

function describedAt({ api }: RunFacts): string {
  return `Read what else the API does:\n${api}/docs`;
}

function register(facts: RunFacts): string {
  return `Register a source of your own:\n${post(facts, '/v1/sources', {
    id: 'my-website', name: 'My website', kind: 'web_form', legalBasis: 'consent', defaultRegion: 'US',
  })}`;
}

function post({ api, apiKeyFile }: RunFacts, path: string, body: unknown): string {
  return [
    `curl -s ${authorization(apiKeyFile)} -H 'Content-Type: application/json' \\`,
    `  -d ${quote(JSON.stringify(body))} ${api}${path}`,
  ].join('\n');
}

function authorization(apiKeyFile: string): string {
  return `-H "Authorization: Bearer $(cat ${quote(apiKeyFile)})"`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
