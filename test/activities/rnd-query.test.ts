import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProviderFailure } from '../../activities/questioning/provider-failure.ts';
import { RndQuery } from '../../activities/questioning/rnd-query.ts';
import { json, nothing, raw, startCertificateServer, type Answer, type CertificateServer } from './certificate-server.ts';

const QUESTION = { phone: '+12025550143', since: '2026-02-11' };
const SAID = { tn: '2025550143', date: '2026-02-11' };
const LIMITS = { allowsPrivate: true, timeoutMs: 300 };

let server: CertificateServer;
beforeAll(async () => {
  server = await startCertificateServer();
});
afterAll(() => server.close());

const database = (limits = LIMITS) => new RndQuery({ url: `${server.url}/query`, authorization: 'Bearer token-1' }, limits);

/** What came of asking: the answer, or why there is none. */
async function ask(answer: Answer, limits = LIMITS, question = QUESTION): Promise<string> {
  server.answer(answer);
  return database(limits).ask(question, new AbortController().signal).catch((error: unknown) => {
    return error instanceof ProviderFailure ? `${error.code}${error.isPassing ? ', passing' : ''}` : String(error);
  });
}

const said = (disconnected: unknown, changes: object = {}) => json({ tnList: [{ ...SAID, disconnected, ...changes }] });
const halfAnswer: Answer = (response) => void response.writeHead(200, { 'content-length': '100' }).write('{"tnList":[', () => response.destroy());
/** Sends a byte now and then, and never comes to an end. */
const trickle: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const dripping = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(dripping));
};

describe('a database of reassigned numbers', () => {
  it('is asked by one POST with digits, day and credentials, and no number in the address', async () => {
    expect(await ask(said('no'))).toBe('no');
    const [question] = server.asked;
    expect([question?.method, question?.url]).toEqual(['POST', '/query']);
    expect(question?.headers).toMatchObject({ 'authorization': 'Bearer token-1', 'content-type': 'application/json' });
    expect(JSON.parse(question?.body ?? '')).toEqual({ tnList: [SAID] });
  });

  it.each<[string, Answer, string]>([
    ['a number that was given up', said('yes'), 'yes'],
    ['a number of which nothing is known', said('no_data'), 'no_data'],
    ['the same in the words of the FCC', said('No Data'), 'no_data'],
    ['a 200 with an error inside', json({ error: 'quota exceeded for 2025550143' }), 'busy, passing'],
    ['a 200 with errors inside, beside an answer', json({ errors: ['try later'], tnList: [{ ...SAID, disconnected: 'no' }] }), 'busy, passing'],
    ['an answer about another number', said('no', { tn: '2025550144' }), 'unreadable_answer, passing'],
    ['an answer about another day', said('no', { date: '2026-11-01' }), 'unreadable_answer, passing'],
    ['two answers that differ', json({ tnList: [{ ...SAID, disconnected: 'no' }, { ...SAID, disconnected: 'yes' }] }), 'unreadable_answer, passing'],
    ['an answer that is none', said('maybe'), 'unreadable_answer, passing'],
    ['no word', said(undefined), 'unreadable_answer, passing'],
    ['a truth value, which could mean either', said(false), 'unreadable_answer, passing'],
    ['nobody', json({ tnList: [] }), 'unreadable_answer, passing'],
    ['a list that is none', json({ tnList: 'no' }), 'unreadable_answer, passing'],
    ['entries that are none', json({ tnList: [null, 'no'] }), 'unreadable_answer, passing'],
    ['a page', raw(200, '<html>maintenance</html>'), 'unreadable_answer, passing'],
    ['half of it', halfAnswer, 'unreachable, passing'],
    ['byte by byte', trickle, 'stalled, passing'],
    ['silence', nothing, 'stalled, passing'],
    ['a server that is overloaded', raw(503, ''), 'busy, passing'],
    ['a wrong token', raw(401, ''), 'credentials_refused'],
    ['an account that has used up its questions', raw(402, ''), 'credentials_refused'],
    ['a question that is not understood', raw(422, ''), 'refused'],
    ['an address without a database', json({}, 404), 'refused'],
    ['a redirect', raw(302, '', { location: 'https://elsewhere.example/' }), 'refused'],
  ])('answers %s, which is taken for what it is', async (_, answer, wanted) => {
    expect(await ask(answer)).toBe(wanted);
  });

  it('says for how long it wants to be left alone', async () => {
    server.answer(raw(429, '', { 'retry-after': '7' }));
    await expect(database().ask(QUESTION, new AbortController().signal)).rejects.toMatchObject({ code: 'busy', retryAfterMs: 7_000 });
  });

  it.each(['+442079460000', '+120255501', '2025550143'])('is not asked about %s, of which it knows nothing', async (phone) => {
    expect(await ask(said('no'), LIMITS, { ...QUESTION, phone })).toBe('not_covered');
    expect(server.asked).toEqual([]);
  });

  it('is not asked at an address inside of the house, unless that is allowed', async () => {
    expect(await ask(said('no'), { ...LIMITS, allowsPrivate: false })).toBe('address_refused');
    expect(server.asked).toEqual([]);
  });

  it('says nothing of the number when it fails', async () => {
    server.answer(json({ error: 'quota exceeded for 2025550143' }));
    await expect(database().ask(QUESTION, new AbortController().signal)).rejects.not.toThrow(/2025550143/);
  });
});
