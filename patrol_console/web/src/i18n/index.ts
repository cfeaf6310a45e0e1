/** Starts i18next with our sentences; the language is this browser's choice, else the person's, else Chinese. */
import i18n from 'i18next';
import { initReactI18next } from 'react-i18next';
import { recall, remember } from '../app/memory';
import { en, zh } from './resources';

export type Language = 'zh' | 'en';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app';
    resources: typeof zh;
  }
}

const key = 'language';

void i18n.use(initReactI18next).init({
  resources: { zh, en },
  lng: recall(key) === 'en' ? 'en' : 'zh',
  fallbackLng: 'zh',
  defaultNS: 'app',
  interpolation: { escapeValue: false }, // React escapes
  returnNull: false,
  initAsync: false,
});

document.documentElement.lang = tagOf(i18n.language);
i18n.on('languageChanged', (language) => {
  document.documentElement.lang = tagOf(language);
});

export function currentLanguage(): Language {
  return i18n.language === 'en' ? 'en' : 'zh';
}

/** A person's own choice; it stays in this browser. */
export function chooseLanguage(language: Language): void {
  remember(key, language);
  void i18n.changeLanguage(language);
}

/** What the person's account says, used where this browser has no choice of its own. */
export function suggestLanguage(language: string): void {
  if (recall(key) === null && (language === 'en' || language === 'zh')) void i18n.changeLanguage(language);
}

/** A word for a code that came from the server; where we have none, the server's own, else the code itself. */
export function wordFor(group: keyof typeof zh.words, code: string, theirs?: string | null): string {
  return i18n.t(`words:${group}.${code}` as 'words:severity.red', { defaultValue: theirs ?? code });
}

function tagOf(language: string): string {
  return language === 'en' ? 'en' : 'zh-CN';
}

export default i18n;
