/** The highest log position that was seen. */
export const latest = () => {
  let last = -1n;
  return {
    see: (position: bigint): void => {
      if (position > last) last = position;
    },
    get: () => last,
  };
};
