/* A fair distributed lock: a recipe of one's own on rota's driver (docs/RECIPES.md).
 *
 *     PATH                               persistent
 *     PATH/candidate-<session>-<number>  ephemeral, sequential: a process that wants the lock
 *     PATH/fence                         persistent: the fence of the last holder
 *     PATH/store                         persistent: what the holder has written, with its fence
 *
 * The candidate with the lowest number takes the lock; every other one watches the candidate just
 * before it, so a release wakes one process only. The fence of a holder is the czxid of its
 * candidate: it grows with every holder. A holder raises PATH/fence before anything else, and each
 * of its writes checks, in the same multi, that PATH/fence is still as it wrote it. So a write of a
 * former holder is refused, however late it comes.
 *
 * The host runs the work: it receives RUN with the fence when the process takes the lock, and
 * CANCEL when it has lost it; FINISHED releases the lock. The notes ELECTED, DEPOSED and HANDOVER
 * say that a process takes, loses and releases the lock; their number is the fence. */
#ifndef ROTA_EXAMPLES_LOCK_LOCK_H
#define ROTA_EXAMPLES_LOCK_LOCK_H

#include "model/seam/role.h"

struct lock_config {
    char path[200];    /* PATH, absolute */
    char name[64];     /* of the process, for PATH/store */
    bool once;         /* exit when the work has ended; otherwise wait for the lock again */
    uint32_t write_ms; /* time between two writes to PATH/store; 0: the holder writes once */
};

/* The table by which a driver runs the lock. Its session must keep a lease
 * (rota_session_config.lease). */
extern const struct rota_role lock_role;

#endif
