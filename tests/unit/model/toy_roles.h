/* Two roles of no protocol, for the tests of the driver. The driver knows nothing of either. */
#ifndef ROTA_TESTS_UNIT_MODEL_TOY_ROLES_H
#define ROTA_TESTS_UNIT_MODEL_TOY_ROLES_H

#include "model/seam/role.h"

struct toy_config {
    char path[64];
};

/* Reads its path after each UP and five seconds after each reply, and says the outcome. CLOSE_INPUT
 * makes it restart its session, STOP exit. */
extern const struct rota_role toy_role;

/* The same without a session layer: it opens a handle at START and after the end of a session,
 * reads when it is connected and at 30 s, and exits without closing the handle. */
extern const struct rota_role toy_direct_role;

#endif
