/** A rate that is not whole never reads as whole, and each has its mark. */
import { expect, test } from 'vitest';
import { hoursText, levelOf, rateText } from './rates';

test.each([
  [1, '100%'],
  [0.99999, '99.9%'],
  [0.5, '50.0%'],
  [0, '0.0%'],
])('%d reads %s', (rate, words) => expect(rateText(rate)).toBe(words));

test.each([
  [0, '0'],
  [54, '0.9'],
  [51.9, '0.86'],
  [1415, '23.6'],
  [14_400, '240'],
])('%d minutes are %s hours', (minutes, words) => expect(hoursText(minutes)).toBe(words));

test.each([
  [null, 'none'],
  [1, 'good'],
  [0.98, 'good'],
  [0.9799, 'middling'],
  [0.8999, 'bad'],
])('%s is %s', (rate, level) => expect(levelOf(rate)).toBe(level));
