/* What a real server has written down about itself, for a difference that does not come again. */
#ifndef ROTA_TESTS_CONFORMANCE_TESTIMONY_H
#define ROTA_TESTS_CONFORMANCE_TESTIMONY_H

#include "tests/conformance/text.h"
#include "tests/live/zkserver.h"

/* Adds the end of its log. */
void testimony_log(struct text *t, const struct rota_zkserver *server);

/* Adds its last transactions, as ZooKeeper's own tool prints them. */
void testimony_transactions(struct text *t, const struct rota_zkserver *server);

#endif
