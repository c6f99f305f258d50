import { connect } from 'node:net';

/** What to send, to whom, over how many connections; requests are taken from `requests` until none is left. */
interface Load {
  port: number;
  connections: number;
  requests: string[];
}

/** A process of its own that sends requests over connections that stay open, as raw bytes: it must not be what is measured. */
process.on('message', (load: Load) => {
  void run(load).then((result) => process.send?.(result));
});

async function run({ port, connections, requests }: Load) {
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: connections }, async () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    try {
      for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
        const sent = performance.now();
        const status = await exchange(socket, request);
        latencies.push(performance.now() - sent);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    } finally {
      socket.destroy();
    }
  }));
  const sorted = latencies.toSorted((a, b) => a - b);
  return { seconds: (performance.now() - start) / 1000, p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0, statuses };
}

function exchange(socket: ReturnType<typeof connect>, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const take = (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const head = received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, head))?.[1] ?? 0);
      if (received.length < head + 4 + length) return;
      socket.off('data', take).off('error', reject);
      resolve(received.slice(9, 12));
    };
    socket.on('data', take).once('error', reject);
    socket.write(request);
  });
}
