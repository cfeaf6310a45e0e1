/** Sizes as words. */
import { expect, test } from 'vitest';
import { bytesText, figureText } from './figures';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1024, '1.0 KiB'],
  [157_286_400, '150 MiB'],
  [1023 * 1024 * 1024, '1.0 GiB'],
  [8 * 1024 ** 3, '8.0 GiB'],
  [5000 * 1024 ** 4, '5000 TiB'],
])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

test('what is not known has no figure', () => {
  expect(figureText(null)).toBeNull();
  expect(figureText(6.04, 1)).toBe('6.0');
});
