/** The one connection to the hub's events for all windows of this browser: a browser holds only six to a host. */
import { EventLine, type LineWord } from './line';

const ports = new Set<MessagePort>();
const line = new EventLine((word: LineWord) => {
  for (const port of ports) port.postMessage(word);
});

(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  ports.add(port);
  port.onmessage = (message: MessageEvent<string>) => {
    if (message.data === 'restart') line.restart();
    if (message.data === 'leave') ports.delete(port);
    if (message.data === 'join') ports.add(port); // a page that came back from the browser's cache
  };
  if (line.up) port.postMessage({ kind: 'line', up: true } satisfies LineWord);
  else line.restart(); // the first window, or one in which somebody is signed in again
};
