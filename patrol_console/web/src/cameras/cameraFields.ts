/** Between the form's fields and the API's camera. Times are typed in the centre's time zone and sent in UTC. */
import dayjs, { type Dayjs } from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';
import type { Camera, CameraKind, Severity, WatchMode } from '../api/nouns';
import type { CameraChange, CameraNew } from '../queries/cameras';
import { centreZone } from '../time/centre';

dayjs.extend(utc);
dayjs.extend(timezone);

export interface CameraFields {
  name: string;
  area_id: string;
  url: string;
  username?: string;
  password?: string;
  kind: CameraKind;
  place?: string;
  consent_from?: Dayjs | null;
  consent_until?: Dayjs | null;
  enabled: boolean;
  watch_mode: WatchMode;
  every_min: number;
  transport: Camera['transport'];
  importance: Severity;
  unit_id: string; // '': none
  audio: boolean;
  national_code?: string;
  longitude?: number | null;
  latitude?: number | null;
  recordings?: string;
  tags: string[];
}

export function fieldsOf(camera: Camera | undefined): Partial<CameraFields> {
  if (!camera) return { kind: 'public', enabled: true, watch_mode: 'continuous', every_min: 10, transport: 'tcp', importance: 'yellow', unit_id: '', audio: false, tags: [] };
  return {
    name: camera.name,
    area_id: camera.area_id,
    url: camera.url ?? '',
    username: camera.username ?? '',
    kind: camera.kind,
    place: camera.place ?? '',
    consent_from: shown(camera.consent_from),
    consent_until: shown(camera.consent_until),
    enabled: camera.enabled,
    watch_mode: camera.watch.mode,
    every_min: camera.watch.every_min,
    transport: camera.transport,
    importance: camera.importance,
    unit_id: camera.unit_id ?? '',
    audio: camera.audio,
    national_code: camera.national_code ?? '',
    longitude: camera.longitude,
    latitude: camera.latitude,
    recordings: camera.recordings ?? '',
    tags: camera.tags,
  };
}

export function toNew(fields: CameraFields): CameraNew {
  const { url, ...rest } = shared(fields);
  return { ...rest, ...addressOf(url), password: fields.password || null, simulated: false };
}

/** A stream's own address is taken as it is; of anything else (a host, an ONVIF address) the device is asked. */
export function addressOf(typed: string): { url: string } | { address: string } {
  return /^rtsps?:\/\/[^/]+\/./i.test(typed) ? { url: typed } : { address: typed };
}

/** An empty password field keeps the one that is there. */
export function toChange(fields: CameraFields): CameraChange {
  return fields.password ? { ...shared(fields), password: fields.password } : shared(fields);
}

function shared(fields: CameraFields) {
  const household = fields.kind === 'household';
  return {
    name: fields.name.trim(),
    area_id: fields.area_id,
    url: fields.url.trim(),
    username: fields.username?.trim() || null,
    kind: fields.kind,
    place: fields.place?.trim() || null,
    consent_from: household ? sent(fields.consent_from) : null,
    consent_until: household ? sent(fields.consent_until) : null,
    enabled: fields.enabled,
    watch: { mode: fields.watch_mode, every_min: fields.every_min ?? 10 },
    transport: fields.transport,
    importance: fields.importance,
    unit_id: fields.unit_id || null,
    audio: fields.audio,
    national_code: fields.national_code?.trim() || null,
    longitude: fields.longitude ?? null,
    latitude: fields.latitude ?? null,
    recordings: fields.recordings?.trim() || null,
    tags: fields.tags,
  };
}

function shown(at: string | null): Dayjs | null {
  return at ? dayjs(at).tz(centreZone()) : null;
}

function sent(at: Dayjs | null | undefined): string | null {
  return at ? dayjs.tz(at.format('YYYY-MM-DD HH:mm'), centreZone()).toISOString() : null;
}
