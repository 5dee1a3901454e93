/* The invariants of the lock, judged in scenarios from what was committed and what processes did.
 * It shares no logic with lock.c.
 *
 * fence-order: the fence in PATH/fence grows with every write.
 * one-holder:  a process says that it holds the lock only under a fence that it has written itself,
 *              once; and while it does, the work of a former holder has ended, unless a fault
 *              excuses that: a session ended early, a wrong clock, a pause of the work, or a
 *              candidate that another client deleted.
 * stale-write: no write to PATH/store under an older fence is committed after a newer one.
 * progress:    when the faults stop, some process holds the lock, if any can. */
#ifndef ROTA_EXAMPLES_LOCK_LOCK_JUDGE_H
#define ROTA_EXAMPLES_LOCK_LOCK_JUDGE_H

#include "harness/language/protocol.h"

extern const struct rota_protocol_judge lock_judge;

#endif
