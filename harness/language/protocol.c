#include "harness/language/protocol.h"

#include <stddef.h>

#include "model/client/client.h"
#include "model/master/master.h"
#include "model/worker/worker.h"

/* Each protocol is one line here. */
static const struct rota_protocol protocols[] = {
    {.name = "rota",
     .summary = "the coordinator itself",
     .master = &rota_master_role,
     .worker = &rota_worker_role,
     .client = &rota_client_role},
};

const struct rota_protocol *rota_protocol_at(uint32_t i)
{
    return i < sizeof protocols / sizeof protocols[0] ? &protocols[i] : NULL;
}
