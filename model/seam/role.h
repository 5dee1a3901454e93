/* A role: what a process does with its ZooKeeper handle, as a const table of pure functions. The
 * driver (model/driver.h) runs any role on any backend.
 *
 * A role's state is plain data: no function pointers and no host pointers, so a process is copied
 * by copying its state and its pool. What a role wants done it appends to the outbox. */
#ifndef ROTA_MODEL_SEAM_ROLE_H
#define ROTA_MODEL_SEAM_ROLE_H

#include "model/base/pool.h"
#include "model/seam/event.h"
#include "model/seam/outbox.h"

/* Initialises the zeroed `state`. `config` is copied; `seed` is for the role's own random numbers.
 * Mandatory. */
typedef void (*rota_role_init_f)(void *state, const void *config, uint64_t seed);

/* One step: takes an event, appends what is to be done. `event` is borrowed for the call. What the
 * appended actions point to must stay valid until the next step. Mandatory. */
typedef void (*rota_role_step_f)(void *state, struct rota_pool *mem, const struct rota_event *event,
                                 struct rota_outbox *out);

/* Checks by assertions what must always hold between steps. Optional. */
typedef void (*rota_role_check_f)(const void *state, const struct rota_pool *mem);

/* One step on what the handle reports. Optional: a role that has it is bare. A bare role has no
 * session layer: it opens handles itself (ROTA_ACTION_OPEN), its requests go to the handle as they
 * are, and it hears replies, watches and session changes of the last handle that it opened. Its
 * `step` gets START, TICK and what the host tells. It must not ask for ROTA_ACTION_RESTART. */
typedef void (*rota_role_hear_f)(void *state, struct rota_pool *mem,
                                 const struct rota_handle_event *event, struct rota_outbox *out);

struct rota_role {
    const char *name;
    size_t state_size;
    size_t config_size;
    rota_role_init_f init;
    rota_role_step_f step;
    rota_role_check_f check;
    rota_role_hear_f hear;
};

#endif
