/* A role: the coordination logic of one kind of process, as a const table of pure functions. The
 * driver (model/driver.h) runs any role on any backend.
 *
 * A role's state is plain data: no function pointers and no host pointers, so a process is copied
 * by copying its state and its pool. A step appends the actions it wants to the outbox. */
#ifndef ROTA_MODEL_SEAM_ROLE_H
#define ROTA_MODEL_SEAM_ROLE_H

#include "model/base/pool.h"
#include "model/seam/event.h"
#include "model/seam/outbox.h"

/* Initialises the zeroed `state`. `config` is copied; `seed` is for the role's own random numbers.
 * Mandatory. */
typedef void (*rota_role_init_f)(void *state, const void *config, uint64_t seed);

/* One step: handles an event and appends actions. `event` is borrowed for the call. The data of the
 * actions stays valid until the next step. Mandatory. */
typedef void (*rota_role_step_f)(void *state, struct rota_pool *mem, const struct rota_event *event,
                                 struct rota_outbox *out);

/* Asserts what holds between steps. Optional. */
typedef void (*rota_role_check_f)(const void *state, const struct rota_pool *mem);

/* One step on an event of the handle. Optional: a role that has it is direct, that is, it has no
 * session layer. A direct role opens handles itself (ROTA_ACTION_OPEN), its requests go to the
 * handle unchanged, and it receives the replies, watches and session changes of the handle it
 * opened last. Its `step` receives START, TICK and the events of the host. It must not append
 * ROTA_ACTION_RESTART. */
typedef void (*rota_role_receive_f)(void *state, struct rota_pool *mem,
                                    const struct rota_handle_event *event, struct rota_outbox *out);

struct rota_role {
    const char *name;
    size_t state_size;
    size_t config_size;
    rota_role_init_f init;
    rota_role_step_f step;
    rota_role_check_f check;
    rota_role_receive_f receive;
};

#endif
