#include "backend_sim/net/late_write.h"

#include <stdlib.h>

void rota_late_write_clear(struct rota_late_write *write)
{
    rota_request_copy_drop(write->request);
    free(write->identities);
    *write = (struct rota_late_write){0};
}
