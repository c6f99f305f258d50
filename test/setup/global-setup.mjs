// Plain JavaScript, so that jest lets Node load it and what it imports as the ES modules that they are.
export { startSharedServers as default } from './shared-servers.ts';
