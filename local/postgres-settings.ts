/**
 * How the embedded PostgreSQL runs. They are given on its command line, so that a home that an older version made follows
 * the newer settings. Values suit a machine with two cores that has other things to do as well.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  max_connections: '100',

  shared_buffers: '256MB',
  effective_cache_size: '2GB',
  work_mem: '16MB',
  maintenance_work_mem: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  random_page_cost: '1.1',
  jit: 'off',

  // An error's text may quote what was sent, and what was sent may be personal: keep errors, statements, parameters and
  // details out of the log. The level "log" still shows starts, stops, checkpoints and everything fatal.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  logging_collector: 'off',
  log_destination: 'stderr',
} satisfies Record<string, string>;

/** What a store that is thrown away can do without: nothing has to survive a loss of power. */
const FORGETFUL = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '128MB',
} satisfies Record<string, string>;

/** Command line arguments of `postgres`; `durable: false` is for stores of tests. */
export function settingArguments(durable: boolean): string[] {
  const settings = durable ? SETTINGS : { ...SETTINGS, ...FORGETFUL };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
