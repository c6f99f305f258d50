import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig, temporalConnectionOptions } from '../config.ts';
import { runFolder } from './setup/suite.ts';

const SHIFTED = { LEADWARDEN_TIME_SHIFT: 'P18M' };

describe('the environment', () => {
  it('may be empty, or say nothing by an empty value', () => {
    expect(loadConfig({}).relay).toEqual({ rate: 100, rateDuringImport: 0.2 });
    expect(loadConfig({ PORT: '', LOG_LEVEL: '' })).toMatchObject({ port: undefined, logLevel: 'info' });
  });

  it('is refused with all that is wrong at once, and without the values, which may be secrets', () => {
    const wrong = { PORT: 'http', DATABASE_URL: 'mysql://root:hunter2@db/x', LEADWARDEN_TIME_SHIFT: '18 months' };
    expect(() => loadConfig(wrong)).toThrow(/PORT[^]*DATABASE_URL|DATABASE_URL[^]*PORT/);
    expect(() => loadConfig(wrong)).toThrow(/LEADWARDEN_TIME_SHIFT/);
    expect(() => loadConfig(wrong)).not.toThrow(/hunter2|18 months/);
  });
});

describe('a variable that names the file of a secret', () => {
  const PEM = {
    certificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    key: '-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----',
  };
  const fileOf = (content: string) => {
    const file = join(runFolder(), `secret-${randomUUID()}`);
    writeFileSync(file, content);
    return file;
  };
  const FILES = ['DATABASE_PASSWORD_FILE', 'SMTP_PASSWORD_FILE', 'TEMPORAL_TLS_CERT', 'TEMPORAL_TLS_KEY', 'TEMPORAL_TLS_CA'];
  const problemsOf = (environment: Record<string, string>) => {
    try {
      loadConfig(environment);
    } catch (error) {
      return (error as Error).message.split('\n').slice(1);
    }
    return [];
  };

  it.each([
    ['is not there', () => join(runFolder(), 'no-such-secret'), 'there is none by that name'],
    ['lies below a file', () => join(fileOf('x'), 'secret'), 'there is none by that name'],
    ['is a folder', () => runFolder(), 'that is a folder'],
    ['is empty', () => fileOf(' \n'), 'it is empty'],
  ])('says by its name, together with all others, that the file %s', (_, make, words) => {
    const file = make();
    const problems = problemsOf({ PORT: '70000', ...Object.fromEntries(FILES.map((name) => [name, file])) });
    const expected = FILES.map((name) => `  ${name}: must name a file that can be read and holds something: ${words}`);
    expect(problems.sort()).toEqual([...expected, '  PORT: must be at most 65535'].sort());
  });

  it.each([
    ['TEMPORAL_TLS_CERT', 'key', 'certificate'],
    ['TEMPORAL_TLS_CA', 'key', 'certificate'],
    ['TEMPORAL_TLS_KEY', 'certificate', 'private key'],
  ] as const)('says for %s that a %s is not a %s', (name, given, asked) => {
    const [certificate, key] = [fileOf(PEM.certificate), fileOf(PEM.key)];
    const problems = problemsOf({ TEMPORAL_TLS_CERT: certificate, TEMPORAL_TLS_KEY: key, [name]: given === 'key' ? key : certificate });
    expect(problems).toEqual([`  ${name}: must name a file with a ${asked} in PEM: it holds something else`]);
  });

  it.each([
    ['TEMPORAL_TLS_KEY', { TEMPORAL_TLS_CERT: PEM.certificate }, 'TEMPORAL_TLS_CERT'],
    ['TEMPORAL_TLS_CERT', { TEMPORAL_TLS_KEY: PEM.key }, 'TEMPORAL_TLS_KEY'],
  ])('is asked for as %s by the other half of it', (missing, given, other) => {
    const files = Object.fromEntries(Object.entries(given).map(([name, content]) => [name, fileOf(content)]));
    expect(problemsOf(files)).toEqual([`  ${missing}: is needed where ${other} is set`]);
  });

  it('is how Temporal gets to see certificates, and mail servers a password', () => {
    const [TEMPORAL_TLS_CERT, TEMPORAL_TLS_KEY] = [fileOf(PEM.certificate), fileOf(`${PEM.key}\n`)];
    const [crt, key] = [Buffer.from(PEM.certificate), Buffer.from(PEM.key)];
    const config = loadConfig({ TEMPORAL_TLS_CERT, TEMPORAL_TLS_KEY, TEMPORAL_TLS_CA: TEMPORAL_TLS_CERT });
    expect(temporalConnectionOptions(config)).toEqual({ address: '127.0.0.1:7233', tls: { clientCertPair: { crt, key }, serverRootCACertificate: crt } });
    expect(temporalConnectionOptions(loadConfig({ TEMPORAL_API_KEY: 'k' }))).toEqual({ address: '127.0.0.1:7233', tls: {}, apiKey: 'k' });
    expect(temporalConnectionOptions(loadConfig({}))).toEqual({ address: '127.0.0.1:7233' });
    const mail = { SMTP_URL: 'smtp://acme@mail.example.com', MAIL_FROM: 'consent@acme.example', SMTP_PASSWORD_FILE: fileOf('p@ss\n') };
    expect(loadConfig(mail).messaging).toMatchObject({ smtpUrl: 'smtp://acme:p%40ss@mail.example.com' });
  });
});

describe('a value that cannot be', () => {
  it.each([
    ['PORT', 'abc', 'must be a number'],
    ['PORT', '1.5', 'must be a whole number'],
    ['PORT', '70000', 'must be at most 65535'],
    ['PORT', '1e30', 'must be at most 65535'],
    ['PORT', '-1e30', 'must be at least 0'],
    ['PROXY_HOPS', '-1', 'must be at least 0'],
    ['RELAY_RATE', '0', 'must be more than 0'],
    ['RELAY_RATE', '1e400', 'must be a number'],
    ['WEBHOOK_PRIVATE', 'true', 'must be one of: yes, no'],
    ['PUBLIC_URL', 'consent.acme.example', 'must be an address, such as https://host.example.com'],
    ['TEMPORAL_UI', 'javascript:alert(1)', 'must be an address, such as https://host.example.com'],
    ['DATABASE_URL', 'localhost:5432', 'must be an address, such as postgres://user@host:5432/database'],
    ['LEADWARDEN_TIME_SHIFT', '18 months', 'must be an ISO 8601 duration, such as P18M'],
  ])('for %s, as %s, is answered in words that say what would do', (name, value, words) => {
    expect(() => loadConfig({ [name]: value })).toThrow(new Error(`The environment cannot be used as it is:\n  ${name}: ${words}`));
  });

  it('is not made a nought of blanks, which say as little as nothing', () => {
    expect(loadConfig({ BACKUP_TARGET: '/backups', BACKUP_KEEP_DAYS: ' ', KEY_ROTATION_DAYS: '\t' })).toMatchObject({ backupKeepDays: 30, keyRotationDays: 90 });
  });
});

describe('the store that protects the keys', () => {
  it('is none unless one is named, and then has to be described', () => {
    expect(loadConfig({}).keyStore).toEqual({ kind: 'file' });
    expect(() => loadConfig({ KEY_STORE: 'transit' })).toThrow(/TRANSIT_URL[^]*TRANSIT_KEY[^]*TRANSIT_TOKEN_FILE/);
    expect(() => loadConfig({ KEY_STORE: 'aws-kms' })).toThrow(/AWS_KMS_KEY/);
    const transit = { KEY_STORE: 'transit', TRANSIT_URL: 'https://vault.example.com:8200/', TRANSIT_KEY: 'leadwarden', TRANSIT_TOKEN_FILE: '/run/token' };
    expect(loadConfig(transit).keyStore).toMatchObject({ url: 'https://vault.example.com:8200', mount: 'transit', key: 'leadwarden' });
    expect(loadConfig({ KEY_STORE: 'aws-kms', AWS_KMS_KEY: 'alias/leadwarden' }).keyStore).toMatchObject({ kind: 'aws-kms', key: 'alias/leadwarden', region: undefined });
  });
});

describe('shifting the clock for a rehearsal', () => {
  it.each([
    SHIFTED,
    { ...SHIFTED, DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/d' },
    { ...SHIFTED, DATABASE_URL: 'postgresql://localhost/d', TEMPORAL_ADDRESS: 'localhost:7233' },
    { ...SHIFTED, DATABASE_URL: 'postgres://u@[::1]/d', TEMPORAL_ADDRESS: '[::1]:7233' },
    { ...SHIFTED, DATABASE_URL: 'postgres://u@localhost/d?host=/var/run/postgresql' },
    { ...SHIFTED, LEADWARDEN_ARCHIVE: 's3://archive', ARCHIVE_S3_ENDPOINT: 'http://127.0.0.1:7070' },
    { DATABASE_URL: 'postgres://db.example.com/d', TEMPORAL_ADDRESS: 'temporal.example.com:7233' },
  ])('is allowed where the store is on this machine, and nothing is asked where it is not shifted: %j', (environment) => {
    expect(() => loadConfig(environment)).not.toThrow();
  });

  it.each([
    ['DATABASE_URL', { ...SHIFTED, DATABASE_URL: 'postgres://db.example.com/d' }],
    ['DATABASE_URL', { ...SHIFTED, DATABASE_URL: 'postgres://localhost/d?host=db.example.com' }],
    ['DATABASE_URL', { ...SHIFTED, DATABASE_URL: 'postgres://localhost.example.com/d' }],
    ['LEADWARDEN_ARCHIVE', { ...SHIFTED, LEADWARDEN_ARCHIVE: 's3://archive' }],
    ['LEADWARDEN_ARCHIVE', { ...SHIFTED, LEADWARDEN_ARCHIVE: 's3://archive/a', ARCHIVE_S3_ENDPOINT: 'https://objects.example.com' }],
    ['TEMPORAL_ADDRESS', { ...SHIFTED, TEMPORAL_ADDRESS: 'ns.a1b2c.tmprl.cloud:7233' }],
  ])('is refused where %s names another machine', (variable, environment) => {
    expect(() => loadConfig(environment)).toThrow(new RegExp(`${variable}: may be a real store`));
  });
});

describe('a database of reassigned numbers', () => {
  it('is asked where one is named, and by no rehearsal', () => {
    const named = { REASSIGNED_URL: 'https://rnd.example.com/query', REASSIGNED_PER_SECOND: '0.5' };
    expect(loadConfig(named).reassigned).toMatchObject({ url: 'https://rnd.example.com/query', perSecond: 0.5, timeoutMs: 20_000, allowsPrivate: false });
    expect(loadConfig({ ...named, ...SHIFTED }).reassigned.url).toBeNull();
    expect(loadConfig({}).reassigned.url).toBeNull();
  });
});

describe('the journal', () => {
  it('of a rehearsal is never that of the store', () => {
    expect(loadConfig({ LEADWARDEN_JOURNAL: '/journal' }).journalFolder).toBe('/journal');
    expect(loadConfig({ LEADWARDEN_JOURNAL: '/journal', LEADWARDEN_HOME: '/home', ...SHIFTED }).journalFolder).toBe('/home/journal-of-rehearsals');
  });
});

describe('the place of the archive', () => {
  it.each([
    ['/var/archive', { folder: '/var/archive' }],
    ['s3://leads', { bucket: 'leads', prefix: '', region: 'us-east-1', endpoint: undefined, credentialsFile: undefined }],
    ['s3://leads/a/b', { bucket: 'leads', prefix: 'a/b/' }],
    ['s3://leads/a/', { bucket: 'leads', prefix: 'a/' }],
  ])('may be %s', (place, archive) => {
    expect(loadConfig({ LEADWARDEN_ARCHIVE: place }).archive).toMatchObject(archive);
  });

  it('is a folder of the home, when none is named', () => {
    expect(loadConfig({ LEADWARDEN_HOME: '/srv/leads' }).archive).toEqual({ folder: '/srv/leads/archive' });
  });

  it.each(['s3:', 's3://', 's3:leads', 's3://Leads', 's3://-'])('is not %s', (place) => {
    expect(() => loadConfig({ LEADWARDEN_ARCHIVE: place })).toThrow(/LEADWARDEN_ARCHIVE: must be a folder/);
  });
});

describe('the way in which persons are written to', () => {
  const SMTP = { SMTP_URL: 'smtp://mail.example.com:587', MAIL_FROM: 'Acme <consent@acme.example>' };

  it.each([
    ['the log', {}, { adapter: 'log' }],
    ['the CRM', { CONFIRMATION_ADAPTER: 'crm', ...SMTP }, { adapter: 'crm' }],
    ['mail, where there is a server', SMTP, { adapter: 'smtp', mailFrom: SMTP.MAIL_FROM, publicUrl: 'http://127.0.0.1:8080' }],
    ['mail with pages elsewhere', { ...SMTP, PUBLIC_URL: 'https://consent.acme.example' }, { adapter: 'smtp', publicUrl: 'https://consent.acme.example' }],
    ['the log in spite of a server', { ...SMTP, CONFIRMATION_ADAPTER: 'log' }, { adapter: 'log' }],
  ])('is %s', (_, environment, expected) => {
    expect(loadConfig(environment).messaging).toMatchObject(expected);
  });

  it.each([
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.com' }],
    ['SMTP_URL', { CONFIRMATION_ADAPTER: 'smtp', MAIL_FROM: 'consent@acme.example' }],
    ['SMTP_URL', { ...SMTP, SMTP_URL: 'https://mail.example.com' }],
    ['MAIL_FROM', { ...SMTP, MAIL_FROM: 'Acme <consent@acme.example>\r\nBcc: everybody@example.com' }],
  ])('is refused without a usable %s', (variable, environment) => {
    expect(() => loadConfig(environment)).toThrow(new RegExp(variable));
  });
});
