#ifndef ROTA_MODEL_CLIENT_H
#define ROTA_MODEL_CLIENT_H
#include "model/event.h"
#include "model/map.h"
#include "model/outbox.h"
#include "model/pool.h"
struct rota_client_config {
    bool wait;       /* wait for every job's task; false: end once each is NAMED */
    bool collect;    /* remove a task when COLLECT says so; false keeps it (RESULT is then the end of a job) */
    uint32_t window; /* tasks watched at once; 0 means 1000 */
};
struct rota_client {
    struct rota_client_config config;
};
#endif
