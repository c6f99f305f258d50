interface LogEntry {
  time?: number | string;
  level?: number | string;
  msg?: string;
  method?: string;
  route?: string;
  status?: number;
  ms?: number;
  problem?: string;
  [field: string]: unknown;
}

const WARN = 40;
const NOT_SHOWN = new Set(['time', 'level', 'msg', 'pid', 'hostname', 'process', 'requestId', 'operation', 'keyId']);

/** What would start a new line or speak to the terminal itself. */
const CONTROL = /\p{Cc}+/gu;

/** One line of the readable log: `12:00:01 api      POST /v1/leads 201 12 ms`, in the machine's own time. */
export function formatLine(at: Date, who: string, text: string): string {
  return `${at.toTimeString().slice(0, 8)} ${who.padEnd(8)} ${text.replaceAll(CONTROL, ' ')}`;
}

/** A JSON log line of one of our processes as a line for a person; whatever is no JSON is passed on as it is. */
export function readableLine(who: string, line: string): string {
  const entry = parse(line);
  if (entry === undefined) return formatLine(new Date(), who, line);
  return formatLine(new Date(entry.time ?? Date.now()), who, mark(entry) + (request(entry) ?? message(entry)));
}

function parse(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}

function mark({ level }: LogEntry): string {
  return typeof level === 'number' && level >= WARN ? '! ' : '';
}

function request({ method, route, status, ms, problem }: LogEntry): string | undefined {
  if (method === undefined || status === undefined) return undefined;
  const took = ms === undefined ? undefined : `${Math.round(ms)} ms`;
  return [method, route, status, took, problem].filter((part) => part !== undefined).join(' ');
}

function message({ msg = '', ...fields }: LogEntry): string {
  const shown = Object.entries(fields).filter(([name, value]) => !NOT_SHOWN.has(name) && typeof value !== 'object');
  return [msg, ...shown.map(([name, value]) => `${name}=${String(value)}`)].join(' ').trim();
}
