import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived, with what matters of it taken apart. */
export interface ArrivedMail {
  to: string[];
  raw: string;
  subject: string;
  messageId: string;
  header(name: string): string | undefined;
  /** The plain text, decoded. */
  text: string;
  /** The links in it, by the page that they lead to. */
  links: { confirm: string; preferences: string; requests: string };
  /** Eight digits that stand by themselves, without their space. */
  code: string;
}

export interface MailServer {
  url: string;
  mails: ArrivedMail[];
  close(): Promise<void>;
}

interface Behaviour {
  /** Called when a mail is complete and before the sender is told that it was taken; throws to refuse it. */
  beforeTaking?: (mail: ArrivedMail) => void | Promise<void>;
  /** Throws to refuse a recipient. */
  onRecipient?: (address: string) => void;
}

/** A real SMTP server on this machine that keeps what it is sent. */
export async function startMailServer({ beforeTaking, onRecipient }: Behaviour = {}): Promise<MailServer> {
  const mails: ArrivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      try {
        onRecipient?.(address);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        const mail = takeApart(Buffer.concat(chunks).toString('utf8'), session.envelope.rcptTo.map(({ address }) => address));
        Promise.resolve().then(() => beforeTaking?.(mail)).then(() => {
          mails.push(mail);
          done();
        }, (error: unknown) => done(error as Error));
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Refuses with a reply code, as SMTP has them. */
export function smtpRefusal(responseCode: number): Error {
  return Object.assign(new Error('refused'), { responseCode });
}

function takeApart(raw: string, to: string[]): ArrivedMail {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
  const text = decoded(/Content-Type: text\/plain[^]*?(?=\r\n--)/.exec(raw)?.[0] ?? '');
  const link = (page: string) => new RegExp(`https?://\\S+/${page}/[\\w-]+`).exec(text)?.[0] ?? '';
  return {
    to, raw, header, text, subject: header('Subject') ?? '', messageId: header('Message-ID') ?? '',
    links: { confirm: link('confirm'), preferences: link('preferences'), requests: link('requests') },
    code: /^(\d{4}) (\d{4})\r?$/m.exec(text)?.slice(1).join('') ?? '',
  };
}

function decoded(part: string): string {
  const [head = '', ...rest] = part.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
