/** Chance as a port: a draw from [0, 1). */
export type Draw = () => number;
