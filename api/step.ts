import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request as Node has it, with what the router found in its path. */
export type Incoming = IncomingMessage & { params?: unknown; ip?: string | undefined };

/** One step on the way to an answer, with or without Express around it. */
export type Step = (request: Incoming, response: ServerResponse, next: (error?: unknown) => void) => unknown;
