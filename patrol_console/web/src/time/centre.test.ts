/** Times in the centre's zone, whatever zone this computer is in. */
import { beforeAll, expect, test } from 'vitest';
import '../i18n';
import { agoText, clockText, durationText, momentText, setCentreTime } from './centre';

const now = Date.parse('2026-11-23T08:00:00Z');
beforeAll(() => setCentreTime('Asia/Shanghai', '2026-11-23T08:00:00Z', now));

test('a moment is shown in the centre’s zone, with the day when it is not today', () => {
  expect(clockText('2026-11-23T06:32:05Z')).toBe('14:32:05');
  expect(momentText('2026-11-23T06:32:05Z', now)).toBe('14:32:05');
  expect(momentText('2026-11-22T15:59:59Z', now)).toBe('11-22 23:59:59');
  expect(momentText('2025-11-22T15:59:59Z', now)).toBe('2025-11-22 23:59:59');
});

test.each([
  [0, '刚刚'],
  [42, '42 秒前'],
  [180, '3 分钟前'],
  [7300, '2 小时前'],
  [200_000, '2 天前'],
  [-30, '刚刚'], // a clock a little ahead of ours
])('%d seconds ago is %s', (seconds, words) => {
  expect(agoText(now - seconds * 1000, now)).toBe(words);
});

test.each([
  [0, '00:00'],
  [252, '04:12'],
  [3852, '1:04:12'],
  [90_000, '1 天 1:00:00'],
])('a duration of %d s reads %s', (seconds, words) => {
  expect(durationText(seconds)).toBe(words);
});
