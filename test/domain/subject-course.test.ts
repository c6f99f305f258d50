import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plus } from '../../domain/civil-time.ts';
import { policiesFor } from '../../domain/policies/book.ts';
import { alarmsDue, levelOf, nextAlarmAt, openDeadlines } from '../../domain/subject-course.ts';
import { deadlinesOf, type Deadline } from '../../domain/subject-deadlines.ts';
import { keptBecauseOf } from '../../domain/subject-erasure.ts';
import { LANGUAGES } from '../../domain/wording/language.ts';
import { RIGHTS } from '../../domain/wording/rights.ts';
import type { Duty } from '../../domain/retention.ts';

const ASKED = new Date('2026-09-04T10:00:00Z');
const OPEN = { acknowledgedAt: null, endedAt: null };
const day = (text: string) => new Date(`${text}T10:00:00Z`);

describe('the course of a request', () => {
  it.each([
    // GDPR: a month; nobody is told before the last week of it.
    [['DE'], 'access', '2026-09-20', [], '2026-09-27'],
    [['DE'], 'access', '2026-09-27', ['EU answer due_soon'], '2026-10-02'],
    [['FR'], 'erasure', '2026-10-02', ['EU answer urgent'], '2026-10-04'],
    [['DE'], 'portability', '2026-10-04', ['EU answer overdue'], null],
    // California: ten business days to acknowledge, 45 days to answer, fifteen business days to honour an opt-out.
    [['US', 'US-CA'], 'access', '2026-09-12', ['US-CA acknowledge due_soon'], '2026-09-16'],
    [['US', 'US-CA'], 'objection', '2026-09-18', ['US-CA acknowledge overdue', 'US-CA opt_out due_soon'], '2026-09-23'],
    // Two laws at once: each has its own.
    [['DE', 'US-CA'], 'access', '2026-10-12', ['US-CA acknowledge overdue', 'EU answer overdue', 'US-CA answer due_soon'], '2026-10-17'],
    // India: five days, so that the alarm is due on arrival.
    [['IN'], 'erasure', '2026-09-04', ['IN answer due_soon'], '2026-09-07'],
    // No law on file sets a deadline.
    [['AU'], 'access', '2030-01-01', [], null],
  ] as const)('under %j, of %s, has on %s the alarms %j', (jurisdictions, kind, at, alarms, next) => {
    const open = openDeadlines(deadlinesOf({ kind, requestedAt: ASKED }, policiesFor(jurisdictions)), OPEN);
    expect(alarmsDue(open, day(at)).map(({ level, deadline }) => `${deadline.jurisdiction} ${deadline.kind} ${level}`)).toEqual(alarms);
    expect(nextAlarmAt(open, day(at))).toEqual(next === null ? null : day(next));
  });

  it('has no deadline to acknowledge once it was acknowledged, and none at all once it has ended', () => {
    const deadlines = deadlinesOf({ kind: 'access', requestedAt: ASKED }, policiesFor(['US', 'US-CA']));
    expect(openDeadlines(deadlines, { acknowledgedAt: ASKED, endedAt: null }).map(({ kind }) => kind)).toEqual(['answer']);
    expect(openDeadlines(deadlines, { acknowledgedAt: null, endedAt: ASKED })).toEqual([]);
  });

  it('only ever comes nearer to a deadline, and looks again before it has', () => {
    const moments = fc.date({ min: day('2026-01-01'), max: day('2028-01-01'), noInvalidDate: true });
    const levels = [null, 'due_soon', 'urgent', 'overdue'];
    fc.assert(fc.property(moments, moments, moments, (dueAt, one, other) => {
      const [early, late] = one < other ? [one, other] : [other, one];
      const open: Deadline[] = [{ jurisdiction: 'EU', kind: 'answer', dueAt, source: 'law' }];
      const next = nextAlarmAt(open, early);
      const isLooked = next !== null && next <= late;
      const [before, after] = [levels.indexOf(levelOf(dueAt, early)), levels.indexOf(levelOf(dueAt, late))];
      return before <= after && (before === after || isLooked);
    }));
  });
});

describe('what is kept', () => {
  const duty = (changes: Partial<Duty>): Duty => ({
    ground: 'law', rule: 'evidence_retention', jurisdiction: 'US', source: '47 CFR 64.1200', protects: 'consent', anchor: ASKED,
    until: plus(ASKED, 'P4Y'), ...changes,
  });

  it('is said once for each rule and evidence, with the last day; what is over and what the company wishes protects nothing', () => {
    const kept = keptBecauseOf([
      duty({}), duty({ until: plus(ASKED, 'P5Y') }), duty({ protects: 'use' }), duty({ ground: 'company', jurisdiction: null }), duty({ until: ASKED, jurisdiction: 'FR' }),
    ], ASKED);
    expect(kept.map(({ protects, jurisdiction, until }) => [protects, jurisdiction, until.slice(0, 4)])).toEqual([
      ['consent', 'US', '2031'], ['use', 'US', '2030'],
    ]);
  });
});

describe('the words about requests', () => {
  const shapeOf = (value: object): string[] => Object.entries(value).flatMap(([name, text]: [string, string | object]) => {
    if (typeof text !== 'string') return shapeOf(text).map((inner) => `${name}.${inner}`);
    return [`${name} ${(text.match(/\{\w+\}/g) ?? []).sort().join()}`];
  });

  it.each(LANGUAGES)('have the same places to fill in %s as in English', (language) => {
    expect(shapeOf(RIGHTS[language])).toEqual(shapeOf(RIGHTS.en));
  });
});
