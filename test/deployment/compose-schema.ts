const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text, minItems: 1, uniqueItems: true };
const map = (items: object) => ({ type: 'object', additionalProperties: items });
const duration = { type: 'string', pattern: '^\\d+(ms|s|m|h)$' };
const fileOnly = map({ type: 'object', required: ['file'], additionalProperties: false, properties: { file: { type: 'string', pattern: '^\\./' } } });

const healthcheck = {
  oneOf: [
    { type: 'object', required: ['disable'], additionalProperties: false, properties: { disable: { const: true } } },
    {
      type: 'object',
      required: ['test', 'interval', 'timeout'],
      additionalProperties: false,
      properties: {
        test: { type: 'array', items: text, contains: { const: 'CMD' }, minItems: 2 },
        interval: duration,
        timeout: duration,
        start_period: duration,
        start_interval: duration,
      },
    },
  ],
};

const condition = { enum: ['service_started', 'service_healthy', 'service_completed_successfully'] };
const dependency = { type: 'object', required: ['condition'], additionalProperties: false, properties: { condition } };

const mountedConfig = {
  type: 'object',
  required: ['source', 'target'],
  additionalProperties: false,
  properties: { source: text, target: { type: 'string', pattern: '^/' } },
};

const service = {
  type: 'object',
  required: ['image', 'read_only', 'cap_drop', 'security_opt', 'restart'],
  additionalProperties: false,
  properties: {
    image: text,
    build: { const: '.' },
    user: text,
    init: { type: 'boolean' },
    read_only: { const: true },
    tmpfs: { type: 'array', items: { type: 'string', pattern: '^/' } },
    shm_size: { type: 'string', pattern: '^\\d+[kmg]b$' },
    cap_drop: { const: ['ALL'] },
    security_opt: { const: ['no-new-privileges:true'] },
    restart: { enum: ['unless-stopped', 'on-failure'] },
    stop_grace_period: duration,
    entrypoint: texts,
    command: { oneOf: [text, texts] },
    depends_on: map(dependency),
    environment: map({ type: 'string' }),
    secrets: texts,
    configs: { type: 'array', items: mountedConfig },
    volumes: { type: 'array', items: { type: 'string', pattern: '^[a-z]+:/[a-z/]+$' } },
    networks: texts,
    ports: { type: 'array', items: { type: 'string', pattern: '^[\\d.]+:\\d+:\\d+$' } },
    healthcheck,
  },
};

/**
 * What docker-compose.yml may say: the part of the Compose specification (https://github.com/compose-spec/compose-spec, 2024)
 * that it uses, in the one spelling that it uses, and what must never be missing. Extensions (`x-...`) are merged before.
 */
export const COMPOSE_SCHEMA = {
  type: 'object',
  required: ['name', 'services', 'networks', 'volumes', 'configs', 'secrets'],
  patternProperties: { '^x-[a-z]+$': { type: 'object' } },
  additionalProperties: false,
  properties: {
    name: { const: 'leadwarden' },
    services: map(service),
    networks: map({ type: 'object', additionalProperties: false, properties: { internal: { type: 'boolean' } } }),
    volumes: map({ type: 'object', maxProperties: 0 }),
    configs: fileOnly,
    secrets: fileOnly,
  },
};
