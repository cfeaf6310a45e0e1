/**
 * One connection to the hub's events: reads the stream by `fetch`, so that a dead line (no ping for 40 s) and a
 * session that is over (401) are told apart from a pause. Reconnects by itself from the last event seen.
 * Runs in the shared worker, or in the page where there is none; knows nothing of either.
 */
import type { Alert } from '../api/nouns';

type AlertState = Alert['state'];

export interface HubEvent {
  noun: 'alert' | 'camera' | 'camera_event' | 'area' | 'outage' | 'uplink' | 'sweep' | 'session' | 'layout' | 'screen' | 'discovery';
  id: string;
  change: 'created' | 'updated' | 'removed';
  severity?: 'red' | 'orange' | 'yellow' | 'blue';
  camera_id?: string;
  state?: AlertState; // of an alert, after the change
}

export type LineWord =
  | { kind: 'line'; up: boolean }
  | { kind: 'change'; event: HubEvent }
  | { kind: 'missed' } // the line was away: read everything again
  | { kind: 'signed-out' };

const quietAfterMs = 40_000;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

export class EventLine {
  private lastId: string | null = null;
  private wasUp = false;
  private pauseMs = firstPauseMs;
  private abort = new AbortController();
  private round = 0;

  constructor(private readonly tell: (word: LineWord) => void) {}

  get up(): boolean {
    return this.wasUp;
  }

  /** Connects anew at once, as another person may have signed in. */
  restart(): void {
    this.abort.abort();
    this.pauseMs = firstPauseMs;
    this.round += 1;
    void this.run(this.round);
  }

  private async run(round: number): Promise<void> {
    while (round === this.round) {
      const pause = await this.once(round);
      if (round !== this.round) return;
      await new Promise((done) => setTimeout(done, pause));
    }
  }

  /** One connection until it ends; answers how long to wait before the next. */
  private async once(round: number): Promise<number> {
    this.abort = new AbortController();
    const quiet = new Watchdog(quietAfterMs, () => this.abort.abort());
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (this.lastId) headers['Last-Event-ID'] = this.lastId;
      const answer = await fetch('/api/events', { headers, signal: this.abort.signal, cache: 'no-store' });
      if (answer.status === 401) {
        this.round += 1; // nobody is signed in: at rest until somebody is
        this.tell({ kind: 'signed-out' });
        return 0;
      }
      if (!answer.ok || !answer.body) return this.lost();
      this.found();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const lines = new EventReader((id, event) => {
        if (id) this.lastId = id;
        this.tell({ kind: 'change', event });
      });
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return this.lost();
        quiet.pat();
        lines.read(value);
      }
    } catch {
      return round === this.round ? this.lost() : 0; // refused, broken off, or quiet for too long
    } finally {
      quiet.stop();
    }
  }

  private found(): void {
    this.pauseMs = firstPauseMs;
    this.wasUp = true;
    this.tell({ kind: 'line', up: true });
    this.tell({ kind: 'missed' });
  }

  private lost(): number {
    this.wasUp = false;
    this.tell({ kind: 'line', up: false });
    const pause = this.pauseMs;
    this.pauseMs = Math.min(longestPauseMs, this.pauseMs * 2);
    return pause;
  }
}

/** Reads the text of a server-sent stream (WHATWG HTML, 9.2.6) in pieces of any size. */
export class EventReader {
  private rest = '';
  private id: string | null = null;
  private name = '';
  private data: string[] = [];

  constructor(private readonly onChange: (id: string | null, event: HubEvent) => void) {}

  read(piece: string): void {
    const lines = (this.rest + piece).split(/\r?\n/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') this.id = value;
    else if (field === 'event') this.name = value;
    else if (field === 'data') this.data.push(value);
  }

  private dispatch(): void {
    const text = this.data.join('\n');
    const isChange = this.name === 'change';
    this.data = [];
    this.name = '';
    if (!isChange || !text) return;
    try {
      this.onChange(this.id, JSON.parse(text) as HubEvent);
    } catch {
      // a line cut short by a proxy; the next one is whole
    }
  }
}

class Watchdog {
  private timer: ReturnType<typeof setTimeout>;

  constructor(
    private readonly ms: number,
    private readonly bark: () => void,
  ) {
    this.timer = setTimeout(bark, ms);
  }

  pat(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.bark, this.ms);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
