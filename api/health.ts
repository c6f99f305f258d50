import { z } from 'zod';
import { pingStore } from '../db/ping.ts';
import { route } from './route.ts';

const healthz = route({
  method: 'get',
  path: '/healthz',
  operation: 'checkAlive',
  tag: 'Service',
  summary: 'Is the process alive?',
  description: 'Answers as long as the process can answer anything.',
  roles: 'public',
  answers: { 200: { description: 'It is', schema: z.object({ status: z.literal('alive') }).meta({ id: 'Alive' }) } },
  handle: () => ({ status: 200, body: { status: 'alive' } }),
});

const readiness = z
  .object({
    status: z.enum(['ready', 'degraded']).meta({ description: '`degraded`: everything is accepted, workflows hear of it later' }),
    dependencies: z.object({ postgresql: z.literal('up'), temporal: z.enum(['up', 'down']) }),
  })
  .meta({ id: 'Readiness' });

const readyz = route({
  method: 'get',
  path: '/readyz',
  operation: 'checkReady',
  tag: 'Service',
  summary: 'Can requests be answered?',
  description:
    'Ready as long as PostgreSQL answers: facts need nothing else. Without Temporal everything is accepted and delivered afterwards.',
  roles: 'public',
  answers: { 200: { description: 'They can', schema: readiness } },
  problems: ['dependency_unavailable'],
  async handle({ db, temporalAnswers }) {
    const temporalUp = temporalAnswers();
    await pingStore(db);
    const temporal = (await temporalUp) ? 'up' : 'down';
    return { status: 200, body: { status: temporal === 'up' ? 'ready' : 'degraded', dependencies: { postgresql: 'up', temporal } } };
  },
});

export const healthRoutes = [healthz, readyz];
