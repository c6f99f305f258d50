import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { headerOf, type SignedRequest, type WebhookAdapter } from './adapter.ts';
import { isSignature } from './equal.ts';

/** `whatsapp:+1202...` and the like are of other networks; their numbers are the same. */
const CHANNEL_PREFIX = /^[a-z]+:(?=\+)/;

/**
 * Messages to a Twilio number, as forms signed with the account's auth token (HMAC-SHA1 over address and fields). The signature
 * holds no time: that a message is not taken twice is the doing of its MessageSid.
 */
export const twilio: WebhookAdapter = {
  createSecret: () => randomBytes(16).toString('hex'),
  faultOf: (secret) => (/^[\x21-\x7e]{5,128}$/.test(secret) ? null : 'must be the auth token of the account, 5 to 128 visible ASCII characters'),
  isGenuine(request, secret) {
    const signature = headerOf(request, 'x-twilio-signature');
    if (signature === null) return false;
    const [fields, key] = [signedFields(formOf(request)), createSecretKey(secret, 'utf8')];
    return spellingsOf(request.url)
      .map((url) => isSignature(signature, createHmac('sha1', key).update(url + fields).digest()))
      .includes(true);
  },
  mapping: {
    fields: { phone: 'From', statement: 'Body' },
    channel: 'sms',
    purpose: 'marketing',
    replies: { help: 'Reply STOP to get no more messages, START to get them again.' },
  },
  parse(request, { fields = {} }) {
    const form = formOf(request);
    const id = form.get('MessageSid') ?? form.get('SmsSid') ?? form.get('SmsMessageSid') ?? '';
    const at = (name: string | undefined) => (name === undefined ? undefined : form.get(name) ?? undefined);
    const phone = at(fields.phone)?.replace(CHANNEL_PREFIX, '');
    const keyword = form.get('OptOutType') ?? undefined;
    return [{ id, key: id, type: 'message', keyword, fields: { phone, statement: at(fields.statement), reference: at(fields.reference) } }];
  },
  answersTwiml: true,
};

function formOf({ body }: SignedRequest): URLSearchParams {
  return new URLSearchParams(body.toString('utf8'));
}

/** Names in order, each followed by its values; the same value twice counts once. */
function signedFields(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort();
  return names.map((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value).join('')).join('');
}

/** Twilio sometimes signs the port of an address and sometimes does not. */
function spellingsOf(url: string): string[] {
  const [, scheme = '', host = '', port, rest = ''] = /^(https?):\/\/([^/?#:]+|\[[^\]]+\])(?::(\d+))?(.*)$/.exec(url) ?? [];
  if (scheme === '') return [url];
  const usual = scheme === 'https' ? '443' : '80';
  return [...new Set([url, `${scheme}://${host}${rest}`, `${scheme}://${host}:${port ?? usual}${rest}`])];
}
