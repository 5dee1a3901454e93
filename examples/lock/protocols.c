/* The table of protocols with the lock in it; lock_sim is linked with it in place of the harness's
 * own. */
#include <stddef.h>
#include <stdio.h>

#include "examples/lock/lock.h"
#include "examples/lock/lock_judge.h"
#include "harness/language/protocol.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/worker/worker.h"

enum { WRITE_MS = 500 };

/* Every process stands for the lock /lock, and writes to the store while it holds it. */
static void configure(const char *name, void *config, struct rota_session_config *session)
{
    struct lock_config *lock = config;

    snprintf(lock->path, sizeof lock->path, "/lock");
    snprintf(lock->name, sizeof lock->name, "%s", name);
    lock->write_ms = WRITE_MS;
    session->lease = true;
}

static const struct rota_protocol protocols[] = {
    {.name = "rota",
     .summary = "the coordinator itself",
     .master = &rota_master_role,
     .worker = &rota_worker_role,
     .client = &rota_client_role},
    {.name = "lock",
     .summary = "a fair distributed lock with a fence",
     .master = &lock_role,
     .worker = &lock_role,
     .client = &lock_role,
     .configure = configure,
     .judge = &lock_judge},
};

const struct rota_protocol *rota_protocol_at(uint32_t i)
{
    return i < sizeof protocols / sizeof protocols[0] ? &protocols[i] : NULL;
}
