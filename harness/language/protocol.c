#include "harness/language/protocol.h"

#include <stddef.h>

/* Each protocol is one line here. */
static const struct rota_protocol protocols[] = {
    {"rota", "the coordinator itself", NULL, NULL, NULL},
};

const struct rota_protocol *rota_protocol_at(uint32_t i)
{
    return i < sizeof protocols / sizeof protocols[0] ? &protocols[i] : NULL;
}
