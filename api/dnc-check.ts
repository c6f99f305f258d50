import { z } from 'zod';
import { isAnyInForce } from '../db/list-registrations.ts';
import { numbersOfLines, numbersOfTexts, type AskedNumbers } from '../dnc/asked-numbers.ts';
import { currentlyListed, listedAsOf, type Listing } from '../dnc/look-up.ts';
import { ROW_REFUSALS } from '../dnc/parsing/row-refusal.ts';
import { DomainError } from '../domain/problem.ts';
import type { ApiContext } from './context.ts';
import { listId, requireList } from './dnc-lists.ts';
import { answeredInstant, instant, text, uuid } from './fields.ts';
import { readBytes } from './json-body.ts';
import { LIMITS } from './limits.ts';
import { requirePast } from './past.ts';
import { LIST_CHECKERS } from './roles.ts';
import { route } from './route.ts';

const LINES = 'text/plain';
const MOST_NAMED = 50;

const which = {
  list: listId.optional().meta({ description: 'Only this one; its country is then where numbers without a plus are dialled' }),
  asOf: instant.optional().meta({ description: 'By the newest releases up to this moment; left out: those in force' }),
};

const checkBody = z
  .strictObject({ phones: z.array(text(100)).min(1).max(LIMITS.numbersChecked), ...which })
  .meta({ id: 'ListCheck' });

const checkAnswer = z
  .object({
    items: z.array(z.object({
      listed: z.boolean(),
      lists: z.array(z.object({ list: z.string(), releaseId: uuid, asOf: answeredInstant })).meta({ description: 'The lists that it is on' }),
    })).meta({ description: 'In the order asked' }),
  })
  .meta({ id: 'ListCheckAnswer' });

const check = route({
  method: 'post',
  path: '/v1/dnc/check',
  operation: 'checkNumbers',
  tag: 'Do-not-call lists',
  summary: 'Which numbers are on a list?',
  description:
    'Up to 10,000 numbers as JSON, or with `text/plain` up to 200,000, one on each line; then the answer has a line for each, `1` or `0`, and `list` ' +
    'and `asOf` are parameters of the query. Says what lists say and nothing else: whether somebody may be called is for a clearance.',
  roles: LIST_CHECKERS,
  query: z.strictObject(which),
  body: checkBody,
  streams: [LINES],
  answers: { 200: { description: 'An answer for each number', schema: checkAnswer, type: LINES } },
  problems: ['invalid_phone', 'unknown_list', 'list_not_in_force'],
  async handle(context, { query, body, request }) {
    // A body of lines has not been read yet.
    const asked = body === undefined ? { ...query } : { ...query, ...body };
    if (asked.asOf) requirePast(asked.asOf, body === undefined ? '?asOf' : '/asOf', context.now());
    const scope = await scopeOf(context, asked);
    if (body !== undefined) {
      const found = await look(context, readable(numbersOfTexts(body.phones, scope.country), (place) => `/phones/${place}`), scope);
      return { status: 200, json: itemsText(found) };
    }
    const lines = await readBytes(request, LIMITS.linesBytes);
    const numbers = readable(numbersOfLines(lines, scope.country, LIMITS.linesChecked), (place) => `line:${place + 1}`);
    return { status: 200, content: { type: LINES, data: await answerLines(context, numbers, scope) } };
  },
});

export const dncCheckRoutes = [check];

interface Scope {
  list: string | null;
  country: string | null;
  asOf: Date | null;
}

async function scopeOf(
  { db }: ApiContext, { list, asOf }: { list?: string | undefined; asOf?: Date | undefined },
): Promise<Scope> {
  const registered = list === undefined ? null : await requireList(db, list);
  const isInForce = registered ? registered.release !== null : await isAnyInForce(db);
  if (!isInForce) throw new DomainError('list_not_in_force', 'A list without a release in force can say nothing; send one first.');
  return { list: registered?.id ?? null, country: registered?.jurisdiction.slice(0, 2) ?? null, asOf: asOf ?? null };
}

/** The numbers, if all of them could be read; refuses them by their places, not one with what it says. */
function readable({ numbers, refusals, tooMany }: AskedNumbers, pointerTo: (place: number) => string): number[] {
  if (tooMany) {
    const detail = `must be at most ${LIMITS.linesChecked} lines`;
    throw new DomainError('invalid_request', 'Ask about fewer numbers at once.', [{ pointer: '', code: 'too_long', detail }]);
  }
  if (refusals.length === 0) return numbers;
  const parts = refusals.slice(0, MOST_NAMED).map(({ place, code }) => {
    return { pointer: pointerTo(place), code, detail: ROW_REFUSALS[code] };
  });
  throw new DomainError('invalid_phone', 'Send numbers in E.164, or name a list to have them read as they are dialled in its country.', parts);
}

async function look({ db }: ApiContext, numbers: readonly number[], { list, asOf }: Scope): Promise<Listing[][]> {
  if (asOf) return listedAsOf(db, numbers, { asOf, ...(list === null ? {} : { list }) });
  return currentlyListed(db, numbers, list === null ? undefined : [list]);
}

/** A part at a time: others get their turn in between, and no more blocks than those of one part are read at once. */
async function answerLines(context: ApiContext, numbers: readonly number[], scope: Scope): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let first = 0; first < numbers.length; first += LIMITS.numbersChecked) {
    parts.push(linesOf(await look(context, numbers.slice(first, first + LIMITS.numbersChecked), scope)));
  }
  return Buffer.concat(parts);
}

const NO = 0x30;
const YES = 0x31;
const LINE_FEED = 0x0a;

/** A line for each number. */
function linesOf(found: readonly (readonly Listing[])[]): Buffer {
  const data = Buffer.alloc(2 * found.length, LINE_FEED);
  for (let place = 0; place < found.length; place += 1) data[2 * place] = found[place]?.length === 0 ? NO : YES;
  return data;
}

/** The same as JSON. Numbers on the same lists share an answer, which is written once. */
function itemsText(found: readonly (readonly Listing[])[]): string {
  const texts = new Map<readonly Listing[], string>();
  return `{"items":[${found.map((lists) => {
    const text = texts.get(lists) ?? JSON.stringify(itemOf(lists));
    texts.set(lists, text);
    return text;
  }).join()}]}`;
}

function itemOf(lists: readonly Listing[]) {
  const shown = lists.map(({ list, releaseId, asOf }) => ({ list, releaseId, asOf }));
  return { listed: lists.length > 0, lists: shown };
}
