/** The shape of the page's own code: files that can be read to the end, a client that is current, no outside servers. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

const own = files('src').filter((path) => !path.endsWith('schema.d.ts'));

test('no file of ours is longer than 250 lines', () => {
  for (const path of own) expect(readFileSync(path, 'utf8').split('\n').length, path).toBeLessThanOrEqual(251);
});

test('every file says what it is before it begins', () => {
  for (const path of own.filter((name) => /\.tsx?$/.test(name))) expect(readFileSync(path, 'utf8').startsWith('/**'), path).toBe(true);
});

test('nothing is asked of an outside server, and nothing needs a secure page', () => {
  for (const path of own.filter((name) => !name.includes('.test.'))) {
    const text = readFileSync(path, 'utf8');
    expect(/https?:\/\/(?!www\.w3\.org)/.test(text), path).toBe(false);
    expect(/randomUUID|navigator\.clipboard|serviceWorker|crypto\.subtle/.test(text), path).toBe(false);
  }
});

test('no colour is named outside the tokens, save upon pictures', () => {
  const uponPictures = /tokens\.ts$|page\.css$|live\/|wall\/Pane|wall\/WallPage|wall\/ScreenPage|ZonePicture\.module|AlertDetailView\.module|theme\.ts$/;
  for (const path of own.filter((name) => /\.(css|tsx?)$/.test(name) && !name.includes('.test.') && !uponPictures.test(name))) {
    expect(/#[0-9a-f]{3,8}\b/i.test(readFileSync(path, 'utf8')), path).toBe(false);
  }
});

test('the client is the one that openapi.json makes', { timeout: 30_000 }, () => {
  const made = execFileSync('node', ['node_modules/openapi-typescript/bin/cli.js', 'openapi.json'], { encoding: 'utf8' });
  expect(readFileSync('src/api/schema.d.ts', 'utf8').trim()).toBe(made.trim());
});
