import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpsFetcher, type DownloadLimits, type DownloadSource } from '../../activities/fetching/https-fetcher.ts';
import { file, lying, startRegistry, status, type RegistryServer } from './registry-server.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const MODIFIED = 'Mon, 23 Nov 2026 04:00:00 GMT';
const BODY = '2025550100\n'.repeat(20_000);
const TAGGED = { etag: '"one"', 'last-modified': MODIFIED };

let registry: RegistryServer;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const never = new AbortController().signal;

function fetcher(source: Partial<DownloadSource> = {}, limits: Partial<DownloadLimits> = {}, signal = never) {
  const asked = { url: registry.url, authorization: null, asOf: 'modified' as const, known: null, ...source };
  const allowed = { stallMs: 300, maxBytes: 10_000_000, resumeAfterMs: [5, 10], allowsPrivate: true, ...limits };
  return new HttpsFetcher(asked, allowed, () => NOW, signal);
}

async function take(source?: Partial<DownloadSource>, limits?: Partial<DownloadLimits>) {
  const found = await fetcher(source, limits).next();
  return found && { ...found, content: await text(found.body) };
}

describe('a download', () => {
  it('is the file as of when the server says it was made, and is named by what the server calls it', async () => {
    registry.answer(file(BODY, TAGGED));
    const once = fetcher();
    const found = await once.next();
    expect(await text(found!.body)).toBe(BODY);
    expect(found).toMatchObject({ asOf: new Date(MODIFIED), validators: { etag: '"one"', lastModified: MODIFIED } });
    expect(await once.next()).toBeNull();
  });

  it('is as of now where the server does not say, where it says the future, and where it is asked to be', async () => {
    registry.answer(file(BODY));
    expect(await take()).toMatchObject({ asOf: NOW, validators: null });
    registry.answer(file(BODY, { ...TAGGED, 'last-modified': 'Mon, 23 Nov 2027 04:00:00 GMT' }));
    expect(await take()).toMatchObject({ asOf: NOW });
    registry.answer(file(BODY, TAGGED));
    expect(await take({ asOf: 'fetched', known: { etag: '"one"', lastModified: MODIFIED } })).toMatchObject({ asOf: NOW, validators: null });
    expect(registry.asked[0]?.headers['if-none-match']).toBeUndefined();
  });

  it('is not made again as long as the file is the same', async () => {
    registry.answer(status(304));
    expect(await take({ known: { etag: '"one"', lastModified: MODIFIED } })).toBeNull();
    expect(registry.asked[0]?.headers).toMatchObject({ 'if-none-match': '"one"', 'if-modified-since': MODIFIED });
  });

  it('brings its credentials', async () => {
    registry.answer(file(BODY));
    await take({ authorization: 'Bearer secret' });
    expect(registry.asked[0]?.headers.authorization).toBe('Bearer secret');
  });

  it('may come slowly, in pieces without a length', async () => {
    registry.answer((_request, response) => {
      response.writeHead(200);
      void (async () => {
        for (let piece = 0; piece < 10; piece += 1) {
          response.write('2025550100\n');
          await sleep(60);
        }
        response.end();
      })();
    });
    expect((await take())?.content).toBe('2025550100\n'.repeat(10));
  });

  it('follows to another address of the same host', async () => {
    registry.answer(status(302, { location: '/today.txt' }), file(BODY));
    expect((await take())?.content).toBe(BODY);
    expect(registry.asked[1]?.url).toBe('/today.txt');
  });
});

describe('a download that breaks', () => {
  it('is taken up where it was cut off', async () => {
    registry.answer(lying(BODY.length, BODY.slice(0, 500), 'hangs up', TAGGED), file(BODY, TAGGED));
    expect((await take({ authorization: 'Bearer secret' }))?.content).toBe(BODY);
    expect(registry.asked[1]?.headers).toMatchObject({ range: 'bytes=500-', 'if-range': '"one"', authorization: 'Bearer secret' });
  });

  it('is taken up after a stall', async () => {
    registry.answer(lying(BODY.length, BODY.slice(0, 500), 'stalls', TAGGED), file(BODY, TAGGED));
    expect((await take())?.content).toBe(BODY);
  });

  it.each([
    ['is given up when it never comes whole', [lying(900, 'short', 'hangs up', TAGGED), status(503)], 'busy'],
    ['is not guessed on where the file has no name', [lying(900, 'short', 'hangs up')], 'cut_off'],
    ['is not mixed with another file', [lying(900, 'short', 'hangs up', TAGGED), file('x'.repeat(900))], 'changed_meanwhile'],
    ['is not mixed with a file of another length', [lying(900, 'short', 'hangs up', TAGGED), file('x'.repeat(901), TAGGED)], 'changed_meanwhile'],
    ['is cut off, and not another file, where the server begins again from its beginning',
      [lying(900, 'short', 'hangs up', TAGGED), status(200, TAGGED)], 'cut_off'],
    ['is not waited for for ever', [lying(900, 'short', 'stalls')], 'stalled'],
    ['is not believed when more comes than was said', [lying(5, 'short', 'goes on')], 'length_wrong'],
    ['is not believed when more comes at once', [lying(3, 'short', 'stalls')], 'length_wrong'],
    ['is not mixed with a file of another name', [lying(900, 'short', 'hangs up', TAGGED), file('x'.repeat(900), { etag: '"two"' })], 'changed_meanwhile'],
  ])('%s', async (_title, replies, code) => {
    registry.answer(...replies);
    await expect(take()).rejects.toMatchObject({ code, isPassing: true });
  });

  it('ends at once when it is told to', async () => {
    registry.answer(lying(900, 'short', 'stalls', TAGGED));
    const stopping = new AbortController();
    const found = await fetcher({}, { stallMs: 60_000 }, stopping.signal).next();
    setTimeout(() => stopping.abort(new Error('stop')), 30);
    await expect(text(found!.body)).rejects.toThrow('stop');
  });
});

describe('an answer that is no file', () => {
  it.each([
    [401, {}, 'credentials_refused', false],
    [403, {}, 'credentials_refused', false],
    [404, {}, 'refused', false],
    [416, {}, 'refused', false],
    [500, {}, 'busy', true],
    [429, { 'retry-after': '7' }, 'busy', true],
    [301, { location: 'https://elsewhere.example/list.txt' }, 'redirect_refused', false],
    [307, { location: '/list.txt' }, 'redirect_refused', false],
    [200, { 'content-type': 'text/html' }, 'not_a_file', false],
  ])('with status %i %j is %s', async (code, headers, problem, isPassing) => {
    registry.answer(status(code, headers));
    await expect(take()).rejects.toMatchObject({ code: problem, isPassing, retryAfterMs: 'retry-after' in headers ? 7_000 : null });
  });

  it('is one whose end could not be told', async () => {
    registry.answer((_request, _response, socket) => socket.end('HTTP/1.0 200 OK\r\n\r\n2025550100\n'));
    await expect(take()).rejects.toMatchObject({ code: 'length_unknown' });
  });

  it('is one that is larger than allowed, whether it says so or not', async () => {
    registry.answer(file(BODY));
    await expect(take({}, { maxBytes: 1_000 })).rejects.toMatchObject({ code: 'too_large' });
    registry.answer((_request, response) => response.writeHead(200).end(BODY));
    await expect(take({}, { maxBytes: 1_000 })).rejects.toMatchObject({ code: 'too_large' });
  });

  it('is none at all', async () => {
    registry.answer((_request, _response, socket) => socket.destroy());
    await expect(take()).rejects.toMatchObject({ code: 'unreachable', isPassing: true });
  });
});

describe('an address', () => {
  it.each([
    ['http://registry.example/list', true],
    ['http://127.0.0.1/list', false],
    ['https://127.0.0.1/list', false],
    ['https://localhost/list', false],
    ['https://10.0.0.7/list', false],
    ['https://[::1]/list', false],
    ['https://[::ffff:192.168.0.1]/list', false],
    ['https://0x7f.1/list', false],
    ['https://169.254.169.254/list', true],
    ['https://user:secret@registry.example/list', true],
    ['ftp://registry.example/list', true],
  ])('like %s is not asked (private ones allowed: %s)', async (url, allowsPrivate) => {
    await expect(take({ url: new URL(url) }, { allowsPrivate })).rejects.toMatchObject({ code: 'address_refused' });
  });
});
