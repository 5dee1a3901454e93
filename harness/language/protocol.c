#include "harness/language/protocol.h"

#include <stddef.h>

#include "model/client/client.h"
#include "model/master/master.h"
#include "model/worker/worker.h"

/* Each protocol is one line here. */
static const struct rota_protocol protocols[] = {
    {"rota", "the coordinator itself", &rota_master_role, &rota_worker_role, &rota_client_role},
};

const struct rota_protocol *rota_protocol_at(uint32_t i)
{
    return i < sizeof protocols / sizeof protocols[0] ? &protocols[i] : NULL;
}
