/** The sentences: both languages whole, the glossary's words and no others, and none written outside their files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en, zh } from './resources';

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') all.set(prefix + key, value);
    else for (const [inner, sentence] of flat(value, `${prefix}${key}.`)) all.set(inner, sentence);
  }
  return all;
}

const chinese = flat(zh as unknown as Tree);
const english = flat(en as unknown as Tree);
const han = /[\u3400-\u9fff]/;

function withoutPlural(key: string): string {
  return key.replace(/_(one|other)$/, '');
}

function parametersOf(sentence: string): string[] {
  return [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').sort();
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(tsx?|css)$/.test(entry.name) && !/\.test\.tsx?$|schema\.d\.ts$/.test(entry.name) ? [path] : [];
  });
}

describe('the two languages', () => {
  test('have the same sentences', () => {
    expect([...new Set([...english.keys()].map(withoutPlural))].sort()).toEqual([...new Set([...chinese.keys()].map(withoutPlural))].sort());
  });

  test('have no empty sentence', () => {
    for (const [key, sentence] of [...chinese, ...english]) expect(sentence.trim(), key).not.toBe('');
  });

  test('take the same parameters', () => {
    for (const [key, sentence] of english) {
      const twin = chinese.get(key) ?? chinese.get(withoutPlural(key)) ?? '';
      expect(parametersOf(sentence), key).toEqual(parametersOf(twin));
    }
  });

  test('leave no sentence in the other one', () => {
    const abbreviations = new Set(['app.bar.languageOther', 'app.unit.bitRate', 'app.unit.pixels']);
    for (const [key, sentence] of english) if (!abbreviations.has(key)) expect(han.test(sentence), `${key}: ${sentence}`).toBe(false);
    for (const [key, sentence] of chinese) {
      const words = sentence.replace(/\{\{\w+\}\}/g, '').replace(/[^A-Za-z\u3400-\u9fff]/g, '');
      if (words && !abbreviations.has(key)) expect(han.test(sentence), `${key}: ${sentence}`).toBe(true);
    }
  });
});

test('only the words of the glossary are used', () => {
  const never = /摄像头|点位|告警|报警|警报|监控/;
  for (const [key, sentence] of chinese) expect(never.test(sentence), `${key}: ${sentence}`).toBe(false);
  for (const [key, sentence] of english) expect(/\balarm|\bincident|\bfeed\b/i.test(sentence), `${key}: ${sentence}`).toBe(false);
});

test('no sentence is written outside the language files', () => {
  const allowed = /^\s*(\*|\/\/|\/\*)|\/\/ |\/\*\*/; // comments may name things by their Chinese word
  for (const path of sources('src')) {
    readFileSync(path, 'utf8')
      .split('\n')
      .forEach((line, i) => {
        if (han.test(line)) expect(allowed.test(line), `${path}:${i + 1} ${line.trim()}`).toBe(true);
      });
  }
});

test('every sentence that is asked for exists', () => {
  for (const path of sources('src')) {
    const text = readFileSync(path, 'utf8');
    for (const [, key = ''] of text.matchAll(/\bt\('([\w:.]+)'/g)) {
      const full = key.includes(':') ? key.replace(':', '.') : `app.${key}`;
      expect(chinese.has(full), `${path}: ${key}`).toBe(true);
    }
  }
});

test('every sentence is asked for somewhere', () => {
  const asked = sources('src').map((path) => readFileSync(path, 'utf8')).join('\n');
  const built = /^app\.(keys|key|rail)\.|^words\.|^time\.ago|^wall\.fell\.|^alert\.(reason|empty|emptyHint)\./; // keys put together at run time
  const unused = [...chinese.keys()].filter((key) => {
    const [namespace = '', ...rest] = key.split('.');
    const name = rest.join('.');
    return !built.test(key) && !asked.includes(`'${namespace === 'app' ? name : `${namespace}:${name}`}'`) && !asked.includes(`'${namespace}:${name}'`);
  });
  expect(unused).toEqual([]);
});
