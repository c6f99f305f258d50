import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const steps = read('Dockerfile').replace(/\\\n\s*/g, '').split('\n').filter((line) => /^[A-Z]+ /.test(line));
const lastStage = steps.slice(steps.findLastIndex((step) => step.startsWith('FROM ')));

describe('the image', () => {
  it('has in every stage the Node that the product is tested with', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
    const images = steps.filter((step) => step.startsWith('FROM node')).map((step) => step.split(' ')[1]);
    expect(new Set(images)).toEqual(new Set([`node:${devDependencies.node}-bookworm-slim`]));
  });

  it('runs as a numbered user who is not root', () => {
    expect(lastStage.filter((step) => step.startsWith('USER '))).toEqual(['USER 1000:1000']);
    expect(lastStage.findIndex((step) => step.startsWith('USER '))).toBeGreaterThan(lastStage.findLastIndex((step) => step.startsWith('RUN ')));
  });

  it('is installed without development packages and without running what packages bring', () => {
    expect(steps.filter((step) => /npm (ci|install)/.test(step))).toEqual(['RUN npm ci --omit=dev --ignore-scripts']);
  });

  it('asks whether the API is ready', () => {
    expect(lastStage.find((step) => step.startsWith('HEALTHCHECK '))).toContain('/readyz');
  });

  it('brings the workflow code ready made', () => {
    const file = /^RUN node worker\/bundle-main\.ts (.+)$/.exec(steps.find((step) => step.includes('bundle-main.ts')) ?? '')?.[1];
    expect(lastStage.find((step) => step.startsWith('ENV '))).toContain(`WORKFLOW_BUNDLE=/app/${file}`);
  });

  it('is built from the rooms of the product and from nothing else that lies around', () => {
    const rules = read('.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(rules[0]).toBe('*');
    const admitted = rules.slice(1).map((rule) => rule.replace(/^!/, ''));
    const others = ['bench', 'coverage', 'docs', 'local', 'node_modules', 'secrets', 'test'];
    const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const rooms = ['config.ts', ...folders.filter((name) => !name.startsWith('.') && !others.includes(name))];
    expect(admitted.sort()).toEqual(['.npmrc', ...rooms, 'package-lock.json', 'package.json'].sort());
    expect(admitted.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
