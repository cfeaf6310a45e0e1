/** The lock must be usable anywhere: it names no server to fetch from. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the lock holds hashes and no addresses of packages', () => {
  const lock = readFileSync('package-lock.json', 'utf8');
  expect(lock).not.toContain('"resolved"');
  expect(lock).toContain('"integrity"');
  expect(lock).not.toMatch(/registry/);
});
