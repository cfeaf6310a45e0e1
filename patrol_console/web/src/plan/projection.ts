/**
 * WGS 84 degrees as metres on a plane about a place: good to a metre over a township, which is all that a plan of its
 * cameras needs. East is x, north is y. Pure.
 */
export interface Position {
  longitude: number;
  latitude: number;
}

export interface Metres {
  x: number;
  y: number;
}

const metresPerDegreeOfLatitude = 110_574; // on the WGS 84 ellipsoid at the equator; 1 % more at the poles
const metresPerDegreeOfLongitude = 111_320; // at the equator; the cosine of the latitude elsewhere
const digits = 6; // a tenth of a metre: a camera's place is not known better

export class Projection {
  private readonly alongX: number;

  constructor(private readonly origin: Position) {
    this.alongX = metresPerDegreeOfLongitude * Math.max(0.01, Math.cos((origin.latitude * Math.PI) / 180));
  }

  static about(positions: readonly Position[]): Projection {
    if (positions.length === 0) return new Projection({ longitude: 0, latitude: 0 });
    const mean = (of: (position: Position) => number) => positions.reduce((sum, position) => sum + of(position), 0) / positions.length;
    return new Projection({ longitude: mean((one) => one.longitude), latitude: mean((one) => one.latitude) });
  }

  metres({ longitude, latitude }: Position): Metres {
    return { x: (longitude - this.origin.longitude) * this.alongX, y: (latitude - this.origin.latitude) * metresPerDegreeOfLatitude };
  }

  position({ x, y }: Metres): Position {
    const longitude = this.origin.longitude + x / this.alongX;
    const latitude = this.origin.latitude + y / metresPerDegreeOfLatitude;
    return { longitude: rounded(clamp(longitude, 180)), latitude: rounded(clamp(latitude, 90)) };
  }
}

/** Metres between two places. */
export function distanceM(a: Position, b: Position): number {
  const { x, y } = new Projection(a).metres(b);
  return Math.hypot(x, y);
}

function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

function rounded(value: number): number {
  return Number(value.toFixed(digits));
}
