/** Tickets (查看凭证): asked for each opening of a live picture, never kept. */
import { api, take } from '../api/client';
import { Problem } from '../api/problem';
import type { Opening } from '../player/line';
import { TicketRefused, type RefusalCode } from '../player/state';

export type Purpose = 'wall' | 'alert' | 'detail' | 'setup';

/** Where a camera's live picture opens, with a fresh ticket in it; TicketRefused where the console says no. */
export async function liveTicket(cameraId: string, purpose: Purpose, reference: string | null, sound: boolean): Promise<Opening> {
  try {
    const ticket = await take(
      api.POST('/api/cameras/{camera_id}/tickets', {
        params: { path: { camera_id: cameraId } },
        body: { purpose, reference, audio: sound },
      }),
    );
    return { mseUrl: ticket.mse_url, whepUrl: ticket.whep_url ?? null, stunServers: ticket.stun_servers ?? [] };
  } catch (error) {
    if (error instanceof Problem && [403, 404, 409, 422, 429].includes(error.status)) {
      throw new TicketRefused(refusalOf(error), error.message);
    }
    throw error;
  }
}

function refusalOf(problem: Problem): RefusalCode {
  if (problem.status === 404) return 'camera_removed';
  if (problem.status === 429) return 'limit';
  if (problem.code.includes('consent')) return 'no_consent';
  if (problem.code.includes('live') || problem.code.includes('mask')) return 'live_off';
  return 'forbidden';
}
