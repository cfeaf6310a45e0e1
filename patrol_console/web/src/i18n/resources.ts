/** All sentences of the page, by language and namespace. Chinese is the first; the types of keys are taken from it. */
import enAlert from './en/alert.json';
import enApp from './en/app.json';
import enCamera from './en/camera.json';
import enMachine from './en/machine.json';
import enSession from './en/session.json';
import enTime from './en/time.json';
import enWall from './en/wall.json';
import enWords from './en/words.json';
import zhAlert from './zh/alert.json';
import zhApp from './zh/app.json';
import zhCamera from './zh/camera.json';
import zhMachine from './zh/machine.json';
import zhSession from './zh/session.json';
import zhTime from './zh/time.json';
import zhWall from './zh/wall.json';
import zhWords from './zh/words.json';

export const zh = {
  app: zhApp,
  words: zhWords,
  session: zhSession,
  wall: zhWall,
  alert: zhAlert,
  camera: zhCamera,
  machine: zhMachine,
  time: zhTime,
};

export const en = {
  app: enApp,
  words: enWords,
  session: enSession,
  wall: enWall,
  alert: enAlert,
  camera: enCamera,
  machine: enMachine,
  time: enTime,
};
