/**
 * Times as people of the centre read them: in the centre's time zone and by the server's clock,
 * whatever the clock of this computer says. The absolute one first, the relative one beside it.
 */
import { useSyncExternalStore } from 'react';
import i18n from '../i18n';

let zone = 'Asia/Shanghai';
let aheadMs = 0; // server's clock minus this computer's
let formats = makeFormats(zone);

export function setCentreTime(timezone: string, serverTime: string, at: number): void {
  if (timezone !== zone) {
    zone = timezone;
    formats = makeFormats(zone);
  }
  aheadMs = Date.parse(serverTime) - at;
}

export function centreZone(): string {
  return zone;
}

/** Now by the server's clock, in milliseconds. */
export function serverNow(): number {
  return Date.now() + aheadMs;
}

/** "14:32:05". */
export function clockText(at: number | string): string {
  return formats.time.format(new Date(at));
}

/** "2026-11-23". */
export function dayText(at: number | string): string {
  return formats.day.format(new Date(at));
}

/** "14:32:05" today, "11-22 14:32:05" this year, "2025-11-22 14:32:05" before. */
export function momentText(at: number | string, now = serverNow()): string {
  const day = dayText(at);
  const today = dayText(now);
  if (day === today) return clockText(at);
  const shown = day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day;
  return `${shown} ${clockText(at)}`;
}

/** "3 分钟前". */
export function agoText(at: number | string, now = serverNow()): string {
  const s = Math.max(0, Math.round((now - new Date(at).getTime()) / 1000));
  if (s < 5) return i18n.t('time:now');
  if (s < 60) return i18n.t('time:ago.s', { n: s });
  if (s < 3600) return i18n.t('time:ago.min', { n: Math.floor(s / 60) });
  if (s < 86_400) return i18n.t('time:ago.h', { n: Math.floor(s / 3600) });
  return i18n.t('time:ago.d', { n: Math.floor(s / 86_400) });
}

/** "04:12", "1:04:12", "3 天 1:04:12": a duration that counts up. */
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const h = Math.floor(s / 3600);
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  if (h === 0) return rest;
  if (h < 24) return `${h}:${rest}`;
  return i18n.t('time:days', { days: Math.floor(h / 24), rest: `${h % 24}:${rest}` });
}

/** The server's now, renewed each second; all users of it share one timer. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => second);
}

let second = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

function watch(changed: () => void): () => void {
  watchers.add(changed);
  if (timer === undefined) {
    second = serverNow();
    timer = setInterval(() => {
      second = serverNow();
      for (const each of watchers) each();
    }, 1000);
  }
  return () => {
    watchers.delete(changed);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function makeFormats(timeZone: string) {
  return {
    time: new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
  };
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
