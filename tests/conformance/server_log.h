/* The logs of a real server, to explain a difference that does not come again. */
#ifndef ROTA_TESTS_CONFORMANCE_SERVER_LOG_H
#define ROTA_TESTS_CONFORMANCE_SERVER_LOG_H

#include "tests/conformance/text.h"
#include "tests/live/zkserver.h"

/* Adds the end of its log. */
void server_log_add_end(struct text *t, const struct rota_zkserver *server);

/* Adds its last transactions, as ZooKeeper's tool prints them. */
void server_log_add_transactions(struct text *t, const struct rota_zkserver *server);

#endif
