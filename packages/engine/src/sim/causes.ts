/** How Asterisk 22's PJSIP driver turns Q.850 causes into SIP statuses and back; the simulator's far ends see the same. */
import { CAUSE, type Cause } from '../port.ts';

/**
 * Final response to an unanswered caller (chan_pjsip.c, hangup_cause2sip). A cause that is not in the table, a normal
 * clearing included, becomes 603.
 */
export function statusOfCause(cause: Cause): number {
  switch (cause) {
    case CAUSE.unallocated:
    case 2:
    case 3:
      return 404;
    case CAUSE.congestion:
    case CAUSE.overload:
    case 66:
      return 503;
    case CAUSE.noUserResponse:
      return 408;
    case CAUSE.noAnswer:
    case 20:
    case CAUSE.unspecified:
      return 480;
    case CAUSE.rejected:
      return 403;
    case 22:
      return 410;
    case CAUSE.invalidNumber:
      return 484;
    case CAUSE.busy:
      return 486;
    case 38:
    case CAUSE.interworking:
      return 500;
    case 29:
      return 501;
    case CAUSE.outOfOrder:
      return 502;
    case CAUSE.incompatible:
      return 488;
    default:
      return 603;
  }
}

/** Cause of a leg whose far end refused with this SIP status (res_pjsip_session.c, ast_sip_hangup_sip2cause). */
export function causeOfStatus(status: number): Cause {
  switch (status) {
    case 401:
    case 403:
    case 407:
    case 603:
      return CAUSE.rejected;
    case 404:
    case 485:
    case 604:
      return CAUSE.unallocated;
    case 408:
      return CAUSE.noUserResponse;
    case 410:
      return 22;
    case 480:
    case 483:
      return CAUSE.noAnswer;
    case 484:
      return CAUSE.invalidNumber;
    case 486:
    case 600:
      return CAUSE.busy;
    case 488:
    case 606:
      return CAUSE.incompatible;
    case 500:
      return 38;
    case 502:
      return CAUSE.outOfOrder;
    case 503:
      return CAUSE.congestion;
    case 504:
      return CAUSE.timerExpired;
    default:
      return CAUSE.interworking;
  }
}
