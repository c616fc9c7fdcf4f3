/** Signs short texts so that what comes back from outside is known to be ours, unchanged. */
export type Signer = {
  readonly sign: (text: string) => string;
  readonly isSignature: (text: string, signature: string) => boolean;
};
