import express from 'express';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

/** The yardstick of P6: bare Express with one named point select, by primary key. Says its port when it listens. */
const [databaseUrl] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
const app = express();
app.get('/leads/:id', async (request, response) => {
  const { rows } = await pool.query({ name: 'point', text: 'select id, stage, source_id from lead where id = $1', values: [request.params.id] });
  response.json(rows[0]);
});
const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
