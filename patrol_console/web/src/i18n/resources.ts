/** All sentences of the page, by language and namespace. Chinese is the first; the types of keys are taken from it. */
import enAlert from './en/alert.json';
import enApp from './en/app.json';
import enCamera from './en/camera.json';
import enJoin from './en/join.json';
import enMachine from './en/machine.json';
import enPtz from './en/ptz.json';
import enReport from './en/report.json';
import enSession from './en/session.json';
import enShare from './en/share.json';
import enSweep from './en/sweep.json';
import enTime from './en/time.json';
import enUplink from './en/uplink.json';
import enWall from './en/wall.json';
import enWords from './en/words.json';
import zhAlert from './zh/alert.json';
import zhApp from './zh/app.json';
import zhCamera from './zh/camera.json';
import zhJoin from './zh/join.json';
import zhMachine from './zh/machine.json';
import zhPtz from './zh/ptz.json';
import zhReport from './zh/report.json';
import zhSession from './zh/session.json';
import zhShare from './zh/share.json';
import zhSweep from './zh/sweep.json';
import zhTime from './zh/time.json';
import zhUplink from './zh/uplink.json';
import zhWall from './zh/wall.json';
import zhWords from './zh/words.json';

export const zh = {
  app: zhApp,
  words: zhWords,
  session: zhSession,
  wall: zhWall,
  alert: zhAlert,
  camera: zhCamera,
  join: zhJoin,
  machine: zhMachine,
  ptz: zhPtz,
  report: zhReport,
  uplink: zhUplink,
  share: zhShare,
  sweep: zhSweep,
  time: zhTime,
};

export const en = {
  app: enApp,
  words: enWords,
  session: enSession,
  wall: enWall,
  alert: enAlert,
  camera: enCamera,
  join: enJoin,
  machine: enMachine,
  ptz: enPtz,
  report: enReport,
  uplink: enUplink,
  share: enShare,
  sweep: enSweep,
  time: enTime,
};
