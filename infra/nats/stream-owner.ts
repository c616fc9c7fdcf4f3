/** Names the owner in a stream's description, which every version of the broker keeps and every tool shows. */
const OWNER = /Punctual system ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/;

/** The stream of due jobs is another system's: its executors would be given our jobs, and ours theirs. */
export class StreamOfOtherSystem extends Error {
  override readonly name = 'StreamOfOtherSystem';
  readonly owner: string;
  readonly systemId: string;

  constructor(stream: string, owner: string, systemId: string) {
    super(`the stream ${stream} is of the system ${owner}, not of ${systemId}`);
    this.owner = owner;
    this.systemId = systemId;
  }
}

/** The system that a stream is of; undefined for one that nobody has named. */
export const ownerIn = (description: string | undefined): string | undefined =>
  OWNER.exec(description ?? '')?.[1];

/** A description that names the system, beside what an administrator wrote there. */
export const ownedBy = (systemId: string, description = ''): string => {
  if (ownerIn(description) === systemId) return description;
  const own = `Punctual system ${systemId}`;
  return description === '' ? own : `${description} (${own})`;
};
