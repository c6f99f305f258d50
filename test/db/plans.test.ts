import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kysely, PostgresDialect, sql, type CompiledQuery } from 'kysely';
import { latestClearance } from '../../db/clearances.ts';
import { createPool, type Db } from '../../db/connection.ts';
import { consentEventsOf, consentFactsOf, leadsWithConsents } from '../../db/consent-moves.ts';
import { consentLedgers } from '../../db/consents.ts';
import { annulConsents } from '../../db/dnc-hits.ts';
import { newId } from '../../db/ids.ts';
import type { Database } from '../../db/schema.ts';
import { askAbout, leadsToAskAhead } from '../../db/reassigned-checks.ts';
import { oldestDue } from '../../db/retention-sweep.ts';
import { publishHeld } from '../../db/subscriber-events.ts';
import { statementsNotLookedAt, takeWaitingStatements, tokensOfEmails, tokensOfNumbers, tokensOfReferences } from '../../db/webhook-events.ts';
import { countWaiting, findDue, giveUp, nextDueAt, recordFailed } from '../../db/webhook-work.ts';
import { AT, HEADER, importInto, phoneOf } from '../intake/import/importing.ts';
import { createHouse, type House } from '../setup/house.ts';

const ROWS = 5_000;
const LARGE = 'lead|consent_event|acquisition|personal_data|suppression|outbox|webhook_delivery|waiting_statement|external_reference|clearance_other|dnc_hit';

let house: House;
let db: Db;
let pool: ReturnType<typeof createPool>;
let sent: CompiledQuery[] = [];
const endpointId = newId();
let leadIds: string[];
let keys: string[];

beforeAll(async () => {
  house = await createHouse();
  pool = createPool(house.url, { max: 1 });
  db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }), log: (event) => void sent.push(event.query) });
  await house.db.insertInto('webhook_endpoint').values([endpointId, ...Array.from({ length: 49 }, newId)].map((id) => ({
    id, url: 'https://crm.example.com/', host: 'crm.example.com', events: null, secret: Buffer.of(1), description: null,
    created_at: new Date(), created_by: 'key:test',
  }))).execute();
  await house.db.updateTable('webhook_endpoint').set({ state: 'disabled' }).where('id', '<>', endpointId).execute();
  const file = [`${HEADER},C`, ...Array.from({ length: ROWS }, (_, nth) => `${phoneOf(nth)},${AT},${AT}`)].join('\n');
  await importInto(house).send(file, { mapping: { phone: 'Phone', acquiredAt: 'Signed up', 'consent.sms.marketing.obtainedAt': 'C' } });
  for (const statement of FILLING) await sql.raw(statement).execute(house.db);
  leadIds = (await house.db.selectFrom('lead').select('id').orderBy('id').limit(3).execute()).map(({ id }) => id);
  keys = ['1', '2', '3'];
});
afterAll(async () => {
  await pool.end();
  await house.close();
});

const FILLING = [
  `insert into webhook_delivery (endpoint_id, event_id, type, lead_id, fact_id, at, words, queued_at, due_at)
   select endpoint.id, gen_random_uuid(), 'lead.acquired', gen_random_uuid(), gen_random_uuid(), now(), '{}', now(), now() + nth * interval '1 second'
   from webhook_endpoint endpoint, generate_series(1, 400) nth`,
  `insert into waiting_statement (id, key, event_id, webhook_source_id, source_id, act, by_message, channels, purpose, happened_at, received_at, looked_at)
   select gen_random_uuid(), nth, gen_random_uuid(), 'crm', 'spring-fair', 'opt_out', false, '{sms}', 'marketing', now(), now(),
     case when nth > 100 then now() end from generate_series(1, 20000) nth`,
  `insert into external_reference (reference, token, learned_at) select nth, nth, now() from generate_series(1, 20000) nth`,
  `insert into suppression (id, token, kind, channel, reported_at, received_at)
   select gen_random_uuid(), nth, 'opt_out', 'all', now(), now() from generate_series(1, 20000) nth`,
  `insert into clearance (id, lead_id, at, decision, channel, purpose, seller, dialer_mode, policy_version, settings_version, reason_codes,
     reason_jurisdictions, answer, facts, person, asked_by)
   select gen_random_uuid(), gen_random_uuid(), now(), 'deny', 'call', 'marketing', 'acme', 'manual', 'sha256:0', 0, '{}', '{}', '{}', '{}', '\\x00',
     'dialer' from generate_series(1, 5000)`,
  `insert into dnc_list (id, jurisdiction, name, effect, created_at) values ('it-rpo', 'IT', 'Registro', 'annul_consent', now())`,
  `insert into dnc_hit (lead_id, list_id, since, release_id) select id, 'it-rpo', now(), gen_random_uuid() from lead`,
  'vacuum analyze',
];

/** How PostgreSQL goes about what a piece of work asks. */
async function plansOf(work: (db: Db) => Promise<unknown>): Promise<string[]> {
  sent = [];
  await db.transaction().execute(work);
  const asked = sent.filter(({ sql: text }) => /^\s*(select|with|update|insert|delete)\b/i.test(text));
  const plans: string[] = [];
  for (const { sql: text, parameters } of asked) {
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${text}`, [...parameters]);
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
  }
  return plans;
}

const lease = () => ({ endpointId, lease: newId() });
const now = () => new Date();

describe('no large table is read as a whole', () => {
  it.each<[string, (db: Db) => Promise<unknown>]>([
    ['for the deliveries whose turn it is', (tx) => findDue(tx, lease(), [newId()], now(), 12)],
    ['for the next moment at which one is due', (tx) => nextDueAt(tx, endpointId)],
    ['to count what waits, up to a bound', (tx) => countWaiting(tx, endpointId, 100)],
    ['to give up what has waited too long', (tx) => giveUp(tx, endpointId, now(), now(), 100)],
    ['to put a failed delivery off', (tx) => recordFailed(
      tx, lease(), { id: newId(), type: 'lead.acquired', leadId: leadIds[0]!, factId: newId(), at: now(), words: {}, tried: 0 },
      { isDelivered: false, failure: 'refused', status: 500, retryAfterMs: null }, now(), now(),
    )],
    ['to publish', (tx) => publishHeld(tx, leadIds.map((leadId) => ({ type: 'lead.acquired', leadId, factId: newId(), at: now() })), now())],
    ['to see whether somebody has been answered since', (tx) => latestClearance(tx, newId())],
    ['for statements that nobody has looked at', (tx) => statementsNotLookedAt(tx, now(), 50)],
    ['to take what waits for somebody', (tx) => takeWaitingStatements(tx, keys)],
    ['to know people by number, address or reference', async (tx) => {
      await tokensOfNumbers(tx, keys);
      await tokensOfEmails(tx, { emails: keys });
      await tokensOfReferences(tx, { references: keys });
    }],
    ['to ask about leads whose numbers may be reassigned', (tx) => askAbout(tx, leadIds, { by: 'clearance', at: now(), notSince: now() })],
    ['for leads to be asked about ahead', (tx) => leadsToAskAhead(tx, { jurisdictions: ['US'], reportedAt: now(), notSince: now(), before: newId() }, 3)],
    ['for the lead that is due longest', (tx) => oldestDue(tx, now())],
    ['for entries in registers that annul', (tx) => annulConsents(tx, leadIds, now())],
    ['for the leads whose consents leave next', (tx) => leadsWithConsents(tx, leadIds[0]!, 3)],
    ['for the events of a lead that leave next', (tx) => consentEventsOf(tx, leadIds, { lead_id: leadIds[0]!, happened_at: new Date(AT), id: newId() }, 3)],
    ['for what consents of a file are seen with', async (tx) => {
      await consentFactsOf(tx, leadIds, leadIds.map((leadId) => ({ leadId, version: '1' })));
      await consentLedgers(tx, leadIds);
    }],
  ])('%s', async (_title, work) => {
    const plans = await plansOf(work);
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) {
      expect(plan).toMatch(/Index/);
      expect(plan).not.toMatch(new RegExp(`Seq Scan on (${LARGE})\\b`));
    }
  });
});
