import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';
import { COMPOSE_SCHEMA } from './compose-schema.ts';

interface Service {
  image: string;
  user?: string;
  restart: string;
  command?: string | string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  secrets?: string[];
  configs?: { source: string }[];
  volumes?: string[];
  networks?: string[];
  ports?: string[];
  healthcheck?: { test?: string[]; disable?: boolean };
}

interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, object>;
  configs: Record<string, { file: string }>;
  secrets: Record<string, { file: string }>;
}

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const own = services.filter(([, { image }]) => image.startsWith('leadwarden:'));
const service = (name: string) => compose.services[name]!;
const validate = new Ajv({ allErrors: true }).compile(COMPOSE_SCHEMA);

/** Which store protects the keys, and what the protecting key is called there. */
const NAMES_OF_KEYS = new Set(['KEY_STORE', 'TRANSIT_KEY', 'AWS_KMS_KEY']);

describe('docker-compose.yml', () => {
  it('says only what Compose knows, and leaves out no protection of any service', () => {
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  it.each([
    { read_only: false },
    { cap_drop: ['NET_RAW'] },
    { security_opt: undefined },
    { privileged: true },
    { ports: ['8080:8080'] },
    { secrets: [] },
  ])('would not pass with %j', (change) => {
    const changed = JSON.parse(JSON.stringify({ ...compose, services: { ...compose.services, api: { ...service('api'), ...change } } }));
    expect(validate(changed)).toBe(false);
  });

  it('names nothing that it does not declare, and declares nothing that nobody uses', () => {
    const used = (pick: (each: Service) => string[] | undefined) => new Set(services.flatMap(([, each]) => pick(each) ?? []));
    expect(used((each) => each.secrets)).toEqual(new Set(Object.keys(compose.secrets)));
    expect(used((each) => each.configs?.map(({ source }) => source))).toEqual(new Set(Object.keys(compose.configs)));
    expect(used((each) => each.volumes?.map((volume) => volume.split(':')[0] ?? ''))).toEqual(new Set(Object.keys(compose.volumes)));
    expect(used((each) => each.networks ?? ['default'])).toEqual(new Set(Object.keys(compose.networks)));
    for (const { file } of Object.values(compose.configs)) expect(existsSync(join(ROOT, file))).toBe(true);
  });

  it.each(services)('pins the image of %s to one version', (_name, { image }) => {
    expect(image).toMatch(/^[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  it('publishes every port on this machine only', () => {
    const ports = services.flatMap(([, each]) => each.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('lets nobody reach PostgreSQL but those who keep something there', () => {
    expect(compose.networks.store?.internal).toBe(true);
    expect(service('postgres').networks).toEqual(['store']);
    expect(service('postgres').ports).toBeUndefined();
    const inside = services.filter(([, each]) => each.networks?.includes('store')).map(([name]) => name);
    expect(inside.sort()).toEqual(['api', 'migrate', 'postgres', 'temporal', 'temporal-schema', 'worker']);
  });

  it.each(own)('runs %s as a numbered user who is not root', (_name, { user }) => {
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it.each(own)('knows whether %s is well', (name, { healthcheck, restart }) => {
    const isJob = restart === 'on-failure';
    const byImage = healthcheck === undefined && name === 'api' && read('Dockerfile').includes('HEALTHCHECK');
    expect(isJob ? healthcheck?.disable : (byImage || healthcheck?.test?.includes('CMD'))).toBe(true);
  });

  it('waits for health only where health is checked, and for an end only where there is one', () => {
    for (const [name, { depends_on: dependencies = {} }] of services) {
      for (const [other, { condition }] of Object.entries(dependencies)) {
        const { healthcheck, restart } = service(other);
        const expected = restart === 'on-failure' ? 'service_completed_successfully' : 'service_healthy';
        expect([name, other, condition]).toEqual([name, other, expected]);
        if (expected === 'service_healthy') expect(healthcheck?.test).toBeDefined();
      }
    }
  });

  it('takes in leads while Temporal is away', () => {
    expect(Object.keys(service('api').depends_on ?? {})).toEqual(['migrate']);
  });

  it('holds no secret itself: each is a file that git ignores', () => {
    expect(read('.gitignore').split('\n')).toContain('/secrets/');
    for (const [name, { file }] of Object.entries(compose.secrets)) expect(file).toBe(`./secrets/${name}`);
    const values = services.flatMap(([, each]) => Object.entries(each.environment ?? {}));
    const suspicious = values.filter(([name]) => /PASSWORD|PWD|SECRET|TOKEN|KEY/.test(name) && !/_(SHARDS|DAYS)$/.test(name) && !NAMES_OF_KEYS.has(name));
    // Or a file that whoever runs it names.
    expect(suspicious.filter(([, value]) => !/^(\/run\/secrets(\/.*)?|\$\{\w+_FILE:-\})$/.test(value))).toEqual([]);
    expect(values.filter(([, value]) => /:\/\/[^/@]*:[^/@]*@/.test(value))).toEqual([]);
  });

  it('gives each process the secrets that it needs and no others', () => {
    expect(service('migrate').secrets).toEqual(['database.password']);
    expect(service('worker').secrets).toEqual(['database.password', 'token.key', 'kek-1.key', 'signing-1.key', 'backup-1.key']);
    expect(service('temporal').secrets).toEqual(['temporal.password']);
  });

  it('sets only variables that the product reads', () => {
    const config = read('config.ts');
    const names = new Set(own.flatMap(([, { environment }]) => Object.keys(environment ?? {})));
    expect([...names].filter((name) => !config.includes(`  ${name}: `))).toEqual([]);
  });

  it('starts programs that exist', () => {
    const programs = own.flatMap(([, { command, healthcheck }]) => [command, healthcheck?.test].flat()).filter((word) => word?.endsWith('.ts'));
    expect(programs).toHaveLength(4);
    for (const program of programs) expect(existsSync(join(ROOT, program ?? ''))).toBe(true);
  });

  it('keeps the data where the image of this version of PostgreSQL has them', () => {
    expect(service('postgres').image).toMatch(/^postgres:18\./);
    expect(service('postgres').volumes).toEqual(['postgres:/var/lib/postgresql']);
  });

  it('lets API and worker see the same uploads', () => {
    expect(service('worker').volumes).toEqual(expect.arrayContaining(service('api').volumes ?? ['none']));
  });

  it('has every folder that it mounts in the image, owned by whoever runs it: a volume gets its owner from there', () => {
    const folders = own.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[1]?.replace('/var/lib/', '') ?? ''));
    const script = read('Dockerfile').replace(/\\\n\s*/g, '');
    const made = /install --directory --owner=node \S+ \S+ (.*)/.exec(script)?.[1]?.split(/\s+/);
    expect(made).toEqual(expect.arrayContaining(folders));
  });

  it('passes through what a deployment decides', () => {
    const stores = [...read('config.ts').matchAll(/^ +(KEY_STORE|TRANSIT_\w+|AWS_KMS_\w+):/gm)].map(([, name = '']) => name);
    expect(stores).toEqual(['KEY_STORE', 'TRANSIT_URL', 'TRANSIT_MOUNT', 'TRANSIT_KEY', 'TRANSIT_TOKEN_FILE', 'AWS_KMS_KEY', 'AWS_KMS_REGION', 'AWS_KMS_ENDPOINT']);
    const own = ['PUBLIC_URL', 'PROXY_HOPS', 'CONFIRMATION_ADAPTER', 'SMTP_URL', 'MAIL_FROM', 'WEBHOOK_PRIVATE', 'REASSIGNED_URL'];
    const everywhere = [...stores, ...own];
    const asking = [...read('config.ts').matchAll(/^ +((?:CERTIFICATES|REASSIGNED)_\w+):/gm)].map(([, name = '']) => name);
    expect(asking.length).toBeGreaterThan(9);
    // The folder of credentials is the volume. The API has to know that there is somebody to ask.
    const worker = [...everywhere, 'SMTP_PASSWORD_FILE', ...asking.filter((name) => !name.endsWith('_CREDENTIALS'))];
    for (const [name, variables] of [['api', everywhere], ['worker', worker]] as const) {
      const passed = variables.filter((variable) => service(name).environment?.[variable]?.startsWith(`\${${variable}:-`));
      expect(passed).toEqual(variables);
    }
  });

  it('registers exactly the search attributes that workflows set', () => {
    const script = String(service('temporal-namespace').command);
    const registered = [...script.matchAll(/--name (\w+) --type (\w+)/g)].map(([, name, type]) => [name, type]);
    expect(Object.fromEntries(registered)).toEqual(SEARCH_ATTRIBUTES);
  });

  it('makes the namespace that API, worker and Web UI look into', () => {
    const variables = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const namespaces = variables.filter(([name]) => name.endsWith('_NAMESPACE')).map(([, value]) => value);
    expect(namespaces).toEqual(Array(5).fill('leadwarden'));
  });

  it('runs server and tools of Temporal in the same version', () => {
    const versions = services.filter(([, { image }]) => /temporalio\/(server|admin-tools)/.test(image)).map(([, { image }]) => image.split(':')[1]);
    expect(new Set(versions).size).toBe(1);
  });
});
