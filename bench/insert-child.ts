import express from 'express';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

/** The yardstick of W1: bare Express that reads JSON and writes one row for each request. Says its port when it listens. */
const [databaseUrl] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
await pool.query('create table bench_event (id bigint generated always as identity primary key, at timestamptz not null, body jsonb not null)');
const app = express();
app.use(express.json());
app.post('/events', async (request, response) => {
  const values = [new Date(), JSON.stringify(request.body)];
  const { rows } = await pool.query({ name: 'insert', text: 'insert into bench_event (at, body) values ($1, $2) returning id', values });
  response.json(rows[0]);
});
const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
