import type { ExpectedRevision } from '../core/events';
import {
  AppendResp,
  ClusterInfo,
  DeleteResp,
  Empty,
  EndPoint,
  MemberInfo,
  SupportedMethod,
  SupportedMethods,
  TombstoneResp,
  UUID,
} from './generated';
import { positionOf } from './positions';

const bytesOf = (message: { readonly serializeBinary: () => Uint8Array }): Buffer =>
  Buffer.from(message.serializeBinary());

const positionText = (sequence: number): string => String(positionOf(sequence));

export const encodeAppendSuccess = (revision: number, sequence: number | undefined): Buffer => {
  const success = new AppendResp.Success();
  if (revision < 0) success.setNoStream(new Empty());
  else success.setCurrentRevision(BigInt(revision).toString());
  if (sequence === undefined) success.setNoPosition(new Empty());
  else {
    const position = new AppendResp.Position();
    position.setCommitPosition(positionText(sequence));
    position.setPreparePosition(positionText(sequence));
    success.setPosition(position);
  }
  return bytesOf(new AppendResp().setSuccess(success));
};

/** A plain Append answers a conflict as a message, not as a failed call. */
export const encodeAppendConflict = (expected: ExpectedRevision, current: number): Buffer => {
  const conflict = new AppendResp.WrongExpectedVersion();
  if (current < 0) conflict.setCurrentNoStream(new Empty());
  else conflict.setCurrentRevision(BigInt(current).toString());
  if (typeof expected === 'number') conflict.setExpectedRevision(BigInt(expected).toString());
  else if (expected === 'any') conflict.setExpectedAny(new Empty());
  else if (expected === 'no-stream') conflict.setExpectedNoStream(new Empty());
  else conflict.setExpectedStreamExists(new Empty());
  return bytesOf(new AppendResp().setWrongExpectedVersion(conflict));
};

export const encodeDeleted = (sequence: number): Buffer => {
  const position = new DeleteResp.Position();
  position.setCommitPosition(positionText(sequence));
  position.setPreparePosition(positionText(sequence));
  return bytesOf(new DeleteResp().setPosition(position));
};

export const encodeTombstoned = (sequence: number): Buffer => {
  const position = new TombstoneResp.Position();
  position.setCommitPosition(positionText(sequence));
  position.setPreparePosition(positionText(sequence));
  return bytesOf(new TombstoneResp().setPosition(position));
};

/** From this version on clients expect batch append (21.10) and caughtUp (23.10). */
const serverVersion = '24.2.0';

export const encodeSupportedMethods = (
  methods: readonly { readonly service: string; readonly method: string }[],
): Buffer => {
  const supported = new SupportedMethods().setEventStoreServerVersion(serverVersion);
  for (const { service, method } of methods) {
    supported.addMethods(new SupportedMethod().setServiceName(service).setMethodName(method));
  }
  return bytesOf(supported);
};

export type OnlyMember = {
  readonly instanceId: string;
  readonly nowMs: number;
  readonly host: string;
  readonly port: number;
};

/** Gossip that names one member, alive and leading; times are in units of 100 ns, as in events. */
export const encodeClusterOfOne = ({ instanceId, nowMs, host, port }: OnlyMember): Buffer => {
  const member = new MemberInfo()
    .setInstanceId(new UUID().setString(instanceId))
    .setTimeStamp(`${nowMs}0000`)
    .setState(MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setHttpEndPoint(new EndPoint().setAddress(host).setPort(port));
  return bytesOf(new ClusterInfo().setMembersList([member]));
};
