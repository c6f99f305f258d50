import type { RequestListener, ServerResponse } from 'node:http';
import type { Refusing } from './refusals.ts';
import type { Route } from './route.ts';
import type { Incoming, Step } from './step.ts';

/** The steps to an answer: those before it is known what is asked, those of a route, and what follows when one fails. */
export interface Steps {
  before: readonly Step[];
  of: (route: Route) => readonly Step[];
  refuse: Refusing;
}

/** Answers some routes at once, by the steps that all others take inside the application. */
export function aheadOf(app: RequestListener, steps: Steps, routes: readonly Route[]): RequestListener {
  const hot = new Map(routes.map((route) => [`${route.method.toUpperCase()} ${route.path}`, [...steps.before, ...steps.of(route)]]));
  const named = routes.flatMap((route) => withName(route, hot));
  return (request: Incoming, response) => {
    const asked = `${request.method} ${request.url}`;
    const found = named.find(({ start }) => asked.startsWith(start));
    const name = found ? asked.slice(found.start.length) : '';
    const isNamed = found !== undefined && PLAIN_NAME.test(name);
    const path = isNamed ? found.path : hot.get(asked);
    if (!path) return app(request, response);
    if (isNamed) request.params = { [found.parameter]: name };
    walk(path, request, response).catch((error: unknown) => steps.refuse(error, request, response));
  };
}

/** A name that means the same in an address as by itself. */
const PLAIN_NAME = /^[a-z0-9._-]+$/;

interface NamedPath {
  start: string;
  parameter: string;
  path: readonly Step[];
}

/** A route whose path ends in its only parameter. */
function withName({ method, path }: Route, hot: ReadonlyMap<string, readonly Step[]>): NamedPath[] {
  const key = `${method.toUpperCase()} ${path}`;
  const [, start, parameter] = /^([^{]+)\{(\w+)\}$/.exec(key) ?? [];
  return start === undefined || parameter === undefined ? [] : [{ start, parameter, path: hot.get(key) ?? [] }];
}

async function walk(steps: readonly Step[], request: Incoming, response: ServerResponse): Promise<void> {
  for (const step of steps) {
    const passed = passes(step, request, response);
    // Waiting for what is there already would take turns of its own.
    if (!(passed === true || await passed)) return;
  }
}

/** Whether a step let the request go on; one that neither passes it on nor fails has answered it. */
function passes(step: Step, request: Incoming, response: ServerResponse): boolean | Promise<boolean> {
  let passed = false;
  let failure: { error: unknown } | null = null;
  const outcome = () => {
    if (failure) throw failure.error;
    return passed;
  };
  const done = step(request, response, (error) => {
    passed = true;
    if (error !== undefined) failure = { error };
  });
  return done instanceof Promise ? done.then(outcome) : outcome();
}
