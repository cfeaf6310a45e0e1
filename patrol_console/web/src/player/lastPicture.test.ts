/** The last picture stays until the next one is there, and no longer. */
import { expect, test, vi } from 'vitest';
import { clear, keepLastPicture } from './lastPicture';

function element(readyState: number): { video: HTMLVideoElement; present: () => void } {
  const video = document.createElement('video');
  let waiting: VideoFrameRequestCallback[] = [];
  Object.defineProperties(video, { readyState: { value: readyState }, videoWidth: { value: 640 }, videoHeight: { value: 360 } });
  video.requestVideoFrameCallback = (callback) => waiting.push(callback);
  video.className = 'picture';
  document.createElement('div').append(video);
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
  const present = () => {
    const now = waiting;
    waiting = [];
    for (const callback of now) callback(0, {} as VideoFrameCallbackMetadata);
  };
  return { video, present };
}

test('it lies upon the element until the new source has presented a frame', () => {
  const { video, present } = element(HTMLMediaElement.HAVE_ENOUGH_DATA);
  keepLastPicture(video);
  const kept = video.nextElementSibling;
  expect(kept?.tagName).toBe('CANVAS');
  expect(kept?.className).toBe('picture');
  present();
  expect(video.nextElementSibling).toBe(kept);
  video.src = 'blob:next';
  present();
  expect(video.nextElementSibling).toBeNull();
});

test('it is laid there once, and goes with the element’s own picture', () => {
  const { video } = element(HTMLMediaElement.HAVE_ENOUGH_DATA);
  video.load = () => {};
  keepLastPicture(video);
  keepLastPicture(video);
  expect(video.parentElement?.querySelectorAll('canvas')).toHaveLength(1);
  clear(video);
  expect(video.parentElement?.querySelectorAll('canvas')).toHaveLength(0);
});

test('an element that shows nothing has nothing to keep', () => {
  const { video } = element(HTMLMediaElement.HAVE_METADATA);
  keepLastPicture(video);
  expect(video.nextElementSibling).toBeNull();
});
