/** The nouns of the API by the names the page uses; each is taken from the generated schema. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Session = Schemas['Session'];
export type User = Schemas['User'];
export type Hub = Schemas['HubFacts'];
export type Machine = Schemas['Machine'];
export type Area = Schemas['Area'];
export type Camera = Schemas['Camera'];
export type CameraState = Camera['state'];
export type CameraKind = Camera['kind'];
export type Zone = Camera['zones'][number];
export type Rule = Camera['rules'][number];
export type Point = readonly [number, number];
export type Action = Schemas['Action'];
export type Polygon = readonly Point[];
export type Profile = Camera['profiles'][number];
export type Discovery = Schemas['Discovery'];
export type FoundDevice = Schemas['FoundDevice'];
export type BulkOutcome = Schemas['BulkOutcome'];
export type Verdict = Schemas['Verdict'];
export type Alert = Schemas['Alert'];
export type AlertDetail = Schemas['AlertDetail'];
export type AlertCounts = Schemas['SeverityCounts'];
export type AlertStep = Schemas['TimelineEntry'];
export type Severity = Alert['severity'];
export type CameraCause = Camera['cause'];
export type WatchMode = Camera['watch']['mode'];
export type StateStretch = Schemas['StateStretch'];
export type StateHistory = Schemas['StateHistory'];
export type Unit = Schemas['Unit'];
export type Uplink = Schemas['UplinkLine'];
export type PartnerLogin = Schemas['PartnerLogin'];
export type UplinkKind = Uplink['kind'];
export type AlertOutage = Schemas['AlertOutage'];
export type OutageDetail = Schemas['OutageDetail'];
export type SweepDetail = Schemas['SweepDetail'];
export type OnlineReport = Schemas['OnlineReport'];
export type OnlineArea = Schemas['OnlineArea'];
export type ViewingRecord = Schemas['ViewingLine'];

export type CameraImport = Schemas['CameraImport'];
export type CameraImportDetail = Schemas['CameraImportDetail'];
export type ImportLine = Schemas['ImportLine'];
export type ImportOutcome = ImportLine['outcome'];
export type CameraRecord = Schemas['CameraRecord'];
export type Repair = Schemas['Repair'];
export type Examination = Schemas['Examination'];
export type DeviceEvent = Schemas['DeviceEvent'];
export type PtzState = Schemas['PtzState'];
export type PtzPreset = Schemas['PtzPreset'];

export type Arrangement = Schemas['Arrangement'];
export type WallLayout = Schemas['WallLayout'];
export type WallScreen = Schemas['WallScreen'];

export type AlertGroup = 'waiting' | 'handling' | 'done';
export const alertGroups = ['waiting', 'handling', 'done'] as const satisfies readonly AlertGroup[];
export const severities = ['red', 'orange', 'yellow', 'blue'] as const satisfies readonly Severity[];
export const cameraStates = ['online', 'degraded', 'offline', 'paused', 'off'] as const satisfies readonly CameraState[];
export const cameraKinds = ['public', 'partner', 'household'] as const satisfies readonly CameraKind[];
export const watchModes = ['continuous', 'interval', 'on_request'] as const satisfies readonly WatchMode[];
export const transports = ['tcp', 'udp'] as const satisfies readonly Camera['transport'][];
export const uplinkKinds = ['area', 'unit', 'gateway'] as const satisfies readonly UplinkKind[];
