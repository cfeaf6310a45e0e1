/**
 * The last picture of a video element, laid upon it while another line begins there: an element that is given a new
 * source shows nothing until that has its first frame. Looks as the element does, since it has its class, and goes
 * with the first new frame.
 */
export function keepLastPicture(video: HTMLVideoElement): void {
  if (keptOn(video) || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return;
  const picture = document.createElement('canvas');
  picture.width = video.videoWidth;
  picture.height = video.videoHeight;
  picture.className = video.className;
  picture.setAttribute('aria-hidden', 'true');
  picture.getContext('2d')?.drawImage(video, 0, 0);
  const old = sourceOf(video);
  const presented = (): void => {
    if (sourceOf(video) !== old) picture.remove();
    else video.requestVideoFrameCallback(presented); // a WebRTC source that ends presents black
  };
  video.after(picture);
  video.requestVideoFrameCallback(presented);
}

/** Nothing is to be seen on it any more. */
export function clear(video: HTMLVideoElement): void {
  keptOn(video)?.remove();
  video.srcObject = null;
  video.removeAttribute('src');
  video.load();
}

function sourceOf({ srcObject, src }: HTMLVideoElement): unknown {
  return srcObject ?? src;
}

function keptOn(video: HTMLVideoElement): HTMLCanvasElement | null {
  return video.nextElementSibling instanceof HTMLCanvasElement ? video.nextElementSibling : null;
}
